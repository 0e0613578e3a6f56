"""Starts of the Markov log-gas closure: joint masses of adjacent levels."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from fpsolve.models.initial import EmpiricalLaw, GaussianLaw, InitialLaw, PointLaw
from fpsolve.solvers.log_gas_family import LogGasFamily
from fpsolve.solvers.log_gas_grid import LogGasGrid
from fpsolve.solvers.log_gas_start import Start
from fpsolve.solvers.markov_log_gas_family import MarkovFamily, Pairs, Windows
from fpsolve.solvers.markov_log_gas_pairs import reconciled, windows_of

__all__ = ["start_pairs"]

Array = NDArray[np.float64]

DRAWS = 200_000


def start_pairs(start: Start, family: MarkovFamily) -> tuple[Windows, Pairs, Pairs, float]:
    """Windows of the levels, laws of the pairs on them, a guess of ln R, and the mass that lies outside the grid.

    Random weights and stationary gases are laws of the closure. Of Gaussian levels and points the pairs are known too;
    of all other laws the pairs are counted in draws. The closure then starts from its law with these pairs, which for
    two levels is the law itself. Where levels share a cell, half of them is put one cell lower and half one cell higher.

    Raises
    ------
    GridError
        Levels that the cells do not tell apart, or no mass on the grid.
    ConvergenceError
        Marginals that no log-gas has.
    """
    grid, levels = family.grid, family.n
    law, rows, beyond = start.on(LogGasFamily(grid, levels))
    windows = windows_of(rows)
    pairs, log_minors = family.log_gas(law.weights, law.centres, windows)
    if start.gas is None:
        initial = start.marginal_law
        joint = (
            _product(_alone(initial, grid)) if isinstance(initial, GaussianLaw | PointLaw) else _counted(initial, grid)
        )
        pairs = tuple(
            _untied(mass)[slice(*windows[i].tolist()), slice(*windows[i + 1].tolist())] for i, mass in enumerate(joint)
        )
    return windows, reconciled(tuple(mass / mass.sum() for mass in pairs))[0], log_minors, beyond


def _alone(law: GaussianLaw | PointLaw, grid: LogGasGrid) -> Array:
    """Masses of independent levels before they are put in order, shape (level, cell)."""
    if isinstance(law, GaussianLaw):
        singles = [GaussianLaw((mean,), (std,)) for mean, std in zip(law.means, law.stds, strict=True)]
        return np.array([single.masses(grid.edges) for single in singles])
    # A point is shared between the midpoints next to it, so that its mean is right.
    out, places, x = np.zeros((law.n, grid.cells)), np.array(law.at), grid.x
    left = np.clip(np.searchsorted(x, places) - 1, 0, grid.cells - 2)
    part = np.clip((places - x[left]) / (x[left + 1] - x[left]), 0.0, 1.0)
    out[np.arange(law.n), left] = 1.0 - part
    out[np.arange(law.n), left + 1] = part
    return out


def _product(alone: Array) -> Pairs:
    """Joint masses of neighbours among independent levels in order; of two levels in one cell half are in order."""
    levels = alone.shape[0]
    below, above = np.ones_like(alone), np.ones_like(alone)
    for i in range(1, levels):
        rise, fall = alone[i - 1] * below[i - 1], alone[-i] * above[-i]
        below[i] = np.cumsum(rise) - 0.5 * rise
        above[-i - 1] = np.cumsum(fall[::-1])[::-1] - 0.5 * fall
    pairs = []
    for i in range(levels - 1):
        joint = np.triu(np.outer(alone[i] * below[i], alone[i + 1] * above[i + 1]))
        joint[np.diag_indices_from(joint)] *= 0.5
        pairs.append(joint)
    return tuple(pairs)


def _counted(law: InitialLaw, grid: LogGasGrid) -> Pairs:
    """Part of the draws in every pair of cells."""
    draws = law.levels if isinstance(law, EmpiricalLaw) else law.sample(DRAWS, np.random.default_rng(0))
    inside = (draws[:, 0] >= grid.lower) & (draws[:, -1] <= grid.upper)
    cells = np.clip(np.searchsorted(grid.edges, draws[inside], side="right") - 1, 0, grid.cells - 1)
    shape = (grid.cells, grid.cells)
    pairs = []
    for i in range(draws.shape[1] - 1):
        flat = np.ravel_multi_index((cells[:, i], cells[:, i + 1]), shape)
        pairs.append(np.bincount(flat, minlength=grid.cells**2).reshape(shape) / len(draws))
    return tuple(pairs)


def _untied(mass: Array) -> Array:
    """Share the masses of levels in one cell between the two neighbouring pairs of cells."""
    out, tied = np.triu(mass, 1), np.diagonal(mass)
    cell = np.arange(tied.size - 1)
    half = 0.5 * tied
    out[cell, cell + 1] += half[1:] + half[:-1]
    out[0, 1] += half[0]
    out[-2, -1] += half[-1]
    return out
