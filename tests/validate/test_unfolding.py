"""Many levels: unfolded spacings and spacing ratios of Gaussian matrices, independent levels, Laguerre spectra."""

import numpy as np
import pytest
from scipy import stats

from fpsolve.errors import MethodError, SampleError
from fpsolve.exact.gaudin import gaudin_cdf
from fpsolve.exact.spacing_ratio import GOE_BULK_RATIO, GOE_TRIPLET_RATIO, POISSON_RATIO
from fpsolve.exact.surmise import surmise_cdf
from fpsolve.validate import bulk_spacings, judge_spacings, spacing_ratio, unfold_by_average, unfold_by_law


def gaussian(rng, replicas, n):
    """Levels of real symmetric Gaussian matrices, off-diagonal variance ½, diagonal 1: the semicircle has radius √(2n)."""
    a = rng.normal(size=(replicas, n, n))
    return np.linalg.eigvalsh(0.5 * (a + a.transpose(0, 2, 1)))


def semicircle(n):
    def cdf(x):
        t = np.clip(x / np.sqrt(2.0 * n), -1.0, 1.0)
        return 0.5 + (t * np.sqrt(1.0 - t * t) + np.arcsin(t)) / np.pi

    return cdf


def test_unfolding_by_the_exact_law_of_independent_levels():
    """N·F(x) of independent levels: spacings Beta(1, N) times N, mean N/(N + 1), nearly exponential."""
    levels = stats.norm.rvs(size=(400, 50), random_state=1)
    spacings = unfold_by_law(levels, stats.norm.cdf)
    report = judge_spacings(spacings, lambda s: stats.beta.cdf(s / 50.0, 1, 50))
    assert abs(report.mean - 50.0 / 51.0) < 3.0 * report.mean_error
    assert report.ks_p > 1e-3
    assert judge_spacings(spacings, surmise_cdf).ks_p < 1e-10


def test_the_bulk_of_gaussian_matrices_follows_gaudin_and_not_quite_the_surmise():
    levels = gaussian(np.random.default_rng(2), 1500, 50)
    spacings = bulk_spacings(unfold_by_average(levels), 0.5)
    assert spacings.shape == (1500, 24)
    exact = judge_spacings(spacings, gaudin_cdf, scaled=True)
    assert exact.ks_p > 1e-3
    assert exact.cramervonmises_p > 1e-3
    # Variance 0.2855 of the large matrix, 0.2732 of the 2×2 one: 36000 spacings tell them apart.
    assert abs(exact.ratio - 1.2855) < 4.0 * exact.ratio_error
    assert exact.ratio - 4.0 / np.pi > 4.0 * exact.ratio_error
    assert judge_spacings(spacings, surmise_cdf, scaled=True).ks_p < 1e-4
    assert judge_spacings(spacings, surmise_cdf, scaled=True).ks < 0.02


def test_p_values_of_unfolded_spectra_are_uniform():
    """Spacings of one spectrum are anticorrelated: without that taken into account a third of these would be rejected."""
    rng = np.random.default_rng(3)
    p_values = []
    for _ in range(120):
        report = judge_spacings(bulk_spacings(unfold_by_average(gaussian(rng, 60, 30)), 0.5), gaudin_cdf, scaled=True)
        p_values.append((report.ks_p, report.cramervonmises_p))
    for column in np.array(p_values).T:
        assert stats.kstest(column, "uniform").pvalue > 1e-3
        assert np.mean(column < 0.05) < 0.15


def test_unfolding_by_a_law_keeps_its_errors_visible():
    """The semicircle is the density of n → ∞: at n = 100 the middle spacings unfold to 1 within 1 %, with a wrong width not."""
    levels = gaussian(np.random.default_rng(4), 150, 100)
    right = judge_spacings(bulk_spacings(unfold_by_law(levels, semicircle(100)), 0.3), gaudin_cdf)
    assert right.mean == pytest.approx(1.0, abs=0.01)
    wrong = judge_spacings(bulk_spacings(unfold_by_law(levels, semicircle(130)), 0.3), gaudin_cdf)
    assert wrong.ks_p < 1e-6


def test_one_large_spectrum_is_unfolded_by_its_neighbours():
    levels = gaussian(np.random.default_rng(5), 1, 800)
    spacings = unfold_by_average(levels, window=12)
    assert spacings.shape == (1, 799)
    s = bulk_spacings(spacings, 0.8)[0]
    assert np.mean(s) == pytest.approx(1.0, abs=0.01)
    # Variance 0.2855; one spectrum knows it to about 0.017.
    assert np.var(s) == pytest.approx(0.2855, abs=0.05)
    assert judge_spacings(s, gaudin_cdf).ks < 0.04
    with pytest.raises(SampleError, match="over 1 spacings is none"):
        unfold_by_average(levels)


def test_averages_over_replicas_make_every_column_one():
    levels = np.random.default_rng(6).gamma(2.0, size=(30, 6)) ** 3
    np.testing.assert_allclose(unfold_by_average(levels).mean(axis=0), 1.0, rtol=1e-12)
    # A window of 1 averages over the neighbouring columns, cut off at the ends.
    spacing = np.diff(np.sort(levels, axis=1), axis=1)
    local = [spacing[:, max(0, i - 1) : i + 2].mean() for i in range(5)]
    np.testing.assert_allclose(unfold_by_average(levels, window=1), spacing / local, rtol=1e-12)


def test_spacing_ratios_need_no_unfolding():
    rng = np.random.default_rng(7)
    levels = gaussian(rng, 1200, 40)[:, 10:30]
    bulk = spacing_ratio(levels)
    assert bulk.goe == GOE_BULK_RATIO
    assert abs(bulk.mean - GOE_BULK_RATIO) < 3.0 * bulk.error + 0.002  # finite size
    assert bulk.poisson_z > 50.0
    cubic = spacing_ratio(2.0 + 1e-3 * levels)
    assert cubic.mean == pytest.approx(bulk.mean, rel=1e-9)
    triplet = spacing_ratio(gaussian(rng, 20000, 3))
    assert triplet.goe == GOE_TRIPLET_RATIO
    assert abs(triplet.goe_z) < 3.5
    assert triplet.goe_distance < 1.63 / np.sqrt(20000)
    independent = spacing_ratio(rng.uniform(size=(1500, 20)))
    assert abs(independent.poisson_z) < 3.5
    assert independent.goe_z < -50.0
    assert independent.poisson_distance < 0.02 < independent.goe_distance
    assert independent.poisson == POISSON_RATIO
    assert "repelling 0.5307" in bulk.summary()


def test_errors_of_spacing_ratios_are_their_scatter():
    rng = np.random.default_rng(8)
    found = [spacing_ratio(gaussian(rng, 50, 12)) for _ in range(150)]
    scatter = np.std([one.mean for one in found], ddof=1)
    assert np.sqrt(np.mean([one.error**2 for one in found])) == pytest.approx(scatter, rel=0.18)


def test_a_chain_has_larger_errors_and_claims_no_p_value():
    """Every spectrum ten times over: the memory is 10 records, errors grow by √10."""
    levels = gaussian(np.random.default_rng(10), 300, 12)
    chain = np.repeat(levels, 10, axis=0)
    for count, report in ((300, spacing_ratio(levels)), (3000, spacing_ratio(chain, correlated=True))):
        assert report.count == 10 * count
        assert report.error == pytest.approx(spacing_ratio(levels).error, rel=0.3)
        assert report.n_effective == pytest.approx(spacing_ratio(levels).n_effective, rel=0.45)
    once = judge_spacings(unfold_by_average(levels), scaled=True)
    often = judge_spacings(unfold_by_average(chain), scaled=True, correlated=True)
    # The autocorrelation time itself is known to a quarter, and the slowest of two is taken.
    assert often.n_effective == pytest.approx(once.n_effective, rel=0.45)
    assert often.ratio_error == pytest.approx(once.ratio_error, rel=0.3)
    assert (often.ks_p, often.cramervonmises_p) == (None, None)
    assert often.ks == pytest.approx(once.ks, abs=1e-3)


def test_squared_singular_values_unfold_by_marchenko_pastur():
    """W of 60×60 with variance 1/60: x⁻¹ᐟ² density at 0, spacings over a factor 100, one law after unfolding."""
    from fpsolve.exact.marchenko_pastur import MarchenkoPastur

    rng = np.random.default_rng(9)
    levels = np.linalg.svd(rng.normal(size=(200, 60, 60)) / np.sqrt(60.0), compute_uv=False)[:, ::-1] ** 2
    law = MarchenkoPastur(rows=60, levels=60, variance=1.0 / 60.0)
    report = judge_spacings(bulk_spacings(unfold_by_law(levels, law.cdf), 0.6), gaudin_cdf)
    assert report.mean == pytest.approx(1.0, abs=0.01)
    assert report.ks < 0.02
    raw = np.diff(levels, axis=1)
    assert judge_spacings(bulk_spacings(raw / raw.mean(), 0.6), gaudin_cdf).ks > 0.2


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda x: unfold_by_average(x, window=-1), MethodError, "cannot be negative"),
        (lambda x: bulk_spacings(x, 0.0), MethodError, r"in \(0, 1\]"),
        (lambda x: unfold_by_average(x[:, :1]), SampleError, "two levels or more"),
        (lambda x: unfold_by_law(np.nan * x, stats.norm.cdf), SampleError, "finite levels"),
        (lambda x: unfold_by_average(np.zeros_like(x)), SampleError, "no mean spacing"),
        (lambda x: spacing_ratio(x[:, :2]), SampleError, "three levels or more"),
        (lambda x: spacing_ratio(np.zeros_like(x)), SampleError, "coincide"),
        (lambda x: judge_spacings(-x), SampleError, "not negative"),
    ],
)
def test_what_cannot_be_unfolded_is_refused(call, error, message):
    with pytest.raises(error, match=message):
        call(np.random.default_rng(1).random((20, 4)) + 1.0)


def test_a_picket_fence_is_no_random_spectrum():
    fence = spacing_ratio(np.tile(np.arange(5.0), (20, 1)))
    assert fence.mean == 1.0
    assert fence.error < 1e-14
    assert min(fence.goe_z, fence.poisson_z) > 1e12
