"""Spacings and spacing ratios of large matrices and of three levels: known moments, independent integrals."""

import numpy as np
import pytest
from scipy import integrate

from fpsolve.exact.gaudin import gap_probability, gaudin_cdf, gaudin_pdf
from fpsolve.exact.spacing_ratio import (
    GOE_TRIPLET_RATIO,
    POISSON_RATIO,
    goe_ratio_cdf,
    goe_ratio_pdf,
    poisson_ratio_cdf,
)
from fpsolve.exact.surmise import surmise_cdf

NODES, WEIGHTS = np.polynomial.legendre.leggauss(80)
S, W = 4.0 * (NODES + 1.0), 4.0 * WEIGHTS


def test_moments_of_the_bulk_spacing():
    """Norm and mean 1, and the variance 0.286 (M. L. Mehta, Random Matrices, 3rd ed., table of σ²(0))."""
    density = gaudin_pdf(S)
    assert np.sum(W * density) == pytest.approx(1.0, abs=1e-9)
    assert np.sum(W * density * S) == pytest.approx(1.0, abs=1e-9)
    variance = np.sum(W * density * S**2) - 1.0
    assert variance == pytest.approx(0.286, abs=6e-4)
    # The same from the gap probability itself: ⟨s²⟩ = 2∫E ds.
    gaps = np.array([gap_probability(s) for s in S])
    assert variance == pytest.approx(2.0 * np.sum(W * gaps) - 1.0, abs=1e-9)


def test_the_bulk_spacing_starts_as_levels_repel():
    """p(s) = π²s/6 − π⁴s³/60 + O(s⁴) (Mehta, β = 1)."""
    s = np.array([1e-3, 0.01, 0.05])
    np.testing.assert_allclose(gaudin_pdf(s), np.pi**2 * s / 6.0 - np.pi**4 * s**3 / 60.0, rtol=2e-4, atol=1e-8)
    np.testing.assert_allclose(gaudin_cdf(s), np.pi**2 * s**2 / 12.0, rtol=4e-3, atol=1e-10)


def test_the_distribution_function_is_the_integral_of_the_density():
    s = np.linspace(0.0, 7.9, 40)
    expected = [integrate.quad(lambda t: float(gaudin_pdf(np.array(t))), 0.0, end, epsabs=1e-11)[0] for end in s]
    np.testing.assert_allclose(gaudin_cdf(s), expected, atol=1e-9)
    np.testing.assert_array_equal(gaudin_cdf(np.array([-1.0, 0.0, 9.0])), [0.0, gaudin_cdf(np.array(0.0)), 1.0])
    assert gaudin_cdf(np.array(0.0)) < 1e-10
    fine = np.linspace(0.0, 4.0, 2001)
    assert np.max(np.abs(gaudin_cdf(fine) - surmise_cdf(fine))) == pytest.approx(0.0066, abs=5e-5)


def test_ratios_of_three_levels():
    assert integrate.quad(goe_ratio_pdf, 0.0, 1.0)[0] == pytest.approx(1.0, abs=1e-12)
    assert integrate.quad(lambda r: r * goe_ratio_pdf(r), 0.0, 1.0)[0] == pytest.approx(GOE_TRIPLET_RATIO, abs=1e-12)
    for r in (0.1, 0.5, 0.9):
        assert goe_ratio_cdf(r) == pytest.approx(integrate.quad(goe_ratio_pdf, 0.0, r)[0], abs=1e-12)
    assert (float(goe_ratio_cdf(-1.0)), float(goe_ratio_cdf(2.0))) == (0.0, 1.0)


def test_ratios_of_independent_levels():
    """Two exponential spacings: P(min/max ≤ r) = 2r/(1 + r), mean 2 ln 2 − 1."""
    assert integrate.quad(lambda r: 1.0 - poisson_ratio_cdf(r), 0.0, 1.0)[0] == pytest.approx(POISSON_RATIO, abs=1e-12)
    rng = np.random.default_rng(1)
    pair = rng.exponential(size=(200_000, 2))
    ratio = pair.min(axis=1) / pair.max(axis=1)
    for r in (0.2, 0.6):
        assert np.mean(ratio <= r) == pytest.approx(float(poisson_ratio_cdf(r)), abs=4e-3)
