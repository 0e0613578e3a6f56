"""Cramér–von Mises: the mean square distance of the two distribution functions."""

from __future__ import annotations

import numpy as np

from fpsolve.validate.comparison import Comparison, Finding

__all__ = ["cramervonmises", "cramervonmises_tail"]

BEYOND = 8.0  # the tail falls like exp(−π²x/2): here it is below rounding, and the series would need ever more terms


def cramervonmises(comparison: Comparison) -> Finding:
    """T = n ∫(F_n − F)² dF with its p-value; n is n_effective, so that T keeps its meaning for pooled levels.

    For a single level and independent replicas T is the usual 1/(12n) + Σ[(2i − 1)/(2n) − F(x_i)]². The detail
    `omega_squared` = T/n does not grow with the sample. The p-value is that of the limit n → ∞, right to about 1/n.
    """
    uniform = comparison.uniform
    n = uniform.size
    middles = (2.0 * np.arange(1, n + 1) - 1.0) / (2.0 * n)
    omega_squared = float(np.mean((middles - uniform) ** 2)) + 1.0 / (12.0 * n * n)
    statistic = comparison.n_effective * omega_squared
    p_value = cramervonmises_tail(statistic) if comparison.independent else None
    # To first order ω² moves with the mean of 2∫_{F(x)}^1 (F_n − u) du.
    tails = np.concatenate([np.cumsum((1.0 - uniform)[::-1])[::-1][1:], [0.0]])
    counts = np.arange(1, n + 1)
    ordered = 2.0 * (counts * (1.0 - uniform) + tails) / n - (1.0 - uniform**2)
    error = comparison.mean_error(ordered[np.searchsorted(comparison.pooled, comparison.values)])
    extra: dict[str, object] = {
        "value_error": comparison.n_effective * error,
        "omega_squared": omega_squared,
        "omega_squared_error": error,
    }
    return Finding(statistic, p_value, comparison.n_effective, extra)


def cramervonmises_tail(statistic: float) -> float:
    """Probability that the limiting Cramér–von Mises statistic exceeds `statistic`.

    1 − π^{−3/2} x^{−1/2} Σ_k Γ(k + ½)/k! (4k + 1)^{1/2} e^{−y_k} K_{1/4}(y_k), y_k = (4k + 1)²/(16x) (Csörgő and
    Faraway, J. R. Statist. Soc. B 58 (1996) 221, eq. 1.2). Rounding leaves 1e-15.
    """
    from scipy.special import gammaln, kve

    if statistic > BEYOND:
        return 0.0
    k = np.arange(40)
    y = (4.0 * k + 1.0) ** 2 / (16.0 * statistic)
    weights = np.exp(gammaln(k + 0.5) - gammaln(k + 1.0)) * np.sqrt(4.0 * k + 1.0)
    total = float(np.sum(weights * np.exp(-2.0 * y) * kve(0.25, y)))
    return float(np.clip(1.0 - total / (np.pi**1.5 * np.sqrt(statistic)), 0.0, 1.0))
