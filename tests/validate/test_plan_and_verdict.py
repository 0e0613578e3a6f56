"""What is compared with what, thresholds, correlated samples, and refusals."""

import json
from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from fpsolve.errors import MethodError, SampleError
from fpsolve.exact.tabulated import TabulatedLaw
from fpsolve.results import Evolution, Report, Sample, Stationary
from fpsolve.validate import STATISTICS, compare
from fpsolve.validate.comparison import Finding

TIMES = np.array([0.5, 1.0, 4.0])


def stationary_law(mean=0.0, std=1.0, cells=400):
    edges = np.linspace(mean - 7.0 * std, mean + 7.0 * std, cells + 1)[None, :]
    density = np.diff(stats.norm.cdf(edges, mean, std)) / np.diff(edges)
    return Stationary("exact", edges, density, np.array([mean]), np.array([std]), np.nan)


def evolving_law(times=TIMES, cells=400):
    """Mean e^{−t} and unit width."""
    edges = np.linspace(-7.0, 8.0, cells + 1)[None, :]
    means = np.exp(-times)
    density = np.stack([np.diff(stats.norm.cdf(edges, mean, 1.0)) / np.diff(edges) for mean in means])
    ones = np.ones(times.size)
    return Evolution(
        "exact", times, edges, density, ones, 0.0 * ones, means[:, None], ones[:, None], cells, 1, 0.0, 0.0
    )


def moving_sample(replicas=5000, times=TIMES, seed=1):
    rng = np.random.default_rng(seed)
    levels = rng.normal(np.exp(-times), 1.0, (replicas, times.size))[:, :, None]
    return Sample.from_array(levels, steps=np.arange(1, times.size + 1) * 100, times=times)


def test_an_evolution_meets_every_record_at_its_own_time():
    report = compare(moving_sample(), evolving_law(), fail_if={"ks_p": 1e-3})
    assert report.passed, report.summary()
    details = report.statistics[0].details
    assert [(detail["against"], detail["time"], detail["step"]) for detail in details] == [
        ("evolve", time, step) for time, step in zip(TIMES, (100, 200, 300), strict=True)
    ]
    assert report.statistics[0].value == max(detail["value"] for detail in details)
    assert report.statistics[0].p_value == min(detail["p_value"] for detail in details)
    # The same records in the wrong order do not fit.
    sample = moving_sample()
    mixed = replace(sample, levels=sample.levels[:, ::-1])
    assert not compare(mixed, evolving_law(), fail_if={"ks_p": 1e-3}).passed


def test_a_stationary_law_meets_the_last_record_only():
    sample = moving_sample(times=np.array([0.1, 40.0]))
    report = compare(sample, stationary_law(), fail_if={"ks_p": 1e-3})
    assert report.passed
    assert [(detail["step"], detail["time"]) for detail in report.statistics[0].details] == [(200, 40.0)]


def test_both_predictions_at_once_and_a_choice_between_them():
    sample = moving_sample()
    both = [stationary_law(np.exp(-4.0)), evolving_law()]
    against = [detail["against"] for detail in compare(sample, both).statistics[0].details]
    assert against == ["stationary", "evolve", "evolve", "evolve"]
    chosen = compare(sample, both, against="stationary").statistics[0].details
    assert [detail["against"] for detail in chosen] == ["stationary"]
    with pytest.raises(MethodError, match="against = 'evolve', but no such prediction"):
        compare(sample, both[0], against=["evolve"])


def test_a_record_at_the_start_is_given_and_not_compared():
    sample = moving_sample(times=np.array([0.0, 0.5]))
    assert len(compare(sample, evolving_law()).statistics[0].details) == 1
    with pytest.raises(SampleError, match="no record after t = 0"):
        compare(moving_sample(times=np.array([0.0])), evolving_law())


def test_times_are_matched_to_rounding_and_no_further():
    almost = moving_sample(times=TIMES * (1.0 + 5e-10))
    assert compare(almost, evolving_law()).statistics[0].details[0]["time"] == pytest.approx(0.5)
    with pytest.raises(SampleError, match=r"step 200 was taken at t = 1.0001.*nearest is 1\)"):
        compare(moving_sample(times=np.array([0.5, 1.0001, 4.0])), evolving_law())
    without_clock = replace(moving_sample(), times=np.full(3, np.nan))
    with pytest.raises(SampleError, match="step 100 has no Fokker–Planck time"):
        compare(without_clock, evolving_law())


def test_a_law_may_be_a_table_or_a_distribution_function():
    sample = Sample.from_array(stats.norm.rvs(size=3000, random_state=3))
    reports = [compare(sample, law) for law in (stationary_law(), stationary_law().law(0), stats.norm.cdf)]
    for report in reports[1:]:
        assert report.statistics[0].value == pytest.approx(reports[0].statistics[0].value, rel=1e-3)
        assert report.statistics[1].value == pytest.approx(reports[0].statistics[1].value, rel=1e-3)


def test_thresholds_reject_at_equality_and_say_so():
    sample = Sample.from_array(stats.norm.rvs(size=3000, random_state=3))
    ks = compare(sample, stats.norm.cdf, statistics=("ks",)).statistics[0]
    for limits, passed in (
        ({"ks": ks.value}, False),
        ({"ks": np.nextafter(ks.value, 1.0)}, True),
        ({"ks_p": ks.p_value}, False),
        ({"ks_p": np.nextafter(ks.p_value, 0.0)}, True),
        ({"ks": 0.5, "ks_p": ks.p_value}, False),
    ):
        report = compare(sample, stats.norm.cdf, statistics=("ks",), fail_if=limits)
        assert report.passed is passed
        assert report.statistics[0].passed is passed
        assert (report.statistics[0].threshold, report.statistics[0].p_threshold) == (
            limits.get("ks"),
            limits.get("ks_p"),
        )


@pytest.mark.parametrize("place", [0, 1, 2])
def test_a_value_that_is_not_a_number_rejects_wherever_it_stands(monkeypatch, place):
    values = iter([np.nan if record == place else 0.01 for record in range(3)])
    monkeypatch.setitem(STATISTICS, "ks", lambda comparison: Finding(next(values), 0.5, 10.0))
    report = compare(moving_sample(), evolving_law(), statistics=("ks",), fail_if={"ks": 0.5})
    assert not report.passed
    assert np.isnan(report.statistics[0].value)


def test_a_statistic_named_by_fail_if_is_computed():
    report = compare(moving_sample(), stationary_law(), statistics=("ks",), fail_if={"moments": 3.0})
    assert [statistic.name for statistic in report.statistics] == ["ks", "moments"]


@pytest.mark.parametrize(
    ("keywords", "message"),
    [
        ({"statistics": ("waserstein",)}, "did you mean wasserstein"),
        ({"fail_if": {"kss": 0.1}}, "did you mean ks"),
        ({"fail_if": {"wasserstein_p": 0.1}}, "wasserstein has no p-value; those that have one: ks"),
        ({"fail_if": {"ks": -0.1}}, "must be positive"),
        ({"fail_if": {"ks": float("nan")}}, "must be positive"),
        ({"fail_if": {"ks_p": 1.0}}, "between 0 and 1"),
        ({"groups": [[0, 0]]}, "at most once"),
        ({"groups": [[1]]}, "must name levels 0 … 0"),
        ({"groups": [[]]}, "at least one level"),
    ],
)
def test_nonsense_is_refused_with_a_hint(keywords, message):
    with pytest.raises(MethodError, match=message) as caught:
        compare(moving_sample(), stationary_law(), **keywords)
    assert caught.value.exit_code == 2


@pytest.mark.parametrize(
    ("prediction", "message"),
    [
        (3.0, "not float"),
        ([], "no prediction"),
        (lambda x: 2.0 * stats.norm.cdf(x), "distribution function"),
        (lambda x: 1.0 - stats.norm.cdf(x), "distribution function"),
        (lambda x: np.full_like(x, np.nan), "distribution function"),
        (lambda _: 0.5, "distribution function"),
        (lambda x: stats.norm.cdf(x) - 0.3 * stats.norm.pdf(x) * np.sin(9.0 * x), "distribution function"),
    ],
)
def test_what_is_no_law_is_refused(prediction, message):
    with pytest.raises(MethodError, match=message):
        compare(moving_sample(), prediction)


def test_samples_that_do_not_fit_are_refused():
    two = Sample.from_array(np.random.default_rng(1).normal(size=(50, 1, 2)))
    with pytest.raises(SampleError, match="the sample holds 2 levels, the prediction 1"):
        compare(two, stationary_law())
    with pytest.raises(MethodError, match="one law for 2 groups"):
        compare(two, stats.norm.cdf)
    with pytest.raises(SampleError, match="7 replicas cannot be compared"):
        compare(Sample.from_array(np.arange(7.0)), stationary_law())
    broken = replace(moving_sample(), levels=np.full((10, 3, 1), np.nan))
    with pytest.raises(SampleError, match="not finite"):
        compare(broken, stationary_law())


def chain(records, rho, seed=4):
    rng = np.random.default_rng(seed)
    x = np.empty(records)
    x[0] = rng.normal()
    for i in range(1, records):
        x[i] = rho * x[i - 1] + np.sqrt(1.0 - rho**2) * rng.normal()
    return x


@pytest.mark.parametrize("axis", ["replica", "step"])
def test_a_correlated_chain_claims_no_p_value_and_counts_its_memory(axis):
    values = chain(40000, rho=0.9)
    levels = values[:, None, None] if axis == "replica" else values[None, :, None]
    sample = replace(Sample.from_array(levels), correlated=True)
    report = compare(sample, stationary_law(), statistics=("ks", "wasserstein", "moments"), fail_if={"ks": 0.03})
    assert report.passed
    for statistic in report.statistics:
        assert statistic.p_value is None
        # τ of the place F(x) is (1 + ρ)/(1 − ρ) = 19 up to the curvature of F.
        assert statistic.n_effective == pytest.approx(40000 / 19.0, rel=0.15)
    detail = report.statistics[2].details[0]
    assert detail["mean_error"] == pytest.approx(np.sqrt(19.0 / 40000.0), rel=0.15)
    with pytest.raises(MethodError, match="marked correlated"):
        compare(sample, stationary_law(), fail_if={"ks_p": 0.01})


def test_a_report_is_made_of_plain_numbers():
    report = compare(
        moving_sample(), [stationary_law(), evolving_law()], statistics=("ks", "total_variation", "moments")
    )
    for statistic in report.statistics:
        for detail in statistic.details:
            assert json.loads(json.dumps(detail)) == detail


def test_summary_names_the_worst_place_and_the_verdict():
    sample = moving_sample()
    text = compare(sample, evolving_law(), fail_if={"wasserstein": 0.2, "ks_p": 1e-4}).summary()
    assert text.splitlines()[0] == "prediction accepted"
    assert [line.split()[0] for line in text.splitlines()[1:]] == ["statistic", "ks", "wasserstein"]
    assert text.count("passed") == 2
    text = compare(sample, stationary_law(5.0), fail_if={"wasserstein": 0.2}).summary()
    assert text.splitlines()[0] == "prediction REJECTED"
    assert "reported" in text
    assert Report(statistics=()).passed


def test_tables_may_be_used_without_a_stationary_record():
    law = TabulatedLaw.from_density(stationary_law().edges[0], stationary_law().density[0])
    assert compare(moving_sample(times=np.array([50.0])), law, fail_if={"wasserstein": 0.05}).passed
