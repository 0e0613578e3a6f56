"""From a case to the objects that solvers take: model, initial law, output times."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from fpsolve.cases.case import Case
from fpsolve.cases.costs import Start
from fpsolve.cases.expression import parse_expression
from fpsolve.cases.resolve import as_list, kappas
from fpsolve.cases.schema_model import Dyson, Potential, Rbm, TeacherStudent
from fpsolve.cases.schema_noise import ConstantNoise, ConstantPcdNoise, StudentNoise
from fpsolve.cases.schema_noise import PcdNoise as PcdSection
from fpsolve.cases.schema_noise import Schedule as ScheduleSection
from fpsolve.cases.schema_tasks import Grid, SamplesStart
from fpsolve.cases.start_law import start_law, within_walls
from fpsolve.errors import CaseError, ModelError, Problem
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
from fpsolve.models.level_gas import LevelGas
from fpsolve.operators.default_axis import default_axis
from fpsolve.results import Sample

__all__ = ["build_axis", "build_initial", "build_model", "derived_noise", "start_of_case"]


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
        return within_walls(initial.samples(levels), model)
    return start_law(section, model)


def build_axis(case: Case, model: LevelGas, start: InitialLaw | None) -> Axis:
    """Cells of [grid] for the lowest level, with what is left open chosen from the model and the start.

    Raises
    ------
    GridError
        A domain that does not fit the model, or a default that would take too many cells.
    """
    grid = case.grid or Grid()
    return default_axis(model, start, cells=grid.cells, domain=grid.domain, grading=grid.grading)


def derived_noise(noise: PcdSection | ConstantPcdNoise) -> PcdNoise:
    """Return the noise of contrastive divergence that the section describes.

    Raises
    ------
    ModelError
        No learning rate or batch size; cases that were loaded have both.
    """
    learning_rate, batch_size = _rate_and_batch(noise)
    return PcdNoise(
        learning_rate=learning_rate,
        batch_size=batch_size,
        sweeps=noise.sweeps or 1,
        data=noise.data or "batch",
        mixing=isinstance(noise, PcdSection) and noise.mixing,
    )


def start_of_case(case: Case, law: InitialLaw | None) -> Start | None:
    """Return the start as solvers take it: "stationary" is the law of their own discrete equation, not one tabulated here."""
    return "stationary" if case.initial is not None and case.initial.kind == "stationary" else law


def _schedule(section: ScheduleSection | None) -> Schedule | None:
    if section is None:
        return None
    return Schedule(learning_rate=section.learning_rate, batch_size=section.batch_size, kind=section.kind)


def _rbm(model: Rbm, schedule: Schedule | None) -> LevelGas:
    noise, kappa = model.noise, kappas(model)
    if isinstance(noise, ConstantNoise):
        return rbm(mu2=model.mu2, kappa=kappa, g2=noise.g2, beta=model.beta, schedule=schedule)
    derived = derived_noise(noise)
    if isinstance(noise, ConstantPcdNoise):
        frozen = GaussianRbm(
            kappa, model.mu2, derived.learning_rate, derived.batch_size, derived.sweeps, derived.data
        ).diffusion
        return rbm(mu2=model.mu2, kappa=kappa, g2=frozen.tolist(), beta=model.beta, schedule=schedule)
    return rbm(mu2=model.mu2, kappa=kappa, noise=derived, beta=model.beta, schedule=schedule)


def _student(model: TeacherStudent, schedule: Schedule | None) -> LevelGas:
    noise, (learning_rate, batch_size) = model.noise, _rate_and_batch(model.noise)
    return teacher_student(
        as_list(model.teacher),
        learning_rate=learning_rate,
        batch_size=batch_size,
        gradient_noise=noise.gradient_noise or 0.0,
        label_noise=noise.label_noise or 0.0,
        second_layer=model.second_layer,
        data=noise.data or "batch",
        observable=model.observable,
        schedule=schedule,
    )


def _rate_and_batch(noise: PcdSection | ConstantPcdNoise | StudentNoise) -> tuple[float, int]:
    if noise.learning_rate is None or noise.batch_size is None:
        msg = "noise needs a learning_rate and a batch_size"
        raise ModelError(msg)
    return noise.learning_rate, noise.batch_size
