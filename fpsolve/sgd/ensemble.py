"""An ensemble of replicas: cut into blocks, trained in processes, put together again."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import NamedTuple, Protocol, TypeVar

import numpy as np
from numpy.random import SeedSequence
from numpy.typing import NDArray

from fpsolve.parallel import Part, Progress, Workers, number_of, spread_blocks
from fpsolve.results import Sample

__all__ = ["Settings", "Trained", "lanes_per_block", "record_times", "train_ensemble"]

Array = NDArray[np.float64]
Block = TypeVar("Block")

# Working set of a block that stays in the second-level cache, and the most replicas that still gain speed.
BLOCK_BYTES, BLOCK_LANES = 1 << 18, 256


class Settings(Protocol):
    """What the ensemble needs to know of the settings that its replicas share."""

    @property
    def record_at(self) -> NDArray[np.int64]:
        """Updates after which the levels are recorded, shape (record,)."""
        ...

    @property
    def times(self) -> Array:
        """Fokker–Planck time at every record, shape (record,)."""
        ...

    @property
    def seed(self) -> SeedSequence:
        """Seed of the ensemble."""
        ...


class Trained(NamedTuple):
    """Records of the replicas of a block, each of shape (replica, record, level)."""

    levels: Array
    alignment: Array | None = None


def train_ensemble(
    settings: Settings,
    train: Callable[[Block], Trained],
    block: Callable[[int, int], Block],
    *,
    label: str,
    size: int,
    replicas: int,
    workers: Workers,
    progress: Progress | None,
    correlated: bool = False,
) -> Sample:
    """Train all replicas and collect what was recorded.

    Parameters
    ----------
    settings : Settings
    train : callable
        Trains one block; importable by name, as it runs in other processes.
    block : callable
        ``block(first, count)`` is the block of the replicas first … first + count − 1.
    label : str
        Of the sample.
    size : int
        Replicas of a block.
    replicas, workers, progress, correlated
        As for the trainings themselves, and `Sample.correlated`.
    """
    began = time.perf_counter()
    records: list[Array] = []

    def receive(first: int, count: int, part: Part) -> None:
        """Put the records of some replicas in their place; the arrays of all replicas are made with the first of them."""
        found = [array for array in part if array is not None]
        if not records:
            records.extend(np.empty((replicas, *array.shape[1:])) for array in found)
        for whole, array in zip(records, found, strict=True):
            whole[first : first + count] = array

    spread_blocks(train, block, replicas, size=size, receive=receive, workers=workers, progress=progress)
    trained, entropy = Trained(*records), settings.seed.entropy
    return Sample(
        levels=trained.levels,
        steps=settings.record_at,
        times=settings.times,
        label=label,
        seconds=time.perf_counter() - began,
        seed=entropy if isinstance(entropy, int) else None,
        spawn_key=np.array(settings.seed.spawn_key, dtype=np.int64),
        correlated=correlated,
        alignment=trained.alignment,
    )


def record_times(durations: Array, steps: int, record_at: NDArray[np.int64]) -> Array:
    """Time at every record, shape (record,), from that of one update or of each of them."""
    clock = np.cumsum(np.broadcast_to(durations, steps))
    return np.concatenate(([0.0], clock))[record_at]


def lanes_per_block(
    numbers: int, replicas: int, workers: Workers, *, cached: int = BLOCK_BYTES, most: int = BLOCK_LANES
) -> int:
    """Replicas per block: few enough to stay in the cache and to give every worker some blocks; levels do not depend on it.

    Parameters
    ----------
    numbers : int
        Doubles in the working set of a replica.
    replicas : int
    workers : int or Hands
        Of the ensemble.
    cached, most : int
        Bytes of a working set that stays in the cache, and the most replicas that still gain speed.
    """
    shared = -(-replicas // (4 * number_of(workers)))
    # Multiples of 16 leave no remainder in the vector loops; 8 is the fewest that fill a vector.
    wanted = min(cached // (8 * numbers), shared, most)
    return max(8, wanted - wanted % 16)
