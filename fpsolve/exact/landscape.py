"""Minima and maxima of a potential on an interval or a ring, found by a scan and bisection."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["Landscape", "find_landscape", "half_width"]

Array = NDArray[np.float64]
Function = Callable[[Array], Array]

POINTS = 4001


@dataclass(frozen=True)
class Landscape:
    """Wells and the barriers between them, in the order of x.

    Attributes
    ----------
    wells : tuple of float
        Minima, ascending; a wall towards which the potential falls is one.
    barriers : tuple of float
        Maxima: `barriers[k]` separates `wells[k]` from `wells[k + 1]`; on a ring the last one separates the last well
        from the first.
    domain : tuple of float
        The interval.
    periodic : bool
        True on a ring.
    """

    wells: tuple[float, ...]
    barriers: tuple[float, ...]
    domain: tuple[float, float]
    periodic: bool = False


def find_landscape(slope: Function, domain: tuple[float, float], *, periodic: bool = False) -> Landscape:
    """Find all wells and barriers of a potential from its slope.

    An extremum is a change of sign between two of 4001 equidistant points, refined by bisection to the last digits;
    structure narrower than the spacing can be missed. A flat potential has one well, in the middle.

    Parameters
    ----------
    slope : callable
        V'(x) of an array; finite inside the domain.
    domain : pair of float
        Ends of the interval, or of one period.
    periodic : bool
        True on a ring.
    """
    lower, upper = domain
    span = upper - lower

    def signs(x: Array) -> Array:
        inside = lower + np.mod(x - lower, span) if periodic else x
        return np.sign(np.broadcast_to(slope(inside), x.shape))

    step = span / (POINTS - 1)
    # On a ring the scan starts off the seam, so that an extremum on the seam is like any other; on an interval it
    # starts just inside the walls, where the slope is still finite.
    x = np.linspace(lower, upper, POINTS) + (0.382 * step if periodic else 0.0)
    if not periodic:
        x[0], x[-1] = lower + 1e-9 * step, upper - 1e-9 * step
    sign = _without_zeros(signs(x))
    wells = [_bisect(signs, x[i], x[i + 1]) for i in np.flatnonzero((sign[:-1] < 0.0) & (sign[1:] > 0.0))]
    barriers = [_bisect(signs, x[i], x[i + 1]) for i in np.flatnonzero((sign[:-1] > 0.0) & (sign[1:] < 0.0))]
    if periodic:
        wells = sorted(lower + (well - lower) % span for well in wells)
        barriers = sorted(lower + (barrier - lower) % span for barrier in barriers)
        if wells and barriers and barriers[0] < wells[0]:
            barriers.append(barriers.pop(0))
    else:
        wells = [lower] * bool(sign[0] > 0.0) + wells + [upper] * bool(sign[-1] < 0.0)
    return Landscape(
        tuple(wells or [0.5 * (lower + upper)]), tuple(_inner(barriers, wells, periodic)), domain, periodic
    )


def half_width(value: Function, x: float, rise: float, domain: tuple[float, float]) -> float:
    """Smallest distance from `x` at which V has risen by `rise` on either side, at most the width of the domain.

    Found by doubling and bisection, so that it serves parabolas, kinks, walls and flat bottoms alike; for a parabola it
    is √(2 rise/V'').
    """
    with np.errstate(all="ignore"):
        depth = np.max(value(np.array([x])))  # −inf at a bottomless wall: nothing has then risen above it by a number

    def risen(distance: float) -> bool:
        """Whether V has risen by `rise` at one of the two points so far from `x`."""
        ends = np.array([max(x - distance, domain[0]), min(x + distance, domain[1])])
        with np.errstate(all="ignore"):
            return bool(np.max(value(ends) - depth) >= rise)

    span = domain[1] - domain[0]
    high = 1e-12 * span
    while high < span and not risen(high):
        high *= 2.0
    if high >= span:
        return span
    low = 0.5 * high
    for _ in range(30):
        middle = 0.5 * (low + high)
        low, high = (low, middle) if risen(middle) else (middle, high)
    return high


def _inner(barriers: list[float], wells: list[float], periodic: bool) -> list[float]:
    """Drop maxima that separate nothing: on an interval only those between two wells are barriers."""
    if periodic:
        return barriers
    return [barrier for barrier in barriers if wells and wells[0] < barrier < wells[-1]]


def _without_zeros(sign: Array) -> Array:
    """Give a point that lies on an extremum the sign of its left neighbour, so that the change is seen once."""
    filled = sign.copy()
    for i in np.flatnonzero(filled == 0.0):
        filled[i] = filled[i - 1] if i > 0 else 0.0
    return filled


def _bisect(signs: Function, left: float, right: float) -> float:
    """Find the point between `left` and `right` where the slope changes sign."""
    start = signs(np.array([left]))[0]
    # A left end that is itself a zero belongs to the sign it was given, the opposite of the right end's.
    start = start if start != 0.0 else -signs(np.array([right]))[0]
    for _ in range(60):
        middle = 0.5 * (left + right)
        if signs(np.array([middle]))[0] == start:
            left = middle
        else:
            right = middle
    return float(0.5 * (left + right))
