"""Square factors of generators with any walls, and vectors of clusters."""

import numpy as np
import pytest

from fpsolve.grids.axis import Axis
from fpsolve.kernels.lapack import bidiagonal_singular_values
from fpsolve.models.dyson import dyson
from fpsolve.operators.bidiagonal import lowest_vectors, square_factor
from fpsolve.operators.scharfetter_gummel import scharfetter_gummel

WALLS = ["reflecting", "absorbing"]


@pytest.mark.parametrize("lower", WALLS)
@pytest.mark.parametrize("upper", WALLS)
def test_factor_reproduces_the_symmetrised_generator(lower: str, upper: str) -> None:
    body = dyson(levels=1, stiffness=1.0, centre=0.3, g2=0.5).levels[0]
    generator = scharfetter_gummel(body, Axis(-2.0, 2.0, 24), boundary=(lower, upper))
    root = np.exp(0.5 * generator.log_mass)
    dense = -generator.matrix().toarray() * root[None, :] / root[:, None]
    d, e = square_factor(generator)
    g = np.diag(d) + np.diag(e, 1)
    np.testing.assert_allclose(g.T @ g, dense, atol=1e-12 * np.abs(dense).max())


def _chain(size: int, coupling: float) -> tuple[np.ndarray, np.ndarray]:
    """Two identical chains joined by a weak link: all eigenvalues come in pairs."""
    rng = np.random.default_rng(2)
    half = rng.uniform(0.5, 1.5, size)
    d = np.concatenate([half, half])
    e = np.concatenate([half[:-1] * 0.8, [coupling], half[:-1] * 0.8])
    return d, e


@pytest.mark.parametrize("coupling", [0.0, 1e-9, 1e-4])
def test_vectors_of_clusters_are_orthonormal_and_eigen(coupling: float) -> None:
    d, e = _chain(30, coupling)
    g = np.diag(d) + np.diag(e, 1)
    singular = bidiagonal_singular_values(d, e)[:6]
    vectors, residuals = lowest_vectors(d, e, singular)
    np.testing.assert_allclose(vectors @ vectors.T, np.eye(6), atol=1e-8)
    true_residuals = np.linalg.norm(vectors @ g.T @ g - singular[:, None] ** 2 * vectors, axis=1)
    assert true_residuals.max() < 1e-8
    assert residuals.max() < 1e-8
