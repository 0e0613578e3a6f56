"""What every kind of training in a case has in common: its start, its records, its seed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fpsolve.cases.case import Case
from fpsolve.cases.schema_sgd import LinearNetworkSgd, MatrixLangevinSgd, RbmSgd, TeacherStudentSgd
from fpsolve.models.initial_law import InitialLaw
from fpsolve.models.level_gas import LevelGas
from fpsolve.parallel import Workers

__all__ = ["Ensemble", "initial_levels", "records_of"]

Array = NDArray[np.float64]
Trained = RbmSgd | MatrixLangevinSgd | TeacherStudentSgd | LinearNetworkSgd
# The initial levels have a stream of their own, apart from those of the replicas, which are numbered from 0.
INITIAL_STREAM = 2**32 - 1


@dataclass(frozen=True)
class Ensemble:
    """A training that is about to run."""

    case: Case
    model: LevelGas
    initial: InitialLaw | None
    seed: int
    workers: Workers
    progress: Callable[[int, int], None]


def initial_levels(section: Trained, initial: InitialLaw | None, seed: int) -> Array | None:
    """Levels that an aligned start draws from [initial], shape (replica, level); None where it draws none."""
    if section.init != "aligned" or initial is None:
        return None
    stream = np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(INITIAL_STREAM,)))
    return initial.sample(section.replicas, stream)


def records_of(section: Trained) -> tuple[int, ...]:
    """Updates after which the levels are recorded."""
    return section.record_at or (section.steps,)
