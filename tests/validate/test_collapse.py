"""Surmise collapse and linear scaling: exact pairs, the Gaussian matrix of ten levels, published numbers."""

from functools import lru_cache

import numpy as np
import pytest
from scipy import stats

from fpsolve.errors import MethodError
from fpsolve.exact.rbm_gaussian import GaussianRbm
from fpsolve.validate import PairFit, PairSet, collapse, fit_pair, judge_spacings, linear_scaling, pair_scaling
from fpsolve.validate.null_tables import scaled_cramervonmises_tail

SETTINGS = [(scale, count) for scale, count in ((0.1, 900), (0.2, 1500), (0.013, 600), (2.0, 1000))]


def pairs(rng, replicas, sigma=1.0):
    """Eigenvalues of real symmetric 2×2 Gaussian matrices, diagonal variance σ², off-diagonal σ²/2."""
    a, d = rng.normal(0.0, sigma, (2, replicas))
    half = np.hypot(0.5 * (a - d), rng.normal(0.0, sigma / np.sqrt(2.0), replicas))
    return np.stack([0.5 * (a + d) - half, 0.5 * (a + d) + half], axis=1)


def sets_of(rng, factor=1.0, draw=pairs):
    return [
        PairSet(f"σ = {scale}", 5.0 + scale * draw(rng, count), mean=factor * np.sqrt(np.pi) * scale)
        for scale, count in SETTINGS
    ]


def test_true_pairs_collapse_with_uniform_p_values():
    found = [collapse(sets_of(np.random.default_rng(seed))) for seed in range(100)]
    columns = {
        "pooled ks": [one.pooled.ks_p for one in found],
        "pooled cvm": [one.pooled.cramervonmises_p for one in found],
        "set ks": [one.sets[0].ks_p for one in found],
        "set cvm": [one.sets[1].cramervonmises_p for one in found],
        "predicted ks": [one.predicted.ks_p for one in found],
        "predicted cvm": [one.predicted.cramervonmises_p for one in found],
        "chi2": [one.chi2_p for one in found],
    }
    for name, p_values in columns.items():
        assert stats.kstest(p_values, "uniform").pvalue > 1e-3, name
    ratios = np.array([(one.pooled.ratio - 4.0 / np.pi) / one.pooled.ratio_error for one in found])
    assert 0.55 < np.mean(np.abs(ratios) < 1.0) < 0.81
    one = found[0]
    assert (one.dof, one.pooled.count, one.scaled.size) == (4, 4000, 4000)
    assert np.all(np.diff(one.scaled) >= 0.0)
    assert one.summary().count("\n") == 6


def test_a_wrong_sigma_shows_in_the_predicted_scale_only():
    """σ off by 5 %: the collapse onto the own means cannot see it, the parameter-free one and χ² must."""
    one = collapse(sets_of(np.random.default_rng(1), factor=1.05))
    assert one.pooled.ks_p > 0.01
    assert one.predicted.ks_p < 1e-5
    assert one.chi2_p < 1e-6
    assert np.all(one.mean_z < -1.0)


@pytest.mark.parametrize("power", [0, 2])
def test_other_repulsion_does_not_collapse(power):
    """Independent levels (exponential-like at 0) and β = 2 (S² at 0) scaled to the same mean."""

    def draw(rng, count):
        spacing = np.abs(rng.normal(size=count)) if power == 0 else np.sqrt(rng.chisquare(3, size=count))
        return np.stack([np.zeros(count), spacing], axis=1)

    one = collapse([PairSet("other", draw(np.random.default_rng(2), 2000))])
    assert one.pooled.ks_p < 1e-6
    assert one.pooled.cramervonmises_p < 1e-6
    assert one.predicted is None
    assert one.dof == 0
    assert np.isnan(one.chi2_p)


def test_the_table_of_scaled_cramer_von_mises_against_fresh_simulations():
    rng = np.random.default_rng(3)
    n, draws = 200, 6000
    s = np.sort(np.sqrt(rng.exponential(size=(draws, n))), axis=1)
    uniform = -np.expm1(-0.25 * np.pi * (s / s.mean(axis=1, keepdims=True)) ** 2)
    middles = (2.0 * np.arange(1, n + 1) - 1.0) / (2.0 * n)
    statistic = np.sum((uniform - middles) ** 2, axis=1) + 1.0 / (12.0 * n)
    for probability in (0.9, 0.5, 0.1, 0.01):
        found = scaled_cramervonmises_tail(np.quantile(statistic, 1.0 - probability))
        error = 3.0 * np.sqrt((1.0 - probability) / (draws * probability)) + 0.05
        assert found == pytest.approx(probability, rel=error)
    # The leading eigenvalue 0.02904 of the limit gives the slope −1/(2λ) of the tail, reached from above.
    slope = np.log(scaled_cramervonmises_tail(0.6) / scaled_cramervonmises_tail(0.5)) / 0.1
    assert -1.25 / (2.0 * 0.02904) < slope < -1.0 / (2.0 * 0.02904)


def test_a_correlated_set_claims_no_p_value():
    sets = sets_of(np.random.default_rng(4))
    one = collapse([*sets[:3], PairSet("chain", sets[3].levels, mean=sets[3].mean, correlated=True)])
    assert one.sets[0].ks_p is not None
    assert (one.sets[3].ks_p, one.pooled.ks_p, one.predicted.cramervonmises_p) == (None, None, None)


def test_nonsense_is_refused():
    with pytest.raises(MethodError, match="at least one set"):
        collapse([])
    with pytest.raises(MethodError, match="must be positive"):
        collapse([PairSet("x", pairs(np.random.default_rng(5), 100), mean=0.0)])


# -- ten levels --------------------------------------------------------------------------------------------------------

KAPPA = np.round(np.sort(6.0 - 2.0 * np.cos(2.0 * np.pi * np.arange(10) / 10.0))[::-1], 12)
MEMBERS = {4.382: (7, 8), 5.382: (5, 6), 6.618: (3, 4), 7.618: (1, 2)}


def law(alpha):
    return GaussianRbm(tuple(KAPPA), 9.0, alpha, 16, sweeps=3, data="exact")


@lru_cache
def gaussian_matrices(alpha, replicas, seed):
    """Sorted levels of X = diag(x) + ξ of all ten levels: pairs that their neighbours compress."""
    rng, gas = np.random.default_rng(seed), law(alpha)
    width = np.sqrt(gas.finite_step_variance / gas.variance)
    std = np.sqrt(gas.matrix_variance * np.outer(width, width))
    upper = np.triu(rng.normal(size=(replicas, 10, 10)) * std)
    return np.linalg.eigvalsh(upper + np.triu(upper, 1).transpose(0, 2, 1) + np.diag(gas.levels))


def sigma_of(alpha):
    return {kappa: float(np.sqrt(law(alpha).finite_step_variance[low])) for kappa, (low, _) in MEMBERS.items()}


def sets_at(alpha, replicas, *, predicted):
    levels = gaussian_matrices(alpha, replicas, seed=6)
    reference = gaussian_matrices(alpha, replicas, seed=7)
    sets = []
    for kappa, (low, high) in MEMBERS.items():
        spacing = reference[:, high] - reference[:, low]
        mean, error = np.sqrt(np.pi) * sigma_of(alpha)[kappa], 0.0
        if predicted == "matrix":
            mean, error = spacing.mean(), spacing.std() / np.sqrt(replicas)
        sets.append(PairSet(f"κ = {kappa}", levels[:, [low, high]], mean=float(mean), mean_error=float(error)))
    return sets


def test_neighbours_compress_a_pair_at_large_noise_without_changing_the_shape():
    """Where the pair alone is the law, and where it needs its neighbours: α = 0.0005 and 0.1 at B = 16.

    Compression is a matter of scale: scaled by its own mean even the most compressed pair (by 14 %) still follows the
    surmise, while the surmise with the predicted σ is rejected and the mean of the whole matrix is not.
    """
    small = collapse(sets_at(0.0005, 5000, predicted="pair"))
    assert small.pooled.ks_p > 1e-3
    assert small.predicted.ks_p > 1e-3
    assert small.chi2_p > 1e-3
    large = collapse(sets_at(0.1, 5000, predicted="pair"))
    assert large.pooled.ks_p > 1e-3
    assert large.predicted.ks_p < 1e-10
    assert large.mean_z[0] < -15.0
    whole = collapse(sets_at(0.1, 5000, predicted="matrix"))
    assert whole.predicted.ks_p > 1e-3
    assert whole.chi2_p > 1e-3


# ⟨S⟩ of arXiv:2407.16427 (data release, B = 16, k = 3) at α = 0.01, 0.02, 0.04, 0.06, 0.08, 0.1. A seed cycle in its
# driver leaves 234 independent realisations of 7500: errors of 0.523/√234 = 3.4 %.
ALPHA = np.array([0.01, 0.02, 0.04, 0.06, 0.08, 0.1])
PUBLISHED = {
    4.382: np.array([0.1354, 0.1880, 0.2568, 0.2984, 0.3465, 0.3743]),
    5.382: np.array([0.1183, 0.1699, 0.2412, 0.2887, 0.3217, 0.3623]),
}


@pytest.mark.parametrize("kappa", PUBLISHED)
def test_published_mean_spacings_scale_as_predicted_where_the_noise_is_small(kappa):
    ratio, spacing = ALPHA / 16.0, PUBLISHED[kappa]
    slope = np.array([np.sqrt(np.pi / r) * sigma_of(alpha)[kappa] for alpha, r in zip(ALPHA, ratio, strict=True)])
    small = linear_scaling(np.sqrt(ratio[:2]), spacing[:2], errors=0.034 * spacing[:2], slope=slope[:2])
    assert small.p_value > 0.1
    assert small.factor == pytest.approx(1.0, abs=0.04)
    # At α = 0.1 a pair in the middle of ten levels is compressed: the two-level law is not enough, the matrix is.
    low, high = MEMBERS[kappa]
    matrix = np.array([np.ptp(gaussian_matrices(alpha, 5000, 8)[:, [low, high]], axis=1).mean() for alpha in ALPHA])
    whole = linear_scaling(matrix, spacing, errors=0.034 * spacing, slope=1.0)
    assert whole.p_value > 0.1
    assert whole.factor == pytest.approx(1.0, abs=0.03)
    pair = linear_scaling(np.sqrt(ratio), spacing, errors=0.034 * spacing, slope=slope)
    assert pair.chi2 > whole.chi2 + 4.0
    assert pair.line.intercept > 0.0  # bends below the line of the small noise
    if kappa == 4.382:
        assert pair.p_value < 1e-3


def test_published_slope_of_the_teacher_student_spacings():
    """⟨S⟩ = a √(αA/B), 3000 seeds: the release states a = 1.8785 ± 0.0338 from all its scans, leading order √π."""
    epsilon = np.array([0.05, 0.06, 0.07, 0.08, 0.09, 0.1])
    batch = np.array([4.0, 8.0, 16.0, 32.0, 64.0])
    x = np.concatenate([epsilon * np.sqrt(0.1 / 16.0), 0.1 * np.sqrt(0.1 / batch)])
    y = np.array([0.00743, 0.00882, 0.01038, 0.01118, 0.01270, 0.01434, 0.0322, 0.0197, 0.01434, 0.01032, 0.00725])
    leading = linear_scaling(x, y, errors=0.0095 * y, slope=np.sqrt(np.pi))
    assert leading.factor * np.sqrt(np.pi) == pytest.approx(1.8785, abs=2.0 * 0.0338)
    # Finite step, nothing fitted: σ² = (α/B)ε²/[1 − (α/2)(1 + 2/B)].
    b = np.concatenate([np.full(6, 16.0), batch])
    slope = np.sqrt(np.pi / (1.0 - 0.05 * (1.0 + 2.0 / b)))
    found = linear_scaling(x, y, errors=0.0095 * y, slope=slope)
    assert found.factor == pytest.approx(1.0, abs=0.02)
    # All seeds share one data set, so that the points scatter by more than their errors.
    assert found.line.reduced_chi2 > 2.0


# -- linear scaling ----------------------------------------------------------------------------------------------------


def test_straight_line_against_polyfit():
    rng = np.random.default_rng(9)
    x, error = np.linspace(1.0, 3.0, 7), rng.uniform(0.1, 0.3, 7)
    y = 0.3 + 2.0 * x + error * rng.normal(size=7)
    found = linear_scaling(x, y, errors=error, slope=2.0)
    coefficients, covariance = np.polyfit(x, y, 1, w=1.0 / error, cov="unscaled")
    assert (found.line.slope, found.line.intercept) == pytest.approx(tuple(coefficients), rel=1e-10)
    assert (found.line.slope_error, found.line.intercept_error) == pytest.approx(tuple(np.sqrt(np.diag(covariance))))
    residual = np.sum(((y - np.polyval(coefficients, x)) / error) ** 2)
    assert found.line.reduced_chi2 == pytest.approx(residual / 5)
    assert found.chi2 == pytest.approx(np.sum(((y - 2.0 * x) / error) ** 2))
    assert found.p_value == pytest.approx(stats.chi2.sf(found.chi2, 7))
    assert found.factor == pytest.approx(np.sum(2 * x * y / error**2) / np.sum((2 * x / error) ** 2))


def test_pairs_scale_with_the_predicted_slope():
    """σ² = 2.5 α/B: p-values of both laws are uniform, and a slope off by 8 % is rejected."""
    ratios = np.array([0.001, 0.002, 0.004, 0.008])
    p_values = []
    for seed in range(30):
        rng = np.random.default_rng(seed)
        fits = [fit_pair(pairs(rng, 300, np.sqrt(2.5 * ratio))) for ratio in ratios]
        p_values.append([one.p_value for one in pair_scaling(fits, ratios, slope=2.5)])
    for column in np.array(p_values).T:
        assert stats.kstest(column, "uniform").pvalue > 1e-3
    rng = np.random.default_rng(99)
    fits = [fit_pair(pairs(rng, 6000, np.sqrt(2.5 * ratio))) for ratio in ratios]
    sigma2, spacing = pair_scaling(fits, ratios, slope=2.5)
    assert min(sigma2.p_value, spacing.p_value) > 1e-3
    assert abs(sigma2.factor - 1.0) < 3.0 * sigma2.factor_error < 0.02
    assert "measured/predicted" in sigma2.summary()
    for wrong in pair_scaling(fits, ratios, slope=2.5 * 1.08):
        assert wrong.p_value < 1e-6


@pytest.mark.parametrize(
    ("x", "errors", "message"),
    [
        ([1.0], [0.1], "two different x"),
        ([1.0, 1.0], [0.1, 0.1], "two different x"),
        ([1.0, 2.0], [0.1, 0.0], "positive errors"),
    ],
)
def test_what_is_no_scaling_is_refused(x, errors, message):
    with pytest.raises(MethodError, match=message):
        linear_scaling(x, x, errors=errors, slope=1.0)


def test_fits_are_frozen_records():
    assert PairFit.__dataclass_params__.frozen
    report = judge_spacings(np.sqrt(np.random.default_rng(1).exponential(size=100)), scaled=True, label="x")
    assert report.summary().startswith("x: 100, mean ")
