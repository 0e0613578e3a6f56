"""Inverse gamma law: one level with multiplicative noise and a source, a power-law tail."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaincc, gammaln

__all__ = ["InverseGammaLaw"]

Array = NDArray[np.float64]


@dataclass(frozen=True)
class InverseGammaLaw:
    """p(x) = s^a x^{−a−1} e^{−s/x}/Γ(a) on x > 0; P(X > x) ~ x^{−a}.

    The stationary law of dx = (k_0 + a_1 x) dt + √(2c) x dB has a = 1 − a_1/c and s = k_0/c.

    Attributes
    ----------
    shape, scale : float
        a > 0, the tail exponent, and s > 0.
    """

    shape: float
    scale: float

    def pdf(self, x: Array) -> Array:
        """Density."""
        y = self.scale / np.asarray(x)
        return np.asarray(np.exp((self.shape + 1.0) * np.log(y) - y - gammaln(self.shape)) / self.scale)

    def cdf(self, x: Array) -> Array:
        """Distribution function, the regularised upper incomplete gamma function of s/x."""
        with np.errstate(divide="ignore"):
            return np.asarray(gammaincc(self.shape, self.scale / np.maximum(np.asarray(x, dtype=np.float64), 0.0)))

    @property
    def mean(self) -> float:
        """Mean s/(a − 1); inf if a ≤ 1."""
        return self.scale / (self.shape - 1.0) if self.shape > 1.0 else float("inf")

    @property
    def std(self) -> float:
        """Standard deviation s/[(a − 1)√(a − 2)]; inf if a ≤ 2."""
        return self.mean / float(np.sqrt(self.shape - 2.0)) if self.shape > 2.0 else float("inf")
