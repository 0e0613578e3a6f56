"""Product of matrices of minors. BLAS would start threads for it, which on a busy machine wait for each other for seconds."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from fpsolve.kernels._jit import inlined, kernel

__all__ = ["add_products"]

Array = NDArray[np.float64]

TILE = 48  # terms whose rows of the right factor stay in the fastest memory


@kernel
def add_products(left: Array, right: Array, out: Array) -> None:
    """Compute out_ij = Σ_k left_ki right_kj.

    Parameters
    ----------
    left : ndarray, shape (term, row)
    right : ndarray, shape (term, column)
    out : ndarray, shape (row, column)
        Overwritten.
    """
    terms, rows = left.shape
    out[:] = 0.0
    whole = terms - terms % 4
    for begin in range(0, whole, TILE):
        end = min(begin + TILE, whole)
        for i in range(rows):
            target = out[i]
            for k in range(begin, end, 4):
                _add_four(
                    left[k, i], left[k + 1, i], left[k + 2, i], left[k + 3, i],
                    right[k], right[k + 1], right[k + 2], right[k + 3], target,
                )  # fmt: skip
    for k in range(whole, terms):
        row = right[k]
        for i in range(rows):
            factor = left[k, i]
            target = out[i]
            for j in range(target.shape[0]):
                target[j] += factor * row[j]


@inlined
def _add_four(
    a: float, b: float, c: float, d: float, first: Array, second: Array, third: Array, fourth: Array, target: Array
) -> None:
    """Four terms at once: one pass over the target."""
    for j in range(target.shape[0]):
        target[j] += (a * first[j] + b * second[j]) + (c * third[j] + d * fourth[j])
