"""March a linear evolution equation through its output times, with the error of every step under control."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from fpsolve.errors import ConvergenceError
from fpsolve.parallel import Progress

__all__ = ["March", "Norm", "Settle", "Stepper", "march"]

Array = NDArray[np.float64]
Norm = Callable[[Array], float]
Settle = Callable[[Array], tuple[Array, float]]

_SHORTEST = 1e-12  # a step shorter than this part of the whole time means that the error cannot be met
_SHARE = 1.0 / 64.0  # part of the error still to be spent that one short step may use


class Stepper(Protocol):
    """One step of an evolution equation."""

    @property
    def order(self) -> int:
        """Power of the step length by which the error is taken to fall when the next length is chosen."""
        ...

    @property
    def rounding(self) -> float:
        """Difference of two ways through one step that rounding alone explains, relative to the norm of the state."""
        ...

    def step(self, time: float, length: float, state: Array) -> Array:
        """Return the state at `time` + `length`; `state` is left alone."""
        ...


@dataclass(frozen=True)
class March:
    """States at the output times.

    Attributes
    ----------
    states : ndarray, shape (time, unknown)
    steps : int
        Steps accepted.
    error : float
        Sum over the steps of the estimated errors; as the exact evolution is a contraction in the L1 norm of masses,
        it bounds the time-integration error there.
    """

    states: Array
    steps: int
    error: float


def march(
    steppers: Sequence[tuple[float, Stepper]],
    start: Array,
    times: Array,
    *,
    rtol: float,
    norm: Norm,
    settle: Settle,
    progress: Progress | None = None,
) -> March:
    """Advance by steps that are compared with two half steps; the two halves are kept.

    A step is accepted if its difference to the halves is within its share of what is left of `rtol`: the part of
    the remaining time that it covers, at least 1/64. The shares add up to no more than `rtol`; differences that are
    rounding are accepted and counted too. A rejected step is halved, and its first half serves as the next whole step, so that a rejection costs two steps and not three.

    Parameters
    ----------
    steppers : sequence of (end, Stepper)
        What advances the state up to the time `end`; ends increase, the last one is not below the last output time.
        No step crosses an end.
    start : ndarray, shape (unknown,)
        State at time 0.
    times : ndarray, shape (time,)
        Output times, increasing, > 0.
    rtol : float
        Error allowed at the last time, in the norm.
    norm : callable
        Of a state; it bounds the L1 norm of the density.
    settle : callable
        Maps a new state to an admissible one (no negative mass, the right total) and tells by how much it moved,
        which counts as an error of the step.
    progress : callable, optional
        Called as ``progress(done, total)`` with the number of output times reached.

    Raises
    ------
    ConvergenceError
        If shorter steps do not help any more: rounding errors are larger than what `rtol` allows.
    """
    end = float(times[-1])
    state, time, wish, steps, spent = start, 0.0, end, 0, 0.0
    states = np.empty((times.size, start.size))
    for k, target in enumerate(times.tolist()):
        while time < target:
            until, stepper = next(pair for pair in steppers if pair[0] > time)
            room = min(until, target) - time
            # A step that would leave next to nothing takes it along.
            length = room if wish > 0.99 * room else wish
            taken, state, error, growth = _compared(stepper, (time, length, end), state, rtol - spent, norm, settle)
            wish = max(wish, growth * taken) if taken == length else growth * taken
            time = min(until, target) if taken == room else time + taken
            steps, spent = steps + 1, spent + error
        states[k] = state
        if progress is not None:
            progress(k + 1, times.size)
    return March(states, steps, spent)


def _compared(
    stepper: Stepper,
    when: tuple[float, float, float],
    state: Array,
    left: float,
    norm: Norm,
    settle: Settle,
) -> tuple[float, Array, float, float]:
    """Make one step, as long as `when` = (time, length, end) asks or shorter by a power of 2.

    Returns
    -------
    length : float
        Of the step made.
    state : ndarray
        After it.
    error : float
        Estimated.
    growth : float
        By how much the next step may be longer, between 1 and 4.
    """
    time, length, end = when
    rounding = stepper.rounding * norm(state)
    whole = stepper.step(time, length, state)
    before, stuck = np.inf, 0
    while True:
        half = 0.5 * length
        middle = stepper.step(time, half, state)
        halves = stepper.step(time + half, half, middle)
        settled, moved = settle(halves)
        error = norm(whole - halves) + moved
        allowed = max(max(length / (end - time), _SHARE) * left, rounding)
        if error <= allowed:
            # An error of the size of rounding says nothing about the length but that it may grow; a length that came
            # out of a rejection stays for one step.
            excess = max(error - rounding, 0.0) / allowed
            growth = 4.0 if excess < 1e-8 else min(max(0.9 * excess ** (-1.0 / (stepper.order + 1)), 1.0), 4.0)
            growth = growth if before == np.inf else 1.0
            return length, settled, error, growth
        # The error of a step falls with a high power of its length; what falls with the first is rounding.
        stuck = stuck + 1 if 0.35 * before < error < 1e-3 else 0
        if stuck > 2 or not length > _SHORTEST * end:
            msg = f"a time step of {length:.3g} at t = {time:.6g} cannot be made more exact"
            raise ConvergenceError(msg, iterations=0, residual=error, tolerance=allowed)
        whole, length, before = middle, half, error
