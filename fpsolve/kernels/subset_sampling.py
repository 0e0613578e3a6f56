"""Exact draws from an ordered gas, level by level, with the minors of `subset_algebra`.

Given x_1 … x_s, the determinant is expanded along its first s rows: with the minors v_S of these rows,

    P(x_{s+1} > x | x_1 … x_s) ∝ G(x) = Σ_S sgn(S, Sᶜ) v_S B_{Sᶜ}(x),

so the conditional distribution function needs no integral: it is a dot product with what the recursion has stored.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from fpsolve.kernels._jit import kernel

__all__ = ["draw_next", "extend_minors"]

Array = NDArray[np.float64]
Ints = NDArray[np.int32]

_BISECTIONS = 54


@kernel
def _polynomial(nodes: Array, weights: Array, values: Array, u: float) -> float:
    """Interpolate `values` at u by the barycentric formula."""
    above, below = 0.0, 0.0
    for k in range(nodes.shape[0]):
        if u == nodes[k]:
            return float(values[k])
        term = weights[k] / (u - nodes[k])
        above += term * values[k]
        below += term
    return above / below


@kernel
def draw_next(
    complement: Ints,
    sign: Array,
    minors: Array,
    edges: Array,
    values: Array,
    nodes: Array,
    barycentric: Array,
    uniform: Array,
    panel: NDArray[np.int64],
    u: Array,
) -> None:
    """Draw the next level of every sample by inverting its conditional distribution function.

    Parameters
    ----------
    complement, sign : ndarray, shape (subset,)
        Tables of the size of S.
    minors : ndarray, shape (sample, subset)
        v_S.
    edges, values : ndarray, shapes (panel + 1, complementary subset), (panel, complementary subset, point)
        B between and on the panels of the next level's window.
    nodes, barycentric : ndarray, shape (point,)
        Interpolation rule of the panels.
    uniform : ndarray, shape (sample,)
        Numbers in (0, 1).
    panel, u : ndarray, shape (sample,)
        Where the previous level is in this window; overwritten by the new level's place.
    """
    panels, subsets, points = values.shape
    factor = np.empty(subsets)
    local = np.empty(points)
    for m in range(minors.shape[0]):
        for s in range(subsets):
            factor[complement[s]] = sign[s] * minors[m, s]
        _combine(factor, values[panel[m]], local)
        target = uniform[m] * _polynomial(nodes, barycentric, local, u[m])
        low, high = panel[m], panels
        while high - low > 1:
            middle = (low + high) // 2
            level = 0.0
            for s in range(subsets):
                level += factor[s] * edges[middle, s]
            if level > target:
                low = middle
            else:
                high = middle
        left = u[m] if low == panel[m] else -1.0
        right = 1.0
        _combine(factor, values[low], local)
        for _ in range(_BISECTIONS):
            centre = 0.5 * (left + right)
            if _polynomial(nodes, barycentric, local, centre) > target:
                left = centre
            else:
                right = centre
        panel[m] = low
        u[m] = 0.5 * (left + right)


@kernel
def _combine(factor: Array, values: Array, out: Array) -> None:
    """out[point] = Σ_s factor[s] values[s, point]."""
    out[:] = 0.0
    for s in range(values.shape[0]):
        for j in range(out.shape[0]):
            out[j] += factor[s] * values[s, j]


@kernel
def extend_minors(members: Ints, children: Ints, basis: Array, minors: Array, out: Array) -> None:
    """Minors with one more row, each sample divided by its largest.

    Parameters
    ----------
    members, children : ndarray of int32, shape (subset, size)
        Tables of the new, larger size.
    basis : ndarray, shape (sample, column)
        The new row p_k(x).
    minors : ndarray, shape (sample, smaller subset)
    out : ndarray, shape (sample, subset)
        Overwritten.
    """
    size = members.shape[1]
    for m in range(out.shape[0]):
        largest = 0.0
        for s in range(out.shape[1]):
            total = 0.0
            for r in range(size):
                term = basis[m, members[s, r]] * minors[m, children[s, r]]
                total += -term if (size - 1 - r) & 1 else term
            out[m, s] = total
            largest = max(largest, abs(total))
        for s in range(out.shape[1]):
            out[m, s] /= largest
