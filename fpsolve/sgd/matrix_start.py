"""First weights of a matrix ensemble, and what is recorded of a matrix."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from fpsolve.errors import ModelError
from fpsolve.kernels.matrix_levels import fill_squared_singular_values
from fpsolve.kernels.normals import fill_normals
from fpsolve.models.checks import choice, positive

__all__ = ["Observable", "Start", "initial_weights", "levels_of", "matrix_start"]

Array = NDArray[np.float64]
Observable = Literal["squared", "singular", "symmetric"]

# Slot of the stream for the first weights; training counts up from 0 and never gets there.
WEIGHTS_SLOT = 1 << 62
# Jacobi rotations beat LAPACK's overhead up to this many levels.
MOST_ROTATED = 4


@dataclass(frozen=True)
class Start:
    """How W begins.

    Attributes
    ----------
    variance : float or None
        Variance of independent normal entries; None for W = Σ_k √x_k u_k v_kᵀ.
    left, right : ndarray, shape (row, level), (column, level)
        u_k and v_k, in ascending order of the levels.
    levels : ndarray, shape (level,) or (replica, level)
        Signed square roots of the initial levels; empty for a Gaussian start.
    """

    variance: float | None
    left: Array
    right: Array
    levels: Array

    def of(self, first: int, count: int) -> Array:
        """Roots of the levels of replicas first … first + count − 1, shape (count, level)."""
        part = self.levels[first : first + count] if self.levels.ndim == 2 else self.levels
        return np.broadcast_to(part, (count, self.levels.shape[-1]))


def matrix_start(
    init: str, variance: float, given: float | None, initial: ArrayLike | None, *, target: Array, replicas: int
) -> Start:
    """Check how W begins.

    Parameters
    ----------
    init : {"gaussian", "aligned"}
        Independent normal entries, or aligned with the singular vectors of `target`.
    variance : float
        Default variance of a Gaussian start; `given` replaces it.
    given : float or None
        Variance asked for.
    initial : array_like or None
        Levels x ≥ 0 of an aligned start, ascending with the target's, shape (level,) or (replica, level); default the
        target's own.
    target : ndarray, shape (row, column)
        Matrix to align with; the unit vectors where it is zero.
    replicas : int
        Size of the ensemble.

    Raises
    ------
    ModelError
        An argument of the other start, a variance that is not positive, levels of a wrong shape or sign.
    """
    if choice("init", init, Literal["gaussian", "aligned"]) == "gaussian":
        if initial is not None:
            msg = '`initial` levels belong to init="aligned"; a gaussian start takes `variance`'
            raise ModelError(msg)
        empty = np.zeros((0, 0))
        return Start(positive("variance", variance if given is None else given), empty, empty, empty)
    if given is not None:
        msg = 'variance belongs to init="gaussian"; an aligned start takes `initial` levels'
        raise ModelError(msg)
    left, values, right = _singular_frame(target)
    if initial is None:
        return Start(None, left, right, values)
    levels = np.asarray(initial, dtype=np.float64)
    if levels.shape not in {values.shape, (replicas, values.size)}:
        msg = f"initial has shape {levels.shape}, expected ({values.size},) or ({replicas}, {values.size})"
        raise ModelError(msg)
    if not np.all(np.isfinite(levels)) or levels.min() < 0.0:
        msg = f"initial levels must be finite and not negative, but the smallest is {levels.min():g}"
        raise ModelError(msg)
    return Start(None, left, right, np.sqrt(levels))


def initial_weights(start: Start, keys: NDArray[np.uint64], first: int, shape: tuple[int, int]) -> Array:
    """First W of the replicas with these keys, shape (row, column, lane)."""
    lanes = keys.shape[1]
    weights = np.empty((*shape, lanes))
    if start.variance is not None:
        fill_normals(keys, WEIGHTS_SLOT, weights.reshape(-1, lanes))
        weights *= np.sqrt(start.variance)
        return weights
    # One product per lane and entry, in this order for every block size: a matrix product could be summed differently.
    weights[:] = 0.0
    for level, roots in enumerate(start.of(first, lanes).T):
        weights += np.multiply.outer(np.outer(start.left[:, level], start.right[:, level]), roots)
    return weights


def levels_of(weights: Array, observable: Observable) -> Array:
    """Levels of every replica, ascending, shape (lane, level); `weights` (row, column, lane).

    Squared singular values, singular values, or eigenvalues of the symmetric part (W + Wᵀ)/2.
    """
    stacked = np.moveaxis(weights, -1, 0)
    if observable == "symmetric":
        return np.asarray(np.linalg.eigvalsh(0.5 * (stacked + stacked.transpose(0, 2, 1))))
    if min(weights.shape[:2]) > MOST_ROTATED:
        values = np.linalg.svd(stacked, compute_uv=False)[:, ::-1]
        return np.asarray(values if observable == "singular" else values**2)
    squares = np.empty((stacked.shape[0], min(weights.shape[:2])))
    fill_squared_singular_values(weights, squares)
    return np.sqrt(squares) if observable == "singular" else squares


def _singular_frame(target: Array) -> tuple[Array, Array, Array]:
    """u_k, singular value, v_k of a matrix, ascending; a diagonal one keeps the order of equal entries."""
    rows, columns = target.shape
    size = min(rows, columns)
    if np.count_nonzero(target) == np.count_nonzero(np.diagonal(target)):
        entries = np.diagonal(target)
        order = np.argsort(np.abs(entries), kind="stable")
        left, right = np.eye(rows)[:, order], np.eye(columns)[:, order]
        return left * np.where(entries < 0.0, -1.0, 1.0)[order], np.abs(entries)[order], right
    left, values, right = np.linalg.svd(target, full_matrices=False)
    return left[:, ::-1].copy(), values[::-1].copy(), right.T[:, size - 1 :: -1].copy()
