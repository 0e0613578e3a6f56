"""Ornstein–Uhlenbeck, Marchenko–Pastur, beta-prime and tabulated laws."""

import numpy as np
import pytest
from scipy import stats
from scipy.integrate import quad

from fpsolve.errors import ModelError
from fpsolve.exact.beta_prime_law import BetaPrimeLaw
from fpsolve.exact.gamma_law import GammaLaw
from fpsolve.exact.inverse_gamma_law import InverseGammaLaw
from fpsolve.exact.marchenko_pastur import MarchenkoPastur
from fpsolve.exact.ornstein_uhlenbeck import OrnsteinUhlenbeck
from fpsolve.exact.tabulated import TabulatedLaw


def test_ornstein_uhlenbeck_solves_the_fokker_planck_equation():
    """∂_t P = ∂_x[Ω(x − c)P + g² ∂_x P], by differences of order 8."""
    law = OrnsteinUhlenbeck(stiffness=1.3, centre=0.2, g2=0.4, initial_mean=-0.5, initial_std=0.3)
    weights = np.array([1 / 280, -4 / 105, 1 / 5, -4 / 5, 0, 4 / 5, -1 / 5, 4 / 105, -1 / 280])
    offsets = np.arange(-4, 5)
    x, t, h = np.linspace(-2.0, 2.0, 21), 0.6, 0.01

    def d(f, at):
        return sum(w * f(at + k * h) for k, w in zip(offsets, weights, strict=True)) / h

    def flux(y):
        return 1.3 * (y - 0.2) * law.pdf(y, t) + 0.4 * d(lambda z: law.pdf(z, t), y)

    assert d(lambda s: law.pdf(x, s), t) == pytest.approx(d(flux, x), abs=1e-9)
    assert d(lambda y: law.cdf(y, t), x) == pytest.approx(law.pdf(x, t), abs=1e-11)


def test_ornstein_uhlenbeck_at_the_ends_of_time():
    law = OrnsteinUhlenbeck(stiffness=2.0, centre=0.2, g2=0.4, initial_mean=-0.5, initial_std=0.3)
    assert (law.mean(0.0), law.variance(0.0)) == pytest.approx((-0.5, 0.09), rel=1e-15)
    assert (law.mean(50.0), law.variance(50.0)) == pytest.approx((0.2, 0.2), rel=1e-15)
    point = OrnsteinUhlenbeck(stiffness=2.0, centre=0.0, g2=0.4, initial_mean=0.0, initial_std=0.0)
    assert point.variance(1e-9) == pytest.approx(2 * 0.4 * 1e-9, rel=1e-8)


@pytest.mark.parametrize(("rows", "levels"), [(10, 10), (20, 10), (100, 3)])
def test_marchenko_pastur(rows, levels):
    law = MarchenkoPastur(rows, levels, 0.1)
    low, high = law.support
    x = np.linspace(low, high, 12)[1:-1]
    # Substituting x = low + y² takes the singularity of the square case away.
    for point in x:
        integral = quad(lambda y: 2 * y * law.pdf(np.array(low + y * y)), 0.0, np.sqrt(point - low), epsabs=1e-12)[0]
        assert law.cdf(np.array(point)) == pytest.approx(integral, abs=1e-10)
    assert law.cdf(np.array([low - 1.0, low, high, high + 1.0])) == pytest.approx([0, 0, 1, 1], abs=1e-14)
    for order in (1, 2, 3):
        integral = quad(
            lambda y, order=order: 2 * y * (low + y * y) ** order * law.pdf(np.array(low + y * y)),
            0.0,
            np.sqrt(high - low),
        )[0]
        assert law.moment(order) == pytest.approx(integral, rel=1e-7)


def test_marchenko_pastur_has_the_first_moments_of_a_random_matrix():
    """⟨tr X⟩/N = Mσ² at any size; ⟨tr X²⟩/N = M(M + N + 1)σ⁴ up to the 1/N that the limit drops."""
    law = MarchenkoPastur(300, 150, 0.1)
    assert law.moment(1) == pytest.approx(300 * 0.1, rel=1e-14)
    assert law.moment(2) == pytest.approx(300 * 451 * 0.01, rel=0.004)
    assert law.moment(2) == pytest.approx(300 * 450 * 0.01, rel=1e-14)


def test_marchenko_pastur_density_vanishes_outside():
    law = MarchenkoPastur(20, 10, 0.1)
    assert law.pdf(np.array([-1.0, 0.0, law.support[1] + 0.1])).tolist() == [0.0, 0.0, 0.0]


@pytest.mark.parametrize("arguments", [(5, 6, 1.0), (5, 0, 1.0), (5, 5, 0.0)])
def test_bad_marchenko_pastur(arguments):
    with pytest.raises(ModelError, match="rows >= levels"):
        MarchenkoPastur(*arguments)


def test_beta_prime():
    """m = 3, γ = 1, D_0 = 0.2, D_1 = 0.5."""
    law = BetaPrimeLaw.from_noise(3, decay=1.0, additive=0.2, multiplicative=0.5)
    truth = stats.betaprime(1.5, 1 + 1.0 / (2 * 0.5) - 1.5, scale=0.2 / 0.5)
    x = np.geomspace(1e-3, 1e3, 30)
    assert law.cdf(x) == pytest.approx(truth.cdf(x), rel=1e-9)
    assert law.pdf(x) == pytest.approx(truth.pdf(x), rel=1e-11)
    assert law.b == pytest.approx(0.5)
    assert law.mean == np.inf
    assert BetaPrimeLaw(2.0, 3.0, 0.4).mean == pytest.approx(stats.betaprime(2.0, 3.0, scale=0.4).mean())


def test_beta_prime_becomes_the_gamma_law_without_multiplicative_noise():
    x = np.linspace(0.1, 3.0, 10)
    law = BetaPrimeLaw.from_noise(3, decay=1.0, additive=0.2, multiplicative=1e-7)
    assert law.cdf(x) == pytest.approx(GammaLaw(shape=1.5, scale=0.4).cdf(x), abs=1e-5)


def test_moments_that_do_not_exist_are_infinite():
    assert InverseGammaLaw(0.9, 1.0).mean == np.inf
    assert InverseGammaLaw(1.9, 1.0).std == np.inf


def test_densities_vanish_below_their_support():
    assert GammaLaw(2.0, 1.0).pdf(np.array([-1.0])).tolist() == [0.0]
    assert GammaLaw(2.0, 1.0).cdf(np.array([-1.0])).tolist() == [0.0]
    assert InverseGammaLaw(2.0, 1.0).cdf(np.array([-1.0, 0.0])).tolist() == [0.0, 0.0]


def test_tabulated_law_converges_to_the_law_it_tabulates():
    truth = stats.norm(0.3, 0.1)
    errors = []
    for cells in (50, 100, 200):
        edges = np.linspace(-0.7, 1.3, cells + 1)
        law = TabulatedLaw.from_masses(edges, np.diff(truth.cdf(edges)))
        assert law.cdf(edges) == pytest.approx(truth.cdf(edges), abs=1e-14)
        assert law.bin_masses(edges).sum() == pytest.approx(1.0, abs=1e-14)
        between = 0.5 * (edges[1:] + edges[:-1])
        errors.append(np.max(np.abs(law.cdf(between) - truth.cdf(between))))
    assert errors[2] < 1e-4, errors
    assert errors[2] < 0.2 * errors[1] < 0.04 * errors[0] * 4, errors
    assert (law.mean, law.std) == pytest.approx((0.3, 0.1), rel=1e-4)
    p = np.array([0.01, 0.3, 0.5, 0.9])
    assert law.quantile(p) == pytest.approx(truth.ppf(p), abs=1e-3)


def test_tabulated_law_outside_its_table():
    law = TabulatedLaw.from_density(np.array([0.0, 1.0, 2.0]), np.array([1.0, 3.0]))
    assert law.cdf(np.array([-5.0, 0.0, 1.0, 2.0, 5.0])) == pytest.approx([0.0, 0.0, 0.25, 1.0, 1.0])
