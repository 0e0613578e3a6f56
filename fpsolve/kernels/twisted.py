"""Right singular vectors of a bidiagonal matrix by twisted factorisation."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from fpsolve.kernels._jit import kernel

__all__ = ["twisted_vector"]

Array = NDArray[np.float64]

# Stands in for a pivot that is exactly zero; its square and its inverse squared are still floats.
_TINY = 1e-150


@kernel
def _stationary_pivots(diagonal: Array, superdiagonal: Array, shift: float, gamma: Array, out: Array) -> None:
    """Top-down: γ_i ← s_i and the multipliers L⁺_i into `out`, of GᵀG − λ = L⁺ D⁺ L⁺ᵀ."""
    size = diagonal.shape[0]
    s = -shift
    for i in range(size - 1):
        gamma[i] = s
        pivot = diagonal[i] * diagonal[i] + s
        if abs(pivot) < _TINY:
            pivot = -_TINY
        out[i] = diagonal[i] * superdiagonal[i] / pivot
        s = superdiagonal[i] * (superdiagonal[i] / pivot) * s - shift
    gamma[size - 1] = s


@kernel
def twisted_vector(
    diagonal: Array, superdiagonal: Array, shift: float, gamma: Array, below: Array, out: Array
) -> float:
    """Unit vector z with (GᵀG − λ)z = γ_r e_r and γ_r as small as can be; returns |γ_r|/‖z‖, its residual.

    The stationary factorisation from the top, the progressive one from the bottom and their meeting point r, where |γ|
    is smallest, are built from differential forms without subtractions except of the shift λ itself, so z is right to
    n ε over the *relative* gap of λ, however small λ is (Parlett & Dhillon, Linear Algebra Appl. 309, 121 (2000)).

    Parameters
    ----------
    diagonal : ndarray, shape (n,)
    superdiagonal : ndarray, shape (n − 1,)
        Of the upper bidiagonal G.
    shift : float
        λ = σ² > 0, accurate to its last digits.
    gamma, below : ndarray, shape (n,)
        Work space.
    out : ndarray, shape (n,)
        The vector.
    """
    size = diagonal.shape[0]
    _stationary_pivots(diagonal, superdiagonal, shift, gamma, out)
    p = diagonal[size - 1] * diagonal[size - 1] - shift
    gamma[size - 1] += p + shift
    for i in range(size - 2, -1, -1):
        pivot = superdiagonal[i] * superdiagonal[i] + p
        if abs(pivot) < _TINY:
            pivot = -_TINY
        below[i] = diagonal[i] * superdiagonal[i] / pivot
        p = diagonal[i] * (diagonal[i] / pivot) * p - shift
        gamma[i] += p + shift
    twist = 0
    for i in range(1, size):
        if abs(gamma[i]) < abs(gamma[twist]):
            twist = i
    norm = 1.0
    value = 1.0
    for i in range(twist - 1, -1, -1):
        value = -out[i] * value
        out[i] = value
        norm += value * value
    out[twist] = value = 1.0
    for i in range(twist, size - 1):
        value = -below[i] * value
        out[i + 1] = value
        norm += value * value
    norm = np.sqrt(norm)
    for i in range(size):
        out[i] /= norm
    return float(abs(gamma[twist]) / norm)
