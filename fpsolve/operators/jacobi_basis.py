"""Orthonormal Jacobi polynomials at the points of their Gauss rule; Legendre polynomials are the case α = β = 0."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import eigvalsh_tridiagonal
from scipy.special import betaln

__all__ = ["JacobiBasis", "jacobi_basis", "midpoint_values", "recurrence"]

Array = NDArray[np.float64]


@dataclass(frozen=True)
class JacobiBasis:
    """Polynomials p_k, k < modes, with ∫ p_j p_k (1 − t)^α (1 + t)^β dt = δ_jk over (−1, 1).

    Attributes
    ----------
    nodes, weights : ndarray, shape (point,)
        The Gauss rule of the weight, exact for polynomials of degree 2·point − 1.
    values, slopes : ndarray, shape (point, mode)
        p_k and p_k' at the nodes.
    """

    nodes: Array
    weights: Array
    values: Array
    slopes: Array


def recurrence(size: int, alpha: float, beta: float) -> tuple[Array, Array]:
    """a_k (k < size) and b_k (k ≤ size, b_0 unused) of t p_k = b_{k+1} p_{k+1} + a_k p_k + b_k p_{k−1}."""
    k = np.arange(size + 1.0)
    total = 2.0 * k + alpha + beta
    with np.errstate(divide="ignore", invalid="ignore"):
        a = (beta - alpha) * (beta + alpha) / (total * (total + 2.0))
        b = 2.0 / total * np.sqrt(k * (k + alpha) * (k + beta) * (k + alpha + beta) / ((total + 1.0) * (total - 1.0)))
    a[0] = (beta - alpha) / (alpha + beta + 2.0)
    # Written out where numerator and denominator vanish together for α + β = 0 or −1.
    b[1] = 2.0 * np.sqrt((1.0 + alpha) * (1.0 + beta) / (3.0 + alpha + beta)) / (2.0 + alpha + beta)
    return a[:size], b


def _values(t: Array, modes: int, alpha: float, beta: float) -> Array:
    """p_k(t) by the three-term recurrence, shape (len(t), modes), Fortran order."""
    a, b = recurrence(modes, alpha, beta)
    values = np.empty((modes, t.size))
    values[0] = np.exp(-0.5 * ((alpha + beta + 1.0) * np.log(2.0) + betaln(alpha + 1.0, beta + 1.0)))
    for k in range(modes - 1):
        values[k + 1] = (t - a[k]) * values[k]
        if k > 0:
            values[k + 1] -= b[k] * values[k - 1]
        values[k + 1] /= b[k + 1]
    return values.T


def _slopes(t: Array, values: Array, alpha: float, beta: float) -> Array:
    """p_k'(t), from the recurrence differentiated; `values` from `_values`."""
    modes = values.shape[1]
    a, b = recurrence(modes, alpha, beta)
    slopes = np.zeros((modes, t.size))
    for k in range(modes - 1):
        slopes[k + 1] = (t - a[k]) * slopes[k] + values[:, k]
        if k > 0:
            slopes[k + 1] -= b[k] * slopes[k - 1]
        slopes[k + 1] /= b[k + 1]
    return slopes.T


@lru_cache(maxsize=8)
def midpoint_values(points: int, modes: int, alpha: float, beta: float) -> tuple[Array, Array]:
    """Midpoints t of `points` equal cells of (−1, 1) and p_k there, shape (points, modes); the last are remembered."""
    t = (2.0 * np.arange(points) + 1.0) / points - 1.0
    values = _values(t, modes, alpha, beta)
    t.flags.writeable = values.flags.writeable = False
    return t, values


@lru_cache(maxsize=32)
def jacobi_basis(modes: int, points: int, alpha: float = 0.0, beta: float = 0.0) -> JacobiBasis:
    """Build the Gauss rule of `points` nodes and tabulate `modes` ≤ `points` polynomials at them.

    Nodes are eigenvalues of the Jacobi matrix, polished by one Newton step; weights are 1/Σ_k p_k², which keeps their
    relative accuracy next to the ends. The last tables are remembered (they do not depend on the model).
    """
    a, b = recurrence(points, alpha, beta)
    nodes = np.asarray(eigvalsh_tridiagonal(a, b[1:points]), dtype=np.float64)
    last = _values(nodes, points + 1, alpha, beta)
    nodes = nodes - last[:, -1] / _slopes(nodes, last, alpha, beta)[:, -1]
    values = _values(nodes, points, alpha, beta)
    slopes = _slopes(nodes, values, alpha, beta)
    weights = 1.0 / np.einsum("ik,ik->i", values, values)
    basis = JacobiBasis(nodes, weights, values[:, :modes], slopes[:, :modes])
    for table in (basis.nodes, basis.weights, basis.values, basis.slopes):
        table.flags.writeable = False
    return basis
