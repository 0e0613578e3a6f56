"""Tables of the joint laws of adjacent levels from their masses on common cells."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil

import numpy as np
from numpy.typing import NDArray

from fpsolve.kernels.spacing import spacing_histogram
from fpsolve.results import AdjacentPairs

__all__ = ["PairMasses", "pair_tables"]

Array = NDArray[np.float64]

CELLS = 96  # of a table, on either side
KEPT = 384  # cells of the whole axis that are kept until the tables are cut out of it
FINE = 16384  # of the spacings, until the largest is known
BINS = 512  # up to the widest spacing of any time, so that the narrowest is still resolved
NEGLIGIBLE = 1e-9  # mass that a table may leave out on one side


@dataclass(frozen=True)
class PairMasses:
    """Joint masses of two adjacent levels at one time, reduced to coarse cells.

    Attributes
    ----------
    masses : ndarray, shape (coarse cell, coarse cell)
        Of the whole axis; axes lower and upper level; sum 1.
    spacings : ndarray, shape (FINE,)
        Masses of the spacing on equal bins from 0 to the length of the axis.
    correlation : float
    """

    masses: Array
    spacings: Array
    correlation: float

    @classmethod
    def of(cls, edges: Array, masses: Array, *, lower: int = 0, upper: int = 0) -> PairMasses:
        """Reduce masses on cells.

        Parameters
        ----------
        edges : ndarray, shape (cell + 1,)
            Of the common axis.
        masses : ndarray, shape (a, b)
            Axis 0: the lower level on the cells from `lower`, axis 1: the upper level on the cells from `upper`; 0
            where the upper level would be on a lower cell. Any sum.
        """
        masses = np.ascontiguousarray(masses) / masses.sum()
        below, above = edges[lower : lower + masses.shape[0] + 1], edges[upper : upper + masses.shape[1] + 1]
        spacings = np.zeros(FINE)
        bins = np.linspace(0.0, float(edges[-1] - edges[0]), FINE + 1)
        spacing_histogram(np.ascontiguousarray(below), np.ascontiguousarray(above), masses, bins, spacings)
        x, y = 0.5 * (below[1:] + below[:-1]), 0.5 * (above[1:] + above[:-1])
        p, q = masses.sum(axis=1), masses.sum(axis=0)
        x, y = x - x @ p, y - y @ q
        correlation = float(x @ masses @ y / np.sqrt((x**2 @ p) * (y**2 @ q)))
        group = _group(edges)
        starts = np.arange(0, edges.size - 1, group)
        whole = np.zeros((edges.size - 1, edges.size - 1))
        whole[lower : lower + p.size, upper : upper + q.size] = masses
        coarse = np.add.reduceat(np.add.reduceat(whole, starts, axis=0), starts, axis=1)
        return cls(coarse, spacings, correlation)


def pair_tables(edges: Array, found: Sequence[Sequence[PairMasses]]) -> AdjacentPairs:
    """Cut tables of all pairs out of the axis, the same for all times.

    Parameters
    ----------
    edges : ndarray, shape (cell + 1,)
        Of the common axis.
    found : sequence over times of sequences over pairs

    Returns
    -------
    AdjacentPairs
        With the axis of time; at most 96 cells a side.
    """
    coarse = np.append(edges[: edges.size - 1 : _group(edges)], edges[-1])
    size = coarse.size - 1
    masses = np.array([[pair.masses for pair in row] for row in found])
    windows = np.array([[_window(masses[:, k].sum(axis=axis)) for axis in (2, 1)] for k in range(masses.shape[1])])
    longest = int((windows[..., 1] - windows[..., 0]).max())
    group = ceil(longest / CELLS)
    cells = ceil(longest / group)
    tables, axes = [], []
    for k, (below, above) in enumerate(windows):
        begins = [min(int(first), size - min(size, cells * group)) for first in (below[0], above[0])]
        marks = [np.minimum(begin + group * np.arange(cells + 1), size) for begin in begins]
        part = masses[:, k, marks[0][0] : marks[0][-1], marks[1][0] : marks[1][-1]]
        part = np.add.reduceat(part, marks[0][:-1] - marks[0][0], axis=1)
        part = np.add.reduceat(part, marks[1][:-1] - marks[1][0], axis=2)
        axis = np.array([coarse[mark] for mark in marks])
        total = part.sum(axis=(1, 2), keepdims=True)
        tables.append(part / total / np.multiply.outer(np.diff(axis[0]), np.diff(axis[1])))
        axes.append(axis)
    spacing_edges, spacing_density = _spacings(edges, np.array([[pair.spacings for pair in row] for row in found]))
    return AdjacentPairs(
        edges=np.array(axes),
        density=np.stack(tables, axis=1),
        spacing_edges=spacing_edges,
        spacing_density=spacing_density,
        correlation=np.array([[pair.correlation for pair in row] for row in found]),
    )


def _group(edges: Array) -> int:
    """Cells that become one, so that at most `KEPT` are left."""
    return ceil((edges.size - 1) / KEPT)


def _window(masses: Array) -> tuple[int, int]:
    """First and end cell of what is not negligible, shape of `masses` (time, cell)."""
    inside = (np.cumsum(masses, axis=1) > NEGLIGIBLE) & (np.cumsum(masses[:, ::-1], axis=1)[:, ::-1] > NEGLIGIBLE)
    cells = np.flatnonzero(inside.any(axis=0))
    return int(cells[0]), int(cells[-1]) + 1


def _spacings(edges: Array, masses: Array) -> tuple[Array, Array]:
    """Rebin the spacings, shape (time, pair, FINE), to `BINS` bins up to the largest."""
    step = float(edges[-1] - edges[0]) / FINE
    above = np.cumsum(masses[..., ::-1], axis=-1)[..., ::-1] > NEGLIGIBLE
    spacing_edges, density = [], []
    for k in range(masses.shape[1]):
        reach = int(above[:, k].any(axis=0).sum())
        group = ceil(reach / BINS)
        marks = group * np.arange(BINS + 1)
        bins = np.add.reduceat(np.pad(masses[:, k], ((0, 0), (0, max(0, marks[-1] - FINE)))), marks[:-1], axis=1)
        density.append(bins / bins.sum(axis=1, keepdims=True) / (group * step))
        spacing_edges.append(marks * step)
    return np.array(spacing_edges), np.stack(density, axis=1)
