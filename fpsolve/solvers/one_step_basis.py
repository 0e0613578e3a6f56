"""Gauss rules of Gamma and normal laws, and interpolation, for the transition operator of one update."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import eigh_tridiagonal

__all__ = ["gamma_polynomials", "gamma_rule", "interpolation_matrix", "legendre_rule", "normal_rule"]

Array = NDArray[np.float64]


def gamma_rule(points: int, freedom: float) -> tuple[Array, Array]:
    """Gauss rule for half a χ² variable of `freedom` degrees, the Gamma law of shape freedom/2 and scale 1.

    Nodes and weights are those of the Jacobi matrix (G. H. Golub and J. H. Welsch, Math. Comp. 23 (1969) 221), so nothing
    overflows however many degrees of freedom there are. No degree at all is the number 0.
    """
    if freedom == 0.0:
        return np.zeros(1), np.ones(1)
    i, a = np.arange(points), 0.5 * freedom - 1.0
    nodes, vectors = eigh_tridiagonal(2.0 * i + a + 1.0, np.sqrt(i[1:] * (i[1:] + a)))
    return np.asarray(nodes, dtype=np.float64), np.asarray(vectors[0] ** 2, dtype=np.float64)


def normal_rule(points: int) -> tuple[Array, Array]:
    """Gauss rule for the standard normal law."""
    nodes, vectors = eigh_tridiagonal(np.zeros(points), np.sqrt(np.arange(1.0, points)))
    return np.asarray(nodes, dtype=np.float64), np.asarray(vectors[0] ** 2, dtype=np.float64)


def gamma_polynomials(q: Array, count: int, freedom: float) -> Array:
    """Orthonormal polynomials of the law of `gamma_rule`, degrees 0 … count − 1, shape (count,) + q.shape."""
    a = 0.5 * freedom - 1.0
    values = np.empty((count, *q.shape))
    values[0] = 1.0
    before = np.zeros_like(q)
    for k in range(count - 1):
        lower = np.sqrt(k * (k + a)) if k else 0.0
        values[k + 1] = ((q - (2.0 * k + a + 1.0)) * values[k] - lower * before) / np.sqrt((k + 1.0) * (k + 1.0 + a))
        before = values[k]
    return values


def legendre_rule(points: int, low: float, high: float) -> tuple[Array, Array, Array]:
    """Gauss–Legendre nodes and weights on [low, high], and the barycentric weights of the nodes."""
    nodes, weights = np.polynomial.legendre.leggauss(points)
    barycentric = np.asarray((-1.0) ** np.arange(points) * np.sqrt((1.0 - nodes**2) * weights), dtype=np.float64)
    half = 0.5 * (high - low)
    return 0.5 * (low + high) + half * nodes, half * weights, barycentric


def interpolation_matrix(nodes: Array, barycentric: Array, x: Array) -> Array:
    """Values at x of the polynomials that are 1 at one node and 0 at the others, shape x.shape + (node,)."""
    distance = x[..., None] - nodes
    hit = distance == 0.0
    terms = barycentric / np.where(hit, 1.0, distance)
    values = terms / terms.sum(axis=-1, keepdims=True)
    return np.asarray(np.where(hit.any(axis=-1, keepdims=True), hit.astype(np.float64), values))
