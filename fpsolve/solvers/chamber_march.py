"""Masses of a chamber's states through the output times: constant noise, steps of the schedule, moving noise."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from fpsolve.errors import ConvergenceError
from fpsolve.grids.chamber import VECTORS, ChamberGrid
from fpsolve.models.level_gas import LevelGas
from fpsolve.operators.chamber import chamber_generator
from fpsolve.solvers.chebyshev import advance

__all__ = ["ChamberMarch", "march_chamber", "march_vectors"]

Array = NDArray[np.float64]

_INNER = 1e-3  # error of the inner steps where the noise moves, as part of the whole
_SHARE = 1.0 / 64.0  # part of the error still to be spent that one short step may use
_SHORTEST = 1e-12
_GAUSS = np.sqrt(3.0) / 6.0


@dataclass(frozen=True)
class ChamberMarch:
    """What a march took.

    Attributes
    ----------
    steps : int
    error : float
        Sum of the estimated L1 errors of the steps; the exact evolution is a contraction in this norm.
    """

    steps: int
    error: float


def march_vectors(model: LevelGas) -> int:
    """Numbers per state held by a march, besides three for every level: see `chamber_bytes`."""
    moves = model.schedule is not None and model.schedule.kind != "piecewise"
    # Two generators and their mixture in a step of moving noise, where otherwise there is one.
    return VECTORS + (2 * (2 * model.n + 3) if moves else 0)


def march_chamber(
    model: LevelGas,
    grid: ChamberGrid,
    start: Array,
    times: Array,
    *,
    rtol: float,
    read: Callable[[Array], object],
    progress: Callable[[int, int], None] | None = None,
) -> ChamberMarch:
    """Advance the masses `start`, shape (state,), to all output times with an L1 error of `rtol` at the last one.

    `read` is called with the masses at every output time, in order; it must not change them.

    Raises
    ------
    ConvergenceError
        If the time step shrinks to nothing.
    """
    schedule = model.schedule
    breaks = model.stops(float(times[-1]))
    moves = schedule is not None and schedule.kind != "piecewise"
    state, time, steps, error, end = start, 0.0, 0, 0.0, float(times[-1])
    generator = chamber_generator(model.at(0.0), grid)
    for k, target in enumerate(times.tolist()):
        for stop in [*(moment for moment in breaks if time < moment < target), target]:
            share = (stop - time) / (end - time) * (rtol - error)
            if moves:
                state, taken, spent = _advance_moving(model, grid, state, (time, stop), allowed=share)
            else:
                state, taken, spent = advance(generator, state, stop - time, allowed=share, settle=_settle)
            steps, error, time = steps + taken, error + spent, stop
            if stop in breaks and not moves:
                generator = chamber_generator(model.at(stop), grid)
        read(state)
        if progress is not None:
            progress(k + 1, times.size)
    return ChamberMarch(steps, error)


def _norm(state: Array) -> float:
    """L1 norm."""
    return float(np.abs(state).sum())


def _settle(state: Array) -> tuple[Array, float]:
    """Set rounding below 0 to 0 and restore the total; also tells by how much the state moved."""
    admissible = np.maximum(state, 0.0)
    admissible /= admissible.sum()
    return admissible, _norm(admissible - state)


def _advance_moving(
    model: LevelGas, grid: ChamberGrid, state: Array, span: tuple[float, float], *, allowed: float
) -> tuple[Array, int, float]:
    """Advance through a time span while the noise moves, by steps that are compared with two half steps.

    A start that is not smooth on the scale of the cells makes the first steps short, of the order of 1/radius.
    """
    time, stop = span
    steps, error, wish = 0, 0.0, stop - time
    inner = _INNER * allowed
    while time < stop:
        room = stop - time
        length = room if wish > 0.99 * room else wish
        whole = _magnus_step(model, grid, state, (time, length), allowed=inner)
        while True:
            half = 0.5 * length
            share = max(length / room, _SHARE) * (allowed - error)
            middle = _magnus_step(model, grid, state, (time, half), allowed=inner)
            halves = _magnus_step(model, grid, middle, (time + half, half), allowed=inner)
            found = _norm(whole - halves)
            if found <= share:
                break
            if length < _SHORTEST * stop:
                msg = f"the time step shrank to {length:.3g} at t = {time:.6g}"
                raise ConvergenceError(msg, iterations=steps, residual=found, tolerance=share)
            whole, length = middle, half
        state, steps, error = halves, steps + 1, error + found
        time = stop if length == room else time + length
        wish = length * min(4.0, max(0.5, 0.9 * (share / max(found, 1e-3 * share)) ** 0.2))
    return state, steps, error


def _magnus_step(
    model: LevelGas, grid: ChamberGrid, state: Array, when: tuple[float, float], *, allowed: float
) -> Array:
    """Commutator-free Magnus step of order 4 (Blanes and Moan, Appl. Numer. Math. 56, 1519, 2006); `when`: time, length.

    With generators A_{1,2} at the Gauss points of the step, two exponentials of half a step each, with the rates
    (1/2 ± √3/3) A_1 + (1/2 ∓ √3/3) A_2. A step over which a rate would become negative is refused (it gives nan).
    """
    time, length = when
    first, second = (chamber_generator(model.at(time + length * (0.5 + sign * _GAUSS)), grid) for sign in (-1, 1))
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
        state, _, _ = advance(mixed, state, 0.5 * length, allowed=allowed, settle=_settle)
    return state
