"""Histograms of levels: bins and their heights."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

__all__ = ["bar_heights", "freedman_diaconis", "pooled_edges", "pooled_heights"]

Array = NDArray[np.float64]

_MOST_BINS = 200
_REACH = 12.0  # a heavy tail is cut this many interquartile ranges from the median


def freedman_diaconis(values: Array) -> Array:
    """Bin edges of width 2·IQR·n^{−1/3} over the range of the values, at most 200 bins.

    Freedman and Diaconis, Z. Wahrscheinlichkeitstheorie 57 (1981) 453. Values without a spread get one bin.

    Parameters
    ----------
    values : ndarray
        Finite numbers, at least one; any shape.
    """
    lower, middle, upper = np.quantile(values, [0.25, 0.5, 0.75])
    spread = float(upper - lower)
    first, last = float(np.min(values)), float(np.max(values))
    if spread <= 0.0 or not first < last:
        half = 0.5 * max(last - first, 1e-6 * max(abs(float(middle)), 1.0))
        return np.array([middle - half, middle + half])
    first, last = max(first, middle - _REACH * spread), min(last, middle + _REACH * spread)
    count = int(np.clip(np.ceil((last - first) * values.size ** (1.0 / 3.0) / (2.0 * spread)), 1, _MOST_BINS))
    return np.linspace(first, last, count + 1)


def pooled_edges(levels: Array, groups: Sequence[Sequence[int]], *, most: int = _MOST_BINS) -> Array:
    """Bin edges over the range of all levels, as narrow as the narrowest group asks for: wider ones would hide its peak.

    Parameters
    ----------
    levels : ndarray, shape (replica, level)
    groups : sequence of sequence of int
        Levels that make one peak.
    most : int
        Most bins.
    """
    width = min(float(np.min(np.diff(freedman_diaconis(levels[:, list(group)])))) for group in groups)
    low, high = float(np.min(levels)), float(np.max(levels))
    return np.linspace(low, high, int(np.clip(np.ceil((high - low) / width), 1, most)) + 1)


def pooled_heights(levels: Array, edges: Array) -> tuple[Array, Array]:
    """Histogram of several levels of each replica, with errors that know that levels of one replica repel each other.

    Parameters
    ----------
    levels : ndarray, shape (replica, level)
    edges : ndarray, shape (bin + 1,)
        All levels outside the bins are left out, but counted in the normalisation.

    Returns
    -------
    heights, errors : ndarray, shape (bin,)
        Density of a level, and the standard errors of a mean over replicas.
    """
    replicas, count = levels.shape[0], edges.size - 1
    bins = np.searchsorted(edges, levels, side="right")
    bins[levels == edges[-1]] = count
    places = (np.arange(replicas)[:, None] * (count + 2) + bins).ravel()
    # Levels that each replica has in each bin; the outermost two columns are outside.
    table = np.bincount(places, minlength=replicas * (count + 2)).reshape(replicas, count + 2)[:, 1:-1]
    errors = np.std(table, axis=0, ddof=min(1, replicas - 1)) * np.sqrt(replicas)
    return bar_heights(table.sum(axis=0), edges, levels.size), bar_heights(errors, edges, levels.size)


def bar_heights(counts: NDArray[np.float64] | NDArray[np.int64], edges: Array, total: float) -> Array:
    """Bin averages of a density: share of `total` per bin width, right for bins of any width."""
    return np.asarray(counts / (total * np.diff(edges)), dtype=np.float64)
