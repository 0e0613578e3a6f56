"""Stationary law of the singular values of a student, squared or not."""

from __future__ import annotations

from time import perf_counter

import numpy as np
from numpy.typing import NDArray

from fpsolve.models.level_gas import LevelGas
from fpsolve.results import AdjacentPairs, Stationary
from fpsolve.solvers.gaussian_matrix import from_tables
from fpsolve.solvers.matrix_draws import draw_levels
from fpsolve.solvers.matrix_models import matrix_flow
from fpsolve.solvers.matrix_tables import cells_of, level_edges, level_masses, level_moments, level_pairs

__all__ = ["stationary_student"]

Array = NDArray[np.float64]

_MOST, _FEWEST, _ENTRIES = 1 << 20, 1 << 16, 1 << 22


def stationary_student(
    model: LevelGas, *, cells: int | None = None, domain: tuple[float, float] | None = None
) -> Stationary:
    """Marginals, pooled density and pairs from drawn matrices; nothing is linearised in W − W_t.

    `error_estimate` is the largest standard error of a distribution function, and of means and standard deviations in
    units of the standard deviation.

    Parameters
    ----------
    model : LevelGas
        A teacher_student.
    cells, domain : optional
        Of all tables; 400 cells by default.

    Raises
    ------
    MethodError, ModelError
        Another model, or a learning rate at which the student jumps over the teacher (αz ≥ 1).
    GridError
        A domain that is empty or holds nothing of a level, or fewer than 4 cells.
    """
    start = perf_counter()
    flow = matrix_flow(model)
    number = max(_FEWEST, min(_MOST, 1 << ((_ENTRIES // flow.target.size).bit_length() - 1)))
    levels = draw_levels(flow, "stationary", np.array([np.inf]), number)
    root = flow.observable == "squared"
    count = cells_of(cells, domain)
    edges = level_edges(levels, root=root, cells=count, domain=domain)
    masses = np.array([level_masses(levels[0, :, i], edges[i], root=root, wall=True) for i in range(model.n)])
    moments = level_moments(levels)
    several = model.n > 1
    whole = _whole(levels, root=root, cells=2 * count, domain=domain) if several else None
    errors = [moments[name][0] / moments["std"][0] for name in ("mean_error", "std_error")]
    error = max(0.5 / float(np.sqrt(number)), float(np.max(errors)))
    pairs = _pairs(levels, edges, moments["correlation"]) if several else None
    tables = edges, masses, moments["mean"][0], moments["std"][0], error, whole, pairs
    return from_tables("gaussian_matrix", tables, domain, perf_counter() - start)


def _whole(levels: Array, *, root: bool, cells: int, domain: tuple[float, float] | None) -> tuple[Array, Array]:
    """Cells and masses of all levels pooled."""
    edges = level_edges(levels.reshape(1, -1, 1), root=root, cells=cells, domain=domain)[0]
    parts = [level_masses(levels[0, :, i], edges, root=root, wall=True) for i in range(levels.shape[2])]
    return edges, np.mean(parts, axis=0)


def _pairs(levels: Array, edges: Array, correlation: Array) -> AdjacentPairs:
    """Tables of the pairs without the axis of time."""
    found = level_pairs(levels, edges, correlation)
    return AdjacentPairs(
        edges=found.edges,
        density=found.density[0],
        spacing_edges=found.spacing_edges,
        spacing_density=found.spacing_density[0],
        correlation=found.correlation[0],
    )
