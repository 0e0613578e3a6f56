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
    INVERSE_STEP,
    LOW0,
    LOW1,
    LOWER,
    SCALE,
    START,
    UPPER,
    X,
    close_links,
    cubic,
    forces,
    link_sizes,
    look_up,
    position,
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
def _draw(beta: float, normal: float, key0: np.uint64, key1: np.uint64, counter: int) -> tuple[float, int]:
    """χ²_β of a closed pair; real matrices (β = 1) need one normal, which is there already."""
    if beta == 1.0:
        return normal * normal, counter
    return chi_square(beta, key0, key1, counter)


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
        new_below, new_above = _move_pair(below, above, a, b, noise, chi, normals[i], normals[j])
        y[i] += (new_below - below) / a
        y[j] += (new_above - above) / b
    for i in range(n):
        if not (closed[i] or closed[i + 1]):
            y[i] += math.sqrt(noise) * normals[i]
    return counter


@kernel
def _level_at(x: float, level: int, guess: float, frame: Array, place: Array) -> float:
    """Return y with x(y) = `x` on the map of one level."""
    if place.shape[1] == 0:
        return x / frame[level, SCALE]
    y = guess
    for _ in range(NEWTON):
        at, slope, _ = cubic(place, level, (y - frame[level, START]) * frame[level, INVERSE_STEP])
        y += (x - at) / (slope * frame[level, INVERSE_STEP])
    return y


@kernel
def _restore_order(y: Array, frame: Array, place: Array, shared: Flags) -> int:
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
            y[i] = y_j if shared[k] else _level_at(above, i, y_j, frame, place)
            y[j] = y_i if shared[k] else _level_at(below, j, y_i, frame, place)
    return exchanges


@kernel
def _add(scale: float, change: Array, start: Array, out: Array) -> None:
    """Set out = start + scale · change, without a temporary array."""
    for i in range(out.size):
        out[i] = start[i] + scale * change[i]


@kernel
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
        link_sizes(y, local, frame, factor, sizes)
        open_size = close_links(sizes, step / fractions[0], order, closed)
        slope = stiffest(y, local, frame, factor, closed)
        h = max(min(step, fractions[0] * open_size, fractions[1] / slope), SHORTEST * step)
        h = min(h, span - time)
        if used + need > normals.size:
            counters[0], used = _refill(key[0], key[1], counters[0], normals), 0
        factor = _interpolate(factors, (time + 0.5 * h) / span)
        forces(y, local, frame, shared, factor * beta, factor, closed, 0.0, first)
        _add(0.5 * h, first, y, y)
        if tangents:
            look_up(y, frame, place, own, noisy, local)
        counters[1] = _noise_step(
            y, local, frame, shared, linear, beta, factor, 2.0 * factor * h, closed,
            normals[used : used + need], key, counters[1],
        )  # fmt: skip
        used += need
        tally[1] += _restore_order(y, frame, place, shared)
        _add(0.5 * h, first, y, ahead)
        look_up(ahead, frame, place, own, noisy, local)
        forces(ahead, local, frame, shared, factor * beta, factor, closed, 0.5 * math.sqrt(factor * h), second)
        _add(0.5 * h, second, y, y)
        tally[1] += _restore_order(y, frame, place, shared)
        tally[0] += 1
        time = time + h if h < span - time else span


@kernel
def _interpolate(values: Array, place: float) -> float:
    """Linear interpolation in values given at equal distances; `place` runs from 0 to 1."""
    last = values.size - 1
    if last == 0:
        return values[0]
    u = place * last
    k = min(int(u), last - 1)
    return values[k] + (u - k) * (values[k + 1] - values[k])


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
