"""[sgd] kind = "matrix_langevin"."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from fpsolve.cases.schema_sgd import MatrixLangevinSgd
from fpsolve.errors import CaseError, Problem
from fpsolve.results import Sample
from fpsolve.run.ensemble import Ensemble, initial_levels, records_of

__all__ = ["train_langevin_section"]


def train_langevin_section(section: MatrixLangevinSgd, ensemble: Ensemble) -> Sample:
    """Follow the matrices of a section, which has shape, weight decay and temperature filled in."""
    if section.rows is None or section.weight_decay is None or section.temperature is None:
        raise CaseError([Problem("sgd", "this section is incomplete")])
    from fpsolve.sgd import train_matrix_langevin

    n = ensemble.model.n
    sample = train_matrix_langevin(
        section.rows,
        n,
        temperature=section.temperature,
        learning_rate=section.learning_rate,
        steps=section.steps,
        weight_decay=section.weight_decay,
        multiplicative=section.multiplicative or 0.0,
        target=None if section.target is None else np.sqrt(np.broadcast_to(section.target, n)),
        replicas=section.replicas,
        record_at=records_of(section),
        init=section.init,
        variance=section.variance,
        initial=initial_levels(section, ensemble.initial, ensemble.seed),
        rng=ensemble.seed,
        workers=ensemble.workers,
        progress=ensemble.progress,
    )
    return replace(sample, times=section.learning_rate * sample.steps.astype(np.float64))
