"""Hill's estimator: exact power laws, its error, the choice of the threshold."""

from importlib.util import find_spec

import numpy as np
import pytest
from scipy.stats import kstest

from fpsolve.errors import SampleError
from fpsolve.validate.hill import hill, hill_at_best_distance, hill_curve


def pareto(exponent, shape, seed=1):
    return np.random.default_rng(seed).random(shape) ** (-1 / exponent)


def test_by_hand():
    estimate = hill([1.0, 8.0, 2.0, 4.0], 3)
    assert estimate.exponent == pytest.approx(3 / np.log(64))
    assert estimate.error == pytest.approx(estimate.exponent / np.sqrt(3))
    assert (estimate.threshold, estimate.count) == (1.0, 3)
    above = np.array([2.0, 4.0, 8.0])
    assert estimate.distance == pytest.approx(kstest(above, lambda x: 1 - x**-estimate.exponent).statistic)


@pytest.mark.parametrize("exponent", [0.5, 2.0, 12.0])
def test_mean_and_error_over_many_samples(exponent):
    # On a Pareto law 1/b is a mean of k exponential numbers at any k: the estimate has the mean b k/(k − 1).
    count, repeats = 50, 2000
    drawn = pareto(exponent, (repeats, 200))
    estimates = [hill(sample, count) for sample in drawn]
    values = np.array([e.exponent for e in estimates])
    spread = exponent * count / (count - 1) / np.sqrt(count - 2)
    assert abs(values.mean() - exponent * count / (count - 1)) < 4.5 * spread / np.sqrt(repeats)
    assert values.std() == pytest.approx(spread, rel=0.08)
    assert np.mean([e.error for e in estimates]) == pytest.approx(values.std(), rel=0.08)


def test_units_do_not_matter():
    values = pareto(1.5, 1000)
    assert hill(7.0 * values, 100).exponent == pytest.approx(hill(values, 100).exponent, rel=1e-12)
    assert hill(values**2, 100).exponent == pytest.approx(hill(values, 100).exponent / 2, rel=1e-12)


def test_curve_is_flat_on_a_power_law_and_not_on_an_exponential():
    counts = [30, 100, 300, 1000]
    flat = hill_curve(pareto(3.0, 20000), counts)
    assert [e.count for e in flat] == counts
    assert all(abs(e.exponent - 3.0) < 4 * e.error for e in flat)
    light = hill_curve(np.random.default_rng(2).exponential(size=20000))
    assert light[0].exponent > 2 * light[-1].exponent
    assert light[0].count == 10
    assert light[-1].count == 2000


def test_best_distance_finds_where_the_tail_begins():
    # Uniform below 1, Pareto above with a tenth of the mass.
    rng = np.random.default_rng(3)
    values = np.where(rng.random(20000) < 0.9, rng.random(20000), pareto(2.5, 20000, seed=4))
    estimate = hill_at_best_distance(values)
    assert 0.9 < estimate.threshold < 2.0
    assert abs(estimate.exponent - 2.5) < 4 * estimate.error
    # The whole of a Pareto sample is taken.
    assert hill_at_best_distance(pareto(2.5, 3000)).distance <= hill(pareto(2.5, 3000), 2999).distance


if find_spec("powerlaw") is not None:

    @pytest.mark.filterwarnings("ignore")
    def test_against_powerlaw():
        import powerlaw

        values = pareto(1.5, 5000, seed=6)
        ours = hill(values, 500)
        theirs = powerlaw.Fit(values[values > ours.threshold], xmin=ours.threshold, verbose=False)
        # Its α is the exponent of the density.
        assert theirs.power_law.alpha - 1 == pytest.approx(ours.exponent, rel=1e-6)


@pytest.mark.parametrize(
    ("values", "count", "message"),
    [
        ([1.0, 2.0, 0.0], 2, "positive and finite"),
        ([1.0, 2.0, np.nan], 2, "positive and finite"),
        ([1.0, 2.0, 3.0], 3, "fewer than all 3 values, not 3"),
        ([1.0, 2.0, 3.0], 1, "at least 2"),
        ([1.0, 2.0, 2.0, 2.0], 2, "all equal to 2"),
    ],
)
def test_refusals(values, count, message):
    with pytest.raises(SampleError, match=message):
        hill(values, count)
    if "all" not in message:
        with pytest.raises(SampleError, match=message):
            hill_curve(values, [count])
