"""Evolution of several levels on a chamber of ordered cells."""

from __future__ import annotations

import time
from dataclasses import replace
from functools import cache
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from fpsolve.grids.axis import Axis, Grading
from fpsolve.grids.chamber import ChamberGrid
from fpsolve.kernels.chamber import chamber_marginals
from fpsolve.models.dyson import dyson
from fpsolve.models.initial_law import InitialLaw
from fpsolve.models.level_gas import LevelGas
from fpsolve.operators.chamber import chamber_generator
from fpsolve.operators.chamber_axis import chamber_axis, refuse_too_large
from fpsolve.operators.chamber_start import chamber_start
from fpsolve.parallel import Progress
from fpsolve.results import Evolution
from fpsolve.solvers.chamber_march import ChamberMarch, march_chamber
from fpsolve.solvers.methods import remaining_methods

__all__ = ["evolve_chamber"]

Array = NDArray[np.float64]
Start = InitialLaw | Literal["stationary"]


def evolve_chamber(
    model: LevelGas,
    initial: Start,
    *,
    times: Array,
    cells: int | None = None,
    domain: tuple[float, float] | None = None,
    grading: Grading | None = None,
    rtol: float = 1e-8,
    progress: Progress | None = None,
) -> Evolution:
    """Evolve the joint masses of N ordered levels; the total is exact and no mass is negative.

    Parameters
    ----------
    model : LevelGas
        N ≥ 1 levels between reflecting walls; any potentials, diffusions, β and schedule.
    initial : InitialLaw or "stationary"
        The joint start; "stationary" is the stationary law of the scheme itself, which does not move.
    times : ndarray, shape (time,)
        Output times, increasing, > 0.
    cells, domain, grading : optional
        Of the axis that all levels share, see `chamber_axis`.
    rtol : float
        Error allowed for the time integration, L1 norm. The error of the cells comes on top, is of second order in their
        width, and is estimated in `grid_error` from half as many cells (which costs an eighth or less), as the L1 error of
        the joint density of two neighbours, the largest over pairs.
    progress : callable, optional
        Called as ``progress(done, total)``.

    Returns
    -------
    Evolution
        With marginals of all levels, joint densities and correlations of neighbours; `minimum` is that of the joint
        density of all levels.

    Raises
    ------
    GridError
        More states than fit into memory (the message tells how many cells do, and which methods remain), a domain outside
        the walls, or an initial law with no mass on the axis.
    ConvergenceError
        If the time step shrinks to nothing.
    """
    axis = chamber_axis(
        model, None if initial == "stationary" else initial, cells=cells, domain=domain, grading=grading
    )
    refuse_too_large(axis.cells, model.n, remaining=remaining_methods("evolve", model, "chamber"))
    _warm_up()
    started = time.perf_counter()
    fine = _solve(model, initial, times, axis, rtol, progress)
    if axis.cells % 2 == 0 and axis.cells >= 16:
        half = replace(axis, cells=axis.cells // 2)
        fine = replace(fine, grid_error=_grid_error(fine, _solve(model, initial, times, half, rtol, None)))
    return replace(fine, seconds=time.perf_counter() - started)


def _solve(
    model: LevelGas, initial: Start, times: Array, axis: Axis, rtol: float, progress: Progress | None
) -> Evolution:
    """March on one axis."""
    grid = ChamberGrid(axis, model.n)
    if initial == "stationary":
        start, beyond = chamber_generator(model.at(0.0), grid).stationary_mass, 0.0
    else:
        start, beyond = chamber_start(initial, grid)
    marched = march_chamber(model, grid, start, times, rtol=rtol, progress=progress)
    return _evolution(grid, start, times, marched, beyond)


def _marginals(grid: ChamberGrid, mass: Array) -> tuple[Array, Array]:
    """Masses of the cells of every level, shape (level, cell), and of neighbours, shape (level − 1, cell, cell)."""
    single = np.empty((grid.levels, grid.cells))
    pair = np.empty((grid.levels - 1, grid.cells, grid.cells))
    chamber_marginals(mass, single, pair)
    return single, pair


def _evolution(grid: ChamberGrid, start: Array, times: Array, marched: ChamberMarch, beyond: float) -> Evolution:
    """Densities and moments from the masses."""
    axis, levels = grid.axis, grid.levels
    density = np.empty((times.size, levels, axis.cells))
    pairs = np.empty((times.size, levels - 1, axis.cells, axis.cells))
    for k, state in enumerate(marched.states):
        density[k], pairs[k] = _marginals(grid, state)
    mean = density @ axis.centers
    offset = axis.centers - mean[:, :, None]
    std = np.sqrt(np.einsum("tlc,tlc->tl", density, offset**2))
    product = np.einsum("tpa,tpab,tpb->tp", offset[:, :-1], pairs, offset[:, 1:])
    with np.errstate(invalid="ignore", divide="ignore"):
        correlation = product / (std[:, :-1] * std[:, 1:])
    density /= axis.widths
    area = np.outer(axis.widths, axis.widths)
    # Levels that share a cell are in order in half of its square.
    np.fill_diagonal(area, 0.5 * axis.widths**2)
    pairs /= area
    volumes = grid.volumes()
    return Evolution(
        method="chamber",
        times=times,
        edges=np.tile(axis.edges, (levels, 1)),
        density=density,
        mass=marched.states.sum(axis=1),
        minimum=np.array([float(np.min(state / volumes)) for state in marched.states]),
        mean=mean,
        std=std,
        unknowns=grid.size,
        steps=marched.steps,
        seconds=0.0,
        error_estimate=marched.error,
        initial_density=_marginals(grid, start)[0] / axis.widths,
        beyond=beyond,
        correlation=correlation if levels > 1 else None,
        pair_density=pairs if levels > 1 else None,
    )


def _pair_masses(found: Evolution) -> Array:
    """Masses behind `pair_density`, or behind `density` for one level; shape (time, pair, cell, cell) or (time, 1, cell)."""
    widths = np.diff(found.edges[0])
    if found.pair_density is None:
        return np.asarray(found.density * widths)
    area = np.outer(widths, widths)
    np.fill_diagonal(area, 0.5 * widths**2)
    return np.asarray(found.pair_density * area)


def _grid_error(fine: Evolution, coarse: Evolution) -> Array:
    """A third of the L1 distance to the solution on half as many cells, whose error is four times as large."""
    halves, masses = _pair_masses(coarse), _pair_masses(fine)
    cells = halves.shape[-1]
    split = [size for _ in range(masses.ndim - 2) for size in (cells, 2)]
    merged = masses.reshape(*masses.shape[:2], *split).sum(axis=tuple(range(3, 2 + len(split), 2)))
    distance = np.abs(merged - halves).sum(axis=tuple(range(2, halves.ndim)))
    return np.asarray(distance.max(axis=1) / 3.0)


@cache
def _warm_up() -> None:
    """Compile or load the kernels, so that the time of the first solve is that of every solve."""
    _solve(dyson(g2=1.0, levels=2), "stationary", np.array([1.0]), Axis(-1.0, 1.0, 4), 1e-8, None)
