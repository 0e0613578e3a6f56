"""What [initial], [grid], [evolve], [spectrum] and [stationary] mean together with the model."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from fpsolve.cases.case import Case
from fpsolve.cases.check_model import list_faults, order_faults, walls
from fpsolve.cases.faults import Fault, shown
from fpsolve.cases.lines import Toml
from fpsolve.cases.resolve import as_list, level_count
from fpsolve.cases.schema_model import Model, Potential
from fpsolve.cases.schema_tasks import (
    GaussianStart,
    MarchenkoPasturStart,
    PairStart,
    PointStart,
    SamplesStart,
    TimeSeries,
)

__all__ = ["absorbs", "check_tasks"]


def absorbs(model: Model) -> bool:
    """Return True if probability leaves through a wall."""
    return isinstance(model, Potential) and "absorbing" in as_list(model.boundary)


def check_tasks(case: Case, *, present: frozenset[str]) -> Iterator[Fault]:
    """Everything that is wrong with the tasks, in those sections of a case whose types are right.

    `present` names the sections that the file has; one that is present but None in `case` has faults of its own.
    """
    if case.evolve is not None:
        yield from _times(case.evolve.times)
        if "initial" not in present:
            yield Fault(("evolve",), 'needs an [initial] section, e.g. kind = "gaussian", mean = 0.2, std = 0.05')
    if case.initial is not None:
        yield from _sizes(case.initial, case.model)
        if isinstance(case.initial, SamplesStart) and not case.input_path(case.initial.path).is_file():
            yield Fault(("initial", "path"), f"no such file: {shown(str(case.input_path(case.initial.path)), 200)}")
    if case.model is None:
        return
    yield from _places(case, walls(case.model))
    if absorbs(case.model):
        yield from _no_stationary_law(case, "an absorbing wall takes all probability in the end")
    elif case.model.schedule is not None:
        yield from _no_stationary_law(case, "the schedule changes the noise with time")


def _times(times: Toml) -> Iterator[Fault]:
    if not isinstance(times, TimeSeries):
        for index, (left, right) in enumerate(pairwise(times)):
            if right <= left:
                yield Fault(("evolve", "times", index + 1), f"must increase strictly, but {right:g} follows {left:g}")
                return
    elif times.last <= times.first:
        yield Fault(("evolve", "times", "last"), f"must be > first = {times.first:g}, not {times.last:g}")


def _sizes(initial: Toml, model: Model | None) -> Iterator[Fault]:
    """Hold lists of the start against the number of levels."""
    levels = level_count(model) if model is not None else 0
    keys = ("mean", "std") if isinstance(initial, GaussianStart) else ("at",) if isinstance(initial, PointStart) else ()
    for key in keys:
        if levels:
            yield from list_faults(("initial", key), getattr(initial, key), levels)
        if key != "std":
            yield from order_faults(("initial", key), getattr(initial, key))
    if isinstance(initial, PointStart) and model is not None and model.beta > 0.0:
        yield from _coincident(initial.at, levels)
    if isinstance(initial, PairStart) and levels not in (0, 2):
        yield Fault(("initial", "kind"), f'"pair" is the law of 2 levels, but the model has {levels}')
    if isinstance(initial, MarchenkoPasturStart) and initial.rows < levels:
        yield Fault(("initial", "rows"), f"must be ≥ the number of levels {levels}, not {initial.rows}")


def _coincident(at: Toml, levels: int) -> Iterator[Fault]:
    """Check that levels that repel start apart."""
    if not isinstance(at, tuple) and levels > 1:
        yield Fault(
            ("initial", "at"), f"puts all {levels} levels at {at:g}, but levels repel: give one place each, ascending"
        )
    for index, (left, right) in enumerate(pairwise(as_list(at))):
        if left == right:
            yield Fault(
                ("initial", "at", index + 1), f"is {right:g} like the one before, but levels repel: move them apart"
            )
            return


def _places(case: Case, outer: tuple[float, float]) -> Iterator[Fault]:
    """Check that the grid lies inside the walls, and the start inside the grid."""
    domain = case.grid.domain if case.grid is not None else None
    if domain is not None:
        if not domain[0] < domain[1]:
            yield Fault(("grid", "domain"), f"must be [lower, upper] with lower < upper, not {shown(domain)}")
            return
        if domain[0] < outer[0] or domain[1] > outer[1]:
            yield Fault(
                ("grid", "domain"),
                f"must lie inside the walls [{outer[0]:g}, {outer[1]:g}] of the model, not {shown(domain)}",
            )
            return
    inner, name = (domain, "the grid") if domain is not None else (outer, "the walls")
    for key, places in _centres(case.initial):
        for index, place in enumerate(as_list(places)):
            if not inner[0] <= place <= inner[1]:
                path = ("initial", key, index) if isinstance(places, tuple) else ("initial", key)
                yield Fault(path, f"must lie inside {name} [{inner[0]:g}, {inner[1]:g}], not {place:g}")


def _centres(initial: Toml) -> Iterator[tuple[str, Toml]]:
    if isinstance(initial, GaussianStart | PairStart):
        yield "mean", initial.mean
    elif isinstance(initial, PointStart):
        yield "at", initial.at


def _no_stationary_law(case: Case, cause: str) -> Iterator[Fault]:
    reason = f"{cause}, so there is no stationary law"
    if case.stationary is not None:
        yield Fault(("stationary",), reason)
    if case.initial is not None and case.initial.kind == "stationary":
        yield Fault(("initial", "kind"), f'"stationary" is not possible: {reason}')
    if case.validate is not None and "stationary" in case.validate.against:
        yield Fault(("validate", "against"), f'"stationary" is not possible: {reason}')
