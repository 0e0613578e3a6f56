"""Wasserstein distance of first order: the area between the two distribution functions."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from fpsolve.exact.tabulated import TabulatedLaw
from fpsolve.validate.comparison import Comparison, Finding
from fpsolve.validate.laws import panels

__all__ = ["wasserstein", "wasserstein_distance", "wasserstein_floor"]

Array = NDArray[np.float64]


def wasserstein(comparison: Comparison) -> Finding:
    """∫|F_n − F| dx divided by the prediction's standard deviation, with its standard error.

    `floor` is the value to expect from n_effective values of the prediction itself: a smaller distance cannot be seen
    with this sample. `bias` is the same distance with its sign, (mean of the sample − mean of the law)/std.
    """
    breaks, areas = _areas(comparison.pooled, comparison.law)
    distance = float(np.sum(np.abs(areas))) / comparison.std
    # To first order the distance moves with the mean of ∫_x^∞ sign(F_n − F) du.
    signed = np.sign(areas) * np.diff(breaks)
    to_the_right = np.concatenate([np.cumsum(signed[::-1])[::-1], [0.0]])
    moved = to_the_right[np.searchsorted(breaks, comparison.values)]
    extra: dict[str, object] = {
        "value_error": comparison.mean_error(moved) / comparison.std,
        "floor": wasserstein_floor(comparison.law, comparison.n_effective) / comparison.std,
        "bias": (float(np.mean(comparison.pooled)) - comparison.law.mean) / comparison.std,
        "bias_error": comparison.mean_error(comparison.values) / comparison.std,
    }
    return Finding(distance, None, comparison.n_effective, extra)


def wasserstein_distance(ordered: Array, law: TabulatedLaw) -> float:
    """∫|F_n(x) − F(x)| dx, exact for the piecewise cubic F, in the units of x.

    The axis is cut at every value and every edge of the table. On a panel F_n is constant and F one cubic that does not
    decrease, so two Gauss points integrate F − F_n exactly and it changes sign at most once; panels where it does are
    cut once more, at the root found by bisection.

    Parameters
    ----------
    ordered : ndarray, shape (value,)
        The sample in increasing order.
    law : TabulatedLaw
    """
    return float(np.sum(np.abs(_areas(ordered, law)[1])))


def _areas(ordered: Array, law: TabulatedLaw) -> tuple[Array, Array]:
    """Panels on which F_n − F keeps its sign: their ends, and ∫(F_n − F) dx over each."""
    breaks = np.unique(np.concatenate([ordered, law.edges]))
    level = np.searchsorted(ordered, breaks[:-1], side="right") / ordered.size
    ends = law.cdf(breaks)
    crosses = (ends[:-1] < level) & (level < ends[1:])
    roots = _roots(law, breaks[:-1][crosses], breaks[1:][crosses], level[crosses])
    cuts = np.searchsorted(breaks, roots)
    breaks, level = np.insert(breaks, cuts, roots), np.insert(level, cuts, level[cuts - 1])
    x, weights = panels(breaks, 2)
    return breaks, np.sum(weights * (level[:, None] - law.cdf(x)), axis=1)


def _roots(law: TabulatedLaw, low: Array, high: Array, level: Array) -> Array:
    """Where F reaches `level` inside each panel (low, high)."""
    for _ in range(60):
        middle = 0.5 * (low + high)
        below = law.cdf(middle) < level
        low, high = np.where(below, middle, low), np.where(below, high, middle)
    return 0.5 * (low + high)


def wasserstein_floor(law: TabulatedLaw, n: float) -> float:
    """Return the expected ∫|F_n − F| dx of n independent values of the law itself.

    √(2/π) ∫ [F(1 − F)/n]^{1/2} dx: F_n(x) is normal with that variance for large n.
    """
    x, weights = panels(law.edges, 8)
    distribution = law.cdf(x)
    return float(np.sqrt(2.0 / (np.pi * n)) * np.sum(weights * np.sqrt(distribution * (1.0 - distribution))))
