"""How the stationary law and the diffusion behave next to a wall."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from fpsolve.models.level_gas import OneBody

__all__ = ["WallLaw", "wall_law"]


@dataclass(frozen=True)
class WallLaw:
    """√P_s ~ distance^exponent and D ~ distance^kinetic.

    Attributes
    ----------
    exponent : float
        0 where P_s is finite and positive; inf where it falls faster than any power, or where the wall is never
        reached (D ~ distance² or faster).
    kinetic : float
    """

    exponent: float
    kinetic: float

    @property
    def power(self) -> bool:
        """Whether the wall is reached and wavefunctions are singular there."""
        return bool(np.isfinite(self.exponent)) and (self.exponent != 0.0 or self.kinetic != 0.0)


def wall_law(body: OneBody, walls: tuple[float, float], side: int) -> WallLaw:
    """Measure the powers next to the lower (side 0) or upper (side 1) end of the interval `walls`.

    They are the limits of −distance · Φ'/2 and distance · D'/D. Without a wall of the level at that end both are 0.
    """
    wall = walls[side]
    if not np.isfinite(wall) or wall != body.walls[side]:
        return WallLaw(0.0, 0.0)
    span = walls[1] - walls[0] if np.isfinite(walls[1] - walls[0]) else 10.0 * body.anchors[0][1]
    x = wall + (1.0 - 2.0 * side) * 1e-9 * span * np.array([1.0, 0.5])
    distance = x - wall
    with np.errstate(all="ignore"):
        powers = distance * body.confinement_slope(x)
        kinetic = float((distance * body.diffusion_slope(x) / body.diffusion(x))[1])
    kinetic = round(kinetic, 6) + 0.0
    if not np.isfinite(powers).all() or abs(powers[1] - powers[0]) > 0.01 * (1.0 + abs(powers[0])) or kinetic > 1.9:
        return WallLaw(np.inf, kinetic)
    exponent = -0.5 * float(2.0 * powers[1] - powers[0])
    # Powers of random-matrix laws are multiples of 1/4; rounding errors of the limit are taken away.
    quarters = round(4.0 * exponent) / 4.0 + 0.0
    return WallLaw(quarters if abs(exponent - quarters) < 1e-6 else exponent, kinetic)
