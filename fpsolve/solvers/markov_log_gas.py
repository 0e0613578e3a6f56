"""Evolution of many levels by the Markov log-gas closure: laws of adjacent pairs, all repulsions exact."""

from __future__ import annotations

from dataclasses import replace
from functools import cache, partial
from time import perf_counter
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from fpsolve.errors import GridError, MethodError
from fpsolve.grids.axis import Grading
from fpsolve.models.dyson import dyson
from fpsolve.models.initial_law import InitialLaw
from fpsolve.models.level_gas import LevelGas
from fpsolve.parallel import Progress
from fpsolve.results import Evolution
from fpsolve.solvers.chamber_tables import corrected, joined
from fpsolve.solvers.closure_steps import StepControl
from fpsolve.solvers.log_gas_domain import log_gas_grid
from fpsolve.solvers.log_gas_evolution import evolution_of, first_step
from fpsolve.solvers.log_gas_flow import Drift
from fpsolve.solvers.log_gas_grid import LogGasGrid
from fpsolve.solvers.log_gas_start import Start, start_of
from fpsolve.solvers.markov_log_gas_family import MarkovFamily
from fpsolve.solvers.markov_log_gas_march import MarkovMarch
from fpsolve.solvers.markov_log_gas_pairs import marginals
from fpsolve.solvers.markov_log_gas_start import start_pairs

__all__ = ["evolve_markov_log_gas", "solve_on_cells"]

Array = NDArray[np.float64]

CELLS_PER_STD = 2.5
FEWEST = 32  # cells of the coarser grid
# L1 distance at which the laws of the pairs of the start count as reached.
FITTED = 1e-9


def evolve_markov_log_gas(
    model: LevelGas,
    initial: InitialLaw | Literal["stationary"],
    *,
    times: Array,
    cells: int | None = None,
    domain: tuple[float, float] | None = None,
    grading: Grading | None = None,
    rtol: float = 0.05,
    step: float | None = None,
    progress: Progress | None = None,
) -> Evolution:
    """Evolve the joint laws P_i of adjacent levels of a gas whose law is kept of the form ∏(x_j − x_i) ∏ W_i(x_i, x_{i+1}).

    On the chamber of all ordered cells the gas is a Markov chain with the rates D_i/h² B(±ΔΦ_i) V(face)/V(cell), V being
    the product of all distances. What this chain does to a pair of adjacent levels depends on the other levels only
    through conditional means of V(face)/V(cell); these are taken from the law of the form above that has the same
    pairs. So two levels are exact up to the cells and steps, masses are conserved and positive, and the stationary law of
    the chamber does not move. What is neglected are correlations of levels that are not neighbours beyond those that
    the repulsion and the neighbours in between cause.

    Parameters
    ----------
    model : LevelGas
        2 to 12 levels with β = 1 and reflecting walls.
    initial : InitialLaw or "stationary"
        A law that has no such form is replaced by the one with the same laws of adjacent pairs.
    times : ndarray, shape (time,)
        Output times, increasing, > 0.
    cells, domain, grading : optional
        See `log_gas_grid`; here there are 2.5 cells for the narrowest standard deviation. The error of the cells is of
        second order; it is cancelled with the solution on half as many, and what was cancelled is `Evolution.grid_error`
        (L1, of the worst level). The joint laws in `Evolution.pairs` are those of the finer cells.
    rtol : float
        Error allowed for the time integration: L1 norm of the worst pair, summed over the steps.
    step : float, optional
        Largest time step.
    progress : callable, optional
        Called as ``progress(done, total)`` as output times are reached.

    Raises
    ------
    MethodError
        β other than 1.
    ModelError
        An initial law for another number of levels.
    GridError
        A domain that does not fit, levels that the cells do not tell apart, or an odd number of cells.
    ConvergenceError
        `rtol` cannot be met.
    """
    if model.beta != 1.0:
        msg = f"the Markov log-gas closure takes beta = 1, not {model.beta:g}"
        raise MethodError(msg)
    _warm_up()
    began = perf_counter()
    start = start_of(model, initial)
    grid = log_gas_grid(model, start, cells=cells, domain=domain, grading=grading, per_std=CELLS_PER_STD)
    if grid.cells % 2 or grid.cells < 2 * FEWEST:
        msg = f"the Markov log-gas closure needs an even number of cells, at least {2 * FEWEST}, not {grid.cells}"
        raise GridError(msg)
    # The errors of both solutions together, (4 fine + coarse)/3, are to stay below the one asked for.
    solve = partial(solve_on_cells, model, start, times=times, rtol=0.6 * rtol, step=step)
    coarse = solve(replace(grid, cells=grid.cells // 2))
    evolution = _extrapolated(solve(grid, progress=progress), coarse)
    return replace(evolution, seconds=perf_counter() - began)


def _extrapolated(fine: Evolution, coarse: Evolution) -> Evolution:
    """Cancel the error of second order: moments (4·fine − coarse)/3, masses such that none becomes negative."""

    def mixed(name: str) -> Array:
        return np.asarray((4.0 * getattr(fine, name) - getattr(coarse, name)) / 3.0)

    widths, coarse_widths = np.diff(fine.edges, axis=1), np.diff(coarse.edges, axis=1)
    masses, halves = fine.density * widths, coarse.density * coarse_widths
    density = corrected(masses, halves, 1) / widths
    removed = np.abs(joined(masses, 2, 1) - halves).sum(axis=2).max(axis=1) / 3.0
    correlation = mixed("correlation")
    return replace(
        fine,
        density=density,
        minimum=density.min(axis=(1, 2)),
        mean=mixed("mean"),
        std=mixed("std"),
        error_estimate=(4.0 * fine.error_estimate + coarse.error_estimate) / 3.0,
        correlation=correlation,
        pairs=None if fine.pairs is None else replace(fine.pairs, correlation=correlation),
        grid_error=removed,
    )


def solve_on_cells(
    model: LevelGas,
    start: Start,
    grid: LogGasGrid,
    *,
    times: Array,
    rtol: float,
    step: float | None = None,
    progress: Progress | None = None,
) -> Evolution:
    """March on one grid; arguments as in `evolve_markov_log_gas`. The error of the cells is of second order."""
    family = MarkovFamily(grid, model.n)
    windows, pairs, log_minors, beyond = start_pairs(start, family)
    end = float(times[-1])
    control = StepControl(np.array([*model.stops(end), end]), rtol, np.inf if step is None else step)
    masses = marginals(pairs, windows, grid.cells)
    first = min(first_step(model.at(0.0), grid, masses), end)
    law = family.fitted(pairs, windows, log_minors, tolerance=FITTED)
    march = MarkovMarch(family, Drift.course(model, grid), control)
    marched = march.run(windows, pairs, law, times=times, first=first, progress=progress)
    return evolution_of("markov_log_gas", grid, times=times, marched=marched, initial=masses, beyond=beyond)


@cache
def _warm_up() -> None:
    """Compile or load the kernels, so that the time of the first solve is that of every solve."""
    model = dyson(levels=2, g2=1.0)
    start = start_of(model, "stationary")
    solve_on_cells(model, start, LogGasGrid(-6.0, 6.0, 32), times=np.array([0.1]), rtol=0.1)
