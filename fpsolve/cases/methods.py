"""Which method each task of a case uses, and which keys belong to which method."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from fpsolve.cases.case import Case
from fpsolve.cases.costs import (
    Start,
    evolution_cost,
    gas_cost,
    in_bytes,
    in_time,
    other_cost,
    spectrum_cost,
)
from fpsolve.cases.faults import Fault, choices, shown
from fpsolve.errors import GridError, MethodError, ModelError
from fpsolve.exact.memory import usable_memory
from fpsolve.models.level_gas import LevelGas
from fpsolve.solvers.methods import Task, choose_method, fitting_methods, method_named, methods_of
from fpsolve.solvers.stationary_methods import stationary_objection

__all__ = ["size_faults", "with_methods"]

OPTIONS: dict[Task, dict[str, tuple[str, ...]]] = {
    "evolve": {
        key: tuple(row.name for row in methods_of("evolve") if key in row.options)
        for key in ("modes", "richardson", "step", "trajectories")
    },
    "spectrum": {
        "modes": ("legendre",),
        "order": ("findiff",),
        "points": ("bidiagonal", "findiff", "one_step"),
    },
}
"""Keys that only some methods read; beside another method such a key would be ignored, so it is refused."""


def with_methods(case: Case, model: LevelGas, start: Start | None) -> tuple[Case, list[Fault]]:
    """Fill in the methods that the case leaves open; refuse what does not take the model.

    `start` is None where it is not known, or there is none; then the message that refuses a method does not tell what
    the remaining ones cost.
    """
    faults: list[Fault] = []
    for task, options in OPTIONS.items():
        section = getattr(case, task)
        if section is None:
            continue
        try:
            chosen = choose_method(task, model, section.method)
        except MethodError as error:
            faults.append(Fault((task, "method"), f"{error}{_costs(task, case, model, start)}"))
            continue
        # Bound states without a method may turn to another one where a gap is lost in rounding: that stays open.
        if task == "evolve":
            filled: dict[str, object] = {"method": chosen}
            if section.rtol is None:
                filled["rtol"] = method_named("evolve", chosen).rtol
            case = replace(case, evolve=section.model_copy(update=filled))
        for key, methods in options.items():
            if getattr(section, key) and chosen not in methods:
                faults.append(Fault((task, key), f"belongs to method {choices(methods)}, not to {shown(chosen)}"))
    return case, [*faults, *_stationary(case, model)]


def size_faults(case: Case, model: LevelGas, start: Start | None) -> Iterator[Fault]:
    """What the chosen methods refuse before their first step: cells, trajectories or minors that do not fit, bad starts."""
    if case.evolve is not None and case.evolve.method is not None and start is not None:
        try:
            evolution_cost(case.evolve.method, model, start, evolve=case.evolve, grid=case.grid)
        except ModelError as error:
            yield Fault(("initial",), str(error))
        except (GridError, MethodError) as error:
            if case.evolve.trajectories is None:
                yield Fault(_cells(case), str(error))
            else:
                yield Fault(("evolve", "trajectories"), f"{error}{_costs('evolve', case, model, start)}")
    if case.spectrum is not None and model.n > 1:
        chosen = choose_method("spectrum", model, case.spectrum.method)
        try:
            spectrum_cost(chosen, model, spectrum=case.spectrum, grid=case.grid)
        except (GridError, MethodError) as error:
            yield Fault(_cells(case), str(error))
    compared = case.validate is not None and "stationary" in case.validate.against
    exact = compared if case.stationary is None else case.stationary.method == "exact"
    if model.n > 1 and exact:
        need, there = gas_cost(model).memory, usable_memory()
        if need > there:
            yield Fault(
                ("stationary",) if case.stationary is not None else ("validate", "against"),
                f"the exact gas of {model.n} levels needs {in_bytes(need)} for its minors, but {in_bytes(there)} are "
                f"available (80 % of the memory); what remains: fewer levels, or evolve by particles to long times",
            )


def _cells(case: Case) -> tuple[str, ...]:
    """Return the key that a fault of the cells belongs to."""
    return ("grid", "cells") if case.grid is not None and case.grid.cells is not None else ("grid",)


def _costs(task: Task, case: Case, model: LevelGas, start: Start | None) -> str:
    """What the methods that remain would take, for a message that refuses another one."""
    parts = []
    for name in fitting_methods(task, model) if model.n > 1 else ():
        try:
            if task == "evolve" and case.evolve is not None and start is not None:
                cost = other_cost(name, model, start, evolve=case.evolve, grid=case.grid)
            elif task == "spectrum" and case.spectrum is not None:
                cost = spectrum_cost(name, model, spectrum=case.spectrum, grid=case.grid)
            else:
                continue
        except (GridError, MethodError, ModelError):
            continue
        parts.append(f"{name} about {in_time(cost.seconds)} and {in_bytes(cost.memory)}")
    return f"; cost here: {', '.join(parts)}" if parts else ""


def _stationary(case: Case, model: LevelGas) -> Iterator[Fault]:
    section = case.stationary
    reason = stationary_objection(model, section.method if section is not None else "exact")
    if reason is None:
        return
    if section is not None:
        yield Fault(("stationary", "method"), reason)
    elif case.validate is not None and "stationary" in case.validate.against:
        yield Fault(("validate", "against"), reason)
