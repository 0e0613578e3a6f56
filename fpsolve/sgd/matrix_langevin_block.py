"""One block of matrices that follow a Langevin equation: the state, the loop over records."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.random import SeedSequence
from numpy.typing import NDArray

from fpsolve.errors import TrainingError
from fpsolve.kernels.matrix_langevin import advance_matrix_langevin
from fpsolve.kernels.normals import fill_normals
from fpsolve.parallel.seeds import replica_keys
from fpsolve.sgd.ensemble import Trained, record_times
from fpsolve.sgd.matrix_start import Observable, Start, initial_weights, levels_of

__all__ = ["Block", "Langevin", "compile_kernels", "train_block"]

Array = NDArray[np.float64]

# A kernel call takes about this long [s], so that Ctrl-C is answered soon.
CALL_SECONDS = 0.1


@dataclass(frozen=True)
class Langevin:
    """What all replicas of an ensemble share.

    Attributes
    ----------
    target : ndarray, shape (row, column)
        W_*.
    decay, additive, multiplicative : float
        c > 0, D_0 ≥ 0 and D_1 ≥ 0.
    learning_rate : ndarray, shape (1,) or (update,)
        Time of every update; one entry if constant.
    observable : {"squared", "singular", "symmetric"}
        What is recorded.
    steps : int
        Updates in all.
    record_at : ndarray of int64, shape (record,)
        Updates after which the levels are recorded, increasing.
    start : Start
        First W.
    seed : SeedSequence
        Of the ensemble.
    """

    target: Array
    decay: float
    additive: float
    multiplicative: float
    learning_rate: Array
    observable: Observable
    steps: int
    record_at: NDArray[np.int64]
    start: Start
    seed: SeedSequence

    @property
    def times(self) -> Array:
        """Time at every record, shape (record,)."""
        return record_times(self.learning_rate, self.steps, self.record_at)


@dataclass(frozen=True)
class Block:
    """Replicas first … first + count − 1 of an ensemble."""

    langevin: Langevin
    first: int
    count: int


def train_block(block: Block) -> Trained:
    """Follow the replicas of a block and return their levels.

    Raises
    ------
    TrainingError
        An entry of W became non-finite.
    """
    langevin = block.langevin
    keys = replica_keys(langevin.seed, block.first, block.count)
    weights = initial_weights(langevin.start, keys, block.first, langevin.target.shape)
    flat = weights.reshape(-1, block.count)
    records = np.empty((block.count, langevin.record_at.size, min(langevin.target.shape)))
    done, clock = 0, 0.0
    for index, (target, time) in enumerate(zip(langevin.record_at.tolist(), langevin.times.tolist(), strict=True)):
        if langevin.multiplicative > 0.0:
            _advance(langevin, keys, done, target, flat)
        else:
            _jump(langevin, keys, index, time - clock, flat)
        done, clock = target, time
        records[:, index] = levels_of(weights, langevin.observable)
    return Trained(records)


def compile_kernels(langevin: Langevin) -> None:
    """Compile what is needed by a run of no updates, so that workers find the kernels in the cache."""
    keys, weights = np.zeros((2, 1), dtype=np.uint64), np.ones((1, 1, 1))
    if langevin.multiplicative > 0.0:
        advance_matrix_langevin(keys, 0, np.zeros(0), 1.0, 1.0, 1.0, np.zeros(1), weights[0])
    fill_normals(keys, 0, weights[0])
    initial_weights(langevin.start, keys, 0, langevin.target.shape)
    levels_of(weights, langevin.observable)


def _jump(langevin: Langevin, keys: NDArray[np.uint64], slot: int, time: float, flat: Array) -> None:
    """Exact step of the Ornstein–Uhlenbeck process over any time."""
    if time == 0.0:
        return
    noise = np.empty_like(flat)
    fill_normals(keys, slot, noise)
    centre = langevin.target.reshape(-1, 1)
    spread = np.sqrt(-langevin.additive / langevin.decay * np.expm1(-2.0 * langevin.decay * time))
    flat[:] = centre + np.exp(-langevin.decay * time) * (flat - centre) + spread * noise


def _advance(langevin: Langevin, keys: NDArray[np.uint64], start: int, stop: int, flat: Array) -> None:
    """Do the updates start … stop − 1 in kernel calls that are short enough to be interrupted."""
    times = np.broadcast_to(langevin.learning_rate, langevin.steps)
    # Three normals and some ten products per entry and update, about 20 ns.
    stride = max(1, int(CALL_SECONDS / (2e-8 * flat.size)))
    target = langevin.target.reshape(-1)
    for begin in range(start, stop, stride):
        part = np.ascontiguousarray(times[begin : min(begin + stride, stop)])
        done = advance_matrix_langevin(
            keys, begin, part, langevin.decay, langevin.additive, langevin.multiplicative, target, flat
        )
        if not np.all(np.isfinite(flat)):
            msg = (
                f"W became non-finite at update {begin + done}: its law has no end at this time; raise weight_decay or "
                "lower multiplicative"
            )
            raise TrainingError(msg)
