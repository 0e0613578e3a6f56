"""Beta-prime law: squared length of a weight vector with additive and multiplicative noise."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import betainc, betaln, xlog1py, xlogy

__all__ = ["BetaPrimeLaw"]

Array = NDArray[np.float64]


@dataclass(frozen=True)
class BetaPrimeLaw:
    """p(λ) ∝ λ^{m/2−1} (D_0 + D_1 λ)^{−1−γ/(2D_1)}, a gamma bulk with the tail P(Λ > λ) ~ λ^{−b}.

    The stationary law of λ = |w|² for dw = −γ w dt + √(2(D_0 + D_1|w|²)) dB (Itô) in m dimensions; with a = m/2 and
    b = 1 + γ/(2D_1) − m/2 > 0, λD_1/D_0 has the beta-prime law of parameters a, b.

    Attributes
    ----------
    a, b : float
        Exponents at 0 and in the tail.
    scale : float
        D_0/D_1.
    """

    a: float
    b: float
    scale: float

    @classmethod
    def from_noise(cls, dimension: int, *, decay: float, additive: float, multiplicative: float) -> BetaPrimeLaw:
        """Return the law for dimension m, decay γ, additive D_0 and multiplicative D_1."""
        half = 0.5 * dimension
        return cls(a=half, b=1.0 + decay / (2.0 * multiplicative) - half, scale=additive / multiplicative)

    def pdf(self, x: Array) -> Array:
        """Density; x ≥ 0."""
        y = np.asarray(x) / self.scale
        log = xlogy(self.a - 1.0, y) - xlog1py(self.a + self.b, y) - betaln(self.a, self.b)
        return np.asarray(np.exp(log) / self.scale)

    def cdf(self, x: Array) -> Array:
        """Distribution function; x ≥ 0."""
        y = np.asarray(x) / self.scale
        return np.asarray(betainc(self.a, self.b, y / (1.0 + y)))

    @property
    def mean(self) -> float:
        """Mean a/(b − 1) in units of the scale; inf if b ≤ 1."""
        return self.scale * self.a / (self.b - 1.0) if self.b > 1.0 else float("inf")
