"""LAPACK routines that SciPy ships but does not wrap: bidiagonal reduction and singular values.

They are reached through the C pointers of `scipy.linalg.cython_lapack`, so nothing has to be compiled. A pointer made
by ctypes belongs to one process and cannot be cached inside a numba kernel; these are plain Python calls.
"""

from __future__ import annotations

import ctypes
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import cython_lapack

__all__ = ["apply_right_reflectors", "bidiagonal_singular_values", "bidiagonalise"]

Array = NDArray[np.float64]


@cache
def _routine(name: str, arguments: int) -> Any:  # noqa: ANN401 - a foreign function has no better type
    """Foreign function for a LAPACK routine, all of whose arguments are pointers."""
    capsule = vars(cython_lapack)["__pyx_capi__"][name]
    api = ctypes.pythonapi
    name_of = ctypes.PYFUNCTYPE(ctypes.c_char_p, ctypes.py_object)(("PyCapsule_GetName", api))
    pointer_of = ctypes.PYFUNCTYPE(ctypes.c_void_p, ctypes.py_object, ctypes.c_char_p)(("PyCapsule_GetPointer", api))
    return ctypes.CFUNCTYPE(None, *[ctypes.c_void_p] * arguments)(pointer_of(capsule, name_of(capsule)))


def _call(name: str, *arguments: Array | int | bytes) -> int:
    """Call a LAPACK routine; INFO is appended as the last argument and returned."""
    info = ctypes.c_int(0)
    scalars = [
        ctypes.c_int(value) if isinstance(value, int) else ctypes.c_char(value)
        for value in arguments
        if isinstance(value, int | bytes)
    ]
    remaining = iter(scalars)
    pointers = [
        argument.ctypes.data if isinstance(argument, np.ndarray) else ctypes.addressof(next(remaining))
        for argument in arguments
    ]
    _routine(name, len(pointers) + 1)(*pointers, ctypes.addressof(info))
    return info.value


def bidiagonal_singular_values(diagonal: Array, superdiagonal: Array) -> Array:
    """All singular values of a square bidiagonal matrix, ascending, each to high relative accuracy (dlasq1).

    The relative error of every value is a modest multiple of n ε, however small it is beside the others: nothing is
    subtracted in the differential quotient-difference iteration (Fernando & Parlett, Numer. Math. 67, 191 (1994)).
    Upper or lower makes no difference, and neither do the signs of the entries. A row of zeros pads a factor with one
    row less to a square.

    Parameters
    ----------
    diagonal : ndarray, shape (n,)
    superdiagonal : ndarray, shape (n − 1,)

    Returns
    -------
    ndarray, shape (n,)

    Raises
    ------
    numpy.linalg.LinAlgError
        If the iteration does not converge, or an entry is not finite.
    """
    size = diagonal.size
    values = np.array(diagonal, dtype=np.float64)
    off = np.zeros(size)
    off[: size - 1] = superdiagonal
    if not (np.isfinite(values).all() and np.isfinite(off).all()):
        msg = "a bidiagonal factor with entries that are not finite has no singular values"
        raise np.linalg.LinAlgError(msg)
    info = _call("dlasq1", size, values, off, np.empty(4 * size))
    if info != 0:
        msg = f"dlasq1 did not converge (info = {info})"
        raise np.linalg.LinAlgError(msg)
    return values[::-1].copy()


def bidiagonalise(matrix: Array) -> tuple[Array, Array, Array, Array]:
    """Reduce a matrix B = Q G Pᵀ to upper bidiagonal form G by reflectors (dgebrd).

    Parameters
    ----------
    matrix : ndarray, shape (m, n), m ≥ n

    Returns
    -------
    diagonal : ndarray, shape (n,)
    superdiagonal : ndarray, shape (n − 1,)
    reflectors : ndarray, shape (m, n)
        Fortran order; what `apply_right_reflectors` takes.
    scalars : ndarray, shape (n,)
        Scalar factors of the reflectors in P.
    """
    reduced = np.array(matrix, dtype=np.float64, order="F")
    rows, columns = reduced.shape
    diagonal, superdiagonal = np.empty(columns), np.empty(max(columns - 1, 1))
    left, right = np.empty(columns), np.empty(columns)
    work = np.empty(32 * (rows + columns))
    _call("dgebrd", rows, columns, reduced, rows, diagonal, superdiagonal, left, right, work, work.size)
    return diagonal, superdiagonal[: columns - 1], reduced, right


def apply_right_reflectors(reflectors: Array, scalars: Array, vectors: Array) -> Array:
    """P · vectors, with P from `bidiagonalise` (dormbr): right singular vectors of G become those of B.

    Parameters
    ----------
    reflectors, scalars
        From `bidiagonalise`.
    vectors : ndarray, shape (n, k)

    Returns
    -------
    ndarray, shape (n, k)
    """
    product = np.array(vectors, dtype=np.float64, order="F")
    size, count = product.shape
    work = np.empty(32 * max(size, count))
    # Arguments: multiply by P (not Q), from the left, not transposed; `size` reflectors at most.
    arguments = (size, count, size, reflectors, reflectors.shape[0], scalars, product, size, work, work.size)
    _call("dormbr", b"P", b"L", b"N", *arguments)
    return product
