"""Evolution of many levels by the log-gas closure: N one-dimensional densities, all repulsions exact."""

from __future__ import annotations

from dataclasses import replace
from functools import cache, partial
from time import perf_counter
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from fpsolve.errors import MethodError
from fpsolve.grids.axis import Grading
from fpsolve.models.dyson import dyson
from fpsolve.models.initial_law import InitialLaw
from fpsolve.models.level_gas import LevelGas
from fpsolve.parallel import Progress
from fpsolve.results import Evolution
from fpsolve.solvers.log_gas_domain import log_gas_grid
from fpsolve.solvers.log_gas_evolution import evolution_of, extrapolated, first_step
from fpsolve.solvers.log_gas_family import LogGasFamily
from fpsolve.solvers.log_gas_flow import Drift
from fpsolve.solvers.log_gas_grid import LogGasGrid
from fpsolve.solvers.log_gas_march import March
from fpsolve.solvers.log_gas_start import Start, start_of

__all__ = ["evolve_log_gas"]

Array = NDArray[np.float64]


def evolve_log_gas(
    model: LevelGas,
    initial: InitialLaw | Literal["stationary"],
    *,
    times: Array,
    cells: int | None = None,
    domain: tuple[float, float] | None = None,
    grading: Grading | None = None,
    rtol: float = 0.02,
    step: float | None = None,
    richardson: bool = False,
    progress: Progress | None = None,
) -> Evolution:
    """Evolve the marginals P_i of a gas whose law is kept of the form ∏_{i<j}(x_j − x_i) ∏ w_i(x_i).

    Every marginal obeys ∂_t P_i = ∂_x[D_i P_i ∂_x(Φ_i + ln P_i − ln ρ_i)] with the cavity density ρ_i = P_i/w_i, an
    integral over all other levels: the exact equation of P_i, with the mean force of the others taken from the log-gas
    that has the same marginals. Random weights (Laguerre start) and the stationary gas are such laws, so that the
    closure is exact at first and at last, in between it forgets correlations of clusters of levels too early. It is the
    gradient flow of the relative entropy of that log-gas to the stationary law.

    Parameters
    ----------
    model : LevelGas
        2 to 16 levels with β = 1 and reflecting walls.
    initial : InitialLaw or "stationary"
        A law that is no log-gas is replaced by the log-gas with the same marginals.
    times : ndarray, shape (time,)
        Output times, increasing, > 0.
    cells, domain, grading : optional
        See `log_gas_grid`. The error of the cells is of second order.
    rtol : float
        Error allowed for the time integration: L1 norm of the worst marginal, summed over the steps.
    step : float, optional
        Largest time step.
    richardson : bool
        Solve with twice the cells too and extrapolate; `Evolution.grid_error` then tells what the cells of the finer
        grid still did. The density may be negative where it is next to nothing; `Evolution.minimum` tells.
    progress : callable, optional
        Called as ``progress(done, total)`` as output times are reached.

    Raises
    ------
    MethodError
        β other than 1.
    ModelError
        An initial law for another number of levels.
    GridError
        A domain that does not fit, or levels that the cells do not tell apart.
    ConvergenceError
        `rtol` cannot be met.
    """
    if model.beta != 1.0:
        msg = f"the log-gas closure takes beta = 1, not {model.beta:g}"
        raise MethodError(msg)
    _warm_up()
    began = perf_counter()
    start = start_of(model, initial)
    grid = log_gas_grid(model, start, cells=cells, domain=domain, grading=grading)
    solve = partial(_solve, model, start, times=times, rtol=rtol, step=step, progress=progress)
    evolution = solve(grid)
    if richardson:
        evolution = extrapolated(evolution, solve(replace(grid, cells=2 * grid.cells)))
    return replace(evolution, seconds=perf_counter() - began)


def _solve(
    model: LevelGas,
    start: Start,
    grid: LogGasGrid,
    *,
    times: Array,
    rtol: float,
    step: float | None,
    progress: Progress | None,
) -> Evolution:
    """March on one grid."""
    family = LogGasFamily(grid, model.n)
    law, masses, beyond = start.on(family)
    end = float(times[-1])
    march = March(
        family, Drift.course(model, grid), np.array([*model.stops(end), end]), rtol, np.inf if step is None else step
    )
    first = min(first_step(model.at(0.0), grid, masses), end)
    marched = march.run(law, masses, times=times, first=first, progress=progress)
    return evolution_of(
        "log_gas",
        grid,
        times=times,
        marched=marched,
        initial=masses,
        beyond=beyond,
    )


@cache
def _warm_up() -> None:
    """Compile or load the kernels, so that the time of the first solve is that of every solve."""
    model = dyson(levels=2, g2=1.0)
    start = start_of(model, "stationary")
    _solve(model, start, LogGasGrid(-6.0, 6.0, 32), times=np.array([0.1]), rtol=0.1, step=None, progress=None)
