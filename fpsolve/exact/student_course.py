"""First and second moments of a linear student in time, from any start: exact at every learning rate."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fpsolve.errors import ModelError
from fpsolve.exact.gaussian_matrix_teacher import TeacherStudentMatrix

__all__ = ["StudentCourse"]

Array = NDArray[np.float64]


@dataclass(frozen=True)
class StudentCourse:
    """δ(t) = W(t) − W_t of `TeacherStudentMatrix`: δ(t) = diag((1 − αz_i)^n) δ(0) + noise, n = t/α updates.

    The mean follows the first term. With T_jl = ⟨δ_ij δ_kl⟩ for a pair of rows i, k, one update is

        T ← q T + w (Tᵀ + Tr(T) 1) + s,   q = (1 − αz_i)(1 − αz_k),   w = α²z_iz_k/B (batch data; else 0),

    s the source of gradient and label noise. The antisymmetric part of T, its symmetric part without trace and its trace
    are eigenspaces, with the factors q − w, q + w and q + w(1 + N), so that both moments are known in closed form after
    any number of updates, and between two of them by continuation. With data = "exact" the noise is Gaussian and the law
    of W exact; the inputs of a batch make a noise in proportion to δ, of which the covariance, averaged over the start, is
    exact and the higher cumulants are of higher order in α/B.

    Attributes
    ----------
    theory : TeacherStudentMatrix
        z, α, B, the noises, the inputs.

    Raises
    ------
    ModelError
        α z_i ≥ 1: the student jumps over the teacher at every update, and there is no course between updates.
    """

    theory: TeacherStudentMatrix

    def __post_init__(self) -> None:
        fastest = self.theory.learning_rate * max(self.theory.z)
        if fastest >= 1.0:
            msg = (
                f"learning_rate times the largest eigenvalue of Z^T Z is {fastest:g}; a course in time needs it below 1, "
                "as the student jumps over the teacher at every update otherwise"
            )
            raise ModelError(msg)

    @property
    def n(self) -> int:
        """Rows and columns N of W."""
        return len(self.theory.z)

    def decay(self, time: float) -> Array:
        """(1 − αz_i)^{t/α}, shape (row,): what is left of the mean distance from the teacher."""
        rate = self.theory.learning_rate
        return np.asarray((1.0 - rate * np.array(self.theory.z)) ** (time / rate))

    def noise(self, time: float, start: Array) -> Array:
        """Covariance of the noise part of δ(t), shape (N², N²) in the order of the entries (row, column) of W.

        Parameters
        ----------
        time : float
            t = Σ α; inf for the stationary law.
        start : ndarray, shape (N, N, N, N)
            ⟨δ_ij(0) δ_kl(0)⟩ with axes i, j, k, l. The noise of batch data is in proportion to δ.
        """
        n, theory = self.n, self.theory
        covariance = np.empty((n, n, n, n))
        updates = time / theory.learning_rate
        for i in range(n):
            for k in range(n):
                keep, mix = 1.0 - theory.rate(i, k)[0], theory.rate(i, k)[1]
                source, begin = _parts(theory.source(i, k)), _parts(start[i, :, k, :])
                total = np.zeros((n, n))
                for part, factor in enumerate((keep - mix, keep + mix, keep + mix * (1 + n))):
                    left = _power(factor, updates)
                    total += source[part] * (1.0 - left) / (1.0 - factor) + begin[part] * (left - keep**updates)
                covariance[i, :, k, :] = total
        whole = covariance.reshape(n * n, n * n)
        return np.asarray(0.5 * (whole + whole.T))

    @property
    def stationary(self) -> Array:
        """Covariance of δ in the stationary law, shape (N², N²)."""
        return self.noise(np.inf, np.zeros((self.n,) * 4))


def _power(factor: float, updates: float) -> float:
    """factor^updates; of a factor < 0, with batches of a few samples, |factor|^n cos(πn)."""
    if factor >= 0.0:
        return float(factor**updates)
    return 0.0 if np.isinf(updates) else float(abs(factor) ** updates * np.cos(np.pi * updates))


def _parts(matrix: Array) -> tuple[Array, Array, Array]:
    """Antisymmetric part, symmetric part without trace, and trace part of a matrix."""
    trace = np.trace(matrix) / matrix.shape[0] * np.eye(matrix.shape[0])
    return 0.5 * (matrix - matrix.T), 0.5 * (matrix + matrix.T) - trace, trace
