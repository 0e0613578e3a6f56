"""Masses of a chamber's states through the output times: constant noise, steps of the schedule, moving noise."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from fpsolve.errors import ConvergenceError
from fpsolve.grids.chamber import ChamberGrid
from fpsolve.kernels.chamber import chamber_term
from fpsolve.models.level_gas import LevelGas
from fpsolve.operators.chamber import ChamberGenerator, chamber_generator
from fpsolve.solvers.chebyshev import chebyshev_step
from fpsolve.solvers.march import Stepper, march

__all__ = ["ChamberMarch", "march_chamber"]

Array = NDArray[np.float64]

_LONGEST = 2e4  # radius · length of a step: about 900 products, after which it pays to ask whether the law still moves
_SHORTEST = 1e-3  # the same of a step so short that the error cannot be met
_SHARE = 1.0 / 64.0  # part of the error still to be spent that one short step may use
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
        stepper = _MovingChamber(model, grid, rtol)
        pieces: list[tuple[float, Stepper]] = [(float(times[-1]), stepper)]
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
            state, taken, spent = _advance(generator, state, stop - time, allowed=share)
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


def _advance(
    generator: ChamberGenerator, state: Array, duration: float, *, allowed: float
) -> tuple[Array, int, float]:
    """Advance at constant rates; returns the state, the steps taken and the sum of their errors."""
    done, error, steps = 0.0, 0.0, 0
    wish = _LONGEST / generator.radius
    while done < duration:
        room = duration - done
        length = room if wish > 0.99 * room else wish
        # What is left of the error, shared out by time; a short step may take somewhat more.
        share = max(length / room, _SHARE) * (allowed - error)
        drift = room * _speed(generator, state)
        if drift <= share:
            # ‖Am‖₁ never grows, so this bounds how far the law can still move.
            return state, steps, error + drift
        step = chebyshev_step(generator, length, state, allowed=0.5 * share)
        if step.state is not None:
            settled, moved = _settle(step.state)
            if step.error + moved <= share:
                state, done, steps = settled, done + length, steps + 1
                error += step.error + moved
                wish = min(4.0 * length, _LONGEST / generator.radius)
                continue
        wish = 0.25 * length
        if wish * generator.radius < _SHORTEST:
            msg = f"the time step shrank to {wish:.3g}"
            raise ConvergenceError(msg, iterations=steps, residual=step.error, tolerance=share)
    return state, steps, error


def _speed(generator: ChamberGenerator, state: Array) -> float:
    """‖A m‖₁."""
    out, unused = np.zeros_like(state), np.zeros_like(state)
    rates = (generator.grid.choose, generator.below, generator.above, generator.leaving)
    chamber_term(*rates, 1.0, 0.0, 0.0, state, unused, out)
    return _norm(out)


class _MovingChamber:
    """Commutator-free Magnus step of order 4 (Blanes and Moan, Appl. Numer. Math. 56, 1519, 2006).

    With generators A_{1,2} at the Gauss points of the step, two exponentials of half a step each, with the rates
    (1/2 ± √3/3) A_1 + (1/2 ∓ √3/3) A_2. A step over which a rate would become negative is refused (it gives nan).
    """

    order = 4

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
            state, _, _ = _advance(mixed, state, 0.5 * length, allowed=_INNER * self.rtol)
        return state
