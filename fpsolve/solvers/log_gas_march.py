"""Time steps of the log-gas closure: marginals drift in the mean force of each other's law."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from fpsolve.errors import ConvergenceError
from fpsolve.kernels.bernoulli import bernoulli_pair
from fpsolve.kernels.cram import CRAM_POLES, cram_apply, cram_factor
from fpsolve.models.level_gas import LevelGas
from fpsolve.parallel import Progress
from fpsolve.solvers.log_gas_family import LogGasFamily, Member, Windows
from fpsolve.solvers.log_gas_grid import BLOCK, LogGasGrid

__all__ = ["Drift", "Flow", "MarchResult", "march_log_gas"]

Array = NDArray[np.float64]

_SHARE = 1.0 / 64.0  # part of the error still to be spent that one short step may use
_SHORTEST = 1e-12  # a step shorter than this part of the whole time means that the error cannot be met
_FIT = 0.1  # the fit may be off by this part of what the step may be


@dataclass(frozen=True)
class Drift:
    """Confinement and conductances of every level on the cells, at one noise.

    Attributes
    ----------
    confinement : ndarray, shape (level, cell)
        Φ_i − ln(dx/dy).
    conductance : ndarray, shape (level, cell − 1)
        D_i/(dx/dy)²/h² at the inner faces.
    """

    confinement: Array
    conductance: Array

    @classmethod
    def of(cls, model: LevelGas, grid: LogGasGrid) -> Drift:
        """Tabulate a model with constant noise."""
        faces = grid.y_edges[1:-1]
        stretch = np.log(grid.slope(grid.y))
        metric = (grid.slope(faces) * grid.step) ** 2
        confinement = np.array([np.asarray(body.confinement(grid.x)) - stretch for body in model.levels])
        conductance = np.array([np.asarray(body.diffusion(grid.edges[1:-1])) / metric for body in model.levels])
        return cls(confinement, conductance)


class Flow:
    """Exact flow of the marginals in given mean forces.

    Every level moves by itself under Φ_i − ln ρ_i with the Scharfetter–Gummel rates of `fpsolve.operators`, which keep
    the total and no flux at the ends of its window; the exponential is the rational one of order 16.
    """

    def __init__(self, cells: int) -> None:
        self._scratch = np.empty((4, cells, CRAM_POLES.size))
        self._rates = np.empty((2, cells))

    def __call__(self, drift: Drift, log_cavity: Array, reach: Windows, length: float, masses: Array) -> Array:
        """Return the masses after a time `length`, shape (level, cell)."""
        out = np.zeros_like(masses)
        potential = drift.confinement - log_cavity
        for i, (first, last) in enumerate(reach.tolist()):
            cells, inner, size = slice(first, last), slice(first, last - 1), last - first
            up, down = self._rates[:, :size]
            inverse_re, inverse_im, part_re, part_im = self._scratch[:, :size]
            up[-1] = down[0] = 0.0
            bernoulli_pair(np.diff(potential[i, cells]), up[:-1], down[1:])
            up[:-1] *= drift.conductance[i, inner]
            down[1:] *= drift.conductance[i, inner]
            cram_factor(up, down, length, inverse_re, inverse_im)
            before = masses[i, cells]
            cram_apply(up, down, length, inverse_re, inverse_im, before, part_re, part_im, out[i, cells])
        return out


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
    steps: int
    error: float


@dataclass
class _State:
    """Where the march stands: time, marginals, their log-gas, and how ln ρ changes."""

    time: float
    masses: Array
    law: Member
    trend: Array | None = None


def march_log_gas(
    family: LogGasFamily,
    drift_at: Callable[[float], Drift],
    start: tuple[Member, Array],
    *,
    times: Array,
    stops: Array,
    rtol: float,
    longest: float,
    first: float,
    progress: Progress | None = None,
) -> MarchResult:
    """Advance the marginals through the output times."""
    law, masses = start
    state = _State(0.0, masses, law)
    flow = Flow(family.grid.cells)
    kept, steps, spent, wish = [], 0, 0.0, first
    end = float(times[-1])
    for k, target in enumerate(times.tolist()):
        while state.time < target:
            inner = stops[stops > state.time]
            until = min(target, float(inner[0])) if inner.size else target
            room = until - state.time
            length = room if wish > 0.99 * room else min(wish, 0.5 * room) if wish > 0.5 * room else wish
            state, error, wish_next, taken = _advanced(
                family, flow, drift_at, state, length, rtol - spent, end
            )
            if taken == room:
                state.time = until
            wish = min(max(wish_next, wish) if taken == length and wish > taken else wish_next, longest)
            steps, spent = steps + 1, spent + error
        kept.append(state.masses)
        if progress is not None:
            progress(k + 1, times.size)
    return MarchResult(np.array(kept), steps, spent)


def _advanced(family, flow, drift_at, state, length, left, end):
    while True:
        allowed = max(length / (end - state.time), _SHARE) * left
        law, half = state.law, 0.5 * length
        drift = drift_at(state.time + half)
        ahead = law.log_cavity if state.trend is None else law.log_cavity + half * state.trend
        predicted = _settled(flow(drift, ahead, law.reach, length, state.masses))
        fit = family.fitted(law, predicted, tolerance=max(_FIT * allowed, 1e-9))
        between = 0.5 * (law.log_cavity + fit.log_cavity)
        corrected = _settled(flow(drift, between, law.reach, length, state.masses))
        error = float(np.abs(corrected - predicted).sum(axis=1).max()) + _leak(corrected, law.reach)
        if error <= allowed:
            grow = min(max(0.8 * (max(error, 1e-300) / allowed) ** (-1/3), 0.3), 2.0)
            trend = (fit.log_cavity - law.log_cavity) / length
            return _State(state.time + length, corrected, fit, trend), error, length * grow, length
        length *= max(0.8 * (error / allowed) ** (-1/3), 0.2)
        if not length > _SHORTEST * end:
            raise ConvergenceError("step", iterations=0, residual=error, tolerance=allowed)


def _settled(masses):
    masses = np.maximum(masses, 0.0)
    return masses / masses.sum(axis=1, keepdims=True)


def _leak(masses, reach):
    worst = 0.0
    cells = masses.shape[1]
    for i, (row, (first, last)) in enumerate(zip(masses, reach)):
        if first > 16:
            worst = max(worst, row[first:first + BLOCK].sum())
        if last < cells - 16:
            worst = max(worst, row[last - BLOCK:last].sum())
    return float(worst)
