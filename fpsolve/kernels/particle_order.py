"""Levels back in order after a step: reflection at walls, exchange of levels that crossed."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from fpsolve.kernels._jit import inlined
from fpsolve.kernels.particle_forces import LOWER, SCALE, UPPER, cell_of, cubic, position

__all__ = ["restore_order"]

Array = NDArray[np.float64]
Flags = NDArray[np.bool_]

NEWTON = 8


@inlined
def _level_at(x: float, level: int, guess: float, frame: Array, place: Array) -> float:
    """Return y with x(y) = `x` on the map of one level, from a guess near it."""
    if place.shape[1] == 0:
        return float(x / frame[level, SCALE])
    y = guess
    for _ in range(NEWTON):
        u, first, _ = cell_of(y, level, frame)
        at, slope, _ = cubic(place, level, u)
        y = min(max(y + (x - at) / (slope * first), frame[level, LOWER]), frame[level, UPPER])
    return y


@inlined
def restore_order(y: Array, frame: Array, place: Array, shared: Flags) -> int:
    """Reflect at the walls and exchange levels that crossed; return how many exchanges there were."""
    n, exchanges = y.size, 0
    for i in range(n):
        if y[i] < frame[i, LOWER]:
            y[i] = min(2.0 * frame[i, LOWER] - y[i], frame[i, UPPER])
        elif y[i] > frame[i, UPPER]:
            y[i] = max(2.0 * frame[i, UPPER] - y[i], frame[i, LOWER])
    for last in range(1, n):
        for k in range(last, 0, -1):
            i, j = k - 1, k
            if shared[k]:
                below, above = y[i], y[j]
            else:
                below, above = position(y[i], i, frame, place), position(y[j], j, frame, place)
            if below <= above:
                break
            exchanges += 1
            y_i, y_j = y[i], y[j]
            y[i] = y_j if shared[k] else _level_at(above, i, y_i, frame, place)
            y[j] = y_i if shared[k] else _level_at(below, j, y_j, frame, place)
    return exchanges
