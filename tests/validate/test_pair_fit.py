"""Fits of a degenerate pair against exact samples: real symmetric 2×2 Gaussian matrices."""

import numpy as np
import pytest
from scipy import optimize

from fpsolve.errors import MethodError, SampleError
from fpsolve.exact.semicircle_two_level import TwoLevelSemicircle
from fpsolve.results import Sample
from fpsolve.validate import compare, fit_pair, fit_pairs
from fpsolve.validate.semicircle_fit import fit_semicircle

U4 = -4.0 / 27.0


def eigenvalues(a, d, b):
    half = np.hypot(0.5 * (a - d), b)
    return np.stack([0.5 * (a + d) - half, 0.5 * (a + d) + half], axis=-1)


def pairs(rng, replicas, sigma=1.0):
    """Diagonal variance σ², off-diagonal σ²/2: P ∝ |x_1 − x_2| exp[−(x_1² + x_2²)/(2σ²)] exactly."""
    return eigenvalues(*rng.normal(0.0, sigma, (2, replicas)), rng.normal(0.0, sigma / np.sqrt(2.0), replicas))


def test_the_semicircle_fit_is_the_maximum_of_the_likelihood():
    x = 3.0 + 0.07 * pairs(np.random.default_rng(1), 900)

    def minus_likelihood(at):
        return -np.sum(np.log(TwoLevelSemicircle(at[0], np.exp(at[1])).pdf(x)))

    best = optimize.minimize(
        minus_likelihood, [3.01, np.log(0.06)], method="Nelder-Mead", options={"xatol": 1e-9, "fatol": 1e-10}
    )
    centre, sigma = fit_semicircle(x)
    assert centre == pytest.approx(best.x[0], abs=1e-7)
    assert sigma == pytest.approx(np.exp(best.x[1]), rel=1e-6)
    # From a bad start the same maximum is found.
    assert fit_semicircle(x, (2.7, 0.5)) == pytest.approx((centre, sigma), rel=1e-10)


def test_the_joint_fit_is_the_maximum_of_the_likelihood():
    x = pairs(np.random.default_rng(2), 500)

    def minus_likelihood(at):
        centre, sigma = at[0], np.exp(at[1])
        # ∫∫ |x_1 − x_2| exp{…} over the plane is 4√π σ³.
        return 500 * 3.0 * np.log(sigma) + np.sum((x - centre) ** 2) / (2.0 * sigma**2)

    best = optimize.minimize(minus_likelihood, [0.1, 0.1], method="BFGS", options={"gtol": 1e-9})
    assert fit_pair(x).sigma_joint == pytest.approx(np.exp(best.x[1]), rel=1e-6)


NAMES = ("centre", "sigma", "sigma_joint", "mean_spacing", "sigma_spacing", "sigma_difference", "u4")
TRUTH = np.array([0.0, 1.0, 1.0, np.sqrt(np.pi), 1.0, 0.0, U4])


def test_errors_cover_the_truth_over_repeated_draws():
    draws, replicas = 150, 250
    fits = [fit_pair(pairs(np.random.default_rng(seed), replicas)) for seed in range(draws)]
    values = np.array([[getattr(fit, name) for name in NAMES] for fit in fits])
    errors = np.array([[getattr(fit, f"{name}_error") for name in NAMES] for fit in fits])
    scatter = values.std(axis=0, ddof=1)
    # The rms error is the scatter over draws, which 150 draws know to 6 %.
    np.testing.assert_allclose(np.sqrt(np.mean(errors**2, axis=0)), scatter, rtol=0.2)
    deviations = (values - TRUTH) / errors
    inside = np.mean(np.abs(deviations) < 1.0, axis=0)
    assert np.all((inside > 0.57) & (inside < 0.79)), dict(zip(NAMES, inside, strict=True))
    assert np.all(np.mean(np.abs(deviations) < 2.0, axis=0) > 0.89)
    # No bias that the error would not cover many times over.
    assert np.all(np.abs(values.mean(axis=0) - TRUTH) < 0.25 * scatter)
    # The joint fit is efficient: Fisher's information on σ is 6/σ² a pair; ⟨S⟩ has a variance of (4 − π)σ².
    assert scatter[2] == pytest.approx(1.0 / np.sqrt(6.0 * replicas), rel=0.18)
    assert scatter[3] == pytest.approx(np.sqrt((4.0 - np.pi) / replicas), rel=0.18)


def test_the_right_sigma_is_kept_and_a_wrong_one_rejected():
    sigma = 0.0774
    fit = fit_pair(4.618 + pairs(np.random.default_rng(3), 8000, sigma), centre=4.618)
    assert abs(fit.z(sigma)) < 3.0
    assert abs(fit.sigma_z) < 3.0
    assert abs(fit.u4_z) < 3.0
    assert fit.u4_error < 0.01
    for wrong in (0.97, 1.03):
        assert abs(fit.z(wrong * sigma)) > 4.0
    # An autocorrelation factor E = 1.25 left out of σ², or its diagonal taken for σ²: far off.
    assert abs(fit.z(sigma / np.sqrt(1.25))) > 15.0


def test_a_pair_that_is_none_is_inconsistent():
    """Independent levels have ⟨S⟩ = 2/√π σ_x, a semicircle fit sees the density alone: the two σ disagree."""
    fit = fit_pair(np.random.default_rng(4).normal(size=(4000, 2)))
    assert abs(fit.sigma_z) > 20.0
    assert abs(fit.u4_z) > 5.0
    assert abs(fit.u4) < 4.0 * fit.u4_error  # a Gaussian


def test_sorting_swapping_and_scaling_change_nothing():
    x = pairs(np.random.default_rng(5), 1000)
    plain = fit_pair(x, centre=0.2)
    swapped = np.where(np.random.default_rng(6).random((1000, 1)) < 0.5, x, x[:, ::-1])
    for name in NAMES:
        assert getattr(fit_pair(swapped, centre=0.2), name) == pytest.approx(getattr(plain, name), rel=1e-10)
    moved = fit_pair(7.0 + 1e-4 * x, centre=7.0 + 0.2e-4)
    assert moved.centre == pytest.approx(7.0 + 1e-4 * plain.centre, rel=1e-13)
    assert moved.sigma == pytest.approx(1e-4 * plain.sigma, rel=1e-8)
    assert moved.sigma_error == pytest.approx(1e-4 * plain.sigma_error, rel=1e-6)
    assert (moved.u4, moved.sigma_z) == pytest.approx((plain.u4, plain.sigma_z), rel=1e-6)


@pytest.mark.parametrize("shift", [0.0, 0.5, -0.8])
def test_the_cumulant_about_a_given_centre(shift):
    """About c + δ the moments are 3/2 + δ² and 23/4 + 9δ² + δ⁴ (σ = 1)."""
    fit = fit_pair(pairs(np.random.default_rng(7), 10000), centre=shift)
    expected = (5.75 + 9.0 * shift**2 + shift**4) / (3.0 * (1.5 + shift**2) ** 2) - 1.0
    assert abs(fit.u4 - expected) < 3.0 * fit.u4_error < 0.03
    assert fit.u4_centre == shift
    assert fit.u4 < 0.0  # flatter than a Gaussian; the usual Binder cumulant is +4/27


def test_errors_are_those_of_the_statistics_of_compare():
    x = pairs(np.random.default_rng(8), 100)  # 100 replicas: one a block
    fit = fit_pair(x)
    report = compare(
        Sample.from_array(x),
        TwoLevelSemicircle(0.0, 1.0).cdf,
        statistics=("surmise", "semicircle", "binder"),
        groups=[[0, 1]],
    )
    spacing, semicircle, binder = (statistic.details[0] for statistic in report.statistics)
    assert (fit.mean_spacing, fit.mean_spacing_error) == pytest.approx(
        (spacing["mean_spacing"], spacing["mean_spacing_error"]), rel=1e-10
    )
    assert fit.sigma_joint == pytest.approx(semicircle["sigma"], rel=1e-12)
    assert fit.sigma_joint_error == pytest.approx(semicircle["sigma_error"], rel=0.03)
    assert fit.u4 == pytest.approx(binder["u4"], rel=1e-10)
    assert fit.u4_error == pytest.approx(binder["u4_error"], rel=0.15)


def test_a_chain_has_larger_errors():
    """Matrix chain X' = ρX + noise with ρ = 0.9: ⟨x⟩ has τ = 19, the squares τ = (1 + ρ²)/(1 − ρ²) = 9.5."""
    rng, n, rho = np.random.default_rng(9), 8000, 0.9
    noise = rng.normal(size=(n, 3)) * np.array([1.0, 1.0, np.sqrt(0.5)]) * np.sqrt(1.0 - rho**2)
    matrices = np.empty_like(noise)
    matrices[0] = noise[0] / np.sqrt(1.0 - rho**2)
    for i in range(1, n):
        matrices[i] = rho * matrices[i - 1] + noise[i]
    x = eigenvalues(*matrices.T)
    fit = fit_pair(x, correlated=True)
    assert fit.centre_error == pytest.approx(np.sqrt(19.0 / (2.0 * n)), rel=0.35)
    assert fit.sigma_joint_error == pytest.approx(np.sqrt(9.5 / (6.0 * n)), rel=0.35)
    assert abs(fit.z(1.0)) < 3.0
    assert abs(fit.centre) < 3.0 * fit.centre_error
    assert 30 < fit.blocks < 60  # blocks of 190 records
    # The same chain as the records of one replica.
    sample = Sample.from_array(x[None], correlated=True)
    assert fit_pairs(sample, [[0, 1]])[0].sigma_error == fit.sigma_error


def test_the_pairs_of_a_sample():
    rng = np.random.default_rng(10)
    levels = np.column_stack([rng.normal(size=500), 10.0 + pairs(rng, 500), 20.0 + 2.0 * pairs(rng, 500)])
    sample = Sample.from_array(np.stack([np.zeros_like(levels), levels], axis=1))
    low, high = fit_pairs(sample, [[0], [1, 2], [3, 4]], centres=[0.0, 10.0, 10.0, 20.0, 20.0])
    assert (low.label, high.label) == ("levels 1, 2", "levels 3, 4")
    assert (low.u4_centre, high.u4_centre) == (10.0, 20.0)
    assert high.sigma == pytest.approx(2.0, rel=0.1)
    assert low.sigma == pytest.approx(1.0, rel=0.1)
    text = low.summary()
    assert text.startswith("levels 1, 2: 500 replicas, errors from 100 blocks")
    assert "from -4/27 by z" in text
    with pytest.raises(MethodError, match="is a pair"):
        fit_pairs(sample, [[0], [1, 2, 3]])
    with pytest.raises(MethodError, match="2 centres were given for 5 levels"):
        fit_pairs(sample, [[0, 1]], centres=[1.0, 2.0])


@pytest.mark.parametrize(
    ("levels", "message"),
    [
        (np.zeros((20, 3)), "shape \\(replica, 2\\)"),
        (np.zeros(20), "shape \\(replica, 2\\)"),
        (np.full((20, 2), np.nan), "must be finite"),
        (np.ones((20, 2)), "all levels are the same"),
        (np.arange(14.0).reshape(7, 2), "at least 8"),
    ],
)
def test_what_is_no_pair_is_refused(levels, message):
    with pytest.raises(SampleError, match=message):
        fit_pair(levels)
