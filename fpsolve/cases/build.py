"""From a case to the objects that solvers take: model, initial law, output times."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from fpsolve.cases.case import Case
from fpsolve.cases.costs import Start
from fpsolve.cases.expression import parse_expression
from fpsolve.cases.faults import Fault
from fpsolve.cases.fields import field_names
from fpsolve.cases.methods import size_faults, with_methods
from fpsolve.cases.resolve import as_list, kappas
from fpsolve.cases.schema_base import Section
from fpsolve.cases.schema_model import Dyson, Potential, Rbm, TeacherStudent
from fpsolve.cases.schema_noise import ConstantNoise, ConstantPcdNoise
from fpsolve.cases.schema_noise import PcdNoise as PcdSection
from fpsolve.cases.schema_noise import Schedule as ScheduleSection
from fpsolve.cases.schema_tasks import (
    GaussianStart,
    Grid,
    Initial,
    MarchenkoPasturStart,
    PairStart,
    PointStart,
    SamplesStart,
)
from fpsolve.errors import CaseError, FpsolveError, GridError, ModelError, Problem
from fpsolve.exact.rbm_gaussian import GaussianRbm
from fpsolve.grids.axis import Axis
from fpsolve.models import (
    PcdNoise,
    Schedule,
    dyson,
    geometric,
    initial,
    jacobi,
    laguerre,
    potential,
    rbm,
    teacher_student,
)
from fpsolve.models.initial_law import InitialLaw
from fpsolve.models.initial_weights import WeightsLaw
from fpsolve.models.level_gas import LevelGas
from fpsolve.models.pcd_mixing import pcd_mixing
from fpsolve.operators.default_axis import default_axis
from fpsolve.results import Sample

__all__ = ["build_axis", "build_initial", "build_model", "finish", "start_of_case"]

Array = NDArray[np.float64]


def build_model(case: Case) -> LevelGas:
    """Return the level gas of [model].

    Raises
    ------
    CaseError
        There is no [model].
    ModelError
        Parameters without meaning; cases that were loaded have none.
    """
    model = case.model
    if model is None:
        raise CaseError([Problem("model", "this section is missing", str(case.path or ""))])
    schedule = _schedule(model.schedule)
    if isinstance(model, Rbm):
        return _rbm(model, schedule)
    if isinstance(model, Dyson):
        return dyson(
            g2=model.noise.g2,
            levels=model.levels,
            stiffness=model.stiffness,
            centre=model.centre,
            beta=model.beta,
            schedule=schedule,
        )
    if isinstance(model, TeacherStudent):
        return _student(model, schedule)
    if not isinstance(model, Potential):
        # The keys of these sections are the arguments of the functions.
        numbers = model.model_dump(exclude={"kind", "beta", "schedule"})
        makers: dict[str, Callable[..., LevelGas]] = {"laguerre": laguerre, "geometric": geometric, "jacobi": jacobi}
        return makers[model.kind](**numbers, beta=model.beta, schedule=schedule)
    functions = [parse_expression(text) for text in as_list(model.V)]
    return potential(
        functions[0] if len(functions) == 1 else functions,
        domain=model.domain,
        g2=model.noise.g2,
        boundary=model.boundary,
        levels=model.levels,
        beta=model.beta,
        schedule=schedule,
    )


def build_initial(
    case: Case, model: LevelGas, *, read_levels: Callable[[Path], Sample] | None = None
) -> InitialLaw | None:
    """Return the law of [initial], cut at the walls of the model; None where the case has no such section.

    Parameters
    ----------
    case : Case
        A loaded case.
    model : LevelGas
        From `build_model`.
    read_levels : callable, optional
        Reads a file of levels; needed for kind "samples", whose last record is used.

    Raises
    ------
    ModelError
        A law that lies outside the walls, levels that do not fit the model.
    CaseError
        Kind "samples" without a reader.
    """
    section = case.initial
    if section is None:
        return None
    if isinstance(section, SamplesStart):
        if read_levels is None:
            raise CaseError([Problem("initial.path", "levels cannot be read here", str(case.path or ""))])
        levels = read_levels(case.input_path(section.path)).levels[:, -1, :]
        if levels.shape[1] != model.n:
            msg = f"{section.path} holds {levels.shape[1]} levels, but the model has {model.n}"
            raise ModelError(msg)
        return _within(initial.samples(levels), model)
    law = _stated_law(section, model.n)
    if isinstance(section, MarchenkoPasturStart) and model.labels.get("observable", "squared") != "squared":
        law = _weights(section, model)
    return _stationary_law(model) if law is None else _within(law, model)


def build_axis(case: Case, model: LevelGas, start: InitialLaw | None) -> Axis:
    """Cells of [grid] for the lowest level, with what is left open chosen from the model and the start.

    Raises
    ------
    GridError
        A domain that does not fit the model, or a default that would take too many cells.
    """
    grid = case.grid or Grid()
    return default_axis(model, start, cells=grid.cells, domain=grid.domain, grading=grid.grading)


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


def start_of_case(case: Case, law: InitialLaw | None) -> Start | None:
    """Return the start as solvers take it: "stationary" is the law of their own discrete equation, not one tabulated here."""
    return "stationary" if case.initial is not None and case.initial.kind == "stationary" else law


def _fault(name: str, section: Section, error: FpsolveError) -> Fault:
    """Return the fault at the key that the message begins with, else at the section."""
    message = str(error)
    key = message.split(maxsplit=1)[0].split("[")[0]
    path = (name, key) if key in field_names(type(section)) else (name,)
    return Fault(path, message)


def _schedule(section: ScheduleSection | None) -> Schedule | None:
    if section is None:
        return None
    return Schedule(learning_rate=section.learning_rate, batch_size=section.batch_size, kind=section.kind)


def _what_the_gas_leaves_out(model: Section) -> tuple[str, ...]:
    """A warning where the noise of training is not quite that of a level gas: levels of several κ."""
    if not isinstance(model, Rbm) or isinstance(model.noise, ConstantNoise) or len(set(kappas(model))) == 1:
        return ()
    if isinstance(model.noise, PcdSection) and model.noise.mixing:
        return ()
    mixing = pcd_mixing(rbm(mu2=model.mu2, kappa=kappas(model), noise=_derived(model.noise), beta=model.beta))
    return () if mixing is None else (mixing.line(),)


def _rbm(model: Rbm, schedule: Schedule | None) -> LevelGas:
    noise, kappa = model.noise, kappas(model)
    if isinstance(noise, ConstantNoise):
        return rbm(mu2=model.mu2, kappa=kappa, g2=noise.g2, beta=model.beta, schedule=schedule)
    derived = _derived(noise)
    if isinstance(noise, ConstantPcdNoise):
        frozen = GaussianRbm(
            kappa, model.mu2, derived.learning_rate, derived.batch_size, derived.sweeps, derived.data
        ).diffusion
        return rbm(mu2=model.mu2, kappa=kappa, g2=frozen.tolist(), beta=model.beta, schedule=schedule)
    return rbm(mu2=model.mu2, kappa=kappa, noise=derived, beta=model.beta, schedule=schedule)


def _student(model: TeacherStudent, schedule: Schedule | None) -> LevelGas:
    noise = model.noise
    if noise.learning_rate is None or noise.batch_size is None:
        msg = "noise needs a learning_rate and a batch_size"
        raise ModelError(msg)
    return teacher_student(
        as_list(model.teacher),
        learning_rate=noise.learning_rate,
        batch_size=noise.batch_size,
        gradient_noise=noise.gradient_noise or 0.0,
        label_noise=noise.label_noise or 0.0,
        second_layer=model.second_layer,
        data=noise.data or "batch",
        observable=model.observable,
        schedule=schedule,
    )


def _weights(section: MarchenkoPasturStart, model: LevelGas) -> InitialLaw:
    """Levels of a random W that are not squares.

    Raises
    ------
    ModelError
        A W that is not square, as a student's is.
    """
    if section.rows != model.n:
        msg = f"rows must be the number of levels, {model.n}, as the W of a student is square, not {section.rows}"
        raise ModelError(msg)
    return WeightsLaw(
        model.n, section.variance, "symmetric" if model.labels["observable"] == "symmetric" else "singular"
    )


def _derived(noise: PcdSection | ConstantPcdNoise) -> PcdNoise:
    if noise.learning_rate is None or noise.batch_size is None:
        msg = "noise needs a learning_rate and a batch_size"
        raise ModelError(msg)
    return PcdNoise(
        learning_rate=noise.learning_rate,
        batch_size=noise.batch_size,
        sweeps=noise.sweeps or 1,
        data=noise.data or "batch",
        mixing=isinstance(noise, PcdSection) and noise.mixing,
    )


def _stated_law(section: Initial, levels: int) -> InitialLaw | None:
    """Return the law that the section states; None for the stationary one."""
    if isinstance(section, GaussianStart):
        return initial.gaussian(section.mean, section.std, levels=levels)
    if isinstance(section, PointStart):
        return initial.point(section.at, levels=levels)
    if isinstance(section, MarchenkoPasturStart):
        return initial.marchenko_pastur(section.rows, section.variance, levels=levels)
    if isinstance(section, PairStart):
        return initial.pair(section.mean, section.std)
    return None


def _within(law: InitialLaw, model: LevelGas) -> InitialLaw:
    """`law` cut at the walls, where it reaches beyond them."""
    lower, upper = model.walls
    try:
        supports = [law.support(level) for level in range(law.n)]
    except ModelError:
        # The levels of a random matrix have no marginals in closed form: they are positive, and have no upper end.
        supports = [(0.0, np.inf)]
    inside = all(lower <= low and high <= upper for low, high in supports)
    return law if inside else initial.truncated(law, lower, upper)


def _stationary_law(model: LevelGas) -> InitialLaw:
    if model.n > 1:
        from fpsolve.models.initial_gas import GasLaw

        return GasLaw(model)
    from fpsolve.solvers.stationary import stationary

    found = stationary(model)
    return initial.tabulated(found.edges[0], found.density[0] * np.diff(found.edges[0]))
