"""What a run would do: methods, cells, memory and cost, found without computing anything."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, replace

from fpsolve.cases.build import build_initial, build_model, evolution_times
from fpsolve.cases.case import Case
from fpsolve.cases.schema_sgd import RbmSgd
from fpsolve.cases.schema_tasks import Grid
from fpsolve.grids.axis import Axis
from fpsolve.models.initial_law import InitialLaw
from fpsolve.models.level_gas import LevelGas
from fpsolve.operators.default_axis import default_axis
from fpsolve.run.as_toml import to_toml
from fpsolve.run.training import read_file
from fpsolve.solvers.methods import choose_method, fitting_methods

__all__ = ["Estimate", "estimate", "preflight"]

# Rough costs on one core of a current processor, for orders of magnitude only.
SECONDS_PER_NORMAL = 3e-9
SECONDS_PER_CELL_AND_TIME = 5e-6
DOUBLE = 8
TYPICAL_POINTS = 800


@dataclass(frozen=True)
class Estimate:
    """What `fpsolve check` prints.

    Attributes
    ----------
    resolved : dict
        The case with every default filled in.
    tasks : tuple of str
        Sections that a run computes, in order.
    axis : Axis or None
        Cells of the evolution; None without one.
    methods : dict
        Task -> the method chosen and, in the same order of preference, those that would do too.
    memory : int
        Bytes of the largest arrays.
    seconds : float
        Rough wall time on the cores of this machine.
    notes : tuple of str
        One line per task.
    """

    resolved: dict[str, object]
    tasks: tuple[str, ...]
    axis: Axis | None
    methods: dict[str, tuple[str, ...]]
    memory: int
    seconds: float
    notes: tuple[str, ...]
    warnings: tuple[str, ...] = ()

    def as_json(self) -> dict[str, object]:
        """Plain values for --json."""
        axis = self.axis
        grid = None
        if axis is not None:
            grid = {"domain": [axis.lower, axis.upper], "cells": axis.cells, "grading": axis.grading}
        return {
            "valid": True,
            "tasks": list(self.tasks),
            "grid": grid,
            "methods": {task: list(names) for task, names in self.methods.items()},
            "memory_bytes": self.memory,
            "seconds": self.seconds,
            "warnings": list(self.warnings),
            "resolved": self.resolved,
        }

    def text(self) -> str:
        """Readable text: the resolved case as TOML, then the plan as comments, so that all of it is a valid case."""
        lines = [to_toml(self.resolved), "", "# The case is valid. A run computes:"]
        lines += [f"#   {note}" for note in self.notes]
        lines += [f"# Largest arrays: about {_bytes(self.memory)}. Time: about {_duration(self.seconds)} here."]
        lines += [f"# Warning: {warning}" for warning in self.warnings]
        return "\n".join(lines)


def estimate(case: Case) -> Estimate:
    """Plan a run of all sections of a case.

    Raises
    ------
    FpsolveError
        What a run would refuse before it starts: a method or a grid that does not fit.
    """
    model = build_model(case)
    initial = build_initial(case, model, read_levels=read_file)
    tasks = case.tasks
    axis, methods = preflight(case, model, initial, tasks)
    notes, memory, seconds = [], 0, 1.0
    resolved = case
    for task in tasks:
        if task == "evolve" and axis is not None and case.evolve is not None:
            times = evolution_times(case.evolve)
            cells = f"{axis.cells} cells"
            if methods["evolve"][0] == "scharfetter_gummel" and (case.grid is None or case.grid.cells is None):
                cells += " (doubled until their L1 error is below 1e-3)"
            notes.append(
                f"evolve: {cells} on [{axis.lower:.6g}, {axis.upper:.6g}], {axis.grading} spacing, "
                f"{times.size} output times, method {methods['evolve'][0]}"
            )
            memory += times.size * axis.cells * DOUBLE
            seconds += times.size * axis.cells * SECONDS_PER_CELL_AND_TIME
            grid = Grid(cells=axis.cells, domain=(axis.lower, axis.upper), grading=axis.grading)
            resolved = replace(resolved, grid=grid)
        elif task == "spectrum" and case.spectrum is not None:
            notes.append(f"spectrum: {case.spectrum.states} states, method {methods['spectrum'][0]}")
            points = case.spectrum.points or case.spectrum.modes or TYPICAL_POINTS
            memory += case.spectrum.states * points * DOUBLE
        elif task == "sgd" and isinstance(case.sgd, RbmSgd):
            cost, size = _training_cost(case.sgd)
            notes.append(f"sgd: {case.sgd.replicas} replicas × {case.sgd.steps} updates, {_bytes(size)} of levels")
            memory, seconds = memory + size, seconds + cost
        else:
            notes.append(task)
    for task, names in methods.items():
        if len(names) > 1:
            notes.append(f"methods that fit {task}: {', '.join(sorted(names))}")
    return Estimate(
        resolved=resolved.resolved(),
        tasks=tasks,
        axis=axis,
        methods=methods,
        memory=memory,
        seconds=seconds,
        notes=tuple(notes),
        warnings=case.warnings,
    )


def preflight(
    case: Case, model: LevelGas, initial: InitialLaw | None, tasks: Sequence[str]
) -> tuple[Axis | None, dict[str, tuple[str, ...]]]:
    """Choose methods and cells as the solvers will, so that what does not fit is refused before any work.

    Returns
    -------
    axis : Axis or None
        Cells of the evolution.
    methods : dict
        Task -> the chosen method first, then the others that fit.
    """
    axis, methods = None, {}
    if "evolve" in tasks and case.evolve is not None:
        chosen = choose_method("evolve", model, case.evolve.method)
        methods["evolve"] = tuple(dict.fromkeys([chosen, *fitting_methods("evolve", model)]))
        grid = case.grid or Grid()
        axis = default_axis(model, initial, cells=grid.cells, domain=grid.domain, grading=grid.grading)
    if "spectrum" in tasks and case.spectrum is not None:
        chosen = choose_method("spectrum", model, case.spectrum.method)
        methods["spectrum"] = tuple(dict.fromkeys([chosen, *fitting_methods("spectrum", model)]))
    return axis, methods


def _training_cost(section: RbmSgd) -> tuple[float, int]:
    """Seconds on all cores of this machine, and bytes of the recorded levels."""
    visible = 1 if section.kappa is None or isinstance(section.kappa, float) else len(section.kappa)
    hidden = section.hidden or visible
    batch = section.batch_size or 1
    normals = batch * (section.sweeps or 1) * (visible + hidden) + (batch * visible if section.data == "batch" else 0)
    cost = section.replicas * section.steps * normals * SECONDS_PER_NORMAL / (os.cpu_count() or 1)
    records = len(section.record_at or (0,))
    return cost, section.replicas * records * min(visible, hidden) * DOUBLE


def _bytes(size: int) -> str:
    value, unit = float(size), "B"
    for larger in ("KiB", "MiB", "GiB"):
        if value < 1024.0:
            break
        value, unit = value / 1024.0, larger
    return f"{value:.3g} {unit}"


def _duration(seconds: float) -> str:
    if seconds < 90.0:
        return f"{seconds:.2g} s"
    return f"{seconds / 60.0:.2g} min" if seconds < 5400.0 else f"{seconds / 3600.0:.2g} h"
