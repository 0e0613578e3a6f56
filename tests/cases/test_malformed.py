"""Every malformed case gets one message that names file, line and key."""

from __future__ import annotations

import runpy
from pathlib import Path

import pytest

from fpsolve.cases.load import load_case
from fpsolve.errors import CaseError, Problem

MALFORMED = [
    entry
    for name in ("malformed.py", "malformed_training.py")
    for entry in runpy.run_path(str(Path(__file__).with_name(name)))["MALFORMED"]
]


def problems_of(path, **options) -> tuple[Problem, ...]:
    with pytest.raises(CaseError) as caught:
        load_case(path, **options)
    assert caught.value.exit_code == 2
    return caught.value.problems


def test_there_are_enough_and_all_differ():
    assert len(MALFORMED) >= 40
    assert len({entry.name for entry in MALFORMED}) == len({entry.text for entry in MALFORMED}) == len(MALFORMED)


@pytest.mark.parametrize("entry", MALFORMED, ids=lambda entry: entry.name)
def test_one_message_with_file_line_and_key(entry, tmp_path):
    path = tmp_path / f"{entry.name}.toml"
    path.write_bytes(entry.text)
    problems = problems_of(path)
    assert len(problems) == 1, "\n".join(map(str, problems))
    (problem,) = problems
    assert (problem.line, problem.key) == (entry.line, entry.key), str(problem)
    assert entry.fragment in problem.message, str(problem)
    assert str(problem).startswith(f"{path}:{entry.line}: " if entry.line else f"{path}: ")
    assert "\n" not in str(problem)
