"""Lowest singular triplets of a bidiagonal factor, to high relative accuracy."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.linalg.lapack import dstein

from fpsolve.kernels.twisted import twisted_vector
from fpsolve.operators.generator import Generator

__all__ = ["lowest_vectors", "square_factor"]

Array = NDArray[np.float64]

# Closer than this, relative to their size, eigenvalues form a cluster, whose vectors are made orthogonal together.
_CLUSTER = 1e-6


def square_factor(generator: Generator) -> tuple[Array, Array]:
    """Square upper bidiagonal G with GᵀG the symmetrised −A of a generator on an open axis, whatever its walls.

    `Generator.factor` has one row per upper face. An absorbing lower wall adds the rate `down[0]` to the first diagonal
    entry of GᵀG; it is taken in by the stationary quotient-difference transform, which only adds positive numbers:

        s_0 = down[0],  d_i'² = d_i² + s_i,  e_i' = d_i e_i/d_i',  s_{i+1} = e_i² s_i/d_i'².

    Returns
    -------
    diagonal : ndarray, shape (cell,)
    superdiagonal : ndarray, shape (cell − 1,)
    """
    diagonal, superdiagonal = generator.factor()
    s = float(generator.down[0])
    if s == 0.0:
        return diagonal, superdiagonal
    for i in range(diagonal.size):
        old = diagonal[i]
        diagonal[i] = np.hypot(old, np.sqrt(s))
        if i + 1 < diagonal.size:
            s *= float(superdiagonal[i] / diagonal[i]) ** 2
            superdiagonal[i] *= old / diagonal[i]
    return diagonal, superdiagonal


def lowest_vectors(diagonal: Array, superdiagonal: Array, singular: Array) -> tuple[Array, Array]:
    """Right singular vectors for the lowest singular values of a square upper bidiagonal G.

    Values apart by more than 1e-6 of their size get the vector of a twisted factorisation (right however small the
    value is); the vectors of a cluster come from inverse iteration with orthogonalisation (LAPACK dstein).

    Parameters
    ----------
    diagonal, superdiagonal : ndarray
        G, shapes (n,) and (n − 1,).
    singular : ndarray, shape (state,)
        Its lowest singular values, ascending, from `bidiagonal_singular_values`.

    Returns
    -------
    vectors : ndarray, shape (state, n)
        Orthonormal.
    residuals : ndarray, shape (state,)
        ‖GᵀG z − σ² z‖.
    """
    shifts = singular**2
    if shifts.size > 1:
        # The vector of σ = 0 belongs to a shift that is negligible beside the next one but not zero.
        shifts[0] = max(shifts[0], 1e-17 * shifts[1])
    size = diagonal.size
    gamma, below = np.empty(size), np.empty(size)
    vectors = np.empty((shifts.size, size))
    residuals = np.empty(shifts.size)
    gaps = np.diff(shifts) > _CLUSTER * shifts[1:]
    alone = np.append(gaps, True) & np.insert(gaps, 0, True)
    for i in np.flatnonzero(alone):
        residuals[i] = twisted_vector(diagonal, superdiagonal, float(shifts[i]), gamma, below, vectors[i])
    if not alone.all():
        vectors[~alone], residuals[~alone] = _clustered(diagonal, superdiagonal, shifts[~alone], vectors[alone])
    return vectors, residuals


def _clustered(diagonal: Array, superdiagonal: Array, shifts: Array, others: Array) -> tuple[Array, Array]:
    """Orthonormal vectors of clustered eigenvalues of GᵀG, orthogonal to `others`, and their residuals."""
    squares = diagonal**2
    squares[1:] += superdiagonal**2
    off = diagonal[:-1] * superdiagonal
    size = diagonal.size
    # One unreduced block: LAPACK wants the block of every eigenvalue (the arrays have n entries) and where it ends.
    found, _ = dstein(squares, off, shifts, np.ones(size, dtype=np.int32), np.full(size, size, dtype=np.int32))
    found -= others.T @ (others @ found)
    vectors = np.linalg.qr(found)[0].T
    image = diagonal * vectors
    image[:, :-1] += superdiagonal * vectors[:, 1:]
    back = diagonal * image
    back[:, 1:] += superdiagonal * image[:, :-1]
    return vectors, np.linalg.norm(back - shifts[:, None] * vectors, axis=1)
