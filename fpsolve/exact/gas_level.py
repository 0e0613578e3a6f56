"""What the Coulomb gas needs to know of a level."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

__all__ = ["GasLevel", "distinct", "log_weights", "wall_power"]

Array = NDArray[np.float64]


class GasLevel(Protocol):
    """Confinement of one level; every `fpsolve.models` level is one."""

    @property
    def walls(self) -> tuple[float, float]:
        """Ends of the range of x; ±inf where there is no wall."""
        ...

    @property
    def anchors(self) -> tuple[tuple[float, float], ...]:
        """Where a lone level would sit: pairs (centre, width)."""
        ...

    def confinement(self, x: Array) -> Array:
        """Φ(x); the weight of the level is e^{−Φ}."""
        ...

    def confinement_slope(self, x: Array) -> Array:
        """Φ'(x)."""
        ...


def distinct(levels: Sequence[GasLevel]) -> tuple[list[GasLevel], list[int]]:
    """Return the different levels, and for each level the number of its like among them."""
    found: list[GasLevel] = []
    numbers = []
    for level in levels:
        same = [k for k, other in enumerate(found) if other is level or other == level]
        if not same:
            found.append(level)
        numbers.append(same[0] if same else len(found) - 1)
    return found, numbers


def log_weights(levels: Sequence[GasLevel], x: Array) -> Array:
    """−Φ_i(x), −inf outside the walls of level i; shape (level,) + x.shape."""
    found, numbers = distinct(levels)
    values = np.empty((len(found), *x.shape))
    for k, level in enumerate(found):
        low, high = level.walls
        inside = (x > low) & (x < high)
        values[k] = -np.inf
        with np.errstate(all="ignore"):
            weights = -np.asarray(level.confinement(x[inside]), dtype=np.float64)
        values[k][inside] = np.where(np.isnan(weights), -np.inf, weights)
    return values[numbers]


def wall_power(level: GasLevel, side: int) -> float:
    """Power p with e^{−Φ} ~ distance^p next to the lower (0) or upper (1) wall; inf where it is no power below 20.

    ln e^{−Φ} is differenced in ln(distance) and extrapolated to the wall; powers of random-matrix laws are multiples of
    1/4, and what is that close to one is taken for it.
    """
    wall = level.walls[side]
    scale = max(abs(level.anchors[0][0] - wall), level.anchors[0][1])
    x = wall + (1.0 - 2.0 * side) * scale * 2.0 ** np.array([-20.0, -19.0, -18.0])
    logs = log_weights([level], x)[0]
    if not np.all(np.isfinite(logs)):
        return np.inf
    slopes = np.diff(logs) / np.diff(np.log(np.abs(x - wall)))
    if abs(slopes[1] - slopes[0]) > 0.01 * (1.0 + abs(slopes[0])):
        return np.inf
    power = float(2.0 * slopes[0] - slopes[1])
    quarter = round(4.0 * power) / 4.0
    power = quarter if abs(power - quarter) < 1e-6 else power
    return power if power < 20.0 else np.inf
