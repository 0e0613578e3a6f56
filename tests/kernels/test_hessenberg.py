"""Shifted Hessenberg solves and the rational exponential against dense linear algebra."""

import numpy as np
import pytest
from scipy.linalg import expm, hessenberg

from fpsolve.kernels.cram import CRAM_POLES
from fpsolve.kernels.hessenberg import cram_hessenberg, solve_hessenberg

RNG = np.random.default_rng(7)


@pytest.mark.parametrize("n", [2, 3, 40])
@pytest.mark.parametrize("size", [1e-3, 1.0, 1e3])
def test_shifted_solve_with_and_without_interchanges(n: int, size: float) -> None:
    """Small and large subdiagonals beside the shift: both branches of the pivoting."""
    matrix = size * hessenberg(RNG.standard_normal((n, n)))
    right = RNG.standard_normal(n)
    upper, out = np.empty((2, n, n)), np.empty((2, n))
    for shift in (*CRAM_POLES[:2], 1e-2 + 1e-2j):
        solve_hessenberg(matrix, complex(shift), right, upper[0], upper[1], out[0], out[1])
        shifted = matrix - shift * np.eye(n)
        np.testing.assert_allclose(shifted @ (out[0] + 1j * out[1]), right, atol=1e-12)


def test_a_subdiagonal_that_vanishes_is_no_division_by_zero() -> None:
    matrix = np.diag([-1.0, -2.0, -3.0]) + np.diag([1.0, 1.0], 1)
    out = np.empty(3)
    cram_hessenberg(matrix, 0.7, np.ones(3), out)
    np.testing.assert_allclose(out, expm(0.7 * matrix) @ np.ones(3), atol=1e-14)


@pytest.mark.parametrize("length", [1e-3, 1.0, 1e4])
def test_exponential_of_a_matrix_with_negative_spectrum(length: float) -> None:
    basis = np.linalg.qr(RNG.standard_normal((30, 30)))[0]
    rates = np.concatenate([[0.0], np.geomspace(1e-3, 1e3, 29)])
    form, q = hessenberg(basis @ np.diag(-rates) @ basis.T, calc_q=True)
    state, out = RNG.standard_normal(30), np.empty(30)
    cram_hessenberg(np.ascontiguousarray(form), length, q.T @ state, out)
    exact = basis @ (np.exp(-rates * length) * (basis.T @ state))
    np.testing.assert_allclose(q @ out, exact, atol=1e-8 if length > 1.0 else 1e-11)


def test_what_does_not_change_is_kept_to_the_last_bit() -> None:
    matrix = np.zeros((4, 4))
    state, out = RNG.standard_normal(4), np.empty(4)
    cram_hessenberg(matrix, 3.0, state, out)
    assert np.array_equal(out, state)
