"""What every initial law can tell: its distribution functions, its masses of cells, samples."""

from __future__ import annotations

from typing import Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

__all__ = ["InitialLaw", "Randomness"]

Array = NDArray[np.float64]
Randomness = int | np.random.SeedSequence | np.random.Generator


@runtime_checkable
class InitialLaw(Protocol):
    """Joint law of N ordered levels x_1 ≤ … ≤ x_N at time 0. Levels are counted from 0, lowest first."""

    @property
    def n(self) -> int:
        """Number of levels N."""
        ...

    @property
    def mean(self) -> Array:
        """Mean of every level, shape (level,)."""
        ...

    @property
    def std(self) -> Array:
        """Standard deviation of every level, shape (level,)."""
        ...

    def support(self, level: int = 0) -> tuple[float, float]:
        """Interval that holds all but about 1e-16 of the marginal of `level`; a single point for a point mass."""
        ...

    def cdf(self, x: Array | float, level: int = 0) -> Array:
        """P(x_level ≤ x), the marginal distribution function, in the shape of `x`."""
        ...

    def masses(self, edges: Array, level: int = 0) -> Array:
        """Marginal probability of each cell, shape (len(edges) − 1,), accurate in both tails; not normalised."""
        ...

    def within(self, lower: float, upper: float) -> float:
        """P(all levels lie in [lower, upper]), of the joint law."""
        ...

    def sample(self, replicas: int, rng: Randomness) -> Array:
        """Independent draws from the joint law, shape (replicas, n), ascending along the last axis."""
        ...
