"""Student of a diagonal teacher behind a fixed second layer: an anisotropic Gaussian matrix."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fpsolve.errors import ModelError
from fpsolve.exact.gaussian_matrix import GaussianMatrix

__all__ = ["TeacherStudentMatrix"]

Array = NDArray[np.float64]


@dataclass(frozen=True)
class TeacherStudentMatrix:
    """Stationary law of an N×N student W of the teacher W_t = diag(ξ) with loss ½⟨|Z(W − W_t)x|²⟩, x ~ N(0, 1).

    In the eigenbasis of ZᵀZ (eigenvalues z_i) δ = W − W_t is driven linearly, δ' = δ − αZᵀZ δ Ĉ + noise, with Ĉ the
    mean of xxᵀ over the batch. Its second moments S_ij,kl = ⟨δ_ij δ_kl⟩ solve, for every pair of rows i, k, with
    m = α(z_i + z_k) − α²z_iz_k and w = α²z_iz_k/B, T_jl = S_ij,kl:

        m T − w Tᵀ − w Tr(T) 1 = (α²/B)[A(δ_ik 1 + e_k e_iᵀ) + σ_e² z_i δ_ik 1].

    To first order in δ/ξ the singular values of W are the levels of its symmetric part, a Gaussian matrix around W_t
    with Var M_ii ≈ αA/(Bz_i): one species per z_i. Label noise alone gives a single species, ασ_e²/(2B). The squared
    singular values are the squares of the levels.

    Attributes
    ----------
    z : tuple of float
        Eigenvalues z_i > 0 of ZᵀZ.
    teacher : float or tuple of float
        ξ > 0, the teacher's level, or one per row.
    learning_rate, batch_size : float
        α and B.
    gradient_noise : float
        A: every sample adds a symmetric Gaussian matrix to the gradient, variance A off and 2A on the diagonal.
    label_noise : float
        σ_e²: variance of the noise on every label.
    inputs : {"batch", "exact"}
        Whether Ĉ is that of the batch, or 1.

    Raises
    ------
    ModelError
        Parameters out of range, no noise at all, or a learning rate at which the second moments diverge.
    """

    z: tuple[float, ...]
    teacher: float | tuple[float, ...]
    learning_rate: float
    batch_size: float
    gradient_noise: float = 0.0
    label_noise: float = 0.0
    inputs: str = "batch"

    def __post_init__(self) -> None:
        positive = (*self.z, *self.centre.tolist(), self.learning_rate, self.batch_size)
        if (
            not self.z
            or self.centre.size != len(self.z)
            or not all(np.isfinite(value) and value > 0.0 for value in positive)
        ):
            msg = "z, teacher (one number, or one per z), learning_rate and batch_size must be positive numbers"
            raise ModelError(msg)
        noises = (self.gradient_noise, self.label_noise)
        if not all(np.isfinite(value) and value >= 0.0 for value in noises) or sum(noises) == 0.0:
            msg = "gradient_noise and label_noise must not be negative, and one of them must be positive"
            raise ModelError(msg)
        if self.inputs not in {"batch", "exact"}:
            msg = f'inputs must be "batch" or "exact", not {self.inputs!r}'
            raise ModelError(msg)
        if self._gap(max(self.z), max(self.z)) <= 0.0:
            msg = f"training is unstable: learning_rate = {self.learning_rate:g} is too large for z = {max(self.z):g}"
            raise ModelError(msg)

    @property
    def centre(self) -> Array:
        """ξ of every row, shape (N,)."""
        size = len(self.z) if isinstance(self.teacher, float | int) else len(self.teacher)
        return np.broadcast_to(np.asarray(self.teacher, dtype=np.float64), (size,)).copy()

    @property
    def species_variance(self) -> Array:
        """s_i² = αA/(Bz_i) + ασ_e²/(2B), the variances of the diagonal entries as α → 0, shape (N,)."""
        ratio = self.learning_rate / self.batch_size
        return np.asarray(ratio * (self.gradient_noise / np.array(self.z) + 0.5 * self.label_noise))

    def rate(self, i: int, k: int) -> tuple[float, float]:
        """Numbers m and w of the rows i and k."""
        return self._rate(self.z[i], self.z[k])

    def source(self, i: int, k: int) -> Array:
        """What one update adds to ⟨δ_ij δ_kl⟩, shape (N, N) with axes j and l."""
        n = len(self.z)
        source = np.zeros((n, n))
        if i == k:
            source += (self.gradient_noise + self.label_noise * self.z[i]) * np.eye(n)
        source[k, i] += self.gradient_noise
        return np.asarray(source * self.learning_rate**2 / self.batch_size)

    def rows(self, i: int, k: int) -> Array:
        """⟨δ_ij δ_kl⟩ for the rows i and k, shape (N, N) with axes j and l."""
        n = len(self.z)
        (m, w), source = self.rate(i, k), self.source(i, k)
        trace = np.trace(source) / self._gap(self.z[i], self.z[k])
        whole = source + w * trace * np.eye(n)
        return np.asarray((m * whole + w * whole.T) / (m * m - w * w))

    @property
    def law(self) -> GaussianMatrix:
        """Law of the symmetric part of W, whose levels are the singular values to first order in δ/ξ."""
        n = len(self.z)
        covariance, variance = np.empty((n, n)), np.zeros((n, n))
        for i in range(n):
            own = self.rows(i, i)
            for k in range(n):
                both = self.rows(i, k)
                covariance[i, k] = both[i, k]
                if k != i:
                    # Var of ½(δ_ik + δ_ki): this row's share and half of the cross term.
                    variance[i, k] += 0.25 * own[k, k] + 0.25 * both[k, i]
                    variance[k, i] += 0.25 * own[k, k] + 0.25 * both[k, i]
        return GaussianMatrix(self.centre, 0.5 * (covariance + covariance.T), variance)

    def _rate(self, first: float, second: float) -> tuple[float, float]:
        """Return m and w."""
        product = self.learning_rate**2 * first * second
        w = product / self.batch_size if self.inputs == "batch" else 0.0
        return self.learning_rate * (first + second) - product, w

    def _gap(self, first: float, second: float) -> float:
        """Return m − w(1 + N), what the trace relaxes with."""
        m, w = self._rate(first, second)
        return m - w * (1 + len(self.z))
