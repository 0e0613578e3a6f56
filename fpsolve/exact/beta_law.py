"""Beta law: one Jacobi level."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import betainc, betaln, xlog1py, xlogy

__all__ = ["BetaLaw"]

Array = NDArray[np.float64]


@dataclass(frozen=True)
class BetaLaw:
    """p(x) = x^{a−1}(1 − x)^{b−1}/B(a, b) on (0, 1); one Jacobi level has a = p + 1, b = q + 1.

    Attributes
    ----------
    a, b : float
        Both > 0.
    """

    a: float
    b: float

    def pdf(self, x: Array) -> Array:
        """Density; x in [0, 1]."""
        return np.asarray(np.exp(xlogy(self.a - 1.0, x) + xlog1py(self.b - 1.0, -x) - betaln(self.a, self.b)))

    def cdf(self, x: Array) -> Array:
        """Distribution function, the regularised incomplete beta function."""
        return np.asarray(betainc(self.a, self.b, np.clip(x, 0.0, 1.0)))

    @property
    def mean(self) -> float:
        """Mean a/(a + b)."""
        return self.a / (self.a + self.b)

    @property
    def std(self) -> float:
        """Standard deviation."""
        total = self.a + self.b
        return float(np.sqrt(self.a * self.b / (total + 1.0))) / total
