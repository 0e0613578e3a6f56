"""Forces on ordered levels, in coordinates in which every level has noise of one size.

Level i is moved in y_i with dx_i/dy_i = √D_i(x_i) = g_i, where its equation has constant noise:

    dy_i = [a_i(y_i) + f β g_i Σ_{j≠i} 1/(x_i − x_j)] dt + √(2f) dB_i,      a_i = (b_i − D_i'/2)/√D_i,

f(t) the noise schedule. The one-body force is a table plus its poles A/(y − wall).

Links are numbered 0 … N: link 0 joins the lowest level to the lower wall, link k the levels k − 1 and k, link N the
highest level to the upper wall. A closed link is one whose two ends are moved together, exactly, by the noise step; its
singular force is left out here.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from fpsolve.kernels._jit import inlined

__all__ = [
    "BEND",
    "GRADED",
    "HIGH0",
    "HIGH1",
    "INVERSE_STEP",
    "LOW0",
    "LOW1",
    "LOWER",
    "OWN0",
    "OWN1",
    "SCALE",
    "SLOPE0",
    "SLOPE1",
    "START",
    "UPPER",
    "G",
    "X",
    "cell_of",
    "close_links",
    "cubic",
    "forces",
    "link_sizes",
    "look_up",
    "position",
    "stiffest",
]

Array = NDArray[np.float64]
Flags = NDArray[np.bool_]

# Columns of `frame`: start and inverse step of the tables, x/y of linear maps, the walls in y, the poles at them, and
# the side (-1 or 1) of a wall towards which the table is graded; its cells are then uniform in the fourth root of the
# distance from that wall, START is the wall and INVERSE_STEP the fourth power of their number over the whole range.
START, INVERSE_STEP, SCALE, LOWER, UPPER, LOW0, LOW1, HIGH0, HIGH1, GRADED = range(10)
# Rows of `local`: x, √D, d√D/dy, one-body force without poles and its slope, for f = 0 and per f.
X, G, BEND, OWN0, SLOPE0, OWN1, SLOPE1 = range(7)
# Poles with more degrees of freedom than this keep the level away by themselves.
LARGEST_LINKED = 4.0
# Distance from a wall, in roots of time, below which a graded table is not asked.
NEAREST = 1e-8
# Relative gap below which a difference of two poles is replaced by its limit.
TIGHT = 1e-4


@inlined
def cubic(table: Array, level: int, place: float) -> tuple[float, float, float]:
    """Value, slope and curvature of a piecewise cubic at `place` (in cells); straight beyond the table."""
    last = table.shape[1] - 1
    k = min(max(int(place), 0), last)
    t = min(max(place - k, 0.0), 1.0)
    c0, c1, c2, c3 = table[level, k, 0], table[level, k, 1], table[level, k, 2], table[level, k, 3]
    slope = c1 + t * (2.0 * c2 + 3.0 * t * c3)
    value = c0 + t * (c1 + t * (c2 + t * c3)) + (place - k - t) * slope
    return value, slope, 2.0 * c2 + 6.0 * t * c3


@inlined
def cell_of(y: float, level: int, frame: Array) -> tuple[float, float, float]:
    """Place of y in the table of one level, counted in cells, and its first and second derivative."""
    side = frame[level, GRADED]
    if side == 0.0:
        inverse = frame[level, INVERSE_STEP]
        return (y - frame[level, START]) * inverse, inverse, 0.0
    distance = max(side * (frame[level, START] - y), NEAREST)
    u = math.sqrt(math.sqrt(distance * frame[level, INVERSE_STEP]))
    return u, -0.25 * side * u / distance, -0.1875 * u / (distance * distance)


@inlined
def position(y: float, level: int, frame: Array, place: Array) -> float:
    """Return x(y) of one level."""
    if place.shape[1] == 0:
        return float(frame[level, SCALE] * y)
    return cubic(place, level, cell_of(y, level, frame)[0])[0]


@inlined
def look_up(y: Array, frame: Array, place: Array, own: Array, noisy: Array, local: Array) -> None:
    """Fill `local` with what the tables say at the levels y.

    Parameters
    ----------
    y : ndarray, shape (level,)
    frame : ndarray, shape (level, 10)
        See the names of the columns.
    place, own, noisy : ndarray, shape (level, cell, 4)
        Cubics of x(y), of the force at f = 0 and of the force per f. Without cells: x = SCALE y, and no force per f.
    local : ndarray, shape (7, level)
        Overwritten; rows that need no table keep what they had.
    """
    linear, scheduled = place.shape[1] == 0, noisy.shape[1] > 0
    for i in range(y.size):
        u, first, second = cell_of(y[i], i, frame)
        local[OWN0, i], slope, _ = cubic(own, i, u)
        local[SLOPE0, i] = slope * first
        if linear:
            local[X, i], local[G, i], local[BEND, i] = frame[i, SCALE] * y[i], frame[i, SCALE], 0.0
        else:
            local[X, i], slope, bend = cubic(place, i, u)
            local[G, i], local[BEND, i] = slope * first, bend * first * first + slope * second
        if scheduled:
            local[OWN1, i], slope, _ = cubic(noisy, i, u)
            local[SLOPE1, i] = slope * first


@inlined
def link_sizes(y: Array, local: Array, frame: Array, factor: float, sizes: Array) -> None:
    """Time in which noise crosses every link: gap²/(f(D_i + D_j)), at a wall (y − wall)²/f.

    A strong pole keeps the level away from its wall by itself, so that link is infinitely long, as it is without a wall.
    """
    n = y.size
    for k in range(1, n):
        gap = local[X, k] - local[X, k - 1]
        sizes[k] = gap * gap / (factor * (local[G, k - 1] ** 2 + local[G, k] ** 2))
    low = (frame[0, LOW0] + factor * frame[0, LOW1]) / factor
    high = (frame[n - 1, HIGH0] + factor * frame[n - 1, HIGH1]) / factor
    sizes[0] = (y[0] - frame[0, LOWER]) ** 2 / factor if low <= LARGEST_LINKED else np.inf
    sizes[n] = (frame[n - 1, UPPER] - y[n - 1]) ** 2 / factor if high <= LARGEST_LINKED else np.inf


@inlined
def close_links(sizes: Array, limit: float, order: NDArray[np.int64], closed: Flags) -> float:
    """Close links greedily, shortest first, no two that share a level, none longer than `limit`.

    Parameters
    ----------
    sizes : ndarray, shape (level + 1,)
    limit : float
    order : ndarray of int64, shape (level + 1,)
        A permutation to start sorting from; sorted on return.
    closed : ndarray of bool, shape (level + 1,)
        Overwritten.

    Returns
    -------
    float
        The shortest link that stays open.
    """
    links = sizes.size
    for a in range(1, links):
        moving, b = order[a], a
        while b > 0 and sizes[order[b - 1]] > sizes[moving]:
            order[b] = order[b - 1]
            b -= 1
        order[b] = moving
    closed[:] = False
    shortest = np.inf
    for a in range(links):
        k = order[a]
        free = not ((k > 0 and closed[k - 1]) or (k < links - 1 and closed[k + 1]))
        if free and sizes[k] < limit:
            closed[k] = True
        else:
            shortest = min(shortest, sizes[k])
    return shortest


@inlined
def stiffest(y: Array, local: Array, frame: Array, factor: float, closed: Flags) -> float:
    """Largest |∂F_i/∂y_i| of the one-body forces, the poles of open walls included [1/time]."""
    n, most = y.size, 0.0
    for i in range(n):
        slope = local[SLOPE0, i] + factor * local[SLOPE1, i]
        if not (i == 0 and closed[0]):
            pole = frame[i, LOW0] + factor * frame[i, LOW1]
            slope -= pole / (y[i] - frame[i, LOWER]) ** 2 if pole != 0.0 else 0.0
        if not (i == n - 1 and closed[n]):
            pole = frame[i, HIGH0] + factor * frame[i, HIGH1]
            slope -= pole / (frame[i, UPPER] - y[i]) ** 2 if pole != 0.0 else 0.0
        most = max(most, abs(slope))
    return most


@inlined
def _one_body(y: Array, local: Array, frame: Array, factor: float, closed: Flags, nearest: float, out: Array) -> None:
    """One-body forces; a pole is not looked at from nearer than `nearest`."""
    n = y.size
    for i in range(n):
        out[i] = local[OWN0, i] + factor * local[OWN1, i]
        low, high = frame[i, LOW0] + factor * frame[i, LOW1], frame[i, HIGH0] + factor * frame[i, HIGH1]
        if low != 0.0 and not (i == 0 and closed[0]):
            out[i] += low / max(y[i] - frame[i, LOWER], nearest)
        if high != 0.0 and not (i == n - 1 and closed[n]):
            out[i] -= high / max(frame[i, UPPER] - y[i], nearest)


@inlined
def forces(
    y: Array,
    local: Array,
    frame: Array,
    shared: Flags,
    strength: float,
    factor: float,
    closed: Flags,
    nearest: float,
    out: Array,
) -> None:
    """All forces on the levels but the singular ones of closed links.

    Parameters
    ----------
    y, local, frame : ndarray
        As for `look_up`.
    shared : ndarray of bool, shape (level + 1,)
        True where link k joins levels that have one curved map x(y) in common. Its closed link then moves the gap in
        y, exactly, and what remains of the force, g/(x_i − x_j) − 1/(y_i − y_j), is smooth and counted here.
    strength : float
        f β.
    factor : float
        f.
    closed : ndarray of bool, shape (level + 1,)
    nearest : float
        √(f dt)/2: a gap that a noise step has left shorter than this times g counts as that long. 0 at the start.
    out : ndarray, shape (level,)
        Overwritten.
    """
    n = y.size
    _one_body(y, local, frame, factor, closed, nearest, out)
    if strength == 0.0:
        return
    for i in range(1, n):
        x, g, total = local[X, i], local[G, i], 0.0
        least = nearest * g
        for j in range(i - 1):
            push = 1.0 / max(x - local[X, j], least)
            total += push
            out[j] -= strength * local[G, j] * push
        gap = x - local[X, i - 1]
        if not closed[i]:
            push = 1.0 / max(gap, least)
            total += push
            out[i - 1] -= strength * local[G, i - 1] * push
        elif shared[i]:
            step = y[i] - y[i - 1]
            if gap > TIGHT * (abs(x) + abs(local[X, i - 1])) and step > 0.0:
                total += 1.0 / gap - 1.0 / (step * g)
                out[i - 1] -= strength * (local[G, i - 1] / gap - 1.0 / step)
            else:
                bend = 0.5 * (local[BEND, i] + local[BEND, i - 1]) / (g + local[G, i - 1])
                total += bend / g
                out[i - 1] += strength * bend
        out[i] += strength * g * total
