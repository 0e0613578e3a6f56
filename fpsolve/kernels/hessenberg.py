"""Rational exponential of order 16 of an upper Hessenberg matrix, by shifted eliminations of order n²."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from fpsolve.kernels._jit import kernel
from fpsolve.kernels.cram import CRAM_POLES, CRAM_WEIGHTS

__all__ = ["cram_hessenberg", "solve_hessenberg"]

Array = NDArray[np.float64]

_POLES_RE, _POLES_IM = CRAM_POLES.real.copy(), CRAM_POLES.imag.copy()
_FACTORS_RE, _FACTORS_IM = (CRAM_WEIGHTS / CRAM_POLES).real.copy(), (CRAM_WEIGHTS / CRAM_POLES).imag.copy()


@kernel
def solve_hessenberg(
    matrix: Array, shift: complex, right: Array, upper_re: Array, upper_im: Array, out_re: Array, out_im: Array
) -> None:
    """Solve (H − shift) x = right by elimination of the subdiagonal with interchange of neighbouring rows.

    Parameters
    ----------
    matrix : ndarray, shape (n, n), n ≥ 2
        H; what is below its subdiagonal is not read.
    shift : complex
    right : ndarray, shape (n,)
    upper_re, upper_im : ndarray, shape (n, n)
        Scratch for the triangular factor. Row k holds the row in work before it becomes row k of the factor.
    out_re, out_im : ndarray, shape (n,)
        x, overwritten.
    """
    n = right.shape[0]
    upper_re[0] = matrix[0]
    upper_im[0] = 0.0
    upper_re[0, 0] -= shift.real
    upper_im[0, 0] -= shift.imag
    value = complex(right[0], 0.0)
    for k in range(n - 1):
        lead, head = matrix[k + 1, k], complex(upper_re[k, k], upper_im[k, k])
        above = value
        if head.real * head.real + head.imag * head.imag >= lead * lead:
            factor = lead / head
            value = right[k + 1] - factor * above
            for j in range(k + 1, n):
                upper_re[k + 1, j] = matrix[k + 1, j] - (factor.real * upper_re[k, j] - factor.imag * upper_im[k, j])
                upper_im[k + 1, j] = -(factor.real * upper_im[k, j] + factor.imag * upper_re[k, j])
            upper_re[k + 1, k + 1] -= shift.real
            upper_im[k + 1, k + 1] -= shift.imag
        else:
            factor = head / lead
            above = complex(right[k + 1], 0.0)
            value = value - factor * above
            for j in range(k + 1, n):
                upper_re[k + 1, j] = upper_re[k, j] - factor.real * matrix[k + 1, j]
                upper_im[k + 1, j] = upper_im[k, j] - factor.imag * matrix[k + 1, j]
                upper_re[k, j] = matrix[k + 1, j]
                upper_im[k, j] = 0.0
            moved = factor * shift
            upper_re[k + 1, k + 1] += moved.real
            upper_im[k + 1, k + 1] += moved.imag
            upper_re[k, k], upper_im[k, k] = lead, 0.0
            upper_re[k, k + 1] -= shift.real
            upper_im[k, k + 1] -= shift.imag
        out_re[k], out_im[k] = above.real, above.imag
    out_re[n - 1], out_im[n - 1] = value.real, value.imag
    _back_substitute(upper_re, upper_im, out_re, out_im)


@kernel
def _back_substitute(upper_re: Array, upper_im: Array, out_re: Array, out_im: Array) -> None:
    """Solve the triangular system in place."""
    n = out_re.shape[0]
    for k in range(n - 1, -1, -1):
        re, im = out_re[k], out_im[k]
        for j in range(k + 1, n):
            re -= upper_re[k, j] * out_re[j] - upper_im[k, j] * out_im[j]
            im -= upper_re[k, j] * out_im[j] + upper_im[k, j] * out_re[j]
        quotient = complex(re, im) / complex(upper_re[k, k], upper_im[k, k])
        out_re[k], out_im[k] = quotient.real, quotient.imag


@kernel
def cram_hessenberg(matrix: Array, step: float, state: Array, out: Array) -> None:
    """Advance coefficients: out ≈ e^{τH} state.

    The change is what is computed, e^z − 1 ≈ 2 Re Σ_k (a_k/θ_k) z/(z − θ_k): rounding errors, which are those of the
    norm of τH, then shrink with the rate of change, and a long step near the stationary law costs no digits.

    Parameters
    ----------
    matrix : ndarray, shape (n, n)
        Upper Hessenberg H [1/time].
    step : float
        τ > 0 [time].
    state, out : ndarray, shape (n,)
        Coefficients before and after.
    """
    n = state.shape[0]
    change = np.zeros(n)
    for i in range(n):
        for j in range(max(i - 1, 0), n):
            change[i] += matrix[i, j] * state[j]
        out[i] = state[i]
    upper_re, upper_im = np.empty((n, n)), np.empty((n, n))
    part_re, part_im = np.empty(n), np.empty(n)
    for k in range(_POLES_RE.shape[0]):
        shift = complex(_POLES_RE[k] / step, _POLES_IM[k] / step)
        solve_hessenberg(matrix, shift, change, upper_re, upper_im, part_re, part_im)
        for i in range(n):
            out[i] += 2.0 * (_FACTORS_RE[k] * part_re[i] - _FACTORS_IM[k] * part_im[i])
