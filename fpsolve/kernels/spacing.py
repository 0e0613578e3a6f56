"""Distances of two levels whose joint masses are known on cells."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from fpsolve.kernels._jit import inlined, kernel

__all__ = ["spacing_histogram"]

Array = NDArray[np.float64]


@inlined
def _part_below(s: float, middle: float, outer: float, inner: float, wide: float, tie: bool) -> float:
    """Part of a cell with distances below s: a trapezium, or a triangle that falls from 0 in a tie cell."""
    if tie:
        u = min(max(s / wide, 0.0), 1.0)
        return u * (2.0 - u)
    z = s - middle
    away = min(abs(z), outer)
    if away <= inner:
        return 0.5 + z / wide
    rest = 0.5 * (outer - away) ** 2 / ((outer - inner) * wide)
    return rest if z < 0.0 else 1.0 - rest


@kernel
def spacing_histogram(lower: Array, upper: Array, masses: Array, edges: Array, out: Array) -> None:
    """Add up the distances y − x of masses on cells of (x, y), x < y.

    A mass is spread evenly over its rectangle of cells, so that the distance has the density of a trapezium, with
    feet (h + k)/2 and a top |h − k|/2 from the distance of the midpoints; in a tie cell, where both levels share the
    edges, over the half in which they are in order: 2(h − s)/h².

    Parameters
    ----------
    lower, upper : ndarray, shapes (a + 1,) and (b + 1,)
        Edges of the cells of x and of y.
    masses : ndarray, shape (a, b)
        Joint masses.
    edges : ndarray, shape (bin + 1,)
        Uniform edges of the distances, from 0; what lies beyond the last is counted in the last bin.
    out : ndarray, shape (bin,)
        Masses are added to it.
    """
    bins = edges.size - 1
    width = edges[bins] / bins
    for a in range(masses.shape[0]):
        for b in range(masses.shape[1]):
            mass = masses[a, b]
            if mass == 0.0:
                continue
            h, k = lower[a + 1] - lower[a], upper[b + 1] - upper[b]
            tie = lower[a] == upper[b]
            middle = 0.5 * (upper[b + 1] + upper[b] - lower[a + 1] - lower[a])
            outer, inner, wide = 0.5 * (h + k), 0.5 * abs(h - k), max(h, k)
            first = 0 if tie else min(max(int((middle - outer) / width), 0), bins - 1)
            last = min(int((h if tie else middle + outer) / width), bins - 1)
            before = 0.0
            for place in range(first, last):
                part = _part_below(edges[place + 1], middle, outer, inner, wide, tie)
                out[place] += mass * (part - before)
                before = part
            out[last] += mass * (1.0 - before)
