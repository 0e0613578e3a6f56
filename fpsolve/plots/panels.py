"""A grid of panels, one per level or histogram, on a figure that belongs to nobody else."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from fpsolve.plots.style import COLUMN

__all__ = ["extent", "panels", "visible_top"]


def panels(count: int, *, height: float = 2.4, columns: int = 2) -> tuple[Figure, list[Axes]]:
    """Make a figure with `count` panels, each one column wide.

    Parameters
    ----------
    count : int
        Number of panels.
    height : float
        Height of a panel in inches.
    columns : int
        Most panels side by side.

    Returns
    -------
    figure : Figure
        Not known to pyplot: it works without a display and is freed when it is dropped.
    axes : list of Axes
        `count` panels, row by row.
    """
    across = min(count, columns)
    rows = -(-count // across)
    figure = Figure(figsize=(COLUMN * across, height * rows))
    grid: NDArray[Any] = np.asarray(figure.subplots(rows, across, squeeze=False)).ravel()
    for spare in grid[count:]:
        spare.remove()
    return figure, list(grid[:count])


def extent(edges: NDArray[np.float64], *densities: NDArray[np.float64], share: float = 1e-3) -> tuple[float, float]:
    """Find the cells in which any density exceeds `share` of its own peak, with a small margin inside the edges.

    Parameters
    ----------
    edges : ndarray, shape (cell + 1,)
    *densities : ndarray, shape (cell,) or (row, cell)
    share : float
        What counts as visible.
    """
    rows = np.concatenate([np.atleast_2d(density) for density in densities])
    peaks = np.max(np.abs(rows), axis=1, keepdims=True)
    seen = np.flatnonzero(np.any((np.abs(rows) > share * peaks) & (peaks > 0.0), axis=0))
    if seen.size == 0:
        return float(edges[0]), float(edges[-1])
    first, last = float(edges[seen[0]]), float(edges[seen[-1] + 1])
    margin = 0.04 * (last - first)
    return max(first - margin, float(edges[0])), min(last + margin, float(edges[-1]))


def visible_top(edges: NDArray[np.float64], densities: NDArray[np.float64], *, share: float = 0.02) -> float:
    """Find a height for the axis that shows nearly all of every density, but is not ruled by a spike.

    The height h of one density leaves at most `share` of its mass above it, ∫(p − h)₊ dx ≤ share · ∫p dx; a quarter
    is added. A smooth peak is then inside; a density that diverges at a wall leaves the axes there.

    Parameters
    ----------
    edges : ndarray, shape (cell + 1,)
    densities : ndarray, shape (row, cell)
    share : float
    """
    widths = np.diff(edges)
    tops = []
    for row in densities:
        order = np.argsort(row)[::-1]
        heights, sizes = row[order], np.cumsum(widths[order])
        # Mass above the height of the k-th highest cell, for every k.
        above = np.cumsum(heights * widths[order]) - heights * sizes
        last = int(np.searchsorted(above, share * float(np.sum(row * widths)), side="right")) - 1
        tops.append(min(1.05 * float(heights[0]), 1.25 * float(heights[max(last, 0)])))
    return max(tops, default=0.0)
