"""Settings of an RBM training, checked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.random import SeedSequence
from numpy.typing import ArrayLike, NDArray

from fpsolve.errors import ModelError
from fpsolve.models.checks import at_least_zero, count, positive
from fpsolve.sgd.ensemble import record_times

__all__ = [
    "DataTerm",
    "Init",
    "Training",
    "batch_sizes",
    "initial_levels",
    "per_update",
    "record_steps",
    "target_spectrum",
]

Array = NDArray[np.float64]
DataTerm = Literal["batch", "exact"]
Init = Literal["aligned", "gaussian"]


@dataclass(frozen=True)
class Training:
    """What all replicas of an ensemble share.

    Attributes
    ----------
    kappa : ndarray, shape (visible,)
        Eigenvalues κ of the target's kernel, descending.
    mu2 : float
        μ² of the machine.
    hidden : int
        Hidden units N_h.
    learning_rate, batch_size : ndarray, shape (1,) or (update,)
        α and B of every update; one entry if constant.
    sweeps : int
        k.
    fresh : bool
        C_data from fresh samples (True) or exact (False).
    steps : int
        Updates in all.
    record_at : ndarray of int64, shape (record,)
        Updates after which the levels are recorded, increasing.
    variance : float or None
        Variance of the entries of the first W; None for a W aligned with the target.
    seed : SeedSequence
        Of the ensemble.
    """

    kappa: Array
    mu2: float
    hidden: int
    learning_rate: Array
    batch_size: NDArray[np.int64]
    sweeps: int
    fresh: bool
    steps: int
    record_at: NDArray[np.int64]
    variance: float | None
    seed: SeedSequence

    @property
    def chains(self) -> int:
        """Persistent chains: as many as the largest batch needs."""
        return int(self.batch_size.max())

    @property
    def levels(self) -> int:
        """Moving levels, min(N_v, N_h)."""
        return min(self.kappa.size, self.hidden)

    @property
    def times(self) -> Array:
        """Fokker–Planck time t = Σ 2α at every record, shape (record,)."""
        return record_times(2.0 * self.learning_rate, self.steps, self.record_at)


def target_spectrum(kappa: ArrayLike) -> Array:
    """κ as a descending array; ModelError unless every entry is positive and finite."""
    values = np.atleast_1d(np.asarray(kappa, dtype=np.float64))
    if values.ndim != 1 or values.size == 0:
        msg = f"kappa must be a list of numbers, one per visible unit, not an array of shape {values.shape}"
        raise ModelError(msg)
    for i, value in enumerate(values.tolist()):
        positive(f"kappa[{i}]", value)
    return np.sort(values)[::-1].copy()


def per_update(name: str, value: ArrayLike, steps: int) -> Array:
    """One entry for a constant, else one per update; ModelError unless finite and not negative."""
    values = np.atleast_1d(np.asarray(value, dtype=np.float64))
    if values.shape not in {(1,), (steps,)}:
        msg = f"{name} has shape {values.shape}; give one number, or one for each of the {steps} updates"
        raise ModelError(msg)
    bad = np.flatnonzero(~(np.isfinite(values) & (values >= 0.0)))
    if bad.size:
        at_least_zero(f"{name}[{bad[0]}]", values[bad[0]])
    # The settings travel to the workers with every block.
    return values[:1].copy() if np.all(values == values[0]) else values


def batch_sizes(value: ArrayLike, steps: int) -> NDArray[np.int64]:
    """B, as `per_update`; ModelError unless whole numbers of at least 1."""
    values = per_update("batch_size", value, steps)
    bad = np.flatnonzero((values < 1.0) | (values != np.floor(values)))
    if bad.size:
        count(f"batch_size[{bad[0]}]", values[bad[0]])
    return values.astype(np.int64)


def record_steps(record_at: Sequence[int] | NDArray[np.int64] | None, steps: int) -> NDArray[np.int64]:
    """Record steps, by default the last update; ModelError unless they increase strictly within 0 … steps."""
    values = np.asarray([steps] if record_at is None else record_at)
    whole = values.ndim == 1 and values.size > 0 and np.issubdtype(values.dtype, np.integer)
    if not whole or values[0] < 0 or values[-1] > steps or np.any(np.diff(values) <= 0):
        msg = (
            f"record_at must be whole numbers that increase strictly from 0 or more to at most {steps}, not {record_at}"
        )
        raise ModelError(msg)
    return values.astype(np.int64)


def initial_levels(training: Training, initial: ArrayLike | None, replicas: int) -> Array:
    """Levels of an aligned start, shape (replica, level), ascending in μ² − κ; μ² − κ itself by default."""
    modes = training.kappa[training.kappa.size - training.levels :]
    levels = np.asarray(training.mu2 - modes if initial is None else initial, dtype=np.float64)
    if initial is None and levels[0] < 0.0:
        msg = (
            f"kappa = {modes[0]:g} is not below mu2 = {training.mu2:g}, so there is no fixed point mu2 - kappa to start "
            "from; give `initial` levels, a smaller kappa or a larger mu2"
        )
        raise ModelError(msg)
    if levels.shape not in {(training.levels,), (replicas, training.levels)}:
        msg = f"initial has shape {levels.shape}, expected ({training.levels},) or ({replicas}, {training.levels})"
        raise ModelError(msg)
    if not np.all(np.isfinite(levels)) or levels.min() < 0.0:
        msg = f"initial levels must be finite and not negative, but the smallest is {levels.min():g}"
        raise ModelError(msg)
    return np.ascontiguousarray(np.broadcast_to(levels, (replicas, training.levels)))
