"""What [sweep] and [expect] mean together with the rest of the case."""

from __future__ import annotations

from collections.abc import Iterator

from fpsolve.cases.case import TASKS, Case
from fpsolve.cases.faults import Fault, choices, shown, suggestion
from fpsolve.cases.fields import dotted_keys, homes_of
from fpsolve.cases.lines import KeyPath
from fpsolve.cases.schema import Sweep

__all__ = ["check_expect", "check_sweep"]


def check_sweep(case: Case, sweep: Sweep) -> Iterator[Fault]:
    """Everything that is wrong with a sweep whose types are right; its points are checked when they are made."""
    if sweep.base is not None and not case.input_path(sweep.base).is_file():
        yield Fault(("sweep", "base"), f"no such file: {shown(str(case.input_path(sweep.base)), 200)}")
    if sweep.mode == "list" and not sweep.points:
        yield Fault(("sweep", "points"), 'is required for mode = "list": a list of tables')
    if sweep.mode == "list" and sweep.axes:
        yield Fault(("sweep", "axes"), 'does not go with mode = "list"; use points, or mode = "grid" or "zip"')
    if sweep.mode != "list" and sweep.points:
        yield Fault(("sweep", "points"), f'goes with mode = "list", not {shown(sweep.mode)}')
    elif sweep.mode != "list" and not sweep.axes:
        yield Fault(("sweep", "axes"), 'is required, e.g. axes = { "sgd.batch_size" = [8, 32] }')
    lengths = {len(values) for values in sweep.axes.values()}
    if sweep.mode == "zip" and len(lengths) > 1:
        yield Fault(("sweep", "axes"), f'must have equal lengths for mode = "zip", not {sorted(lengths)}')
    for key in sweep.axes:
        yield from _axis(("sweep", "axes", key), key)
    for index, point in enumerate(sweep.points):
        for key in point:
            yield from _axis(("sweep", "points", index, key), key)


def _axis(path: KeyPath, key: str) -> Iterator[Fault]:
    """Check that an axis names a key of a case, and one that may differ from point to point."""
    parts = tuple(key.split("."))
    if parts[0] in ("schema", "title", "sweep", "output", "expect"):
        yield Fault(path, "belongs to the sweep as a whole and cannot be an axis")
    elif key not in dotted_keys():
        near = suggestion(key, dotted_keys())
        meant = [f"{home}.{parts[-1]}" for home in homes_of(parts[-1])] or ([near] if near else [])
        hint = f"; did you mean {choices(meant)}?" if meant else ""
        yield Fault(path, f"is no key of a case{hint}")


def check_expect(case: Case, *, present: frozenset[str]) -> Iterator[Fault]:
    """Check that every expected value is of a task that the case has."""
    for key in case.expect:
        task = key.split(".")[0]
        if task not in TASKS:
            near = suggestion(task, TASKS)
            hint = f"; did you mean {shown(near)}?" if near else ""
            yield Fault(("expect", key), f"must begin with {choices(TASKS)}{hint}")
        elif task not in present:
            yield Fault(("expect", key), f"the case has no [{task}] section")
