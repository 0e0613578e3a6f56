"""What a level gas leaves out of the noise of contrastive divergence: levels mix through rotating eigenvectors."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fpsolve.exact.rbm_gaussian import GaussianRbm
from fpsolve.models.level_gas import LevelGas
from fpsolve.models.rbm_pcd import PcdLevel

__all__ = ["PcdMixing", "pcd_mixing"]

Array = NDArray[np.float64]


@dataclass(frozen=True)
class PcdMixing:
    """Stationary means of a gas with derived noise beside those of the matrix that is really trained, to O(α/B).

    The gas pushes level i by D_i/(x_i − x_j), D_i = g_ii²/(2α) (clock t = Σ 2α); the noise of the matrix pushes it by
    g_ij²/(2α)/(x_i − x_j), with g_ij²/(2α) = (α/2B)(x_i + x_j)²[c_i c_j E_ij + χ_d/(κ_i κ_j)] and c_i = 1/κ_i at the fixed
    points, while the drift of X pulls the rotated eigenvectors back. What remains in the mean of an isolated level is

        Σ_j V_ij/(x_i − x_j)  of the matrix and  Σ_j σ_i²/(x_i − x_j)  of the gas,

    V_ij and σ_i² those of `GaussianRbm`; levels of one κ are a gas exactly. Instead of 1/(x_i − x_j) stands here
    (x_i − x_j)/√((x_i − x_j)⁴ + w⁴), w = σ_i + σ_j, with which the difference of the two, all that has a meaning within a
    cluster, is right to 0.03 σ_i for levels of equal σ at any distance.
    The other levels also shift the diagonal of X itself, by the terms j ≠ i of its mean ξ̄_ii, which no force on x_i alone
    contains.
    `PcdNoise.mixing` puts all this back as a mean force, b_i − τ_i D_i with the constant `tilt` τ_i. It vanishes with
    D_i for small levels, and it is right where eigenvectors have reached their mean angles: a level that has arrived
    before its neighbours feels it too early.

    Attributes
    ----------
    kappa : ndarray, shape (level,)
        κ_i, descending.
    levels : ndarray, shape (level,)
        Fixed points x_i = μ² − κ_i.
    std : ndarray, shape (level,)
        σ_i.
    repulsion : ndarray, shape (level, level)
        g_ij²/g_ii²: push of level j on level i in the matrix over that in the gas; 1 for levels of one κ.
    matrix_shift, gas_shift : ndarray, shape (level, level)
        Mean shift of level i by the repulsion of level j; 0 for levels of one κ.
    diagonal_shift : ndarray, shape (level,)
        Mean shift of X_ii that the other levels cause in the matrix; the gas has none.
    """

    kappa: Array
    levels: Array
    std: Array
    repulsion: Array
    matrix_shift: Array
    gas_shift: Array
    diagonal_shift: Array

    @property
    def excess(self) -> Array:
        """Mean of every level in the gas minus that in the matrix, shape (level,)."""
        return np.asarray(np.sum(self.gas_shift - self.matrix_shift, axis=1) - self.diagonal_shift)

    @property
    def tilt(self) -> Array:
        """τ_i = excess_i/σ_i²: Φ_i + τ_i x has the mean of the matrix to O(α/B); hardly depends on α/B, shape (level,)."""
        return self.excess / self.std**2

    @property
    def worst_level(self) -> int:
        """The level whose mean is off by most of its standard deviations, counted from 0."""
        return int(np.argmax(np.abs(self.excess) / self.std))

    @property
    def worst(self) -> float:
        """Largest |excess|/σ of any level."""
        return float(np.max(np.abs(self.excess) / self.std))

    def line(self) -> str:
        """One line for a report."""
        i = self.worst_level
        apart = self.kappa[:, None] != self.kappa
        if not np.any(apart):
            between = "all levels have one kappa, for which repulsion is exact"
        else:
            low, high = self.repulsion[apart].min(), self.repulsion[apart].max()
            between = f"between clusters the true repulsion is {low:.2f} to {high:.2f} times the gas's"
        return (
            f"derived noise is not exactly a gas: {between}; means are off by {self.worst:.2g} std or less "
            f"(level {i}: {self.excess[i]:+.2g})"
        )


def pcd_mixing(model: LevelGas) -> PcdMixing | None:
    """Compare a gas with its matrix; None unless it is an RBM of several levels with derived noise and β = 1.

    Of a schedule, the noise at its start counts; `PcdMixing.worst` goes like the root of α/B.
    """
    bodies = [body for body in model.levels if isinstance(body, PcdLevel)]
    if len(bodies) < model.n or model.n == 1 or model.beta != 1.0:
        return None
    matrix, first = _matrix(tuple(body.kappa for body in bodies), bodies[0]), bodies[0]
    kappa, x = np.array(matrix.kappa), matrix.levels
    std = np.sqrt(matrix.variance)
    strength = 0.5 * first.ratio * (x[:, None] + x) ** 2 / np.outer(kappa, kappa)
    strength *= matrix.integrated_autocorrelation + first.chi
    gap, width = x[:, None] - x, std[:, None] + std
    inverse = gap / np.sqrt(gap**4 + width**4)
    alone = [_matrix((body.kappa,), body).matrix_mean_shift[0] for body in bodies]
    return PcdMixing(
        kappa=kappa,
        levels=x,
        std=std,
        repulsion=strength / np.diag(strength)[:, None],
        matrix_shift=matrix.matrix_variance * inverse,
        gas_shift=matrix.variance[:, None] * inverse,
        diagonal_shift=matrix.matrix_mean_shift - np.array(alone),
    )


def _matrix(kappa: tuple[float, ...], body: PcdLevel) -> GaussianRbm:
    return GaussianRbm(kappa, body.mu2, body.ratio, 1.0, body.sweeps, "batch" if body.chi else "exact")
