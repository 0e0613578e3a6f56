"""The whole Gaussian matrix law of a trained RBM, finite learning rate included."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from fpsolve.errors import ModelError
from fpsolve.exact.gaussian_matrix import GaussianMatrix
from fpsolve.exact.rbm_gaussian import GaussianRbm

__all__ = ["finite_step_matrix_variance", "rbm_matrix_law"]

Array = NDArray[np.float64]


def finite_step_matrix_variance(theory: GaussianRbm) -> Array:
    """V_ij of every element of X at any learning rate, shape (level, level).

    ξ_ij and the chains' covariance y_ij obey, linearised at the fixed point and with r = ρ_iρ_j,

        y' = r y + (1 − r) ξ/(κ_iκ_j) + n,   ξ' = ξ − α(x_i + x_j)(y' − η),

    Var n = (1 + δ_ij)(1 − r²)/(Bκ_iκ_j), Var η = χ_d(1 + δ_ij)/(Bκ_iκ_j). The stationary variance of this pair is, with
    λ = α(x_i + x_j)/(κ_iκ_j),

        V_ij = (1 + δ_ij)(α/B)(x_i + x_j)/2 · {E_ij + χ_d[1 + 2λr/(1 − r²)]}/[1 − λ/(2E_ij)].

    For i = j it is `GaussianRbm.finite_step_variance`; as λ → 0 it is `GaussianRbm.matrix_variance`.

    Raises
    ------
    ModelError
        The linear recursion is unstable, λ ≥ 2E_ij: the learning rate is too large.
    """
    x, kappa, rho = theory.levels, np.array(theory.kappa), theory.autocorrelation
    total, r = x[:, None] + x[None, :], np.outer(rho, rho)
    step = theory.learning_rate * total / np.outer(kappa, kappa)
    chain = (1.0 + r) / (1.0 - r)
    if np.any(step >= 2.0 * chain):
        largest = theory.learning_rate * float(np.min(2.0 * chain / step))
        msg = f"training is unstable: learning_rate must be below {largest:g}, not {theory.learning_rate:g}"
        raise ModelError(msg)
    bare = (1.0 + np.eye(x.size)) * theory.learning_rate / theory.batch_size * 0.5 * total
    data = theory.chi * (1.0 + 2.0 * step * r / (1.0 - r * r))
    return np.asarray(bare * (chain + data) / (1.0 - 0.5 * step / chain))


def rbm_matrix_law(theory: GaussianRbm) -> GaussianMatrix:
    """Law of X = W Wᵀ around its fixed point: centres x_i + ξ̄_ii, variances V_ij at the actual learning rate.

    Nothing is fitted. Left out: corrections of relative order α/B to the variances, and the skewness of the noise.
    """
    return GaussianMatrix.independent(theory.levels + theory.matrix_mean_shift, finite_step_matrix_variance(theory))
