"""Symmetric matrix with independent Gaussian elements around a diagonal: the law of the levels of a trained matrix."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from fpsolve.errors import ModelError

__all__ = ["GaussianMatrix"]

Array = NDArray[np.float64]

_BLOCK_BYTES = 2**24


@dataclass(frozen=True)
class GaussianMatrix:
    """X = diag(c) + ξ, symmetric: ξ_ii Gaussian with covariance C, ξ_ij = ξ_ji (i < j) independent with variance V_ij.

    The Gaussian orthogonal ensemble has C_ii = 2V_ij = σ² and no other covariance; its levels are the Coulomb gas
    ∏|x_i − x_j| e^{−Σ(x_i − c)²/(2σ²)}. With any other c, C and V the levels are not a Coulomb gas, but they can be drawn
    exactly, and those of a 2×2 matrix have densities by quadrature (`GaussianPair`).

    Attributes
    ----------
    centre : ndarray, shape (level,)
        c_i, in any order.
    covariance : ndarray, shape (level, level)
        C_ij of the diagonal elements, positive definite.
    variance : ndarray, shape (level, level)
        V_ij ≥ 0, symmetric; the diagonal is not used.

    Raises
    ------
    ModelError
        Shapes that do not agree, a covariance that is not positive definite, a variance that is negative, or an entry
        that is not finite.
    """

    centre: Array
    covariance: Array
    variance: Array

    def __post_init__(self) -> None:
        n = self.centre.size
        if self.centre.shape != (n,) or self.covariance.shape != (n, n) or self.variance.shape != (n, n):
            shapes = f"{self.centre.shape}, {self.covariance.shape} and {self.variance.shape}"
            msg = f"centre, covariance and variance need shapes (n,), (n, n) and (n, n), not {shapes}"
            raise ModelError(msg)
        numbers = np.concatenate([self.centre, self.covariance.ravel(), self.variance.ravel()])
        if n == 0 or not np.all(np.isfinite(numbers)):
            msg = "a Gaussian matrix needs at least one level and finite numbers"
            raise ModelError(msg)
        symmetric = np.allclose(self.covariance, self.covariance.T, rtol=1e-12, atol=0.0)
        if not symmetric or np.linalg.eigvalsh(self.covariance)[0] <= 0.0:
            msg = "the covariance of the diagonal elements must be symmetric and positive definite"
            raise ModelError(msg)
        off = self.variance[~np.eye(n, dtype=bool)]
        if np.any(off < 0.0) or not np.allclose(self.variance, self.variance.T, rtol=1e-12, atol=0.0):
            msg = "the variances of the off-diagonal elements must be symmetric and not negative"
            raise ModelError(msg)

    @classmethod
    def independent(cls, centre: Array, variance: Array) -> GaussianMatrix:
        """Law with independent elements, V_ii = Var ξ_ii on the diagonal of `variance`, shape (level, level)."""
        return cls(np.asarray(centre), np.diag(np.diag(variance)), np.asarray(variance))

    @property
    def n(self) -> int:
        """Number of levels."""
        return int(self.centre.size)

    @cached_property
    def shift_variance(self) -> float:
        """Variance s² = 1/(1ᵀC⁻¹1) of the common shift t of all levels that is independent of everything else.

        X = t·1 + X' with t = 1ᵀC⁻¹ξ_diag · s² (the generalised least-squares mean of the diagonal); for Gaussian
        elements X' does not depend on t, so every marginal density is a mixture of Gaussians of variance s² centred at the
        levels of X'.
        """
        return float(1.0 / np.sum(np.linalg.inv(self.covariance)))

    def sample(self, number: int, *, rng: int | np.random.SeedSequence | np.random.Generator | None) -> Array:
        """Draw independent levels, ascending, shape (number, level).

        A seed gives the same first levels whatever `number` is.
        """
        return self._levels(number, np.random.default_rng(rng), self._root)

    def sample_without_shift(self, number: int, *, rng: int | np.random.SeedSequence | np.random.Generator) -> Array:
        """Draw levels of X' = X − t·1 (see `shift_variance`), ascending, shape (number, level)."""
        return self._levels(number, np.random.default_rng(rng), self._root_without_shift)

    @cached_property
    def _root(self) -> Array:
        """R with R Rᵀ = C."""
        return np.asarray(np.linalg.cholesky(self.covariance), dtype=np.float64)

    @cached_property
    def _root_without_shift(self) -> Array:
        weights = self.shift_variance * np.sum(np.linalg.inv(self.covariance), axis=0)
        return np.asarray(self._root - weights @ self._root)

    def _levels(self, number: int, generator: np.random.Generator, root: Array) -> Array:
        """Eigenvalues of matrices whose diagonal is c + root·z, a block at a time."""
        n = self.n
        row, column = np.triu_indices(n, 1)
        spread = np.sqrt(self.variance[row, column])
        levels = np.empty((number, n))
        block = max(1, _BLOCK_BYTES // (8 * n * n))
        for start in range(0, number, block):
            count = min(block, number - start)
            normals = generator.standard_normal((count, n + row.size))
            matrices = np.zeros((count, n, n))
            # eigvalsh reads the lower triangle only.
            matrices[:, column, row] = normals[:, n:] * spread
            matrices[:, np.arange(n), np.arange(n)] = self.centre + normals[:, :n] @ root.T
            levels[start : start + count] = np.linalg.eigvalsh(matrices)
        return levels
