"""The stationary law of several levels: the exact Coulomb gas, as a table."""

from __future__ import annotations

from time import perf_counter

import numpy as np
from numpy.typing import NDArray

from fpsolve.errors import GridError, MethodError, ModelError
from fpsolve.exact.coulomb_gas import CoulombGas, ordered_gas
from fpsolve.exact.level_law import LevelLaw
from fpsolve.exact.unitary_gas import UnitaryGas, determinantal_gas
from fpsolve.grids.axis import Axis
from fpsolve.models.level_gas import LevelGas
from fpsolve.models.tail import tail_exponent
from fpsolve.results import AdjacentPairs, Stationary
from fpsolve.solvers.stationary_methods import stationary_objection

__all__ = ["exact_gas", "stationary_gas"]

Array = NDArray[np.float64]

_CELLS = 400
_PAIR_CELLS = 96
_SPACING_CELLS = 128
# A level's table leaves out this probability on each side, and never reaches farther than so many widths of the bulk.
_LEFT_OUT = 1e-14
_REACH = 30.0


def exact_gas(model: LevelGas) -> CoulombGas | UnitaryGas:
    """Solve the stationary law of several levels exactly.

    Raises
    ------
    MethodError
        Neither β = 1 with up to 16 levels, nor β = 2 with one potential for up to 100 levels; walls other than
        reflecting ones.
    ModelError
        No stationary law: an absorbing wall, noise that changes with time, or levels without room.
    """
    if model.schedule is not None:
        msg = "there is no stationary law while the noise changes with time; take model.at(time)"
        raise ModelError(msg)
    if "absorbing" in model.boundary:
        msg = "there is no stationary law with an absorbing wall: all probability leaves through it"
        raise ModelError(msg)
    objection = stationary_objection(model, "exact")
    if objection is not None:
        raise MethodError(objection)
    return ordered_gas(model.levels) if model.beta == 1.0 else determinantal_gas(model.levels[0], model.n)


def stationary_gas(
    model: LevelGas, *, cells: int | None = None, domain: tuple[float, float] | None = None, pairs: bool = True
) -> Stationary:
    """Marginals, pooled density and laws of adjacent pairs of the exact gas, as cell averages.

    Every level has its own cells, from its 1e-14 quantile to that from above (not farther than 30 widths of the bulk,
    where a tail falls like a power). Cell masses come from distribution functions, so they carry no error of the table;
    means, standard deviations and ln Z are those of the whole law.

    Parameters
    ----------
    model : LevelGas
        Two levels or more.
    cells : int, optional
        Cells of every level's table, 400 by default. The tables of pairs have 96 × 96.
    domain : pair of float, optional
        Ends of all tables, inside the walls; the tabulated densities are normalised on it.
    pairs : bool
        Whether joint laws of adjacent levels are wanted (β = 1 only).

    Raises
    ------
    MethodError, ModelError
        See `exact_gas`.
    GridError
        A domain that does not fit, or fewer than 4 cells.
    """
    start = perf_counter()
    gas = exact_gas(model)
    ends = np.array([_ends(law) for law in gas.laws])
    if domain is not None:
        if domain[0] < model.walls[0] or domain[1] > model.walls[1]:
            msg = f"domain [{domain[0]:g}, {domain[1]:g}] leaves the walls [{model.walls[0]:g}, {model.walls[1]:g}]"
            raise GridError(msg)
        ends[:] = domain
    count = _CELLS if cells is None else cells
    axes = [_axis(model, level, ends[level], count) for level in range(model.n)]
    edges = np.array([axis.edges for axis in axes])
    whole = _axis(model, 0, np.array([ends[:, 0].min(), ends[:, 1].max()]), 2 * count)
    return Stationary(
        method="exact",
        edges=edges,
        density=np.array([_density(law.bin_masses(row), row) for law, row in zip(gas.laws, edges, strict=True)]),
        mean=gas.mean,
        std=gas.std,
        log_partition_function=gas.log_partition_function,
        error_estimate=gas.error_estimate,
        total_edges=whole.edges,
        total_density=_density(np.maximum(np.diff(gas.total_cdf(whole.edges)), 0.0), whole.edges),
        pairs=_pairs(gas, model, ends) if pairs and isinstance(gas, CoulombGas) else None,
        tail=tail_exponent(model),
        seconds=perf_counter() - start,
    )


def _ends(law: LevelLaw) -> tuple[float, float]:
    """Range of the table of one level."""
    low, left, right, high = law.quantile(np.array([_LEFT_OUT, 0.16, 0.84, 1.0 - _LEFT_OUT]))
    reach = _REACH * (right - left)
    return max(low, left - reach), min(high, right + reach)


def _axis(model: LevelGas, level: int, ends: Array, cells: int) -> Axis:
    """Cells between the ends; up to the lower wall, and in the model's coordinate there, if it is close."""
    body = model.levels[level]
    wall, lower, upper = body.walls[0], float(ends[0]), float(ends[1])
    at_wall = lower - wall <= 1e-3 * (upper - lower)
    return Axis(wall, upper, cells, body.grading) if at_wall else Axis(lower, upper, cells)


def _density(masses: Array, edges: Array) -> Array:
    """Cell averages, normalised on the table."""
    return np.asarray(masses / masses.sum() / np.diff(edges))


def _pairs(gas: CoulombGas, model: LevelGas, ends: Array) -> AdjacentPairs:
    """Tables of all adjacent pairs."""
    axes = [_axis(model, level, ends[level], _PAIR_CELLS).edges for level in range(gas.n)]
    density, spacing_edges, spacing_density, correlation = [], [], [], []
    for level in range(gas.n - 1):
        pair = gas.pair(level)
        masses = pair.bin_masses(axes[level], axes[level + 1])
        area = np.diff(axes[level])[:, None] * np.diff(axes[level + 1])
        density.append(masses / masses.sum() / area)
        widest = float(ends[level + 1, 1] - ends[level, 0])
        trial = np.linspace(0.0, widest, 33)
        reached = trial[np.flatnonzero(pair.spacing_cdf(trial) >= 1.0 - 1e-12)]
        steps = np.linspace(0.0, reached[0] if reached.size else widest, _SPACING_CELLS + 1)
        spacing_edges.append(steps)
        spacing_density.append(_density(np.maximum(np.diff(pair.spacing_cdf(steps)), 0.0), steps))
        correlation.append(pair.correlation)
    edges = np.array([(axes[level], axes[level + 1]) for level in range(gas.n - 1)])
    return AdjacentPairs(
        edges=edges,
        density=np.array(density),
        spacing_edges=np.array(spacing_edges),
        spacing_density=np.array(spacing_density),
        correlation=np.array(correlation),
    )
