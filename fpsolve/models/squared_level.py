"""A level in a harmonic well, seen as its square."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from fpsolve.grids.axis import Grading

__all__ = ["SquaredLevel"]

Array = NDArray[np.float64]


@dataclass(frozen=True)
class SquaredLevel:
    """x = ξ² for dξ = −Ω(ξ − ξ_t) dt + √(2g²) dB with ξ reflected at 0.

    D = 4g²x,  b = 2Ω√x(ξ_t − √x) + 2g²,  Φ = (√x − ξ_t)²/(2σ²) + ½ ln x, σ² = g²/Ω.

    Attributes
    ----------
    stiffness : float
        Ω > 0 [1/time].
    centre : float
        ξ_t > 0.
    g2 : float
        Diffusion g² of ξ [ξ²/time].
    """

    stiffness: float
    centre: float
    g2: float

    @property
    def walls(self) -> tuple[float, float]:
        """(0, ∞)."""
        return 0.0, np.inf

    @property
    def anchors(self) -> tuple[tuple[float, float], ...]:
        """Mean and standard deviation of ξ² without the wall, ξ_t² + σ² and √(4ξ_t²σ² + 2σ⁴)."""
        square, variance = self.centre**2, self.g2 / self.stiffness
        return ((square + variance, float(np.sqrt(variance * (4.0 * square + 2.0 * variance)))),)

    @property
    def grading(self) -> Grading:
        """Square root: the law is regular in ξ = √x."""
        return "sqrt"

    def diffusion(self, x: Array) -> Array:
        """D = 4g²x."""
        return np.asarray(4.0 * self.g2 * x)

    def diffusion_slope(self, x: Array) -> Array:
        """D' = 4g²."""
        return np.full_like(x, 4.0 * self.g2, dtype=np.float64)

    def confinement(self, x: Array) -> Array:
        """Φ = Ω(√x − ξ_t)²/(2g²) + ½ ln x."""
        with np.errstate(divide="ignore"):
            return np.asarray(0.5 * self.stiffness / self.g2 * (np.sqrt(x) - self.centre) ** 2 + 0.5 * np.log(x))

    def confinement_slope(self, x: Array) -> Array:
        """Φ' = Ω(1 − ξ_t/√x)/(2g²) + 1/(2x)."""
        return np.asarray(0.5 * self.stiffness / self.g2 * (1.0 - self.centre / np.sqrt(x)) + 0.5 / x)

    def confinement_curvature(self, x: Array) -> Array:
        """Φ'' = Ωξ_t x^{−3/2}/(4g²) − 1/(2x²)."""
        return np.asarray(0.25 * self.stiffness / self.g2 * self.centre * x**-1.5 - 0.5 / (x * x))

    def drift(self, x: Array) -> Array:
        """Itô drift b = 2Ω√x(ξ_t − √x) + 2g²."""
        root = np.sqrt(x)
        return np.asarray(2.0 * self.stiffness * root * (self.centre - root) + 2.0 * self.g2)

    def with_noise(self, factor: float) -> SquaredLevel:
        """g² times `factor`."""
        return replace(self, g2=self.g2 * factor)
