"""Cells for a gas of levels: a domain that holds the start and the stationary gas, and a width that resolves both."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from fpsolve.errors import GridError, ModelError
from fpsolve.grids.axis import Grading
from fpsolve.models.level_gas import LevelGas
from fpsolve.solvers.log_gas_grid import LogGasGrid
from fpsolve.solvers.log_gas_start import Spreads, Start, spreads_of

__all__ = ["CELLS_PER_STD", "log_gas_grid"]

Array = NDArray[np.float64]

CELLS_PER_STD = 5.0
MIN_CELLS, MAX_CELLS = 160, 4000
TAIL = 1e-9  # probability of a level that may lie beyond either end of the domain
REACH = 8.0  # standard deviations kept around the seats of a gas without a stationary law


def log_gas_grid(
    model: LevelGas,
    start: Start,
    *,
    cells: int | None = None,
    domain: tuple[float, float] | None = None,
    grading: Grading | None = None,
    per_std: float = CELLS_PER_STD,
) -> LogGasGrid:
    """Choose what the user left open of the cells that all levels share.

    The domain holds all but 1e-9 of every level, at the start and in the stationary gas at all noises of the schedule;
    there are `per_std` cells for the narrowest standard deviation, at least 160, and an even number. Where laws are singular at the lower wall
    (a Laguerre model, a start from random weights) the cells are denser towards it, with the bend that needs the
    fewest cells.

    Raises
    ------
    GridError
        A domain that is not increasing, not finite or leaves the walls; more than 4000 cells needed and none given.
    """
    laws = [*start.spreads(TAIL), *_settled(model)]
    walls = model.walls
    if domain is None:
        lower = max(min(float(law.lower.min()) for law in laws), walls[0])
        upper = min(max(float(law.upper.max()) for law in laws), walls[1])
    else:
        lower, upper = float(domain[0]), float(domain[1])
        if not (walls[0] <= lower < upper <= walls[1] and np.isfinite(upper - lower)):
            msg = f"domain must increase within the walls [{walls[0]:g}, {walls[1]:g}], not [{lower:g}, {upper:g}]"
            raise GridError(msg)
    singular = start.singular or any(body.grading == "sqrt" for body in model.levels)
    if domain is None and singular and grading != "uniform" and np.isfinite(walls[0]):
        lower = walls[0]
    if grading is None:
        bends = (upper - lower) * np.array([*np.geomspace(1e-3, 1.0, 13), np.inf]) if singular else np.zeros(1)
    else:
        bends = np.array([np.inf if grading == "sqrt" else 0.0])
    needs = [_cells(LogGasGrid(lower, upper, MIN_CELLS, float(bend)), laws, per_std) for bend in bends]
    best = int(np.argmin(needs))
    if cells is None:
        cells = max(needs[best], MIN_CELLS)
        if cells > MAX_CELLS:
            msg = (
                f"resolving every level of the gas on [{lower:g}, {upper:g}] takes {cells} cells, more than the "
                f"{MAX_CELLS} chosen by default: give cells, or a narrower domain"
            )
            raise GridError(msg)
    return LogGasGrid(lower, upper, int(cells), float(bends[best]))


def _settled(model: LevelGas) -> list[Spreads]:
    """Spreads of the stationary gas at every noise; of lone levels where there is no stationary gas."""
    laws = []
    for gas in model.noises:
        try:
            laws.append(spreads_of(gas, TAIL))
        except ModelError:
            seats = np.array([body.anchors[0] for body in gas.levels]).T
            laws.append(Spreads(seats[0] - REACH * seats[1], seats[0] + REACH * seats[1], seats[0], seats[1]))
    return laws


def _cells(grid: LogGasGrid, laws: list[Spreads], per_std: float) -> int:
    """Even number of cells that resolve the narrowest level."""
    width = float(np.ptp(grid.y_edges))
    spreads = []
    for law in laws:
        high, low = np.clip([law.mean + law.std, law.mean - law.std], grid.lower, grid.upper)
        spread = 0.5 * (grid.to_y(high) - grid.to_y(low))
        # Points, and levels outside the domain, have no width to be resolved.
        spreads.append(spread[spread > 0.0])
    narrowest = float(np.concatenate(spreads).min(initial=width))
    return 2 * math.ceil(0.5 * per_std * width / narrowest)
