"""Tables of pairs of neighbouring levels that figures draw, and where they come from."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import CubicSpline

from fpsolve.plots.coordinate import Coordinate
from fpsolve.plots.rebin import quiet, trajectory_count
from fpsolve.plots.style import short_number
from fpsolve.results import Evolution, Result

__all__ = ["JointTable", "SpacingTable", "joint_tables", "spacing_tables"]

Array = NDArray[np.float64]

_CURVE = 400  # points of a curve
_HELD = 1e-3  # of the largest density of a level, where cells count as held by it
_FEWEST, _LEFT_OUT = 16, 1e-4
_SAMPLED, _TOGETHER = ("gaussian_matrix", "second_order"), 4  # laws from samples, and how many of their bins are joined


@dataclass(frozen=True)
class JointTable:
    """Joint law of the levels `level` and `level` + 1.

    Attributes
    ----------
    level : int
        The lower level.
    lower_edges, upper_edges : ndarray, shapes (a + 1,) and (b + 1,)
        Cell edges in x.
    masses : ndarray, shape (a, b)
        Probability of each cell.
    correlation : float
        Correlation coefficient; nan where unknown.
    """

    level: int
    lower_edges: Array
    upper_edges: Array
    masses: Array
    correlation: float


@dataclass(frozen=True)
class SpacingTable:
    """Law of the spacing S of the levels `level` and `level` + 1.

    Attributes
    ----------
    level : int
        The lower level.
    edges : ndarray, shape (bin + 1,)
        Edges of bins of S.
    density : ndarray, shape (bin,)
        Averages over the bins, the integral is 1.
    smooth : bool
        False for a histogram of trajectories.
    """

    level: int
    edges: Array
    density: Array
    smooth: bool = True

    @property
    def middle(self) -> Array:
        """Middles of the bins."""
        return np.asarray(0.5 * (self.edges[1:] + self.edges[:-1]))

    def curve(self) -> tuple[Array, Array]:
        """Spacings and densities of a curve: it has the mass of every bin and begins and ends at 0.

        It is the derivative of a cubic spline through the distribution function, of a histogram the averages themselves.
        """
        if not self.smooth:
            return self.middle, self.density
        cumulative = np.concatenate([[0.0], np.cumsum(self.density * np.diff(self.edges))])
        s = np.linspace(self.edges[0], self.edges[-1], _CURVE)
        return s, np.maximum(CubicSpline(self.edges, cumulative, bc_type="clamped")(s, 1), 0.0)

    @property
    def mean(self) -> float:
        """⟨S⟩ of the table."""
        return float(np.sum(self.middle * self.density * np.diff(self.edges)))


def joint_tables(result: Result, time_index: int = -1) -> tuple[list[JointTable], str]:
    """Joint laws of all neighbours: those of the evolution at an output time, or those of the stationary law.

    Returns
    -------
    tables : list of JointTable
        Empty if the result holds neither.
    origin : str
        In words: "evolution, t = 5" or "stationary law".
    """
    evolution, stationary = result.evolution, result.stationary
    if evolution is not None and (evolution.pair_density is not None or evolution.pairs is not None):
        known = None if evolution.correlation is None else evolution.correlation[time_index]
        origin = _moment(evolution, time_index)
        if evolution.pair_density is not None:
            # It is the finer table where there are two, and averaged over that half of a cell that is in order.
            edges = np.stack([evolution.edges[:-1], evolution.edges[1:]], axis=1)
            halves = 1.0 - 0.5 * np.eye(evolution.density.shape[2])
            return _joint(edges, evolution.pair_density[time_index] * halves, known), origin
        assert evolution.pairs is not None  # noqa: S101 - one of the two is there
        return _joint(evolution.pairs.edges, evolution.pairs.density[time_index], known), origin
    if stationary is not None and stationary.pairs is not None:
        pairs = stationary.pairs
        return _joint(pairs.edges, pairs.density, pairs.correlation), "stationary law"
    return [], ""


def spacing_tables(result: Result, levels: tuple[int, ...], time_index: int = -1) -> tuple[list[SpacingTable], str]:
    """Laws of the spacings of the levels i and i + 1 for all i in `levels`, with their origin as in `joint_tables`.

    Bins of an evolution are joined to bins as wide as its cells, which finer ones would show, those of trajectories to
    bins wide enough to be quiet.
    """
    evolution, stationary = result.evolution, result.stationary
    if evolution is None or evolution.pairs is None:
        pairs = None if stationary is None else stationary.pairs
        if pairs is None:
            return [], ""
        edges, density = pairs.spacing_edges, pairs.spacing_density
        tables = [(edges[i], density[i]) for i in levels]
        if stationary is not None and stationary.method in _SAMPLED and stationary.mean.size > 2:
            # A curve through the narrow bins of a sampled law would draw their noise.
            tables = [_joined(*table, _TOGETHER * float(table[0][1])) for table in tables]
        return [SpacingTable(i, *table) for i, table in zip(levels, tables, strict=True)], "stationary law"
    edges, density = evolution.pairs.spacing_edges, evolution.pairs.spacing_density[time_index]
    count = trajectory_count(evolution)
    found = []
    for i in levels:
        if count is not None:
            table = quiet((edges[i], density[i]), count, Coordinate())
        else:
            table = _joined(edges[i], density[i], _cell_width(evolution.edges[i], evolution.density[time_index, i]))
        found.append(SpacingTable(i, *table, smooth=count is None))
    return found, _moment(evolution, time_index)


def _cell_width(edges: Array, density: Array) -> float:
    """Mean width of the cells that hold a level."""
    return float(np.mean(np.diff(edges)[density > _HELD * np.max(density)]))


def _joined(edges: Array, density: Array, width: float) -> tuple[Array, Array]:
    """Join equal bins of S to wider ones, but at least `_FEWEST` of them to where all but `_LEFT_OUT` of the law ends."""
    masses = density * np.diff(edges)
    reach = edges[1 + int(np.searchsorted(np.cumsum(masses), (1.0 - _LEFT_OUT) * np.sum(masses)))]
    group = max(1, round(float(min(width, reach / _FEWEST) / edges[1])))
    joined = np.append(edges[:-1:group], edges[-1])
    return joined, np.add.reduceat(masses, np.arange(0, masses.size, group)) / np.diff(joined)


def _moment(evolution: Evolution, time_index: int) -> str:
    """Where tables of an evolution come from, in words."""
    return f"evolution, t = {short_number(float(evolution.times[time_index]))}"


def _joint(edges: Array, densities: Array, correlation: Array | None) -> list[JointTable]:
    unknown = np.full(len(densities), np.nan)
    values = unknown if correlation is None else correlation
    areas = np.diff(edges[:, 0])[:, :, None] * np.diff(edges[:, 1])[:, None, :]
    masses = densities * areas
    return [JointTable(i, row[0], row[1], masses[i], float(values[i])) for i, row in enumerate(edges)]
