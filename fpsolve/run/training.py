"""[sgd]: from the settings of a case to trained (or imported) levels."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from fpsolve.cases.case import Case
from fpsolve.cases.resolve import kappas
from fpsolve.cases.schema_model import Rbm
from fpsolve.cases.schema_sgd import FileSgd, MatrixLangevinSgd, RbmSgd
from fpsolve.errors import CaseError, Problem
from fpsolve.models.initial_law import InitialLaw
from fpsolve.models.level_gas import LevelGas
from fpsolve.models.schedule import Schedule
from fpsolve.results import Sample

__all__ = ["clock", "level_groups", "read_file", "record_times", "train"]

Array = NDArray[np.float64]
# The initial levels have a stream of their own, apart from those of the replicas, which are numbered from 0.
INITIAL_STREAM = 2**32 - 1


def clock(section: RbmSgd, schedule: Schedule | None) -> tuple[Array, NDArray[np.int64], Array]:
    """Learning rate, batch size and time of every update.

    The schedule is a function of the time t = Σ 2α, so α_n = α(t_n) and t_{n+1} = t_n + 2α_n.

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
    rates = np.full(section.steps, section.learning_rate)
    batches = np.full(section.steps, section.batch_size, dtype=np.int64)
    if schedule is None:
        return rates, batches, np.concatenate([[0.0], np.cumsum(2.0 * rates)])
    times = np.zeros(section.steps + 1)
    for n in range(section.steps):
        rates[n] = schedule.learning_rate_at(times[n], section.learning_rate)
        batches[n] = max(1, round(schedule.batch_size_at(times[n], section.batch_size)))
        times[n + 1] = times[n] + 2.0 * rates[n]
    return rates, batches, times


def level_groups(case: Case, model: LevelGas) -> tuple[tuple[int, ...], ...]:
    """Levels that are compared as one histogram: neighbours with the same κ, or with the same potential and noise."""
    from fpsolve.validate import groups_of

    if isinstance(case.model, Rbm):
        return groups_of(kappas(case.model))
    kinds = np.cumsum([float(i > 0 and body != model.levels[i - 1]) for i, body in enumerate(model.levels)])
    return groups_of(kinds.tolist())


def record_times(case: Case, schedule: Schedule | None) -> Array:
    """Fokker–Planck times of the records of [sgd], shape (record,)."""
    section = case.sgd
    if isinstance(section, RbmSgd):
        return clock(section, schedule)[2][list(_records(section))]
    if isinstance(section, MatrixLangevinSgd):
        return section.learning_rate * np.asarray(_records(section), dtype=np.float64)
    if isinstance(section, FileSgd):
        return _import(case, section).times
    return np.zeros(0)


def train(
    case: Case,
    model: LevelGas,
    initial: InitialLaw | None,
    *,
    seed: int,
    workers: int,
    progress: Callable[[int, int], None],
) -> Sample:
    """Train the ensemble of [sgd], or read the levels that the user brings."""
    section = case.sgd
    if isinstance(section, FileSgd):
        return _import(case, section)
    if isinstance(section, MatrixLangevinSgd):
        return _langevin(section, model, initial, seed=seed, workers=workers, progress=progress)
    if not isinstance(section, RbmSgd) or section.kappa is None or section.mu2 is None:
        raise CaseError([Problem("sgd", "this section is missing or incomplete")])
    from fpsolve.sgd import train_rbm

    rates, batches, times = clock(section, model.schedule)
    kappa = np.atleast_1d(np.asarray(section.kappa, dtype=np.float64))
    sample = train_rbm(
        kappa,
        section.mu2,
        learning_rate=rates,
        batch_size=batches,
        steps=section.steps,
        sweeps=section.sweeps or 1,
        data=section.data or "batch",
        replicas=section.replicas,
        record_at=_records(section),
        init=section.init,
        variance=section.variance,
        initial=_start(section, initial, seed),
        hidden=section.hidden,
        rng=seed,
        workers=workers,
        progress=progress,
    )
    return replace(sample, times=times[list(_records(section))])


def read_file(path: Path) -> Sample:
    """Levels of your own training from a file; see `fpsolve.store.level_files.read_levels`."""
    from fpsolve.store.level_files import read_levels

    return read_levels(path)


def _langevin(
    section: MatrixLangevinSgd,
    model: LevelGas,
    initial: InitialLaw | None,
    *,
    seed: int,
    workers: int,
    progress: Callable[[int, int], None],
) -> Sample:
    if section.rows is None or section.weight_decay is None or section.temperature is None:
        raise CaseError([Problem("sgd", "this section is incomplete")])
    from fpsolve.sgd import train_matrix_langevin

    sample = train_matrix_langevin(
        section.rows,
        model.n,
        temperature=section.temperature,
        learning_rate=section.learning_rate,
        steps=section.steps,
        weight_decay=section.weight_decay,
        replicas=section.replicas,
        record_at=_records(section),
        init=section.init,
        variance=section.variance,
        initial=_start(section, initial, seed),
        rng=seed,
        workers=workers,
        progress=progress,
    )
    return replace(sample, times=section.learning_rate * sample.steps.astype(np.float64))


def _start(section: RbmSgd | MatrixLangevinSgd, initial: InitialLaw | None, seed: int) -> Array | None:
    """Levels that an aligned start draws from [initial], shape (replica, level); None where it draws none."""
    if section.init != "aligned" or initial is None:
        return None
    stream = np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(INITIAL_STREAM,)))
    return initial.sample(section.replicas, stream)


def _records(section: RbmSgd | MatrixLangevinSgd) -> tuple[int, ...]:
    return section.record_at or (section.steps,)


def _import(case: Case, section: FileSgd) -> Sample:
    from fpsolve.store.level_files import read_levels

    sample = read_levels(case.input_path(section.path), steps=section.steps)
    if section.learning_rate is not None:
        # The RBM clock counts twice the learning rate per update; the other models count t = Σ α.
        factor = 2.0 if case.model is not None and case.model.kind == "rbm" else 1.0
        sample = replace(sample, times=factor * section.learning_rate * sample.steps.astype(np.float64))
    return sample
