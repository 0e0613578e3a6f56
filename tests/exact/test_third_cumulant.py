"""Third cumulant of the noise: published skewness, sums over the chains' memory, and the corrected law."""

import numpy as np
import pytest
from scipy import stats

from fpsolve.exact import GaussianRbm
from fpsolve.exact.third_cumulant import ThirdCumulantLaw, leading_skewness, third_cumulant_skewness
from fpsolve.models.rbm import rbm
from fpsolve.models.rbm_pcd import PcdNoise


def test_published_numbers():
    """White noise, κ = 4, μ² = 9, α = 0.01, B = 16: +0.0711 without and +0.0184 with the third cumulant."""
    theory = GaussianRbm((4.0,), 9.0, 0.01, 16.0, 400, "exact")
    shift = third_cumulant_skewness(theory)[0]
    assert shift == pytest.approx(-32 / 3 / 2**1.5 * np.sqrt(0.01 * 5 / 16) / 4, rel=1e-12)
    assert leading_skewness(theory)[0] == pytest.approx(0.0184, abs=6e-5)
    assert leading_skewness(theory)[0] - shift == pytest.approx(0.0711, abs=6e-5)


@pytest.mark.parametrize("sweeps", [1, 2])
def test_memory_of_the_chains_in_the_third_cumulant(sweeps):
    """E_3 = Σ_{s,t} ρ_{0s}ρ_{st}ρ_{0t}, summed directly; the noise of fresh data subtracts 1."""
    rho = 0.5**sweeps
    lag = np.arange(-120, 121)
    triple = rho ** (np.abs(lag)[:, None] + np.abs(lag)[None, :] + np.abs(lag[:, None] - lag[None, :]))
    for data, fresh in (("exact", 0.0), ("batch", 1.0)):
        theory = GaussianRbm((1.0,), 2.0, 0.01, 16.0, sweeps, data)
        # K_3/(3Ωσ³) with K_3 = (2αx)³·8(χ_d − E_3)/(κ³B²) and Ω = 2αx/κ² per update.
        third = (2 * 0.01) ** 3 * 8 * (fresh - triple.sum()) / 16**2
        expected = third / (3 * 0.02 * theory.variance[0] ** 1.5)
        assert third_cumulant_skewness(theory)[0] == pytest.approx(expected, rel=1e-10)


def test_a_gaussian_gets_the_skewness_asked_for():
    """From a narrow, nearly Gaussian law: mean and width stay, the third moment is the shift."""

    class Gaussian:
        walls = (-np.inf, np.inf)
        anchors = ((1.0, 0.1),)

        @staticmethod
        def confinement(x):
            return (x - 1.0) ** 2 / 0.02

    law = ThirdCumulantLaw(Gaussian(), 0.06)
    assert law.mean == pytest.approx(1.0, abs=1e-12)
    assert law.std == pytest.approx(0.1, rel=2e-4)
    # z + g(z² − 1): third moment 6g + 8g³ with g = γ/6, variance 1 + 2g².
    g = 0.01
    assert law.skewness == pytest.approx((6 * g + 8 * g**3) / (1 + 2 * g**2) ** 1.5, rel=1e-9)
    rng = np.random.default_rng(1)
    z = rng.normal(size=20_000)
    assert stats.kstest(1.0 + 0.1 * (z + g * (z**2 - 1.0)), law.cdf).pvalue > 1e-3
    x = np.linspace(0.3, 1.8, 4001)
    np.testing.assert_allclose(np.gradient(law.cdf(x), x)[1:-1], law.pdf(x)[1:-1], atol=2e-4)
    # First order: the Edgeworth correction.
    y = (x - 1.0) / 0.1
    edgeworth = stats.norm.pdf(y) / 0.1 * (1.0 + 0.06 / 6 * (y**3 - 3 * y))
    np.testing.assert_allclose(law.pdf(x), edgeworth, atol=5e-3)
    assert np.all(law.pdf(x) >= 0.0)


def test_no_shift_is_the_law_itself():
    level = rbm(mu2=2.0, kappa=[1.0], noise=PcdNoise(0.05, 16, 1, "batch")).levels[0]
    law = ThirdCumulantLaw(level, 0.0, (level.exponent, 2.0))
    x = np.linspace(0.2, 1.9, 40)
    ratio = np.log(law.pdf(x)) + level.confinement(x)
    assert np.ptp(ratio) < 1e-10
    assert law.cdf(2.5) == 1.0
    assert law.cdf(-1.0) == 0.0
