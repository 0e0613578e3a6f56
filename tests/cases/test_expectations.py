"""A case is also a test: every shipped case is run and must meet its [expect]."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from fpsolve.cases.catalogue import shipped_case, shipped_names
from fpsolve.cases.load import load_case
from fpsolve.run import run_case

CASES = {name: load_case(shipped_case(name)) for name in shipped_names()}
# Training, and the evolution of ten levels, take longer than a test should.
LONG = [name for name, case in CASES.items() if case.sgd is not None or name == "rbm_learning_ten_levels"]
SHORT = [name for name in CASES if name not in LONG]


def run_and_judge(name: str) -> None:
    case = load_case(shipped_case(name))
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
