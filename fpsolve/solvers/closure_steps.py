"""Lengths of time steps: every step is tried, judged by its error, and repeated shorter where that is too large."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import log1p
from typing import Protocol, Self, TypeVar

import numpy as np
from numpy.typing import NDArray

from fpsolve.errors import ConvergenceError
from fpsolve.parallel import Progress

__all__ = ["ROUNDING", "StepControl", "Timed"]

Array = NDArray[np.float64]

SHORTEST = 1e-12  # a step shorter than this part of the whole time means that the error cannot be met
ROUNDING = 1e-12
"""Errors of a step below this are rounding."""


class Timed(Protocol):
    """What is marched: something that knows its time, and can be put at another one."""

    @property
    def time(self) -> float:
        """Time reached."""
        ...

    def moved_to(self, time: float) -> Self:
        """The same, at a time that differs by rounding."""
        ...


State = TypeVar("State", bound=Timed)


@dataclass(frozen=True)
class StepControl:
    """Steps of a method of second order whose error estimate is of third order in the length.

    Attributes
    ----------
    stops : ndarray
        Times that no step crosses, increasing, the last of them the end.
    rtol : float
        Bound of the sum of all errors.
    longest : float
        Largest step allowed.
    """

    stops: Array
    rtol: float
    longest: float

    def run(
        self,
        state: State,
        attempt: Callable[[State, float, float], tuple[State, float]],
        keep: Callable[[State], None],
        *,
        times: Array,
        first: float,
        progress: Progress | None = None,
    ) -> tuple[int, float]:
        """March through the output times and return the number of steps and the sum of their errors.

        Parameters
        ----------
        state : Timed
            At time 0.
        attempt : callable
            ``attempt(state, length, allowed)`` returns the state one step later and the error of this step; `allowed` is
            the largest error that will be accepted.
        keep : callable
            Called with the state at every output time.
        times : ndarray
            Output times.
        first : float
            Length of the first step.
        progress : callable, optional
            Called as ``progress(done, total)`` as output times are reached.

        Raises
        ------
        ConvergenceError
            If the step shrinks to nothing.
        """
        steps, spent, wish = 0, 0.0, min(first, self.longest)
        budget = _Budget(float(self.stops[-1]), first)
        for k, target in enumerate(times.tolist()):
            while state.time < target:
                until = min(float(self.stops[np.searchsorted(self.stops, state.time, side="right")]), target)
                room = until - state.time
                # Nothing short is left over: before a stop there are one or two steps of about the same length.
                length = room if wish > 0.99 * room else min(wish, 0.5 * room) if wish > 0.5 * room else wish
                state, error, better = self._step(state, attempt, length, self.rtol - spent, budget)
                if abs(state.time - until) <= 1e-14 * target:
                    state = state.moved_to(until)
                wish = min(max(better, wish) if length < wish else better, self.longest)
                steps, spent = steps + 1, spent + error
            keep(state)
            if progress is not None:
                progress(k + 1, times.size)
        return steps, spent

    def _step(
        self,
        state: State,
        attempt: Callable[[State, float, float], tuple[State, float]],
        length: float,
        left: float,
        budget: _Budget,
    ) -> tuple[State, float, float]:
        """One step of at most `length`: the new state, its error, and the length that the next one should have."""
        while True:
            allowed = max(budget.share(state.time, length) * left, ROUNDING)
            after, error = attempt(state, length, allowed)
            factor = 0.8 * (allowed / max(error, 1e-300)) ** (1.0 / 3.0)
            if error <= allowed:
                return after, error, length * min(max(factor, 0.5), 2.0)
            length *= max(factor, 0.2)
            if not length > SHORTEST * budget.end:
                msg = f"the time step shrank to {length:.3g} at t = {state.time:.6g}"
                raise ConvergenceError(msg, iterations=0, residual=error, tolerance=allowed)


@dataclass(frozen=True)
class _Budget:
    """How the error is spent: half of it evenly in time, half evenly in ln(t + first).

    Attributes
    ----------
    end : float
        Last time.
    first : float
        Length of the first step.
    """

    end: float
    first: float

    def share(self, time: float, length: float) -> float:
        """Part of the error still to be spent that a step may use."""
        return self._spent(time, time + length) / self._spent(time, self.end)

    def _spent(self, begin: float, end: float) -> float:
        """Part of the whole between two times."""
        logarithm = log1p((end - begin) / (begin + self.first)) / log1p(self.end / self.first)
        return 0.5 * (end - begin) / self.end + 0.5 * logarithm
