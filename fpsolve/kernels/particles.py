"""Trajectories of ordered, repelling levels: a splitting whose noise step moves the closest pairs exactly.

The equation, in coordinates with constant noise, is that of `particle_forces`. One step of length h is

    y' = y + (h/2) F(y),      y'' = noise(y', h),      y + … = y'' + (h/2) F(y'' + (h/2) F(y)),

Heun's method around the noise; of weak order 2 for smooth F. The noise step moves a closed pair by the exact law of two
levels that feel nothing but each other: with s = g_i² + g_j² and v = 2fh the gap is a Bessel process of dimension
1 + β,

    R' = [(R + √(sv) ξ)² + s v χ²_β]^{1/2},

and the conjugate centre c = (g_j² x_i + g_i² x_j)/s is independent of it and Gaussian with variance v g_i² g_j²/s. A
closed wall with the pole A/(y − wall) is the same with χ² of A/f degrees of freedom. So steps need not resolve closed
gaps; open ones bound the step by a fraction of gap²/(D_i + D_j).
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from fpsolve.kernels._jit import kernel
from fpsolve.kernels.chi_square import chi_square
from fpsolve.kernels.normals import normal_pair
from fpsolve.kernels.particle_forces import (
    G,
    HIGH0,
    HIGH1,
    LOW0,
    LOW1,
    LOWER,
    SCALE,
    UPPER,
    X,
    close_links,
    forces,
    link_sizes,
    look_up,
    stiffest,
)

__all__ = ["advance_particles"]

Array = NDArray[np.float64]
Flags = NDArray[np.bool_]
Words = NDArray[np.uint64]

STEPS = np.uint64(0)  # slot of the normals of the noise steps
SHORTEST = 1e-12  # of the largest step: only a triple coincidence, which has probability 0, is slower
NEWTON = 8


@kernel
def _refill(key0: np.uint64, key1: np.uint64, counter: int, normals: Array) -> int:
    """Fill `normals` from the stream of one trajectory; return where the stream stands then."""
    pairs = normals.size // 2
    for p in range(pairs):
        normals[p], normals[pairs + p] = normal_pair(key0, key1, np.uint64(counter + p), STEPS)
    return counter + pairs


@kernel
def _move_pair(
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


@kernel
def _noise_step(
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
    key0: np.uint64,
    key1: np.uint64,
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
        if k == 0 or k == n:
            i = min(k, n - 1)
            wall = frame[i, LOWER] if k == 0 else frame[i, UPPER]
            pole = frame[i, LOW0] / factor + frame[i, LOW1] if k == 0 else frame[i, HIGH0] / factor + frame[i, HIGH1]
            chi, counter = chi_square(pole, key0, key1, counter)
            across = abs(y[i] - wall) + math.sqrt(noise) * normals[i]
            distance = math.sqrt(across * across + noise * chi)
            y[i] = wall + distance if k == 0 else wall - distance
            continue
        i, j = k - 1, k
        chi, counter = chi_square(beta, key0, key1, counter)
        if shared[k]:
            y[i], y[j] = _move_pair(y[i], y[j], 1.0, 1.0, noise, chi, normals[i], normals[j])
        else:
            a, b = local[G, i], local[G, j]
            below = a * y[i] if linear else local[X, i]
            above = b * y[j] if linear else local[X, j]
            new_below, new_above = _move_pair(below, above, a, b, noise, chi, normals[i], normals[j])
            y[i] += (new_below - below) / a
            y[j] += (new_above - above) / b
    for i in range(n):
        if not (closed[i] or closed[i + 1]):
            y[i] += math.sqrt(noise) * normals[i]
    return counter
