"""Point start: every level at a given place."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fpsolve.models.initial_law import Randomness

__all__ = ["PointLaw"]

Array = NDArray[np.float64]


@dataclass(frozen=True)
class PointLaw:
    """All mass at one point of the ordered levels.

    Attributes
    ----------
    at : tuple of float
        Position of every level, ascending (ties allowed).
    """

    at: tuple[float, ...]

    @property
    def n(self) -> int:
        """Number of levels."""
        return len(self.at)

    @property
    def mean(self) -> Array:
        """The positions, shape (level,)."""
        return np.array(self.at)

    @property
    def std(self) -> Array:
        """Zeros, shape (level,)."""
        return np.zeros(self.n)

    def support(self, level: int = 0) -> tuple[float, float]:
        """Return the position twice."""
        return self.at[level], self.at[level]

    def cdf(self, x: Array | float, level: int = 0) -> Array:
        """Return the unit step at the position."""
        return np.where(np.asarray(x) >= self.at[level], 1.0, 0.0)

    def masses(self, edges: Array, level: int = 0) -> Array:
        """1 in the cell that holds the position; a position on an inner edge belongs to the cell above it."""
        return np.histogram([self.at[level]], bins=edges)[0].astype(np.float64)

    def within(self, lower: float, upper: float) -> float:
        """1 if all places lie in the interval, else 0."""
        return float(lower <= min(self.at) and max(self.at) <= upper)

    def sample(self, replicas: int, rng: Randomness) -> Array:  # noqa: ARG002 - nothing is random here
        """Return the position `replicas` times."""
        return np.tile(np.array(self.at), (replicas, 1))
