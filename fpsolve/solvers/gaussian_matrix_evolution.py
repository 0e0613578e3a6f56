"""Evolution of the levels of a weight matrix whose law is Gaussian: no closure, no equation for the levels."""

from __future__ import annotations

from time import perf_counter
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from fpsolve.grids.axis import Grading
from fpsolve.models.initial_law import InitialLaw
from fpsolve.models.level_gas import LevelGas
from fpsolve.parallel import Progress
from fpsolve.results import Evolution
from fpsolve.solvers.matrix_draws import draw_levels, draws_that_fit
from fpsolve.solvers.matrix_models import matrix_flow
from fpsolve.solvers.matrix_tables import level_edges, level_masses, level_moments, level_pairs

__all__ = ["evolve_gaussian_matrix"]

Array = NDArray[np.float64]


def evolve_gaussian_matrix(
    model: LevelGas,
    initial: InitialLaw | Literal["stationary"],
    *,
    times: Array,
    cells: int | None = None,
    domain: tuple[float, float] | None = None,
    grading: Grading | None = None,  # noqa: ARG001 - the cells follow from the observable
    progress: Progress | None = None,
) -> Evolution:
    """Marginals, moments, correlations and pairs of the levels of W(t), W(t) being linear in W(0) plus Gaussian noise.

    For laguerre the entries of W are Ornstein–Uhlenbeck processes and the law is exact. For teacher_student the first two
    moments of all entries are exact at every learning rate (`StudentCourse`); with data = "exact" the whole law is,
    and with batch data up to the higher cumulants of its noise, which vanish with α/B. The levels are then found from
    drawn matrices (up to 2^18, with a fixed seed): the only error is statistical, and is given.

    Parameters
    ----------
    model : LevelGas
        teacher_student or laguerre, β = 1, constant noise.
    initial : InitialLaw or "stationary"
        Levels of an aligned W(0), or random weights; see `draw_levels`.
    times : ndarray, shape (time,)
    cells, domain : optional
        Of all tables; by default every level has its own range, and the narrowest law 12 cells in a standard deviation.
    grading : optional
        Not used: cells are equal, of squared levels in √x.
    progress : callable, optional

    Raises
    ------
    MethodError, ModelError
        Another model; a start that does not fit; α z ≥ 1.
    GridError
        A domain that is empty, or fewer than 4 cells.
    """
    began = perf_counter()
    flow = matrix_flow(model)
    number = draws_that_fit(flow, times.size + 1)
    levels = draw_levels(flow, initial, np.concatenate([[0.0], times]), number, progress=progress)
    root, wall = flow.observable == "squared", flow.observable != "symmetric"
    edges = level_edges(levels, root=root, cells=cells, domain=domain)
    masses = np.array(
        [[level_masses(record[:, i], edges[i], root=root, wall=wall) for i in range(model.n)] for record in levels]
    )
    density = masses / np.diff(edges, axis=1)
    moments = level_moments(levels[1:])
    several = model.n > 1
    return Evolution(
        method="gaussian_matrix",
        times=times,
        edges=edges,
        density=density[1:],
        mass=masses[1:].sum(axis=2).min(axis=1),
        minimum=density[1:].min(axis=(1, 2)),
        mean=moments["mean"],
        std=moments["std"],
        unknowns=number * flow.target.size,
        steps=times.size,
        seconds=perf_counter() - began,
        error_estimate=0.5 / float(np.sqrt(number)),
        initial_density=density[0],
        mean_error=moments["mean_error"],
        std_error=moments["std_error"],
        correlation=moments["correlation"] if several else None,
        correlation_error=moments["correlation_error"] if several else None,
        pairs=level_pairs(levels[1:], edges, moments["correlation"]) if several else None,
    )
