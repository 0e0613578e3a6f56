"""From a case with [sweep] to one complete case per point, all of them checked before anything runs."""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from fpsolve.cases.as_toml import to_toml, toml_value
from fpsolve.cases.base import axis_place
from fpsolve.cases.build import build_initial, build_model
from fpsolve.cases.case import Case
from fpsolve.cases.load import point_of_sweep
from fpsolve.cases.override import override_path
from fpsolve.cases.schema_tasks import SamplesStart
from fpsolve.errors import CaseError, FpsolveError, Problem
from fpsolve.run import needed_tasks
from fpsolve.run.estimate import preflight
from fpsolve.run.training import read_file
from fpsolve.sweeps.points import axes_of, point_seed, points_of

__all__ = ["Point", "SweepPlan", "plan_sweep", "point_words"]

MOST_POINTS = 100_000


@dataclass(frozen=True)
class Point:
    """One point: the values of the axes, and the case that they make."""

    values: dict[str, object]
    seed: int
    case: Case


@dataclass(frozen=True)
class SweepPlan:
    """A sweep that can run.

    Attributes
    ----------
    case : Case
        The case with [sweep]; its seed is drawn if the file has none.
    mode : {"grid", "zip", "list"}
        How the axes make the points.
    axes : dict
        Dotted keys that vary, with their values.
    points : tuple of Point
    """

    case: Case
    mode: str
    axes: dict[str, tuple[object, ...]]
    points: tuple[Point, ...]


def plan_sweep(case: Case) -> SweepPlan:
    """Make and check the case of every point.

    Parameters
    ----------
    case : Case
        With a [sweep].

    Raises
    ------
    CaseError
        No [sweep], a point twice, or points that are no valid case; the faults of all points together, each once.
    """
    section = case.sweep
    if section is None:
        msg = 'this section is missing; add e.g. [sweep] and axes = { "sgd.batch_size" = [8, 32] }'
        raise CaseError([Problem("sweep", msg, str(case.path or ""))])
    seed = case.seed if case.seed is not None else secrets.randbits(63)
    case = replace(case, seed=seed)
    values = points_of(section)
    problems = list(_conflicts(case, values))
    if problems:
        raise CaseError(problems)
    points, faults = [], Faults(case, len(values))
    for index, point in enumerate(values):
        try:
            points.append(_point(case, point, seed))
        except CaseError as error:
            faults.add(index, point, error.problems)
        except FpsolveError as error:
            faults.add(index, point, [Problem("", str(error))])
    if faults.found:
        raise CaseError(faults.problems())
    return SweepPlan(case, section.mode, axes_of(section), tuple(points))


def point_words(values: dict[str, object]) -> str:
    """Values of a point in words, e.g. ``sgd.batch_size = 8, sgd.learning_rate = 0.01``."""
    return ", ".join(f"{key} = {toml_value(value)}" for key, value in values.items())


def _conflicts(case: Case, points: Sequence[dict[str, object]]) -> Iterator[Problem]:
    """Options that the points would undo, and points that stand there twice."""
    keys = {key for point in points for key in point}
    for override in case.overrides:
        key = ".".join(override_path(override))
        if key in keys:
            yield Problem(key, "is an axis of the sweep, so this value would never be used", f"--set {override}")
    if len(points) > MOST_POINTS:
        yield Problem("sweep", f"makes {len(points)} points; the most is {MOST_POINTS}", str(case.path or ""))
        return
    first: dict[int, int] = {}
    for index, point in enumerate(points):
        # Equal seeds mean equal values.
        earlier = first.setdefault(point_seed(0, point), index)
        if earlier != index:
            file, line = axis_place(case.places, next(iter(point), ""))
            yield Problem("sweep", f"points {earlier} and {index} are the same: {point_words(point)}", file, line)


def _point(case: Case, values: dict[str, object], seed: int) -> Point:
    """Make one point; what a run of it would refuse before it starts is refused here."""
    given = values.get("seed")
    own = given if isinstance(given, int) else point_seed(seed, values)
    overrides = [f"{key}={toml_value(value)}" for key, value in values.items()]
    made = point_of_sweep(case, overrides if "seed" in values else [*overrides, f"seed={own}"])
    # The file of a point stands for itself: its case is complete and runs alone to the same numbers.
    title = f"{case.title}: {point_words(values)}"
    made = replace(made, title=title, output=None, warnings=(), places=())
    made = replace(made, text=to_toml(made.resolved()) + "\n")
    order = needed_tasks(made)
    if isinstance(made.initial, SamplesStart):
        model = build_model(made)
        preflight(made, model, build_initial(made, model, read_levels=read_file), order)
    return Point(values, own, made)


class Faults:
    """Faults of the points of a sweep; one that many points share is told once."""

    def __init__(self, case: Case, total: int) -> None:
        self.found: dict[Problem, list[int]] = {}
        self._places = case.places
        self._total = total

    def add(self, index: int, values: dict[str, object], problems: Sequence[Problem]) -> None:
        """Take the faults of one point."""
        options = {f"--set {key}={toml_value(value)}": key for key, value in values.items()}
        for problem in problems:
            if problem.file in options:
                key = options[problem.file]
                value = toml_value(values[key])
                file, line = axis_place(self._places, key)
                told = replace(problem, file=file, line=line, message=f"{problem.message} (value {value} of the sweep)")
            else:
                told = problem
            self.found.setdefault(told, []).append(index)

    def problems(self) -> list[Problem]:
        """Every fault once, with the points that have it where not all do."""
        return [self._with_points(problem, indices) for problem, indices in self.found.items()]

    def _with_points(self, problem: Problem, indices: Sequence[int]) -> Problem:
        if len(indices) == self._total:
            return problem
        few = ", ".join(map(str, indices[:3])) + (f" and {len(indices) - 3} more" if len(indices) > 3 else "")
        return replace(problem, message=f"{problem.message} [point{'s' if len(indices) > 1 else ''} {few}]")
