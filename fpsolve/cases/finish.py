"""What shows on the objects of a case only: methods that it leaves open, starts and grids that do not fit."""

from __future__ import annotations

from dataclasses import replace

from fpsolve.cases.build import build_axis, build_initial, build_model, derived_noise, start_of_case
from fpsolve.cases.case import Case
from fpsolve.cases.faults import Fault
from fpsolve.cases.fields import field_names
from fpsolve.cases.methods import size_faults, with_methods
from fpsolve.cases.resolve import kappas
from fpsolve.cases.schema_base import Section
from fpsolve.cases.schema_model import Rbm
from fpsolve.cases.schema_noise import ConstantNoise, PcdNoise
from fpsolve.cases.schema_tasks import Grid
from fpsolve.errors import FpsolveError, GridError, ModelError
from fpsolve.models import rbm
from fpsolve.models.pcd_mixing import pcd_mixing

__all__ = ["finish"]


def finish(case: Case, *, broken: frozenset[str]) -> tuple[Case, list[Fault]]:
    """Choose the methods that the case leaves open, and find the faults that only show on the objects themselves.

    Parameters
    ----------
    case : Case
        A case whose sections are read.
    broken : frozenset of str
        Sections with faults already; what rests on them is not built.
    """
    if case.model is None or "model" in broken:
        return case, []
    try:
        model = build_model(case)
    except (ModelError, GridError) as error:
        return case, [_fault("model", case.model, error)]
    case = replace(case, warnings=(*case.warnings, *_what_the_gas_leaves_out(case.model)))
    start, faults = None, []
    if case.initial is not None and case.initial.kind not in ("samples", "stationary") and "initial" not in broken:
        try:
            start = build_initial(case, model)
        except (ModelError, GridError) as error:
            faults.append(_fault("initial", case.initial, error))
    known = start_of_case(case, start) if not faults else None
    case, more = with_methods(case, model, known)
    faults += more
    if "grid" in broken or (case.initial is not None and known is None and case.initial.kind != "samples"):
        return case, faults
    if model.n > 1:
        return case, faults or list(size_faults(case, model, known))
    on_cells = case.evolve is not None and case.evolve.method == "scharfetter_gummel"
    try:
        if on_cells or case.grid is not None:
            build_axis(case, model, start)
    except (ModelError, GridError) as error:
        faults.append(_fault("grid", case.grid or Grid(), error))
    return case, faults


def _fault(name: str, section: Section, error: FpsolveError) -> Fault:
    """Return the fault at the key that the message begins with, else at the section."""
    message = str(error)
    key = message.split(maxsplit=1)[0].split("[")[0]
    path = (name, key) if key in field_names(type(section)) else (name,)
    return Fault(path, message)


def _what_the_gas_leaves_out(model: Section) -> tuple[str, ...]:
    """A warning where the noise of training is not quite that of a level gas: levels of several κ."""
    if not isinstance(model, Rbm) or isinstance(model.noise, ConstantNoise) or len(set(kappas(model))) == 1:
        return ()
    if isinstance(model.noise, PcdNoise) and model.noise.mixing:
        return ()
    mixing = pcd_mixing(rbm(mu2=model.mu2, kappa=kappas(model), noise=derived_noise(model.noise), beta=model.beta))
    return () if mixing is None else (mixing.line(),)
