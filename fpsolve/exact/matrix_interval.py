"""Probability that all levels of a random matrix lie in an interval."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaln

from fpsolve.exact.gas_panels import INTEGRATION, NODES, POINTS, RULE

__all__ = ["symmetric_within", "wishart_within"]

Array = NDArray[np.float64]

# The largest singular value exceeds √M + √N, the largest eigenvalue √(2N), by more than this with less than e^{−81/2} = 3e-18.
_BEYOND = 9.0
_LARGE = 1e100


def wishart_within(rows: int, levels: int, lower: float, upper: float) -> float:
    """P(lower ≤ x_1, x_N ≤ upper) for the squared singular values of an M×N matrix of standard normal entries.

    With q_j of degree j the ordered integral of ∏_{i<j}(x_j − x_i) ∏ w(x_i) over an interval is, up to a factor, the
    Pfaffian of ∫∫ sgn(y − x) q_j(x) q_k(y) w(x) w(y) dx dy, for odd N bordered with ∫ q_j w (de Bruijn, J. Indian Math.
    Soc. 19 (1955) 133; M. Chiani, IEEE Trans. Inf. Theory 63 (2017) 4521). In r = √x the functions q_j w dx/dr are made
    orthonormal (Laguerre), so that no digits are lost in the determinants.

    Parameters
    ----------
    rows, levels : int
        M ≥ N.
    lower, upper : float
        In units of the variance of an entry; infinite where there is no end.
    """
    end = float(np.sqrt(rows) + np.sqrt(levels)) + _BEYOND
    ends = float(np.sqrt(max(lower, 0.0))), float(np.sqrt(max(upper, 0.0)))
    return _within(lambda r: _laguerre(rows, levels, r), levels, ends, (0.0, end))


def symmetric_within(levels: int, lower: float, upper: float) -> float:
    """P(lower ≤ x_1, x_N ≤ upper) for the eigenvalues of a real symmetric N×N matrix, weight e^{−x²/2}, as `wishart_within`.

    Its diagonal has the variance 1, the other entries 1/2.
    """
    end = float(np.sqrt(2.0 * levels)) + _BEYOND
    return _within(lambda x: _hermite(levels, x), levels, (lower, upper), (-end, end))


def _within(
    functions: Callable[[Array], Array], levels: int, ends: tuple[float, float], all_of_it: tuple[float, float]
) -> float:
    """Ratio of the Pfaffians over an interval and over the whole range."""
    low, high = max(ends[0], all_of_it[0]), min(ends[1], all_of_it[1])
    if (low, high) == all_of_it:
        return 1.0
    if not low < high:
        return 0.0
    part, whole = (_log_pfaffian(functions, levels, interval) for interval in ((low, high), all_of_it))
    return float(np.exp(min(part - whole, 0.0)))


def _log_pfaffian(functions: Callable[[Array], Array], levels: int, ends: tuple[float, float]) -> float:
    """Logarithm of the Pfaffian of the skew products of all functions over an interval."""
    # The highest function has `levels` zeros over its whole range.
    panels = 8 + 2 * levels
    edges = np.linspace(*ends, panels + 1)
    half = 0.5 * np.diff(edges)
    r = edges[:-1, None] + half[:, None] * (1.0 + NODES)
    values = functions(r.ravel()).reshape(levels, panels, POINTS)
    inside = half[:, None] * (values @ INTEGRATION)
    totals = half * (values @ RULE)
    before = np.cumsum(totals, axis=1) - totals
    whole = totals.sum(axis=1)
    # ∫∫ q_j(s) q_k(r) over s < r, less the other half of the square
    rise = before[:, :, None] + inside
    skew = (rise * np.outer(half, RULE)).reshape(levels, -1) @ values.reshape(levels, -1).T
    skew = skew - skew.T
    if levels % 2:
        skew = np.block([[skew, whole[:, None]], [-whole[None, :], np.zeros((1, 1))]])
    return 0.5 * float(np.linalg.slogdet(skew)[1])


def _laguerre(rows: int, levels: int, r: Array) -> Array:
    """Functions √2 r^{M−N} e^{−r²/2} L_j^{(α)}(r²)/norm, α = M − N − 1/2, orthonormal on r > 0, shape (level, point)."""
    alpha = rows - levels - 0.5
    x = r * r
    log = 0.5 * (np.log(2.0) - gammaln(alpha + 1.0) - x) + (rows - levels) * np.log(r)
    j = np.arange(levels + 1.0)
    forth = np.sqrt(j * (j + alpha))
    return _recurred(log, lambda k: (2 * k + 1 + alpha - x) / forth[k + 1], forth[:-1] / forth[1:])


def _hermite(levels: int, x: Array) -> Array:
    """Functions H_j(x) e^{−x²/2}/norm, orthonormal on the line, shape (level, point)."""
    j = np.arange(levels + 1.0)
    return _recurred(-0.5 * x * x - 0.25 * np.log(np.pi), lambda k: np.sqrt(2.0 / (k + 1)) * x, np.sqrt(j[:-1] / j[1:]))


def _recurred(log: Array, slope: Callable[[int], Array], back: Array) -> Array:
    """Functions f_{j+1} = slope_j f_j − back_j f_{j−1} from the logarithm of f_0, shape (level, point)."""
    log = log.copy()
    now, old = np.ones_like(log), np.zeros_like(log)
    found = np.empty((back.size, log.size))
    for j in range(back.size):
        found[j] = now * np.exp(log)
        now, old = slope(j) * now - back[j] * old, now
        # The polynomials grow as fast as the weight falls.
        large = np.abs(now) > _LARGE
        now[large], old[large], log[large] = now[large] / _LARGE, old[large] / _LARGE, log[large] + np.log(_LARGE)
    return found
