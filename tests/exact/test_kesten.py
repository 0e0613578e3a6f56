"""Kesten exponents: algebraic cases, quadrature of another library, limits, a simulated tail."""

import mpmath
import numpy as np
import pytest
from scipy.optimize import brentq

from fpsolve.errors import ModelError
from fpsolve.exact.kesten import KestenTail, kesten_exponent, kesten_exponent_of_factors
from fpsolve.sgd.teacher_student import train_teacher_student
from fpsolve.validate.hill import hill


@pytest.mark.parametrize("dimension", [1, 2, 7])
@pytest.mark.parametrize("batch", [1, 2, 16, 1000])
def test_even_exponent_two(dimension, batch):
    # ⟨|(1 − αC)e|²⟩ = 1 − 2α + α²(1 + (d + 1)/B).
    rate = 2 / (1 + (dimension + 1) / batch)
    assert kesten_exponent(rate, batch, dimension=dimension) == pytest.approx(2.0, rel=1e-10)
    assert kesten_exponent(rate / 3, batch, dimension=dimension, curvature=3.0) == pytest.approx(2.0, rel=1e-10)


@pytest.mark.parametrize("mu", [4, 6])
@pytest.mark.parametrize("batch", [1, 3, 20])
def test_even_exponents_from_polynomial_moments(mu, batch):
    # ⟨c^k⟩ = (2/B)^k Γ(B/2 + k)/Γ(B/2) makes ⟨(1 − αc)^μ⟩ − 1 a polynomial in α.
    moments = [mpmath.rf(mpmath.mpf(batch) / 2, k) * (mpmath.mpf(2) / batch) ** k for k in range(mu + 1)]

    def excess(rate):
        return float(sum(mpmath.binomial(mu, k) * (-rate) ** k * moments[k] for k in range(1, mu + 1)))

    rate = brentq(excess, 0.05, 2.0, xtol=1e-15)
    assert kesten_exponent(rate, batch) == pytest.approx(mu, rel=1e-9)


def test_a_large_exponent_from_the_exact_sum():
    # The binomial sum of ⟨(1 − αc)^900⟩ loses 300 digits to cancellation; 600 are carried.
    with mpmath.workdps(600):
        terms = (
            mpmath.binomial(900, k) * (-mpmath.mpf(0.01)) ** k * mpmath.rf(200, k) / mpmath.mpf(200) ** k
            for k in range(901)
        )
        exact = float(mpmath.fsum(terms))
    assert np.exp(KestenTail(0.01, 400).log_moment(900.0)) == pytest.approx(exact, rel=1e-12)


def test_published_exponent_of_small_batches():
    """α = 0.1, B = 2: c is exponential and both halves of ⟨|1 − αc|^μ⟩ are incomplete gamma functions."""
    a = mpmath.mpf("0.1")

    def excess(mu):
        below = mpmath.quad(lambda c: (1 - a * c) ** mu * mpmath.exp(-c), [0, 2, 1 / a])
        return below + mpmath.exp(-1 / a) * a**mu * mpmath.gamma(mu + 1) - 1

    exact = mpmath.findroot(excess, 33.6)
    tail = KestenTail(0.1, 2)
    assert tail.exponent == pytest.approx(float(exact), rel=1e-11)
    assert round(tail.exponent, 1) == 33.6
    assert tail.diffusion_exponent == pytest.approx(21.0)


@pytest.mark.parametrize(("rate", "batch", "mu"), [(0.3, 5, 0.7), (0.9, 40, 3.3), (0.02, 1, 20.5), (0.01, 40, 90.5)])
def test_moments_against_mpmath(rate, batch, mu):
    shape, rate = mpmath.mpf(batch) / 2, mpmath.mpf(rate)
    width = np.sqrt(2 / batch)
    places = np.r_[1 + width * np.arange(-12.0, 40.0, 2.0), 40 * width + 400 / batch, float(1 / rate)]
    points = [mpmath.mpf(0), *map(mpmath.mpf, np.unique(places[places > 0.05 * width])), mpmath.inf]

    def integral(function):
        return mpmath.quad(lambda c: function(abs(1 - rate * c)) * c ** (shape - 1) * mpmath.exp(-shape * c), points)

    norm = mpmath.gamma(shape) / shape**shape
    tail = KestenTail(float(rate), batch)
    assert tail.log_moment(0.0) == pytest.approx(0.0, abs=1e-11)
    assert np.exp(tail.log_moment(mu)) == pytest.approx(float(integral(lambda m: m**mu) / norm), rel=1e-9)
    lyapunov = float(integral(lambda m: mpmath.log(m) if m else mpmath.mpf(0)) / norm)
    assert tail.lyapunov == pytest.approx(lyapunov, rel=1e-9)


def test_several_inputs_against_drawn_batches():
    rng = np.random.default_rng(1)
    rate, batch, dimension = 0.5, 4, 3
    x = rng.standard_normal((400000, batch, dimension))
    vector = -rate * np.einsum("rbi,rb->ri", x, x[..., 0]) / batch
    vector[:, 0] += 1
    length = np.sqrt((vector**2).sum(axis=1))
    tail = KestenTail(rate, batch, dimension=dimension)
    for mu in (0.5, 1.0, 3.0):
        error = (length**mu).std() / np.sqrt(length.size)
        assert abs(np.exp(tail.log_moment(mu)) - (length**mu).mean()) < 4.5 * error
    assert abs(tail.lyapunov - np.log(length).mean()) < 4.5 * np.log(length).std() / np.sqrt(length.size)


@pytest.mark.parametrize("batch", [2, 16, 1000])
def test_small_learning_rates_do_not_approach_the_diffusion(batch):
    # Large deviations of the gamma law: μα/B → ξ/2 with ξ(ln ξ − 1) = 1, and not 1.
    xi = brentq(lambda x: x * (np.log(x) - 1) - 1, 2, 5)
    distances = [KestenTail(rate, batch).exponent * rate / batch - xi / 2 for rate in (1e-3, 1e-5)]
    assert abs(distances[1]) < 1e-3
    assert abs(distances[1]) < abs(distances[0])


def test_measured_factors():
    # |1 − αc| takes 1/2 and 2 with probabilities p, 1 − p: p 2^{−μ} + (1 − p)2^μ = 1 at 2^μ = p/(1 − p).
    factors = np.r_[np.full(800, 0.5), np.full(100, 2.0), np.full(100, -2.0)]
    assert kesten_exponent_of_factors(factors) == pytest.approx(2.0, rel=1e-12)
    rng = np.random.default_rng(2)
    drawn = 1 - 0.8 * rng.gamma(1.0, 1.0, 400000)
    assert kesten_exponent_of_factors(drawn) == pytest.approx(kesten_exponent(0.8, 2), rel=0.03)
    assert kesten_exponent_of_factors([0.0, 0.1, 3.0]) > 0


def test_simulated_tail_of_a_single_weight():
    """α = 1, B = 2: μ = 2; the level x = w² has the exponent 1."""
    sample = train_teacher_student(
        [0.0], learning_rate=1.0, batch_size=2, steps=120, gradient_noise=0.1, replicas=100000, rng=3
    )
    estimate = hill(sample.levels, 1500)
    assert kesten_exponent(1.0, 2) == pytest.approx(2.0, rel=1e-12)
    assert abs(2 * estimate.exponent - 2.0) < 3 * 2 * estimate.error
    assert estimate.error < 0.03


def test_simulated_tail_of_a_vector():
    # One row of three inputs: isotropy makes the growth of its length independent of the direction.
    rate, batch = 0.7, 3
    sample = train_teacher_student(
        np.zeros((1, 3)), learning_rate=rate, batch_size=batch, steps=150, gradient_noise=0.1, noise_shape="independent",
        replicas=50000, rng=4,
    )  # fmt: skip
    exponent = kesten_exponent(rate, batch, dimension=3)
    estimate = hill(sample.levels, 800)
    assert abs(2 * estimate.exponent - exponent) < 3 * 2 * estimate.error + 0.05 * exponent


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"learning_rate": 0.0, "batch_size": 2}, "learning_rate must be positive, not 0"),
        ({"learning_rate": 0.1, "batch_size": 0}, "batch_size must be positive"),
        ({"learning_rate": 0.1, "batch_size": 2.5}, "batch_size must be a whole number, not 2.5"),
        ({"learning_rate": np.nan, "batch_size": 2}, "learning_rate must be positive"),
        ({"learning_rate": 0.1, "batch_size": 2, "dimension": 0}, "dimension must be positive"),
        ({"learning_rate": 4.0, "batch_size": 64}, "too large for batch_size = 64.* no stationary law"),
    ],
)
def test_refusals(arguments, message):
    with pytest.raises(ModelError, match=message):
        _ = KestenTail(**arguments).exponent


@pytest.mark.parametrize(
    ("factors", "message"),
    [
        ([], "finite numbers"),
        ([np.inf], "finite numbers"),
        ([0.5, 3.0], "no stationary law"),
        ([0.5, 1.0], "not a power"),
    ],
)
def test_factors_without_a_tail_are_refused(factors, message):
    with pytest.raises(ModelError, match=message):
        kesten_exponent_of_factors(factors)
