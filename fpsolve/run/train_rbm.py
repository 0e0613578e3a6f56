"""[sgd] kind = "rbm"."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from fpsolve.cases.schema_sgd import RbmSgd
from fpsolve.errors import CaseError, Problem
from fpsolve.results import Sample
from fpsolve.run.clock import clock
from fpsolve.run.ensemble import Ensemble, initial_levels, records_of

__all__ = ["train_rbm_section"]


def train_rbm_section(section: RbmSgd, ensemble: Ensemble) -> Sample:
    """Train the machines of a section, which has target and sizes filled in."""
    if section.kappa is None or section.mu2 is None:
        raise CaseError([Problem("sgd", "this section is incomplete")])
    from fpsolve.sgd import train_rbm

    rates, batches, times = clock(section, ensemble.model.schedule)
    records = records_of(section)
    sample = train_rbm(
        np.atleast_1d(np.asarray(section.kappa, dtype=np.float64)),
        section.mu2,
        learning_rate=rates,
        batch_size=batches,
        steps=section.steps,
        sweeps=section.sweeps or 1,
        data=section.data or "batch",
        replicas=section.replicas,
        record_at=records,
        init=section.init,
        variance=section.variance,
        initial=initial_levels(section, ensemble.initial, ensemble.seed),
        hidden=section.hidden,
        rng=ensemble.seed,
        workers=ensemble.workers,
        progress=ensemble.progress,
    )
    return replace(sample, times=times[list(records)])
