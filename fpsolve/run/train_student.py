"""[sgd] kind = "teacher_student" and "linear_network"."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from fpsolve.cases.schema_sgd import LinearNetworkSgd, TeacherStudentSgd
from fpsolve.errors import CaseError, ModelError, Problem
from fpsolve.results import Sample
from fpsolve.run.clock import clock
from fpsolve.run.ensemble import Ensemble, initial_levels, records_of

__all__ = ["train_student_section"]

Array = NDArray[np.float64]


def train_student_section(section: TeacherStudentSgd | LinearNetworkSgd, ensemble: Ensemble) -> Sample:
    """Train the students of a section, which has teacher, second layer and noises filled in.

    Raises
    ------
    ModelError
        An aligned start with a negative level.
    """
    if section.teacher is None or section.second_layer is None:
        raise CaseError([Problem("sgd", "this section is incomplete")])
    from fpsolve.sgd import train_linear_network, train_teacher_student

    rates, batches, times = clock(section, ensemble.model.schedule)
    records = records_of(section)
    teacher = np.atleast_1d(np.asarray(section.teacher, dtype=np.float64))
    second_layer = np.broadcast_to(np.asarray(section.second_layer, dtype=np.float64), teacher.shape)
    observable = section.observable or "singular" if isinstance(section, TeacherStudentSgd) else "squared"
    fixed = section.data == "fixed"
    settings = {
        # A fixed data set is cut into batches of one size, which no schedule changes.
        "learning_rate": rates,
        "batch_size": section.batch_size if fixed else batches,
        "steps": section.steps,
        "gradient_noise": section.gradient_noise or 0.0,
        "label_noise": section.label_noise or 0.0,
        "data": section.data or "batch",
        "samples": section.samples,
        "replicas": section.replicas,
        "record_at": records,
        "init": section.init,
        "variance": section.variance,
        "initial": _squared(initial_levels(section, ensemble.initial, ensemble.seed), observable),
        "rng": ensemble.seed,
        "workers": ensemble.workers,
        "progress": ensemble.progress,
    }
    if isinstance(section, LinearNetworkSgd):
        sample = train_linear_network(second_layer, teacher, **settings)  # type: ignore[arg-type]
    else:
        sample = train_teacher_student(
            teacher,
            second_layer=second_layer,
            observable=observable,
            **settings,  # type: ignore[arg-type]
        )
    return replace(sample, times=times[list(records)])


def _squared(levels: Array | None, observable: str) -> Array | None:
    """Squared singular values of an aligned start, from its levels.

    Raises
    ------
    ModelError
        A negative level: an aligned W = Σ √x_k u_k v_kᵀ has none.
    """
    if levels is None or observable == "squared":
        return levels
    if levels.min() < 0.0:
        msg = (
            f"[initial] draws negative levels (the smallest of {levels.shape[0]} replicas is {levels.min():.4g}), but an "
            'aligned W = Σ ξ_k u_k v_kᵀ starts with ξ ≥ 0: move the start up, make it narrower, or take init = "gaussian"'
        )
        raise ModelError(msg)
    return np.asarray(levels**2)
