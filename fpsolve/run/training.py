"""[sgd]: from the settings of a case to trained (or imported) levels; one row a kind."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fpsolve.cases.case import Case
from fpsolve.cases.resolve import as_list, kappas
from fpsolve.cases.schema_base import Section
from fpsolve.cases.schema_model import Rbm, TeacherStudent
from fpsolve.cases.schema_sgd import FileSgd, LinearNetworkSgd, MatrixLangevinSgd, RbmSgd, TeacherStudentSgd
from fpsolve.errors import CaseError, Problem
from fpsolve.models.initial_law import InitialLaw
from fpsolve.models.level_gas import LevelGas
from fpsolve.models.schedule import Schedule
from fpsolve.parallel import Workers
from fpsolve.results import Sample
from fpsolve.run.clock import clock
from fpsolve.run.ensemble import Ensemble, records_of
from fpsolve.run.train_langevin import train_langevin_section
from fpsolve.run.train_rbm import train_rbm_section
from fpsolve.run.train_student import train_student_section

__all__ = ["level_groups", "read_file", "record_times", "train"]

Array = NDArray[np.float64]

_TRAINERS: dict[type[Section], Callable[[Any, Ensemble], Sample]] = {
    RbmSgd: train_rbm_section,
    MatrixLangevinSgd: train_langevin_section,
    TeacherStudentSgd: train_student_section,
    LinearNetworkSgd: train_student_section,
    FileSgd: lambda section, ensemble: _import(ensemble.case, section),
}


def level_groups(case: Case, model: LevelGas) -> tuple[tuple[int, ...], ...]:
    """Levels that are compared as one histogram: neighbours with the same target, or with the same potential and noise.

    The target is κ of an rbm, and the level of the teacher of a student: of two levels with one teacher and different
    second layer either may be the lower one.
    """
    from fpsolve.validate import groups_of

    if isinstance(case.model, Rbm):
        return groups_of(kappas(case.model))
    if isinstance(case.model, TeacherStudent):
        return groups_of(as_list(case.model.teacher))
    kinds = np.cumsum([float(i > 0 and body != model.levels[i - 1]) for i, body in enumerate(model.levels)])
    return groups_of(kinds.tolist())


def record_times(case: Case, schedule: Schedule | None) -> Array:
    """Fokker–Planck times of the records of [sgd], shape (record,)."""
    section = case.sgd
    if isinstance(section, RbmSgd | TeacherStudentSgd | LinearNetworkSgd):
        return clock(section, schedule)[2][list(records_of(section))]
    if isinstance(section, MatrixLangevinSgd):
        return section.learning_rate * np.asarray(records_of(section), dtype=np.float64)
    if isinstance(section, FileSgd):
        return _import(case, section).times
    return np.zeros(0)


def train(
    case: Case,
    model: LevelGas,
    initial: InitialLaw | None,
    *,
    seed: int,
    workers: Workers,
    progress: Callable[[int, int], None],
) -> Sample:
    """Train the ensemble of [sgd], or read the levels that the user brings."""
    if case.sgd is None:
        raise CaseError([Problem("sgd", "this section is missing")])
    return _TRAINERS[type(case.sgd)](case.sgd, Ensemble(case, model, initial, seed, workers, progress))


def read_file(path: Path) -> Sample:
    """Levels of your own training from a file; see `fpsolve.store.level_files.read_levels`."""
    from fpsolve.store.level_files import read_levels

    return read_levels(path)


def _import(case: Case, section: FileSgd) -> Sample:
    from fpsolve.store.level_files import read_levels

    sample = read_levels(case.input_path(section.path), steps=section.steps)
    if section.learning_rate is not None:
        # The RBM clock counts twice the learning rate per update; the other models count t = Σ α.
        factor = 2.0 if case.model is not None and case.model.kind == "rbm" else 1.0
        sample = replace(sample, times=factor * section.learning_rate * sample.steps.astype(np.float64))
    return sample
