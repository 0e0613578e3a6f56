"""Unfolded spacings: many levels in units of their local mean spacing."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike, NDArray

from fpsolve.errors import MethodError, SampleError

__all__ = ["bulk_spacings", "unfold_by_average", "unfold_by_law"]

Array = NDArray[np.float64]

_FEWEST_AVERAGED = 8


def unfold_by_law(levels: ArrayLike, cdf: Callable[[Array], Array]) -> Array:
    """Spacings of ξ = N·F(x), F the distribution function of the predicted mean density of all levels.

    No fit: mean 1 is a result, not an input, and long-range fluctuations of the spectrum stay in the spacings.

    Parameters
    ----------
    levels : array_like, shape (replica, level)
    cdf : callable
        F of a level drawn at random, from 0 to 1, e.g. that of a Marchenko–Pastur law or of a pooled density.

    Returns
    -------
    ndarray, shape (replica, level − 1)
        To be held against a law by `judge_spacings`.

    Raises
    ------
    SampleError
        Fewer than two levels, or numbers that are not finite.
    """
    ordered = _ordered(levels)
    unfolded = ordered.shape[1] * np.asarray(cdf(ordered), dtype=np.float64)
    return np.asarray(np.diff(unfolded, axis=1))


def unfold_by_average(levels: ArrayLike, *, window: int = 0) -> Array:
    """Spacings over their local average: of spacing i in all replicas, and of its neighbours up to `window` places away.

    For many replicas the default compares spacing i with its own ensemble mean. One large spectrum needs a window; the
    average of m = replicas·(2·window + 1) spacings contains the spacing itself, which narrows the law by O(1/m), less where levels repel. Near the
    ends of the spectrum the window is cut off.

    Parameters
    ----------
    levels : array_like, shape (replica, level)
    window : int

    Returns
    -------
    ndarray, shape (replica, level − 1)
        To be held against a law by `judge_spacings` with ``scaled=True``.

    Raises
    ------
    MethodError
        A negative window.
    SampleError
        Fewer than two levels, numbers that are not finite, averages of fewer than 8 spacings, or levels that coincide in
        all of an average.
    """
    if window < 0:
        msg = f"the window of an unfolding cannot be negative: {window}"
        raise MethodError(msg)
    spacings = np.diff(_ordered(levels), axis=1)
    count = spacings.shape[1]
    index = np.arange(count)
    first, last = np.maximum(index - window, 0), np.minimum(index + window + 1, count)
    averaged = spacings.shape[0] * int(np.min(last - first))
    if averaged < _FEWEST_AVERAGED:
        msg = f"a local average over {averaged} spacings is none: take more replicas or a wider window"
        raise SampleError(msg)
    sums = np.concatenate([[0.0], np.cumsum(np.mean(spacings, axis=0))])
    local = (sums[last] - sums[first]) / (last - first)
    if np.any(local <= 0.0):
        msg = "levels that always coincide have no mean spacing to unfold with"
        raise SampleError(msg)
    return np.asarray(spacings / local)


def bulk_spacings(spacings: Array, share: float) -> Array:
    """The middle columns of unfolded spacings, away from the edges of the spectrum.

    Parameters
    ----------
    spacings : ndarray, shape (replica, spacing)
    share : float
        How many of the columns are kept, in (0, 1]; at least one.

    Raises
    ------
    MethodError
        A share outside (0, 1].
    """
    if not 0.0 < share <= 1.0:
        msg = f"the share of spacings taken as the bulk must lie in (0, 1], not {share}"
        raise MethodError(msg)
    count = spacings.shape[1]
    kept = max(1, round(share * count))
    first = (count - kept) // 2
    return spacings[:, first : first + kept]


def _ordered(levels: ArrayLike) -> Array:
    array = np.asarray(levels, dtype=np.float64)
    if array.ndim != 2 or array.shape[0] == 0 or array.shape[1] < 2 or not np.all(np.isfinite(array)):
        msg = f"an unfolding needs finite levels of shape (replica, level) with two levels or more, not {array.shape}"
        raise SampleError(msg)
    return np.sort(array, axis=1)
