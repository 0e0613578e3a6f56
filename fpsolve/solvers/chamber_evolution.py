"""Evolution of several levels on a chamber of ordered cells."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from functools import cache
from itertools import pairwise
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from fpsolve.errors import MethodError
from fpsolve.grids.axis import Axis, Grading
from fpsolve.grids.chamber import ChamberGrid
from fpsolve.models.dyson import dyson
from fpsolve.models.initial_law import InitialLaw
from fpsolve.models.level_gas import LevelGas
from fpsolve.operators.chamber import chamber_generator
from fpsolve.operators.chamber_axis import chamber_axis, refuse_too_large
from fpsolve.operators.chamber_start import chamber_start, refuse_touching_points
from fpsolve.parallel import Progress
from fpsolve.results import Evolution
from fpsolve.solvers.chamber_march import ChamberMarch, march_chamber, march_vectors
from fpsolve.solvers.chamber_tables import (
    ChamberReader,
    ChamberTables,
    adjacent_pairs,
    cell_areas,
    pair_group,
    sharpened,
)
from fpsolve.solvers.methods import remaining_methods

__all__ = ["evolve_chamber"]

Array = NDArray[np.float64]
Start = InitialLaw | Literal["stationary"]

_FEWEST = 6  # cells of a grid from which an error is estimated


def evolve_chamber(
    model: LevelGas,
    initial: Start,
    *,
    times: Array,
    cells: int | None = None,
    domain: tuple[float, float] | None = None,
    grading: Grading | None = None,
    rtol: float = 1e-8,
    richardson: bool = False,
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
    richardson : bool
        Cancel the error of second order with these half as many cells, see `sharpened`; then a quarter as many tell the
        error that is left, which is of fourth order. Needs an even number of cells.
    progress : callable, optional
        Called as ``progress(done, total)``.

    Returns
    -------
    Evolution
        With marginals of all levels, correlations and joint laws of neighbours; `pair_density` is left out beyond
        `PAIR_CELLS` cells, where `pairs` holds the joint laws on joined cells. `minimum` is that of the joint density
        of all levels, with `richardson` of two neighbours.

    Raises
    ------
    MethodError
        More states than fit into memory (the message tells how many cells do, and which methods remain), or an odd
        number of cells with `richardson`.
    GridError
        A domain outside the walls, or an initial law with no mass on the axis.
    ModelError
        A point start with levels out of order, or in one place although they repel.
    ConvergenceError
        If the time step shrinks to nothing.
    """
    if initial != "stationary":
        refuse_touching_points(initial, model.beta)
    axis = chamber_axis(
        model, None if initial == "stationary" else initial, cells=cells, domain=domain, grading=grading
    )
    if richardson and (axis.cells % 2 or axis.cells < 2 * _FEWEST):
        msg = f"richardson needs an even number of cells, at least {2 * _FEWEST}, not {axis.cells}"
        raise MethodError(msg)
    refuse_too_large(
        axis.cells,
        model.n,
        remaining=remaining_methods("evolve", model, "chamber"),
        vectors=march_vectors(model),
    )
    _warm_up()
    started = time.perf_counter()
    group = pair_group(axis.cells)
    solved = [_solve(model, initial, times, axis, rtol, group, progress)]
    for part in (2, 4) if richardson else (2,):
        if axis.cells % part == 0 and axis.cells >= part * _FEWEST:
            fewer = replace(axis, cells=axis.cells // part)
            solved.append(_solve(model, initial, times, fewer, rtol, group, None))
    tables = [one.tables for one in solved]
    error = None
    if richardson:
        sharp = [sharpened(*two) for two in pairwise(tables)]
        error = sharp[0].distance(sharp[1]) / 15.0 if len(sharp) > 1 else None
        tables = sharp
    elif len(tables) > 1:
        error = tables[0].distance(tables[1]) / 3.0
    found = _evolution(tables[0], solved, times)
    return replace(found, grid_error=error, seconds=time.perf_counter() - started)


@dataclass(frozen=True)
class _Solved:
    """Tables from one axis, and what they took."""

    tables: ChamberTables
    start: Array
    beyond: float
    unknowns: int
    march: ChamberMarch


def _solve(
    model: LevelGas,
    initial: Start,
    times: Array,
    axis: Axis,
    rtol: float,
    group: int,
    progress: Progress | None,
) -> _Solved:
    """March on one axis."""
    grid = ChamberGrid(axis, model.n)
    if initial == "stationary":
        start, beyond = chamber_generator(model.at(0.0), grid).stationary_mass, 0.0
    else:
        start, beyond = chamber_start(initial, grid)
    reader, first = ChamberReader(grid, group), ChamberReader(grid, group)
    first.read(start)
    marched = march_chamber(model, grid, start, times, rtol=rtol, read=reader.read, progress=progress)
    return _Solved(reader.tables(), first.tables().single[0], beyond, grid.size, marched)


def _evolution(tables: ChamberTables, solved: list[_Solved], times: Array) -> Evolution:
    """Densities, joint laws and moments."""
    axis, levels, finest = tables.axis, tables.single.shape[1], solved[0]
    exact = levels > 1 and tables.group == 1
    return Evolution(
        method="chamber",
        times=times,
        edges=np.tile(axis.edges, (levels, 1)),
        density=tables.single / axis.widths,
        mass=tables.mass,
        minimum=tables.minimum,
        mean=tables.mean,
        std=np.sqrt(tables.variance),
        unknowns=finest.unknowns,
        steps=finest.march.steps,
        seconds=0.0,
        error_estimate=finest.march.error,
        initial_density=finest.start / axis.widths,
        beyond=finest.beyond,
        correlation=tables.correlation if levels > 1 else None,
        pair_density=tables.pairs / cell_areas(axis.edges) if exact else None,
        pairs=adjacent_pairs(tables.pair_edges, tables.pairs, tables.correlation) if levels > 1 else None,
    )


@cache
def _warm_up() -> None:
    """Compile or load the kernels, so that the time of the first solve is that of every solve."""
    _solve(dyson(g2=1.0, levels=2), "stationary", np.array([1.0]), Axis(-1.0, 1.0, 4), 1e-8, 1, None)
