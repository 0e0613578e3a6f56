"""Scalar-field RBM to second order in α/B: what the Gaussian matrix law leaves out."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from itertools import permutations

import numpy as np
from numpy.typing import NDArray

from fpsolve.errors import MethodError, ModelError
from fpsolve.exact.gaussian_matrix import GaussianMatrix
from fpsolve.exact.gaussian_matrix_rbm import finite_step_matrix_variance
from fpsolve.exact.rbm_gaussian import GaussianRbm
from fpsolve.exact.skewed_matrix import SkewedMatrix

__all__ = ["MOST_LEVELS", "WhiteNoiseMatrix", "rbm_second_order_law"]

Array = NDArray[np.float64]

MOST_LEVELS = 20
"""The tensors of all elements of the matrix grow like N⁶."""

_STEP = 1e-3  # of central differences, relative to the smallest κ; their error is of second order in it


@dataclass(frozen=True)
class WhiteNoiseMatrix:
    """Cumulants of X = W Wᵀ around its fixed point, for chains that forget everything between two updates.

    Per unit of time α (one update), with C = (μ² − X)^{-1}, A = K^{-1} and ε = α/B, X = x* + ξ has the drift

        (A − C)X + X(A − C) + ε[CXC + C Tr(XC) + χ_d(AXA + A Tr(XA))],

    noise with the covariance of δC X + X δC, ⟨δC_ab δC_cd⟩ = ε(C_ac C_bd + C_ad C_bc) (and the same of δA if χ_d = 1), and the
    third cumulant of these products of normals, of order ε². Expanding drift and noise in ξ and closing the moments
    with the Gaussian law of leading order gives means, variances and third cumulants to the next order. For one level
    they are those of the law P ∝ x^{ν−3/2}(μ² − x)²exp{…} of this noise, with its third cumulant.

    Attributes
    ----------
    kappa : tuple of float
        Descending.
    mu2, chi : float
        μ² and χ_d (1: the data term is a batch of fresh samples; 0: it is exact).
    """

    kappa: tuple[float, ...]
    mu2: float
    chi: float

    @property
    def n(self) -> int:
        """Number of levels."""
        return len(self.kappa)

    @property
    def target(self) -> Array:
        """x* = μ² − κ."""
        return self.mu2 - np.array(self.kappa)

    @cached_property
    def _place(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Rows and columns a ≤ b of the independent elements."""
        row, column = np.triu_indices(self.n)
        return row, column

    @cached_property
    def _basis(self) -> Array:
        """Symmetric matrices with one independent element 1, shape (element, level, level)."""
        row, column = self._place
        basis = np.zeros((row.size, self.n, self.n))
        index = np.arange(row.size)
        basis[index, row, column] = basis[index, column, row] = 1.0
        return basis

    def _elements(self, matrices: Array) -> Array:
        row, column = self._place
        return np.asarray(matrices[..., row, column])

    @cached_property
    def _rate(self) -> Array:
        """(x_a + x_b)/(κ_aκ_b), shape (element,)."""
        row, column = self._place
        kappa, x = np.array(self.kappa), self.target
        return np.asarray((x[row] + x[column]) / (kappa[row] * kappa[column]))

    @cached_property
    def _variance(self) -> Array:
        """V/ε at leading order, shape (element,)."""
        row, column = self._place
        x = self.target
        return np.asarray((1.0 + (row == column)) * (1.0 + self.chi) * 0.5 * (x[row] + x[column]))

    def _products(self, *factors: Array) -> Array:
        """Homogeneous part of (A − C)X + X(A − C), symmetrised over the factors: −(cξcξ…c x + cξ…cξ) and its transpose."""
        c = 1.0 / np.array(self.kappa)
        total = np.zeros(np.broadcast_shapes(*(factor.shape for factor in factors)))
        orders = list(permutations(factors))
        for order in orders:
            chain = c[:, None] * order[0]
            for factor in order[1:]:
                chain = (chain * c) @ factor
            total -= (chain * (c * self.target) + chain) / len(orders)
        return self._elements(total + np.swapaxes(total, -1, -2))

    @cached_property
    def _quadratic(self) -> Array:
        """B_rpq of the drift ξ_r' = … + Σ B_rpq ξ_p ξ_q, shape (element,)·3."""
        return np.stack([self._products(one[None], self._basis).T for one in self._basis], axis=1)

    @cached_property
    def _cubic(self) -> Array:
        """3 Σ_p V_p C_rpps of the drift, shape (element, element): what is left of the cubic part in a Gaussian mean."""
        parts = [
            3.0 * v * self._products(one[None], one[None], self._basis).T
            for v, one in zip(self._variance, self._basis, strict=True)
        ]
        return np.asarray(np.sum(parts, axis=0))

    def _noise(self, x: Array) -> tuple[Array, Array]:
        """Drift and covariance of the noise over ε at X: shapes (element,) and (element, element)."""
        row, column = self._place
        identity, index = np.eye(self.n), np.arange(row.size)
        # (δC X + X δC)_ab = Σ Y_cd δC_cd.
        y = np.zeros((row.size, self.n, self.n))
        y[index, row] += x[:, column].T
        y[index, :, column] += x[row]
        y = 0.5 * (y + np.swapaxes(y, 1, 2))
        sources = [np.linalg.inv(self.mu2 * identity - x)]
        if self.chi:
            sources.append(np.diag(1.0 / np.array(self.kappa)))
        drift = sum(self._elements(c @ x @ c + c * np.trace(x @ c)) for c in sources)
        # ⟨δC_ab (δC X + X δC)_q⟩/ε = 2 (C Y_q C)_ab.
        linked = 2.0 * sum(c @ y @ c for c in sources)
        covariance = self._elements(linked @ x + x @ linked).T
        return np.asarray(drift), np.asarray(covariance)

    @cached_property
    def _noise_expansion(self) -> tuple[Array, Array, Array, Array]:
        """Drift at x* and its slopes [r, s]; slopes of the covariance [a, p, q] and ½ Σ_a V_a ∂²/∂ξ_a² of it."""
        step = _STEP * min(self.kappa)
        centre = np.diag(self.target)
        drift, covariance = self._noise(centre)
        slopes, changes, curved = [], [], np.zeros_like(covariance)
        for v, one in zip(self._variance, self._basis, strict=True):
            (ahead, wide), (behind, narrow) = self._noise(centre + step * one), self._noise(centre - step * one)
            slopes.append((ahead - behind) / (2.0 * step))
            changes.append((wide - narrow) / (2.0 * step))
            curved += 0.5 * v * (wide + narrow - 2.0 * covariance) / step**2
        return drift, np.array(slopes).T, np.array(changes), curved

    @cached_property
    def _skewness_of_noise(self) -> Array:
        """Third cumulant of one update over ε², shape (element,)·3: eight pairings of three products of normals."""
        row, column = self._place
        kappa, x = np.array(self.kappa), self.target
        ends = [(row, column), (column, row)]
        total = np.zeros((row.size,) * 3)

        def link(end: NDArray[np.int64], start: NDArray[np.int64]) -> Array:
            """⟨normal of one element, normal of another⟩: 1/κ where they are of one level."""
            return np.asarray((end[:, None] == start[None, :]) / kappa[end][:, None])

        for a, b in ends:
            for c, d in ends:
                for e, f in ends:
                    total += np.einsum("pq,qr,rp->pqr", link(b, c), link(d, e), link(f, a))
        weight = x[row] + x[column]
        # The chains enter with −1, the data with +1: two of them cancel at the fixed point.
        return np.asarray((self.chi - 1.0) * np.einsum("p,q,r->pqr", weight, weight, weight) * total)

    @cached_property
    def _mean(self) -> Array:
        """⟨ξ⟩/ε, shape (element,)."""
        drift = self._noise_expansion[0]
        return np.asarray((np.einsum("rpp,p->r", self._quadratic, self._variance) + drift) / self._rate)

    @cached_property
    def _third(self) -> Array:
        """Third cumulants over ε², shape (element,)·3."""
        v, rate = self._variance, self._rate
        change = self._noise_expansion[2]
        part = 2.0 * self._quadratic * v[:, None] * v + change * v[:, None, None]
        total = self._skewness_of_noise + part + np.transpose(part, (1, 0, 2)) + np.transpose(part, (2, 1, 0))
        return np.asarray(total / (rate[:, None, None] + rate[:, None] + rate))

    @cached_property
    def cumulants(self) -> tuple[Array, Array, Array]:
        """Second order: covariances of the diagonal, variances of all elements, third cumulants κ_abc, over ε².

        Shapes (level, level), (level, level), (level, level, level).
        """
        v, rate, mean = self._variance, self._rate, self._mean
        drift, slope, change, curved = self._noise_expansion
        whole = self._third + np.einsum("p,q,qr->pqr", mean, v, np.eye(v.size))
        whole += np.einsum("q,p,pr->pqr", mean, v, np.eye(v.size)) + np.einsum("r,p,pq->pqr", mean, v, np.eye(v.size))
        driven = np.tensordot(self._quadratic, whole, axes=2) + (self._cubic + slope) * v + np.outer(drift, mean)
        noise = np.einsum("a,apq->pq", mean, change) + curved
        second = (driven + driven.T + noise) / (rate[:, None] + rate) - np.outer(mean, mean)
        number = np.zeros((self.n, self.n), dtype=np.int64)
        row, column = self._place
        number[row, column] = number[column, row] = np.arange(row.size)
        diagonal = np.diag(number)
        third = self._third[number[:, :, None], number[None, :, :], number.T[:, None, :]]
        return second[np.ix_(diagonal, diagonal)], np.diag(second)[number], third


def rbm_second_order_law(theory: GaussianRbm) -> SkewedMatrix:
    """Law of X = W Wᵀ with variances to second order in α/B and its third cumulants; nothing is fitted.

    Neighbouring levels see it most: to the variance of a level, whose eigenvector mixes with others, third cumulants
    ⟨ξ_ii ξ_ij²⟩ add terms of the same order as the correction of Var ξ_ii itself. The autocorrelation of the chains and the
    finite learning rate enter as in `rbm_matrix_law`, as a factor of every element; the second order itself is that of
    chains that forget between updates, right where ρ² = (x/μ²)^{2k} is small.

    Raises
    ------
    MethodError
        More than 20 levels.
    ModelError
        An unstable learning rate, or an α/B too large for an expansion.
    """
    if len(theory.kappa) > MOST_LEVELS:
        msg = f"the second order in α/B takes up to {MOST_LEVELS} levels, not {len(theory.kappa)}; gaussian_matrix takes any"
        raise MethodError(msg)
    white = WhiteNoiseMatrix(theory.kappa, theory.mu2, theory.chi)
    ratio = theory.learning_rate / theory.batch_size
    leading = finite_step_matrix_variance(theory)
    x = theory.levels
    bare = ratio * (1.0 + np.eye(x.size)) * (1.0 + theory.chi) * 0.5 * (x[:, None] + x[None, :])
    factor = leading / bare
    spread = np.sqrt(factor)
    covariance, variance, third = white.cumulants
    on_diagonal = np.sqrt(np.diag(factor))
    try:
        law = GaussianMatrix(
            theory.levels + theory.matrix_mean_shift,
            np.diag(np.diag(leading)) + ratio**2 * covariance * np.outer(on_diagonal, on_diagonal),
            leading + ratio**2 * variance * factor,
        )
        return SkewedMatrix(law, ratio**2 * third * spread[:, :, None] * spread[None, :, :] * spread[:, None, :])
    except ModelError as error:
        msg = f"α/B = {ratio:g} is too large for an expansion around the fixed point; gaussian_matrix remains"
        raise ModelError(msg) from error
