"""Time steps of the log-gas closure: every marginal drifts in the mean force of the other levels."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fpsolve.errors import ConvergenceError
from fpsolve.parallel import Progress
from fpsolve.solvers.log_gas_family import LogGasFamily, Member
from fpsolve.solvers.log_gas_flow import Drift, Flow
from fpsolve.solvers.log_gas_grid import BLOCK

__all__ = ["March", "MarchResult"]

Array = NDArray[np.float64]

SHARE = 1.0 / 64.0  # part of the error still to be spent that one short step may use
SHORTEST = 1e-12  # a step shorter than this part of the whole time means that the error cannot be met
FIT = 0.1  # a fit may be off by this part of what its step may be
SETTLED = 1e-9  # misfit of the laws that are reported
ROUNDING = 1e-12  # errors of a step and misfits below this are rounding


@dataclass(frozen=True)
class MarchResult:
    """What the march kept.

    Attributes
    ----------
    masses : ndarray, shape (time, level, cell)
    correlation : ndarray, shape (time, level − 1)
        Of adjacent levels.
    steps : int
        Steps accepted.
    error : float
        Sum of the estimated errors of the steps.
    """

    masses: Array
    correlation: Array
    steps: int
    error: float


@dataclass(frozen=True)
class _State:
    """Marginals at a time, their log-gas, and how fast ln ρ is expected to change."""

    time: float
    masses: Array
    law: Member
    trend: Array | float = 0.0


@dataclass(frozen=True)
class March:
    """Predictor–corrector steps of second order.

    With ln ρ extrapolated to the middle of the step the marginals are moved by the exact flow; their log-gas gives ln ρ
    at the end of the step, and they are moved again with the mean of ln ρ at both ends. The L1 distance of the two, plus
    what has come near the ends of the cells that the flow uses, is the error of the step.

    Attributes
    ----------
    family : LogGasFamily
    drift_at : callable
        Confinement and diffusion at a time.
    stops : ndarray
        Times that no step crosses, increasing, the last of them the end.
    rtol : float
        Bound of the sum of all errors.
    longest : float
        Largest step allowed.
    """

    family: LogGasFamily
    drift_at: Callable[[float], Drift]
    stops: Array
    rtol: float
    longest: float

    def run(
        self, law: Member, masses: Array, *, times: Array, first: float, progress: Progress | None = None
    ) -> MarchResult:
        """Advance through the output times; `first` is the length of the first step.

        Raises
        ------
        ConvergenceError
            If the step shrinks to nothing, or the marginals are those of no log-gas.
        """
        state, flow = _State(0.0, masses, law), Flow(self.family.grid.cells)
        kept, correlation = [], []
        steps, spent, wish = 0, 0.0, min(first, self.longest)
        for k, target in enumerate(times.tolist()):
            while state.time < target:
                until = float(self.stops[np.searchsorted(self.stops, state.time, side="right")])
                room = min(until, target) - state.time
                # Nothing short is left over: before a stop there are one or two steps of about the same length.
                length = room if wish > 0.99 * room else min(wish, 0.5 * room) if wish > 0.5 * room else wish
                state, error, better = self._step(flow, state, length, self.rtol - spent)
                if abs(state.time - min(until, target)) <= 1e-14 * target:
                    state = _State(min(until, target), state.masses, state.law, state.trend)
                wish = min(max(better, wish) if length < wish else better, self.longest)
                steps, spent = steps + 1, spent + error
            exact = self.family.fitted(state.masses, state.law.log_cavity, tolerance=SETTLED)
            kept.append(state.masses)
            correlation.append(self.family.correlations(exact))
            if progress is not None:
                progress(k + 1, times.size)
        return MarchResult(np.array(kept), np.array(correlation), steps, spent)

    def _step(self, flow: Flow, state: _State, length: float, left: float) -> tuple[_State, float, float]:
        """One step of at most `length`: the new state, its error, and the length that the next one should have."""
        end, law = float(self.stops[-1]), state.law
        while True:
            allowed = max(max(length / (end - state.time), SHARE) * left, ROUNDING)
            drift = self.drift_at(state.time + 0.5 * length)
            predicted = _settled(
                flow(drift, law.log_cavity + 0.5 * length * state.trend, law.reach, length, state.masses)
            )
            guess = law.log_cavity + length * state.trend
            fit = self.family.fitted(predicted, guess, tolerance=max(FIT * allowed, ROUNDING))
            between = 0.5 * (law.log_cavity + fit.log_cavity)
            moved = flow(drift, between, law.reach, length, state.masses)
            corrected = _settled(moved)
            error = float(np.abs(corrected - predicted).sum(axis=1).max())
            error += float(np.abs(corrected - moved).sum(axis=1).max()) + _at_ends(corrected, law.reach)
            factor = 0.8 * (allowed / max(error, 1e-300)) ** (1.0 / 3.0)
            if error <= allowed:
                change = fit.log_cavity - law.log_cavity
                # Where ln ρ goes back and forth, extrapolation makes it worse and would limit the step.
                steady = _variance(change - length * state.trend, corrected) <= _variance(change, corrected)
                after = _State(state.time + length, corrected, fit, np.where(steady, change / length, 0.0))
                return after, error, length * min(max(factor, 0.5), 2.0)
            length *= max(factor, 0.2)
            if not length > SHORTEST * end:
                msg = f"the time step shrank to {length:.3g} at t = {state.time:.6g}"
                raise ConvergenceError(msg, iterations=0, residual=error, tolerance=allowed)


def _variance(values: Array, masses: Array) -> Array:
    """Variance of a function of x under every level's law (a constant is no force), shape (level, 1)."""
    means = np.sum(values * masses, axis=1, keepdims=True)
    return np.asarray(np.sum((values - means) ** 2 * masses, axis=1, keepdims=True))


def _settled(masses: Array) -> Array:
    """Set what is below 0 to 0 and restore the total of every level."""
    masses = np.maximum(masses, 0.0)
    return np.asarray(masses / masses.sum(axis=1, keepdims=True))


def _at_ends(masses: Array, reach: NDArray[np.int64]) -> float:
    """Largest mass of a level next to an end of its cells that is not an end of the grid (or blocked by a level there)."""
    levels, cells = masses.shape
    worst = 0.0
    for row, (first, last) in zip(masses, reach.tolist(), strict=True):
        if first > levels:
            worst = max(worst, float(row[first : first + BLOCK].sum()))
        if last < cells - levels:
            worst = max(worst, float(row[last - BLOCK : last].sum()))
    return worst
