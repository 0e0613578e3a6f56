"""A case is also a test: every shipped case is run and must meet its [expect]."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from fpsolve.cases.catalogue import shipped_case, shipped_names
from fpsolve.cases.load import load_case
from fpsolve.run import run_case
from fpsolve.sweeps import sweep

CASES = {name: load_case(shipped_case(name)) for name in shipped_names()}
# Published sizes: three quarters of an hour, and scans of several trainings.
FULL = ["rbm_published", "rbm_pairs_scan", "rbm_pairs_batch_scan"]
# Training, and the evolution of ten levels, take longer than a test should.
LONG = [
    name
    for name, case in CASES.items()
    if (case.sgd is not None or name == "rbm_learning_ten_levels") and name not in FULL
]
SHORT = [name for name in CASES if name not in LONG and name not in FULL]


def run_and_judge(name: str) -> None:
    case = load_case(shipped_case(name))
    if case.sweep is not None:
        points = sweep(case, workers=1).points
        assert [(point.status, point.message) for point in points] == [("complete", "")] * len(points)
        return
    result = run_case(case, workers=1)
    missed = [entry for entry in result.expectations if not entry["passed"]]
    assert not missed, "\n".join(f"{entry['key']}: {entry['found']}, expected {entry['value']}" for entry in missed)
    assert len(result.expectations) == len(case.expect)
    assert result.passed


@pytest.mark.parametrize("name", SHORT)
def test_expectations_are_met(name):
    run_and_judge(name)


@pytest.mark.slow
@pytest.mark.parametrize("name", LONG)
def test_expectations_are_met_by_long_runs(name):
    run_and_judge(name)


@pytest.mark.nightly
@pytest.mark.parametrize("name", FULL)
def test_expectations_are_met_at_published_sizes(name):
    run_and_judge(name)


@pytest.mark.slow
def test_the_published_training_shortened():
    """From small weights, at ten times the learning rate and 3 % of the updates: learnt, but for the slowest levels."""
    overrides = ["sgd.learning_rate=0.1", "sgd.steps=3500", "sgd.replicas=400", "sgd.record_at=[0, 3500]"]
    case = load_case(shipped_case("rbm_published"), overrides=[*overrides, "validate.fail_if={}", "expect={}"])
    report = run_case(case).report
    found = {entry.name: entry.details for entry in report.statistics}
    for detail in found["mean_spacing"][1:]:
        assert abs(detail["relative"]) < 0.03 + 3.5 * detail["value_error"]
    for detail in found["ratio"][2:]:
        assert abs(detail["ratio"] - detail["predicted"]) < 0.005 + 4.0 * detail["error"]


def test_ten_levels_on_few_cells_up_to_the_first_expectation():
    """The flagship of many levels, cut to t = 10 and a quarter of its cells."""
    whole = CASES["rbm_learning_ten_levels"]
    case = load_case(whole.path, overrides=["evolve.times=[1.0, 10.0]", "grid.cells=184"])
    result = run_case(replace(case, stationary=None, expect={}))
    expected = np.array(whole.expect["evolve.levels.3.mean"].value)
    assert result.evolution.mean.shape == (2, 10)
    np.testing.assert_allclose(result.evolution.mean[1], expected, atol=0.1 * result.evolution.std[1].max())
    np.testing.assert_allclose(result.evolution.mass, 1.0, atol=1e-10)
    assert result.evolution.minimum.min() >= 0.0
