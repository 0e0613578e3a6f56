"""Shifted solves with the generator of a birth–death chain, for many complex shifts at once.

The generator A has jump rates `up[i]` from i to i + 1 and `down[i]` from i to i − 1; the first `down` and the last `up`
leave the chain. For z − A the elimination of Grassmann, Taksar and Heyman (Oper. Res. 33, 1107, 1985) applies: with
d_i the pivots and e_i = d_i − up_i,

    e_0 = z + down_0,    e_i = z + down_i e_{i−1}/d_{i−1},    d_i = up_i + e_i,

so the shift is never subtracted from rates that are many orders larger, and Σ x = Σ b / z holds to rounding whatever
the time step is. The shifts run in the innermost loop: their recurrences are independent and overlap in the pipeline.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from fpsolve.kernels._jit import kernel

__all__ = ["FLUSH", "factor_shifted", "solve_shifted"]

Array = NDArray[np.float64]

# What decays along the chain below 1e-276 becomes 0 by (x + FLUSH) − FLUSH: in denormal numbers, where it would get
# stuck, each operation takes a hundred times longer.
FLUSH = 1e-260


@kernel
def factor_shifted(
    up: Array, down: Array, shift_re: Array, shift_im: Array, inverse_re: Array, inverse_im: Array
) -> None:
    """Fill the inverse pivots 1/d_i of z_k − A.

    Parameters
    ----------
    up, down : ndarray, shape (cell,)
        Rates ≥ 0 [1/time].
    shift_re, shift_im : ndarray, shape (shift,)
        z_k [1/time].
    inverse_re, inverse_im : ndarray, shape (cell, shift)
        1/d_i, overwritten.
    """
    shifts = shift_re.shape[0]
    ratio_re = np.ones(shifts)
    ratio_im = np.zeros(shifts)
    for i in range(up.shape[0]):
        for k in range(shifts):
            excess_re = shift_re[k] + down[i] * ratio_re[k]
            excess_im = shift_im[k] + down[i] * ratio_im[k]
            pivot = excess_re + up[i]
            scale = 1.0 / (pivot * pivot + excess_im * excess_im)
            a = pivot * scale
            b = -excess_im * scale
            inverse_re[i, k] = a
            inverse_im[i, k] = b
            ratio_re[k] = excess_re * a - excess_im * b
            ratio_im[k] = excess_re * b + excess_im * a


@kernel
def solve_shifted(
    up: Array, down: Array, inverse_re: Array, inverse_im: Array, right: Array, out_re: Array, out_im: Array
) -> None:
    """Solve (z_k − A) x = right for every factored shift.

    Parameters
    ----------
    up, down : ndarray, shape (cell,)
        The rates that were factored.
    inverse_re, inverse_im : ndarray, shape (cell, shift)
        From `factor_shifted`.
    right : ndarray, shape (cell,)
        Right-hand side, the same for all shifts.
    out_re, out_im : ndarray, shape (cell, shift)
        x, overwritten.
    """
    cells, shifts = inverse_re.shape
    carry_re = np.zeros(shifts)
    carry_im = np.zeros(shifts)
    for i in range(cells):
        for k in range(shifts):
            y_re = right[i] + carry_re[k]
            y_im = carry_im[k]
            x_re = y_re * inverse_re[i, k] - y_im * inverse_im[i, k]
            x_im = y_re * inverse_im[i, k] + y_im * inverse_re[i, k]
            out_re[i, k] = x_re
            out_im[i, k] = x_im
            carry_re[k] = (up[i] * x_re + FLUSH) - FLUSH
            carry_im[k] = (up[i] * x_im + FLUSH) - FLUSH
    for i in range(cells - 2, -1, -1):
        for k in range(shifts):
            a = down[i + 1] * inverse_re[i, k]
            b = down[i + 1] * inverse_im[i, k]
            flow_re = out_re[i + 1, k] * a - out_im[i + 1, k] * b
            flow_im = out_re[i + 1, k] * b + out_im[i + 1, k] * a
            out_re[i, k] += (flow_re + FLUSH) - FLUSH
            out_im[i, k] += (flow_im + FLUSH) - FLUSH
