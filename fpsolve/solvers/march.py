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
_TOGETHER = 8  # so many output times are reached by one step at most
_LONGEST_PART = 0.6  # a part of a step may be so much of the whole: then its error is far below that of the whole
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
    """Advance by steps that are compared with the same way in parts; the parts are kept.

    The parts of a step are two halves, or what lies between the next output times if none of these is much longer than
    the others. A step is accepted if its end differs from that of the parts by no more than its share of what is left
    of `rtol`: the part of the remaining time that it covers, at least 1/64. The shares add up to no more than `rtol`;
    differences that are rounding are accepted and counted too. After a rejection the first part is the next whole step.

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
    end, targets = float(times[-1]), times.tolist()
    state, time, wish, spent = start, 0.0, end, 0.0
    states = np.empty((times.size, start.size))
    steps = k = 0
    while k < times.size:
        until, stepper = next(pair for pair in steppers if pair[0] > time)
        plan = _plan(time, wish, until, targets[k : k + _TOGETHER])
        step = _compared(stepper, time, end, state, plan, rtol - spent, norm, settle)
        wish = step.growth * step.length if step.rejected else max(wish, step.growth * step.length)
        time = targets[k + step.reached - 1] if step.reached else min(time + step.length, until)
        time = until if until - time <= 1e-14 * end else time
        state = step.states[-1]
        steps, spent = steps + 1, spent + step.error
        for reached in step.states[len(step.states) - step.reached :]:
            states[k] = reached
            k += 1
            if progress is not None:
                progress(k, times.size)
    return March(states, steps, spent)


def _plan(time: float, wish: float, until: float, targets: list[float]) -> tuple[list[float], int]:
    """Lengths of the parts of the next step, and how many of the last of them end at output times.

    Parameters
    ----------
    time, wish : float
        Where the step begins and how long it may be.
    until : float
        Where it must end at the latest.
    targets : list of float
        The next output times.
    """
    reach = [target - time for target in targets if target <= until and target - time <= 1.01 * wish]
    for count in range(len(reach), 1, -1):
        length = reach[count - 1]
        parts = np.diff([0.0, *reach[:count]])
        if parts.max() <= _LONGEST_PART * length:
            # Equal but for rounding: made equal, so that a stepper can use one factorisation for all.
            equal = np.ptp(parts) <= 1e-12 * length
            return [length / count] * count if equal else parts.tolist(), count
    room = min(until, targets[0]) - time
    # A step that would leave next to nothing takes it along.
    length = room if 1.01 * wish >= room else wish
    return [0.5 * length, 0.5 * length], int(length == room and targets[0] <= until)


@dataclass(frozen=True)
class _Step:
    """A step that was accepted.

    Attributes
    ----------
    length : float
    states : list of ndarray
        At the ends of its parts.
    reached : int
        How many of the last of them are at output times.
    error : float
        Estimated.
    growth : float
        By how much the next step may be longer, between 1 and 4.
    rejected : bool
        Whether a longer step was tried and rejected.
    """

    length: float
    states: list[Array]
    reached: int
    error: float
    growth: float
    rejected: bool


def _compared(
    stepper: Stepper,
    time: float,
    end: float,
    state: Array,
    plan: tuple[list[float], int],
    left: float,
    norm: Norm,
    settle: Settle,
) -> _Step:
    """Make the planned step, or a shorter one if its error is too large."""
    parts, reached = plan
    rounding = stepper.rounding * norm(state)
    whole = stepper.step(time, sum(parts), state)
    before, stuck = np.inf, 0
    while True:
        length = sum(parts)
        ends, moved, moment = [state], 0.0, time
        for part in parts:
            last = stepper.step(moment, part, ends[-1])
            settled, shift = settle(last)
            ends.append(settled)
            moved, moment = moved + shift, moment + part
        error = norm(whole - last) + moved
        allowed = max(max(length / (end - time), _SHARE) * left, rounding)
        if error <= allowed:
            # An error of the size of rounding says nothing about the length but that it may grow; a length that came
            # out of a rejection stays for one step.
            excess = max(error - rounding, 0.0) / allowed
            growth = 4.0 if excess < 1e-8 else min(max(0.9 * excess ** (-1.0 / (stepper.order + 1)), 1.0), 4.0)
            rejected = before < np.inf
            return _Step(length, ends[1:], reached, error, 1.0 if rejected else growth, rejected)
        # The error of a step falls with a high power of its length; what falls with the first is rounding.
        stuck = stuck + 1 if 0.35 * before < error < 1e-3 else 0
        if stuck > 2 or not length > _SHORTEST * end:
            msg = f"a time step of {length:.3g} at t = {time:.6g} cannot be made more exact"
            raise ConvergenceError(msg, iterations=0, residual=error, tolerance=allowed)
        whole, before = ends[1], error
        reached = int(reached == len(parts))
        parts = [0.5 * parts[0], 0.5 * parts[0]]
