"""What is kept of the joint masses of a chamber: marginals, joint laws of neighbours, moments; and two grids extrapolated."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from fpsolve.grids.axis import Axis
from fpsolve.grids.chamber import ChamberGrid
from fpsolve.kernels.chamber import chamber_marginals
from fpsolve.results import AdjacentPairs
from fpsolve.solvers.pair_tables import PairMasses, pair_tables

__all__ = [
    "PAIR_CELLS",
    "ChamberReader",
    "ChamberTables",
    "adjacent_pairs",
    "cell_areas",
    "corrected",
    "joined",
    "pair_group",
    "sharpened",
]

Array = NDArray[np.float64]

PAIR_CELLS = 160
"""Largest number of cells on a side of the joint law of two levels; more are joined."""

_TINY = 1e-13  # masses of cells that are left as they are
_LARGEST = 0.7  # largest correction of the logarithm of a mass


def pair_group(cells: int) -> int:
    """Neighbouring cells that are joined to one in joint laws of two levels."""
    return -(-cells // PAIR_CELLS)


def joined(masses: Array, group: int, axes: int) -> Array:
    """Sum groups of neighbouring cells along the last `axes` axes."""
    for axis in range(masses.ndim - axes, masses.ndim):
        masses = np.add.reduceat(masses, np.arange(0, masses.shape[axis], group), axis=axis)
    return masses


def cell_areas(edges: Array) -> Array:
    """Areas of pairs of cells of one axis; levels that share a cell are in order in half of its square."""
    widths = np.diff(edges)
    areas = np.outer(widths, widths)
    np.fill_diagonal(areas, 0.5 * widths**2)
    return areas


def adjacent_pairs(edges: Array, masses: Array, correlation: Array) -> AdjacentPairs:
    """Tables of neighbours and their spacings.

    Parameters
    ----------
    edges : ndarray, shape (cell + 1,)
    masses : ndarray, shape (time, pair, cell, cell)
    correlation : ndarray, shape (time, pair)
        Better than what the masses of cells tell.
    """
    found = pair_tables(edges, [[PairMasses.of(edges, pair) for pair in row] for row in masses])
    return replace(found, correlation=correlation)


@dataclass(frozen=True)
class ChamberTables:
    """Masses at the output times on one chamber.

    Attributes
    ----------
    axis : Axis
    group : int
        Cells that are joined to one in `pairs`.
    single : ndarray, shape (time, level, cell)
    pairs : ndarray, shape (time, level − 1, joined cell, joined cell)
        Levels i and i + 1.
    mean, variance : ndarray, shape (time, level)
        From the midpoints of the cells.
    covariance : ndarray, shape (time, level − 1)
    mass, minimum : ndarray, shape (time,)
        Total, and the smallest joint density of all levels.
    """

    axis: Axis
    group: int
    single: Array
    pairs: Array
    mean: Array
    variance: Array
    covariance: Array
    mass: Array
    minimum: Array

    @property
    def pair_edges(self) -> Array:
        """Edges of the joined cells."""
        return np.append(self.axis.edges[: -1 : self.group], self.axis.edges[-1])

    @property
    def correlation(self) -> Array:
        """Correlation coefficients of neighbours, shape (time, level − 1)."""
        with np.errstate(invalid="ignore", divide="ignore"):
            return np.asarray(self.covariance / np.sqrt(self.variance[:, :-1] * self.variance[:, 1:]))

    def distance(self, coarse: ChamberTables) -> Array:
        """L1 distance from a solution on half as many cells, the largest over neighbours, shape (time,)."""
        if not self.pairs.size:
            return np.asarray(np.abs(_halved(self.single, 1) - coarse.single).sum(axis=2).max(axis=1))
        return np.asarray(np.abs(_halved(self.pairs, 2) - coarse.pairs).sum(axis=(2, 3)).max(axis=1))


class ChamberReader:
    """Collects `ChamberTables` while a chamber is marched, one state at a time, so that no state need be kept.

    Parameters
    ----------
    grid : ChamberGrid
    group : int
        Cells to join in joint laws of two levels.
    """

    def __init__(self, grid: ChamberGrid, group: int) -> None:
        self.grid, self.group = grid, group
        self._volumes = grid.volumes()
        self._rows: list[tuple[Array | np.float64, ...]] = []

    def read(self, state: Array) -> None:
        """Add the masses of one output time, shape (state,)."""
        grid = self.grid
        single = np.empty((grid.levels, grid.cells))
        pair = np.empty((grid.levels - 1, grid.cells, grid.cells))
        chamber_marginals(state, single, pair)
        mean = single @ grid.axis.centers
        offset = grid.axis.centers - mean[:, None]
        variance = np.einsum("lc,lc->l", single, offset**2)
        covariance = np.einsum("pa,pab,pb->p", offset[:-1], pair, offset[1:])
        minimum = np.min(state / self._volumes)
        self._rows.append((single, joined(pair, self.group, 2), mean, variance, covariance, state.sum(), minimum))

    def tables(self) -> ChamberTables:
        """All that was read."""
        return ChamberTables(self.grid.axis, self.group, *(np.array(part) for part in zip(*self._rows, strict=True)))


def sharpened(fine: ChamberTables, coarse: ChamberTables) -> ChamberTables:
    """Cancel the error of second order with the solution on half as many cells, whose error is four times as large.

    Moments m become (4 m_fine − m_coarse)/3. A mass p of a cell becomes p·(P_fine/P_coarse)^{1/3}, where P are masses of the
    doubled cells and their ratio is interpolated between the midpoints of these: the same to fourth order, and never
    negative. Totals are restored.

    Parameters
    ----------
    fine, coarse : ChamberTables
        With the same `group`.
    """

    def mixed(name: str) -> Array:
        return np.asarray((4.0 * getattr(fine, name) - getattr(coarse, name)) / 3.0)

    single = corrected(fine.single, coarse.single, 1)
    pairs = corrected(fine.pairs, coarse.pairs, 2) if fine.pairs.size else fine.pairs
    smallest = (pairs / cell_areas(fine.pair_edges)).min(axis=(1, 2, 3)) if pairs.size else fine.minimum
    return replace(
        fine,
        single=single,
        pairs=pairs,
        mean=mixed("mean"),
        variance=mixed("variance"),
        covariance=mixed("covariance"),
        mass=single[:, 0].sum(axis=1),
        minimum=smallest,
    )


def _halved(masses: Array, axes: int) -> Array:
    return joined(masses, 2, axes)


def corrected(fine: Array, coarse: Array, axes: int) -> Array:
    """Masses times the cube root of the interpolated ratio, with the totals of before; cells are the last `axes` axes."""
    doubled = _halved(fine, axes)
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = np.clip(np.log(doubled / coarse) / 3.0, -_LARGEST, _LARGEST)
    ratio = np.where((doubled > _TINY) & (coarse > _TINY), ratio, 0.0)
    if axes == 2:
        # Below the diagonal, where there is no mass, goes the mirror image.
        ratio = ratio + np.swapaxes(np.triu(ratio, 1), -1, -2)
    for axis in range(fine.ndim - axes, fine.ndim):
        ratio = _between(ratio, fine.shape[axis], axis)
    found = fine * np.exp(ratio)
    over = tuple(range(fine.ndim - axes, fine.ndim))
    return np.asarray(found * (fine.sum(axis=over, keepdims=True) / found.sum(axis=over, keepdims=True)))


def _between(values: Array, cells: int, axis: int) -> Array:
    """Interpolate linearly from the midpoints of doubled cells to those of the cells, along one axis."""
    place = np.clip(0.5 * np.arange(cells) - 0.25, 0.0, values.shape[axis] - 1.0)
    left = np.minimum(place.astype(np.int64), max(values.shape[axis] - 2, 0))
    right = np.minimum(left + 1, values.shape[axis] - 1)
    part = (place - left).reshape([-1 if k == axis else 1 for k in range(values.ndim)])
    return np.asarray(np.take(values, left, axis) * (1.0 - part) + np.take(values, right, axis) * part)
