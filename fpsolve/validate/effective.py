"""How many independent values stand behind a histogram."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["autocorrelation_time", "pooled_size"]

Array = NDArray[np.float64]


def pooled_size(uniform: Array) -> float:
    """Effective number of independent values when the levels of each replica are put into one histogram.

    Replicas are independent, the levels of one replica are not (they repel). With c_r(u) the fraction of the levels of
    replica r with F(x) ≤ u, the pooled distribution function is the mean of the c_r and has the variance
    Var c_r(u)/R, where n independent values would have u(1 − u)/n. The size returned makes the two agree on average
    over u: n = R ∫u(1 − u)du / ∫Var c_r(u)du, estimated from the replicas themselves. Repulsion makes the counts
    stiffer than independent ones, so n may exceed the number of values.

    Parameters
    ----------
    uniform : ndarray, shape (replica, level)
        F(x), the predicted distribution function of the group at every value.

    Returns
    -------
    float
        R for a single level.
    """
    replicas, levels = uniform.shape
    if levels == 1:
        return float(replicas)
    grid = (np.arange(63) + 1.0) / 64.0
    expected = variance = 0.0
    for u in grid:
        fraction = np.mean(uniform <= u, axis=1)
        mean = float(np.mean(fraction))
        expected += mean * (1.0 - mean)
        variance += float(np.var(fraction, ddof=1))
    if variance <= 0.0:
        return float(replicas)
    return float(replicas * expected / variance)


def autocorrelation_time(series: Array, *, window: float = 5.0) -> float:
    """Integrated autocorrelation time τ = 1 + 2 Σ ρ(lag) of a chain, in records.

    The sum stops at the first lag that is `window` times the sum so far (Sokal, in Functional Integration, NATO ASI B
    361 (1997) 131, §3); n values of the chain are worth n/τ independent ones. At least 1.

    Parameters
    ----------
    series : ndarray, shape (record,)
    window : float
        5 keeps the bias below e^{−5} for an exponential decay.
    """
    n = series.size
    centred = series - np.mean(series)
    if n < 2 or not np.any(centred):
        return float(max(n, 1))
    spectrum = np.fft.rfft(centred, 2 * n)
    covariance = np.fft.irfft(np.abs(spectrum) ** 2)[:n]
    sums = 2.0 * np.cumsum(covariance / covariance[0]) - 1.0
    enough = np.nonzero(np.arange(n) >= window * sums)[0]
    stop = int(enough[0]) if enough.size else n - 1
    return max(float(sums[stop]), 1.0)
