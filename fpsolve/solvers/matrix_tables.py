"""Densities, moments and pairs of levels from many exact draws, smoothed less than their errors."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from fpsolve.errors import GridError
from fpsolve.results import AdjacentPairs
from fpsolve.solvers.particle_pairs import pair_cells, tabulate_pairs

__all__ = ["cells_of", "level_edges", "level_masses", "level_moments", "level_pairs"]

Array = NDArray[np.float64]

KERNEL = 0.05  # of a level's standard deviation
FINE = 4  # points of the fine grid per width of the kernel
REACH = 6.0  # widths of the kernel beyond the outermost draw
CELLS_PER_STD, FEWEST, MOST = 12, 400, 4000


def cells_of(cells: int | None, domain: tuple[float, float] | None) -> int:
    """Cells of a table, 400 by default; GridError for fewer than 4, or ends that do not ascend."""
    count = FEWEST if cells is None else cells
    if count < 4 or (domain is not None and not domain[0] < domain[1]):
        msg = f"a table needs at least 4 cells and ascending ends, not {count} cells on {domain}"
        raise GridError(msg)
    return count


def level_edges(
    levels: Array, *, root: bool, cells: int | None = None, domain: tuple[float, float] | None = None
) -> Array:
    """Cell edges of every level, common to all times, shape (level, cell + 1).

    Equal cells; where levels are squares (`root`) equal in √x, and then so many that the narrowest law of any time has
    12 in a standard deviation (400 at least, 4000 at most).

    Parameters
    ----------
    levels : ndarray, shape (time, draw, level)

    Raises
    ------
    GridError
        Fewer than 4 cells, an empty domain, or one without squares.
    """
    count = cells_of(cells, domain)
    if root and domain is not None and domain[1] <= 0.0:
        msg = f"the levels are squares: nothing of them lies in the domain {domain}"
        raise GridError(msg)
    places = np.sqrt(levels) if root else levels
    spread = places.std(axis=1)
    margin = REACH * KERNEL * spread.max(axis=0)
    ends = np.stack([places.min(axis=(0, 1)) - margin, places.max(axis=(0, 1)) + margin], axis=1)
    if root:
        ends = np.maximum(ends, 0.0)
    if domain is not None:
        ends[:] = np.sqrt(np.maximum(domain, 0.0)) if root else domain
    if cells is None:
        width = np.maximum(spread.min(axis=0), 1e-12 * np.ptp(ends, axis=1))
        fitting = math.ceil(CELLS_PER_STD * float(np.max(np.ptp(ends, axis=1) / width)))
        count = int(np.clip(fitting, FEWEST, MOST))
    edges = np.linspace(ends[:, 0], ends[:, 1], count + 1, axis=1)
    return edges**2 if root else edges


def level_masses(draws: Array, edges: Array, *, root: bool, wall: bool) -> Array:
    """Probability of every cell, shape (cell,).

    The draws are smoothed by the kernel 2G_h − G_{√2h} of fourth order, G_h a Gaussian of h = 0.05 of their standard
    deviation; what it carries over a wall at 0 is folded back. A smooth distribution function moves by less than 1e-5 (a
    law with edges, as that of a start may be, by 0.23h times the density there).

    Parameters
    ----------
    draws : ndarray, shape (draw,)
    edges : ndarray, shape (cell + 1,)
    root : bool
        Whether levels are squares: then their roots are smoothed.
    wall : bool
        Whether levels are ≥ 0.
    """
    from scipy.ndimage import gaussian_filter1d

    places, ends = (np.sqrt(draws), np.sqrt(edges)) if root else (draws, edges)
    std = float(places.std())
    if std <= 1e-12 * max(abs(float(places.mean())), 1e-300):
        return np.asarray(np.histogram(places, bins=ends)[0] / places.size)
    width = KERNEL * std
    step = width / FINE
    low = float(places.min()) - REACH * width
    index = (places - low) / step
    cell = index.astype(np.int64)
    share = index - cell
    size = int(cell.max()) + 2 + int(REACH * FINE)
    weights = np.bincount(cell, 1.0 - share, minlength=size) + np.bincount(cell + 1, share, minlength=size)
    # Sharing a draw between two points adds step²/6 to the variance, which is to stay as it is.
    narrow, wide = (
        gaussian_filter1d(weights, points, mode="constant", truncate=REACH)
        for points in (FINE, math.sqrt(2.0 * FINE**2 + 1.0 / 6.0))
    )
    smooth = 2.0 * narrow - wide
    cumulative = np.concatenate([[0.0], np.cumsum(smooth)]) / smooth.sum()
    grid = low + step * (np.arange(cumulative.size) - 0.5)
    distribution = np.interp(ends, grid, cumulative)
    if wall:
        distribution -= np.interp(-ends, grid, cumulative)
    # Beside the edge of a law, and beyond the outermost draws, the kernel falls below 0.
    return np.diff(np.maximum.accumulate(np.clip(distribution, 0.0, 1.0)))


def level_moments(levels: Array) -> dict[str, Array]:
    """Means and standard deviations with standard errors, shape (time, level), correlations of neighbours with errors.

    As for trajectories: std/√M, √((m_4 − m_2²)/(4 m_2 M)), and for a correlation r that of the mean of
    z_i z_j − r(z_i² + z_j²)/2.
    """
    number = levels.shape[1]
    mean = levels.mean(axis=1)
    deviation = levels - mean[:, None]
    squares = deviation * deviation
    second = squares.mean(axis=1)
    fourth = np.mean(squares * squares, axis=1)
    std = np.sqrt(second)
    safe = np.where(second > 0.0, second, 1.0)
    z = deviation / np.sqrt(safe)[:, None]
    products = z[..., :-1] * z[..., 1:]
    correlation = products.mean(axis=1)
    squared = z * z
    residual = products - 0.5 * correlation[:, None] * (squared[..., :-1] + squared[..., 1:])
    return {
        "mean": mean,
        "std": std,
        "mean_error": std / math.sqrt(number),
        "std_error": np.sqrt(np.maximum(fourth - second**2, 0.0) / (4.0 * safe * number)),
        "correlation": correlation,
        "correlation_error": residual.std(axis=1) / math.sqrt(number),
    }


def level_pairs(levels: Array, edges: Array, correlation: Array) -> AdjacentPairs:
    """Joint laws and spacings of neighbours with the axis of time, on coarser cells."""
    cells = pair_cells(edges.shape[1] - 1, levels.shape[1], levels.shape[0] * (levels.shape[2] - 1))
    coarse = np.linspace(edges[:, 0], edges[:, -1], cells + 1, axis=1)
    return tabulate_pairs(levels, coarse, correlation)
