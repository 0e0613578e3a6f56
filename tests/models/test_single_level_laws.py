"""The stationary law of a lone level against the law that statistics knows it by."""

import numpy as np
import pytest
from scipy import stats
from scipy.special import kv

from fpsolve import models
from fpsolve.errors import ModelError
from fpsolve.exact.beta_law import BetaLaw
from fpsolve.exact.beta_prime_law import BetaPrimeLaw
from fpsolve.exact.gamma_law import GammaLaw
from fpsolve.exact.inverse_gamma_law import InverseGammaLaw


def constant_ratio(body, log_pdf, x):
    """e^{−Φ} over a density must not depend on x."""
    return np.ptp(-body.confinement(x) - log_pdf(x))


@pytest.mark.parametrize(("rows", "beta"), [(1, 1.0), (2, 1.0), (7, 1.0), (3, 2.0)])
def test_one_laguerre_level_is_a_gamma_law(rows, beta):
    """W is a vector of βM real entries of variance T/λ; its squared length is (T/λ)χ²."""
    body = models.laguerre(rows=rows, weight_decay=0.5, temperature=0.2, beta=beta).levels[0]
    truth = stats.chi2(df=beta * rows, scale=0.2 / 0.5)
    x = np.linspace(0.01, 6.0, 50)
    assert constant_ratio(body, truth.logpdf, x) < 1e-12
    law = GammaLaw(shape=0.5 * beta * rows, scale=2 * 0.2 / 0.5)
    assert law.cdf(x) == pytest.approx(truth.cdf(x), rel=1e-12)
    assert law.sf(x) == pytest.approx(truth.sf(x), rel=1e-12)
    assert law.pdf(x) == pytest.approx(truth.pdf(x), rel=1e-12)
    assert body.anchors[0] == pytest.approx((truth.mean(), truth.std()), rel=1e-12)


@pytest.mark.parametrize(
    ("rows", "beta", "multiplicative"), [(1, 1.0, 0.4), (3, 1.0, 0.25), (2, 2.0, 0.1), (9, 1.0, 0.02)]
)
def test_multiplicative_noise_makes_a_beta_prime_law(rows, beta, multiplicative):
    body = models.laguerre(
        rows=rows, weight_decay=0.8, temperature=0.1, beta=beta, multiplicative=multiplicative
    ).levels[0]
    half = 0.5 * beta * rows
    truth = stats.betaprime(half, 1 + 0.8 / (2 * multiplicative) - half, scale=0.1 / multiplicative)
    x = np.geomspace(1e-3, 300.0, 60)
    assert constant_ratio(body, truth.logpdf, x) < 1e-11
    assert body.tail == pytest.approx(truth.args[1], rel=1e-12)
    law = BetaPrimeLaw.from_noise(beta * rows, decay=0.8, additive=0.1, multiplicative=multiplicative)
    assert law.cdf(x) == pytest.approx(truth.cdf(x), rel=1e-9)
    assert body.anchors[0][0] == pytest.approx(truth.median(), rel=1e-9)
    assert body.anchors[1][0] == pytest.approx(min(truth.isf(1e-6), 1e5 * truth.median()), rel=1e-6)


def test_multiplicative_noise_that_vanishes_gives_the_gamma_law():
    x = np.linspace(0.01, 6.0, 50)
    heavy, light = (
        models.laguerre(rows=3, temperature=0.2, multiplicative=strength).levels[0] for strength in (1e-9, 0.0)
    )
    assert isinstance(light, models.LaguerreLevel)
    for name in ("diffusion", "diffusion_slope", "drift", "confinement", "confinement_slope", "confinement_curvature"):
        assert getattr(heavy, name)(x) == pytest.approx(getattr(light, name)(x), rel=1e-6, abs=1e-6), name


def test_tail_exponents():
    """−d ln P(X > x)/d ln x far out, from e^{−Φ} alone."""
    for model in (
        models.laguerre(rows=3, temperature=0.2, multiplicative=0.3),
        models.geometric(source=0.5, growth=-0.3, strength=0.2),
    ):
        x = np.array([1e10])
        far = x * model.levels[0].confinement_slope(x) - 1.0
        assert models.tail_exponent(model) == pytest.approx(far[0], rel=1e-6)
    assert models.tail_exponent(models.laguerre(rows=3, temperature=0.2)) is None
    assert models.tail_exponent(models.geometric(source=0.5, saturation=0.1, strength=0.2)) is None
    # Of several levels the highest feels (N − 1)β more: ν = 2 + β(N − 1) − a/c, and the product of the distances takes it away.
    several = models.geometric(source=0.5, growth=-0.3, strength=0.2, levels=3)
    assert models.tail_exponent(several) == pytest.approx(several.levels[-1].exponent - 2 - 1)


def test_one_geometric_level_is_an_inverse_gamma_law():
    body = models.geometric(source=0.5, growth=-0.3, strength=0.2).levels[0]
    truth = stats.invgamma(a=1 + 0.3 / 0.2, scale=0.5 / 0.2)
    x = np.geomspace(0.05, 50.0, 50)
    assert constant_ratio(body, truth.logpdf, x) < 1e-11
    law = InverseGammaLaw(shape=2.5, scale=2.5)
    assert law.cdf(x) == pytest.approx(truth.cdf(x), rel=1e-10)
    assert law.pdf(x) == pytest.approx(truth.pdf(x), rel=1e-11)
    assert (law.mean, law.std) == pytest.approx((truth.mean(), truth.std()))


@pytest.mark.parametrize(("growth", "levels"), [(-0.3, 1), (0.1, 1)])
def test_geometric_tail_exponent(growth, levels):
    """The density falls like x^{−(2 − a/c)}."""
    body = models.geometric(source=0.5, growth=growth, strength=0.2, levels=levels).levels[0]
    x = 1e8
    assert x * body.confinement_slope(np.array([x]))[0] == pytest.approx(2 - growth / 0.2, rel=1e-6)


def test_geometric_level_with_saturation_has_the_mean_of_the_generalised_inverse_gaussian():
    """x^{p−1} e^{−(ax + b/x)/2}: ⟨x⟩ = √(b/a) K_{p+1}(√(ab))/K_p(√(ab))."""
    k0, a, k2, c = 0.5, 0.3, 0.4, 0.2
    body = models.geometric(source=k0, growth=a, saturation=k2, strength=c).levels[0]
    x = np.linspace(1e-3, 40.0, 400_001)
    w = np.exp(-body.confinement(x))
    p, rate, inverse = a / c - 1.0, 2 * k2 / c, 2 * k0 / c
    root = np.sqrt(rate * inverse)
    assert np.sum(w * x) / np.sum(w) == pytest.approx(np.sqrt(inverse / rate) * kv(p + 1, root) / kv(p, root), rel=1e-9)


@pytest.mark.parametrize(("p", "q"), [(0.0, 0.0), (-0.5, 1.5), (2.0, 3.0)])
def test_one_jacobi_level_is_a_beta_law(p, q):
    body = models.jacobi(p=p, q=q, strength=0.3).levels[0]
    truth = stats.beta(p + 1, q + 1)
    x = np.linspace(0.01, 0.99, 50)
    assert constant_ratio(body, truth.logpdf, x) < 1e-12
    law = BetaLaw(p + 1, q + 1)
    assert law.cdf(x) == pytest.approx(truth.cdf(x), rel=1e-12)
    assert law.pdf(x) == pytest.approx(truth.pdf(x), rel=1e-12)
    assert (law.mean, law.std) == pytest.approx((truth.mean(), truth.std()))
    assert body.anchors[0] == pytest.approx((truth.mean(), truth.std()))


def test_square_root_coordinate_is_asked_for_where_the_density_is_singular():
    assert models.laguerre(rows=1, temperature=0.1).levels[0].grading == "sqrt"
    assert models.jacobi(p=-0.5, q=0.0).levels[0].grading == "sqrt"
    assert models.jacobi(p=0.0, q=0.0).levels[0].grading == "uniform"
    assert models.rbm(kappa=[1.0], mu2=2.0, g2=0.1).levels[0].grading == "uniform"
    noise = models.PcdNoise(0.95 * (1 / 1.9 - 1 / 2) / (1 / 4 + 1 / 1.9**2), 1)
    assert models.rbm(kappa=[1.9], mu2=2.0, noise=noise).levels[0].grading == "sqrt"


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: models.dyson(g2=0.0), "g2 must be positive"),
        (lambda: models.dyson(g2=0.1, stiffness=-1.0), "stiffness must be positive"),
        (lambda: models.dyson(g2=0.1, levels=0), "levels must be a whole number"),
        (lambda: models.dyson(g2=0.1, levels=2, centre=[1.0, 0.0]), "centre must ascend"),
        (lambda: models.dyson(g2=0.1, levels=2, stiffness=[1.0]), "stiffness has 1 entries"),
        (lambda: models.laguerre(rows=2, levels=3, temperature=0.1), "rows must be at least levels"),
        (lambda: models.laguerre(rows=2, temperature=0.0), "temperature must be positive"),
        (lambda: models.laguerre(rows=2, temperature=0.1, weight_decay=0.0), "weight_decay must be positive"),
        (lambda: models.laguerre(rows=2, temperature=0.1, beta=0.0), "beta must be positive"),
        (lambda: models.laguerre(rows=2, temperature=0.1, multiplicative=-1.0), "multiplicative must not be negative"),
        (lambda: models.laguerre(rows=4, levels=2, temperature=0.1, multiplicative=0.1), "goes with one level, not 2"),
        (
            lambda: models.laguerre(rows=4, temperature=0.1, multiplicative=0.5),
            "must be smaller than 0.5 for these rows",
        ),
        (lambda: models.geometric(source=0.0, strength=0.1), "source must be positive"),
        (lambda: models.geometric(source=1.0, strength=0.1, growth=0.1), "growth = 0.1 must be smaller than strength"),
        (lambda: models.geometric(source=1.0, strength=0.1, saturation=-1.0), "saturation must not be negative"),
        (lambda: models.jacobi(p=-1.0, q=0.0), "p must be larger than -1"),
        (lambda: models.jacobi(p=0.0, q=-1.5), "q must be larger than -1"),
        (lambda: models.jacobi(p=0.0, q=0.0, strength=float("nan")), "strength must be a finite number"),
    ],
)
def test_bad_parameters_are_named(make, message):
    with pytest.raises(ModelError, match=message):
        make()


def test_growth_beyond_the_noise_is_allowed_with_saturation():
    assert models.geometric(source=1.0, strength=0.1, growth=0.5, saturation=0.1).n == 1
