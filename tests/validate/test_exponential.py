"""Exponential approach of training curves: exact recovery, honest errors, the same fit to a prediction, refusals."""

from __future__ import annotations

import numpy as np
import pytest

from fpsolve.errors import SampleError
from fpsolve.exact import TwoLevelSemicircle, TwoSpeciesGas
from fpsolve.results import Sample
from fpsolve.validate import Alternative, fit_exponential, judge_alternatives, judge_exponential

TIMES = np.linspace(0.0, 8.0, 41)


def noisy(rng, replicas=200, rate=0.83):
    """Curves with noise that remembers: successive records are not independent."""
    noise = np.zeros((replicas, TIMES.size))
    for k in range(1, TIMES.size):
        noise[:, k] = 0.8 * noise[:, k - 1] + 0.05 * rng.standard_normal(replicas)
    return 2.0 - 1.7 * np.exp(-rate * TIMES) + noise


@pytest.mark.parametrize("start", [0.0, 3.0])
@pytest.mark.parametrize(("a", "b", "rate"), [(2.0, -1.7, 0.83), (-0.5, 3.0, 0.21), (1e-3, 4e-4, 5.0)])
def test_exact_curves_are_recovered(a, b, rate, start):
    times = TIMES / rate
    fit = fit_exponential(times, a + b * np.exp(-rate * times), start=start / rate)
    found = (fit.rate, fit.asymptote, fit.amplitude)
    np.testing.assert_allclose(found, (rate, a, b), rtol=1e-9)
    np.testing.assert_allclose(fit.curve(times), a + b * np.exp(-rate * times), rtol=1e-9, atol=1e-12)
    assert fit.rate_error < 1e-9 * rate
    assert (fit.replicas, fit.records) == (1, int(np.sum(times >= start / rate)))


def test_errors_of_an_ensemble_cover_the_truth():
    rng = np.random.default_rng(1)
    fits = [fit_exponential(TIMES, noisy(rng), start=1.0) for _ in range(60)]
    pulls = np.array([fit.deviation(0.83) for fit in fits])
    assert abs(pulls.mean()) < 4.5 / np.sqrt(60)
    assert 0.7 < pulls.std() < 1.3
    wrong = np.array([fit.deviation(1.1) for fit in fits])
    assert np.all(wrong < -3.0)
    # Errors from independent records would be too small: the records of one network hang together.
    assert "rate 0.8" in fits[0].summary(0.83)
    assert "predicted 0.83" in fits[0].summary(0.83)


def test_error_of_a_single_curve():
    rng = np.random.default_rng(2)
    curve = 2.0 - 1.7 * np.exp(-0.83 * TIMES)
    pulls = [fit_exponential(TIMES, curve + 0.02 * rng.standard_normal(41)).deviation(0.83) for _ in range(200)]
    assert abs(np.mean(pulls)) < 4.5 / np.sqrt(200)
    assert 0.85 < np.std(pulls) < 1.2


def test_the_amplitude_of_a_single_curve_knows_how_far_it_was_carried_back():
    """b of t = 0 from records after t = 3: most of its error is that of the rate."""
    rng = np.random.default_rng(5)
    curve = 2.0 - 1.7 * np.exp(-0.83 * TIMES)
    fits = [fit_exponential(TIMES, curve + 1e-3 * rng.standard_normal(41), start=3.0) for _ in range(200)]
    pulls = [(fit.amplitude + 1.7) / fit.amplitude_error for fit in fits]
    assert 0.85 < np.std(pulls) < 1.2
    assert abs(np.mean(pulls)) < 4.5 / np.sqrt(200)


def test_judged_level_by_level():
    rng = np.random.default_rng(3)
    levels = np.stack([noisy(rng, rate=0.4) - 1.0, noisy(rng, rate=0.9) + 1.0], axis=2)
    sample = Sample(levels=levels, steps=np.arange(41), times=TIMES, label="teacher_student")
    curves = np.stack([1.0 - 1.7 * np.exp(-0.4 * TIMES), 3.0 - 1.7 * np.exp(-0.9 * TIMES)], axis=1)
    verdict = judge_exponential(sample, [0.4, 0.9], start=1.0, curves=curves, limit=0.1)
    assert verdict.passed
    assert verdict.value < 0.05
    assert [entry["levels"] for entry in verdict.details] == [[0], [1]]
    for entry, rate in zip(verdict.details, (0.4, 0.9), strict=True):
        assert abs(entry["deviation"]) < 4.5
        assert entry["rate_of_prediction"] == pytest.approx(rate, rel=1e-9)
        assert entry["deviation_from_it"] == pytest.approx(entry["deviation"], rel=1e-6)
    assert not judge_exponential(sample, [0.5, 0.9], start=1.0, limit=0.1).passed
    with pytest.raises(SampleError, match="3 predicted rates for 2 levels"):
        judge_exponential(sample, [0.1, 0.2, 0.3])


@pytest.mark.parametrize(
    ("times", "values", "options", "words"),
    [
        (TIMES, np.ones(7), {}, "one number per record"),
        (TIMES[::-1], np.ones(41), {}, "times must increase"),
        (TIMES, np.full(41, np.nan), {}, "must be finite"),
        (TIMES, np.exp(-TIMES), {"start": 7.5}, "3 records from t = 7.5 on"),
        (TIMES, 1.0 + 2.0 * TIMES, {}, "constant or straight"),
        (TIMES, np.exp(-TIMES) * np.ones((4, 1)), {}, "4 replicas make 4 independent blocks"),
    ],
)
def test_what_cannot_be_fitted(times, values, options, words):
    with pytest.raises(SampleError, match=words):
        fit_exponential(times, values, **options)


def test_alternatives_tell_the_laws_apart():
    """Pairs of two species: their own law is as near as sampling allows, the best semicircle is not."""
    rng = np.random.default_rng(4)
    plain = rng.normal([0.0, 0.0], [1.0, 0.3], (200_000, 2))
    gap = np.abs(plain[:, 0] - plain[:, 1])
    levels = np.sort(plain[rng.random(gap.size) * gap.max() < gap], axis=1)
    sample = Sample.from_array(levels)
    law = TwoSpeciesGas((0.0, 0.0), (1.0, 0.3)).law
    verdict = judge_alternatives(sample, {(0, 1): [Alternative("two-species gas", law, {"width": [1.0, 0.3]})]})
    own, fitted = verdict.details
    assert (own["law"], fitted["law"], own["width"]) == ("two-species gas", "single semicircle, fit", [1.0, 0.3])
    assert own["excess"] < 0.3 * own["floor"]
    assert own["p_value"] > 1e-3
    assert fitted["excess"] > 5 * fitted["floor"]
    assert fitted["p_value"] < 1e-20
    assert verdict.value == own["value"]
    # Of pairs of one species the semicircle is right, and the fit finds it.
    alike = np.linalg.eigvalsh(goe(rng, 20_000))
    one = judge_alternatives(Sample.from_array(alike), {(0, 1): [Alternative("two-species gas", law)]}).details[1]
    assert one["p_value"] > 1e-3
    np.testing.assert_allclose([one["centre"][0], one["width"][0]], [0.0, 0.7], atol=0.02)
    assert TwoLevelSemicircle(0.0, 0.7).cdf(np.array([0.0]))[0] == pytest.approx(0.5)


def goe(rng, number):
    """Symmetric 2×2 matrices of diagonal variance 0.49."""
    a, b, c = rng.standard_normal((3, number)) * 0.7
    return np.stack([np.stack([a, c / np.sqrt(2)]), np.stack([c / np.sqrt(2), b])]).transpose(2, 0, 1)
