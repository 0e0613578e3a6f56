"""Time steps of the log-gas closure: every marginal drifts in the mean force of the other levels."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from fpsolve.parallel import Progress
from fpsolve.solvers.closure_steps import ROUNDING, StepControl
from fpsolve.solvers.log_gas_evolution import Marched
from fpsolve.solvers.log_gas_family import LogGasFamily, Member
from fpsolve.solvers.log_gas_flow import Drift, Flow
from fpsolve.solvers.log_gas_grid import BLOCK
from fpsolve.solvers.pair_tables import PairMasses

__all__ = ["March"]

Array = NDArray[np.float64]

FIT = 0.1  # a fit may be off by this part of what its step may be
SETTLED = 1e-9  # misfit of the laws that are reported


@dataclass(frozen=True)
class _State:
    """Marginals at a time, their log-gas, and how fast ln ρ is expected to change."""

    time: float
    masses: Array
    law: Member
    trend: Array | float = 0.0

    def moved_to(self, time: float) -> _State:
        """The same at another time."""
        return replace(self, time=time)


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
    ) -> Marched:
        """Advance through the output times; `first` is the length of the first step.

        Raises
        ------
        ConvergenceError
            If the step shrinks to nothing, or the marginals are those of no log-gas.
        """
        flow = Flow(self.family.grid.cells)
        kept: list[Array] = []
        pairs: list[list[PairMasses]] = []

        def attempt(state: _State, length: float, allowed: float) -> tuple[_State, float]:
            return self._attempt(flow, state, length, allowed)

        def keep(state: _State) -> None:
            """Store what is reported of an output time."""
            exact = self.family.fitted(state.masses, state.law.log_cavity, tolerance=SETTLED)
            kept.append(state.masses)
            pairs.append([self.family.adjacent(exact, level) for level in range(self.family.n - 1)])

        control = StepControl(self.stops, self.rtol, self.longest)
        steps, spent = control.run(_State(0.0, masses, law), attempt, keep, times=times, first=first, progress=progress)
        return Marched(np.array(kept), pairs, steps, spent, masses.size)

    def _attempt(self, flow: Flow, state: _State, length: float, allowed: float) -> tuple[_State, float]:
        """One step: the new state, and its error."""
        law = state.law
        drift = self.drift_at(state.time + 0.5 * length)
        predicted = _settled(flow(drift, law.log_cavity + 0.5 * length * state.trend, law.reach, length, state.masses))
        guess = law.log_cavity + length * state.trend
        fit = self.family.fitted(predicted, guess, tolerance=max(FIT * allowed, ROUNDING))
        between = 0.5 * (law.log_cavity + fit.log_cavity)
        moved = flow(drift, between, law.reach, length, state.masses)
        corrected = _settled(moved)
        error = float(np.abs(corrected - predicted).sum(axis=1).max())
        error += float(np.abs(corrected - moved).sum(axis=1).max()) + _at_ends(corrected, law.reach)
        change = fit.log_cavity - law.log_cavity
        # Where ln ρ goes back and forth, extrapolation makes it worse and would limit the step.
        steady = _variance(change - length * state.trend, corrected) <= _variance(change, corrected)
        return _State(state.time + length, corrected, fit, np.where(steady, change / length, 0.0)), error


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
