"""Densities, moments and correlations of an ensemble of trajectories, with their standard errors."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fpsolve.errors import GridError
from fpsolve.grids.axis import Axis, Grading
from fpsolve.models.level_gas import LevelGas
from fpsolve.results import Evolution
from fpsolve.solvers.particle_pairs import pair_cells, tabulate_pairs

__all__ = ["tabulate_ensemble"]

Array = NDArray[np.float64]

FEWEST, MOST = 40, 2000
DEFAULT_CELLS = 200


def tabulate_ensemble(
    model: LevelGas,
    start: Array,
    levels: Array,
    *,
    times: Array,
    steps: int,
    exchanges: int,
    seconds: float,
    cells: int | None = None,
    domain: tuple[float, float] | None = None,
    grading: Grading | None = None,
) -> Evolution:
    """Turn levels(time, trajectory, level) into an Evolution.

    Standard errors: of a mean, std/√M; of a standard deviation, √((m_4 − m_2²)/(4 m_2 M)); of a
    correlation r, that of the mean of z_i z_j − r(z_i² + z_j²)/2 for standardised levels z; of a density,
    √(p(1 − p)/M)/width with p = (k + 1)/(M + 2) for k of M trajectories in the cell (so that an empty cell has one too).
    The error estimate is the L1 distance to be expected between a histogram and its law, Σ √(2p(1 − p)/(πM)).

    Parameters
    ----------
    model : LevelGas
        The gas that moved.
    start : ndarray, shape (trajectory, level)
        Where the trajectories began.
    levels : ndarray, shape (time, trajectory, level)
        Ascending along the last axis.
    times : ndarray, shape (time,)
        The output times.
    steps : int
        Steps of all trajectories together; `Evolution.steps` is the mean of one trajectory, rounded up.
    exchanges : int
        Exchanges of all trajectories together.
    seconds : float
        Wall time.
    cells, domain, grading : optional
        See `evolve_particles`.

    Raises
    ------
    GridError
        A domain that is empty, or fewer than 4 cells.
    """
    number = levels.shape[1]
    axes = _Axes.of(model, start, levels, domain, grading)
    fitting = axes.fitting(levels)
    edges = axes.edges(cells if cells is not None else min(max(fitting, FEWEST), MOST))
    counts = np.stack([_counts(edges, record) for record in levels])
    widths = np.diff(edges, axis=1)
    share = (counts + 1.0) / (number + 2.0)
    noise = np.sqrt(share * (1.0 - share) / number)
    density = counts / (number * widths)
    mean = levels.mean(axis=1)
    deviations = levels - mean[:, None, :]
    second, fourth = np.mean(deviations**2, axis=1), np.mean(deviations**4, axis=1)
    std = np.sqrt(second)
    with np.errstate(invalid="ignore", divide="ignore"):
        std_error = np.sqrt(np.maximum(fourth - second**2, 0.0) / (4.0 * second * number))
        z = deviations / std[:, None, :]
        products = z[:, :, 1:] * z[:, :, :-1]
        correlation = products.mean(axis=1)
        influence = products - 0.5 * correlation[:, None] * (z[:, :, 1:] ** 2 + z[:, :, :-1] ** 2)
        correlation_error = influence.std(axis=1) / math.sqrt(number)
    pairs = None
    if model.n > 1:
        coarse = pair_cells(fitting, number, times.size * (model.n - 1))
        pairs = tabulate_pairs(levels, axes.edges(coarse), correlation)
    return Evolution(
        method="particles",
        times=times,
        edges=edges,
        density=density,
        mass=np.min(counts.sum(axis=2), axis=1) / number,
        minimum=density.min(axis=(1, 2)),
        mean=mean,
        std=std,
        unknowns=number * model.n,
        steps=-(-steps // number),
        seconds=seconds,
        error_estimate=float(np.max(np.sum(noise * math.sqrt(2.0 / math.pi), axis=2))),
        initial_density=_counts(edges, start) / (number * widths),
        density_error=noise / widths,
        mean_error=std / math.sqrt(number),
        std_error=np.nan_to_num(std_error),
        correlation=correlation if model.n > 1 else None,
        exchanges=exchanges,
        pairs=pairs,
        correlation_error=np.nan_to_num(correlation_error) if model.n > 1 else None,
    )


def _counts(edges: Array, record: Array) -> Array:
    """Trajectories in every cell of every level, shape (level, cell)."""
    return np.stack([np.histogram(record[:, i], bins=edges[i])[0] for i in range(record.shape[1])]).astype(np.float64)


@dataclass(frozen=True)
class _Axes:
    """Where the cells of every level lie, whatever their number.

    low, high : (level,); origin : where √ is taken from; graded : the gradings; given : the user gave the ends.
    """

    low: Array
    high: Array
    origin: tuple[float, ...]
    graded: tuple[Grading, ...]
    given: bool

    @classmethod
    def of(
        cls, model: LevelGas, start: Array, levels: Array, domain: tuple[float, float] | None, grading: Grading | None
    ) -> _Axes:
        """Ends that hold every trajectory at every time, or those asked for."""
        low, high = np.minimum(start.min(axis=0), levels.min(axis=(0, 1))), levels.max(axis=(0, 1))
        high = np.maximum(start.max(axis=0), high)
        if domain is not None:
            low, high = np.full(model.n, domain[0]), np.full(model.n, domain[1])
        graded = tuple(grading or body.grading for body in model.levels)
        # Uniform cells need no origin.
        walls = [body.walls[0] for body in model.levels]
        origin = tuple(wall if kind == "sqrt" else -math.inf for wall, kind in zip(walls, graded, strict=True))
        for kind, wall, lower in zip(graded, origin, low, strict=True):
            if kind == "sqrt" and not (np.isfinite(wall) and wall <= lower):
                msg = f"cells graded like a square root begin at the lower wall {wall:g}, the levels at {lower:g}"
                raise GridError(msg)
        return cls(low, high, origin, graded, domain is not None)

    def edges(self, cells: int) -> Array:
        """Edges of so many cells a level, shape (level, cell + 1)."""
        return np.stack([self._row(i, cells) for i in range(self.low.size)])

    def _row(self, i: int, cells: int) -> Array:
        low, high, origin = float(self.low[i]), float(self.high[i]), self.origin[i]
        # A point start that has not moved still needs a cell of some width.
        margin = 0.0 if self.given else 1e-9 * (high - low) + 1e-12 * (1.0 + abs(high))
        left, right = low - margin, high + margin
        if self.graded[i] == "sqrt" and not self.given:
            left = max(left, origin)
        edges = Axis(left, right, cells).edges
        if self.graded[i] == "sqrt":
            edges = origin + np.linspace(math.sqrt(left - origin), math.sqrt(right - origin), cells + 1) ** 2
            edges[0], edges[-1] = left, right
        return edges

    def fitting(self, levels: Array) -> int:
        """Cells of Scott's width 3.49 σ M^{−1/3} for the narrowest record of any level, in the coordinate of the cells."""
        return max(self._fitting(i, levels[:, :, i]) for i in range(self.low.size))

    def _fitting(self, i: int, records: Array) -> int:
        low, high = float(self.low[i]), float(self.high[i])
        if self.graded[i] == "sqrt":
            records = np.sqrt(records - self.origin[i])
            low, high = math.sqrt(low - self.origin[i]), math.sqrt(high - self.origin[i])
        narrowest = float(np.min(records.std(axis=1)))
        wanted = (high - low) * records.shape[1] ** (1.0 / 3.0) / (3.49 * narrowest) if narrowest > 0.0 else FEWEST
        return math.ceil(min(wanted, MOST))
