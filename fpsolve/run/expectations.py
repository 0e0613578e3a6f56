"""[expect]: a case is also a test."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from fpsolve.cases.case import Case
from fpsolve.cases.schema import Expectation
from fpsolve.run.as_json import plain

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
        that were not computed are left out. A path that leads nowhere is not passed, and `found` says what is there:
        the result itself must not be lost for a misspelt path.
    """
    values = plain(found)
    entries = []
    for key, expectation in case.expect.items():
        if key.split(".")[0] not in found:
            continue
        try:
            entries.append(_entry(key, expectation, _follow(key, values)))
        except LookupError as error:
            entries.append(_entry(key, expectation, str(error.args[0])) | {"passed": False})
    return tuple(entries)


def _follow(path: str, found: object) -> object:
    value = found
    for part in path.split("."):
        if isinstance(value, Mapping) and part in value:
            value = value[part]
        elif isinstance(value, list) and part.isdigit() and int(part) < len(value):
            value = value[int(part)]
        else:
            msg = f"no '{part}' here; there is: {_contents(value)}"
            raise LookupError(msg)
    return value


def _contents(value: object) -> str:
    if isinstance(value, Mapping):
        return ", ".join(map(str, value))
    return f"0 to {len(value) - 1}" if isinstance(value, list) else f"the single value {value}"


def _entry(key: str, expectation: Expectation, value: object) -> dict[str, object]:
    expected = expectation.value
    if isinstance(expected, bool | str):
        passed = value == expected
        shown = value
    elif isinstance(value, str):
        passed, shown = False, value
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
