"""Learning rate, batch size and time of every update of a training."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from fpsolve.cases.schema_sgd import LinearNetworkSgd, RbmSgd, TeacherStudentSgd
from fpsolve.errors import CaseError, Problem
from fpsolve.models.schedule import Schedule

__all__ = ["clock"]

Array = NDArray[np.float64]


def clock(
    section: RbmSgd | TeacherStudentSgd | LinearNetworkSgd, schedule: Schedule | None
) -> tuple[Array, NDArray[np.int64], Array]:
    """Learning rate, batch size and time of every update.

    The schedule is a function of the time t = Σ cα, c = 2 for an RBM and 1 for a student, so α_n = α(t_n) and
    t_{n+1} = t_n + cα_n.

    Returns
    -------
    learning_rate : ndarray, shape (step,)
    batch_size : ndarray of int64, shape (step,)
    times : ndarray, shape (step + 1,)
        times[n] is the time after n updates.
    """
    if section.learning_rate is None or section.batch_size is None:
        msg = "is required and missing"
        raise CaseError([Problem("sgd.learning_rate" if section.learning_rate is None else "sgd.batch_size", msg)])
    factor = 2.0 if isinstance(section, RbmSgd) else 1.0
    rates = np.full(section.steps, section.learning_rate)
    batches = np.full(section.steps, section.batch_size, dtype=np.int64)
    if schedule is None:
        return rates, batches, np.concatenate([[0.0], np.cumsum(factor * rates)])
    times = np.zeros(section.steps + 1)
    for n in range(section.steps):
        rates[n] = schedule.learning_rate_at(times[n], section.learning_rate)
        batches[n] = max(1, round(schedule.batch_size_at(times[n], section.batch_size)))
        times[n + 1] = times[n] + factor * rates[n]
    return rates, batches, times
