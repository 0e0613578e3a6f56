"""Which method takes which problem: the one table behind refusals, ``fpsolve check`` and the documentation."""

from __future__ import annotations

from collections.abc import Iterable
from typing import get_args

from fpsolve.errors import MethodError
from fpsolve.models.level_gas import Boundary, LevelGas
from fpsolve.solvers.derived_noise import derived_noise_objection
from fpsolve.solvers.matrix_models import gaussian_matrix_objection
from fpsolve.solvers.method import Method, Task

__all__ = [
    "METHODS",
    "Method",
    "Task",
    "choose_method",
    "fitting_methods",
    "method_named",
    "methods_of",
    "remaining_methods",
]

_ALL: tuple[Boundary, ...] = get_args(Boundary)
_OPEN: tuple[Boundary, ...] = ("reflecting", "absorbing")

METHODS: tuple[Method, ...] = (
    Method(
        "evolve",
        "scharfetter_gummel",
        (1, 1),
        _ALL,
        schedules=True,
        beta="-",
        diffusion="any D(x) > 0",
        note="finite volumes: exact mass, no negative density, error h² (h⁴ with richardson)",
        cost="milliseconds",
        options=("rtol", "richardson"),
    ),
    Method(
        "evolve",
        "legendre",
        (1, 2),
        ("reflecting",),
        schedules=False,
        beta="any",
        diffusion="any smooth D(x)",
        note=(
            "orthogonal polynomials, for two equal levels cosines in the coordinate of constant noise: 1e-8 and better for "
            "smooth laws, exact mass, density not bounded below by 0"
        ),
        default_to=1,
        alike=True,
        cost="milliseconds for one level, below a second for two",
        options=("rtol", "modes"),
    ),
    Method(
        "evolve",
        "chamber",
        (2, 6),
        ("reflecting",),
        schedules=True,
        beta="any",
        diffusion="any D(x) > 0",
        note=(
            "finite volumes for the joint law: exact mass, no negative density, error h² (h⁴ with richardson), "
            "C(cells + N − 1, N) unknowns"
        ),
        default_to=2,
        cost="a tenth of a second for N = 2, seconds and 200 MiB for N = 4",
        options=("rtol", "richardson"),
        rtol=1e-6,
    ),
    Method(
        "evolve",
        "log_gas",
        (2, 16),
        ("reflecting",),
        schedules=True,
        beta="1",
        diffusion="any D(x) > 0",
        note=(
            "N one-dimensional densities with all repulsions; exact for random weights and the stationary law, else "
            "means to 3 % and widths to 5 % of a standard deviation (measured); correlations between clusters "
            "are lost too early; work doubles with each level"
        ),
        only_beta=1.0,
        cost="N one-dimensional densities: seconds up to N = 10, doubling with each level",
        options=("rtol", "step", "richardson"),
        rtol=0.02,
    ),
    Method(
        "evolve",
        "markov_log_gas",
        (2, 12),
        ("reflecting",),
        schedules=True,
        beta="1",
        diffusion="any D(x) > 0",
        note=(
            "joint laws of adjacent levels with all repulsions; two levels exact, else means and widths to 1 % of a "
            "standard deviation, correlations of neighbours to 0.03 (measured); minutes for ten levels"
        ),
        only_beta=1.0,
        options=("rtol", "step"),
        rtol=0.05,
    ),
    Method(
        "evolve",
        "particles",
        (1, None),
        ("reflecting",),
        schedules=True,
        beta="any",
        diffusion="any D(x) > 0",
        note="trajectories: statistical errors of M^(-1/2), weak order 2 in the step, correlations of levels",
        cost="minutes, in proportion to trajectories, steps and levels",
        options=("trajectories", "step", "rng", "workers"),
    ),
    Method(
        "evolve",
        "gaussian_matrix",
        (1, 64),
        ("reflecting",),
        schedules=False,
        beta="1",
        diffusion="as trained",
        note=(
            "the weight matrix itself, linear in its start plus Gaussian noise, at finite α: exact (of a student with batch "
            "data its first two moments are), no closure; statistical errors of up to 2^18 drawn matrices"
        ),
        training=gaussian_matrix_objection,
        cost="seconds, in proportion to times and entries of the matrix; minutes for a student of more than 30 levels",
    ),
    Method(
        "spectrum",
        "legendre",
        (1, 1),
        _ALL,
        schedules=False,
        beta="-",
        diffusion="any smooth D(x)",
        note="polynomials on the factor L: 1e-12 relative",
        cost="milliseconds",
    ),
    Method(
        "spectrum",
        "bidiagonal",
        (1, 1),
        _OPEN,
        schedules=False,
        beta="-",
        diffusion="any D(x) > 0",
        note="finite volumes: exponentially small energies to high relative accuracy, error h²",
        cost="milliseconds",
    ),
    Method(
        "spectrum",
        "findiff",
        (1, 1),
        _ALL,
        schedules=False,
        beta="-",
        diffusion="any smooth D(x)",
        note="finite differences for H: error h² to h⁸ where wavefunctions vanish at both ends",
        cost="milliseconds",
    ),
    Method(
        "spectrum",
        "chamber",
        (2, 6),
        ("reflecting",),
        schedules=False,
        beta="any",
        diffusion="any D(x) > 0",
        note="finite volumes for the joint law, extrapolated: rates to 1e-4 (two levels) to 1e-2, all multiplicities",
        cost="seconds for N = 2 and 3, half a minute and 700 MiB for N = 4",
    ),
    Method(
        "spectrum",
        "one_step",
        (1, 1),
        ("reflecting",),
        schedules=False,
        beta="-",
        diffusion="derived noise of an rbm",
        note=(
            "relaxation of the discrete chain at finite α instead of the Fokker–Planck equation: the rates that three "
            "transition operators agree on to 4e-3, E = rate/2; no wavefunctions"
        ),
        training=derived_noise_objection,
        cost="seconds",
    ),
)


def methods_of(task: Task) -> tuple[Method, ...]:
    """Rows of the table for one task, the default method first."""
    return tuple(method for method in METHODS if method.task == task)


def method_named(task: Task, name: str) -> Method:
    """The row of a method that exists."""
    return next(method for method in methods_of(task) if method.name == name)


def fitting_methods(task: Task, model: LevelGas) -> tuple[str, ...]:
    """Names of the methods that take the model, the default first; may be empty."""
    fitting = [method for method in methods_of(task) if method.objection(model) is None]
    fitting.sort(key=lambda method: method.default_to is not None and model.n > method.default_to)
    return tuple(method.name for method in fitting)


def remaining_methods(task: Task, model: LevelGas, name: str) -> str:
    """What else takes the model and what it costs, for a message that refuses `name`; "" if nothing does."""
    others = [other for other in fitting_methods(task, model) if other != name]
    words = _costs(task, others)
    told = (f"{other} ({words[other]})" if words[other] else other for other in others)
    return f"what remains: {', '.join(told)}" if others else ""


def choose_method(task: Task, model: LevelGas, name: str | None) -> str:
    """Return `name` if that method takes the model, or the first that does if `name` is None.

    Raises
    ------
    MethodError
        An unknown name, a method that does not take the model, or a model that none takes; the message names the
        methods that remain, and its note (`__notes__`, shown by Python below the message) tells what they cost.
    """
    fitting = fitting_methods(task, model)
    if not fitting:
        reasons = "; ".join(f"{method.name}: {method.objection(model)}" for method in methods_of(task))
        msg = f"no {task} method takes this model ({reasons})"
        raise MethodError(msg)
    if name is None or name in fitting:
        return name or fitting[0]
    remaining = f"what remains: {', '.join(fitting)}"
    for method in methods_of(task):
        if method.name == name:
            error = MethodError(f'the {task} method "{name}" does not fit: {method.objection(model)}; {remaining}')
            error.add_note("; ".join(f"{other}: {words}" for other, words in _costs(task, fitting).items() if words))
            raise error
    msg = f'there is no {task} method "{name}"; {remaining}'
    raise MethodError(msg)


def _costs(task: Task, names: Iterable[str]) -> dict[str, str]:
    """What some methods take, in words."""
    rows = {method.name: method.cost for method in methods_of(task)}
    return {name: rows[name] for name in names}
