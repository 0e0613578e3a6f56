"""Whether the numbers of [model] are a level gas."""

from __future__ import annotations

import math
from collections.abc import Iterator
from itertools import pairwise

from fpsolve.cases.expression import ExpressionError, parse_expression
from fpsolve.cases.faults import Fault, shown
from fpsolve.cases.lines import KeyPath, Toml
from fpsolve.cases.resolve import as_list, kappas, level_count
from fpsolve.cases.schema_model import Dyson, Geometric, Laguerre, Model, Potential, Rbm, TeacherStudent
from fpsolve.cases.schema_noise import ConstantNoise, Schedule

__all__ = ["check_model", "kappa_faults", "list_faults", "order_faults", "walls"]


def walls(model: Model) -> tuple[float, float]:
    """Range of x of the levels; ±inf where there is no wall."""
    if isinstance(model, Rbm):
        return 0.0, model.mu2
    if isinstance(model, Potential):
        return model.domain
    if isinstance(model, Dyson) or (isinstance(model, TeacherStudent) and model.observable != "squared"):
        return -math.inf, math.inf
    return (0.0, math.inf) if isinstance(model, Laguerre | Geometric | TeacherStudent) else (0.0, 1.0)


def check_model(model: Model) -> Iterator[Fault]:
    """Everything that is wrong with a model whose types are right."""
    if model.schedule is not None:
        yield from _schedule(model.schedule)
    noise = getattr(model, "noise", None)
    levels = level_count(model)
    if isinstance(noise, ConstantNoise) and levels:
        yield from list_faults(("model", "noise", "g2"), noise.g2, levels)
    if isinstance(model, Rbm):
        yield from _rbm(model)
    elif isinstance(model, Dyson):
        yield from list_faults(("model", "stiffness"), model.stiffness, levels)
        yield from list_faults(("model", "centre"), model.centre, levels)
        yield from order_faults(("model", "centre"), model.centre)
    elif isinstance(model, Laguerre):
        yield from _laguerre(model)
    elif isinstance(model, TeacherStudent):
        yield from order_faults(("model", "teacher"), model.teacher)
        yield from list_faults(("model", "second_layer"), model.second_layer, levels)
    elif isinstance(model, Geometric) and model.saturation == 0.0 and model.growth >= model.strength:
        yield Fault(
            ("model", "growth"),
            f"must be < strength = {model.strength:g} where saturation = 0, not {model.growth:g}: the levels would "
            "grow for ever; give saturation > 0 or a smaller growth",
        )
    elif isinstance(model, Potential):
        yield from _potential(model)


def list_faults(path: KeyPath, value: Toml, levels: int) -> Iterator[Fault]:
    """Check that a list has one entry per level."""
    if isinstance(value, tuple) and len(value) != levels:
        count = f"{len(value)} {'entry' if len(value) == 1 else 'entries'}"
        yield Fault(
            path,
            f"has {count}, but there {'is 1 level' if levels == 1 else f'are {levels} levels'}; one each, or one number",
        )


def order_faults(path: KeyPath, value: Toml, *, strictly: bool = False) -> Iterator[Fault]:
    """Check that a list ascends, as levels do."""
    for index, (left, right) in enumerate(pairwise(as_list(value))):
        if right < left or (strictly and right == left):
            manner = "increase strictly" if strictly else "ascend, as the levels do"
            yield Fault((*path, index + 1), f"must {manner}, but {right:g} follows {left:g}")
            return


def kappa_faults(path: KeyPath, values: tuple[float, ...], mu2: float) -> Iterator[Fault]:
    """κ descends and stays below μ²."""
    for index, kappa in enumerate(values):
        if kappa >= mu2:
            place = (*path, index) if len(values) > 1 else path
            yield Fault(place, f"must be < mu2 = {mu2:g}, not {kappa:g}: the level x = mu2 - kappa must be > 0")
    for index, (left, right) in enumerate(pairwise(values)):
        if right > left:
            yield Fault(
                (*path, index + 1),
                f"must descend (the levels x = mu2 - kappa ascend; ties allowed), but {right:g} follows {left:g}",
            )
            return


def _rbm(model: Rbm) -> Iterator[Fault]:
    if model.kappa is None and model.target is None:
        yield Fault(
            ("model", "kappa"),
            'is required and missing; give kappa, or target = { kind = "lattice_scalar_1d", sites = 10, mass2 = 4.0 }',
        )
    elif model.kappa is not None and model.target is not None:
        yield Fault(("model", "target"), "cannot stand beside kappa; give one of the two")
    elif model.kappa is not None:
        yield from kappa_faults(("model", "kappa"), kappas(model), model.mu2)
    elif (largest := max(kappas(model))) >= model.mu2:
        yield Fault(("model", "mu2"), f"must be > {largest:g}, the largest kappa of the target, not {model.mu2:g}")


def _laguerre(model: Laguerre) -> Iterator[Fault]:
    if model.rows < model.levels:
        yield Fault(("model", "rows"), f"must be ≥ levels = {model.levels}, not {model.rows}")
    if model.multiplicative > 0.0 and model.levels > 1:
        yield Fault(
            ("model", "multiplicative"),
            f"goes with one level, not {model.levels}: the noise grows with the sum of all levels, so that their joint law "
            "is not known; set it to 0 here, or give it in [sgd] to see what it does to the trained levels",
        )
    elif model.multiplicative * (model.beta * model.rows - 2.0) >= model.weight_decay:
        most = model.weight_decay / (model.beta * model.rows - 2.0)
        yield Fault(
            ("model", "multiplicative"),
            f"must be < weight_decay/(beta rows - 2) = {most:g}, not {model.multiplicative:g}: the level would grow without "
            "an end",
        )


def _schedule(schedule: Schedule) -> Iterator[Fault]:
    path = ("model", "schedule")
    if not schedule.learning_rate and not schedule.batch_size:
        yield Fault(path, "needs knots for learning_rate, batch_size or both, e.g. learning_rate = [[0.0, 0.01]]")
    for name, knots in (("learning_rate", schedule.learning_rate), ("batch_size", schedule.batch_size)):
        times = [time for time, _ in knots]
        if times and times[0] != 0.0:
            yield Fault((*path, name, 0), f"the first knot must be at time 0, not {times[0]:g}")
        yield from order_faults((*path, name), tuple(times), strictly=True)


def _potential(model: Potential) -> Iterator[Fault]:
    lower, upper = model.domain
    if not lower < upper:
        yield Fault(("model", "domain"), f"must be [lower, upper] with lower < upper, not {shown(model.domain)}")
        return
    texts = as_list(model.V)
    if isinstance(model.V, tuple):
        yield from list_faults(("model", "V"), model.V, model.levels)
    for index, text in enumerate(texts):
        place: KeyPath = ("model", "V", index) if isinstance(model.V, tuple) else ("model", "V")
        try:
            potential = parse_expression(text)
            potential.check_finite(lower, upper)
            if model.boundary == "periodic":
                potential.check_periodic(lower, upper)
        except ExpressionError as error:
            yield Fault(place, str(error))
