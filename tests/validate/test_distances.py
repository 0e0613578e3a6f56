"""Distances between a sample and a law: against scipy.stats, identities, calibrated p-values, and wrong laws refused."""

import numpy as np
import pytest
from scipy import stats

from fpsolve.exact.tabulated import TabulatedLaw
from fpsolve.results import Sample
from fpsolve.validate import compare
from fpsolve.validate.cramer_von_mises import cramervonmises_tail
from fpsolve.validate.laws import central_moments, mixture, table_error, tabulate
from fpsolve.validate.total_variation import binned_floor
from fpsolve.validate.wasserstein import wasserstein_distance, wasserstein_floor

ALL = ("ks", "cramervonmises", "wasserstein", "total_variation", "moments")


def table(law, cells=1600, tail=1e-13):
    """Exact cell masses of a scipy law on equal cells."""
    edges = np.linspace(law.ppf(tail), law.isf(tail), cells + 1)
    return TabulatedLaw.from_masses(edges, np.diff(law.cdf(edges)))


def values_of(values, law, statistics=ALL, **keywords):
    report = compare(Sample.from_array(values), law, statistics=statistics, **keywords)
    return {statistic.name: statistic for statistic in report.statistics}


LAWS = {
    "gaussian": stats.norm(0.7, 0.02),
    "gamma": stats.gamma(3.5, scale=0.2),
    "surmise": stats.rayleigh(scale=np.sqrt(2.0 / np.pi)),
}


@pytest.mark.parametrize("name", LAWS)
def test_each_distance_agrees_with_scipy(name):
    law = LAWS[name]
    values = law.rvs(size=500, random_state=11)
    found = values_of(values, table(law))
    reference = stats.ks_1samp(values, law.cdf)
    assert found["ks"].value == pytest.approx(reference.statistic, rel=1e-5)
    assert found["ks"].p_value == pytest.approx(reference.pvalue, rel=1e-3)
    assert found["ks"].details[0]["table_error"] < 1e-5
    reference = stats.cramervonmises(values, law.cdf)
    assert found["cramervonmises"].value == pytest.approx(reference.statistic, rel=1e-4)
    assert found["cramervonmises"].p_value == pytest.approx(reference.pvalue, abs=2e-3)
    # The law as 2 million equally likely points: |error| of that is far below 1e-4 of a standard deviation.
    points = law.ppf((np.arange(2_000_000) + 0.5) / 2_000_000)
    expected = stats.wasserstein_distance(values, points) / law.std()
    assert found["wasserstein"].value == pytest.approx(expected, rel=1e-3)
    bins = np.histogram_bin_edges(values, "fd")
    counts = np.histogram(values, bins)[0] / values.size
    outside = law.cdf(bins[0]) + law.sf(bins[-1])
    expected = 0.5 * (np.abs(counts - np.diff(law.cdf(bins))).sum() + outside)
    assert found["total_variation"].value == pytest.approx(expected, rel=1e-4)


@pytest.mark.parametrize("name", LAWS)
def test_moments_and_their_predictions(name):
    law = LAWS[name]
    values = law.rvs(size=4000, random_state=5)
    detail = values_of(values, table(law), ("moments",))["moments"].details[0]
    mean, variance, skewness = law.stats(moments="mvs")
    assert detail["mean_predicted"] == pytest.approx(mean, rel=1e-9)
    assert detail["variance_predicted"] == pytest.approx(variance, rel=1e-5)
    assert detail["skewness_predicted"] == pytest.approx(skewness, abs=1e-4)
    for key, expected in (("mean", values.mean()), ("variance", values.var()), ("skewness", stats.skew(values))):
        assert detail[key] == pytest.approx(expected, rel=1e-10)
        z = (detail[key] - detail[f"{key}_predicted"]) / detail[f"{key}_error"]
        assert detail[f"{key}_z"] == pytest.approx(z)


@pytest.mark.parametrize("name", LAWS)
def test_errors_of_moments_are_their_scatter(name):
    """The squared errors, averaged over 40 samples, against the variance of the moments of 600 samples."""
    law = LAWS[name]
    predicted, many = table(law), law.rvs(size=(600, 4000), random_state=6)
    scatter = (many.mean(axis=1).var(), many.var(axis=1).var(), stats.skew(many, axis=1).var())
    details = [values_of(values, predicted, ("moments",))["moments"].details[0] for values in many[:40]]
    for key, expected in zip(("mean", "variance", "skewness"), scatter, strict=True):
        assert np.mean([detail[f"{key}_error"] ** 2 for detail in details]) == pytest.approx(expected, rel=0.2)


@pytest.mark.parametrize("statistic", ["ks", "cramervonmises"])
def test_p_values_of_a_true_law_are_uniform(statistic):
    law = LAWS["gamma"]
    predicted = table(law)
    p_values = [
        values_of(law.rvs(size=400, random_state=seed), predicted, (statistic,))[statistic].p_value
        for seed in range(300)
    ]
    assert stats.kstest(p_values, "uniform").pvalue > 0.01


WRONG = {
    "shifted by a tenth of the width": stats.norm(0.1, 1.0),
    "width off by the root of 1.5": stats.norm(0.0, np.sqrt(1.5)),
    "right mean and width, skewed": stats.skewnorm(3.0, *[0.0, 1.0]),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_law_is_rejected_and_the_right_one_is_not(name):
    wrong = WRONG[name]
    if name.startswith("right"):
        wrong = stats.skewnorm(3.0, loc=-wrong.mean() / wrong.std(), scale=1.0 / wrong.std())
    values = stats.norm.rvs(size=20000, random_state=17)
    limits = {"ks_p": 1e-3, "cramervonmises_p": 1e-3, "wasserstein": 0.03, "total_variation": 0.035, "moments": 4.0}
    right = compare(Sample.from_array(values), table(stats.norm(0.0, 1.0)), statistics=ALL, fail_if=limits)
    assert right.passed, right.summary()
    report = compare(Sample.from_array(values), table(wrong), statistics=ALL, fail_if=limits)
    assert not report.passed
    assert [statistic.name for statistic in report.statistics if statistic.passed] == []
    assert "REJECTED" in report.summary()


def test_wasserstein_of_a_sample_against_its_own_steps_is_zero():
    ordered = np.sort(stats.norm.rvs(size=200, random_state=3))
    width = 1e-13
    edges = np.sort(np.concatenate([ordered - width, ordered + width]))
    masses = np.zeros(edges.size - 1)
    masses[::2] = 1.0 / ordered.size
    assert wasserstein_distance(ordered, TabulatedLaw.from_masses(edges, masses)) < 1e-12


@pytest.mark.parametrize("shift", [-30.0, 25.0])
def test_wasserstein_of_a_far_shift_is_the_difference_of_the_means(shift):
    law = table(stats.norm(0.0, 1.0))
    ordered = np.sort(stats.norm.rvs(size=1000, random_state=4))
    expected = abs(ordered.mean() + shift - law.mean)
    assert wasserstein_distance(ordered + shift, law) == pytest.approx(expected, rel=1e-13)


def test_shifting_a_law_against_itself_costs_the_shift_over_the_std():
    law = table(stats.norm(0.0, 1.0))
    # Midpoint quantiles of the law itself: distance 0 but for the steps of F_n, so a shift c costs c/std.
    n = 20000
    values = stats.norm.ppf((np.arange(n) + 0.5) / n)
    for shift in (0.05, 0.4):
        found = values_of(values + shift, law, ("wasserstein",))["wasserstein"]
        assert found.value == pytest.approx(shift, abs=3e-5)
        assert found.details[0]["bias"] == pytest.approx(shift, rel=1e-6)


def test_scale_and_shift_of_x_change_nothing():
    law = stats.gamma(2.0)
    values = law.rvs(size=3000, random_state=8)
    plain = values_of(values, table(law))
    scaled = values_of(1e-3 * values - 7.0, table(stats.gamma(2.0, loc=-7.0, scale=1e-3)))
    for name in ALL:
        assert scaled[name].value == pytest.approx(plain[name].value, rel=1e-7)


def test_sampling_floors_are_the_average_of_the_statistic():
    law = stats.norm(0.0, 1.0)
    predicted = table(law, cells=400)
    details = {"wasserstein": [], "total_variation": []}
    for seed in range(600):
        found = values_of(law.rvs(size=500, random_state=seed), predicted, tuple(details))
        for name, rows in details.items():
            rows.append((found[name].value, found[name].details[0]["floor"]))
    for name, rows in details.items():
        value, floor = np.mean(rows, axis=0)
        assert floor == pytest.approx(value, rel=0.06), name
    # ∫ [Φ(1 − Φ)]^{1/2} dx over the line, by an independent quadrature.
    x = np.linspace(-12.0, 12.0, 200001)
    integral = np.trapezoid(np.sqrt(law.cdf(x) * law.sf(x)), x)
    assert wasserstein_floor(predicted, 5000) == pytest.approx(np.sqrt(2.0 / (np.pi * 5000)) * integral, rel=1e-4)


def test_binned_floor_is_the_mean_absolute_deviation_of_the_binomial():
    masses = np.array([0.0, 1e-5, 0.02, 0.3, 0.67999])
    n = 400
    k = np.arange(n + 1)
    expected = sum(np.sum(stats.binom.pmf(k, n, p) * np.abs(k / n - p)) for p in masses)
    assert binned_floor(masses, n) == pytest.approx(0.5 * expected, rel=1e-10)


def test_limiting_cramer_von_mises_quantiles():
    # Anderson and Darling, Ann. Math. Statist. 23 (1952) 193, table 1.
    for probability, quantile in ((0.5, 0.11888), (0.9, 0.34730), (0.95, 0.46136), (0.99, 0.74346), (0.999, 1.16786)):
        assert cramervonmises_tail(quantile) == pytest.approx(1.0 - probability, abs=2e-5)


def test_an_empty_tail_bin_and_values_beyond_the_table_are_counted():
    law = table(stats.norm(0.0, 1.0))
    values = np.concatenate([stats.norm.rvs(size=999, random_state=1), [1e6]])
    report = compare(Sample.from_array(values), law, statistics=("total_variation", "wasserstein"))
    histogram = report.histograms[0]
    assert len(histogram["counts"]) <= 400
    assert histogram["above"][0] == 1
    assert histogram["counts"].sum() + histogram["above"][0] + histogram["below"][0] == 1000
    assert report.statistics[1].value > 999.0


def test_histograms_hold_bin_integrals():
    law = stats.expon(scale=0.01)
    report = compare(Sample.from_array(law.rvs(size=5000, random_state=2)), law.cdf)
    histogram = report.histograms[0]
    expected = 5000 * np.diff(law.cdf(histogram["edges"]))
    np.testing.assert_allclose(histogram["expected"], expected, atol=2e-3)
    assert histogram["label"] == "level 0, stationary"
    assert (histogram["against"], histogram["time"], histogram["levels"]) == ("stationary", None, [0])


def test_a_collapsed_sample_is_rejected_by_every_statistic():
    found = values_of(
        np.zeros(1000),
        table(stats.norm(1.0, 0.1)),
        fail_if=dict.fromkeys(("ks", "wasserstein", "total_variation"), 0.9),
    )
    assert not any(found[name].passed for name in ("ks", "wasserstein", "total_variation"))
    assert found["moments"].value > 100.0


@pytest.mark.parametrize("law", [stats.norm(3.0, 1e-4), stats.gamma(0.5), stats.cauchy(), stats.uniform(-1.0, 2.0)])
def test_distribution_functions_are_tabulated_at_their_quantiles(law):
    tabulated = tabulate(law.cdf, law.rvs(size=100, random_state=1))
    x = law.ppf(np.linspace(1e-6, 1.0 - 1e-6, 7001))
    assert np.max(np.abs(tabulated.cdf(x) - law.cdf(x))) < 1e-6
    assert table_error(tabulated) < 1e-4


def test_central_moments_of_a_mixture_are_those_of_its_members():
    members = [stats.norm(-1.0, 0.5), stats.norm(2.0, 1.0)]
    mixed = mixture([table(member) for member in members])
    x = np.linspace(-8.0, 12.0, 2001)
    np.testing.assert_allclose(mixed.cdf(x), np.mean([member.cdf(x) for member in members], axis=0), atol=5e-7)
    mean = 0.5
    second = 0.5 * (0.25 + 1.5**2) + 0.5 * (1.0 + 1.5**2)
    third = 0.5 * (-(1.5**3) - 3 * 1.5 * 0.25) + 0.5 * (1.5**3 + 3 * 1.5 * 1.0)
    moments = central_moments(mixed, 3)
    assert mixed.mean == pytest.approx(mean, abs=1e-7)
    np.testing.assert_allclose(moments[2:], [second, third], rtol=1e-6)


def test_cramervonmises_tail_never_rises_again():
    statistics = np.geomspace(0.02, 1e5, 200)
    tail = np.array([cramervonmises_tail(float(x)) for x in statistics])
    assert np.all(np.diff(tail) <= 1e-14)
    assert tail[-1] == 0.0
