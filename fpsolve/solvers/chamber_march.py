"""Masses of a chamber's states through the output times: constant noise, steps of the schedule, moving noise."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from fpsolve.grids.chamber import ChamberGrid
from fpsolve.models.level_gas import LevelGas
from fpsolve.operators.chamber import chamber_generator
from fpsolve.solvers.chebyshev import advance
from fpsolve.solvers.march import Stepper, march

__all__ = ["ChamberMarch", "march_chamber"]

Array = NDArray[np.float64]

_INNER = 1e-3  # error of the inner steps where the noise moves, as part of the whole
_GAUSS = np.sqrt(3.0) / 6.0


@dataclass(frozen=True)
class ChamberMarch:
    """States at the output times, and what it took.

    Attributes
    ----------
    states : ndarray, shape (time, state)
    steps : int
    error : float
        Sum of the estimated L1 errors of the steps; the exact evolution is a contraction in this norm.
    """

    states: Array
    steps: int
    error: float


def march_chamber(
    model: LevelGas,
    grid: ChamberGrid,
    start: Array,
    times: Array,
    *,
    rtol: float,
    progress: Callable[[int, int], None] | None = None,
) -> ChamberMarch:
    """Advance the masses `start`, shape (state,), to all output times with an L1 error of `rtol` at the last one.

    Raises
    ------
    ConvergenceError
        If the time step shrinks to nothing.
    """
    schedule = model.schedule
    if schedule is not None and schedule.kind != "piecewise" and schedule.breakpoints[-1] > 0.0:
        stepper: Stepper = _MovingChamber(model, grid, rtol)
        inner = [moment for moment in schedule.breakpoints if 0.0 < moment < times[-1]]
        pieces = [(moment, stepper) for moment in [*inner, float(times[-1])]]
        found = march(pieces, start, times, rtol=rtol, norm=_norm, settle=_settle, progress=progress)
        return ChamberMarch(found.states, found.steps, found.error)
    breaks = [] if schedule is None else [moment for moment in schedule.breakpoints if 0.0 < moment < times[-1]]
    states = np.empty((times.size, grid.size))
    state, time, steps, error, end = start, 0.0, 0, 0.0, float(times[-1])
    generator = chamber_generator(model.at(0.0), grid)
    for k, target in enumerate(times.tolist()):
        for stop in [*(moment for moment in breaks if time < moment < target), target]:
            share = (stop - time) / (end - time) * (rtol - error)
            state, taken, spent = advance(generator, state, stop - time, allowed=share, settle=_settle)
            steps, error, time = steps + taken, error + spent, stop
            if stop in breaks:
                generator = chamber_generator(model.at(stop), grid)
        states[k] = state
        if progress is not None:
            progress(k + 1, times.size)
    return ChamberMarch(states, steps, error)


def _norm(state: Array) -> float:
    """L1 norm."""
    return float(np.abs(state).sum())


def _settle(state: Array) -> tuple[Array, float]:
    """Set rounding below 0 to 0 and restore the total; also tells by how much the state moved."""
    admissible = np.maximum(state, 0.0)
    admissible /= admissible.sum()
    return admissible, _norm(admissible - state)


class _MovingChamber:
    """Commutator-free Magnus step of order 4 (Blanes and Moan, Appl. Numer. Math. 56, 1519, 2006).

    With generators A_{1,2} at the Gauss points of the step, two exponentials of half a step each, with the rates
    (1/2 ± √3/3) A_1 + (1/2 ∓ √3/3) A_2. A step over which a rate would become negative is refused (it gives nan).
    """

    order = 4
    rounding = 1e-13

    def __init__(self, model: LevelGas, grid: ChamberGrid, rtol: float) -> None:
        self.model, self.grid, self.rtol = model, grid, rtol

    def step(self, time: float, length: float, state: Array) -> Array:
        """Return the masses at `time` + `length`."""
        first, second = (
            chamber_generator(self.model.at(time + length * (0.5 + sign * _GAUSS)), self.grid) for sign in (-1, 1)
        )
        for near, far in ((first, second), (second, first)):
            a, b = 0.5 + 2.0 * _GAUSS, 0.5 - 2.0 * _GAUSS
            mixed = replace(
                near,
                below=a * near.below + b * far.below,
                above=a * near.above + b * far.above,
                leaving=a * near.leaving + b * far.leaving,
            )
            if min(mixed.below.min(), mixed.above.min()) < 0.0:
                return np.full_like(state, np.nan)
            state, _, _ = advance(mixed, state, 0.5 * length, allowed=_INNER * self.rtol, settle=_settle)
        return state
