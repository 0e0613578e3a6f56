"""Joint laws of adjacent levels."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from fpsolve.exact.tabulated import TabulatedLaw

__all__ = ["AdjacentPairs"]

Array = NDArray[np.float64]


@dataclass(frozen=True)
class AdjacentPairs:
    """Joint laws of the levels i and i + 1, i = 0 … N − 2: stationary ones, or at every output time of an evolution.

    Arrays marked with (time,) have that axis in an evolution and not in a stationary law.

    Attributes
    ----------
    edges : ndarray, shape (pair, 2, cell + 1)
        Cell edges in x of the lower and of the upper level.
    density : ndarray, shape ((time,) pair, cell, cell)
        Cell averages of P(x_i, x_{i+1}), axes lower and upper level; 0 where the upper level would lie below.
    spacing_edges : ndarray, shape (pair, cell + 1)
        Cell edges of the spacing x_{i+1} − x_i, from 0.
    spacing_density : ndarray, shape ((time,) pair, cell)
        Cell averages of the density of the spacing.
    correlation : ndarray, shape ((time,) pair)
        Correlation coefficient; nan where a standard deviation is infinite.
    """

    edges: Array
    density: Array
    spacing_edges: Array
    spacing_density: Array
    correlation: Array

    def at(self, indices: NDArray[np.int64]) -> AdjacentPairs:
        """The same pairs at some of the output times of an evolution."""
        return replace(
            self,
            density=self.density[indices],
            spacing_density=self.spacing_density[indices],
            correlation=self.correlation[indices],
        )

    def spacing(self, pair: int = 0, time_index: int | None = None) -> TabulatedLaw:
        """Law of one spacing; with `time_index` in an evolution."""
        density = self.spacing_density if time_index is None else self.spacing_density[time_index]
        return TabulatedLaw.from_density(self.spacing_edges[pair], density[pair])
