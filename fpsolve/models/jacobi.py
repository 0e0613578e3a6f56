"""Jacobi levels: squared singular values of a block of a rotating orthogonal matrix."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from fpsolve.errors import ModelError
from fpsolve.grids.axis import Grading
from fpsolve.models.checks import count, finite, positive
from fpsolve.models.level_gas import LevelGas
from fpsolve.models.schedule import Schedule

__all__ = ["JacobiLevel", "jacobi"]

Array = NDArray[np.float64]


@dataclass(frozen=True)
class JacobiLevel:
    """One level on (0, 1) with D = cx(1 − x), b = c[(p + 1) − (p + q + 2)x], e^{−Φ} = x^p (1 − x)^q.

    Attributes
    ----------
    p, q : float
        Exponents > −1.
    strength : float
        c > 0 [1/time].
    """

    p: float
    q: float
    strength: float

    @property
    def walls(self) -> tuple[float, float]:
        """(0, 1)."""
        return 0.0, 1.0

    @property
    def anchors(self) -> tuple[tuple[float, float], ...]:
        """Mean and standard deviation of the beta law of a lone level."""
        a, b = self.p + 1.0, self.q + 1.0
        return ((a / (a + b), float(np.sqrt(a * b / (a + b + 1.0))) / (a + b)),)

    @property
    def grading(self) -> Grading:
        """Square root where the density is a low or negative power of x at 0, else uniform."""
        return "sqrt" if self.p < 2.0 and self.p != 0.0 and self.p != 1.0 else "uniform"

    def diffusion(self, x: Array) -> Array:
        """D = cx(1 − x)."""
        return np.asarray(self.strength * x * (1.0 - x))

    def diffusion_slope(self, x: Array) -> Array:
        """D' = c(1 − 2x)."""
        return np.asarray(self.strength * (1.0 - 2.0 * x))

    def confinement(self, x: Array) -> Array:
        """Φ = −p ln x − q ln(1 − x)."""
        with np.errstate(divide="ignore"):
            # A zero exponent leaves no logarithm behind, not 0 · inf at the wall.
            left = -self.p * np.log(x) if self.p != 0.0 else np.zeros_like(x)
            right = -self.q * np.log1p(-x) if self.q != 0.0 else np.zeros_like(x)
        return np.asarray(left + right)

    def confinement_slope(self, x: Array) -> Array:
        """Φ' = −p/x + q/(1 − x)."""
        return np.asarray(-self.p / x + self.q / (1.0 - x))

    def confinement_curvature(self, x: Array) -> Array:
        """Φ'' = p/x² + q/(1 − x)²."""
        return np.asarray(self.p / (x * x) + self.q / (1.0 - x) ** 2)

    def drift(self, x: Array) -> Array:
        """Itô drift b = c[(p + 1) − (p + q + 2)x]."""
        return np.asarray(self.strength * (self.p + 1.0 - (self.p + self.q + 2.0) * x))

    def with_noise(self, factor: float) -> JacobiLevel:
        """Multiply c by `factor`: all of the drift comes from the noise, so only the clock changes."""
        return replace(self, strength=self.strength * factor)


def jacobi(
    *,
    p: float,
    q: float,
    strength: float = 1.0,
    levels: int = 1,
    beta: float = 1.0,
    schedule: Schedule | None = None,
) -> LevelGas:
    """Level gas with P_s ∝ ∏|x_i − x_j|^β ∏ x_i^p (1 − x_i)^q on (0, 1).

    dx_i = c{p + 1 + β(N − 1)/2 − [p + q + 2 + β(N − 1)]x_i + (β/2) Σ_{j≠i} [x_i(1 − x_j) + x_j(1 − x_i)]/(x_i − x_j)} dt
    + √(2c x_i(1 − x_i)) dB_i (Y. Doumerc, thesis, Toulouse 2005).

    Parameters
    ----------
    p, q : float
        Exponents > −1.
    strength : float
        c > 0 [1/time].
    levels : int
        N.
    beta : float
        Dyson index.
    schedule : Schedule, optional
        Learning rate and batch size as functions of time; c follows their quotient.

    Raises
    ------
    ModelError
        A parameter out of range.
    """
    n = count("levels", levels)
    for name, value in (("p", p), ("q", q)):
        if finite(name, value) <= -1.0:
            msg = f"{name} must be larger than -1, not {value:g}: otherwise the law cannot be normalised"
            raise ModelError(msg)
    body = JacobiLevel(float(p), float(q), positive("strength", strength))
    labels: dict[str, object] = {"p": body.p, "q": body.q, "strength": body.strength}
    return LevelGas(kind="jacobi", levels=(body,) * n, beta=beta, schedule=schedule, labels=labels)
