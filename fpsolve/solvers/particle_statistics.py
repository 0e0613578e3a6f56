"""Densities, moments and correlations of an ensemble of trajectories, with their standard errors."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from fpsolve.grids.axis import Axis, Grading
from fpsolve.models.level_gas import LevelGas
from fpsolve.results import Evolution

__all__ = ["tabulate_ensemble"]

Array = NDArray[np.float64]

FEWEST, MOST = 40, 2000
DEFAULT_CELLS = 200


def tabulate_ensemble(
    model: LevelGas,
    start: Array,
    levels: Array,
    *,
    times: Array,
    steps: int,
    exchanges: int,
    seconds: float,
    cells: int | None = None,
    domain: tuple[float, float] | None = None,
    grading: Grading | None = None,
) -> Evolution:
    """Turn levels(time, trajectory, level) into an Evolution.

    Standard errors: of a mean, std/√M; of a standard deviation, √((m_4 − m_2²)/(4 m_2 M)); of a density,
    √(p(1 − p)/M)/width with p = (k + 1)/(M + 2) for k of M trajectories in the cell (so that an empty cell has one too).
    The error estimate is the L1 distance to be expected between a histogram and its law, Σ √(2p(1 − p)/(πM)).

    Raises
    ------
    GridError
        A domain that is empty, or fewer than 4 cells.
    """
    edges = _edges(model, start, levels, cells=cells, domain=domain, grading=grading)
    number = levels.shape[1]
    counts = np.stack([_counts(edges, record) for record in levels])
    widths = np.diff(edges, axis=1)
    share = (counts + 1.0) / (number + 2.0)
    noise = np.sqrt(share * (1.0 - share) / number)
    density = counts / (number * widths)
    mean = levels.mean(axis=1)
    deviations = levels - mean[:, None, :]
    second, fourth = np.mean(deviations**2, axis=1), np.mean(deviations**4, axis=1)
    std = np.sqrt(second)
    with np.errstate(invalid="ignore", divide="ignore"):
        std_error = np.sqrt(np.maximum(fourth - second**2, 0.0) / (4.0 * second * number))
        products = np.mean(deviations[:, :, 1:] * deviations[:, :, :-1], axis=1)
        correlation = products / (std[:, 1:] * std[:, :-1])
    return Evolution(
        method="particles",
        times=times,
        edges=edges,
        density=density,
        mass=np.min(counts.sum(axis=2), axis=1) / number,
        minimum=density.min(axis=(1, 2)),
        mean=mean,
        std=std,
        unknowns=number * model.n,
        steps=-(-steps // number),
        seconds=seconds,
        error_estimate=float(np.max(np.sum(noise * math.sqrt(2.0 / math.pi), axis=2))),
        initial_density=_counts(edges, start) / (number * widths),
        density_error=noise / widths,
        mean_error=std / math.sqrt(number),
        std_error=np.nan_to_num(std_error),
        correlation=correlation if model.n > 1 else None,
        exchanges=exchanges,
    )


def _counts(edges: Array, record: Array) -> Array:
    """Trajectories in every cell of every level, shape (level, cell)."""
    return np.stack([np.histogram(record[:, i], bins=edges[i])[0] for i in range(record.shape[1])]).astype(np.float64)


def _edges(
    model: LevelGas,
    start: Array,
    levels: Array,
    *,
    cells: int | None,
    domain: tuple[float, float] | None,
    grading: Grading | None,
) -> Array:
    """Cells that hold everything and are as fine as the number of trajectories allows, or those asked for."""
    every = np.concatenate([levels, start[None]]).transpose(2, 0, 1).reshape(model.n, -1)
    low, high = every.min(axis=1), every.max(axis=1)
    if domain is not None:
        low, high = np.full(model.n, domain[0]), np.full(model.n, domain[1])
    graded = [grading or body.grading for body in model.levels]
    origin = [body.walls[0] if kind == "sqrt" else 0.0 for body, kind in zip(model.levels, graded, strict=True)]
    if cells is None:
        cells = max(_fitting(levels[:, :, i], low[i], high[i], origin[i], graded[i]) for i in range(model.n))
    rows = []
    for i in range(model.n):
        # A point start that has not moved still needs a cell of some width.
        margin = 1e-9 * (high[i] - low[i]) + 1e-12 * (1.0 + abs(high[i])) if domain is None else 0.0
        left, right = low[i] - margin, high[i] + margin
        if graded[i] == "sqrt" and domain is None:
            left = max(left, origin[i])
        axis = Axis(float(left), float(right), cells)
        if graded[i] == "sqrt":
            row = origin[i] + np.linspace(math.sqrt(left - origin[i]), math.sqrt(right - origin[i]), cells + 1) ** 2
            row[0], row[-1] = left, right
        else:
            row = axis.edges
        rows.append(row)
    return np.stack(rows)


def _fitting(records: Array, low: float, high: float, origin: float, grading: Grading) -> int:
    """Cells of Scott's width 3.49 σ M^{−1/3} for the narrowest record, in the coordinate of the cells."""
    if grading == "sqrt":
        records, low, high = np.sqrt(records - origin), math.sqrt(low - origin), math.sqrt(high - origin)
    narrowest = float(np.min(records.std(axis=1)))
    wanted = (high - low) * records.shape[1] ** (1.0 / 3.0) / (3.49 * narrowest) if narrowest > 0.0 else FEWEST
    return min(max(math.ceil(wanted), FEWEST), MOST)
