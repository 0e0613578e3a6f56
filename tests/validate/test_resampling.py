"""Jackknife and bootstrap: identities for means and variances, known errors, chains."""

from itertools import pairwise

import numpy as np
import pytest
from scipy import stats

from fpsolve.errors import SampleError
from fpsolve.validate import block_length_of, bootstrap, jackknife, memory_of


def test_leaving_one_out_gives_the_textbook_error_of_a_mean():
    x = np.random.default_rng(1).normal(size=(60, 2))
    estimate = jackknife(x, lambda part: part.mean(axis=0))
    np.testing.assert_allclose(estimate.value, x.mean(axis=0), rtol=1e-14)
    np.testing.assert_allclose(estimate.covariance, np.cov(x, rowvar=False) / 60, rtol=1e-10)
    np.testing.assert_allclose(estimate.error, x.std(axis=0, ddof=1) / np.sqrt(60), rtol=1e-10)
    np.testing.assert_allclose(estimate.bias, 0.0, atol=1e-13)
    assert estimate.blocks == 60


def test_the_bias_of_a_variance_is_found_exactly():
    x = np.random.default_rng(2).exponential(size=80)
    estimate = jackknife(x, np.var)
    assert estimate.value - estimate.bias == pytest.approx(np.var(x, ddof=1), rel=1e-12)


def test_blocks_of_unequal_lengths_are_weighted_by_their_lengths():
    """The error of a mean of n = 103 values in 10 blocks from the block means m_j: Σ (m̄_j − m̄)²/(n/m_j − 1)/10."""
    x = np.random.default_rng(3).normal(size=103)
    bounds = np.linspace(0, 103, 11).astype(int)
    lengths = np.diff(bounds)
    assert set(lengths) == {10, 11}
    means = np.array([x[a:b].mean() for a, b in pairwise(bounds)])
    expected = np.sum((means - x.mean()) ** 2 / (103 / lengths - 1.0)) / 10
    assert jackknife(x, np.mean, blocks=10).error ** 2 == pytest.approx(expected, rel=1e-10)


def test_errors_of_a_ratio_cover_the_truth():
    """⟨s²⟩/⟨s⟩² of 400 spacings of the surmise is 4/π; 400 samples, 68 ± 2.3 % within one error."""
    rng = np.random.default_rng(4)
    deviations = []
    for _ in range(400):
        s = np.sqrt(rng.exponential(size=400))
        estimate = jackknife(s, lambda part: np.mean(part**2) / np.mean(part) ** 2)
        deviations.append(float((estimate.value[0] - estimate.bias[0] - 4.0 / np.pi) / estimate.error[0]))
    inside = np.mean(np.abs(deviations) < 1.0)
    assert 0.61 < inside < 0.75
    assert abs(np.mean(deviations)) < 0.2


def chain(records, rho, rng):
    noise = rng.normal(size=records)
    x = np.empty(records)
    x[0] = noise[0] / np.sqrt(1.0 - rho**2)
    for i in range(1, records):
        x[i] = rho * x[i - 1] + noise[i]
    return x * np.sqrt(1.0 - rho**2)


def test_blocks_carry_the_memory_of_a_chain():
    """Var of the mean of x' = ρx + noise is τ/n, τ = (1 + ρ)/(1 − ρ) = 9; unblocked errors are 3 times too small."""
    rng, n, rho = np.random.default_rng(5), 8000, 0.8
    blocked, plain, drawn = [], [], []
    for _ in range(40):
        x = chain(n, rho, rng)
        length = block_length_of(memory_of(x))
        assert 60 < length < 130
        blocked.append(jackknife(x, np.mean, block_length=length).error[0] ** 2)
        plain.append(jackknife(x, np.mean).error[0] ** 2)
        drawn.append(bootstrap(x, np.mean, block_length=length, resamples=60, rng=rng).error[0] ** 2)
    truth = 9.0 / n
    assert np.mean(blocked) == pytest.approx(truth, rel=0.12)
    assert np.mean(drawn) == pytest.approx(truth, rel=0.15)
    # The default has 100 blocks of 80 records: 4.5 times more would be needed for the last percent.
    assert np.mean([jackknife(chain(n, rho, rng), np.mean, blocks=n).error[0] ** 2 for _ in range(3)]) < 0.2 * truth
    assert np.mean(plain) < 1.05 * truth
    assert block_length_of(1.0) == 1


def test_bootstrap_of_a_mean_and_of_a_median():
    x = np.random.default_rng(6).normal(size=2000)
    estimate = bootstrap(x, lambda part: [np.mean(part), np.median(part)], rng=7, resamples=1000)
    assert estimate.error[0] == pytest.approx(x.std() / np.sqrt(2000), rel=0.08)
    # The jackknife is not consistent for a median; asymptotically its variance is 1/(4 n f²) = π/(2n).
    assert estimate.error[1] == pytest.approx(np.sqrt(np.pi / 2.0 / 2000), rel=0.15)
    assert estimate.draws.shape == (1000, 2)
    low, high = estimate.interval(0.95)[:, 0]
    assert (low, high) == pytest.approx(
        (x.mean() - 1.96 * estimate.error[0], x.mean() + 1.96 * estimate.error[0]), abs=5e-3
    )
    np.testing.assert_array_equal(
        estimate.draws, bootstrap(x, lambda p: [np.mean(p), np.median(p)], rng=7, resamples=1000).draws
    )


def test_bootstrap_of_a_distance_has_the_scatter_of_the_distance():
    """KS distance of a Gaussian from one that is shifted by 0.3: over fresh samples and over resamples of one."""
    rng = np.random.default_rng(8)

    def distance(x):
        u, n = stats.norm.cdf(np.sort(x), 0.3), x.size
        return max(np.max(np.arange(1, n + 1) / n - u), np.max(u - np.arange(n) / n))

    fresh = np.std([distance(rng.normal(size=1000)) for _ in range(400)])
    assert bootstrap(rng.normal(size=1000), distance, rng=9).error[0] == pytest.approx(fresh, rel=0.15)


def test_too_few_blocks_are_refused():
    with pytest.raises(SampleError, match="7 replicas make 7 independent blocks; at least 8"):
        jackknife(np.zeros(7), np.mean)
    with pytest.raises(SampleError, match="70 replicas make 7 independent blocks of 10 records"):
        jackknife(np.zeros(70), np.mean, block_length=10)
    with pytest.raises(SampleError, match="at least 8"):
        bootstrap(np.zeros(70), np.mean, block_length=10, rng=1)
