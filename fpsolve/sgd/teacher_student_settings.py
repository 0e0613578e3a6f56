"""Settings of a teacher–student training, checked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.random import SeedSequence
from numpy.typing import ArrayLike, NDArray

from fpsolve.errors import ModelError
from fpsolve.kernels.normals import fill_normals
from fpsolve.models.checks import count
from fpsolve.parallel.seeds import replica_keys
from fpsolve.sgd.ensemble import record_times
from fpsolve.sgd.matrix_start import Observable, Start

__all__ = ["Inputs", "Student", "data_factors", "second_layer_frame", "teacher_matrix"]

Array = NDArray[np.float64]
Inputs = Literal["batch", "exact", "fixed"]

# The data set belongs to the ensemble, not to a replica; no ensemble has this many.
DATA_SET = 1 << 62
BATCHES_PER_EPOCH = 500


@dataclass(frozen=True)
class Student:
    """What all replicas of an ensemble share.

    Attributes
    ----------
    teacher : ndarray, shape (row, column)
        W_t, in the basis of the eigenvectors of ZᵀZ (rows, and columns of a square W).
    stiffness : ndarray, shape (row,)
        Eigenvalues z of ZᵀZ.
    learning_rate, batch_size : ndarray, shape (1,) or (update,)
        α and B of every update; one entry if constant.
    factors : ndarray, shape (batch, column, column)
        Factors of the batches of a fixed data set; none: fresh inputs.
    gradient_noise, label_noise : float
        ε and σ_e per sample.
    symmetric : bool
        Symmetric gradient noise.
    observable : {"squared", "singular", "symmetric"}
        What is recorded.
    steps : int
        Updates in all.
    record_at : ndarray of int64, shape (record,)
        Updates after which the levels are recorded, increasing.
    start : Start
        First weights, in the same basis as `teacher`.
    seed : SeedSequence
        Of the ensemble.
    """

    teacher: Array
    stiffness: Array
    learning_rate: Array
    batch_size: NDArray[np.int64]
    factors: Array
    gradient_noise: float
    label_noise: float
    symmetric: bool
    observable: Observable
    steps: int
    record_at: NDArray[np.int64]
    start: Start
    seed: SeedSequence

    @property
    def times(self) -> Array:
        """Fokker–Planck time t = Σ α at every record, shape (record,)."""
        return record_times(self.learning_rate, self.steps, self.record_at)


def teacher_matrix(teacher: ArrayLike) -> Array:
    """W_t from its diagonal or the whole matrix; ModelError unless finite and of one or two axes."""
    values = np.atleast_1d(np.asarray(teacher, dtype=np.float64))
    if values.ndim > 2 or values.size == 0 or not np.all(np.isfinite(values)):
        msg = "teacher must be a list of finite numbers (the diagonal of W_t) or a matrix of them"
        raise ModelError(msg)
    return np.diag(values) if values.ndim == 1 else values.copy()


def second_layer_frame(second_layer: ArrayLike | None, rows: int) -> tuple[Array, Array | None]:
    """Eigenvalues z of ZᵀZ, and its eigenvectors as columns where Z is a matrix.

    Parameters
    ----------
    second_layer : array_like or None
        Eigenvalues of ZᵀZ, one per row of W, in the basis in which the teacher is given; or the matrix Z, shape
        (output, row); None: Z = 1.
    rows : int
        Rows of W.

    Raises
    ------
    ModelError
        A wrong shape, a negative eigenvalue, an entry that is not finite.
    """
    if second_layer is None:
        return np.ones(rows), None
    values = np.atleast_1d(np.asarray(second_layer, dtype=np.float64))
    if values.ndim > 2 or values.shape[-1] != rows or not np.all(np.isfinite(values)):
        msg = (
            f"second_layer has shape {values.shape}: give {rows} eigenvalues of Z^T Z, or a matrix Z of finite numbers "
            f"with {rows} columns, one per row of the teacher"
        )
        raise ModelError(msg)
    if values.ndim == 2:
        _, roots, vectors = np.linalg.svd(values)
        stiffness = np.zeros(rows)
        stiffness[: roots.size] = roots**2
        return stiffness, vectors.T.copy()
    if values.min() < 0.0:
        msg = f"second_layer: eigenvalues of Z^T Z must not be negative, but the smallest is {values.min():g}"
        raise ModelError(msg)
    return values.copy(), None


def data_factors(
    inputs: str, samples: int | None, *, columns: int, batch_size: NDArray[np.int64], seed: SeedSequence
) -> Array:
    """Lower-triangular factors of the batches' second moments, shape (batch, column, column); none for fresh inputs.

    Raises
    ------
    ModelError
        `samples` without a fixed data set, or not a multiple of a constant B.
    """
    if inputs != "fixed":
        if samples is not None:
            msg = f'samples belongs to data="fixed"; with data={inputs!r} there is no data set'
            raise ModelError(msg)
        return np.eye(columns)[None] if inputs == "exact" else np.zeros((0, columns, columns))
    if batch_size.size > 1:
        msg = 'data="fixed" cuts the data set into equal batches; give one batch_size for all updates'
        raise ModelError(msg)
    batch = int(batch_size[0])
    number = BATCHES_PER_EPOCH * batch if samples is None else count("samples", samples)
    if number % batch:
        msg = f"samples = {number} is not a multiple of batch_size = {batch}"
        raise ModelError(msg)
    values = np.empty((number * columns, 1))
    fill_normals(replica_keys(seed, DATA_SET, 1), 0, values)
    triangles = np.asarray(np.linalg.qr(values.reshape(-1, batch, columns) / np.sqrt(batch), mode="r"))
    factors = np.zeros((number // batch, columns, columns))
    factors[:, :, : triangles.shape[1]] = triangles.transpose(0, 2, 1)
    return factors
