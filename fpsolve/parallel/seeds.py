"""Seeds: one seed sequence for an ensemble, one key per replica."""

from __future__ import annotations

import numpy as np
from numpy.random import Generator, SeedSequence
from numpy.typing import NDArray

__all__ = ["Seed", "replica_keys", "seed_sequence"]

Seed = int | SeedSequence | Generator | None


def seed_sequence(rng: Seed) -> SeedSequence:
    """Seed sequence of an ensemble.

    Parameters
    ----------
    rng : int, SeedSequence, Generator or None
        An int or a sequence always gives the same ensemble. A generator gives a new child of its own sequence at
        every call. None draws fresh entropy from the operating system.
    """
    if isinstance(rng, SeedSequence):
        return rng
    if isinstance(rng, Generator):
        child: SeedSequence = rng.bit_generator.seed_seq.spawn(1)[0]  # type: ignore[attr-defined]
        return child
    return SeedSequence(rng)


def replica_keys(seed: SeedSequence, first: int, count: int) -> NDArray[np.uint64]:
    """Keys of the replicas first … first + count − 1, shape (2, count).

    The key of replica r is made of the first two words of ``SeedSequence(entropy, spawn_key + (r,))``, the r-th child
    that a fresh `seed` would spawn, so it depends on nothing but the seed and r.
    """
    keys = np.empty((2, count), dtype=np.uint64)
    for lane in range(count):
        child = SeedSequence(seed.entropy, spawn_key=(*seed.spawn_key, first + lane), pool_size=seed.pool_size)
        keys[:, lane] = child.generate_state(2, np.uint64)
    return keys
