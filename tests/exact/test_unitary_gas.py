"""The exact gas with β = 2 against Hermite functions, known norms and other quadratures."""

import numpy as np
import pytest
from scipy import stats
from scipy.integrate import quad
from scipy.special import eval_hermitenorm, gammaln

from fpsolve import models
from fpsolve.errors import ConvergenceError
from fpsolve.exact import determinantal_gas, jacobi_log_norm, laguerre_log_norm, mehta_log_norm


@pytest.mark.parametrize("levels", [1, 2, 5, 20])
def test_gaussian_unitary_ensemble(levels):
    gas = determinantal_gas(models.dyson(levels=1, g2=0.49, centre=0.4).levels[0], levels)
    assert gas.log_partition_function == pytest.approx(mehta_log_norm(levels, beta=2.0, std=0.7), rel=1e-12, abs=1e-12)
    x = np.linspace(-2 * np.sqrt(levels) - 1, 2 * np.sqrt(levels) + 1, 31)
    truth = sum(
        eval_hermitenorm(k, x) ** 2 * np.exp(-0.5 * x * x - gammaln(k + 1.0)) / np.sqrt(2 * np.pi)
        for k in range(levels)
    )
    np.testing.assert_allclose(gas.total_pdf(0.4 + 0.7 * x), truth / levels / 0.7, atol=1e-12)
    pooled = np.mean([law.pdf(0.4 + 0.7 * x) for law in gas.laws], axis=0)
    np.testing.assert_allclose(pooled, truth / levels / 0.7, atol=1e-12)
    # ⟨tr X⟩ and ⟨tr X²⟩ of the matrix.
    assert np.sum(gas.mean - 0.4) == pytest.approx(0.0, abs=1e-11)
    assert np.sum((gas.mean - 0.4) ** 2 + gas.std**2) == pytest.approx(0.49 * levels**2, rel=1e-11)


def test_hundred_levels():
    gas = determinantal_gas(models.dyson(levels=1, g2=1.0).levels[0], 100)
    assert gas.log_partition_function == pytest.approx(mehta_log_norm(100, beta=2.0), rel=1e-13)
    assert gas.error_estimate < 1e-12
    # Wigner's semicircle on [−2√N, 2√N], up to oscillations of relative order 1/N.
    x = np.linspace(-18.0, 18.0, 1001)
    semicircle = (1 + 0.5 * x * np.sqrt(400 - x * x) / (np.pi * 100) + 2 * np.arcsin(x / 20) / np.pi) / 2
    np.testing.assert_allclose(gas.total_cdf(x), semicircle, atol=3e-3)


@pytest.mark.parametrize("levels", [2, 3, 9])
def test_other_norms(levels):
    level = models.laguerre(rows=levels + 3, levels=levels, temperature=0.2, beta=2.0).levels[0]
    truth = laguerre_log_norm(levels, p=3.0, beta=2.0, scale=0.4)
    assert determinantal_gas(level, levels).log_partition_function == pytest.approx(truth, rel=1e-12)
    level = models.jacobi(p=-0.3, q=0.5, levels=levels, beta=2.0).levels[0]
    truth = jacobi_log_norm(levels, p=-0.3, q=0.5, beta=2.0)
    assert determinantal_gas(level, levels).log_partition_function == pytest.approx(truth, rel=1e-12)


def test_levels_of_a_pair():
    """p_2(x) ∝ w(x) ∫_{−∞}^x (x − y)² w(y) dy."""
    gas = determinantal_gas(models.dyson(levels=1, g2=1.0).levels[0], 2)
    for x in (-1.0, 0.3, 2.5):
        inner = quad(lambda y, x=x: (x - y) ** 2 * np.exp(-0.5 * y * y), -12.0, x, epsabs=1e-14)[0]
        assert gas.laws[1].pdf(x) == pytest.approx(np.exp(-0.5 * x * x) * inner / (2 * np.pi), rel=1e-11)
        assert gas.laws[0].pdf(-x) == pytest.approx(float(gas.laws[1].pdf(x)), rel=1e-10)


def test_lowest_level_that_is_exponential():
    """With the weight e^{−x/θ} on x > 0 all levels may be shifted together: P(x_1 > s) = e^{−Ns/θ}."""
    level = models.laguerre(rows=7, levels=7, temperature=0.5, beta=2.0).levels[0]
    gas = determinantal_gas(level, 7)
    s = np.array([1e-4, 0.01, 0.1, 0.5])
    np.testing.assert_allclose(gas.laws[0].cdf(s), -np.expm1(-7 * s), rtol=1e-9)


def test_levels_are_eigenvalues_of_hermitian_matrices():
    rng = np.random.default_rng(9)
    entries = rng.normal(size=(4000, 5, 5)) + 1j * rng.normal(size=(4000, 5, 5))
    # (A + A†)/2 has diagonal variance 1 and off-diagonal ⟨|h|²⟩ = 1.
    eigenvalues = np.linalg.eigvalsh(0.5 * (entries + entries.conj().transpose(0, 2, 1)))
    gas = determinantal_gas(models.dyson(levels=1, g2=1.0).levels[0], 5)
    for level in range(5):
        assert stats.kstest(eigenvalues[:, level], gas.laws[level].cdf).pvalue > 1e-3


def test_refusal():
    with pytest.raises(ConvergenceError, match="did not settle"):
        determinantal_gas(models.dyson(levels=1, g2=1.0).levels[0], 3, tolerance=1e-30)
