"""What a run would do: methods, cells, memory and cost, found without computing anything."""

from __future__ import annotations

import os
import re
import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from fpsolve.cases.as_toml import to_toml
from fpsolve.cases.build import build_initial, build_model, start_of_case
from fpsolve.cases.case import Case
from fpsolve.cases.costs import (
    Cost,
    Start,
    evolution_cost,
    evolution_times,
    gas_cost,
    in_bytes,
    in_time,
    other_cost,
    spectrum_cost,
)
from fpsolve.cases.schema_sgd import LinearNetworkSgd, MatrixLangevinSgd, RbmSgd, TeacherStudentSgd
from fpsolve.errors import FpsolveError
from fpsolve.models.level_gas import LevelGas
from fpsolve.run.training import level_groups, read_file
from fpsolve.solvers.methods import choose_method, methods_of

__all__ = ["Estimate", "Option", "Plan", "estimate", "preflight"]

# Rough costs on one core of a current processor, for orders of magnitude only.
SECONDS_PER_NORMAL, SECONDS_PER_PRODUCT = 5e-9, 3e-10
# Of a record of a Langevin matrix, and of each of its entries: normals and singular values.
SECONDS_PER_MATRIX, SECONDS_PER_ENTRY = 3e-6, 1.5e-7
# Batches beyond this size draw their second moment by rejection, at a cost that does not grow.
MOST_UNIFORMS = 64
DOUBLE = 8
WIDTH = 116


@dataclass(frozen=True)
class Plan:
    """What one task of a run computes, by which method, at what cost (None where it is next to nothing)."""

    task: str
    method: str | None
    words: str
    cost: Cost | None = None

    def as_json(self) -> dict[str, object]:
        """Plain values for --json."""
        out: dict[str, object] = {"method": self.method, "what": self.words}
        if self.cost is not None:
            out |= {
                "unknowns": self.cost.unknowns,
                "memory_bytes": self.cost.memory,
                "seconds": self.cost.seconds,
                "size": self.cost.words,
            }
        return out


@dataclass(frozen=True)
class Option:
    """One method of the table beside this case.

    Attributes
    ----------
    task : {"evolve", "spectrum"}
    name : str
    chosen : bool
        Whether the run uses it.
    note : str
        Accuracy and what it is for, as measured.
    objection : str or None
        Why it does not take the case; None if it does.
    cost : Cost or None
        None where it does not take the case.
    """

    task: Literal["evolve", "spectrum"]
    name: str
    chosen: bool
    note: str
    objection: str | None
    cost: Cost | None

    def lines(self) -> Iterator[str]:
        """A few lines of text."""
        if self.objection is not None:
            yield from _wrapped(f"{self.name}: not here, {self.objection}", "  ")
            return
        yield from _wrapped(f"{self.name}{' (chosen)' if self.chosen else ''}: {self.note}", "  ")
        if self.cost is not None:
            yield from _wrapped(self.cost.text(), "      ")

    def as_json(self) -> dict[str, object]:
        """Plain values for --json."""
        out: dict[str, object] = {
            "name": self.name,
            "chosen": self.chosen,
            "note": self.note,
            "fits": not self.objection,
        }
        if self.objection is not None:
            out["objection"] = self.objection
        if self.cost is not None:
            out |= {
                "unknowns": self.cost.unknowns,
                "memory_bytes": self.cost.memory,
                "seconds": self.cost.seconds,
                "size": self.cost.words,
            }
        return out


@dataclass(frozen=True)
class Estimate:
    """What `fpsolve check` prints.

    Attributes
    ----------
    resolved : dict
        The case with every default filled in.
    levels : int
        Number of levels N.
    plans : tuple of Plan
        One per task, in the order of the sections.
    options : tuple of Option
        All methods of the tasks that have a choice.
    warnings : tuple of str
    """

    resolved: dict[str, object]
    levels: int
    plans: tuple[Plan, ...]
    options: tuple[Option, ...]
    warnings: tuple[str, ...] = ()

    @property
    def tasks(self) -> tuple[str, ...]:
        """Sections that a run computes, in order."""
        return tuple(plan.task for plan in self.plans)

    @property
    def memory(self) -> int:
        """Bytes of the largest arrays of all tasks together."""
        return sum(plan.cost.memory for plan in self.plans if plan.cost is not None)

    @property
    def seconds(self) -> float:
        """Rough wall time of all tasks together."""
        return 1.0 + sum(plan.cost.seconds for plan in self.plans if plan.cost is not None)

    def as_json(self) -> dict[str, object]:
        """Plain values for --json."""
        return {
            "valid": True,
            "levels": self.levels,
            "tasks": list(self.tasks),
            "grid": self.resolved.get("grid"),
            "plans": {plan.task: plan.as_json() for plan in self.plans},
            "methods": {
                task: [option.as_json() for option in self.options if option.task == task]
                for task in dict.fromkeys(option.task for option in self.options)
            },
            "memory_bytes": self.memory,
            "seconds": self.seconds,
            "warnings": list(self.warnings),
            "resolved": self.resolved,
        }

    def text(self) -> str:
        """Readable text: the resolved case as TOML, then the plan as comments, so that all of it is a valid case."""
        count = f"{self.levels} level{'s' if self.levels > 1 else ''}"
        lines = [to_toml(self.resolved), "", f"# The case is valid: {count}. A run computes:"]
        for plan in self.plans:
            cost = f"; {plan.cost.text()}" if plan.cost is not None else ""
            lines += _wrapped(f"{plan.task}: {plan.words}{cost}", "  ")
        for task in dict.fromkeys(option.task for option in self.options):
            lines += [f"# Methods of [{task}], the default first:"]
            lines += [line for option in self.options if option.task == task for line in option.lines()]
        lines += [f"# Largest arrays: about {in_bytes(self.memory)}. Time: about {in_time(self.seconds)} here."]
        lines += [f"# Warning: {warning}" for warning in self.warnings]
        return "\n".join(lines)


def _wrapped(text: str, indent: str) -> list[str]:
    """Break a line of a comment, but not between a number and its unit."""
    first, held = f"# {indent}", re.sub(r"(?<=\d) (?=(?:s|min|h|%|B|[KMG]iB)\b|%)", "\u00a0", text)
    lines = textwrap.wrap(held, WIDTH, initial_indent=first, subsequent_indent=first + "    ", break_on_hyphens=False)
    return [line.replace("\u00a0", " ") for line in lines]


def estimate(case: Case) -> Estimate:
    """Plan a run of all sections of a case.

    Raises
    ------
    FpsolveError
        What a run would refuse before it starts: a method or a grid that does not fit.
    """
    model = build_model(case)
    start = start_of_case(case, build_initial(case, model, read_levels=read_file))
    plans = preflight(case, model, start, case.tasks)
    resolved = case
    for plan in plans:
        if plan.task == "evolve" and plan.cost is not None and plan.cost.grid is not None:
            resolved = replace(resolved, grid=plan.cost.grid)
    return Estimate(
        resolved=resolved.resolved(),
        levels=model.n,
        plans=plans,
        options=tuple(_options(case, model, start, plans)),
        warnings=case.warnings,
    )


def preflight(case: Case, model: LevelGas, start: Start | None, tasks: Sequence[str]) -> tuple[Plan, ...]:
    """Choose methods and cells as the solvers will, so that what does not fit is refused before any work.

    Parameters
    ----------
    case : Case
    model : LevelGas
    start : InitialLaw, "stationary" or None
        None where the case has no [initial].
    tasks : sequence of str
        Sections; those that only [validate] asks for may be missing in the case.

    Raises
    ------
    MethodError, GridError, ModelError
        What does not fit.
    """
    return tuple(_plan(task, case, model, start) for task in tasks)


def _plan(task: str, case: Case, model: LevelGas, start: Start | None) -> Plan:
    if task == "evolve" and case.evolve is not None and start is not None:
        chosen = choose_method("evolve", model, case.evolve.method)
        cost = evolution_cost(chosen, model, start, evolve=case.evolve, grid=case.grid)
        count = evolution_times(case.evolve).size
        return Plan(task, chosen, f"{count} output time{'s' if count > 1 else ''}, method {chosen}", cost)
    if task == "spectrum" and case.spectrum is not None:
        chosen = choose_method("spectrum", model, case.spectrum.method)
        cost = spectrum_cost(chosen, model, spectrum=case.spectrum, grid=case.grid)
        return Plan(task, chosen, f"method {chosen}", cost)
    if task == "stationary":
        method = case.stationary.method if case.stationary is not None else "exact"
        return Plan(task, method, f"method {method}", gas_cost(model) if model.n > 1 and method == "exact" else None)
    if task == "sgd" and isinstance(case.sgd, RbmSgd):
        return Plan(task, None, f"training, init = {case.sgd.init}", _training_cost(case.sgd))
    if task == "sgd" and isinstance(case.sgd, MatrixLangevinSgd):
        return Plan(task, None, f"matrices, init = {case.sgd.init}", _langevin_cost(case.sgd, model.n))
    if task == "sgd" and isinstance(case.sgd, TeacherStudentSgd | LinearNetworkSgd):
        return Plan(task, None, f"students, init = {case.sgd.init}", _student_cost(case.sgd, model.n))
    if task == "validate" and case.validate is not None:
        groups = level_groups(case, model)
        words = f"{', '.join(case.validate.statistics)} against {' and '.join(case.validate.against)}"
        pooled = f"; groups of levels {' '.join(str(list(group)) for group in groups)}" if model.n > 1 else ""
        return Plan(task, None, words + pooled)
    return Plan(task, None, "levels from a file" if task == "sgd" else task)


def _options(case: Case, model: LevelGas, start: Start | None, plans: Sequence[Plan]) -> Iterator[Option]:
    """Every method of [evolve] and [spectrum], those that fit first."""
    chosen = {plan.task: plan for plan in plans}
    for task in ("evolve", "spectrum"):
        if task not in chosen:
            continue
        rows = [(row, row.objection(model)) for row in methods_of(task)]
        for row, objection in sorted(rows, key=lambda entry: entry[1] is not None):
            cost = chosen[task].cost if row.name == chosen[task].method else None
            if objection is None and cost is None:
                try:
                    cost = _cost(task, row.name, case, model, start)
                except FpsolveError as error:
                    objection = str(error)
            yield Option(task, row.name, row.name == chosen[task].method, row.note, objection, cost)


def _cost(task: str, method: str, case: Case, model: LevelGas, start: Start | None) -> Cost | None:
    if task == "evolve" and case.evolve is not None and start is not None:
        return other_cost(method, model, start, evolve=case.evolve, grid=case.grid)
    return spectrum_cost(method, model, spectrum=case.spectrum, grid=case.grid) if case.spectrum is not None else None


def _training_cost(section: RbmSgd) -> Cost:
    """Seconds on all cores of this machine, and bytes of the recorded levels."""
    visible = 1 if section.kappa is None or isinstance(section.kappa, float) else len(section.kappa)
    hidden = section.hidden or visible
    batch = section.batch_size or 1
    normals = batch * (section.sweeps or 1) * (visible + hidden) + (batch * visible if section.data == "batch" else 0)
    products = visible * hidden * (2 * batch * (section.sweeps or 1) + visible) + batch * visible**2
    seconds = section.replicas * section.steps * (normals * SECONDS_PER_NORMAL + products * SECONDS_PER_PRODUCT)
    numbers = section.replicas * len(section.record_at or (0,)) * min(visible, hidden)
    words = f"{section.replicas} replicas × {section.steps} updates"
    return Cost(section.replicas * visible * hidden, numbers * DOUBLE, seconds / (os.cpu_count() or 1), words)


def _student_cost(section: TeacherStudentSgd | LinearNetworkSgd, n: int) -> Cost:
    """As for a training; a batch enters by the Cholesky factor of its second moment, drawn from B n/2 uniforms at most."""
    fresh = n * (n + min(section.batch_size or 1, MOST_UNIFORMS)) // 2 if section.data == "batch" else 0
    noises = (n * (n + 1) // 2 if section.gradient_noise else 0) + (n * n if section.label_noise else 0)
    seconds = section.replicas * section.steps * ((fresh + noises) * SECONDS_PER_NORMAL + n**3 * SECONDS_PER_PRODUCT)
    records = len(section.record_at or (0,))
    words = f"{section.replicas} replicas × {section.steps} updates"
    return Cost(
        section.replicas * n * n, section.replicas * records * n * DOUBLE, seconds / (os.cpu_count() or 1), words
    )


def _langevin_cost(section: MatrixLangevinSgd, levels: int) -> Cost:
    """As for a training, but an update is exact however long, so that the records count and not the updates."""
    rows, records = section.rows or levels, len(section.record_at or (0,))
    each = SECONDS_PER_MATRIX + rows * levels * SECONDS_PER_ENTRY
    seconds = section.replicas * records * each / (os.cpu_count() or 1)
    words = f"{section.replicas} replicas × {records} record{'s' if records > 1 else ''}"
    return Cost(section.replicas * rows * levels, section.replicas * records * levels * DOUBLE, seconds, words)
