"""L at Gauss points times modes."""

import numpy as np
import pytest

from fpsolve.models.dyson import dyson
from fpsolve.models.geometric import geometric
from fpsolve.models.jacobi import jacobi
from fpsolve.operators.legendre import assemble_legendre


def test_rows_are_l_applied_to_the_modes() -> None:
    body = dyson(levels=1, stiffness=2.0, centre=0.1, g2=0.5).levels[0]
    factor = assemble_legendre(body, (-1.0, 3.0), modes=9, points=12)
    x = 1.0 + 2.0 * factor.basis.nodes
    weights = 2.0 * factor.basis.weights
    for k in (0, 3, 8):
        mode = np.polynomial.Legendre.basis(k, domain=[-1.0, 3.0]) * np.sqrt((2 * k + 1) / 4)
        expected = np.sqrt(weights * 0.5) * (mode.deriv()(x) + 0.5 * 4.0 * (x - 0.1) * mode(x))
        np.testing.assert_allclose(factor.matrix[:, k], expected, atol=1e-12)


@pytest.mark.parametrize(("p", "q"), [(-0.5, -0.5), (0.5, 2.2)])
def test_jacobi_modes_are_the_eigenfunctions_of_the_jacobi_level(p: float, q: float) -> None:
    # With the exponents of √P_s the matrix BᵀB/2 is diagonal: c k(k + p + q + 1)/2.
    body = jacobi(p=p, q=q, strength=3.0).levels[0]
    factor = assemble_legendre(body, (0.0, 1.0), modes=12, points=14, exponents=(p / 2, q / 2))
    k = np.arange(12)
    expected = np.diag(3.0 * k * (k + p + q + 1) / 2)
    np.testing.assert_allclose(0.5 * factor.matrix.T @ factor.matrix, expected, atol=1e-10)


def test_logarithmic_coordinate_is_the_same_quadratic_form() -> None:
    # ‖Lψ‖² of one function, in x by dense Simpson quadrature and through coefficients in y = ln x.
    body = geometric(source=1.0, strength=1.0, saturation=0.5).levels[0]
    factor = assemble_legendre(body, (0.01, 50.0), modes=120, points=140, origin=0.0)
    y = factor.lower + 0.5 * (factor.upper - factor.lower) * (factor.basis.nodes + 1.0)
    bump = np.exp(-2.0 * (y - 0.4) ** 2)
    half = 0.5 * (factor.upper - factor.lower)
    coefficients = factor.basis.values.T @ (factor.basis.weights * bump) * np.sqrt(half)
    form = np.sum((factor.matrix @ coefficients) ** 2)
    s = np.linspace(np.log(0.01), np.log(50.0), 200_001)
    x = np.exp(s)
    psi = np.exp(-2.0 * (s - 0.4) ** 2) / np.sqrt(x)
    slope = np.gradient(psi, s, edge_order=2) / x
    image = x * (slope + 0.5 * body.confinement_slope(x) * psi)
    direct = np.sum(image**2 * x) * (s[1] - s[0])
    assert abs(form / direct - 1.0) < 1e-6
    points, table = factor.wavefunctions(300, coefficients[:, None])
    np.testing.assert_allclose(table[0], np.exp(-2.0 * (np.log(points) - 0.4) ** 2) / np.sqrt(points), atol=1e-12)
