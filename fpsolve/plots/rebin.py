"""Densities as figures draw them: histograms of trajectories in bins wide enough to be quiet, and sums over levels."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from fpsolve.exact.tabulated import TabulatedLaw
from fpsolve.plots.coordinate import Coordinate
from fpsolve.results import Evolution

__all__ = ["Table", "drawn_tables", "quiet", "quiet_table", "summed", "trajectory_count"]

Array = NDArray[np.float64]
Table = tuple[Array, Array]
"""Cell edges in x, shape (cell + 1,), and cell averages of a density, shape (cell,)."""


def drawn_tables(evolution: Evolution, density: Array, coordinate: Coordinate) -> tuple[list[Table], Table]:
    """Tables of all levels at one time and of their sum.

    They are those of the evolution itself; histograms of trajectories are joined to bins of the width of Freedman and
    Diaconis in the coordinate, the sum as finely as the narrowest level asks for.

    Parameters
    ----------
    evolution : Evolution
    density : ndarray, shape (level, cell)
        On the cells of the evolution.
    coordinate : Coordinate

    Returns
    -------
    levels : list of Table
    total : Table
        Its integral is the number of levels.
    """
    tables: list[Table] = list(zip(evolution.edges, density, strict=True))
    total = summed(evolution.edges, density, coordinate)
    count = trajectory_count(evolution)
    if count is None:
        return tables, total
    finest = min(_quiet_width(table, count, coordinate) for table in tables)
    return [quiet(table, count, coordinate) for table in tables], _joined(total, finest, coordinate)


def quiet_table(evolution: Evolution, density: Array, level: int) -> Table:
    """Table of one level in x, joined where it is a histogram of trajectories; `density` has shape (level, cell)."""
    return drawn_tables(evolution, density, Coordinate())[0][level]


def quiet(table: Table, count: float, coordinate: Coordinate) -> Table:
    """Join the cells of a histogram of `count` trajectories to bins of the width of Freedman and Diaconis."""
    return _joined(table, _quiet_width(table, count, coordinate), coordinate)


def summed(edges: Array, density: Array, coordinate: Coordinate) -> Table:
    """Sum of densities of shape (level, cell) on common cells: those of the levels, or all of them if they differ.

    A cell that is divided then is taken to be filled evenly in the coordinate.
    """
    if np.all(edges == edges[0]):
        return edges[0], density.sum(axis=0)
    common = np.unique(edges)
    cumulative = np.zeros(common.size)
    for row, values in zip(edges, density, strict=True):
        places = coordinate.place(row)
        cumulative += np.interp(
            coordinate.place(common), places, np.concatenate([[0.0], np.cumsum(values * np.diff(row))])
        )
    return common, np.diff(cumulative) / np.diff(common)


def trajectory_count(evolution: Evolution) -> float | None:
    """Number of trajectories behind the densities, from their standard errors; None if they have none."""
    if evolution.density_error is None:
        return None
    masses = evolution.density[0] * np.diff(evolution.edges, axis=1)
    place = np.unravel_index(np.argmax(masses * (1.0 - masses)), masses.shape)
    share, density, error = masses[place], evolution.density[0][place], evolution.density_error[0][place]
    # The count of a cell that holds the share m of n trajectories has the variance n m (1 − m).
    return float((density / error) ** 2 * (1.0 - share) / share) if error > 0.0 else 1.0


def _quiet_width(table: Table, count: float, coordinate: Coordinate) -> float:
    """Width of bins in the coordinate, 2·IQR·n^{−1/3}."""
    left, right = coordinate.place(TabulatedLaw.from_density(*table).quantile(np.array([0.25, 0.75])))
    return float(2.0 * (right - left) * max(count, 1.0) ** (-1.0 / 3.0))


def _joined(table: Table, width: float, coordinate: Coordinate) -> Table:
    """Join neighbouring cells to bins about `width` wide, the last one perhaps narrower."""
    edges, density = table
    places = coordinate.place(edges)
    marks = np.arange(places[0], places[-1], max(width, 1e-4 * (places[-1] - places[0])))
    chosen = np.unique(np.append(np.searchsorted(places, marks), places.size - 1))
    masses = np.add.reduceat(density * np.diff(edges), chosen[:-1])
    return edges[chosen], masses / np.diff(edges[chosen])
