"""What the log-gas closures have in common around their marches: the first step, the record, extrapolation in the cells."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from fpsolve.models.level_gas import LevelGas
from fpsolve.results import Evolution
from fpsolve.solvers.log_gas_grid import LogGasGrid
from fpsolve.solvers.pair_tables import PairMasses, pair_tables

__all__ = ["Marched", "evolution_of", "extrapolated", "first_step"]

Array = NDArray[np.float64]

# Part of the shortest time std²/D at the start that the first step covers.
_FIRST = 1e-3


@dataclass(frozen=True)
class Marched:
    """What a march kept.

    Attributes
    ----------
    masses : ndarray, shape (time, level, cell)
        Marginals.
    pairs : list over times of lists over pairs
        Joint laws of adjacent levels.
    steps : int
        Steps accepted.
    error : float
        Sum of the estimated errors of the steps.
    unknowns : int
        Numbers that were advanced in a step.
    """

    masses: Array
    pairs: list[list[PairMasses]]
    steps: int
    error: float
    unknowns: int


def first_step(model: LevelGas, grid: LogGasGrid, masses: Array) -> float:
    """Length of the first step: 1e-3 of the shortest time std²/D of a level.

    Parameters
    ----------
    model : LevelGas
        With the noise at the start.
    grid : LogGasGrid
    masses : ndarray, shape (level, cell)
        Marginals at the start.
    """
    _, std = _moments(masses, grid)
    diffusion = np.array(
        [
            np.max(np.asarray(body.diffusion(grid.x)) * row)
            for body, row in zip(model.levels, masses / masses.max(axis=1, keepdims=True), strict=True)
        ]
    )
    return _FIRST * float(np.min(np.maximum(std, grid.step) ** 2 / diffusion))


def evolution_of(
    method: str, grid: LogGasGrid, *, times: Array, marched: Marched, initial: Array, beyond: float
) -> Evolution:
    """Densities, moments and tables of pairs from the masses; `initial` are the marginals at the start."""
    mean, std = _moments(marched.masses, grid)
    widths = np.diff(grid.edges)
    density = marched.masses / widths
    pairs = pair_tables(grid.edges, marched.pairs)
    return Evolution(
        method=method,
        times=times,
        edges=np.tile(grid.edges, (initial.shape[0], 1)),
        density=density,
        mass=marched.masses.sum(axis=2).mean(axis=1),
        minimum=density.min(axis=(1, 2)),
        mean=mean,
        std=std,
        unknowns=marched.unknowns,
        steps=marched.steps,
        seconds=0.0,
        error_estimate=marched.error,
        initial_density=initial / widths,
        beyond=beyond,
        correlation=pairs.correlation,
        pairs=pairs,
    )


def _moments(masses: Array, grid: LogGasGrid) -> tuple[Array, Array]:
    """Mean and standard deviation of normalised masses along the last axis."""
    mean = masses @ grid.x
    deviation = grid.x - mean[..., None]
    return mean, np.sqrt(np.sum(masses * deviation**2, axis=-1))


def extrapolated(coarse: Evolution, fine: Evolution) -> Evolution:
    """(4·fine − coarse)/3 on the coarse cells."""

    def mix(fine_value: Array, coarse_value: Array) -> Array:
        return np.asarray((4.0 * fine_value - coarse_value) / 3.0)

    widths = np.diff(fine.edges, axis=1)
    pairs = (fine.density * widths).reshape(*fine.density.shape[:2], -1, 2).sum(axis=3)
    coarse_widths = np.diff(coarse.edges, axis=1)
    density = mix(pairs / coarse_widths, coarse.density)
    correlation = None
    if fine.correlation is not None and coarse.correlation is not None:
        correlation = mix(fine.correlation, coarse.correlation)
    # Of the joint laws the finer tables are kept: other cells than those of the coarser ones.
    return replace(
        coarse,
        density=density,
        mass=mix(fine.mass, coarse.mass),
        minimum=density.min(axis=(1, 2)),
        mean=mix(fine.mean, coarse.mean),
        std=mix(fine.std, coarse.std),
        unknowns=coarse.unknowns + fine.unknowns,
        steps=coarse.steps + fine.steps,
        error_estimate=(4.0 * fine.error_estimate + coarse.error_estimate) / 3.0,
        correlation=correlation,
        pairs=fine.pairs,
        grid_error=np.max(np.sum(np.abs(pairs - coarse.density * coarse_widths), axis=2), axis=1) / 3.0,
    )
