"""Gauss–Jacobi rules and orthonormal polynomials against SciPy."""

import numpy as np
import pytest
from scipy.special import beta as beta_function
from scipy.special import eval_jacobi, roots_jacobi

from fpsolve.operators.jacobi_basis import jacobi_basis, midpoint_values

CASES = [(0.0, 0.0), (0.5, -0.3), (-0.5, -0.5), (3.0, 11.0), (-0.5, 0.5)]


@pytest.mark.parametrize(("alpha", "beta"), CASES)
def test_rule_and_orthonormality(alpha: float, beta: float) -> None:
    basis = jacobi_basis(40, 48, alpha, beta)
    nodes, weights = roots_jacobi(48, alpha, beta)
    np.testing.assert_allclose(basis.nodes, nodes, atol=1e-15)
    np.testing.assert_allclose(basis.weights, weights, rtol=1e-11)
    gram = basis.values.T @ (basis.weights[:, None] * basis.values)
    np.testing.assert_allclose(gram, np.eye(40), atol=2e-14)
    total = 2.0 ** (alpha + beta + 1) * beta_function(alpha + 1, beta + 1)
    np.testing.assert_allclose(basis.weights.sum(), total, rtol=1e-13)


@pytest.mark.parametrize(("alpha", "beta"), CASES)
def test_values_and_slopes_are_those_of_jacobi_polynomials(alpha: float, beta: float) -> None:
    basis = jacobi_basis(20, 24, alpha, beta)
    t, table = midpoint_values(50, 20, alpha, beta)
    for k in (0, 1, 7, 19):
        raw = eval_jacobi(k, alpha, beta, basis.nodes)
        scale = basis.values[np.argmax(np.abs(raw)), k] / raw[np.argmax(np.abs(raw))]
        np.testing.assert_allclose(basis.values[:, k], scale * raw, rtol=1e-10, atol=1e-12)
        np.testing.assert_allclose(table[:, k], scale * eval_jacobi(k, alpha, beta, t), rtol=1e-10, atol=1e-12)
        slope = 0.5 * (k + alpha + beta + 1) * eval_jacobi(k - 1, alpha + 1, beta + 1, basis.nodes) if k else 0.0
        np.testing.assert_allclose(basis.slopes[:, k], scale * slope, rtol=1e-9, atol=1e-9)


def test_tables_are_shared_and_protected() -> None:
    basis = jacobi_basis(8, 10)
    assert jacobi_basis(8, 10) is basis
    with pytest.raises(ValueError, match="read-only"):
        basis.values[0, 0] = 1.0
