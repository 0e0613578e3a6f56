"""The exact ordered gas with β = 1 against known norms, closed laws of single levels and other quadratures."""

import numpy as np
import pytest
from scipy import stats
from scipy.integrate import quad
from scipy.special import erfc, eval_hermite, gammaln

from fpsolve import models
from fpsolve.errors import ConvergenceError, MethodError, ModelError
from fpsolve.exact import jacobi_log_norm, laguerre_log_norm, mehta_log_norm, ordered_gas
from fpsolve.models.potential_function import Callables


def rbm_lattice(sites, rate=0.01, batch=16):
    """Ten levels that learn a scalar field, with the noise of each level near its fixed point."""
    target = models.lattice_scalar_1d(sites, mass2=4.0)
    kappa = np.array(target.kappa)
    return models.rbm(target=target, mu2=9.0, g2=list(2 * rate / batch * ((9.0 - kappa) / kappa) ** 2))


@pytest.mark.parametrize("levels", [1, 2, 3, 5, 10])
@pytest.mark.parametrize("g2", [0.7, 1e-8])
def test_mehta_norm(levels, g2):
    gas = ordered_gas(models.dyson(levels=levels, g2=g2, stiffness=0.5, centre=0.3).levels)
    truth = mehta_log_norm(levels, beta=1.0, std=np.sqrt(g2 / 0.5))
    assert gas.log_partition_function == pytest.approx(truth, rel=1e-12, abs=1e-12)
    assert gas.error_estimate < 1e-11


@pytest.mark.parametrize("levels", [2, 4, 9])
@pytest.mark.parametrize("more", [0, 1, 4])
def test_laguerre_norm(levels, more):
    """e^{−Φ} = x^{(M−N−1)/2} e^{−λx/(2T)}: a singular wall for a square matrix."""
    model = models.laguerre(rows=levels + more, levels=levels, temperature=0.2, weight_decay=2.0)
    truth = laguerre_log_norm(levels, p=0.5 * (more - 1), beta=1.0, scale=0.2)
    assert ordered_gas(model.levels).log_partition_function == pytest.approx(truth, rel=1e-12, abs=1e-12)


@pytest.mark.parametrize("levels", [2, 7])
@pytest.mark.parametrize(("p", "q"), [(-0.5, -0.5), (0.0, 0.0), (1.0, 2.5), (-0.3, 0.4), (-0.9, 0.0), (7.3, -0.75)])
def test_selberg_norm(levels, p, q):
    model = models.jacobi(p=p, q=q, levels=levels)
    truth = jacobi_log_norm(levels, p=p, q=q, beta=1.0)
    assert ordered_gas(model.levels).log_partition_function == pytest.approx(truth, rel=1e-11, abs=1e-11)


def test_selberg_norms_are_those_of_the_simplest_integrals():
    """∫_{0<x<y<1} (y − x) = 1/6, ∫_{x<y} (y − x)² of two standard normals over 2π = 1, of two exponentials = 1."""
    assert np.exp(jacobi_log_norm(2, p=0.0, q=0.0, beta=1.0)) == pytest.approx(1 / 6, rel=1e-13)
    assert np.exp(mehta_log_norm(2, beta=2.0)) == pytest.approx(2 * np.pi, rel=1e-13)
    assert np.exp(laguerre_log_norm(2, p=0.0, beta=2.0)) == pytest.approx(1.0, rel=1e-13)


@pytest.mark.parametrize(("levels", "source", "growth"), [(1, 1.0, -0.2), (3, 0.5, 0.1)])
def test_inverted_laguerre(levels, source, growth):
    """z = 1/x turns the geometric gas without saturation into a Laguerre gas with p = −a/c and scale c/k_0."""
    model = models.geometric(source=source, growth=growth, strength=0.3, levels=levels)
    gas = ordered_gas(model.levels)
    truth = laguerre_log_norm(levels, p=-growth / 0.3, beta=1.0, scale=0.3 / source)
    assert gas.log_partition_function == pytest.approx(truth, abs=1e-10)


def test_moments_of_power_law_tails():
    law = stats.invgamma(a=2.4, scale=1 / 0.3)
    (level,) = ordered_gas(models.geometric(source=1.0, growth=-0.42, strength=0.3).levels).laws
    x = np.geomspace(0.2, 1e4, 9)
    np.testing.assert_allclose(level.cdf(x), law.cdf(x), atol=1e-12)
    np.testing.assert_allclose(level.pdf(x), law.pdf(x), rtol=1e-9)
    assert (level.mean, level.std) == pytest.approx((law.mean(), law.std()), rel=1e-3)
    assert level.mean == pytest.approx(law.mean(), rel=1e-9)
    (level,) = ordered_gas(models.geometric(source=1.0, growth=0.1, strength=0.3).levels).laws
    assert level.mean == np.inf
    assert level.std == np.inf


def oscillator(order, x):
    """Orthonormal φ_k of the weight e^{−x²}."""
    return eval_hermite(order, x) * np.exp(
        -0.5 * x * x - 0.5 * (order * np.log(2) + gammaln(order + 1)) - 0.25 * np.log(np.pi)
    )


@pytest.mark.parametrize("levels", [2, 3, 4, 9, 10])
def test_density_of_the_gaussian_orthogonal_ensemble(levels):
    """M. L. Mehta, Random Matrices, eq. 7.2.32: weight ∏|x_i − x_j| e^{−Σx²/2}."""
    gas = ordered_gas(models.dyson(levels=levels, g2=1.0).levels)

    def below(order, x):
        return quad(lambda t: oscillator(order, t), -15.0, x, epsabs=1e-13, limit=200)[0]

    whole = below(levels - 1, 15.0)
    for x in (-2.0, 0.0, 0.7, 3.1):
        truth = sum(oscillator(k, x) ** 2 for k in range(levels))
        signed = below(levels, x) - 0.5 * below(levels, 15.0)
        truth += np.sqrt(0.5 * levels) * oscillator(levels - 1, x) * signed
        if levels % 2:
            truth += oscillator(levels - 1, x) / whole
        assert levels * gas.total_pdf(x) == pytest.approx(truth, rel=1e-10, abs=1e-12)


def test_lowest_levels_that_are_exponential():
    """x^0 weights are invariant under a shift of all levels: P(x_1 > s) = e^{−Ns/θ}, and a power for Jacobi."""
    gas = ordered_gas(models.laguerre(rows=8, levels=7, temperature=0.5).levels)
    s = np.array([1e-6, 0.01, 0.1, 0.5])
    np.testing.assert_allclose(gas.laws[0].cdf(s), -np.expm1(-7 * s), rtol=1e-11)
    np.testing.assert_allclose(gas.laws[0].quantile(-np.expm1(-7 * s)), s, rtol=1e-9)
    gas = ordered_gas(models.jacobi(p=0.0, q=1.0, levels=4).levels)
    np.testing.assert_allclose(gas.laws[0].cdf(s), -np.expm1((4 * 2 + 6) * np.log1p(-s)), rtol=1e-10)


@pytest.mark.parametrize(
    ("k1", "s1", "k2", "s2"), [(0.0, 1.0, 0.0, 1.0), (0.2, 0.5, 1.0, 1.3), (1.0, 0.02, 1.05, 0.03)]
)
def test_two_species_in_order(k1, s1, k2, s2):
    """P ∝ (x_2 − x_1) exp[−(x_1−k_1)²/2s_1² − (x_2−k_2)²/2s_2²] on x_1 < x_2: closed by error functions."""
    model = models.dyson(levels=2, g2=[s1 * s1, s2 * s2], centre=[k1, k2])
    gas = ordered_gas(model.levels)
    delta, size = k1 - k2, np.hypot(s1, s2)
    bracket = size**2 * np.exp(-(delta**2) / (2 * size**2))
    bracket -= np.sqrt(np.pi / 2) * delta * size * erfc(delta / (np.sqrt(2) * size))
    z = np.sqrt(2 * np.pi) * s1 * s2 / size * bracket
    assert gas.log_partition_function == pytest.approx(np.log(z), abs=1e-12)
    x = np.linspace(min(k1 - 4 * s1, k2 - 4 * s2), max(k1 + 4 * s1, k2 + 4 * s2), 17)
    gauss1, gauss2 = np.exp(-((x - k1) ** 2) / (2 * s1**2)), np.exp(-((x - k2) ** 2) / (2 * s2**2))
    first = s2**2 * gauss2 - np.sqrt(np.pi / 2) * s2 * (x - k2) * erfc((x - k2) / (np.sqrt(2) * s2))
    second = s1**2 * gauss1 + np.sqrt(np.pi / 2) * s1 * (x - k1) * erfc(-(x - k1) / (np.sqrt(2) * s1))
    np.testing.assert_allclose(gas.laws[0].pdf(x), gauss1 * first / z, rtol=1e-9, atol=1e-11 / s1)
    np.testing.assert_allclose(gas.laws[1].pdf(x), gauss2 * second / z, rtol=1e-9, atol=1e-11 / s2)


def quartic(a, b):
    return Callables(lambda x: a * x**4 / 4 - b * x * x / 2, lambda x: a * x**3 - b * x, lambda x: 3 * a * x**2 - b)


def test_middle_of_three_different_levels():
    """(y − x)(z − y)(z − x) with u = y − x, v = z − y is uv(u + v): products of one-dimensional integrals."""
    wells = [quartic(1.0, 2.0), quartic(0.3, 0.0), quartic(1.0, 1.0)]
    model = models.potential(wells, domain=(-4.0, 5.0), g2=[0.3, 0.5, 0.4])
    gas = ordered_gas(model.levels)

    def moment(level, order, y):
        def integrand(t):
            return np.abs(t - y) ** order * np.exp(-model.levels[level].confinement(np.array([t]))[0])

        ends = (-4.0, y) if level == 0 else (y, 5.0)
        return quad(integrand, *ends, epsabs=1e-14, epsrel=1e-12, limit=200)[0]

    def density(y):
        weight = np.exp(-model.levels[1].confinement(np.array([y]))[0])
        left, right = [moment(0, k, y) for k in (1, 2)], [moment(2, k, y) for k in (1, 2)]
        return weight * (left[1] * right[0] + left[0] * right[1])

    y = np.array([-1.0, -0.2, 0.0, 0.4, 1.1])
    truth = np.array([density(value) for value in y]) / np.exp(gas.log_partition_function)
    np.testing.assert_allclose(gas.laws[1].pdf(y), truth, rtol=1e-10)


def test_ten_levels_that_learn():
    """Refinement changes nothing at 1e-10, at noise for which e^{−Φ} has exponents of 10⁶; ln Z from every level agrees."""
    for rate in (0.01, 1e-6):
        gas = ordered_gas(rbm_lattice(10, rate).levels)
        assert gas.error_estimate < 1e-10
        assert np.ptp(gas.solution.log_totals) < 1e-13 * abs(gas.log_partition_function)
        assert gas.solution.cancellation > 0.8
    assert np.all(np.diff(gas.mean) > 0.0)


def test_small_noise_is_the_gas_of_the_quadratic_wells():
    """σ² = (2α/B) x_s: degenerate pairs are Gaussian orthogonal, the rest independent, up to relative order σ."""
    gas = ordered_gas(rbm_lattice(10, 1e-7).levels)
    kappa = np.array(models.lattice_scalar_1d(10, mass2=4.0).kappa)
    sigma = np.sqrt(2e-7 / 16 * (9.0 - kappa))
    moved, width = (gas.mean - (9.0 - kappa)) / sigma, gas.std / sigma
    single, pair = [0, 9], [1, 3, 5, 7]
    np.testing.assert_allclose(moved[single], 0.0, atol=2e-3)
    np.testing.assert_allclose(width[single], 1.0, rtol=1e-3)
    for low in pair:
        np.testing.assert_allclose(moved[[low, low + 1]], [-np.sqrt(np.pi) / 2, np.sqrt(np.pi) / 2], rtol=5e-3)
        np.testing.assert_allclose(width[[low, low + 1]], np.sqrt(1.5 - 0.25 * (np.pi - 1) - 0.25), rtol=2e-3)


def test_levels_far_apart_are_independent():
    """The mean moves by Σ_j σ²/(c_i − c_j), the width by a relative Σ_j σ²/(2(c_i − c_j)²)."""
    centre, sigma = np.array([-200.0, 0.0, 300.0]), 0.5
    gas = ordered_gas(models.dyson(levels=3, g2=sigma**2, centre=list(centre)).levels)
    gaps = centre[:, None] - centre + np.diag([np.inf] * 3)
    np.testing.assert_allclose(gas.mean - centre, (sigma**2 / gaps).sum(axis=1), rtol=1e-4)
    np.testing.assert_allclose(gas.std / sigma - 1.0, -0.5 * (sigma**2 / gaps**2).sum(axis=1), rtol=1e-2)
    assert np.all(np.abs(gas.correlations) < 1e-4)


def test_mirror_image():
    """x → −x reverses the levels."""
    model = models.dyson(
        levels=4, g2=[0.3, 1.0, 0.2, 0.5], stiffness=[1.0, 2.0, 1.5, 0.7], centre=[-1.0, 0.0, 0.1, 2.0]
    )
    image = models.dyson(
        levels=4, g2=[0.5, 0.2, 1.0, 0.3], stiffness=[0.7, 1.5, 2.0, 1.0], centre=[-2.0, -0.1, 0.0, 1.0]
    )
    one, two = ordered_gas(model.levels), ordered_gas(image.levels)
    np.testing.assert_allclose(one.mean, -two.mean[::-1], atol=1e-13)
    np.testing.assert_allclose(one.std, two.std[::-1], rtol=1e-13)
    assert one.log_partition_function == pytest.approx(two.log_partition_function, abs=1e-12)


def test_equal_levels_need_not_be_one_object():
    body = models.dyson(levels=1, g2=0.4).levels[0]
    same, copies = ordered_gas((body,) * 4), ordered_gas([body.with_noise(1.0) for _ in range(4)])
    np.testing.assert_array_equal(same.mean, copies.mean)
    mixed = ordered_gas([body, body.with_noise(1.0 + 1e-13), body, body])
    np.testing.assert_allclose(mixed.mean, same.mean, atol=1e-11)


def test_trace_of_the_orthogonal_ensemble():
    """The sum of all eigenvalues is the trace, variance Nσ²; the sum of their squares has mean σ²N(N + 1)/2."""
    gas = ordered_gas(models.dyson(levels=6, g2=0.5).levels)
    assert gas.mean.sum() == pytest.approx(0.0, abs=1e-13)
    assert np.sum(gas.mean**2 + gas.std**2) == pytest.approx(0.5 * 6 * 7 / 2, rel=1e-13)


def test_reversed_wells_press_the_levels_together():
    """The order stands against the potentials: both levels meet half way, 20 widths from where they would sit."""
    low, high = (models.dyson(levels=1, g2=1.0, centre=centre).levels[0] for centre in (20.0, -20.0))
    gas = ordered_gas([low, high])
    # With s = x_2 − x_1 and the mean m: e^{−m²} s e^{−s²/4 − 20s}, so m is normal and independent of s.
    mean = (
        quad(lambda s: s * s * np.exp(-s * s / 4 - 20 * s), 0, 5)[0]
        / quad(lambda s: s * np.exp(-s * s / 4 - 20 * s), 0, 5)[0]
    )
    np.testing.assert_allclose(gas.mean, [-mean / 2, mean / 2], rtol=1e-10)


def test_refusals():
    body = models.dyson(levels=1, g2=1.0).levels[0]
    with pytest.raises(MethodError, match="up to 16 levels"):
        ordered_gas((body,) * 17)
    with pytest.raises(ConvergenceError, match="did not settle"):
        ordered_gas((body,) * 3, tolerance=1e-30)
    apart = [models.potential(quartic(1.0, 0.0), domain=ends, g2=1.0).levels[0] for ends in ((2.0, 3.0), (0.0, 1.0))]
    with pytest.raises(ModelError, match="no room"):
        ordered_gas(apart)


@pytest.mark.slow
def test_sixteen_levels():
    gas = ordered_gas(models.dyson(levels=16, g2=0.5).levels)
    assert gas.log_partition_function == pytest.approx(mehta_log_norm(16, beta=1.0, std=np.sqrt(0.5)), abs=1e-10)
    assert np.sum(gas.mean**2 + gas.std**2) == pytest.approx(0.5 * 16 * 17 / 2, rel=1e-12)
