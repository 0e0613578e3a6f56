"""Two equal levels in cosines: exponential convergence to exact matrix laws."""

import runpy
from pathlib import Path

import numpy as np
import pytest

import fpsolve as fp
from fpsolve import models
from fpsolve.errors import ConvergenceError, MethodError
from fpsolve.exact.rates import dyson_rates, laguerre_rates
from fpsolve.models import initial
from fpsolve.operators.cosine_pair import CosinePair
from fpsolve.solvers.chebyshev import advance

PAIR = models.dyson(levels=2, g2=0.01)
START = initial.pair(0.3, 0.05)
PAIR_LAW = runpy.run_path(str(Path(__file__).parents[1] / "reference" / "pair_law.py"))
exact_pair_masses, pair_masses = PAIR_LAW["exact_pair_masses"], PAIR_LAW["pair_masses"]


def test_pair_to_ten_digits():
    found = fp.evolve(PAIR, START, times=[0.2, 1.0], method="legendre", rtol=1e-8)
    assert found.method == "legendre"
    for k, time in enumerate(found.times):
        # The cells end six standard deviations out; the masses on them are exact, not normalised to 1.
        error = np.abs(pair_masses(found, k) - exact_pair_masses(found.edges[0], time)).sum()
        assert error <= 1e-8
    assert found.error_estimate <= 2e-8
    s = 0.01 * (1.0 - np.exp(-2.0)) + 0.05**2 * np.exp(-2.0)
    spread = np.sqrt(s * (1.5 - 0.25 * np.pi))
    exact = 0.3 * np.exp(-1.0) + np.array([-0.5, 0.5]) * np.sqrt(np.pi * s)
    np.testing.assert_allclose(found.mean[1], exact, rtol=1e-8)
    np.testing.assert_allclose(found.std[1], spread, rtol=1e-7)
    assert found.correlation[1, 0] == pytest.approx(s / spread**2 - 1.0, rel=1e-7)


def test_joint_law_spacings_and_correlation():
    """P(S) = S/(2s) e^{−S²/(4s)} at all times; the tables agree with the joint density they come from."""
    found = fp.evolve(PAIR, START, times=[0.2, 1.0], method="legendre", cells=320, rtol=1e-6)
    assert found.pair_density is None
    assert max(found.pairs.density.shape[2:]) <= 160
    np.testing.assert_array_equal(found.pairs.correlation, found.correlation)
    areas = np.multiply.outer(*np.diff(found.pairs.edges[0], axis=1))
    np.testing.assert_allclose((found.pairs.density[:, 0] * areas).sum(axis=(1, 2)), 1.0, atol=1e-12)
    for k, time in enumerate(found.times):
        s = 0.01 * (1.0 - np.exp(-2.0 * time)) + 0.05**2 * np.exp(-2.0 * time)
        exact = -np.diff(np.exp(-(found.pairs.spacing_edges[0] ** 2) / (4.0 * s)))
        masses = found.pairs.spacing_density[k, 0] * np.diff(found.pairs.spacing_edges[0])
        assert np.abs(masses - exact).sum() < 6e-3
    few = fp.evolve(PAIR, START, times=[1.0], method="legendre", cells=80, rtol=1e-6)
    assert few.pair_density.shape == (1, 1, 80, 80)
    assert few.correlation[0, 0] == pytest.approx(found.correlation[1, 0], abs=1e-6)


@pytest.mark.parametrize("rtol", [1e-3, 1e-5, 1e-7])
def test_error_allowed_is_kept(rtol):
    found = fp.evolve(PAIR, START, times=[0.2, 1.0], method="legendre", rtol=rtol)
    for k, time in enumerate(found.times):
        error = np.abs(pair_masses(found, k) - exact_pair_masses(found.edges[0], time)).sum()
        assert error <= rtol
    assert found.error_estimate <= rtol


def test_convergence_is_exponential():
    errors = []
    for modes in (24, 36, 48, 60):
        found = fp.evolve(PAIR, START, times=[1.0], method="legendre", modes=modes, domain=(-0.8, 0.8), rtol=1e-11)
        errors.append(np.abs(pair_masses(found, 0) - exact_pair_masses(found.edges[0], 1.0)).sum())
    falls = -np.diff(np.log10(errors))
    assert np.all(falls > 1.0), f"errors {errors}"
    # Faster than any power: every further dozen of modes gains more digits than a power law would.
    assert errors[-1] < 1e-8, f"errors {errors}"


def test_random_matrix_stays_random_matrix():
    """WᵀW of an entrywise OU process: for a 2×2 matrix the levels' sum is gamma distributed at all times."""
    model = models.laguerre(rows=2, levels=2, temperature=0.1)
    found = fp.evolve(model, initial.marchenko_pastur(2, 0.3, levels=2), times=[0.4], method="legendre")
    variance = 0.3 * np.exp(-0.8) + 0.1 * (1.0 - np.exp(-0.8))
    mean, second = found.mean[0], found.std[0] ** 2
    # tr WᵀW = variance · χ²(4)
    assert mean.sum() == pytest.approx(4.0 * variance, rel=1e-8)
    covariance = found.correlation[0, 0] * np.sqrt(second.prod())
    assert second.sum() + 2.0 * covariance == pytest.approx(8.0 * variance**2, rel=1e-7)
    # s_2 ± s_1 of a real 2×2 Gaussian matrix are independent with squares 2 variance · χ²(2), and x_1 = s_1².
    assert mean[0] == pytest.approx((2.0 - 0.5 * np.pi) * variance, rel=1e-8)


@pytest.mark.parametrize(
    ("model", "exact"),
    [
        (models.dyson(levels=2, g2=0.01, beta=1.0), dyson_rates(1.0, levels=2, count=7)),
        (models.dyson(levels=2, g2=0.01, beta=4.0), dyson_rates(1.0, levels=2, count=7)),
        (models.laguerre(rows=4, levels=2, temperature=0.01), laguerre_rates(1.0, levels=2, count=7)),
    ],
)
def test_eigenvalues_of_the_operator(model, exact):
    interval = (-0.8, 0.8) if model.kind == "dyson" else (0.0, 0.9)
    operator = CosinePair(model, interval, 40)
    rows, columns = np.triu_indices(40)
    matrix = np.empty((rows.size, rows.size))
    for k, (i, j) in enumerate(zip(rows, columns, strict=True)):
        unit = np.zeros((40, 40))
        unit[i, j] = unit[j, i] = 1.0
        matrix[:, k] = operator.apply(unit)[rows, columns]
    rates = np.sort(-np.linalg.eigvals(matrix).real)[:7]
    np.testing.assert_allclose(rates, exact, atol=2e-3)


@pytest.mark.parametrize(
    "model",
    [
        models.dyson(levels=2, g2=0.01, beta=2.0),
        models.laguerre(rows=3, levels=2, temperature=0.1),
        models.jacobi(p=0.5, q=1.0, strength=1.0, levels=2),
    ],
)
def test_stationary_start_stays(model):
    found = fp.evolve(model, "stationary", times=[1.0, 20.0], method="legendre", rtol=1e-9)
    change = np.abs((found.density - found.initial_density) * np.diff(found.edges)).sum(axis=2)
    assert change.max() < 2e-9


@pytest.mark.parametrize(
    ("model", "law"),
    [
        (models.jacobi(p=0.5, q=1.0, strength=0.2, levels=2), initial.pair(0.5, 0.05)),
        (models.dyson(levels=2, g2=0.01, beta=2.0), initial.gaussian([-0.3, 0.3], 0.05)),
        (models.laguerre(rows=5, levels=2, temperature=0.1), initial.marchenko_pastur(5, 0.3, levels=2)),
    ],
)
def test_agrees_with_the_chamber(model, law):
    smooth = fp.evolve(model, law, times=[0.3], method="legendre", rtol=1e-6)
    cells = fp.evolve(model, law, times=[0.3], method="chamber", cells=200)
    np.testing.assert_allclose(cells.mean, smooth.mean, rtol=0.0, atol=2e-3 * smooth.std.min())
    np.testing.assert_allclose(cells.std, smooth.std, rtol=2e-3)
    np.testing.assert_allclose(cells.correlation, smooth.correlation, atol=2e-3)


def test_a_step_of_the_operator_is_a_derivative():
    operator = CosinePair(PAIR, (-0.8, 0.8), 40)
    state = operator.stationary()
    assert operator.norm(operator.apply(state)) < 1e-7 * operator.norm(state)
    later, _, _ = advance(operator, state, 0.1, allowed=1e-6, settle=lambda q: (q, 0.0))
    assert operator.norm(later - state) < 1e-6 * operator.norm(state)


def test_what_does_not_fit_is_refused():
    with pytest.raises(MethodError, match=r"same potential and noise; what remains: chamber"):
        fp.evolve(models.dyson(levels=2, g2=[0.01, 0.02]), START, times=[1.0], method="legendre")
    with pytest.raises(MethodError, match=r"smooth function.*what remains: chamber"):
        fp.evolve(PAIR, initial.gaussian([0.2, 0.3], 0.05), times=[1.0], method="legendre")
    with pytest.raises(MethodError, match="at least 4 modes"):
        fp.evolve(PAIR, START, times=[1.0], method="legendre", modes=3)
    hard = models.potential(
        lambda x: x, lambda x: 1.0 + 0.0 * x, lambda x: 0.0 * x, domain=(0.0, 2.0), g2=0.2, levels=2
    )
    with pytest.raises(ConvergenceError, match='take the method "chamber"'):
        fp.evolve(hard, initial.pair(1.0, 0.05), times=[1.0], method="legendre")
