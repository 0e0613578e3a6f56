"""Evolution of one level by Scharfetter–Gummel finite volumes."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from functools import cache
from itertools import pairwise
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from fpsolve.errors import GridError
from fpsolve.grids.axis import Axis, Grading
from fpsolve.models.initial_law import InitialLaw
from fpsolve.models.level_gas import LevelGas
from fpsolve.operators.default_axis import MAX_CELLS, default_axis
from fpsolve.operators.generator import Generator
from fpsolve.operators.scharfetter_gummel import scharfetter_gummel
from fpsolve.parallel import Progress
from fpsolve.results import Evolution
from fpsolve.solvers.finite_volume_stepper import ConstantRates, MovingRates, Rates
from fpsolve.solvers.march import March, Stepper, march

__all__ = ["evolve_finite_volume"]

Array = NDArray[np.float64]

MIN_AXIS = 4  # cells of the smallest axis
GRID_TARGET = 1e-3  # L1 error by the cells where the number of cells is left to us


@dataclass(frozen=True)
class _Problem:
    """One level on one axis; where a wall absorbs, one more cell beyond it collects what has left.

    Attributes
    ----------
    model : LevelGas
        One level.
    axis : Axis
        The cells.
    graves : tuple of int
        Number of collecting cells below and above, 0 or 1 each.
    """

    model: LevelGas
    axis: Axis
    graves: tuple[int, int]

    def generator(self, moment: float) -> Generator:
        """Rates at one moment."""
        return scharfetter_gummel(self.model.at(moment).levels[0], self.axis, boundary=self.model.boundary)

    def rates(self, moment: float) -> Rates:
        """Jump rates at one moment; the collecting cells keep what they get."""
        generator = self.generator(moment)
        return np.pad(generator.up, self.graves), np.pad(generator.down, self.graves)

    @property
    def periodic(self) -> bool:
        return self.model.boundary[0] == "periodic"

    @property
    def inner(self) -> slice:
        """The cells of the axis among all unknowns."""
        return slice(self.graves[0], self.graves[0] + self.axis.cells)


def evolve_finite_volume(
    model: LevelGas,
    initial: InitialLaw | Literal["stationary"],
    *,
    times: Array,
    cells: int | None = None,
    domain: tuple[float, float] | None = None,
    grading: Grading | None = None,
    rtol: float,
    richardson: bool = False,
    progress: Progress | None = None,
) -> Evolution:
    """Evolve the masses of cells; the total is exact and no mass is negative.

    The same problem on half the cells tells the error of the cells: it falls with h², so that the L1 distance of the
    two is three times the error of the finer one (`Evolution.grid_error`).

    Parameters
    ----------
    model : LevelGas
        One level.
    initial : InitialLaw or "stationary"
        The start; "stationary" is the stationary law of the scheme itself, which does not move.
    times : ndarray, shape (time,)
        Output times, increasing, > 0.
    cells, domain, grading : optional
        See `default_axis`. Without `cells` they are doubled until their error is below 1e-3 at all times, or there are
        MAX_CELLS.
    rtol : float
        Error allowed for the time integration, L1 norm.
    richardson : bool
        Solve with twice the cells too and report (4·fine − coarse)/3 on the coarse cells: the error falls with h⁴,
        but where the density is next to nothing it may come out negative (see `Evolution.minimum`). The error of the
        cells is then stated by the distance to the finer solution, an upper estimate.
    progress : callable, optional
        Called as ``progress(done, total)``.

    Raises
    ------
    GridError
        An initial law with no mass on the axis, an axis that does not fit.
    ConvergenceError
        If the time step shrinks to nothing.
    """
    _warm_up()
    axis = default_axis(
        model, None if initial == "stationary" else initial, cells=cells, domain=domain, grading=grading
    )
    started = time.perf_counter()
    half = _solve(model, initial, times, replace(axis, cells=max(axis.cells // 2, MIN_AXIS)), rtol, None)
    whole = _solve(model, initial, times, axis, rtol, progress)
    while cells is None and 2 * axis.cells <= MAX_CELLS and np.max(_grid_error(half, whole)) > GRID_TARGET:
        axis = replace(axis, cells=2 * axis.cells)
        half, whole = whole, _solve(model, initial, times, axis, rtol, progress)
    if richardson:
        fine = _solve(model, initial, times, replace(axis, cells=2 * axis.cells), rtol, progress)
        found = replace(_extrapolated(whole, fine), grid_error=_grid_error(whole, fine))
    else:
        found = replace(whole, grid_error=_grid_error(half, whole))
    return replace(found, seconds=time.perf_counter() - started)


def _grid_error(half: Evolution, whole: Evolution) -> Array:
    """L1 error of `whole` by its cells, shape (time,): a third of its distance to the solution on half the cells."""
    edges, coarse = whole.edges[0], half.edges[0]
    cumulated = np.concatenate(
        [np.zeros((whole.times.size, 1)), np.cumsum(whole.density[:, 0] * np.diff(edges), axis=1)], axis=1
    )
    # An odd number of cells has no cells of double width; every other edge is shared otherwise.
    if whole.density.shape[2] % 2:
        shared = np.array([np.interp(coarse, edges, row) for row in cumulated])
    else:
        shared = cumulated[:, ::2]
    masses = half.density[:, 0] * np.diff(coarse)
    return np.asarray(np.abs(np.diff(shared, axis=1) - masses).sum(axis=1) / 3.0)


def _solve(
    model: LevelGas,
    initial: InitialLaw | Literal["stationary"],
    times: Array,
    axis: Axis,
    rtol: float,
    progress: Progress | None,
) -> Evolution:
    """March on one axis."""
    graves = (int(model.boundary[0] == "absorbing"), int(model.boundary[1] == "absorbing"))
    problem = _Problem(model, axis, graves)
    start, beyond = _start(problem, initial)

    def settle(state: Array) -> tuple[Array, float]:
        """Set rounding below 0 to 0 and restore the total, which is 1 with the collecting cells."""
        admissible = np.maximum(state, 0.0)
        admissible /= admissible.sum()
        return admissible, _total(admissible - state)

    marched = march(
        _steppers(problem, float(times[-1])), start, times, rtol=rtol, norm=_total, settle=settle, progress=progress
    )
    return _evolution(problem, start, times, marched, beyond)


def _total(state: Array) -> float:
    """L1 norm."""
    return float(np.abs(state).sum())


def _start(problem: _Problem, initial: InitialLaw | Literal["stationary"]) -> tuple[Array, float]:
    """Masses of all unknowns at time 0, and the mass of the law that lay outside the axis."""
    if initial == "stationary":
        masses, beyond = problem.generator(0.0).stationary_mass, 0.0
    else:
        masses = np.maximum(initial.masses(problem.axis.edges), 0.0)
        total = float(masses.sum())
        if not total > 0.0:
            msg = f"no mass of the initial law lies in [{problem.axis.lower:g}, {problem.axis.upper:g}]"
            raise GridError(msg)
        masses, beyond = masses / total, max(1.0 - total, 0.0)
    return np.pad(masses, problem.graves), beyond


def _steppers(problem: _Problem, end: float) -> list[tuple[float, Stepper]]:
    """One stepper for every stretch of time between breakpoints of the schedule."""
    schedule = problem.model.schedule
    bounds = [0.0, *problem.model.stops(end), end]
    steppers: list[tuple[float, Stepper]] = []
    for low, high in pairwise(bounds):
        probes = np.linspace(low, high, 7)[1:-1]
        if schedule is None or len({schedule.noise_factor(float(moment)) for moment in probes}) == 1:
            steppers.append((high, ConstantRates(*problem.rates(float(probes[0])), periodic=problem.periodic)))
        else:
            steppers.append((high, MovingRates(problem.rates, periodic=problem.periodic)))
    return steppers


def _evolution(problem: _Problem, start: Array, times: Array, marched: March, beyond: float) -> Evolution:
    """Densities and moments from the masses."""
    axis, inner = problem.axis, problem.inner
    masses = marched.states[:, inner]
    density = masses / axis.widths
    survival = masses.sum(axis=1)
    absorbing = any(problem.graves)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = masses @ axis.centers / survival
        std = np.sqrt(np.einsum("ti,ti->t", masses, (axis.centers - mean[:, None]) ** 2) / survival)
    passage = absorbed = None
    if absorbing:
        losses = np.array([problem.generator(float(moment)).loss for moment in times])
        passage = losses * masses[:, [0, -1]]
        absorbed = np.stack(
            [marched.states[:, 0] * problem.graves[0], marched.states[:, -1] * problem.graves[1]], axis=1
        )
    return Evolution(
        method="scharfetter_gummel",
        times=times,
        edges=axis.edges[None, :],
        density=density[:, None, :],
        mass=survival if absorbing else marched.states.sum(axis=1),
        minimum=density.min(axis=1),
        mean=mean[:, None],
        std=std[:, None],
        unknowns=marched.states.shape[1],
        steps=marched.steps,
        seconds=0.0,
        error_estimate=marched.error,
        first_passage=passage,
        absorbed=absorbed,
        initial_density=(start[inner] / axis.widths)[None, :],
        beyond=beyond,
    )


def _extrapolated(coarse: Evolution, fine: Evolution) -> Evolution:
    """(4·fine − coarse)/3 on the coarse cells."""

    def mix(fine_value: Array, coarse_value: Array) -> Array:
        return np.asarray((4.0 * fine_value - coarse_value) / 3.0)

    widths = np.diff(fine.edges[0])
    pairs = (fine.density * widths).reshape(*fine.density.shape[:2], -1, 2).sum(axis=3)
    density = mix(pairs / np.diff(coarse.edges[0]), coarse.density)
    passage, absorbed = coarse.first_passage, coarse.absorbed
    if fine.first_passage is not None and passage is not None:
        passage = mix(fine.first_passage, passage)
    if fine.absorbed is not None and absorbed is not None:
        absorbed = mix(fine.absorbed, absorbed)
    return replace(
        coarse,
        density=density,
        mass=mix(fine.mass, coarse.mass),
        minimum=density.min(axis=(1, 2)),
        mean=mix(fine.mean, coarse.mean),
        std=mix(fine.std, coarse.std),
        first_passage=passage,
        absorbed=absorbed,
        unknowns=coarse.unknowns + fine.unknowns,
        steps=coarse.steps + fine.steps,
        error_estimate=(4.0 * fine.error_estimate + coarse.error_estimate) / 3.0,
    )


@cache
def _warm_up() -> None:
    """Compile or load the kernels, so that the time of the first solve is that of every solve."""
    up, down = np.array([1.0, 1.0, 1.0, 0.0]), np.array([0.0, 1.0, 1.0, 1.0])
    for periodic in (False, True):
        ConstantRates(up, down, periodic=periodic).step(0.0, 1.0, np.full(4, 0.25))
