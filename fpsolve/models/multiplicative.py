"""One level with additive and multiplicative noise: a gamma bulk with a power-law tail."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy.special import betaincinv

from fpsolve.grids.axis import Grading

__all__ = ["MultiplicativeLevel"]

Array = NDArray[np.float64]

# The cells reach to where this probability is left, but not farther than so many medians: a tail with a small exponent
# has no end.
_LEFT_OUT = 1e-6
_FARTHEST = 1e5


@dataclass(frozen=True)
class MultiplicativeLevel:
    """Squared length x = |w|² of a weight vector with dw = −λw dt + √(2(D_0 + D_1|w|²)) dB (Itô) on every entry.

    D = 4x(D_0 + D_1x),  b = −2λx + 4a(D_0 + D_1x),  e^{−Φ} = x^{a−1} (D_0 + D_1x)^{−1−λ/(2D_1)},

    with a = m/2 for a vector of m real entries. Itô's rule gives dx = 2w·dw + 2m(D_0 + D_1x)dt: the equation of x alone is
    closed, and the law of xD_1/D_0 is the beta-prime law of parameters a and b = 1 + λ/(2D_1) − a. D_1 → 0 returns
    `LaguerreLevel`.

    Attributes
    ----------
    shape : float
        a > 0.
    weight_decay : float
        λ [1/time].
    temperature : float
        D_0 > 0 [x/time], the additive noise.
    multiplicative : float
        D_1 > 0 [1/time].
    """

    shape: float
    weight_decay: float
    temperature: float
    multiplicative: float

    @property
    def tail(self) -> float:
        """b: P(X > x) ~ x^{−b}; a stationary law exists if it is positive."""
        return 1.0 + 0.5 * self.weight_decay / self.multiplicative - self.shape

    @property
    def walls(self) -> tuple[float, float]:
        """(0, ∞)."""
        return 0.0, np.inf

    @cached_property
    def anchors(self) -> tuple[tuple[float, float], ...]:
        """Median with half the distance of the quantiles around it (at most the median), and a point in the tail."""
        share = np.array([0.16, 0.5, 0.84])
        below, above = betaincinv(self.shape, self.tail, share), betaincinv(self.tail, self.shape, 1.0 - share)
        low, median, high = (self.temperature / self.multiplicative * below / above).tolist()
        # 1 − u directly: next to 1 the quantile of u has no digits left for it.
        rest = float(betaincinv(self.tail, self.shape, _LEFT_OUT))
        far = self.temperature / self.multiplicative * (1.0 - rest) / max(rest, 1e-300)
        far = min(far, _FARTHEST * median)
        return (median, min(0.5 * (high - low), median)), (far, 0.1 * far)

    @property
    def grading(self) -> Grading:
        """Square root: the density is a power of x at 0, a regular function of √x."""
        return "sqrt"

    def diffusion(self, x: Array) -> Array:
        """D = 4x(D_0 + D_1x)."""
        return np.asarray(4.0 * x * (self.temperature + self.multiplicative * x))

    def diffusion_slope(self, x: Array) -> Array:
        """D' = 4D_0 + 8D_1x."""
        return np.asarray(4.0 * self.temperature + 8.0 * self.multiplicative * x, dtype=np.float64)

    def confinement(self, x: Array) -> Array:
        """Φ = (1 + λ/(2D_1)) ln(1 + D_1x/D_0) − (a − 1) ln x."""
        power = 1.0 + 0.5 * self.weight_decay / self.multiplicative
        with np.errstate(divide="ignore"):
            well = power * np.log1p(self.multiplicative / self.temperature * x)
            return np.asarray(well - (self.shape - 1.0) * np.log(x))

    def confinement_slope(self, x: Array) -> Array:
        """Φ' = (D_1 + λ/2)/(D_0 + D_1x) − (a − 1)/x."""
        pull = (self.multiplicative + 0.5 * self.weight_decay) / (self.temperature + self.multiplicative * x)
        return np.asarray(pull - (self.shape - 1.0) / x)

    def confinement_curvature(self, x: Array) -> Array:
        """Φ'' = (a − 1)/x² − D_1(D_1 + λ/2)/(D_0 + D_1x)²."""
        noise = self.temperature + self.multiplicative * x
        softening = self.multiplicative * (self.multiplicative + 0.5 * self.weight_decay)
        return np.asarray((self.shape - 1.0) / (x * x) - softening / (noise * noise))

    def drift(self, x: Array) -> Array:
        """Itô drift b = −2λx + 4a(D_0 + D_1x)."""
        return np.asarray(4.0 * self.shape * (self.temperature + self.multiplicative * x) - 2.0 * self.weight_decay * x)

    def with_noise(self, factor: float) -> MultiplicativeLevel:
        """D_0 and D_1 times `factor`."""
        return replace(self, temperature=self.temperature * factor, multiplicative=self.multiplicative * factor)
