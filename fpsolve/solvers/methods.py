"""Which method takes which problem: the one table behind refusals, ``fpsolve check`` and the documentation."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, get_args

from fpsolve.errors import MethodError
from fpsolve.models.level_gas import Boundary, LevelGas
from fpsolve.solvers.derived_noise import derived_noise_objection

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

Task = Literal["evolve", "spectrum"]


@dataclass(frozen=True)
class Method:
    """One row of the table.

    Attributes
    ----------
    task : {"evolve", "spectrum"}
        The section of a case file that it belongs to.
    name : str
        Its name there.
    levels : tuple of (int, int or None)
        Smallest and largest number of levels N; None means any.
    boundaries : tuple of {"reflecting", "absorbing", "periodic"}
        What may stand at a wall.
    schedules : bool
        Whether the noise may depend on time.
    beta : str
        Dyson indices β, in words for the table ("-" where there is one level).
    diffusion : str
        D(x), in words.
    note : str
        Accuracy and what it is for.
    only_beta : float or None
        The one Dyson index of several levels that it takes; None if it takes any.
    default_to : int or None
        Largest number of levels for which it comes before the rows below it; None if it always does.
    alike : bool
        Whether several levels must have the same potential and noise.
    kinds : tuple of str
        Kinds of model that it takes; empty for all.
    trained : bool
        Whether it needs the training behind the model: an rbm with derived noise.
    cost : str
        What it takes, in a few words, for messages that refuse another method.
    options : tuple of str
        Keyword arguments of the task that it reads beside the common ones.
    rtol : float
        Default of the option `rtol`.
    """

    task: Task
    name: str
    levels: tuple[int, int | None]
    boundaries: tuple[Boundary, ...]
    schedules: bool
    beta: str
    diffusion: str
    note: str
    only_beta: float | None = None
    default_to: int | None = None
    alike: bool = False
    kinds: tuple[str, ...] = ()
    trained: bool = False
    cost: str = ""
    options: tuple[str, ...] = ()
    rtol: float = 1e-8

    def objection(self, model: LevelGas) -> str | None:
        """Why the model does not fit, or None."""
        low, high = self.levels
        if self.trained and (missing := derived_noise_objection(model)) is not None:
            return missing
        if self.kinds and model.kind not in self.kinds:
            return f"it takes {' and '.join(self.kinds)} models, whose matrices are Gaussian, not {model.kind}"
        if model.n < low or (high is not None and model.n > high):
            return f"it takes {_count(self.levels)}, the model has {model.n}"
        for kind in model.boundary:
            if kind not in self.boundaries:
                return f"it takes {' and '.join(self.boundaries)} walls, the model has a {kind} one"
        if model.schedule is not None and not self.schedules:
            return "it takes constant noise, the model has a schedule"
        if self.only_beta is not None and model.n > 1 and model.beta != self.only_beta:
            return f"it takes beta = {self.only_beta:g}, the model has {model.beta:g}"
        if self.alike and any(body != model.levels[0] for body in model.levels[1:]):
            return "it takes levels with the same potential and noise"
        return None


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
        only_beta=1.0,
        kinds=("teacher_student", "laguerre"),
        cost="seconds, in proportion to times and entries of the matrix",
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
        trained=True,
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


def _count(levels: tuple[int, int | None]) -> str:
    low, high = levels
    if high is None:
        return f"{low} levels or more"
    if low == high:
        return "one level" if low == 1 else f"{low} levels"
    return f"{low} to {high} levels"
