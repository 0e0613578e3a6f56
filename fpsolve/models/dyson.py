"""Dyson Brownian motion in a harmonic well; one level is the Ornstein–Uhlenbeck process."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from fpsolve.grids.axis import Grading
from fpsolve.models.checks import ascending, count, per_level, positive
from fpsolve.models.level_gas import LevelGas
from fpsolve.models.schedule import Schedule

__all__ = ["DysonLevel", "dyson"]

Array = NDArray[np.float64]


@dataclass(frozen=True)
class DysonLevel:
    """One level in a harmonic well: dx = −Ω(x − c) dt + √(2g²) dB, Φ = (x − c)²/(2σ²), σ² = g²/Ω, no walls.

    Attributes
    ----------
    stiffness : float
        Ω > 0 [1/time].
    centre : float
        c.
    g2 : float
        Diffusion g² [x²/time].
    """

    stiffness: float
    centre: float
    g2: float

    @property
    def walls(self) -> tuple[float, float]:
        """No walls."""
        return -np.inf, np.inf

    @property
    def anchors(self) -> tuple[tuple[float, float], ...]:
        """The centre with σ = √(g²/Ω)."""
        return ((self.centre, float(np.sqrt(self.g2 / self.stiffness))),)

    @property
    def grading(self) -> Grading:
        """Uniform."""
        return "uniform"

    def diffusion(self, x: Array) -> Array:
        """D = g²."""
        return np.full_like(x, self.g2, dtype=np.float64)

    def diffusion_slope(self, x: Array) -> Array:
        """D' = 0."""
        return np.zeros_like(x, dtype=np.float64)

    def confinement(self, x: Array) -> Array:
        """Φ = Ω(x − c)²/(2g²)."""
        return np.asarray(0.5 * self.stiffness / self.g2 * (x - self.centre) ** 2)

    def confinement_slope(self, x: Array) -> Array:
        """Φ' = Ω(x − c)/g²."""
        return np.asarray(self.stiffness / self.g2 * (x - self.centre))

    def confinement_curvature(self, x: Array) -> Array:
        """Φ'' = Ω/g²."""
        return np.full_like(x, self.stiffness / self.g2, dtype=np.float64)

    def drift(self, x: Array) -> Array:
        """Itô drift b = −Ω(x − c)."""
        return np.asarray(-self.stiffness * (x - self.centre))

    def with_noise(self, factor: float) -> DysonLevel:
        """g² times `factor`."""
        return replace(self, g2=self.g2 * factor)


def dyson(
    *,
    g2: float | Sequence[float],
    levels: int = 1,
    stiffness: float | Sequence[float] = 1.0,
    centre: float | Sequence[float] = 0.0,
    beta: float = 1.0,
    schedule: Schedule | None = None,
) -> LevelGas:
    """Level gas dx_i = [−Ω_i(x_i − c_i) + β g_i² Σ_{j≠i} 1/(x_i − x_j)] dt + √(2g_i²) dB_i.

    For equal Ω, c, g² and β = 1 these are the eigenvalues of a symmetric Ornstein–Uhlenbeck matrix (Dyson, J. Math.
    Phys. 3 (1962) 1191); the relaxation rates are then Ω n.

    Parameters
    ----------
    g2 : float or sequence of float
        Diffusion, one number or one per level (ascending in x).
    levels : int
        Number of levels N.
    stiffness, centre : float or sequence of float
        Ω > 0 [1/time] and c; a list of centres ascends.
    beta : float
        Dyson index.
    schedule : Schedule, optional
        Learning rate and batch size as functions of time.

    Raises
    ------
    ModelError
        A number out of range, or a list of the wrong length or order.
    """
    levels = count("levels", levels)
    strengths = tuple(positive("g2", value) for value in per_level("g2", g2, levels))
    rates = tuple(positive("stiffness", value) for value in per_level("stiffness", stiffness, levels))
    centres = ascending("centre", per_level("centre", centre, levels))
    bodies = tuple(DysonLevel(*values) for values in zip(rates, centres, strengths, strict=True))
    labels: dict[str, object] = {"stiffness": list(rates), "centre": list(centres), "g2": list(strengths)}
    return LevelGas(kind="dyson", levels=bodies, beta=beta, schedule=schedule, labels=labels)
