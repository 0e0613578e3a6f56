"""The stationary law."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fpsolve.exact.tabulated import TabulatedLaw
from fpsolve.results.pairs import AdjacentPairs

__all__ = ["Stationary"]

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Stationary:
    """The stationary law, one marginal per level.

    Attributes
    ----------
    method : str
        "exact", "operator", …
    edges : ndarray, shape (level, cell + 1)
        Cell edges in x.
    density : ndarray, shape (level, cell)
        Cell averages, each level's integral is 1.
    mean, std : ndarray, shape (level,)
        Mean and standard deviation of every level.
    log_partition_function : float
        ln ∫ ∏|x_i − x_j|^β ∏ e^{−Φ_i} over the ordered levels, with the model's own Φ (no constant dropped);
        nan where the method does not give it.
    seconds : float
        Wall time, compilation left out.
    error_estimate : float
        Change of ln Z (relative, where it is larger than 1), of means and stds in units of std, and of distribution
        functions under the last refinement; nan where the method does not give it.
    total_edges, total_density : ndarray, shapes (cell + 1,) and (cell,), or None
        Density of all levels pooled, (1/N) Σ_i p_i, its integral is 1; None for one level.
    pairs : AdjacentPairs or None
        Joint laws of adjacent levels; None where the method does not give them.
    tail : float or None
        Exponent b of the highest level's power-law tail, P(X > x) ~ x^{−b}; None where it falls faster. The table ends
        somewhere in it; mean and std are those of the whole law, inf where they do not exist.
    """

    method: str
    edges: Array
    density: Array
    mean: Array
    std: Array
    log_partition_function: float
    seconds: float = 0.0
    error_estimate: float = float("nan")
    total_edges: Array | None = None
    total_density: Array | None = None
    pairs: AdjacentPairs | None = None
    tail: float | None = None

    @property
    def x(self) -> Array:
        """Cell midpoints in x, shape (level, cell)."""
        return 0.5 * (self.edges[:, 1:] + self.edges[:, :-1])

    def law(self, level: int = 0) -> TabulatedLaw:
        """Marginal law of one level."""
        return TabulatedLaw.from_density(self.edges[level], self.density[level])
