"""The statistic "tail": the exponent above a threshold, its error, and what it refuses."""

import sys

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.stats import betaprime, invgamma, kstest

import fpsolve as fp
from fpsolve.errors import MethodError, SampleError
from fpsolve.exact.tabulated import TabulatedLaw
from fpsolve.validate import compare
from fpsolve.validate.hill import hill
from fpsolve.validate.powerlaw_fit import powerlaw_fit
from fpsolve.validate.tail import exponent_above, tail_count

MODEL = fp.models.laguerre(rows=3, weight_decay=2.0, temperature=0.5, multiplicative=0.5)
TRUTH = betaprime(1.5, 1.5)


@pytest.fixture(scope="module")
def law():
    return fp.stationary(MODEL)


def drawn(truth, size, seed):
    return fp.Sample.from_array(truth.rvs(size=size, random_state=np.random.default_rng(seed)))


def exact_exponent(threshold):
    start = np.log(threshold)
    points = [start + 1, start + 5]
    return TRUTH.sf(threshold) / quad(lambda log: TRUTH.sf(np.exp(log)), start, start + 60, points=points, limit=200)[0]


@pytest.mark.parametrize("threshold", [1.0, 10.0, 100.0, 3000.0])
def test_exponent_above_a_threshold(law, threshold):
    assert exponent_above(law.law(), threshold, 1.5) == pytest.approx(exact_exponent(threshold), rel=1e-4)


def test_beyond_the_table_the_limit_is_left():
    edges = np.geomspace(1.0, 50.0, 400)
    table = TabulatedLaw.from_masses(edges, -np.diff(edges**-0.7))
    # The table was normalised; what it cut off is put back, so that the power law has its exponent everywhere.
    for threshold in (1.0, 5.0, 49.0, 50.0, 400.0):
        assert exponent_above(table, threshold, 0.7) == pytest.approx(0.7, rel=1e-4)


def test_value_error_and_p_value_over_many_samples(law):
    """Drawn from the true law: deviations in errors are normal, although the exponent is still 4 % below its limit."""
    details = [
        compare(drawn(TRUTH, 20000, seed), law, statistics=["tail"]).statistics[0].details[0] for seed in range(150)
    ]
    z = np.array([detail["exponent_z"] for detail in details])
    assert kstest(z, "norm").pvalue > 1e-3
    assert kstest([detail["p_value"] for detail in details], "uniform").pvalue > 1e-3
    first = details[0]
    assert (first["count"], first["exponent_limit"]) == (tail_count(20000), 1.5)
    assert np.mean([detail["exponent_predicted"] for detail in details]) == pytest.approx(
        exact_exponent(TRUTH.isf(tail_count(20000) / 20000)), abs=0.002
    )
    assert first["value"] == pytest.approx(abs(first["exponent"] / first["exponent_predicted"] - 1))
    assert first["exponent_error"] == pytest.approx(first["exponent"] / np.sqrt(first["count"]))


def test_another_tail_is_rejected(law):
    report = compare(drawn(betaprime(1.5, 1.8), 20000, 1), law, statistics=["tail"], fail_if={"tail_p": 1e-3})
    assert not report.passed
    assert report.statistics[0].value > 0.1
    assert compare(drawn(TRUTH, 20000, 2), law, statistics=["tail"], fail_if={"tail_p": 1e-3}).passed


def test_tail_of_discrete_steps_is_told_beside_it(law):
    report = compare(drawn(TRUTH, 20000, 3), law, statistics=["tail"], tail_of_steps=1.2)
    detail = report.statistics[0].details[0]
    assert detail["exponent_steps"] == 1.2
    assert detail["exponent_steps_z"] == pytest.approx((detail["exponent"] - 1.2) / 1.2 * np.sqrt(detail["count"]))
    assert "exponent_steps" not in compare(drawn(TRUTH, 20000, 3), law, statistics=["tail"]).statistics[0].details[0]


def test_a_chain_has_fewer_independent_values(law):
    rng = np.random.default_rng(4)
    chain = np.repeat(TRUTH.rvs(size=2000, random_state=rng), 10)
    sample = fp.Sample.from_array(chain, correlated=True)
    statistic = compare(sample, law, statistics=["tail"]).statistics[0]
    assert statistic.p_value is None
    assert statistic.n_effective == pytest.approx(tail_count(20000) / 10, rel=0.3)


def test_geometric_law():
    model = fp.models.geometric(source=1.0, growth=-1.0, strength=0.5)
    truth = invgamma(3.0, scale=2.0)
    report = compare(drawn(truth, 50000, 5), fp.stationary(model), statistics=["ks", "tail"], fail_if={"tail_p": 1e-3})
    assert report.passed
    assert report.statistics[1].details[0]["exponent_limit"] == 3.0


def test_refusals(law):
    with pytest.raises(MethodError, match="tail needs a stationary law with a power-law tail"):
        compare(drawn(TRUTH, 1000, 6), fp.stationary(fp.models.laguerre(rows=3, temperature=0.5)), statistics=["tail"])
    with pytest.raises(SampleError, match="300 values have no tail to fit"):
        compare(drawn(TRUTH, 300, 7), law, statistics=["tail"])
    with pytest.raises(SampleError, match="at least 349 are needed"):
        tail_count(348)
    assert tail_count(349) == 50


# -- the package powerlaw --------------------------------------------------------------------------------------------------


def test_powerlaw_agrees_above_the_same_threshold():
    values = drawn(TRUTH, 20000, 8).levels
    ours = hill(values, 500)
    theirs = powerlaw_fit(values, threshold=ours.threshold)
    # Its tail begins with the threshold itself, ours above it.
    assert theirs.tail.count == 501
    assert theirs.tail.exponent == pytest.approx(ours.exponent * 501 / 500, rel=1e-6)
    assert theirs.tail.error == pytest.approx(theirs.tail.exponent / np.sqrt(501), rel=1e-9)
    assert theirs.tail.distance == pytest.approx(ours.distance, abs=2 / 501)


@pytest.mark.parametrize("exponent", [1.5, 4.0])
def test_powerlaw_finds_where_the_tail_begins(exponent):
    # Uniform below 1, Pareto above with a tenth of the mass; 4 is beyond the exponents that the package looks for unasked.
    rng = np.random.default_rng(9)
    values = np.where(rng.random(4000) < 0.9, rng.random(4000), rng.random(4000) ** (-1 / exponent))
    fit = powerlaw_fit(values, largest=600)
    assert 0.9 < fit.tail.threshold < 3.0
    assert abs(fit.tail.exponent - exponent) < 4 * fit.tail.error
    assert abs(fit.lognormal_ratio) < 3.0


def test_powerlaw_prefers_a_lognormal_where_it_is_one():
    fit = powerlaw_fit(np.random.default_rng(10).lognormal(size=3000), threshold=1.0)
    assert fit.lognormal_ratio < 0.0
    assert fit.lognormal_p < 1e-3


def test_without_powerlaw_it_says_how_to_get_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "powerlaw", None)
    with pytest.raises(MethodError, match=r"pip install 'fpsolve\[tails\]'"):
        powerlaw_fit(np.arange(1.0, 100.0))


@pytest.mark.parametrize(
    ("values", "message"), [([1.0, -2.0] * 10, "positive and finite"), (np.ones(50), "at least 10 different values")]
)
def test_powerlaw_refusals(values, message):
    with pytest.raises(SampleError, match=message):
        powerlaw_fit(values)
