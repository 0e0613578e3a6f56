"""A case is also a test: every shipped case is run and must meet its [expect]."""

from __future__ import annotations

import pytest

from fpsolve.cases.catalogue import shipped_case, shipped_names
from fpsolve.cases.load import load_case
from fpsolve.run import run_case

TRAINING = [name for name in shipped_names() if load_case(shipped_case(name)).sgd is not None]
OTHERS = [name for name in shipped_names() if name not in TRAINING]


def run_and_judge(name: str) -> None:
    case = load_case(shipped_case(name))
    result = run_case(case, workers=1)
    missed = [entry for entry in result.expectations if not entry["passed"]]
    assert not missed, "\n".join(f"{entry['key']}: {entry['found']}, expected {entry['value']}" for entry in missed)
    assert len(result.expectations) == len(case.expect)
    assert result.passed


@pytest.mark.parametrize("name", OTHERS)
def test_expectations_are_met(name):
    run_and_judge(name)


@pytest.mark.slow
@pytest.mark.parametrize("name", TRAINING)
def test_expectations_are_met_by_training(name):
    run_and_judge(name)
