"""Gamma law: one Laguerre level, the squared length of a Gaussian vector."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammainc, gammaincc, gammaln, xlogy

__all__ = ["GammaLaw"]

Array = NDArray[np.float64]


@dataclass(frozen=True)
class GammaLaw:
    """p(x) = x^{a−1} e^{−x/θ}/(Γ(a) θ^a) on x > 0.

    |w|² of a vector of M entries N(0, σ²) has a = M/2, θ = 2σ².

    Attributes
    ----------
    shape, scale : float
        a > 0 and θ > 0.
    """

    shape: float
    scale: float

    def pdf(self, x: Array) -> Array:
        """Density."""
        y = np.asarray(x) / self.scale
        inside = np.exp(xlogy(self.shape - 1.0, np.maximum(y, 0.0)) - y - gammaln(self.shape)) / self.scale
        return np.where(y >= 0.0, inside, 0.0)

    def cdf(self, x: Array) -> Array:
        """Distribution function, the regularised lower incomplete gamma function."""
        return np.asarray(gammainc(self.shape, np.maximum(np.asarray(x) / self.scale, 0.0)))

    def sf(self, x: Array) -> Array:
        """1 − cdf with full relative accuracy in the upper tail."""
        return np.asarray(gammaincc(self.shape, np.maximum(np.asarray(x) / self.scale, 0.0)))

    @property
    def mean(self) -> float:
        """Mean aθ."""
        return self.shape * self.scale

    @property
    def std(self) -> float:
        """Standard deviation √a θ."""
        return float(np.sqrt(self.shape)) * self.scale
