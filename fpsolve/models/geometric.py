"""Levels with multiplicative noise and a source: power-law tails."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from fpsolve.errors import ModelError
from fpsolve.grids.axis import Grading
from fpsolve.models.checks import at_least_zero, count, finite, positive
from fpsolve.models.level_gas import LevelGas
from fpsolve.models.schedule import Schedule

__all__ = ["GeometricLevel", "geometric"]

Array = NDArray[np.float64]


@dataclass(frozen=True)
class GeometricLevel:
    """One level with D = cx² and b = k_0 + [a − βc(N − 1)]x − k_2x² on (0, ∞).

    e^{−Φ} = x^{−ν} exp[−k_0/(cx) − k_2x/c] with ν = 2 + β(N − 1) − a/c; an inverse gamma law if N = 1 and k_2 = 0.

    Attributes
    ----------
    source, growth, saturation : float
        k_0 > 0 [x/time], a [1/time] and k_2 ≥ 0 [1/(x time)].
    strength : float
        c > 0 [1/time].
    partners : float
        β(N − 1).
    """

    source: float
    growth: float
    saturation: float
    strength: float
    partners: float = 0.0

    @property
    def exponent(self) -> float:
        """ν: the lone level's density falls like x^{−ν} if there is no saturation."""
        return 2.0 + self.partners - self.growth / self.strength

    @property
    def walls(self) -> tuple[float, float]:
        """(0, ∞)."""
        return 0.0, np.inf

    @property
    def anchors(self) -> tuple[tuple[float, float], ...]:
        """The peak of the law of ln x with its width, and a point in the tail where x e^{−Φ} has fallen by 10⁶."""
        slow = self.exponent - 1.0
        square = self.strength * slow
        # The stable root of k_2x² + c(ν − 1)x − k_0 = 0 for either sign of ν − 1.
        root = float(np.sqrt(square * square + 4.0 * self.source * self.saturation))
        peak = 2.0 * self.source / (square + root) if square >= 0.0 else (root - square) / (2.0 * self.saturation)
        width = float(1.0 / np.sqrt((self.source / peak + self.saturation * peak) / self.strength))
        logs = np.log(peak) + np.linspace(0.0, 60.0, 6001)
        x = np.exp(logs)
        fall = self.confinement(x) - logs
        tail = (
            float(x[np.searchsorted(fall - fall[0], np.log(1e6))]) if fall[-1] - fall[0] > np.log(1e6) else float(x[-1])
        )
        return (peak, peak * width), (tail, 0.1 * tail)

    @property
    def grading(self) -> Grading:
        """Square root: it spends more cells on the bulk and fewer on the tail."""
        return "sqrt"

    def diffusion(self, x: Array) -> Array:
        """D = cx²."""
        return np.asarray(self.strength * x * x)

    def diffusion_slope(self, x: Array) -> Array:
        """D' = 2cx."""
        return np.asarray(2.0 * self.strength * x)

    def confinement(self, x: Array) -> Array:
        """Φ = ν ln x + k_0/(cx) + k_2x/c; +inf at 0."""
        x = np.asarray(x, dtype=np.float64)
        inside = np.where(x > 0.0, x, 1.0)
        well = self.exponent * np.log(inside) + (self.source / inside + self.saturation * inside) / self.strength
        return np.where(x > 0.0, well, np.inf)

    def confinement_slope(self, x: Array) -> Array:
        """Φ' = ν/x − k_0/(cx²) + k_2/c."""
        return np.asarray(self.exponent / x + (self.saturation - self.source / (x * x)) / self.strength)

    def confinement_curvature(self, x: Array) -> Array:
        """Φ'' = −ν/x² + 2k_0/(cx³)."""
        return np.asarray((2.0 * self.source / (self.strength * x) - self.exponent) / (x * x))

    def drift(self, x: Array) -> Array:
        """Itô drift b = k_0 + [a − βc(N − 1)]x − k_2x²."""
        return np.asarray(self.source + (self.growth - self.strength * self.partners - self.saturation * x) * x)

    def with_noise(self, factor: float) -> GeometricLevel:
        """Multiply c by `factor`."""
        return replace(self, strength=self.strength * factor)


def geometric(
    *,
    source: float,
    strength: float,
    growth: float = 0.0,
    saturation: float = 0.0,
    levels: int = 1,
    beta: float = 1.0,
    schedule: Schedule | None = None,
) -> LevelGas:
    """Level gas dx_i = [k_0 + ax_i − k_2x_i² + βc Σ_{j≠i} x_ix_j/(x_i − x_j)] dt + √(2c) x_i dB_i.

    Without saturation the density of the top level falls like x^{−(2 − a/c)}.

    Parameters
    ----------
    source, growth, saturation, strength : float
        k_0 > 0, a, k_2 ≥ 0 and c > 0.
    levels : int
        N.
    beta : float
        Dyson index.
    schedule : Schedule, optional
        Learning rate and batch size as functions of time; c follows their quotient.

    Raises
    ------
    ModelError
        A parameter out of range, or no stationary law: without saturation it needs growth < strength.
    """
    n = count("levels", levels)
    body = GeometricLevel(
        source=positive("source", source),
        growth=finite("growth", growth),
        saturation=at_least_zero("saturation", saturation),
        strength=positive("strength", strength),
        partners=at_least_zero("beta", beta) * (n - 1),
    )
    if body.saturation == 0.0 and body.growth >= body.strength:
        msg = (
            f"growth = {body.growth:g} must be smaller than strength = {body.strength:g} if there is no saturation: "
            "otherwise the level runs away and has no stationary law"
        )
        raise ModelError(msg)
    labels: dict[str, object] = {
        "source": body.source,
        "growth": body.growth,
        "saturation": body.saturation,
        "strength": body.strength,
    }
    return LevelGas(kind="geometric", levels=(body,) * n, beta=beta, schedule=schedule, labels=labels)
