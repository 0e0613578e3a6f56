"""Jumps of a pair of adjacent levels on cells, x below y: rates, terms of polynomials of their generator, gaps filled."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from fpsolve.kernels._jit import inlined, kernel

__all__ = ["fill_nearest", "pair_rates", "pair_term"]

Array = NDArray[np.float64]
Bools = NDArray[np.bool_]


@kernel
def pair_rates(
    lower: Array,
    upper: Array,
    forces: Array,
    x: Array,
    x_faces: Array,
    y: Array,
    y_faces: Array,
    shift: int,
    out: Array,
) -> None:
    """Fill the jump rates of both levels.

    The rate of the lower level from cell a to a + 1 is up_a e^{F_ab} (y_b − face_{a+1})/(y_b − x_a), the last factor
    being the repulsion of the pair, e^F that of all other levels; the other three alike. Both are never in one cell.

    Parameters
    ----------
    lower, upper : ndarray, shapes (2, a) and (2, b)
        Rates upwards and downwards of the levels without repulsion [1/time]; 0 out of the window.
    forces : ndarray, shape (4, a, b)
        F for the lower level upwards and downwards, then for the upper level.
    x, y : ndarray, shapes (a,) and (b,)
        Midpoints.
    x_faces, y_faces : ndarray, shapes (a + 1,) and (b + 1,)
        Edges.
    shift : int
        Number of the first cell of x minus that of y on the common axis.
    out : ndarray, shape (5, a, b)
        The four rates and their sum, overwritten; 0 where the levels are not in order.
    """
    out[:] = 0.0
    for a in range(x.shape[0]):
        for b in range(max(a + shift + 1, 0), y.shape[0]):
            share = 1.0 / (y[b] - x[a])
            if b > a + shift + 1:
                out[0, a, b] = lower[0, a] * math.exp(forces[0, a, b]) * (y[b] - x_faces[a + 1]) * share
                out[3, a, b] = upper[1, b] * math.exp(forces[3, a, b]) * (y_faces[b] - x[a]) * share
            out[1, a, b] = lower[1, a] * math.exp(forces[1, a, b]) * (y[b] - x_faces[a]) * share
            out[2, a, b] = upper[0, b] * math.exp(forces[2, a, b]) * (y_faces[b + 1] - x[a]) * share
            out[4, a, b] = out[0, a, b] + out[1, a, b] + out[2, a, b] + out[3, a, b]


@kernel
def pair_term(
    rates: Array, shift: int, scale: float, offset: float, weight: float, now: Array, total: Array, before: Array
) -> None:
    """One term of a recursion: before ← scale·A·now + offset·now − before, then total += weight·before.

    Parameters
    ----------
    rates : ndarray, shape (5, a, b)
        From `pair_rates`; A is their generator.
    shift : int
        As there.
    scale, offset, weight : float
    now : ndarray, shape (a, b)
        0 where the levels are not in order.
    total, before : ndarray, shape (a, b)
        Overwritten.
    """
    rows, cells = now.shape
    scratch = np.empty(cells)
    for a in range(rows):
        # Slices that start at the first cell in order: loops from 0 are vectorised, others are not.
        first = min(max(a + shift + 1, 0), cells)
        here, gain = now[a, first:], scratch[first:]
        leaving = rates[4, a, first:]
        for j in range(gain.shape[0]):
            gain[j] = -leaving[j] * here[j]
        if a > 0:
            _add_product(rates[0, a - 1, first:], now[a - 1, first:], gain)
        if a + 1 < rows:
            _add_product(rates[1, a + 1, first:], now[a + 1, first:], gain)
        if gain.shape[0] > 1:
            _add_product(rates[2, a, first:-1], here[:-1], gain[1:])
            _add_product(rates[3, a, first + 1 :], here[1:], gain[:-1])
        below, sums = before[a, first:], total[a, first:]
        for j in range(gain.shape[0]):
            value = scale * gain[j] + offset * here[j] - below[j]
            below[j] = value
            sums[j] += weight * value


@inlined
def _add_product(rate: Array, values: Array, gain: Array) -> None:
    for j in range(gain.shape[0]):
        gain[j] += rate[j] * values[j]


@kernel
def fill_nearest(valid: Bools, out: Array) -> None:
    """Give what is not valid the value of the nearest valid cell of its row; an empty row that of the nearest row.

    Parameters
    ----------
    valid : ndarray of bool, shape (row, cell)
    out : ndarray, shape (row, cell)
        Overwritten where it is not valid; 0 everywhere if nothing is.
    """
    rows, cells = valid.shape
    nearest = np.full(rows, -1)
    for row in range(rows):
        seen = -1
        for j in range(cells):
            if not valid[row, j]:
                continue
            # What lies between two valid cells is closer to the first of them up to the middle.
            for k in range(seen + 1, j):
                source = seen if seen >= 0 and k - seen <= j - k else j
                out[row, k] = out[row, source]
            seen = j
        if seen >= 0:
            out[row, seen + 1 :] = out[row, seen]
            nearest[row] = row
    before = -1
    for row in range(rows):
        if nearest[row] == row:
            for k in range(before + 1, row):
                nearest[k] = before if before >= 0 and k - before <= row - k else row
            before = row
    for k in range(before + 1, rows):
        nearest[k] = before
    for row in range(rows):
        if nearest[row] < 0:
            out[row] = 0.0
        elif nearest[row] != row:
            out[row] = out[nearest[row]]
