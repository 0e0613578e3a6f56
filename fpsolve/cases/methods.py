"""Which method each task of a case uses, and which keys belong to which method."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from fpsolve.cases.case import Case
from fpsolve.cases.faults import Fault, choices, shown
from fpsolve.errors import MethodError
from fpsolve.models.level_gas import LevelGas
from fpsolve.solvers.evolve import RTOL
from fpsolve.solvers.methods import Task, choose_method
from fpsolve.solvers.stationary_methods import stationary_objection

__all__ = ["with_methods"]

OPTIONS: dict[Task, dict[str, tuple[str, ...]]] = {
    "evolve": {
        "modes": ("legendre",),
        "richardson": ("scharfetter_gummel", "log_gas"),
        "step": ("log_gas", "particles"),
        "trajectories": ("particles",),
    },
    "spectrum": {
        "modes": ("legendre",),
        "order": ("findiff",),
        "points": ("bidiagonal", "findiff"),
    },
}
"""Keys that only some methods read; beside another method such a key would be ignored, so it is refused."""

STATIONARY = ("exact", "operator")
"""Methods for the stationary law that this version has."""


def with_methods(case: Case, model: LevelGas) -> tuple[Case, list[Fault]]:
    """Fill in the methods that the case leaves open; refuse what does not take the model."""
    faults: list[Fault] = []
    for task, options in OPTIONS.items():
        section = getattr(case, task)
        if section is None:
            continue
        try:
            chosen = choose_method(task, model, section.method)
        except MethodError as error:
            faults.append(Fault((task, "method"), str(error)))
            continue
        # Bound states without a method may turn to another one where a gap is lost in rounding: that stays open.
        if task == "evolve":
            filled: dict[str, object] = {"method": chosen}
            if section.rtol is None:
                filled["rtol"] = RTOL.get(chosen, 1e-8)
            case = replace(case, evolve=section.model_copy(update=filled))
        for key, methods in options.items():
            if getattr(section, key) and chosen not in methods:
                faults.append(Fault((task, key), f"belongs to method {choices(methods)}, not to {shown(chosen)}"))
    return case, [*faults, *_stationary(case, model)]


def _stationary(case: Case, model: LevelGas) -> Iterator[Fault]:
    section = case.stationary
    if section is not None and section.method not in STATIONARY:
        yield Fault(
            ("stationary", "method"),
            f"{shown(section.method)} is not available in this version; available: {choices(STATIONARY)}",
        )
        return
    reason = stationary_objection(model, section.method if section is not None else "exact")
    if reason is None:
        return
    if section is not None:
        yield Fault(("stationary", "method"), reason)
    elif case.validate is not None and "stationary" in case.validate.against:
        yield Fault(("validate", "against"), reason)
