"""Masses of the states of a chamber under an initial law."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from fpsolve.errors import GridError, ModelError
from fpsolve.exact.gamma_law import GammaLaw
from fpsolve.grids.axis import Axis
from fpsolve.grids.chamber import ChamberGrid
from fpsolve.models.initial_gaussian import GaussianLaw
from fpsolve.models.initial_law import InitialLaw
from fpsolve.models.initial_pair import PairLaw
from fpsolve.models.initial_point import PointLaw
from fpsolve.models.initial_table import EmpiricalLaw
from fpsolve.models.initial_truncated import TruncatedLaw
from fpsolve.models.initial_wishart import WishartLaw
from fpsolve.operators.chamber import log_chamber_weights

__all__ = ["chamber_start", "refuse_touching_points"]

Array = NDArray[np.float64]

_DRAWS = 200_000


def chamber_start(law: InitialLaw, grid: ChamberGrid) -> tuple[Array, float]:
    """Joint masses of a law, and how much of it lies outside the axis.

    Laws that are products of one-level weights and of |x_a − x_b|^β (Gaussian, β = 0; pair and random matrix, β = 1) have
    exact masses of one-level cells and the cell averages of |x_a − x_b|^β that the generator has. A point is shared between
    the nearest midpoints such that every level has the right mean. Laws of which only draws are known are histogrammed.

    Parameters
    ----------
    law : InitialLaw
        For as many levels as the grid.
    grid : ChamberGrid

    Returns
    -------
    masses : ndarray, shape (state,)
        Normalised to 1.
    beyond : float
        Probability that the lowest or the highest level lies outside the axis.

    Raises
    ------
    GridError
        If no mass lies on the axis.
    """
    masses = _masses(law, grid)
    total = float(masses.sum())
    if not total > 0.0:
        msg = f"no mass of the initial law lies in [{grid.axis.lower:g}, {grid.axis.upper:g}]"
        raise GridError(msg)
    return masses / total, _beyond(law, grid.axis)


def refuse_touching_points(law: InitialLaw, beta: float) -> None:
    """ModelError for a point start with levels out of order, or with two in one place although they repel (β > 0)."""
    if isinstance(law, TruncatedLaw):
        law = law.law
    if not isinstance(law, PointLaw):
        return
    for i, (low, high) in enumerate(pairwise(law.at)):
        if high < low:
            msg = f"the point start is out of order: level {i + 1} at {high:g} lies below level {i} at {low:g}"
            raise ModelError(msg)
        if high == low and beta > 0.0:
            msg = (
                f"levels {i} and {i + 1} both start at {low:g}, but with beta = {beta:g} they repel and never meet: give "
                "each a place of its own, or let them start close together as a law of some width"
            )
            raise ModelError(msg)


def _masses(law: InitialLaw, grid: ChamberGrid) -> Array:
    """Joint masses, not normalised."""
    edges = grid.axis.edges
    if isinstance(law, TruncatedLaw):
        # The axis lies between the walls.
        return _masses(law.law, grid)
    if isinstance(law, GaussianLaw):
        alone = [GaussianLaw((m,), (s,)).masses(edges) for m, s in zip(law.means, law.stds, strict=True)]
        return _product(grid, np.array(alone), beta=0.0)
    if isinstance(law, PairLaw):
        alone = [GaussianLaw((law.centre,), (law.width,)).masses(edges)] * 2
        return _product(grid, np.array(alone), beta=1.0)
    if isinstance(law, WishartLaw):
        weight = GammaLaw(shape=0.5 * (law.rows - law.levels + 1), scale=2.0 * law.variance)
        lower, upper = weight.cdf(edges), weight.sf(edges)
        masses = np.where(lower[:-1] > 0.5, upper[:-1] - upper[1:], lower[1:] - lower[:-1])
        return _product(grid, np.tile(masses, (grid.levels, 1)), beta=1.0)
    if isinstance(law, PointLaw):
        return _point(law, grid)
    draws = law.levels if isinstance(law, EmpiricalLaw) else law.sample(_DRAWS, np.random.default_rng(0))
    return _histogram(draws, grid)


def _product(grid: ChamberGrid, alone: Array, *, beta: float) -> Array:
    """Masses from those of each level alone, shape (level, cell), and the repulsion."""
    with np.errstate(divide="ignore"):
        weights = log_chamber_weights(grid, np.log(np.maximum(alone, 0.0)), beta)
    top = float(weights.max())
    return np.exp(weights - top) if np.isfinite(top) else np.zeros(grid.size)


def _point(law: PointLaw, grid: ChamberGrid) -> Array:
    """Every level shared between the two midpoints next to it; combinations out of order are put in order."""
    centers, places = grid.axis.centers, np.array(law.at)
    masses = np.zeros(grid.size)
    if places[0] < grid.axis.lower or places[-1] > grid.axis.upper:
        return masses
    left = np.clip(np.searchsorted(centers, places) - 1, 0, grid.cells - 2)
    part = np.clip((places - centers[left]) / (centers[left + 1] - centers[left]), 0.0, 1.0)
    for corner in np.ndindex(*(2,) * grid.levels):
        chosen = np.array(corner)
        weight = np.where(chosen == 1, part, 1.0 - part).prod()
        masses[grid.number(np.sort(left + chosen))] += weight
    return masses


def _histogram(draws: Array, grid: ChamberGrid) -> Array:
    """Part of the draws in every state; those outside the axis are left out."""
    edges = grid.axis.edges
    inside = (draws[:, 0] >= edges[0]) & (draws[:, -1] <= edges[-1])
    cells = np.clip(np.searchsorted(edges, draws[inside], side="right") - 1, 0, grid.cells - 1)
    return np.bincount(grid.number(cells), minlength=grid.size) / len(draws)


def _beyond(law: InitialLaw, axis: Axis) -> float:
    """P(lowest level < lower end) + P(highest level > upper end), from marginals or, without them, draws."""
    try:
        below, above = (
            law.masses(np.array([-np.inf, axis.lower]), 0),
            law.masses(np.array([axis.upper, np.inf]), law.n - 1),
        )
    except ModelError:
        draws = law.sample(_DRAWS, np.random.default_rng(0))
        return float(np.mean((draws[:, 0] < axis.lower) | (draws[:, -1] > axis.upper)))
    return float(below[0] + above[0])
