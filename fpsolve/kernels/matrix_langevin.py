"""Langevin equation of a matrix with additive and multiplicative noise, many replicas side by side.

    dW = −c (W − W_*) dt + √(2 (D_0 + D_1 |W|²)) dB   (Itô),   |W|² = Σ W_ij², d entries.

In law the noise is the sum of √(2D_0) dB and √(2D_1) |W| dB', so a step h is split into two flows that are each solved
without a time-step error: A, decay and additive noise (Ornstein–Uhlenbeck), and B, the multiplicative noise, under which
ln|W| is a Brownian motion with the drift D_1(d − 2) and the direction W/|W| an independent Brownian motion on the sphere
with the diffusion D_1. A(h/2) B(h) A(h/2) has weak order two (G. Strang, SIAM J. Numer. Anal. 5 (1968) 506).

The step on the sphere turns by an angle θ in a uniformly random direction; the mean and the variance of cos θ are the
exact ones, so that polynomials of first and second degree in W/|W| decay exactly and the step is of third order locally.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from fpsolve.kernels._jit import kernel
from fpsolve.kernels.normals import fill_normals

__all__ = ["advance_matrix_langevin"]

Array = NDArray[np.float64]
Words = NDArray[np.uint64]

# Slots of the stream per step: additive noise of the first half, multiplicative noise, additive noise of the other half.
SLOTS = 3
TINY = 1e-300


@kernel
def _decay(
    keys: Words, slot: int, time: float, decay: float, additive: float, target: Array, normals: Array, weights: Array
) -> None:
    """Exact Ornstein–Uhlenbeck step: W ← W_* + (W − W_*)e^{−ct} + √(D_0(1 − e^{−2ct})/c) N(0, 1)."""
    entries, lanes = weights.shape
    fill_normals(keys, slot, normals)
    keep = math.exp(-decay * time)
    spread = math.sqrt(-additive / decay * math.expm1(-2.0 * decay * time))
    for k in range(entries):
        centre = target[k]
        for r in range(lanes):
            weights[k, r] = centre + keep * (weights[k, r] - centre) + spread * normals[k, r]


@kernel
def _angle_law(entries: int, time: float) -> tuple[float, float]:
    """Mean of 1 − cos θ after a Brownian motion of D t = `time` on the sphere, and the scale that gives its variance.

    The means of the Legendre functions of degree l = 1, 2 decay like e^{−l(l + d − 2)Dt}.
    """
    if entries == 1:
        return 0.0, 0.0
    cosine = math.exp(-(entries - 1) * time)
    square = (1.0 + (entries - 1) * math.exp(-2.0 * entries * time)) / entries
    variance = max(square - cosine * cosine, 0.0)
    return 1.0 - cosine, math.sqrt(0.5 * variance / (entries - 1))


@kernel
def _scatter(keys: Words, slot: int, strength: float, normals: Array, sums: Array, weights: Array) -> None:
    """Multiplicative noise for D_1 t = `strength`; `sums` (3, lane) is scratch."""
    entries, lanes = weights.shape
    fill_normals(keys, slot, normals)
    mean, scale = _angle_law(entries, strength)
    sums[:] = 0.0
    for k in range(entries):
        for r in range(lanes):
            sums[0, r] += weights[k, r] * weights[k, r]
            sums[1, r] += weights[k, r] * normals[k, r]
            sums[2, r] += normals[k, r] * normals[k, r]
    drift, spread = (entries - 2) * strength, math.sqrt(2.0 * strength)
    for r in range(lanes):
        radius = math.sqrt(max(sums[0, r], TINY))
        along = sums[1, r] / radius
        # The part of the normals across W: a uniformly random direction, and a χ² number of d − 1 degrees of freedom.
        across = max(sums[2, r] - along * along, TINY)
        y = min(max(mean + scale * (across - (entries - 1)), 0.0), 2.0)
        growth = math.exp(drift + spread * along)
        turn = growth * radius * math.sqrt(y * (2.0 - y) / across)
        sums[0, r] = growth * (1.0 - y) - turn * along / radius
        sums[1, r] = turn
    for k in range(entries):
        for r in range(lanes):
            weights[k, r] = sums[0, r] * weights[k, r] + sums[1, r] * normals[k, r]


@kernel
def advance_matrix_langevin(
    keys: Words,
    first: int,
    times: Array,
    decay: float,
    additive: float,
    multiplicative: float,
    target: Array,
    weights: Array,
) -> int:
    """Advance a block of replicas by ``times.size`` steps.

    Parameters
    ----------
    keys : ndarray of uint64, shape (2, lane)
        Key of each replica's random stream.
    first : int
        Number of steps already done; it selects the part of the stream.
    times : ndarray, shape (step,)
        Length h of every step.
    decay, additive, multiplicative : float
        c > 0, D_0 ≥ 0 and D_1 ≥ 0.
    target : ndarray, shape (entry,)
        W_*.
    weights : ndarray, shape (entry, lane)
        W, modified in place.

    Returns
    -------
    int
        Steps done. Less than ``times.size`` if an entry became non-finite; the last step counted is the one at which
        it happened.
    """
    lanes = weights.shape[1]
    normals = np.empty(weights.shape)
    sums = np.empty((3, lanes))
    for n in range(times.size):
        slot, half = (first + n) * SLOTS, 0.5 * times[n]
        _decay(keys, slot, half, decay, additive, target, normals, weights)
        _scatter(keys, slot + 1, multiplicative * times[n], normals, sums, weights)
        _decay(keys, slot + 2, half, decay, additive, target, normals, weights)
        for r in range(lanes):
            if not math.isfinite(sums[0, r]):
                return n + 1
    return times.size
