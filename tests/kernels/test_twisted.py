"""Vectors of tiny singular values against 400-digit arithmetic."""

import mpmath as mp
import numpy as np
import pytest

from fpsolve.kernels.lapack import bidiagonal_singular_values
from fpsolve.kernels.twisted import twisted_vector


def _double_well(cells: int, g2: float) -> tuple[np.ndarray, np.ndarray]:
    """Bidiagonal factor of a jump process in the tilted double well x⁴/4 − x²/2 + x/50."""
    x = np.linspace(-1.6, 1.6, cells)
    phi = (x**4 / 4 - x**2 / 2 + x / 50) / g2
    z = np.diff(phi)
    up, down = z / np.expm1(z), -z / np.expm1(-z)
    return np.sqrt(np.append(up, 0.0)), -np.sqrt(down)


@pytest.mark.parametrize("g2", [0.05, 0.002])
def test_vectors_of_a_double_well_componentwise(g2: float) -> None:
    d, e = _double_well(15, g2)
    singular = bidiagonal_singular_values(d, e)
    with mp.workdps(400):
        g = mp.zeros(15)
        for i in range(15):
            g[i, i] = mp.mpf(float(d[i]))
            if i < 14:
                g[i, i + 1] = mp.mpf(float(e[i]))
        values, vectors = mp.eigsy(g.T * g)
        for n in (1, 2, 3):
            z, gamma, below = np.empty(15), np.empty(15), np.empty(15)
            residual = twisted_vector(d, e, float(singular[n] ** 2), gamma, below, z)
            truth = np.array([float(vectors[i, n]) for i in range(15)])
            sign = np.sign(truth @ z)
            np.testing.assert_allclose(sign * z, truth, rtol=1e-9, atol=1e-14)
            assert residual < 1e-12 * float(values[n])
            assert abs(np.linalg.norm(z) - 1.0) < 1e-14


def test_decoupled_rows_do_not_spoil_the_vector() -> None:
    # Rates that underflow to 0 leave zeros on the diagonal; the vector must stay finite and right.
    d, e = np.array([1.0, 0.0, 2.0, 1.5]), np.array([0.5, 0.7, 0.3])
    g = np.diag(d) + np.diag(e, 1)
    singular = bidiagonal_singular_values(d, e)
    for value in singular[1:]:
        z = np.empty(4)
        twisted_vector(d, e, float(value**2), np.empty(4), np.empty(4), z)
        np.testing.assert_allclose(g.T @ g @ z, value**2 * z, atol=1e-13)
