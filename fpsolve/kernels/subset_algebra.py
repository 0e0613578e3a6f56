"""Subset recursion for ordered levels with the weight ∏_{i<j}(x_j − x_i) ∏ w_i(x_i).

The Vandermonde determinant is det p_k(x_i) for N polynomials p_k. Let A_S(x) be the integral over the levels
x_1 < … < x_s < x of w_1 … w_s times the minor of the columns S (s of them), and B_T(x) that of the levels above x:

    placed from the left:   M_S(x) = w_s(x) Σ_{k in S} (−1)^{#(l in S, l > k)} p_k(x) A_{S∖k}(x),   A_S = ∫_{−∞}^x M_S,
    placed from the right:  N_T(x) = w(x) Σ_{k in T} (−1)^{#(l in T, l < k)} p_k(x) B_{T∖k}(x),     B_T = ∫_x^∞ N_T,

and the density of level i is Σ_S sgn(S, Sᶜ) M_S(x) B_{Sᶜ}(x) with |S| = i (columns of `subset_tables`).

Points come in blocks, `values[block, subset, point]`. Inside a block the running integral is a small matrix, so the
same kernels serve Gauss panels (the spectral integration matrix, `weight` = half width times w) and finite-volume cells
(ones below and one half on the diagonal: half of the tie cell counts; `weight` = cell masses). Every level has a window
of blocks; `offset` is the number of the first block of this window minus that of the neighbouring level's window, and
`outside[0]`, `outside[1]` are the neighbouring level's values below and above its window.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from fpsolve.kernels._jit import kernel

__all__ = ["accumulate", "join", "place"]

# What decays below 1e-276 becomes 0 by (x + FLUSH) − FLUSH: each operation on denormal numbers takes a hundred times longer.
FLUSH = 1e-260

Array = NDArray[np.float64]
Ints = NDArray[np.int32]


@kernel
def place(
    members: Ints,
    children: Ints,
    basis: Array,
    weight: Array,
    values: Array,
    outside: Array,
    offset: int,
    from_right: bool,
    out: Array,
) -> None:
    """Put one more level at every point: M_S from A, or N_T from B.

    Parameters
    ----------
    members, children : ndarray of int32, shape (subset, size)
        Tables of the new, larger size.
    basis : ndarray, shape (block, column, point)
        p_k on this level's window.
    weight : ndarray, shape (block, point)
        w.
    values : ndarray, shape (block of the neighbour, smaller subset, point)
        A or B of the levels placed already.
    outside : ndarray, shape (2, smaller subset)
    offset : int
    from_right : bool
        True for N_T from B.
    out : ndarray, shape (block, subset, point)
        Overwritten.
    """
    size = members.shape[1]
    for p in range(out.shape[0]):
        block = p + offset
        inside = 0 <= block < values.shape[0]
        side = 0 if block < 0 else 1
        for s in range(out.shape[1]):
            row = out[p, s]
            row[:] = 0.0
            for r in range(size):
                odd = (r if from_right else size - 1 - r) & 1
                sign = -1.0 if odd else 1.0
                child = children[s, r]
                column = basis[p, members[s, r]]
                if inside:
                    below = values[block, child]
                    for j in range(row.shape[0]):
                        row[j] += sign * column[j] * below[j]
                else:
                    factor = sign * outside[side, child]
                    for j in range(row.shape[0]):
                        row[j] += factor * column[j]
            for j in range(row.shape[0]):
                row[j] = (row[j] * weight[p, j] + FLUSH) - FLUSH


@kernel
def accumulate(integration: Array, rule: Array, from_right: bool, edges: Array, values: Array) -> None:
    """Replace M by A = ∫^x M, or N by B = ∫_x N.

    Parameters
    ----------
    integration : ndarray, shape (point, point)
        Entry [k, j] is the share of point k in the integral from the block's start (its end, if from the right) to
        point j.
    rule : ndarray, shape (point,)
        Shares in the integral over the whole block.
    from_right : bool
    edges : ndarray, shape (block + 1, subset)
        A or B between the blocks, overwritten.
    values : ndarray, shape (block, subset, point)
        M or N, overwritten by A or B.
    """
    blocks, subsets, points = values.shape
    total = np.empty(points)
    edges[blocks if from_right else 0] = 0.0
    for step in range(blocks):
        p = blocks - 1 - step if from_right else step
        start, end = (p + 1, p) if from_right else (p, p + 1)
        for s in range(subsets):
            row = values[p, s]
            whole = 0.0
            total[:] = edges[start, s]
            for k in range(points):
                value = row[k]
                whole += rule[k] * value
                for j in range(points):
                    total[j] += integration[k, j] * value
            edges[end, s] = (edges[start, s] + whole + FLUSH) - FLUSH
            for j in range(points):
                row[j] = (total[j] + FLUSH) - FLUSH


@kernel
def join(
    complement: Ints,
    sign: Array,
    placed: Array,
    values: Array,
    outside: Array,
    offset: int,
    magnitude: Array,
    density: Array,
) -> None:
    """Density of one level between those on its left and those on its right: Σ_S sgn(S, Sᶜ) M_S B_{Sᶜ}.

    With `weight` = 1 in `place` it is the cavity density ρ_i of closures that ask for P_i = ρ_i w_i.

    Parameters
    ----------
    complement, sign : ndarray, shape (subset,)
        Tables of the size of S.
    placed : ndarray, shape (block, subset, point)
        M_S on this level's window.
    values : ndarray, shape (block of the upper neighbour, complementary subset, point)
        B.
    outside : ndarray, shape (2, complementary subset)
    offset : int
    magnitude : ndarray, shape (block, point)
        Sum of the absolute terms, overwritten; density/magnitude near 0 means cancellation.
    density : ndarray, shape (block, point)
        Overwritten.
    """
    for p in range(placed.shape[0]):
        block = p + offset
        inside = 0 <= block < values.shape[0]
        side = 0 if block < 0 else 1
        density[p] = 0.0
        magnitude[p] = 0.0
        for s in range(placed.shape[1]):
            other = complement[s]
            for j in range(placed.shape[2]):
                right = values[block, other, j] if inside else outside[side, other]
                term = sign[s] * placed[p, s, j] * right
                density[p, j] += term
                magnitude[p, j] += abs(term)
