"""Standard errors of distances, and spacings against their predicted law."""

from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from fpsolve.errors import MethodError
from fpsolve.exact.semicircle_two_level import TwoLevelSemicircle
from fpsolve.exact.surmise import spacing_cdf
from fpsolve.results import AdjacentPairs, Evolution, Sample, Stationary
from fpsolve.validate import bootstrap, compare
from fpsolve.validate.laws import tabulate

DISTANCES = ("ks", "cramervonmises", "wasserstein", "total_variation")


def pairs(rng, replicas, sigma=1.0):
    """Eigenvalues of real symmetric 2×2 Gaussian matrices, diagonal variance σ², off-diagonal σ²/2."""
    a, d = rng.normal(0.0, sigma, (2, replicas))
    half = np.hypot(0.5 * (a - d), rng.normal(0.0, sigma / np.sqrt(2.0), replicas))
    return np.stack([0.5 * (a + d) - half, 0.5 * (a + d) + half], axis=1)


def details_of(values, law, names, **keywords):
    report = compare(Sample.from_array(values), law, statistics=names, **keywords)
    return {statistic.name: statistic.details[0] for statistic in report.statistics}


NARROW = tabulate(stats.norm(0.25, 0.8).cdf, np.array([-1.0, 1.0]))


def test_errors_of_distances_are_their_scatter_where_the_law_is_wrong():
    """A Gaussian against one that is shifted by 0.25 and narrower by a fifth: 250 samples of 800."""
    rng = np.random.default_rng(1)
    found = [details_of(rng.normal(size=800), NARROW, DISTANCES) for _ in range(250)]
    for name in DISTANCES:
        values = np.array([detail[name]["value"] for detail in found])
        errors = np.array([detail[name]["value_error"] for detail in found])
        assert np.sqrt(np.mean(errors**2)) == pytest.approx(np.std(values), rel=0.2), name
    omega = np.array([detail["cramervonmises"]["omega_squared"] for detail in found])
    errors = [detail["cramervonmises"]["omega_squared_error"] for detail in found]
    assert np.sqrt(np.mean(np.square(errors))) == pytest.approx(np.std(omega), rel=0.2)
    bias = np.array([detail["wasserstein"]["bias"] for detail in found])
    errors = [detail["wasserstein"]["bias_error"] for detail in found]
    assert np.sqrt(np.mean(np.square(errors))) == pytest.approx(np.std(bias), rel=0.15)


def test_errors_of_pooled_distances_know_that_levels_of_a_replica_depend_on_each_other():
    """A pair against a semicircle of a wrong σ, pooled; treating the two levels as independent would be wrong."""
    law = tabulate(TwoLevelSemicircle(0.1, 1.2).cdf, np.array([-1.0, 1.0]))
    rng = np.random.default_rng(2)
    found = [details_of(pairs(rng, 500), law, ("ks", "wasserstein"), groups=[[0, 1]]) for _ in range(150)]
    for name in ("ks", "wasserstein"):
        values = np.array([detail[name]["value"] for detail in found])
        errors = np.array([detail[name]["value_error"] for detail in found])
        assert np.sqrt(np.mean(errors**2)) == pytest.approx(np.std(values), rel=0.2), name


def test_errors_of_universal_laws_hold_the_fit_of_the_scale():
    """Independent levels: the KS distances from surmise and semicircle over 150 samples, and ⟨S²⟩/⟨S⟩², and U₄."""
    rng = np.random.default_rng(3)
    names = ("surmise", "semicircle", "binder")
    law = tabulate(stats.norm.cdf, np.array([-1.0, 1.0]))
    found = [details_of(rng.gamma(4.0, size=(1200, 2)), law, names, groups=[[0, 1]]) for _ in range(150)]
    for name in names:
        values = np.array([detail[name]["value"] for detail in found])
        errors = np.array([detail[name]["value_error"] for detail in found])
        assert np.sqrt(np.mean(errors**2)) == pytest.approx(np.std(values), rel=0.25), name
    ratios = np.array([detail["surmise"]["ratio"] for detail in found])
    errors = np.array([detail["surmise"]["ratio_error"] for detail in found])
    assert np.sqrt(np.mean(errors**2)) == pytest.approx(np.std(ratios), rel=0.25)


def test_the_error_of_a_distance_agrees_with_the_bootstrap():
    values = np.random.default_rng(4).normal(size=1000)
    detail = details_of(values, NARROW, ("wasserstein",))["wasserstein"]
    drawn = bootstrap(
        values, lambda part: details_of(part, NARROW, ("wasserstein",))["wasserstein"]["value"], rng=5, resamples=150
    )
    assert detail["value_error"] == pytest.approx(drawn.error[0], rel=0.2)


# -- spacing -----------------------------------------------------------------------------------------------------------


def pair_prediction(sigma, centre=0.0, cells=400):
    """Stationary law of a degenerate pair with the exact law of its spacing."""
    edges = centre + sigma * np.linspace(-7.0, 7.0, cells + 1)
    law = TwoLevelSemicircle(centre, sigma)
    density = np.array([np.diff(law.level_cdf(edges, level)) for level in (0, 1)]) / np.diff(edges)
    spacing = np.linspace(0.0, 9.0 * sigma, cells + 1)
    joint = AdjacentPairs(
        edges=np.tile(edges, (1, 2, 1)),
        density=np.zeros((1, cells, cells)),
        spacing_edges=spacing[None],
        spacing_density=(np.diff(spacing_cdf(spacing, sigma)) / np.diff(spacing))[None],
        correlation=np.zeros(1),
    )
    blank = np.full(2, np.nan)
    return Stationary("exact", np.tile(edges, (2, 1)), density, blank, blank, np.nan, pairs=joint)


def test_the_spacing_is_held_against_its_predicted_law():
    values = 3.0 + pairs(np.random.default_rng(6), 4000, 0.1)
    limit = {"spacing_p": 1e-3}
    right = compare(Sample.from_array(values), pair_prediction(0.1, 3.0), fail_if=limit, groups=[[0, 1]])
    assert right.passed, right.summary()
    detail = right.statistics[-1].details[0]
    assert detail["value"] == pytest.approx(
        stats.ks_1samp(np.diff(values, axis=1)[:, 0], lambda s: spacing_cdf(s, 0.1)).statistic, abs=1e-4
    )
    assert detail["mean_spacing_predicted"] == pytest.approx(np.sqrt(np.pi) * 0.1, rel=1e-6)
    assert abs(detail["mean_spacing_z"]) < 3.0
    assert detail["levels"] == [0, 1]
    # Other than the surmise, which is scaled by the sample's own mean, it sees a wrong σ.
    wrong = compare(
        Sample.from_array(values), pair_prediction(0.11, 3.0), fail_if=limit | {"surmise_p": 1e-3}, groups=[[0, 1]]
    )
    assert {statistic.name: statistic.passed for statistic in wrong.statistics if statistic.p_threshold} == {
        "spacing": False,
        "surmise": True,
    }


def test_p_values_of_spacings_are_uniform():
    law = pair_prediction(1.0)
    p_values = [
        compare(
            Sample.from_array(pairs(np.random.default_rng(seed), 500)), law, statistics=("spacing",), groups=[[0, 1]]
        )
        .statistics[0]
        .p_value
        for seed in range(150)
    ]
    assert stats.kstest(p_values, "uniform").pvalue > 1e-3


def test_spacings_of_an_evolution_are_those_of_their_time():
    """A pair that spreads from one point: σ² = 1 − e^{−2t}; every record against its own law."""
    times = np.array([0.2, 2.0])
    laws = [pair_prediction(sigma) for sigma in np.sqrt(-np.expm1(-2.0 * times))]
    edges = np.tile(np.linspace(-7.0, 7.0, 401), (2, 1))
    spacing = np.linspace(0.0, 9.0, 401)
    widths = np.diff(spacing)
    joint = replace(
        laws[1].pairs,
        spacing_edges=spacing[None],
        spacing_density=np.array(
            [[np.diff(spacing_cdf(spacing, sigma)) / widths] for sigma in np.sqrt(-np.expm1(-2.0 * times))]
        ),
    )
    density = np.full((2, 2, 400), 1.0 / 14.0)
    blank = np.full((2, 2), np.nan)
    evolution = Evolution(
        "exact", times, edges, density, np.ones(2), np.zeros(2), blank, blank, 1, 1, 0.0, 0.0, pairs=joint
    )
    sigmas = np.sqrt(-np.expm1(-2.0 * times))
    levels = np.stack([pairs(np.random.default_rng(k), 3000, sigma) for k, sigma in enumerate(sigmas)], axis=1)
    sample = Sample.from_array(levels, steps=[1, 2], times=times)
    report = compare(sample, evolution, statistics=("spacing",), groups=[[0, 1]])
    assert [detail["time"] for detail in report.statistics[0].details] == [0.2, 2.0]
    assert min(detail["p_value"] for detail in report.statistics[0].details) > 1e-3
    swapped = Sample.from_array(levels[:, ::-1], steps=[1, 2], times=times)
    report = compare(swapped, evolution, statistics=("spacing",), groups=[[0, 1]])
    assert max(detail["p_value"] for detail in report.statistics[0].details) < 1e-10


def test_without_a_joint_law_or_a_pair_there_is_no_spacing():
    values = pairs(np.random.default_rng(7), 100)
    with pytest.raises(MethodError, match="spacing needs a group of two neighbouring levels"):
        compare(Sample.from_array(values), pair_prediction(1.0), statistics=("spacing",))
    alone = replace(pair_prediction(1.0), pairs=None)
    with pytest.raises(MethodError, match="surmise holds a degenerate pair"):
        compare(Sample.from_array(values), alone, statistics=("spacing",), groups=[[0, 1]])
