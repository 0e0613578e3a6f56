"""The noise step of ordered levels: closed pairs and walls by the exact law of their gap, the others freely.

Two levels that feel nothing but each other, dx = ±β D/(gap) dt + √(2D) dB, have a gap that is a Bessel process of
dimension 1 + β: with s = D_i + D_j and v = 2fh over a step h,

    R' = [(R + √(sv) ξ)² + s v χ²_β]^{1/2}

(the square of R'/√(sv) is noncentral χ² of 1 + β degrees of freedom). The conjugate centre c = (D_j x_i + D_i x_j)/s is
independent of the gap and Gaussian with variance v D_i D_j/s. A wall with the pole A/(y − wall) is the same with χ² of
A/f degrees of freedom.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from fpsolve.kernels._jit import inlined
from fpsolve.kernels.chi_square import chi_square
from fpsolve.kernels.particle_forces import HIGH0, HIGH1, LOW0, LOW1, LOWER, UPPER, G, X

__all__ = ["move_pair", "noise_step"]

Array = NDArray[np.float64]
Flags = NDArray[np.bool_]
Words = NDArray[np.uint64]


@inlined
def move_pair(
    lower: float, upper: float, g_lower: float, g_upper: float, noise: float, chi: float, first: float, second: float
) -> tuple[float, float]:
    """Exact step of two levels with x_upper − x_lower > 0; g are their √D, `noise` is v, the rest random numbers."""
    d_lower, d_upper = g_lower * g_lower, g_upper * g_upper
    s = d_lower + d_upper
    gap = upper - lower
    across = gap + math.sqrt(s * noise) * first
    change = math.sqrt(across * across + s * noise * chi) - gap
    centre = math.sqrt(noise * d_lower * d_upper / s) * second
    return lower + centre - d_lower / s * change, upper + centre + d_upper / s * change


@inlined
def _draw(beta: float, normal: float, key0: np.uint64, key1: np.uint64, counter: int) -> tuple[float, int]:
    """χ²_β of a closed pair; real matrices (β = 1) need one normal, which is there already."""
    if beta == 1.0:
        return normal * normal, counter
    return chi_square(beta, key0, key1, counter)


@inlined
def noise_step(
    y: Array,
    local: Array,
    frame: Array,
    shared: Flags,
    linear: bool,
    beta: float,
    factor: float,
    noise: float,
    closed: Flags,
    normals: Array,
    key: Words,
    counter: int,
) -> int:
    """Move y by noise of variance `noise`; return where the stream of χ² numbers stands then.

    A pair on maps that differ moves on the tangents of both maps at its present place, which is exact where the
    maps are straight.
    """
    n = y.size
    for k in range(n + 1):
        if not closed[k]:
            continue
        i, j = max(k - 1, 0), min(k, n - 1)
        if k == 0 or k == n:
            wall = frame[i, LOWER] if k == 0 else frame[i, UPPER]
            pole = frame[i, LOW0] / factor + frame[i, LOW1] if k == 0 else frame[i, HIGH0] / factor + frame[i, HIGH1]
            chi, counter = chi_square(pole, key[0], key[1], counter)
            across = abs(y[i] - wall) + math.sqrt(noise) * normals[i]
            distance = math.sqrt(across * across + noise * chi)
            y[i] = wall + distance if k == 0 else wall - distance
            continue
        chi, counter = _draw(beta, normals[n + k // 2], key[0], key[1], counter)
        # On one curved map the pair moves in y, where both noises have size 1; else on the tangents.
        a = 1.0 if shared[k] else local[G, i]
        b = 1.0 if shared[k] else local[G, j]
        below = local[X, i] if not (shared[k] or linear) else a * y[i]
        above = local[X, j] if not (shared[k] or linear) else b * y[j]
        new_below, new_above = move_pair(below, above, a, b, noise, chi, normals[i], normals[j])
        y[i] += (new_below - below) / a
        y[j] += (new_above - above) / b
    for i in range(n):
        if not (closed[i] or closed[i + 1]):
            y[i] += math.sqrt(noise) * normals[i]
    return counter
