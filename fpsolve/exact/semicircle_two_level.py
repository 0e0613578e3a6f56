"""Two degenerate levels: the two-level form of the Wigner semicircle, pooled and level by level."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import erf, erfc

__all__ = ["BINDER", "TwoLevelSemicircle"]

Array = NDArray[np.float64]

BINDER = -4.0 / 27.0
"""⟨y⁴⟩/(3⟨y²⟩²) − 1 of both levels pooled, y = x − centre (the usual Binder cumulant has the opposite sign)."""


@dataclass(frozen=True)
class TwoLevelSemicircle:
    """P(x_1, x_2) ∝ |x_1 − x_2| exp{−[(x_1 − c)² + (x_2 − c)²]/(2σ²)} on x_1 < x_2 (arXiv:2407.16427).

    The pooled density is ρ(x) = e^{−y²/2}[2e^{−y²/2} + √(2π) y erf(y/√2)]/(4√π σ) with y = (x − c)/σ.

    Attributes
    ----------
    centre : float
        c.
    sigma : float
        σ, the standard deviation of the Gaussian weight (that of a level is √(3/2) σ when both are pooled).
    """

    centre: float
    sigma: float

    def pdf(self, x: Array) -> Array:
        """Density of both levels pooled."""
        y = (np.asarray(x) - self.centre) / self.sigma
        gauss = np.exp(-0.5 * y * y)
        shape = gauss * (2.0 * gauss + np.sqrt(2.0 * np.pi) * y * erf(y / np.sqrt(2.0)))
        return np.asarray(shape / (4.0 * np.sqrt(np.pi) * self.sigma))

    def cdf(self, x: Array) -> Array:
        """Distribution function of both levels pooled: ½(1 + erf y) − e^{−y²/2} erf(y/√2)/(2√2)."""
        y = (np.asarray(x) - self.centre) / self.sigma
        tail = np.exp(-0.5 * y * y) * erf(y / np.sqrt(2.0)) / np.sqrt(8.0)
        return np.asarray(0.5 * (1.0 + erf(y)) - tail)

    def level_pdf(self, x: Array, level: int) -> Array:
        """Density of the lower (0) or the upper (1) level."""
        y = (np.asarray(x) - self.centre) / self.sigma * (1.0 if level == 1 else -1.0)
        gauss = np.exp(-0.5 * y * y)
        shape = gauss * (gauss + np.sqrt(0.5 * np.pi) * y * erfc(-y / np.sqrt(2.0)))
        return np.asarray(shape / (np.sqrt(np.pi) * 2.0 * self.sigma))

    def level_cdf(self, x: Array, level: int) -> Array:
        """Distribution function of the lower (0) or the upper (1) level.

        Upper: ½(1 + erf y) − e^{−y²/2} erfc(−y/√2)/(2√2); the lower one is its mirror image.
        """
        y = (np.asarray(x) - self.centre) / self.sigma
        gauss = np.exp(-0.5 * y * y) / np.sqrt(8.0)
        sign = -1.0 if level == 1 else 1.0
        return np.asarray(0.5 * erfc(-y) + sign * gauss * erfc(sign * y / np.sqrt(2.0)))

    @property
    def variance(self) -> float:
        """⟨y²⟩ = 3σ²/2 about the centre, both levels pooled."""
        return 1.5 * self.sigma**2

    @property
    def fourth_moment(self) -> float:
        """⟨y⁴⟩ = 23σ⁴/4 about the centre, both levels pooled."""
        return 5.75 * self.sigma**4

    @property
    def level_mean(self) -> tuple[float, float]:
        """Means of the lower and the upper level, c ∓ √π σ/2."""
        half = 0.5 * float(np.sqrt(np.pi)) * self.sigma
        return self.centre - half, self.centre + half

    @property
    def level_std(self) -> float:
        """Standard deviation of either level, σ √(3/2 − π/4)."""
        return self.sigma * float(np.sqrt(1.5 - 0.25 * np.pi))
