"""What an evolution, bound states or an exact gas will take: cells, unknowns, memory and time, with nothing solved."""

from __future__ import annotations

import math
import os
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from fpsolve.cases.schema_tasks import Evolve, Grid, Spectrum, TimeSeries
from fpsolve.errors import ModelError
from fpsolve.models.initial_law import InitialLaw
from fpsolve.models.level_gas import LevelGas
from fpsolve.operators.chamber_axis import chamber_axis
from fpsolve.operators.default_axis import default_axis
from fpsolve.solvers.chamber_cost import chamber_cost
from fpsolve.solvers.log_gas_grid import LogGasGrid
from fpsolve.solvers.methods import method_named

__all__ = [
    "Cost",
    "Start",
    "evolution_cost",
    "evolution_times",
    "gas_cost",
    "in_bytes",
    "in_time",
    "other_cost",
    "spectrum_cost",
]

Array = NDArray[np.float64]
Start = InitialLaw | Literal["stationary"]

DOUBLE = 8
# Rough costs on one core of a current processor, for orders of magnitude only.
SECONDS_PER_CELL_AND_TIME = 5e-6
TYPICAL_POINTS = 800
PAIR_MODES = 60
# The exact gas: panels of eight points a level, minors of both directions, and what one number of them costs.
GAS_PANELS, GAS_POINTS, GAS_SECONDS = 85, 8, 2e-8
# Trajectories: seconds of a step, and how often a step is cut for levels that have come close.
STEP_SECONDS, STEP_SECONDS_PER_LEVEL, CUT_STEPS = 1e-6, 2e-7, 1.3
# Log-gas: seconds of a step, of each level in it, and of a minor in a cell.
FIT_SECONDS, FIT_SECONDS_PER_LEVEL, MINOR_SECONDS = 2e-2, 2e-3, 2.8e-8
STEPS_PER_DOUBLING = 20
# Drawn matrices: seconds of the levels of one, and of each of its entries.
MATRIX_SECONDS, ENTRY_SECONDS = 1e-6, 1.5e-7
# Markov log-gas: part of the cells of a pair that are in order, arrays of that size, seconds of a cell and of a minor.
PAIR_PART, PAIR_COPIES, PAIR_SECONDS, PRODUCT_SECONDS = 0.5, 12, 9e-7, 3.5e-8
PAIR_STEPS_PER_DOUBLING = 10
ON_THE_WAY = 0.5
TRIALS = 16


@dataclass(frozen=True)
class Cost:
    """What a method takes for one problem.

    Attributes
    ----------
    unknowns : int
        Numbers that are advanced, or states.
    memory : int
        Bytes of the largest arrays.
    seconds : float
        Rough wall time on this machine.
    words : str
        Cells, domain, trajectories, in words.
    grid : Grid or None
        What [grid] must say for the same cells; None where the method does not take its cells from there.
    """

    unknowns: int
    memory: int
    seconds: float
    words: str
    grid: Grid | None = None

    def text(self) -> str:
        """One line."""
        return f"{self.words}; {self.unknowns} unknowns, {in_bytes(self.memory)}, about {in_time(self.seconds)}"


@dataclass(frozen=True)
class _Problem:
    model: LevelGas
    start: Start
    times: Array
    evolve: Evolve
    grid: Grid

    @property
    def law(self) -> InitialLaw | None:
        """The start; None for the stationary law."""
        return None if self.start == "stationary" else self.start


def evolution_times(evolve: Evolve) -> Array:
    """Output times of [evolve], shape (time,); the ends of a rule are met to the last bit."""
    times = evolve.times
    if not isinstance(times, TimeSeries):
        return np.asarray(times, dtype=np.float64)
    space = np.geomspace if times.kind == "geometric" else np.linspace
    return np.asarray(space(times.first, times.last, times.n), dtype=np.float64)


def evolution_cost(method: str, model: LevelGas, start: Start, *, evolve: Evolve, grid: Grid | None) -> Cost:
    """Cost of [evolve] by a method that takes the model.

    Raises
    ------
    GridError, ModelError, MethodError
        What the method would refuse before its first step: cells or trajectories that do not fit into memory, a domain
        outside the walls, a start outside them.
    """
    problem = _Problem(model, start, evolution_times(evolve), evolve, grid or Grid())
    estimates: dict[str, Callable[[_Problem], Cost]] = {
        "chamber": _chamber,
        "log_gas": _log_gas,
        "markov_log_gas": _markov_log_gas,
        "particles": _particles,
        "gaussian_matrix": _gaussian_matrix,
        "legendre": _one_level if model.n == 1 else _legendre_pair,
    }
    return estimates.get(method, _one_level)(problem)


def other_cost(method: str, model: LevelGas, start: Start, *, evolve: Evolve, grid: Grid | None) -> Cost:
    """Cost by a method that is not the one of the case: settings that belong to that one are left at their defaults.

    Raises
    ------
    GridError, ModelError, MethodError
        As `evolution_cost`.
    """
    own = Evolve(method=None, times=evolve.times)
    domain = Grid(domain=grid.domain) if grid is not None else None
    return evolution_cost(method, model, start, evolve=own, grid=domain)


def spectrum_cost(method: str, model: LevelGas, *, spectrum: Spectrum, grid: Grid | None) -> Cost:
    """Cost of [spectrum] by a method that takes the model.

    Raises
    ------
    GridError
        A chamber that does not fit into memory, or a domain outside the walls.
    """
    grid = grid or Grid()
    if method != "chamber":
        points = spectrum.points or spectrum.modes or grid.cells or TYPICAL_POINTS
        return Cost(points, spectrum.states * points * DOUBLE, 1.0, f"{spectrum.states} states")
    found = chamber_cost(model, None, task="spectrum", cells=grid.cells, domain=grid.domain, states=spectrum.states)
    return Cost(
        found.unknowns,
        found.memory_bytes,
        found.seconds,
        f"{spectrum.states} states, {found.cells} cells on [{found.axis.lower:.6g}, {found.axis.upper:.6g}]",
    )


def gas_cost(model: LevelGas) -> Cost:
    """Cost of the exact stationary law of several levels."""
    n = model.n
    numbers = GAS_POINTS * GAS_PANELS * (2 ** (n + 1) if model.beta == 1.0 else 2 * n)
    return Cost(numbers, numbers * DOUBLE, 0.1 * n + GAS_SECONDS * n * numbers, f"exact gas of {n} levels")


def _one_level(problem: _Problem) -> Cost:
    grid = problem.grid
    axis = default_axis(problem.model, problem.law, cells=grid.cells, domain=grid.domain, grading=grid.grading)
    cells = f"{axis.cells} cells"
    if problem.evolve.method in ("scharfetter_gummel", None) and grid.cells is None:
        cells += " (doubled until their L1 error is below 1e-3)"
    size = problem.times.size * axis.cells
    return Cost(
        axis.cells,
        size * DOUBLE,
        1.0 + size * SECONDS_PER_CELL_AND_TIME,
        f"{cells} on [{axis.lower:.6g}, {axis.upper:.6g}], {axis.grading} spacing",
        Grid(cells=axis.cells, domain=(axis.lower, axis.upper), grading=axis.grading),
    )


def _legendre_pair(problem: _Problem) -> Cost:
    grid = problem.grid
    axis = chamber_axis(problem.model, problem.law, cells=grid.cells, domain=grid.domain, grading=grid.grading)
    modes = problem.evolve.modes or PAIR_MODES
    size = problem.times.size * (axis.cells**2 + 2 * axis.cells)
    return Cost(
        modes**2,
        size * DOUBLE,
        0.5 + 1e-5 * modes**2,
        f"about {modes} × {modes} cosines, reported on {axis.cells} cells of [{axis.lower:.6g}, {axis.upper:.6g}]",
    )


def _chamber(problem: _Problem) -> Cost:
    grid = problem.grid
    found = chamber_cost(
        problem.model,
        problem.start,
        task="evolve",
        cells=grid.cells,
        domain=grid.domain,
        grading=grid.grading,
        outputs=problem.times.size,
        end=float(problem.times[-1]),
    )
    axis = found.axis
    return Cost(
        found.unknowns,
        found.memory_bytes,
        found.seconds,
        f"{axis.cells} cells on [{axis.lower:.6g}, {axis.upper:.6g}], {axis.grading} spacing",
        Grid(cells=axis.cells, domain=(axis.lower, axis.upper), grading=axis.grading),
    )


def _log_gas(problem: _Problem) -> Cost:
    cells, words = _closure_cells(problem)
    n, minors = problem.model.n, problem.model.n * 2**problem.model.n * cells.cells
    steps = _closure_steps(problem, STEPS_PER_DOUBLING, method_named("evolve", "log_gas").rtol)
    step_seconds = FIT_SECONDS + FIT_SECONDS_PER_LEVEL * n + MINOR_SECONDS * minors * _overlap(problem.model)
    return Cost(
        n * cells.cells,
        (4 * minors + problem.times.size * n * cells.cells) * DOUBLE,
        steps * step_seconds * (3.0 if problem.evolve.richardson else 1.0),
        words,
        Grid(cells=cells.cells, domain=(cells.lower, cells.upper), grading=problem.grid.grading),
    )


def _markov_log_gas(problem: _Problem) -> Cost:
    from fpsolve.solvers.markov_log_gas import CELLS_PER_STD

    cells, words = _closure_cells(problem, per_std=CELLS_PER_STD)
    n, part = problem.model.n, _overlap(problem.model)
    unknowns = int(PAIR_PART * (n - 1) * (part * cells.cells) ** 2)
    products = math.comb(n, n // 2)
    step_seconds = FIT_SECONDS + unknowns * (PAIR_SECONDS + PRODUCT_SECONDS * products)
    steps = _closure_steps(problem, PAIR_STEPS_PER_DOUBLING, method_named("evolve", "markov_log_gas").rtol)
    return Cost(
        unknowns,
        # The laws of all pairs with every minor of the largest one, and what is kept at every output time.
        (unknowns * (PAIR_COPIES + products // 2) + problem.times.size * (n - 1) * cells.cells) * DOUBLE,
        1.25 * steps * step_seconds,
        words,
        Grid(cells=cells.cells, domain=(cells.lower, cells.upper), grading=problem.grid.grading),
    )


def _closure_cells(problem: _Problem, **density: float) -> tuple[LogGasGrid, str]:
    """Cells of a closure, and what they are in words."""
    from fpsolve.solvers.log_gas_domain import log_gas_grid
    from fpsolve.solvers.log_gas_start import start_of

    model, given = problem.model, problem.grid
    start = start_of(model, problem.start)
    cells = log_gas_grid(model, start, cells=given.cells, domain=given.domain, grading=given.grading, **density)
    bend = "" if cells.bend == 0.0 else f", denser towards {cells.lower:g}"
    return cells, f"{cells.cells} cells on [{cells.lower:.6g}, {cells.upper:.6g}]{bend}"


def _closure_steps(problem: _Problem, each: float, usual: float) -> float:
    """Steps of second order with an error control, so many for each doubling of the time beyond the shortest one."""
    end = float(problem.times[-1])
    steps = each * (1.0 + math.log2(1.0 + end * problem.model.fastest_rate))
    steps *= math.sqrt(usual / (problem.evolve.rtol or usual))
    return max(steps, end / problem.evolve.step) if problem.evolve.step is not None else steps


def _particles(problem: _Problem) -> Cost:
    from fpsolve.solvers.particles import TRAJECTORIES, default_step, refuse_too_many

    model, law = problem.model, problem.law
    number = problem.evolve.trajectories or TRAJECTORIES
    refuse_too_many(number, problem.times.size, model.n)
    if law is None and model.n > 1 and model.beta != 1.0:
        msg = f"the stationary law of several levels can be sampled for beta = 1, not {model.beta:g}"
        raise ModelError(msg)
    if law is not None:
        # A law of which next to no draw is in order, or between the walls, cannot be sampled.
        law.sample(TRIALS, np.random.default_rng(0))
    step = problem.evolve.step or default_step(model)
    steps = CUT_STEPS * float(problem.times[-1]) / min(step, float(problem.times[-1]))
    cost = STEP_SECONDS + STEP_SECONDS_PER_LEVEL * model.n
    return Cost(
        number * model.n,
        number * model.n * (problem.times.size + 4) * DOUBLE,
        1.0 + number * steps * cost / (os.cpu_count() or 1),
        f"{number} trajectories of about {steps:.3g} steps",
    )


def _overlap(model: LevelGas) -> float:
    """Part of the cells that one level fills: half of them on its way, or what it fills when settled."""
    seats = np.array([body.anchors[0] for body in model.levels]).T
    reach = 6.0 * float(np.mean(seats[1]))
    return min(1.0, max(ON_THE_WAY, 2.0 * reach / (float(np.ptp(seats[0])) + 2.0 * reach)))


def _gaussian_matrix(problem: _Problem) -> Cost:
    from fpsolve.solvers.matrix_draws import draws_that_fit
    from fpsolve.solvers.matrix_models import matrix_flow

    flow, times = matrix_flow(problem.model), problem.times.size + 1
    number = draws_that_fit(flow, times)
    rows, n = flow.target.shape
    seconds = number * times * (MATRIX_SECONDS + ENTRY_SECONDS * rows * n)
    return Cost(number * rows * n, number * times * n * DOUBLE, 0.5 + seconds, f"{number} matrices of {rows}×{n}")


def in_bytes(size: int) -> str:
    """A number of bytes, in a unit that suits it."""
    value, unit = float(size), "B"
    for larger in ("KiB", "MiB", "GiB"):
        if value < 1024.0:
            break
        value, unit = value / 1024.0, larger
    return f"{value:.3g} {unit}"


def in_time(seconds: float) -> str:
    """A wall time to two digits, in a unit that suits it."""
    if seconds < 90.0:
        return f"{seconds:.2g} s"
    return f"{seconds / 60.0:.2g} min" if seconds < 5400.0 else f"{seconds / 3600.0:.2g} h"
