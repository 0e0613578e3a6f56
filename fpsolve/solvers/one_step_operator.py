"""The transition operator of one update of a trained RBM level, as a matrix."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from fpsolve.exact.rbm_gaussian import GaussianRbm
from fpsolve.solvers.one_step_basis import (
    gamma_polynomials,
    gamma_rule,
    interpolation_matrix,
    legendre_rule,
    normal_rule,
)

__all__ = ["Chains", "OneStepOperator", "one_step_operator"]

Array = NDArray[np.float64]
Chains = Literal["persistent", "fresh"]

_DATA_POINTS = 14
_FRESH_POINTS = 24


@dataclass(frozen=True)
class OneStepOperator:
    """Conditional expectation (Tf)(state) = ⟨f(state after one update) | state⟩ on a grid of states.

    Attributes
    ----------
    ends : pair of float
        Range of x.
    x, weights : ndarray, shape (point,)
        Gauss–Legendre nodes of the level and their weights.
    matrix : ndarray, shape (point · mode, point · mode)
        T on values at the states (x_i, s_j), j running fastest.
    leaving : ndarray, shape (point · mode,)
        Probability that one update would leave the range of x; there it is put back to the end.
    """

    ends: tuple[float, float]
    x: Array
    weights: Array
    matrix: Array
    leaving: Array

    @cached_property
    def stationary(self) -> Array:
        """Left eigenvector of eigenvalue 1 that sums to 1, shape (point · mode,)."""
        n = self.matrix.shape[0]
        system = self.matrix.T - np.eye(n)
        # The rows of T − 1 add up to zero, so one equation is free for the norm.
        system[-1] = 1.0
        right = np.zeros(n)
        right[-1] = 1.0
        return np.asarray(np.linalg.solve(system, right))

    @property
    def level_weights(self) -> Array:
        """Gauss weights of the stationary law of x: ⟨f⟩ = Σ_i weights_i f(x_i), shape (point,)."""
        return np.asarray(self.stationary.reshape(self.x.size, -1).sum(axis=1))

    @property
    def leak(self) -> float:
        """Stationary probability per update of being put back to an end of the range."""
        return float(self.stationary @ self.leaving)

    @cached_property
    def eigenvalues(self) -> NDArray[np.complex128]:
        """All eigenvalues of T, the largest modulus first."""
        values = np.linalg.eigvals(self.matrix).astype(np.complex128)
        return np.asarray(values[np.argsort(-np.abs(values), kind="stable")])


def one_step_operator(
    theory: GaussianRbm, ends: tuple[float, float], *, points: int, modes: int, chains: Chains
) -> OneStepOperator:
    """Discretise one update of the level x and its chains by collocation.

    With s = Σ_b v_b² over the B chains, ρ = (x/μ²)^k and τ² = (1/μ²) Σ_{j < 2k} (x/μ²)^j, k sweeps and the update are

        s' = Σ_b (ρv_b + τn_b)² = (ρ√s + τn)² + τ²χ²_{B−1},       x' = x [1 + α(C_data − s'/B)]²,

    C_data = 1/κ, or χ²_B/(Bκ) from fresh samples: the pair (x, s) is a Markov chain of its own, so two numbers hold the
    whole training of a level, B chains included. T is the product of the two moves. The first, at fixed x, takes
    polynomials in s to polynomials of the same degree, which Gauss rules for the normal and the χ² part give exactly; the
    second, at fixed s, interpolates between the nodes of x. Nodes of s are those of its law at the fixed point.
    "fresh" chains are drawn anew from the machine's stationary law at every update, s' = χ²_B/(μ² − x), and the state is x
    alone: the white-noise limit of many sweeps.

    Parameters
    ----------
    theory : GaussianRbm
        Settings of the training, one level.
    ends : pair of float
        Range of x, 0 < low < high; below μ² for fresh chains.
    points, modes : int
        Nodes of x and of s.
    chains : {"persistent", "fresh"}
        Which training.
    """
    x, weights, barycentric = legendre_rule(points, *ends)
    kappa, batch = theory.kappa[0], theory.batch_size
    data, data_weights = np.array([1.0 / kappa]), np.ones(1)
    if theory.chi:
        nodes, data_weights = gamma_rule(_DATA_POINTS, batch)
        data = 2.0 * nodes / (batch * kappa)
    move = _Move(theory.learning_rate, ends, x, barycentric, data, data_weights)
    if chains == "fresh":
        q, q_weights = gamma_rule(_FRESH_POINTS, batch)
        terms = [
            (weight, *move.update(2.0 * node / (batch * (theory.mu2 - x))))
            for node, weight in zip(q, q_weights, strict=True)
        ]
        matrix = sum(weight * part for weight, part, _ in terms)
        leaving = sum(weight * out for weight, _, out in terms)
        return OneStepOperator(ends, x, weights, np.asarray(matrix), np.asarray(leaving))
    q, q_weights = gamma_rule(modes, batch)
    s = 2.0 * q / kappa
    sweep = _sweeps(theory, x, s, q_weights)
    parts = [move.update(np.full(points, value / batch)) for value in s]
    update, outside = np.array([part[0] for part in parts]), np.array([part[1] for part in parts])
    size = points * modes
    matrix = np.einsum("ijm,mip->ijpm", sweep, update, optimize=True).reshape(size, size)
    leaving = np.einsum("ijm,mi->ij", sweep, outside).ravel()
    return OneStepOperator(ends, x, weights, matrix, leaving)


@dataclass(frozen=True)
class _Move:
    """The update of x at given C_chain."""

    rate: float
    ends: tuple[float, float]
    x: Array
    barycentric: Array
    data: Array
    data_weights: Array

    def update(self, covariance: Array) -> tuple[Array, Array]:
        """Matrix of f ↦ ⟨f(x')⟩ over the data and probability to leave, for C_chain of shape (point,)."""
        factor = 1.0 + self.rate * (self.data - covariance[:, None])
        moved = self.x[:, None] * factor**2
        inside = np.clip(moved, *self.ends)
        values = interpolation_matrix(self.x, self.barycentric, inside)
        matrix = np.einsum("ikp,k->ip", values, self.data_weights)
        return np.asarray(matrix), np.asarray((inside != moved) @ self.data_weights)


def _sweeps(theory: GaussianRbm, x: Array, s: Array, weights: Array) -> Array:
    """Matrices of f ↦ ⟨f(s')⟩ on values at the nodes s, one for every x, shape (point, mode, mode)."""
    kappa, batch, modes = theory.kappa[0], theory.batch_size, s.size
    share = x / theory.mu2
    remembered = share ** (2 * theory.sweeps)
    variance = np.sum(share[:, None] ** np.arange(2 * theory.sweeps), axis=1) / theory.mu2
    normals, normal_weights = normal_rule(modes + 1)
    rest, rest_weights = gamma_rule(modes // 2 + 2, batch - 1.0)
    along = np.sqrt(remembered[:, None] * s)[..., None] + np.sqrt(variance)[:, None, None] * normals
    moved = along[..., None] ** 2 + 2.0 * variance[:, None, None, None] * rest
    values = gamma_polynomials(0.5 * kappa * moved, modes, batch)
    moments = np.einsum("mijhc,h,c->ijm", values, normal_weights, rest_weights, optimize=True)
    return np.asarray(moments @ (gamma_polynomials(0.5 * kappa * s, modes, batch) * weights))
