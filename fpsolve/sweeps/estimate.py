"""What a sweep would do: points, time and memory, found without computing anything."""

from __future__ import annotations

import os
from dataclasses import dataclass

from fpsolve.cases.as_toml import to_toml
from fpsolve.cases.build import build_initial, build_model, start_of_case
from fpsolve.cases.case import Case
from fpsolve.cases.costs import in_bytes, in_time
from fpsolve.run.estimate import Plan, preflight
from fpsolve.run.training import read_file
from fpsolve.sweeps.plan import SweepPlan, plan_sweep

__all__ = ["SweepEstimate", "estimate_sweep"]

OVERHEAD = 0.1
"""Seconds of a point that are spent on reading its case and writing its file."""


@dataclass(frozen=True)
class SweepEstimate:
    """What `fpsolve check` prints of a sweep.

    Attributes
    ----------
    plan : SweepPlan
    tasks : tuple of str
        Sections that every point computes.
    seconds : tuple of float
        Rough time of each point, alone on all cores of this machine.
    total : float
        Rough wall time of all points, as many at a time as there are cores [s].
    memory : int
        Bytes of the largest arrays of one point.
    warnings : tuple of str
    """

    plan: SweepPlan
    tasks: tuple[str, ...]
    seconds: tuple[float, ...]
    total: float
    memory: int
    warnings: tuple[str, ...]

    def as_json(self) -> dict[str, object]:
        """Plain values for --json."""
        return {
            "valid": True,
            "points": len(self.plan.points),
            "mode": self.plan.mode,
            "axes": self.plan.axes,
            "tasks": list(self.tasks),
            "seconds": self.total,
            "point_seconds": list(self.seconds),
            "memory_bytes": self.memory,
            "warnings": list(self.warnings),
            "resolved": self.plan.case.resolved(),
        }

    def text(self) -> str:
        """Readable text: the resolved case as TOML, then the plan as comments, so that all of it is a valid case."""
        count = len(self.plan.points)
        sign = " × " if self.plan.mode == "grid" else ", "
        axes = sign.join(f"{key} ({len(values)})" for key, values in self.plan.axes.items())
        slowest = max(range(count), key=lambda index: self.seconds[index])
        lines = [
            to_toml(self.plan.case.resolved()),
            "",
            f"# The case is valid: a sweep of {count} point{'s' if count > 1 else ''}, {self.plan.mode} of {axes}.",
            f"# Every point computes: {', '.join(self.tasks)}. To see the plan of one, check it without [sweep].",
            f"# Time: about {in_time(self.total)} here on {_cores()} workers; the longest point is {slowest}.",
            f"# Largest arrays of one point: about {in_bytes(self.memory)}; every worker has one point at a time.",
        ]
        return "\n".join([*lines, *(f"# Warning: {warning}" for warning in self.warnings)])


def estimate_sweep(case: Case) -> SweepEstimate:
    """Plan a sweep and add up what its points cost.

    Raises
    ------
    CaseError
        As `plan_sweep`.
    """
    plan = plan_sweep(case)
    plans = [_plans(point.case) for point in plan.points]
    return SweepEstimate(
        plan=plan,
        tasks=tuple(entry.task for entry in plans[0]),
        seconds=tuple(OVERHEAD + sum(entry.cost.seconds for entry in point if entry.cost) for point in plans),
        total=1.0 + sum(OVERHEAD / _cores() + sum(_share(entry) for entry in point) for point in plans),
        memory=max(sum(entry.cost.memory for entry in point if entry.cost) for point in plans),
        warnings=plan.case.warnings,
    )


def _plans(case: Case) -> tuple[Plan, ...]:
    model = build_model(case)
    return preflight(case, model, start_of_case(case, build_initial(case, model, read_levels=read_file)), case.tasks)


def _share(plan: Plan) -> float:
    """Wall time that a task adds to a sweep on all cores; that of training is given for all cores already."""
    if plan.cost is None:
        return 0.0
    return plan.cost.seconds if plan.task == "sgd" else plan.cost.seconds / _cores()


def _cores() -> int:
    return os.cpu_count() or 1
