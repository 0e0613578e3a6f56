"""Spacing of two neighbouring levels from a table of their joint law."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from fpsolve.kernels.spacing import spacing_histogram

__all__ = ["pair_spacing", "spacing_masses"]

Array = NDArray[np.float64]

_NEGLIGIBLE = 1e-10  # cells that hold less of the whole are left out
_LEFT_OUT = 1e-4  # probability beyond the last spacing of a table
_FEWEST, _MOST = 16, 60


def spacing_masses(lower_edges: Array, upper_edges: Array, masses: Array, spacing_edges: Array) -> Array:
    """Probability of every bin of S = y − x for a pair of levels x < y known by masses of cells.

    Inside a cell the joint law is taken proportional to y − x, as neighbouring levels with β = 1 repel each other, so
    that P(S) starts like S and a cell that the diagonal cuts is right. The error is of second order in the widths of
    the cells.

    Parameters
    ----------
    lower_edges, upper_edges : ndarray, shapes (a + 1,) and (b + 1,)
        Cell edges in x of the lower and of the upper level.
    masses : ndarray, shape (a, b)
        Probability of each cell; of a cell that the diagonal cuts, all of it lies where the levels are in order.
    spacing_edges : ndarray, shape (bin + 1,)
        Edges of the bins of S, increasing, ≥ 0.

    Returns
    -------
    ndarray, shape (bin,)
        Shares of the whole mass of the table.
    """
    # Rounding alone does not make a bin.
    kept = np.where(masses > _NEGLIGIBLE * np.sum(masses), masses, 0.0)
    out = np.zeros(spacing_edges.size - 1)
    spacing_histogram(lower_edges, upper_edges, kept, spacing_edges, out)
    return np.asarray(out / np.sum(kept))


def pair_spacing(lower_edges: Array, upper_edges: Array, masses: Array) -> tuple[Array, Array]:
    """Tabulate the density of the spacing of a pair, on bins that fit its cells and hold all but 1e-4 of it.

    Parameters
    ----------
    lower_edges, upper_edges, masses
        As for `spacing_masses`.

    Returns
    -------
    edges : ndarray, shape (bin + 1,)
        Bins of S from 0, about as wide as the cells that hold the pair.
    density : ndarray, shape (bin,)
        Averages over the bins; the integral is 1.
    """
    middles = 0.5 * (upper_edges[None, 1:] + upper_edges[None, :-1] - lower_edges[1:, None] - lower_edges[:-1, None])
    order = np.argsort(middles, axis=None)
    cumulative = np.cumsum(masses.ravel()[order])
    last = int(np.searchsorted(cumulative, (1.0 - _LEFT_OUT) * cumulative[-1]))
    reach = float(middles.ravel()[order[last]])
    widths = np.diff(lower_edges)
    profile = masses.sum(axis=1) / widths
    width = float(np.mean(widths[profile > 1e-3 * np.max(profile)]))
    edges = np.linspace(0.0, reach, int(np.clip(reach / width, _FEWEST, _MOST)) + 1)
    shares = spacing_masses(lower_edges, upper_edges, masses, edges)
    return edges, shares / (np.sum(shares) * np.diff(edges))
