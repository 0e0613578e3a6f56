"""Degenerate groups: ten levels with four pairs, the universal laws of a pair, and effective sample sizes."""

import numpy as np
import pytest
from scipy import stats

from fpsolve.errors import MethodError
from fpsolve.exact.semicircle_two_level import TwoLevelSemicircle
from fpsolve.results import Evolution, Sample, Stationary
from fpsolve.validate import PAIR_STATISTICS, compare, groups_of
from fpsolve.validate.effective import autocorrelation_time, pooled_size
from fpsolve.validate.laws import tabulate
from fpsolve.validate.null_tables import SEMICIRCLE, SURMISE, tail_probability

# Ten sites, m² = 4: κ = 4 + 2 − 2 cos(2πq/10), two singles and four pairs; levels x = 9 − κ ascend.
KAPPA = np.sort(6.0 - 2.0 * np.cos(2.0 * np.pi * np.arange(10) / 10.0))[::-1]
GROUPS = ((0,), (1, 2), (3, 4), (5, 6), (7, 8), (9,))
SIGMA = 0.02


def pairs(rng, replicas, sigma=1.0):
    """Eigenvalues of real symmetric 2×2 Gaussian matrices, diagonal variance σ², off-diagonal σ²/2."""
    a, d = rng.normal(0.0, sigma, (2, replicas))
    b = rng.normal(0.0, sigma / np.sqrt(2.0), replicas)
    half = np.hypot(0.5 * (a - d), b)
    return np.stack([0.5 * (a + d) - half, 0.5 * (a + d) + half], axis=1)


def ten_levels(replicas, seed, sigma=SIGMA, centres=9.0 - KAPPA):
    rng = np.random.default_rng(seed)
    levels = np.empty((replicas, 10))
    for group in GROUPS:
        if len(group) == 1:
            levels[:, group[0]] = rng.normal(centres[group[0]], sigma, replicas)
        else:
            levels[:, list(group)] = centres[group[0]] + pairs(rng, replicas, sigma)
    return Sample.from_array(levels[:, None, :], steps=[1000])


def ten_level_law(sigma=SIGMA, cells=400):
    edges = np.empty((10, cells + 1))
    density = np.empty((10, cells))
    for group in GROUPS:
        for member, level in enumerate(group):
            centre = 9.0 - KAPPA[level]
            edges[level] = np.linspace(centre - 7.0 * sigma, centre + 7.0 * sigma, cells + 1)
            if len(group) == 1:
                cdf = stats.norm.cdf(edges[level], centre, sigma)
            else:
                cdf = TwoLevelSemicircle(centre, sigma).level_cdf(edges[level], member)
            density[level] = np.diff(cdf) / np.diff(edges[level])
    blank = np.full(10, np.nan)
    return Stationary(
        method="exact", edges=edges, density=density, mean=blank, std=blank, log_partition_function=np.nan
    )


POOLED = tabulate(TwoLevelSemicircle(0.0, 1.0).cdf, np.array([-1.0, 1.0]))


def test_groups_of_the_lattice_are_two_singles_and_four_pairs():
    assert groups_of(KAPPA) == GROUPS
    assert groups_of([3.0, 2.0, 1.0]) == ((0,), (1,), (2,))
    # A pair that differs in the last digits, as an eigenvalue solver leaves it.
    assert groups_of([3.0, 2.0 * (1.0 + 4e-16), 2.0, 1.0]) == ((0,), (1, 2), (3,))
    assert groups_of([2.0, 2.0, 2.0]) == ((0, 1, 2),)


def test_ten_levels_with_four_pairs_are_accepted():
    statistics = ("ks", "cramervonmises", "wasserstein", "total_variation", "moments", *PAIR_STATISTICS)
    limits = {
        "ks_p": 1e-3,
        "wasserstein": 0.04,
        "surmise_p": 1e-3,
        "semicircle_p": 1e-3,
        "binder_p": 1e-3,
        "moments": 4.5,
    }
    report = compare(
        ten_levels(20000, seed=2), ten_level_law(), statistics=statistics, fail_if=limits, groups=groups_of(KAPPA)
    )
    assert report.passed, report.summary()
    found = {statistic.name: statistic for statistic in report.statistics}
    assert [detail["levels"] for detail in found["ks"].details] == [list(group) for group in GROUPS]
    assert [detail["levels"] for detail in found["surmise"].details] == [[1, 2], [3, 4], [5, 6], [7, 8]]
    assert [histogram["levels"] for histogram in report.histograms] == [list(group) for group in GROUPS]
    assert [int(histogram["counts"].sum()) for histogram in report.histograms] == [20000, *[40000] * 4, 20000]
    for name in ("surmise", "semicircle"):
        for detail in found[name].details:
            assert abs(detail["sigma"] - SIGMA) < 5.0 * detail["sigma_error"] < 0.05 * SIGMA
    for detail in found["binder"].details:
        assert abs(detail["u4"] + 4.0 / 27.0) < 5.0 * detail["u4_error"] < 0.05
    for detail in found["ks"].details:
        assert detail["p_bonferroni"] == pytest.approx(min(1.0, 6 * detail["p_value"]))


def test_ten_levels_with_a_wrong_width_are_rejected_in_every_group():
    report = compare(
        ten_levels(20000, seed=3), ten_level_law(SIGMA * np.sqrt(1.5)), fail_if={"wasserstein": 0.04}, groups=GROUPS
    )
    assert not report.passed
    assert all(detail["value"] >= 0.04 for detail in report.statistics[1].details)


def test_one_wrong_group_is_enough_and_is_named():
    centres = 9.0 - KAPPA
    centres[[3, 4]] += 0.3 * SIGMA
    report = compare(
        ten_levels(20000, seed=4, centres=centres), ten_level_law(), fail_if={"wasserstein": 0.05}, groups=GROUPS
    )
    assert [detail["levels"] for detail in report.statistics[1].details if detail["value"] >= 0.05] == [[3, 4]]
    assert "levels [3, 4]" in report.summary()


def test_pooling_takes_the_sorting_bias_out():
    """Sorted levels of a pair follow their own laws, not the pooled one; only the pooled histogram follows the mixture."""
    values = pairs(np.random.default_rng(5), 5000)
    assert p_value(values, POOLED, "ks") > 1e-3
    lower = compare(Sample.from_array(values), POOLED, groups=[[0]])
    assert lower.statistics[0].p_value < 1e-10


def p_value(values, law, statistic):
    report = compare(Sample.from_array(values), law, statistics=(statistic,), groups=[[0, 1]])
    return report.statistics[0].p_value


@pytest.mark.parametrize("statistic", PAIR_STATISTICS)
def test_p_values_of_universal_laws_are_uniform(statistic):
    p_values = [
        p_value(3.0 + pairs(np.random.default_rng(seed), 2000, sigma=0.1), POOLED, statistic) for seed in range(300)
    ]
    assert stats.kstest(p_values, "uniform").pvalue > 1e-3


@pytest.mark.parametrize("statistic", ["ks", "cramervonmises"])
def test_p_values_of_pooled_pairs_keep_their_promise_where_they_reject(statistic):
    """Pooled p-values are not exact; where a verdict is drawn they must not be too small, nor too large to reject."""
    p_values = np.array([p_value(pairs(np.random.default_rng(seed), 500), POOLED, statistic) for seed in range(400)])
    # 400 tests at 5 % reject 20 ± 4.4; the medians of exact ones are at 0.5 ± 0.025.
    assert 5 <= np.sum(p_values < 0.05) <= 34
    assert np.sum(p_values < 0.001) <= 4
    assert 0.35 < np.median(p_values) < 0.6


def test_a_pair_is_pooled_at_every_time_of_an_evolution():
    """A pair that spreads from one point: X(t) is a Gaussian matrix of variance 1 − e^{−2t}."""
    times = np.array([0.2, 1.0, 5.0])
    edges = np.tile(np.linspace(-7.0, 7.0, 801), (2, 1))
    sigmas = np.sqrt(-np.expm1(-2.0 * times))
    cdf = [[TwoLevelSemicircle(0.0, sigma).level_cdf(edges[0], level) for level in (0, 1)] for sigma in sigmas]
    blank, widths = np.full((3, 2), np.nan), np.diff(edges[0])
    evolution = Evolution(
        "exact", times, edges, np.diff(cdf) / widths, np.ones(3), np.zeros(3), blank, blank, 1, 1, 0.0, 0.0
    )
    levels = np.stack([pairs(np.random.default_rng(k), 10000, sigma) for k, sigma in enumerate(sigmas)], axis=1)
    sample = Sample.from_array(levels, steps=[1, 2, 3], times=times)
    report = compare(
        sample, evolution, statistics=("ks", "surmise"), fail_if={"ks_p": 1e-3, "surmise_p": 1e-3}, groups=[[0, 1]]
    )
    assert report.passed, report.summary()
    assert [detail["time"] for detail in report.statistics[0].details] == [0.2, 1.0, 5.0]
    # The universal laws are those of the stationary state: only the last record is held against them.
    assert [detail["time"] for detail in report.statistics[1].details] == [5.0]


WRONG_PAIRS = {
    "independent levels": lambda rng, n: np.sort(rng.normal(size=(n, 2)), axis=1),
    "complex matrices (repulsion squared)": lambda rng, n: np.linalg.eigvalsh(
        np.array([[1, 0], [0, 0]]) * rng.normal(size=(n, 1, 1))
        + np.array([[0, 0], [0, 1]]) * rng.normal(size=(n, 1, 1))
        + np.array([[0, 1], [1, 0]]) * rng.normal(scale=np.sqrt(0.5), size=(n, 1, 1))
        + np.array([[0, -1j], [1j, 0]]) * rng.normal(scale=np.sqrt(0.5), size=(n, 1, 1))
    ),
    "not degenerate": lambda rng, n: pairs(rng, n) + rng.choice([0.0, 1.0], size=(n, 1)) + np.array([-1.5, 1.5]),
}


@pytest.mark.parametrize("name", WRONG_PAIRS)
@pytest.mark.parametrize("statistic", ["surmise", "semicircle"])
def test_universal_laws_refuse_other_pairs(statistic, name):
    values = WRONG_PAIRS[name](np.random.default_rng(6), 4000)
    limit = {f"{statistic}_p": 1e-3}
    report = compare(Sample.from_array(values), POOLED, statistics=(statistic,), fail_if=limit, groups=[[0, 1]])
    assert not report.passed, report.summary()


@pytest.mark.parametrize("statistic", PAIR_STATISTICS)
def test_universal_laws_do_not_see_scale_or_place(statistic):
    values = pairs(np.random.default_rng(7), 1000)
    found = [
        compare(Sample.from_array(x), POOLED, statistics=(statistic,), groups=[[0, 1]]).statistics[0].value
        for x in (values, 1e-4 * values + 8.0)
    ]
    assert found[1] == pytest.approx(found[0], rel=1e-8)


@pytest.mark.parametrize("statistic", PAIR_STATISTICS)
def test_pair_statistics_need_a_pair(statistic):
    with pytest.raises(MethodError, match=r"needs a degenerate pair.*without one: ks"):
        compare(Sample.from_array(np.zeros((100, 1, 1))), POOLED, statistics=(statistic,))
    three = Sample.from_array(np.random.default_rng(1).normal(size=(100, 1, 3)))
    with pytest.raises(MethodError, match="needs a degenerate pair"):
        compare(three, POOLED, statistics=(statistic,), groups=[[0, 1, 2]])


def test_null_tables_against_fresh_simulations():
    rng = np.random.default_rng(8)
    n, draws = 300, 4000
    spacing = np.sort(np.sqrt(rng.exponential(size=(draws, n))), axis=1)
    uniform = 1.0 - np.exp(-0.25 * np.pi * (spacing / spacing.mean(axis=1, keepdims=True)) ** 2)
    ranks = np.arange(n + 1) / n
    distance = np.maximum((ranks[1:] - uniform).max(axis=1), (uniform - ranks[:-1]).max(axis=1))
    for probability in (0.5, 0.1, 0.01):
        found = tail_probability(np.quantile(distance, 1.0 - probability), n, SURMISE)
        assert found == pytest.approx(
            probability, rel=3.0 * np.sqrt((1.0 - probability) / (draws * probability)) + 0.05
        )
    # Beyond the table the tail goes on falling, and at 0 nothing is unlikely.
    for nulls in (SURMISE, SEMICIRCLE):
        tails = [tail_probability(z / np.sqrt(1000), 1000, nulls) for z in (0.0, 1.0, 2.0, 4.0)]
        assert tails[0] == 1.0
        assert np.all(np.diff(tails) < 0.0)
        assert tails[-1] < 1e-15


@pytest.mark.parametrize("rho", [0.0, 0.6, 0.9])
def test_autocorrelation_time_of_a_first_order_chain(rho):
    """τ = (1 + ρ)/(1 − ρ) for x' = ρx + noise."""
    rng = np.random.default_rng(9)
    noise = rng.normal(size=200_000)
    chain = np.empty_like(noise)
    chain[0] = noise[0] / np.sqrt(1.0 - rho**2)
    for i in range(1, chain.size):
        chain[i] = rho * chain[i - 1] + noise[i]
    assert autocorrelation_time(chain) == pytest.approx((1.0 + rho) / (1.0 - rho), rel=0.06)


def test_pooled_size_of_independent_and_of_identical_levels():
    rng = np.random.default_rng(10)
    independent = rng.uniform(size=(20000, 3))
    assert pooled_size(independent) == pytest.approx(60000, rel=0.03)
    identical = np.repeat(rng.uniform(size=(20000, 1)), 3, axis=1)
    assert pooled_size(identical) == pytest.approx(20000, rel=0.01)
    assert pooled_size(independent[:, :1]) == 20000


def test_pooled_size_predicts_the_scatter_of_the_pooled_distribution_function():
    """n_effective of 200 samples of pairs against the variance of F_n over those samples."""
    law = TwoLevelSemicircle(0.0, 1.0)
    grid = np.linspace(-3.0, 3.0, 61)
    found, sizes = [], []
    for seed in range(200):
        values = pairs(np.random.default_rng(seed), 500)
        found.append(np.searchsorted(np.sort(values, axis=None), grid) / values.size)
        sizes.append(pooled_size(law.cdf(values)))
    weight = law.pdf(grid)
    expected = np.sum(weight * law.cdf(grid) * (1.0 - law.cdf(grid))) / np.sum(weight * np.var(found, axis=0))
    assert np.mean(sizes) == pytest.approx(expected, rel=0.1)
    assert np.mean(sizes) > 2.5 * 500  # repulsion makes a pair worth more than two independent levels
