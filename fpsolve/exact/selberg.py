"""Normalisation integrals of Selberg type, ordered: what exact gases are held against.

All are over x_1 < … < x_N and any β ≥ 0 (A. Selberg, Norsk Mat. Tidsskr. 26 (1944) 71; P. Forrester and S. Warnaar, Bull.
Amer. Math. Soc. 45 (2008) 489, eqs. 1.1, 1.17, 1.18); the integrals over all orders are N! times larger.
"""

from __future__ import annotations

import numpy as np
from scipy.special import gammaln

__all__ = ["jacobi_log_norm", "laguerre_log_norm", "mehta_log_norm"]


def mehta_log_norm(levels: int, *, beta: float, std: float = 1.0) -> float:
    """Logarithm of ∫ ∏|x_i − x_j|^β ∏ e^{−x_i²/(2σ²)} (Mehta).

    It is σ^{N + βN(N−1)/2} (2π)^{N/2} ∏_{j=1}^N Γ(1 + jβ/2)/Γ(1 + β/2) / N!
    """
    steps = np.arange(1, levels + 1)
    gammas = np.sum(gammaln(1.0 + 0.5 * beta * steps) - gammaln(1.0 + 0.5 * beta))
    scale = (levels + 0.5 * beta * levels * (levels - 1)) * np.log(std)
    return float(0.5 * levels * np.log(2.0 * np.pi) + gammas + scale - gammaln(levels + 1.0))


def laguerre_log_norm(levels: int, *, p: float, beta: float, scale: float = 1.0) -> float:
    """Logarithm of ∫ ∏|x_i − x_j|^β ∏ x_i^p e^{−x_i/θ} on x > 0, p > −1, θ = `scale`.

    θ^{N(p+1) + βN(N−1)/2} ∏_{j=0}^{N−1} Γ(p + 1 + jβ/2) Γ(1 + (j+1)β/2)/Γ(1 + β/2) / N!
    """
    steps = 0.5 * beta * np.arange(levels)
    gammas = np.sum(gammaln(p + 1.0 + steps) + gammaln(1.0 + steps + 0.5 * beta) - gammaln(1.0 + 0.5 * beta))
    power = levels * (p + 1.0) + 0.5 * beta * levels * (levels - 1)
    return float(gammas + power * np.log(scale) - gammaln(levels + 1.0))


def jacobi_log_norm(levels: int, *, p: float, q: float, beta: float) -> float:
    """Logarithm of ∫ ∏|x_i − x_j|^β ∏ x_i^p (1 − x_i)^q on (0, 1), p, q > −1: Selberg's integral over N!."""
    steps = 0.5 * beta * np.arange(levels)
    above = gammaln(p + 1.0 + steps) + gammaln(q + 1.0 + steps) + gammaln(1.0 + steps + 0.5 * beta)
    below = gammaln(p + q + 2.0 + steps + 0.5 * beta * (levels - 1)) + gammaln(1.0 + 0.5 * beta)
    return float(np.sum(above - below) - gammaln(levels + 1.0))
