"""Squared singular values of many small matrices by one-sided Jacobi rotations."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from fpsolve.kernels._jit import kernel

__all__ = ["fill_squared_singular_values"]

Array = NDArray[np.float64]

EPSILON = 2.0**-52
SWEEPS = 40


@kernel
def _orthogonalise(vectors: Array) -> None:
    """Rotate pairs of rows until all are orthogonal; their norms are then the singular values.

    M. R. Hestenes, J. Soc. Indust. Appl. Math. 6 (1958) 51; small singular values come out with the relative accuracy
    that the entries allow (J. Demmel and K. Veselić, SIAM J. Matrix Anal. Appl. 13 (1992) 1204).
    """
    count, length = vectors.shape
    for _ in range(SWEEPS):
        moved = False
        for p in range(count - 1):
            for q in range(p + 1, count):
                a, b, c = 0.0, 0.0, 0.0
                for k in range(length):
                    a += vectors[p, k] * vectors[p, k]
                    b += vectors[q, k] * vectors[q, k]
                    c += vectors[p, k] * vectors[q, k]
                if not abs(c) > EPSILON * math.sqrt(a * b):
                    continue
                moved = True
                zeta = (b - a) / (2.0 * c)
                tangent = math.copysign(1.0, zeta) / (abs(zeta) + math.hypot(1.0, zeta))
                cosine = 1.0 / math.hypot(1.0, tangent)
                sine = tangent * cosine
                for k in range(length):
                    x, y = vectors[p, k], vectors[q, k]
                    vectors[p, k] = cosine * x - sine * y
                    vectors[q, k] = sine * x + cosine * y
        if not moved:
            return


@kernel
def fill_squared_singular_values(matrices: Array, out: Array) -> None:
    """Squared singular values of every matrix, ascending.

    Parameters
    ----------
    matrices : ndarray, shape (row, column, lane)
        Real matrices.
    out : ndarray, shape (lane, min(row, column))
        Overwritten.
    """
    rows, columns, lanes = matrices.shape
    count, length = min(rows, columns), max(rows, columns)
    vectors = np.empty((count, length))
    for r in range(lanes):
        for i in range(count):
            for k in range(length):
                vectors[i, k] = matrices[i, k, r] if rows < columns else matrices[k, i, r]
        _orthogonalise(vectors)
        for i in range(count):
            total = 0.0
            for k in range(length):
                total += vectors[i, k] * vectors[i, k]
            # Insertion keeps the row sorted.
            place = i
            while place > 0 and out[r, place - 1] > total:
                out[r, place] = out[r, place - 1]
                place -= 1
            out[r, place] = total
