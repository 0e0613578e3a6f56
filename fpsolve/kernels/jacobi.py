"""Tables of orthogonal polynomials by their three-term recurrence."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from fpsolve.kernels._jit import kernel

__all__ = ["recurrence_table"]

Array = NDArray[np.float64]


@kernel
def recurrence_table(points: Array, a: Array, b: Array, first: float, values: Array, slopes: Array) -> None:
    """Fill p_k(t) and p_k'(t) from t p_k = b_{k+1} p_{k+1} + a_k p_k + b_k p_{k−1}, p_0 = `first`.

    Parameters
    ----------
    points : ndarray, shape (point,)
        t.
    a : ndarray, shape (mode,)
    b : ndarray, shape (mode + 1,)
        Coefficients; b_0 is not used.
    first : float
        p_0.
    values, slopes : ndarray, shape (mode, point)
        Overwritten.
    """
    modes, size = values.shape
    for i in range(size):
        values[0, i] = first
        slopes[0, i] = 0.0
    for k in range(modes - 1):
        scale = 1.0 / b[k + 1]
        back = b[k] if k > 0 else 0.0
        before = k - 1 if k > 0 else 0
        for i in range(size):
            t = points[i] - a[k]
            slopes[k + 1, i] = (t * slopes[k, i] + values[k, i] - back * slopes[before, i]) * scale
            values[k + 1, i] = (t * values[k, i] - back * values[before, i]) * scale
