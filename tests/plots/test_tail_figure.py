"""The tail figure and the limit of large matrices hold the curves they claim."""

from __future__ import annotations

import dataclasses
import json

import numpy as np
import pytest
from scipy.stats import betaprime

import fpsolve as fp
from fpsolve.exact import MarchenkoPastur
from fpsolve.plots import figures_of, plot_tail
from fpsolve.plots.large_matrix import large_matrix_law
from fpsolve.plots.level_density import plot_level_density
from fpsolve.plots.stationary_levels import plot_stationary_levels
from fpsolve.plots.sweep_points import Points
from fpsolve.plots.sweep_random_weights import can_compare_random_weights, plot_random_weights
from fpsolve.results import Result, Sweep
from fpsolve.results.sweep import SweepPoint

TRUTH = betaprime(1.5, 1.5)


def line(panel, label):
    return next(entry for entry in panel.get_lines() if entry.get_label().startswith(label))


@pytest.fixture(scope="module")
def heavy(several):
    law = fp.stationary(fp.models.laguerre(rows=3, weight_decay=2.0, temperature=0.5, multiplicative=0.5))
    return Result(title="tail", kind="laguerre", provenance=several.provenance(), stationary=law)


@pytest.fixture(scope="module")
def trained(heavy):
    sample = fp.Sample.from_array(TRUTH.rvs(size=5000, random_state=np.random.default_rng(1)))
    report = fp.validate.compare(sample, heavy.stationary, statistics=["tail"], tail_of_steps=1.2)
    return dataclasses.replace(heavy, sample=sample, report=report)


def test_predicted_law_and_its_limit(heavy):
    panel = plot_tail(heavy).axes[0]
    x, above = line(panel, "predicted law").get_data()
    np.testing.assert_allclose(above, TRUTH.sf(x), rtol=2e-3)
    assert above[-1] == pytest.approx(1e-6, rel=0.01)
    x, power = line(panel, "its limit").get_data()
    seen = np.isfinite(power)
    assert np.ptp(np.log(power[seen]) + 1.5 * np.log(x[seen])) < 1e-12
    # The power that the law tends to: P(X > x) = x^{−b}/(b B(a, b)).
    assert power[-1] == pytest.approx(TRUTH.sf(x[-1]), rel=1e-3)
    assert "b = 1.5" in line(panel, "its limit").get_label()


def test_trained_levels_and_the_estimate(trained):
    panel = plot_tail(trained).axes[0]
    points = panel.containers[0].lines[0]
    values = np.sort(trained.sample.levels.ravel())[::-1]
    ranks = np.searchsorted(-values, -points.get_xdata()) + 1
    np.testing.assert_allclose(points.get_ydata(), ranks / 5000, rtol=1e-12)
    assert points.get_xdata()[0] == values[0]
    detail = trained.report.statistics[0].details[0]
    labels = [entry.get_text() for entry in panel.get_legend().get_texts()]
    estimate = next(label for label in labels if label.startswith("Hill"))
    assert f"b = {detail['exponent']:.3f} ± {detail['exponent_error']:.3f}" in estimate
    assert f"{detail['exponent_predicted']:.3f}" in estimate
    steps = line(panel, "discrete steps")
    assert np.diff(np.log(steps.get_ydata())) / np.diff(np.log(steps.get_xdata())) == pytest.approx(-1.2)
    assert steps.get_ydata()[0] == pytest.approx(detail["count"] / 5000)


def test_without_the_statistic_nothing_is_estimated(trained):
    labels = [
        entry.get_text()
        for entry in plot_tail(dataclasses.replace(trained, report=None)).axes[0].get_legend().get_texts()
    ]
    assert len(labels) == 3
    assert not any("Hill" in label for label in labels)


def test_only_power_laws_have_the_figure(heavy, several):
    assert "tail" in figures_of(heavy)
    light = dataclasses.replace(heavy, stationary=fp.stationary(fp.models.laguerre(rows=3, temperature=0.5)))
    assert "tail" not in figures_of(light)
    with pytest.raises(ValueError, match="no stationary law with a power-law tail"):
        plot_tail(light)


# -- large matrices ----------------------------------------------------------------------------------------------------------


def gas(several, rows, levels=3, **changes):
    model = {"kind": "laguerre", "rows": rows, "levels": levels, "temperature": 0.3 / rows, "weight_decay": 0.6}
    law = fp.stationary(fp.models.laguerre(**{key: value for key, value in model.items() if key != "kind"}))
    resolved = json.dumps({"schema": 1, "model": model | changes})
    return Result(
        title="gas", kind="laguerre", provenance=several.provenance(), stationary=law, resolved=resolved,
        sample=fp.Sample.from_array(
            np.linalg.svd(np.random.default_rng(2).standard_normal((400, rows, levels)) / np.sqrt(2 * rows))[1][:, ::-1] ** 2
        ),
    )  # fmt: skip


def test_large_matrix_law_is_read_from_the_case(several):
    assert large_matrix_law(gas(several, 6)) == MarchenkoPastur(6, 3, 0.3 / 6 / 0.6)
    for changes in ({"beta": 2.0}, {"kind": "dyson"}, {"levels": 1}, {"schedule": {}}):
        assert large_matrix_law(gas(several, 6, **changes)) is None
    assert large_matrix_law(Result(title="", kind="", provenance=several.provenance())) is None


@pytest.mark.parametrize(("draw", "factor"), [(plot_stationary_levels, 3), (plot_level_density, 1)])
def test_limit_beside_the_gas(several, draw, factor):
    result = gas(several, 6)
    figure = draw(result)
    limit = large_matrix_law(result)
    curves = [entry for entry in figure.axes[0].get_lines() if np.size(entry.get_xdata()) > 300]
    x, y = next(
        entry.get_data() for entry in curves if np.allclose(entry.get_ydata(), factor * limit.pdf(entry.get_xdata()))
    )
    assert x[0] - limit.support[0] < 1e-3
    assert np.max(y) > 0
    labels = [entry.get_text() for entry in figure.legends[0].get_texts()]
    assert "Marchenko–Pastur, r = 0.5, N → ∞" in labels


def test_random_weights_of_a_sweep(several):
    results = [gas(several, rows) for rows in (3, 6, 12)]
    points = tuple(SweepPoint(values={"model.rows": rows}, status="complete", seconds=0.0) for rows in (3, 6, 12))
    sweep = Sweep(
        title="shapes", provenance=several.provenance(), mode="list", axes={"model.rows": (3, 6, 12)}, points=points,
    )  # fmt: skip
    found = Points(sweep, results)
    assert can_compare_random_weights(found)
    assert not can_compare_random_weights(Points(sweep, [results[0], None, None]))
    assert not can_compare_random_weights(Points(sweep, [results[0], results[0], None]))
    figure = plot_random_weights(found)
    assert len(figure.axes) == 3
    for panel, result in zip(figure.axes, results, strict=True):
        limit = large_matrix_law(result)
        exact, smooth = (entry.get_data() for entry in panel.get_lines()[:2])
        np.testing.assert_allclose(smooth[1], 2 * smooth[0] * limit.pdf(smooth[0] ** 2))
        assert np.trapezoid(exact[1], exact[0]) == pytest.approx(1.0, abs=5e-3)
        # Mean of x from the density of √x: tr WᵀW/N = M σ².
        assert np.trapezoid(exact[1] * exact[0] ** 2, exact[0]) == pytest.approx(0.5, rel=5e-3)
    with pytest.raises(ValueError, match="no Laguerre gases"):
        plot_random_weights(Points(sweep, [None, None, None]))
