"""Joint laws and spacings of adjacent levels from an ensemble of trajectories."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from fpsolve.results import AdjacentPairs

__all__ = ["pair_cells", "tabulate_pairs"]

Array = NDArray[np.float64]

FEWEST, MOST = 16, 128
LEAST = 4
LARGEST = 1 << 23  # entries of all joint densities together
SPACING_CELLS = (40, 400)


def pair_cells(fitting: int, number: int, records: int) -> int:
    """Cells along each axis of the joint densities.

    Parameters
    ----------
    fitting : int
        Cells in which the narrowest marginal has Scott's width 3.49 σ M^{−1/3}; in two dimensions it is 3.49 σ M^{−1/4}.
    number : int
        Trajectories M.
    records : int
        Joint densities: times · pairs.
    """
    wanted = math.ceil(fitting * number ** (1.0 / 4.0 - 1.0 / 3.0))
    return int(min(max(wanted, FEWEST), MOST, max(math.isqrt(LARGEST // records), LEAST)))


def tabulate_pairs(levels: Array, edges: Array, correlation: Array) -> AdjacentPairs:
    """Histogram all adjacent pairs and their spacings.

    Parameters
    ----------
    levels : ndarray, shape (time, trajectory, level)
        Ascending along the last axis.
    edges : ndarray, shape (level, cell + 1)
        Cells of the joint densities; what lies outside is missing from them.
    correlation : ndarray, shape (time, level − 1)
        Correlation coefficients of adjacent levels.
    """
    number, pairs = levels.shape[1], levels.shape[2] - 1
    both = np.stack([edges[:-1], edges[1:]], axis=1)
    widths = np.diff(both, axis=2)
    counts = np.stack([_joint_counts(record, edges) for record in levels])
    gaps = np.diff(levels, axis=2)
    widest = gaps.max(axis=(0, 1))
    # Levels that do not repel may coincide for good; their spacing still needs a cell of some width.
    widest = np.where(widest > 0.0, widest * (1.0 + 1e-9), 1.0)
    # Scott's width for the narrowest record.
    narrowest = gaps.std(axis=1).min(axis=0)
    least, most = SPACING_CELLS
    wanted = widest * number ** (1.0 / 3.0) / np.maximum(3.49 * narrowest, widest * number ** (1.0 / 3.0) / most)
    cells = min(max(math.ceil(wanted.max()), least), most)
    spacing_edges = np.linspace(0.0, widest, cells + 1, axis=1)
    spacing_counts = np.array(
        [[np.histogram(record[:, i], bins=spacing_edges[i])[0] for i in range(pairs)] for record in gaps]
    )
    return AdjacentPairs(
        edges=both,
        density=counts / (number * widths[:, 0, :, None] * widths[:, 1, None, :]),
        spacing_edges=spacing_edges,
        spacing_density=spacing_counts / (number * np.diff(spacing_edges, axis=1)),
        correlation=correlation,
    )


def _joint_counts(record: Array, edges: Array) -> Array:
    """Trajectories in every cell of every pair, shape (pair, cell, cell)."""
    cells = edges.shape[1] - 1
    place = np.stack([np.searchsorted(row, record[:, i], side="right") - 1 for i, row in enumerate(edges)], axis=1)
    inside = (place >= 0) & (place < cells)
    counts = np.empty((record.shape[1] - 1, cells, cells))
    for i in range(counts.shape[0]):
        kept = inside[:, i] & inside[:, i + 1]
        index = place[kept, i] * cells + place[kept, i + 1]
        counts[i] = np.bincount(index, minlength=cells * cells).reshape(cells, cells)
    return counts
