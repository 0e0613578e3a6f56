"""[expect]: a case is also a test."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from fpsolve.cases.case import Case
from fpsolve.cases.schema import Expectation
from fpsolve.errors import CaseError, Problem

__all__ = ["judge"]


def judge(case: Case, found: Mapping[str, object]) -> tuple[dict[str, object], ...]:
    """Compare the numbers of [expect] with those found.

    Parameters
    ----------
    found : mapping
        The object that ``--json`` prints.

    Returns
    -------
    tuple of dict
        key, value, found, tolerance, source, passed. A list is compared with the leading entries. Keys of sections
        that were not computed are left out.

    Raises
    ------
    CaseError
        A path that leads nowhere in a section that was computed.
    """
    entries = []
    for key, expectation in case.expect.items():
        if key.split(".")[0] in found:
            entries.append(_entry(key, expectation, _follow(key, found, str(case.path or ""))))
    return tuple(entries)


def _follow(path: str, found: Mapping[str, object], file: str) -> object:
    value: object = found
    for part in path.split("."):
        if isinstance(value, Mapping) and part in value:
            value = value[part]
        elif isinstance(value, list | tuple) and part.isdigit() and int(part) < len(value):
            value = value[int(part)]
        else:
            known = ", ".join(map(str, value)) if isinstance(value, Mapping) else f"0 to {_last_index(value)}"
            raise CaseError([Problem(f"expect.{path}", f"there is no '{part}' here; there are: {known}", file=file)])
    return value


def _last_index(value: object) -> str:
    return str(len(value) - 1) if isinstance(value, list | tuple) else "nothing (this is a number)"


def _entry(key: str, expectation: Expectation, value: object) -> dict[str, object]:
    expected = expectation.value
    if isinstance(expected, bool | str):
        passed = value == expected
        shown = value
    else:
        target = np.atleast_1d(np.asarray(expected, dtype=np.float64))
        given = np.ravel(np.asarray(value, dtype=np.float64))
        shown = given[: target.size].tolist() if isinstance(expected, tuple) else value
        enough = given.size >= target.size
        passed = enough and bool(
            np.allclose(given[: target.size], target, rtol=expectation.rtol, atol=expectation.atol)
        )
    return {
        "key": key,
        "value": list(expected) if isinstance(expected, tuple) else expected,
        "found": shown,
        "tolerance": f"rtol {expectation.rtol:g}, atol {expectation.atol:g}",
        "source": expectation.source,
        "passed": bool(passed),
    }
