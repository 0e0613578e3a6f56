"""P(x, t) of every level."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from fpsolve.exact.tabulated import TabulatedLaw
from fpsolve.results.pairs import AdjacentPairs

__all__ = ["Evolution"]

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Evolution:
    """P(x, t) at the times asked for.

    Attributes
    ----------
    method : str
        The evolution method, e.g. "scharfetter_gummel".
    times : ndarray, shape (time,)
        Exactly the times asked for.
    edges : ndarray, shape (level, cell + 1)
        Cell edges in x of every level's marginal.
    density : ndarray, shape (time, level, cell)
        Cell averages of every level's marginal.
    mass : ndarray, shape (time,)
        Total probability; 1 to rounding unless a wall absorbs, then the survival probability.
    minimum : ndarray, shape (time,)
        Smallest density of any cell.
    mean, std : ndarray, shape (time, level)
        Mean and standard deviation of each level (of the survivors where a wall absorbs).
    unknowns : int
        Size of the linear problem that was advanced.
    steps : int
        Time steps taken; of trajectories those of one, the mean rounded up.
    seconds : float
        Wall time of the solve, compilation left out.
    error_estimate : float
        Largest local time-integration error accepted (L1 norm), summed over the steps.
    first_passage : ndarray, shape (time, 2), or None
        Probability per time that flows out through the lower and the upper wall; None unless a wall absorbs.
    absorbed : ndarray, shape (time, 2), or None
        Probability that has left through the lower and the upper wall so far; with `mass` it adds up to 1.
    initial_density : ndarray or None
        The starting law on the same cells, shape (level, cell), for figures.
    beyond : float
        Mass of the starting law that lay outside the domain (it is put back by normalising, and reported).
    grid_error : ndarray, shape (time,), or None
        Estimated L1 error of the density by the width of the cells; None where the method has no cells.
    density_error, mean_error, std_error : ndarray or None
        Statistical standard errors in the shapes of `density`, `mean` and `std`; None unless trajectories were sampled.
    correlation : ndarray, shape (time, level - 1), or None
        Correlation coefficient of the levels i and i + 1; None where there is one level or the method does not know it.
    correlation_error : ndarray, shape (time, level - 1), or None
        Statistical standard error of `correlation`; None unless trajectories were sampled.
    exchanges : int or None
        How often trajectories had crossed after a step and were put back in order; None unless there are any.
    pair_density : ndarray, shape (time, level − 1, cell, cell), or None
        Joint density of the levels i and i + 1, averaged over the part of each cell in which they are in order: entry
        [t, i, a, b] for level i in cell a of `edges[i]` and level i + 1 in cell b of `edges[i + 1]`, 0 for a > b; the
        mass is that times both widths, and half of it for a = b. Only of methods that solve for it on common cells.
    pairs : AdjacentPairs or None
        The same joint laws in coarser tables, with the densities of the spacings; all arrays but the edges begin with
        the axis of time. None where there is one level or the method does not know them.
    """

    method: str
    times: Array
    edges: Array
    density: Array
    mass: Array
    minimum: Array
    mean: Array
    std: Array
    unknowns: int
    steps: int
    seconds: float
    error_estimate: float
    first_passage: Array | None = None
    absorbed: Array | None = None
    initial_density: Array | None = None
    beyond: float = 0.0
    grid_error: Array | None = None
    density_error: Array | None = None
    mean_error: Array | None = None
    std_error: Array | None = None
    correlation: Array | None = None
    exchanges: int | None = None
    pair_density: Array | None = None
    pairs: AdjacentPairs | None = None
    correlation_error: Array | None = None

    @property
    def x(self) -> Array:
        """Cell midpoints in x, shape (level, cell)."""
        return 0.5 * (self.edges[:, 1:] + self.edges[:, :-1])

    def at(self, indices: NDArray[np.int64]) -> Evolution:
        """The same evolution at some of its output times."""

        def part(values: Array | None) -> Array | None:
            return None if values is None else values[indices]

        return replace(
            self,
            times=self.times[indices],
            density=self.density[indices],
            mass=self.mass[indices],
            minimum=self.minimum[indices],
            mean=self.mean[indices],
            std=self.std[indices],
            first_passage=part(self.first_passage),
            absorbed=part(self.absorbed),
            density_error=part(self.density_error),
            mean_error=part(self.mean_error),
            std_error=part(self.std_error),
            grid_error=part(self.grid_error),
            correlation=part(self.correlation),
            correlation_error=part(self.correlation_error),
            pair_density=part(self.pair_density),
            pairs=None if self.pairs is None else self.pairs.at(indices),
        )

    def law(self, time_index: int, level: int = 0) -> TabulatedLaw:
        """Marginal law of one level at one output time (normalised to 1)."""
        return TabulatedLaw.from_density(self.edges[level], self.density[time_index, level])
