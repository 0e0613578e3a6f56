"""Scalar-field RBM trained by persistent contrastive divergence: the Gaussian matrix law around the fixed point."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["GaussianRbm"]

Array = NDArray[np.float64]


@dataclass(frozen=True)
class GaussianRbm:
    """Parameter-free law of X = W Wᵀ near its fixed point, W ← W + α(C_data − C_chain)W with B chains and k sweeps.

    Levels x_i = μ² − κ_i, chain autocorrelations per update ρ_i = (x_i/μ²)^k, r_ij = ρ_iρ_j, E_ij = (1 + r_ij)/(1 − r_ij);
    χ_d = 1 if the data term is estimated from B fresh samples per update, 0 if it is exact. To leading order in α/B,
    X = diag(x) + ξ with independent Gaussian entries of variance V_ij and mean ξ̄.

    Attributes
    ----------
    kappa : tuple of float
        Eigenvalues κ of the target's kernel, descending.
    mu2 : float
        μ².
    learning_rate, batch_size : float
        α and B.
    sweeps : int
        k.
    data : {"batch", "exact"}
        χ_d = 1 or 0.
    """

    kappa: tuple[float, ...]
    mu2: float
    learning_rate: float
    batch_size: float
    sweeps: int = 1
    data: str = "batch"

    @property
    def chi(self) -> float:
        """χ_d."""
        return 1.0 if self.data == "batch" else 0.0

    @property
    def levels(self) -> Array:
        """Fixed points x_i = μ² − κ_i, ascending, shape (level,)."""
        return self.mu2 - np.array(self.kappa)

    @property
    def autocorrelation(self) -> Array:
        """ρ_i of a chain component over one update, shape (level,)."""
        return np.asarray((self.levels / self.mu2) ** self.sweeps)

    @property
    def integrated_autocorrelation(self) -> Array:
        """E_ij, shape (level, level)."""
        r = np.outer(self.autocorrelation, self.autocorrelation)
        return np.asarray((1.0 + r) / (1.0 - r))

    @property
    def variance(self) -> Array:
        """σ_i² = (2α/B)(μ² − κ_i)(E_ii + χ_d) of the Coulomb gas ∏|x_i − x_j| e^{−Σ(x_i − x_i*)²/(2σ_i²)}, shape (level,).

        Leading order in α; for a level of its own it is the variance, for a degenerate pair ⟨S⟩ = √π σ.
        """
        ratio = self.learning_rate / self.batch_size
        return np.asarray(2.0 * ratio * self.levels * (np.diag(self.integrated_autocorrelation) + self.chi))

    @property
    def diffusion(self) -> Array:
        """g_i² = (2α/B)(x_i/κ_i)²(E_ii + χ_d) in the clock t = Σ 2α, the constant noise with which σ_i² = g_i²/Ω_i, shape (level,).

        Ω_i = x_i/κ_i² is the stiffness at the fixed point.
        """
        return np.asarray(self.variance * self.levels / np.array(self.kappa) ** 2)

    @property
    def finite_step_variance(self) -> Array:
        """σ_i² of the linearised chain at any learning rate, chain lag included, shape (level,).

        With Ω = x/κ² and r = ρ²: (2αx/B){E + χ_d[1 + 4αΩ r/(1 − r²)]}/[1 − αΩ(1 − r)/(1 + r)], the stationary variance
        of the linear recursion of the level and of the chains' covariance (two coupled variables).
        """
        x, r = self.levels, self.autocorrelation**2
        step = self.learning_rate * x / np.array(self.kappa) ** 2
        data = self.chi * (1.0 + 4.0 * step * r / (1.0 - r * r))
        chain = (1.0 + r) / (1.0 - r)
        return np.asarray(2.0 * self.learning_rate / self.batch_size * x * (chain + data) / (1.0 - step / chain))

    @property
    def matrix_variance(self) -> Array:
        """V_ij = (1 + δ_ij)(α/B)(x_i + x_j)/2 · (E_ij + χ_d), shape (level, level)."""
        return self._bare_variance * (self.integrated_autocorrelation + self.chi)

    @property
    def matrix_mean_shift(self) -> Array:
        """ξ̄_ii, the O(α/B) shift of the diagonal elements of X, shape (level,).

        −κ_i²Ḡ_i − Σ_j V_ij/κ_j + 4ρ_iκ_i²/(1 − ρ_i²) Σ_j f_ij V⁰_ij/[κ_iκ_j(1 − r_ij)], with
        Ḡ_i = (1 + χ_d)α/(2Bκ_i)[1/κ_i + Tr K⁻¹], V⁰ the variance with its bracket set to 1, and
        f_ij = (ρ_i − ρ_j)/(x_i − x_j), f_ii = kρ_i/x_i.
        """
        kappa, x, rho = np.array(self.kappa), self.levels, self.autocorrelation
        ratio = self.learning_rate / self.batch_size
        mean_force = (1.0 + self.chi) * ratio / (2.0 * kappa) * (1.0 / kappa + np.sum(1.0 / kappa))
        gap = x[:, None] - x[None, :]
        same = gap == 0.0
        tangent = np.broadcast_to(self.sweeps * rho / x, gap.shape)
        chord = np.where(same, tangent, (rho[:, None] - rho[None, :]) / np.where(same, 1.0, gap))
        lag = chord * self._bare_variance / (np.outer(kappa, kappa) * (1.0 - np.outer(rho, rho)))
        memory = 4.0 * rho * kappa**2 / (1.0 - rho**2) * np.sum(lag, axis=1)
        return np.asarray(-(kappa**2) * mean_force - np.sum(self.matrix_variance / kappa, axis=1) + memory)

    @property
    def mean(self) -> Array:
        """⟨x_i⟩ = x_i* + ξ̄_ii + Σ_{x_j ≠ x_i} V_ij/(x_i − x_j), shape (level,): the mean to O(α/B).

        For a degenerate cluster it is the mean of the whole cluster.
        """
        x = self.levels
        gap = x[:, None] - x[None, :]
        repulsion = np.where(gap == 0.0, 0.0, self.matrix_variance / np.where(gap == 0.0, 1.0, gap))
        return np.asarray(x + self.matrix_mean_shift + np.sum(repulsion, axis=1))

    @property
    def _bare_variance(self) -> Array:
        """V⁰_ij = (1 + δ_ij)(α/B)(x_i + x_j)/2."""
        x = self.levels
        ratio = self.learning_rate / self.batch_size
        return np.asarray((1.0 + np.eye(x.size)) * ratio * 0.5 * (x[:, None] + x[None, :]))
