"""The findiff Hamiltonian: stencils, symmetry, ends."""

import numpy as np
import pytest

from fpsolve.models.dyson import dyson
from fpsolve.models.laguerre import laguerre
from fpsolve.models.potential import potential
from fpsolve.operators.findiff_hamiltonian import assemble_findiff

FREE = potential(np.zeros_like, np.zeros_like, np.zeros_like, domain=(0.0, 1.0), g2=2.0).levels[0]
# Central weights of the second derivative (B. Fornberg, Math. Comp. 51 (1988) 699).
STENCILS = {
    2: [-2.0, 1.0],
    4: [-5 / 2, 4 / 3, -1 / 12],
    6: [-49 / 18, 3 / 2, -3 / 20, 1 / 90],
    8: [-205 / 72, 8 / 5, -1 / 5, 8 / 315, -1 / 560],
}
ENDS = [("vanishing", "vanishing"), ("even", "vanishing"), ("odd", "even"), ("ring", "ring")]


@pytest.mark.parametrize("order", [2, 4, 6, 8])
@pytest.mark.parametrize("ends", ENDS)
def test_rows_inside_are_the_central_stencil_and_the_matrix_is_symmetric(order: int, ends: tuple) -> None:
    hamiltonian = assemble_findiff(FREE, (0.0, 1.0), points=40, order=order, ends=ends)
    dense = hamiltonian.matrix.toarray()
    np.testing.assert_allclose(dense, dense.T, atol=1e-14 * np.abs(dense).max())
    expected = -np.array(STENCILS[order]) * 40.0**2
    np.testing.assert_allclose(dense[20, 20 : 20 + expected.size], expected, rtol=1e-12)


@pytest.mark.parametrize("order", [2, 4, 6, 8])
def test_levels_of_the_free_box_are_the_symbol_of_the_stencil(order: int) -> None:
    k = np.arange(5)
    h, weights = 1 / 60, np.array(STENCILS[order])
    for ends, wavenumbers in (
        (("even", "even"), k * np.pi),
        (("odd", "odd"), (k + 1) * np.pi),
        (("even", "odd"), (k + 0.5) * np.pi),
        (("ring", "ring"), 2 * np.pi * ((k + 1) // 2)),
    ):
        matrix = assemble_findiff(FREE, (0.0, 1.0), points=60, order=order, ends=ends).matrix.toarray()
        # Cosines and sines about the walls are eigenvectors of the mirrored stencil, to all digits (D = 2: H = −∂²).
        shifts = np.cos(np.outer(wavenumbers * h, np.arange(weights.size)))
        symbol = -(weights[0] + 2 * shifts[:, 1:] @ weights[1:]) / h**2
        np.testing.assert_allclose(np.linalg.eigvalsh(matrix)[:5], symbol, atol=1e-9, err_msg=str(ends))


def test_multiplicative_diffusion_is_the_same_operator() -> None:
    # H on a smooth function, by the definition ½L†L in closed form: D = 4Tx, Φ' = λ/(2T) − (a − 1)/x.
    body = laguerre(rows=9, temperature=0.25, weight_decay=1.0).levels[0]
    hamiltonian = assemble_findiff(body, (0.5, 6.5), points=1200, order=8, ends=("vanishing", "vanishing"))
    x = hamiltonian.x
    f, f1, f2 = np.sin(x), np.cos(x), -np.sin(x)
    phi1, phi2 = 2.0 - 3.5 / x, 3.5 / x**2
    expected = -0.5 * (x * f2 + f1) + (x * phi1**2 / 8 - (phi1 + x * phi2) / 4) * f
    inside = slice(20, -20)
    np.testing.assert_allclose((hamiltonian.matrix @ f)[inside], expected[inside], atol=1e-8)


def test_harmonic_well_has_no_negative_level() -> None:
    # A findiff matrix with one-sided rows at the ends gives −3.5 here.
    body = dyson(levels=1, stiffness=1.0, centre=0.0, g2=1.0).levels[0]
    matrix = assemble_findiff(body, (-10.0, 10.0), points=201, order=4, ends=("vanishing", "vanishing")).matrix
    np.testing.assert_allclose(np.linalg.eigvalsh(matrix.toarray())[:4], [0.0, 0.5, 1.0, 1.5], atol=1e-3)
