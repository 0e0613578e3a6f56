"""Adjacent pairs of the exact gas: closed laws of two levels, other quadratures, marginal consistency."""

import numpy as np
import pytest
from scipy.integrate import dblquad, quad

from fpsolve import models
from fpsolve.exact import TwoLevelSemicircle, ordered_gas, spacing_cdf, spacing_pdf

SIGMA, CENTRE = 0.3, 0.8


@pytest.fixture(scope="module")
def pair_gas():
    return ordered_gas(models.dyson(levels=2, g2=SIGMA**2, centre=CENTRE).levels)


@pytest.fixture(scope="module")
def three():
    """Three levels in different wells, and the weight of each."""
    model = models.dyson(levels=3, g2=[0.3, 0.8, 0.5], stiffness=[1.0, 1.2, 0.8], centre=[0.0, 0.2, 0.7])
    return ordered_gas(model.levels), [lambda x, body=body: np.exp(-body.confinement(x)) for body in model.levels]


def test_degenerate_pair_against_its_closed_laws(pair_gas):
    law = TwoLevelSemicircle(CENTRE, SIGMA)
    x = np.linspace(-0.5, 2.0, 26)
    for level in (0, 1):
        np.testing.assert_allclose(pair_gas.laws[level].pdf(x), law.level_pdf(x, level), rtol=1e-11, atol=1e-14)
    np.testing.assert_allclose(pair_gas.total_pdf(x), law.pdf(x), rtol=1e-12)
    np.testing.assert_allclose(pair_gas.total_cdf(x), law.cdf(x), atol=1e-14)
    pair, s = pair_gas.pair(0), np.linspace(-0.1, 2.5, 27)
    np.testing.assert_allclose(pair.spacing_pdf(s), np.where(s > 0, spacing_pdf(s, SIGMA), 0.0), atol=1e-13)
    np.testing.assert_allclose(pair.spacing_cdf(s), np.where(s > 0, spacing_cdf(s, SIGMA), 0.0), atol=1e-13)
    assert pair.mean_spacing == pytest.approx(np.sqrt(np.pi) * SIGMA, rel=1e-13)
    # The sum of both levels is normal with variance 2σ².
    assert np.sum(pair_gas.std**2) + 2 * pair.covariance == pytest.approx(2 * SIGMA**2, rel=1e-12)


def test_joint_density_of_two_levels(pair_gas):
    pair = pair_gas.pair(0)
    x, y = np.array([0.3, 0.8, 1.0, 0.9]), np.array([0.9, 0.81, 1.7, 0.5])
    weight = np.exp(-((x - CENTRE) ** 2 + (y - CENTRE) ** 2) / (2 * SIGMA**2))
    truth = np.maximum(y - x, 0.0) * weight / (2 * np.sqrt(np.pi) * SIGMA**3)
    np.testing.assert_allclose(pair.pdf(x, y), truth, rtol=1e-11)
    edges = np.array([0.2, 0.7, 0.75, 1.3])
    masses = pair.bin_masses(edges, np.array([0.1, 0.72, 1.0, 1.31]))

    def density(upper, lower):
        return float(pair.pdf(lower, upper))

    for a in range(3):
        for b, (low, high) in enumerate(((0.1, 0.72), (0.72, 1.0), (1.0, 1.31))):
            start, end = edges[a], min(edges[a + 1], high)
            truth = (
                dblquad(density, start, end, lambda t, low=low: max(low, t), high, epsabs=1e-11)[0]
                if end > start
                else 0.0
            )
            assert masses[a, b] == pytest.approx(truth, abs=1e-9)


def test_middle_pairs_of_three_levels(three):
    """P(x_1, x_2) = (x_2 − x_1) w_1 w_2 ∫_{x_2} (x_3 − x_1)(x_3 − x_2) w_3 dx_3 / Z."""
    gas, (first, second, third) = three
    z = np.exp(gas.log_partition_function)
    for x, y in ((-0.7, 0.4), (0.0, 0.1), (0.5, 2.0)):
        rest = quad(lambda t, x=x, y=y: (t - x) * (t - y) * third(t), y, 12.0, epsabs=1e-14)[0]
        assert gas.pair(0).pdf(x, y) == pytest.approx((y - x) * first(x) * second(y) * rest / z, rel=1e-10)
        rest = quad(lambda t, x=x, y=y: (x - t) * (y - t) * first(t), -12.0, x, epsabs=1e-14)[0]
        assert gas.pair(1).pdf(x, y) == pytest.approx((y - x) * second(x) * third(y) * rest / z, rel=1e-10)


@pytest.mark.parametrize("level", [0, 1])
def test_pairs_agree_with_their_marginals(three, level):
    gas, _ = three
    pair = gas.pair(level)
    edges, others = np.linspace(-6.0, 7.0, 53), np.linspace(-6.5, 8.0, 41)
    masses = pair.bin_masses(edges, others)
    np.testing.assert_allclose(masses.sum(axis=1), gas.laws[level].bin_masses(edges), atol=1e-13)
    np.testing.assert_allclose(masses.sum(axis=0), gas.laws[level + 1].bin_masses(others), atol=1e-13)
    assert np.all(masses[np.add.outer(edges[1:], np.zeros(40)) > np.add.outer(np.zeros(52), others[1:]) + 0.4] == 0.0)
    s = np.linspace(0.0, 9.0, 901)
    density = pair.spacing_pdf(s)
    assert np.trapezoid(density, s) == pytest.approx(1.0, abs=1e-4)
    assert np.trapezoid(s * density, s) == pytest.approx(pair.mean_spacing, abs=1e-4)
    inner = pair.spacing_cdf(s)
    np.testing.assert_allclose(np.gradient(inner, s)[1:-1], density[1:-1], atol=3e-4)
    variance = np.trapezoid((s - pair.mean_spacing) ** 2 * density, s)
    total = gas.std[level] ** 2 + gas.std[level + 1] ** 2 - 2 * pair.covariance
    assert variance == pytest.approx(total, rel=1e-4)


def test_degenerate_pairs_inside_a_larger_gas():
    """Far from all others a pair has the Wigner surmise and the correlation of two levels alone."""
    gas = ordered_gas(models.dyson(levels=4, g2=1e-4, centre=[0.0, 1.0, 1.0, 3.0]).levels)
    s = np.linspace(0.001, 0.06, 20)
    np.testing.assert_allclose(gas.pair(1).spacing_cdf(s), spacing_cdf(s, 0.01), atol=2e-4)
    # Var(sum) = 2σ², Var(difference) = (4 − π)σ²: correlation (2 − 4 + π)/(2 + 4 − π).
    assert gas.correlations[1] == pytest.approx((np.pi - 2) / (6 - np.pi), abs=1e-3)
    assert np.all(np.abs(gas.correlations[[0, 2]]) < 1e-3)
