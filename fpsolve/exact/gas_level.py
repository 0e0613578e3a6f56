"""What the Coulomb gas needs to know of a level."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

__all__ = ["GasLevel", "distinct", "log_weights"]

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
