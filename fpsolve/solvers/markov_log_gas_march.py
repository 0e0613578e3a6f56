"""Time steps of the Markov log-gas closure: laws of adjacent levels move in the mean forces of all other levels."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from fpsolve.parallel import Progress
from fpsolve.solvers.closure_steps import ROUNDING, StepControl
from fpsolve.solvers.log_gas_evolution import Marched
from fpsolve.solvers.log_gas_flow import Drift
from fpsolve.solvers.log_gas_grid import LogGasGrid
from fpsolve.solvers.markov_log_gas_family import LOG_MINOR, MarkovFamily, MarkovLaw, Pairs, Windows
from fpsolve.solvers.markov_log_gas_flow import moved
from fpsolve.solvers.markov_log_gas_pairs import marginals, reconciled, windows_of
from fpsolve.solvers.pair_tables import PairMasses

__all__ = ["MarkovMarch"]

Array = NDArray[np.float64]

FIT = 0.1  # a fit may be off by this part of what its step may be
JUMP = 1.0  # a larger change of a logarithm in one step is not extrapolated: in the tails it may be rounding
EDGE = 4  # cells next to an end of a window that should stay empty


@dataclass(frozen=True)
class _State:
    """Laws of the pairs at a time, the law of all levels, and how fast its fields are expected to change."""

    time: float
    windows: Windows
    masses: Pairs
    law: MarkovLaw
    trend: Pairs

    def moved_to(self, time: float) -> _State:
        """The same at another time."""
        return replace(self, time=time)


@dataclass(frozen=True)
class MarkovMarch:
    """Predictor–corrector steps of second order.

    With forces extrapolated to the middle of the step the laws of the pairs are moved; the law of the closure that they
    belong to gives the forces at the end of the step, and they are moved again with the mean of both ends. Then the two
    marginals that a level has from its two pairs are made equal. The error of the step is the L1 distance of the two
    results, plus that of the two marginals, plus what has come near the ends of the windows.

    Attributes
    ----------
    family : MarkovFamily
    drift_at : callable
        Confinement and diffusion at a time.
    control : StepControl
    """

    family: MarkovFamily
    drift_at: Callable[[float], Drift]
    control: StepControl

    def run(
        self,
        windows: Windows,
        masses: Pairs,
        law: MarkovLaw,
        *,
        times: Array,
        first: float,
        progress: Progress | None = None,
    ) -> Marched:
        """Advance through the output times; `first` is the length of the first step.

        Raises
        ------
        ConvergenceError
            If the step shrinks to nothing, or the closure has no law with such pairs.
        """
        grid = self.family.grid
        kept: list[Array] = []
        pairs: list[list[PairMasses]] = []
        unknowns = 0

        def attempt(state: _State, length: float, allowed: float) -> tuple[_State, float]:
            """Take one step on windows that fit the laws; remember the largest number of masses."""
            nonlocal unknowns
            state = _rewindowed(state, grid.cells)
            unknowns = max(unknowns, sum(mass.size for mass in state.masses))
            return self._attempt(state, length, allowed)

        def keep(state: _State) -> None:
            """Store what is reported of an output time."""
            kept.append(marginals(state.masses, state.windows, grid.cells))
            lower = state.windows[:, 0].tolist()
            pairs.append(
                [
                    PairMasses.of(grid.edges, mass, lower=lower[i], upper=lower[i + 1])
                    for i, mass in enumerate(state.masses)
                ]
            )

        trend = tuple(np.zeros_like(field) for field in law.fields)
        state = _State(0.0, windows, masses, law, trend)
        steps, spent = self.control.run(state, attempt, keep, times=times, first=first, progress=progress)
        return Marched(np.array(kept), pairs, steps, spent, unknowns)

    def _attempt(self, state: _State, length: float, allowed: float) -> tuple[_State, float]:
        """One step: the new state, and its error."""
        old, trend, windows = state.law.fields, state.trend, state.windows
        drift = self.drift_at(state.time + 0.5 * length)
        changes = tuple(np.clip(length * slope, -JUMP, JUMP) for slope in trend)
        middle = tuple(field + 0.5 * change for field, change in zip(old, changes, strict=True))
        predicted, _ = reconciled(moved(self.family.grid, windows, drift, middle, length, state.masses))
        guess = tuple(field[LOG_MINOR] + change[LOG_MINOR] for field, change in zip(old, changes, strict=True))
        law = self.family.fitted(predicted, windows, guess, tolerance=max(FIT * allowed, 10.0 * ROUNDING))
        between = tuple(0.5 * (field + new) for field, new in zip(old, law.fields, strict=True))
        corrected, distance = reconciled(moved(self.family.grid, windows, drift, between, length, state.masses))
        error = max(float(np.abs(a - b).sum()) for a, b in zip(corrected, predicted, strict=True))
        error += distance + _at_ends(corrected, windows, self.family.grid)
        slopes = tuple(
            _trend(new - field, change, mass, length)
            for new, field, change, mass in zip(law.fields, old, changes, corrected, strict=True)
        )
        return _State(state.time + length, windows, corrected, law, slopes), error


def _trend(change: Array, expected: Array, mass: Array, length: float) -> Array:
    """Slopes of a pair's fields: 0 for a field that goes back and forth, where extrapolation would make it worse."""

    def variance(values: Array) -> Array:
        """Variance of a field over the masses of the pair, of every field."""
        means = np.sum(values * mass, axis=(1, 2), keepdims=True)
        return np.asarray(np.sum((values - means) ** 2 * mass, axis=(1, 2), keepdims=True))

    steady = variance(change - expected) <= variance(change)
    return np.asarray(np.where(steady, change / length, 0.0))


def _rewindowed(state: _State, cells: int) -> _State:
    """The state on windows that hold its laws and what they will spread to."""
    windows = windows_of(marginals(state.masses, state.windows, cells), state.windows)
    if np.array_equal(windows, state.windows):
        return state

    def placed(values: Pairs, *, edge: bool) -> Pairs:
        """Tables on the new windows; where the old ones had no cell, the value of the nearest one (`edge`) or 0."""
        out = []
        for i, value in enumerate(values):
            index = [np.arange(*windows[level]) - state.windows[level, 0] for level in (i, i + 1)]
            inside = [(ind >= 0) & (ind < size) for ind, size in zip(index, value.shape[-2:], strict=True)]
            clipped = [np.clip(ind, 0, size - 1) for ind, size in zip(index, value.shape[-2:], strict=True)]
            part = value[..., clipped[0][:, None], clipped[1]]
            out.append(part if edge else part * np.outer(*inside))
        return tuple(out)

    law = replace(state.law, fields=placed(state.law.fields, edge=True))
    masses = placed(state.masses, edge=False)
    masses = tuple(mass / mass.sum() for mass in masses)
    return _State(state.time, windows, masses, law, placed(state.trend, edge=True))


def _at_ends(masses: Pairs, windows: Windows, grid: LogGasGrid) -> float:
    """Largest mass of a level next to an end of its window that is not an end of the grid (or blocked by a level there)."""
    levels = windows.shape[0]
    worst = 0.0
    for row, (first, last) in zip(marginals(masses, windows, grid.cells), windows.tolist(), strict=True):
        if first > levels:
            worst = max(worst, float(row[first : first + EDGE].sum()))
        if last < grid.cells - levels:
            worst = max(worst, float(row[last - EDGE : last].sum()))
    return worst
