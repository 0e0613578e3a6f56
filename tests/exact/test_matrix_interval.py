"""P(all levels in an interval) against other closed forms, a partition function and random matrices."""

import numpy as np
import pytest
from scipy import stats

from fpsolve import models
from fpsolve.exact.matrix_interval import _hermite, _laguerre, symmetric_within, wishart_within
from fpsolve.models import initial
from fpsolve.models.initial_gas import GasLaw


@pytest.mark.parametrize(
    ("functions", "low"), [(lambda r: _laguerre(9, 6, r), 1e-12), (lambda x: _hermite(6, x), -16.0)]
)
def test_the_functions_are_orthonormal(functions, low):
    x, step = np.linspace(low, 16.0, 100_001, retstep=True)
    np.testing.assert_allclose(functions(x) @ functions(x).T * step, np.eye(6), atol=1e-10)


@pytest.mark.parametrize(("lower", "upper"), [(2.0, 7.0), (0.0, 3.0), (1.0, np.inf)])
def test_one_level_is_chi_squared(lower, upper):
    exact = np.diff(stats.chi2(5).cdf([lower, upper]))[0]
    assert wishart_within(5, 1, lower, upper) == pytest.approx(exact, rel=1e-12)
    normal = np.diff(stats.norm.cdf([lower - 2.0, upper - 2.0]))[0]
    assert symmetric_within(1, lower - 2.0, upper - 2.0) == pytest.approx(normal, rel=1e-12)


@pytest.mark.parametrize("levels", [2, 3, 7, 40])
def test_the_smallest_level_of_one_row_more_than_levels(levels):
    """The weights are then e^{−x/2}, and moving all levels by a gives P(x_1 > a) = e^{−Na/2}."""
    found = [wishart_within(levels + 1, levels, a, np.inf) for a in (0.1 / levels, 1.0 / levels, 4.0 / levels)]
    np.testing.assert_allclose(found, np.exp([-0.05, -0.5, -2.0]), rtol=1e-10)


@pytest.mark.parametrize(("lower", "upper"), [(-1.0, 1.5), (-0.2, np.inf), (-np.inf, -0.4), (0.7, 0.9)])
def test_two_eigenvalues_have_the_closed_form_of_a_pair(lower, upper):
    closed = initial.pair(0.3, 0.5).within(0.3 + 0.5 * lower, 0.3 + 0.5 * upper)
    assert symmetric_within(2, lower, upper) == pytest.approx(closed, abs=1e-13)


def test_many_levels_against_the_partition_function_of_the_exact_gas():
    """Two walls more: every gas whose weight is that of a random matrix."""
    wishart = GasLaw(models.laguerre(rows=7, levels=4, temperature=1.0))
    assert wishart.within(0.5, 12.0) == pytest.approx(wishart_within(7, 4, 0.5, 12.0), rel=1e-9)
    symmetric = GasLaw(models.dyson(levels=5, g2=1.0))
    assert symmetric.within(-2.5, 2.0) == pytest.approx(symmetric_within(5, -2.5, 2.0), rel=1e-9)
    assert symmetric.within(-np.inf, np.inf) == 1.0


def test_random_matrices():
    levels = np.linalg.svd(np.random.default_rng(3).standard_normal((40_000, 12, 5)), compute_uv=False) ** 2
    exact = wishart_within(12, 5, 1.5, 22.0)
    counted = np.mean((levels[:, -1] >= 1.5) & (levels[:, 0] <= 22.0))
    assert counted == pytest.approx(exact, abs=4.0 * np.sqrt(exact * (1.0 - exact) / 40_000))


def test_ends_of_all_kinds():
    assert wishart_within(20, 10, 0.0, np.inf) == 1.0
    assert wishart_within(20, 10, -3.0, 1e4) == 1.0
    assert wishart_within(20, 10, 5.0, 5.0) == 0.0
    assert wishart_within(20, 10, 0.0, 60.0) < wishart_within(20, 10, 0.0, 70.0) < 1.0
    assert symmetric_within(10, 40.0, 50.0) == 0.0
