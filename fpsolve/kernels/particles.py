"""Trajectories of ordered, repelling levels: Heun's method around a noise step that moves the closest pairs exactly.

The equation, in coordinates with constant noise, is that of `particle_forces`. One step of length h is

    y' = y + (h/2) F(y),      y'' = noise(y', h),      y_new = y'' + (h/2) F(y'' + (h/2) F(y)),

of weak order 2 for smooth F: with free noise it is the stochastic Heun scheme for additive noise (P. E. Kloeden and
E. Platen, Numerical Solution of Stochastic Differential Equations, Springer 1992, section 15.1). F leaves out the
singular force of closed pairs, which is part of the noise step (`particle_noise`), so steps need not resolve closed
gaps; open ones bound the step by a fraction of gap²/(D_i + D_j).
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from fpsolve.kernels._jit import inlined, kernel
from fpsolve.kernels.normals import normal_pair
from fpsolve.kernels.particle_forces import (
    GRADED,
    LOWER,
    UPPER,
    close_links,
    forces,
    link_sizes,
    look_up,
    position,
    stiffest,
)
from fpsolve.kernels.particle_noise import noise_step
from fpsolve.kernels.particle_order import restore_order

__all__ = ["advance_particles"]

Array = NDArray[np.float64]
Flags = NDArray[np.bool_]
Words = NDArray[np.uint64]

STEPS = np.uint64(0)  # slot of the normals of the noise steps
SHORTEST = 1e-12  # of the largest step: only a triple coincidence, which has probability 0, is slower


@inlined
def _refill(key0: np.uint64, key1: np.uint64, counter: int, normals: Array) -> int:
    """Fill `normals` from the stream of one trajectory; return where the stream stands then."""
    pairs = normals.size // 2
    for p in range(pairs):
        normals[p], normals[pairs + p] = normal_pair(key0, key1, np.uint64(counter + p), STEPS)
    return counter + pairs


@inlined
def _add(scale: float, change: Array, start: Array, out: Array) -> None:
    """Set out = start + scale · change, without a temporary array."""
    for i in range(out.size):
        out[i] = start[i] + scale * change[i]


@inlined
def _keep_off(y: Array, frame: Array, nearest: float) -> None:
    """Move levels that are nearer than `nearest` to a wall with a singular force, or behind it, to that distance."""
    for i in range(y.size):
        if frame[i, GRADED] < 0.0:
            y[i] = max(y[i], frame[i, LOWER] + nearest)
        elif frame[i, GRADED] > 0.0:
            y[i] = min(y[i], frame[i, UPPER] - nearest)


@inlined
def _interpolate(values: Array, place: float) -> float:
    """Linear interpolation in values given at equal distances; `place` runs from 0 to 1."""
    last = values.size - 1
    if last == 0:
        return float(values[0])
    u = place * last
    k = min(int(u), last - 1)
    return float(values[k] + (u - k) * (values[k + 1] - values[k]))


@inlined
def _choose_step(
    y: Array,
    local: Array,
    frame: Array,
    factor: float,
    step: float,
    fractions: Array,
    sizes: Array,
    order: NDArray[np.int64],
    closed: Flags,
) -> float:
    """Close links and return the longest step that the open ones and the one-body forces allow."""
    link_sizes(y, local, frame, factor, sizes)
    open_size = close_links(sizes, step / fractions[0], order, closed)
    slope = stiffest(y, local, frame, factor, closed)
    return float(max(min(step, fractions[0] * open_size, fractions[1] / slope), SHORTEST * step))


@inlined
def _advance_one(
    key: Words,
    counters: NDArray[np.int64],
    frame: Array,
    place: Array,
    own: Array,
    noisy: Array,
    shared: Flags,
    beta: float,
    factors: Array,
    span: float,
    step: float,
    fractions: Array,
    y: Array,
    tally: NDArray[np.int64],
) -> None:
    """Advance one trajectory; see `advance_particles`."""
    n, linear = y.size, place.shape[1] == 0
    tangents = not linear and not np.all(shared[1:n])
    local, first, second, ahead = np.zeros((7, n)), np.empty(n), np.empty(n), np.empty(n)
    sizes, closed, order = np.empty(n + 1), np.zeros(n + 1, dtype=np.bool_), np.arange(n + 1)
    need = n + n // 2 + 1
    normals = np.empty(32 * need)
    used, time = normals.size, 0.0
    while time < span:
        factor = _interpolate(factors, time / span)
        look_up(y, frame, place, own, noisy, local)
        h = min(_choose_step(y, local, frame, factor, step, fractions, sizes, order, closed), span - time)
        if used + need > normals.size:
            counters[0], used = _refill(key[0], key[1], counters[0], normals), 0
        factor = _interpolate(factors, (time + 0.5 * h) / span)
        forces(y, local, frame, shared, factor * beta, factor, closed, 0.0, first)
        _add(0.5 * h, first, y, y)
        if tangents:
            look_up(y, frame, place, own, noisy, local)
        counters[1] = noise_step(
            y, local, frame, shared, linear, beta, factor, 2.0 * factor * h, closed,
            normals[used : used + need], key, counters[1],
        )  # fmt: skip
        used += need
        tally[1] += restore_order(y, frame, place, shared)
        _add(0.5 * h, first, y, ahead)
        nearest = 0.5 * math.sqrt(factor * h)
        _keep_off(ahead, frame, nearest)
        look_up(ahead, frame, place, own, noisy, local)
        forces(ahead, local, frame, shared, factor * beta, factor, closed, nearest, second)
        _add(0.5 * h, second, y, y)
        tally[1] += restore_order(y, frame, place, shared)
        tally[0] += 1
        time = time + h if h < span - time else span


@kernel
def advance_particles(
    keys: Words,
    counters: NDArray[np.int64],
    frame: Array,
    place: Array,
    own: Array,
    noisy: Array,
    shared: Flags,
    beta: float,
    factors: Array,
    span: float,
    step: float,
    fractions: Array,
    y: Array,
    out: Array,
    tally: NDArray[np.int64],
) -> None:
    """Advance trajectories of one level gas by one stretch of time.

    Parameters
    ----------
    keys : ndarray of uint64, shape (2, lane)
        Key of every trajectory's random stream.
    counters : ndarray of int64, shape (lane, 2)
        Where the streams stand; modified in place.
    frame, place, own, noisy : ndarray
        Tables of forces and maps, see `particle_forces.look_up`.
    shared : ndarray of bool, shape (level + 1,)
        True where link k joins two levels on one curved map.
    beta : float
        Dyson index β ≥ 0.
    factors : ndarray, shape (point,)
        Noise factor f at equal distances over the stretch; one point if it is constant.
    span : float
        Length of the stretch [time].
    step : float
        Largest step [time].
    fractions : ndarray, shape (2,)
        A step is at most the first times gap²/(f(D_i + D_j)) of any open link, and at most the second divided by the
        largest slope of a one-body force.
    y : ndarray, shape (lane, level)
        The levels in their coordinates with constant noise; modified in place.
    out : ndarray, shape (lane, level)
        Overwritten with the levels x.
    tally : ndarray of int64, shape (2,)
        Steps taken and exchanges of levels that had crossed are added.
    """
    for lane in range(y.shape[0]):
        _advance_one(
            keys[:, lane].copy(), counters[lane], frame, place, own, noisy, shared, beta, factors, span, step, fractions,
            y[lane], tally,
        )  # fmt: skip
        for i in range(y.shape[1]):
            out[lane, i] = position(y[lane, i], i, frame, place)
