"""Starts that come as numbers: cell masses of one level, or levels of an ensemble."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fpsolve.exact.tabulated import TabulatedLaw
from fpsolve.models.initial_law import Randomness

__all__ = ["EmpiricalLaw", "TableLaw"]

Array = NDArray[np.float64]


@dataclass(frozen=True)
class TableLaw:
    """One level with given cell masses, e.g. a stationary law that a solver has tabulated.

    Attributes
    ----------
    table : TabulatedLaw
        The masses of cells, normalised.
    """

    table: TabulatedLaw

    @property
    def n(self) -> int:
        """One level."""
        return 1

    @property
    def mean(self) -> Array:
        """Mean, shape (1,)."""
        return np.array([self.table.mean])

    @property
    def std(self) -> Array:
        """Standard deviation, shape (1,)."""
        return np.array([self.table.std])

    def support(self, level: int = 0) -> tuple[float, float]:  # noqa: ARG002 - there is one level
        """Cells that hold all but 1e-16 of the mass on either side."""
        cumulative = self.table.cumulative
        first = int(np.searchsorted(cumulative, 1e-16, side="right")) - 1
        last = int(np.searchsorted(cumulative, 1.0 - 1e-16, side="left"))
        return float(self.table.edges[first]), float(self.table.edges[last])

    def cdf(self, x: Array | float, level: int = 0) -> Array:  # noqa: ARG002 - there is one level
        """Distribution function, exact at the edges."""
        return self.table.cdf(x)

    def masses(self, edges: Array, level: int = 0) -> Array:  # noqa: ARG002 - there is one level
        """Cell masses."""
        return self.table.bin_masses(edges)

    def within(self, lower: float, upper: float) -> float:
        """Mass of the interval."""
        return float(self.table.bin_masses(np.array([lower, upper]))[0])

    def sample(self, replicas: int, rng: Randomness) -> Array:
        """Draws by inversion of the distribution function."""
        uniform = np.random.default_rng(rng).random(replicas)
        return self.table.quantile(uniform)[:, None]


@dataclass(frozen=True, eq=False)
class EmpiricalLaw:
    """The law of an ensemble: every row of levels has the same weight.

    Attributes
    ----------
    levels : ndarray, shape (replica, level)
        Ascending along the last axis.
    """

    levels: Array

    @property
    def n(self) -> int:
        """Number of levels."""
        return int(self.levels.shape[1])

    @property
    def mean(self) -> Array:
        """Mean of every level, shape (level,)."""
        return np.asarray(self.levels.mean(axis=0))

    @property
    def std(self) -> Array:
        """Standard deviation of every level, shape (level,)."""
        return np.asarray(self.levels.std(axis=0))

    def support(self, level: int = 0) -> tuple[float, float]:
        """Smallest and largest value of the level."""
        column = self.levels[:, level]
        return float(column.min()), float(column.max())

    def cdf(self, x: Array | float, level: int = 0) -> Array:
        """Part of the replicas at or below x."""
        column = np.sort(self.levels[:, level])
        return np.asarray(np.searchsorted(column, x, side="right") / column.size)

    def masses(self, edges: Array, level: int = 0) -> Array:
        """Part of the replicas in each cell."""
        column = self.levels[:, level]
        return np.asarray(np.histogram(column, bins=edges)[0] / column.size)

    def within(self, lower: float, upper: float) -> float:
        """Part of the replicas with all levels in the interval."""
        return float(np.mean((self.levels[:, 0] >= lower) & (self.levels[:, -1] <= upper)))

    def sample(self, replicas: int, rng: Randomness) -> Array:
        """Rows drawn with replacement; the levels of a row stay together."""
        rows = np.random.default_rng(rng).integers(len(self.levels), size=replicas)
        return np.asarray(self.levels[rows])
