"""Symmetric matrix with small third cumulants: a Gaussian matrix one order further."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from fpsolve.errors import ModelError
from fpsolve.exact.gaussian_matrix import GaussianMatrix

__all__ = ["SkewedMatrix"]

Array = NDArray[np.float64]

_BLOCK_BYTES = 2**24
_SHIFT = 0.0025  # variance of the common shift that is split off, in units of the smallest variance on the diagonal


@dataclass(frozen=True)
class SkewedMatrix:
    """X = diag(c) + ξ with given covariances, and third cumulants κ_abc = ⟨ξ_ab ξ_bc ξ_ca⟩_c; all others vanish.

    Drawn as a quadratic map of Gaussian elements,

        ξ_ab = η_ab + Σ_c Q_abc (η_ac η_cb − ⟨η_ac η_cb⟩),   Q_abc = κ_abc/(3 V_ac V_cb) for a ≠ b,  κ_aac/(6 V_ac²) for a = b,

    V the variances of ξ, where the covariances of η are those of ξ less what the quadratic part adds. So first and second
    moments are exact, and third cumulants to the next order.

    Attributes
    ----------
    gaussian : GaussianMatrix
        Centres, covariance of the diagonal and variances of the other elements of X.
    third : ndarray, shape (level, level, level)
        κ_abc, symmetric.

    Raises
    ------
    ModelError
        A `third` of another shape, or so large that nothing is left for the Gaussian part.
    """

    gaussian: GaussianMatrix
    third: Array

    def __post_init__(self) -> None:
        if self.third.shape != (self.n,) * 3 or not np.all(np.isfinite(self.third)):
            msg = f"the third cumulants of {self.n} levels need the shape {(self.n,) * 3} and finite numbers"
            raise ModelError(msg)
        self._remainder  # noqa: B018 - refuses what cannot be drawn

    @property
    def n(self) -> int:
        """Number of levels."""
        return self.gaussian.n

    @cached_property
    def shift_variance(self) -> float:
        """Variance s² of a common shift t of all levels that can be drawn apart: X = X' + t·1.

        A four-hundredth of the smallest variance on the diagonal: its own part in the third cumulants is left out.
        """
        return _SHIFT * float(np.min(np.diag(self.gaussian.covariance)))

    def sample(self, number: int, *, rng: int | np.random.SeedSequence | np.random.Generator | None) -> Array:
        """Draw independent levels, ascending, shape (number, level)."""
        generator = np.random.default_rng(rng)
        levels = self.sample_without_shift(number, rng=generator)
        return np.asarray(levels + np.sqrt(self.shift_variance) * generator.standard_normal((number, 1)))

    def sample_without_shift(self, number: int, *, rng: int | np.random.SeedSequence | np.random.Generator) -> Array:
        """Draw levels of X' = X − t·1, ascending, shape (number, level)."""
        generator, n = np.random.default_rng(rng), self.n
        root, spread = self._remainder
        row, column = np.triu_indices(n, 1)
        place = np.arange(n)
        levels = np.empty((number, n))
        block = max(1, _BLOCK_BYTES // (8 * n * n))
        for start in range(0, number, block):
            count = min(block, number - start)
            normals = generator.standard_normal((count, n + row.size))
            eta = np.zeros((count, n, n))
            eta[:, row, column] = normals[:, n:] * spread[row, column]
            eta[:, column, row] = eta[:, row, column]
            eta[:, place, place] = normals[:, :n] @ root.T
            matrices = eta + np.einsum("abc,rac,rcb->rab", self._coupling, eta, eta, optimize=False)
            matrices[:, place, place] += self.gaussian.centre - self._mean
            levels[start : start + count] = np.linalg.eigvalsh(matrices)
        return levels

    @cached_property
    def _variances(self) -> Array:
        """V_ab of all elements."""
        variances = self.gaussian.variance.copy()
        np.fill_diagonal(variances, np.diag(self.gaussian.covariance))
        return variances

    @cached_property
    def _coupling(self) -> Array:
        """Q_abc."""
        v = self._variances
        same = np.eye(self.n)[:, :, None]
        return np.asarray(self.third / (3.0 * (1.0 + same) * v[:, None, :] * v[None, :, :]))

    @cached_property
    def _mean(self) -> Array:
        """Σ_c Q_aac ⟨η_ac²⟩ of the quadratic part on the diagonal."""
        root, spread = self._remainder
        second = spread**2
        np.fill_diagonal(second, np.sum(root**2, axis=1))
        return np.asarray(np.einsum("aac,ac->a", self._coupling, second))

    @cached_property
    def _remainder(self) -> tuple[Array, Array]:
        """Covariance of η, without the common shift: a root of that of the diagonal, and standard deviations."""
        v, q = self._variances, self._coupling
        taken = np.einsum("abc,ac,cb->ab", q**2, v, v)
        chain = np.einsum("aac->ac", q)
        both = 2.0 * chain * chain.T * v**2
        np.fill_diagonal(both, 2.0 * np.sum(chain**2 * v**2, axis=1))
        diagonal = self.gaussian.covariance - both - self.shift_variance
        others = v - taken
        np.fill_diagonal(others, 1.0)
        if np.linalg.eigvalsh(diagonal)[0] <= 0.0 or np.any(others <= 0.0):
            msg = "the third cumulants are too large for a law close to a Gaussian one"
            raise ModelError(msg)
        return np.asarray(np.linalg.cholesky(diagonal)), np.sqrt(others)
