"""Distances of two levels whose joint masses are known on cells."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from fpsolve.kernels._jit import inlined, kernel

__all__ = ["spacing_histogram"]

Array = NDArray[np.float64]


@inlined
def _ramp(t: float, corner: float) -> float:
    """∫ t (t − c) dt from max(c, 0) to t, 0 below that."""
    start = max(corner, 0.0)
    if t <= start:
        return 0.0
    return (t * t * t - start * start * start) / 3.0 - 0.5 * corner * (t * t - start * start)


@kernel
def spacing_histogram(lower: Array, upper: Array, masses: Array, edges: Array, out: Array) -> None:
    """Add up the distances y − x of masses on cells of (x, y), x < y.

    Inside a cell the joint law is taken proportional to y − x, as levels with β = 1 repel each other: of a mass the
    part M(s)/M(∞), M(s) = ∫_0^s t T(t) dt, lies below s, with the trapezium T(t), the measure of the part of the cell
    with y − x = t, a sum of ramps that begin at its four corners.

    Parameters
    ----------
    lower, upper : ndarray, shapes (a + 1,) and (b + 1,)
        Edges of the cells of x and of y.
    masses : ndarray, shape (a, b)
        Joint masses; a cell below the diagonal is left out.
    edges : ndarray, shape (bin + 1,)
        Edges of the distances, increasing, ≥ 0.
    out : ndarray, shape (bin,)
        Masses are added to it.
    """
    bins = edges.size - 1
    for a in range(masses.shape[0]):
        for b in range(masses.shape[1]):
            top = upper[b + 1] - lower[a]
            if masses[a, b] == 0.0 or top <= 0.0:
                continue
            h, k = lower[a + 1] - lower[a], upper[b + 1] - upper[b]
            foot = upper[b] - lower[a + 1]
            left, right = foot + min(h, k), foot + max(h, k)
            whole = _ramp(top, foot) - _ramp(top, left) - _ramp(top, right)
            place = max(int(np.searchsorted(edges, max(foot, 0.0), side="right")) - 1, 0)
            s = min(edges[place], top)
            before = _ramp(s, foot) - _ramp(s, left) - _ramp(s, right)
            while place < bins and edges[place] < top:
                s = min(edges[place + 1], top)
                part = _ramp(s, foot) - _ramp(s, left) - _ramp(s, right)
                out[place] += masses[a, b] * (part - before) / whole
                before = part
                place += 1
