"""Evolution by trajectories: an ensemble of the stochastic equation behind the Fokker–Planck equation."""

from __future__ import annotations

from dataclasses import dataclass
from time import perf_counter
from typing import Literal

import numpy as np
from numpy.random import SeedSequence, default_rng
from numpy.typing import NDArray

from fpsolve.errors import FpsolveError, MethodError, ModelError
from fpsolve.grids.axis import Grading
from fpsolve.kernels.particles import advance_particles
from fpsolve.models import initial as laws
from fpsolve.models.checks import count, positive
from fpsolve.models.initial_law import InitialLaw
from fpsolve.models.level_gas import LevelGas
from fpsolve.parallel import Part, Progress, Seed, Workers, replica_keys, seed_sequence, spread_blocks
from fpsolve.results import Evolution
from fpsolve.solvers.particle_statistics import tabulate_ensemble
from fpsolve.solvers.particle_tables import ParticleTables, particle_tables

__all__ = ["TRAJECTORIES", "Ensemble", "default_step", "evolve_particles", "particle_ensemble", "refuse_too_many"]

Array = NDArray[np.float64]

TRAJECTORIES = 20_000
STEP = 0.05  # of the shortest relaxation time of a lone level
# What a step may be at most: this times gap²/(D_i + D_j) of open gaps, and this divided by the largest slope of a force.
FRACTIONS = (0.025, 0.1)
BLOCK, CALL = 128, 16  # trajectories of a task, and of a kernel call, after which Ctrl-C is heard
FACTOR_POINTS = 257  # of a varying noise factor between two output times
LARGEST = 4 << 30  # bytes of positions kept
# Streams of an ensemble below its seed: the start, and one for every trajectory.
STREAM, START, STEPS = 0x70617274, 0, 1


@dataclass(frozen=True)
class Ensemble:
    """Trajectories of a level gas at some times.

    Attributes
    ----------
    times : ndarray, shape (time,)
    levels : ndarray, shape (time, trajectory, level)
        Ascending along the last axis.
    start : ndarray, shape (trajectory, level)
    steps : int
        Time steps of all trajectories together.
    exchanges : int
        How often two levels (or a level and a wall) had crossed after a step and were put back in order.
    table_error : float
        Relative error of the tabulated forces.
    seconds : float
        Wall time, compilation left out.
    """

    times: Array
    levels: Array
    start: Array
    steps: int
    exchanges: int
    table_error: float
    seconds: float


@dataclass(frozen=True)
class _Block:
    """Trajectories first … first + start.shape[0] − 1."""

    tables: ParticleTables
    seed: SeedSequence
    first: int
    start: Array
    stretches: tuple[tuple[float, Array, bool], ...]
    step: float
    fractions: Array


def evolve_particles(
    model: LevelGas,
    initial: InitialLaw | Literal["stationary"],
    *,
    times: Array,
    trajectories: int | None = None,
    step: float | None = None,
    cells: int | None = None,
    domain: tuple[float, float] | None = None,
    grading: Grading | None = None,
    rng: Seed = None,
    workers: Workers = 1,
    progress: Progress | None = None,
) -> Evolution:
    """Histograms, moments and correlations of an ensemble of trajectories, each with its standard error.

    Parameters
    ----------
    cells, domain, grading : optional
        One axis for all levels; what lies outside is missing from the density. By default every level has cells of its
        own that hold all of its trajectories.
    model, initial, times, trajectories, step, rng, workers, progress
        See `particle_ensemble`.

    Raises
    ------
    MethodError, ModelError
        See `particle_ensemble`.
    GridError
        A domain that is empty, or fewer than 4 cells.
    """
    ensemble = particle_ensemble(
        model, initial, times=times, trajectories=trajectories, step=step, rng=rng, workers=workers, progress=progress
    )
    return tabulate_ensemble(
        model,
        ensemble.start,
        ensemble.levels,
        times=ensemble.times,
        steps=ensemble.steps,
        exchanges=ensemble.exchanges,
        seconds=ensemble.seconds,
        cells=cells,
        domain=domain,
        grading=grading,
    )


def particle_ensemble(
    model: LevelGas,
    initial: InitialLaw | Literal["stationary"],
    *,
    times: Array,
    trajectories: int | None = None,
    step: float | None = None,
    rng: Seed = None,
    workers: Workers = 1,
    progress: Progress | None = None,
) -> Ensemble:
    """Integrate dx_i = [b_i + β D_i Σ_{j≠i} 1/(x_i − x_j)] dt + √(2D_i) dB_i for independent trajectories.

    The scheme is described in `fpsolve.kernels.particles`: the closest pairs are moved by the exact law of their gap, so
    that levels do not cross and no step is thrown away. It is of weak order 2 in the step where D is constant or
    the levels that meet have one D(x) in common, and of order 1 where levels with different curved D(x) meet.

    Parameters
    ----------
    model : LevelGas
        Any number of levels, β ≥ 0, reflecting walls, any D(x) > 0, with or without a schedule of the noise.
    initial : InitialLaw or "stationary"
        The joint law of the start; "stationary" for one level, or with β = 1 and constant noise for several.
    times : ndarray, shape (time,)
        Increasing, > 0.
    trajectories : int, optional
        Default 20000. Standard errors fall like its square root.
    step : float, optional
        Largest time step; default 0.05 of the shortest relaxation time of a lone level. Half the step also halves the
        fractions of gap² and of the stiffness that bound steps further.
    rng : int, SeedSequence, Generator or None
        Seed. Trajectory r has a stream of its own: its numbers depend on the seed, on r, on `times` and on `step`, and
        not on `workers`.
    workers : int or Hands
        Processes, or an engine that runs.
    progress : callable, optional
        Called as ``progress(done, total)`` as blocks of trajectories are finished.

    Raises
    ------
    ModelError
        A start for another number of levels, outside the walls, not ascending, or with coincident levels (β > 0).
    MethodError
        An absorbing or periodic wall, a model that sticks to a wall, positions that would not fit in 4 GiB, a stationary
        start that cannot be sampled.
    """
    number = TRAJECTORIES if trajectories is None else count("trajectories", trajectories)
    if any(kind != "reflecting" for kind in model.boundary):
        msg = f"trajectories need reflecting walls, not {list(model.boundary)}"
        raise MethodError(msg)
    refuse_too_many(number, np.size(times), model.n)
    seed = seed_sequence(rng)
    start = _start(model, initial, number, _child(seed, START))
    largest = default_step(model) if step is None else positive("step", step)
    tables = particle_tables(model, start)
    fractions = np.array(FRACTIONS) * min(1.0, largest / default_step(model))
    stretches, steps_seed = _stretches(model, np.asarray(times, dtype=np.float64)), _child(seed, STEPS)

    def block(first: int, number: int) -> _Block:
        """Trajectories first … first + number − 1."""
        return _Block(tables, steps_seed, first, start[first : first + number], stretches, largest, fractions)

    levels, tally = np.empty((np.size(times), number, model.n)), np.zeros(2, dtype=np.int64)

    def receive(first: int, number: int, part: Part) -> None:
        """Put the levels of some trajectories in their place, and count their steps and exchanges."""
        found, counts = part
        levels[:, first : first + number] = found
        np.add(tally, np.asarray(counts), out=tally)

    run_block(block(0, 0))
    began = perf_counter()
    spread_blocks(run_block, block, number, size=BLOCK, receive=receive, workers=workers, progress=progress)
    if not np.all(np.isfinite(levels)):
        msg = "a trajectory left the numbers; the force of this model may be too singular, try a smaller step"
        raise FpsolveError(msg)
    return Ensemble(
        times=np.asarray(times, dtype=np.float64),
        levels=levels,
        start=start,
        steps=int(tally[0]),
        exchanges=int(tally[1]),
        table_error=tables.error,
        seconds=perf_counter() - began,
    )


def default_step(model: LevelGas) -> float:
    """0.05 of the shortest relaxation time std²/D of a lone level in its deepest well, at any noise."""
    return STEP / model.fastest_rate


def run_block(block: _Block) -> tuple[Array, NDArray[np.int64]]:
    """Advance a block; return its levels, shape (time, trajectory, level), and the numbers of steps and exchanges."""
    tables, number = block.tables, block.start.shape[0]
    keys = replica_keys(block.seed, block.first, number)
    counters, tally = np.zeros((number, 2), dtype=np.int64), np.zeros(2, dtype=np.int64)
    y = np.ascontiguousarray(tables.to_y(block.start))
    x = np.empty_like(y)
    kept = []
    for span, factors, is_output in block.stretches:
        for first in range(0, max(number, 1), CALL):
            part = slice(first, first + CALL)
            advance_particles(
                np.ascontiguousarray(keys[:, part]),
                counters[part],
                tables.frame,
                tables.place,
                tables.own,
                tables.noisy,
                tables.shared,
                tables.beta,
                factors,
                span,
                block.step,
                block.fractions,
                y[part],
                x[part],
                tally,
            )
        if is_output:
            kept.append(x.copy())
    return np.stack(kept), tally


def _stretches(model: LevelGas, times: Array) -> tuple[tuple[float, Array, bool], ...]:
    """Durations between output times and kinks of the schedule, the noise factors in them, whether an output ends them."""
    schedule = model.schedule
    if schedule is None:
        return tuple((float(span), np.ones(1), True) for span in np.diff(times, prepend=0.0))
    ends = np.unique(np.concatenate([times, model.stops(float(times[-1]))]))
    stretches, before = [], 0.0
    for end in ends.tolist():
        # The value at a jump belongs to what follows, so the last point is taken from just before the end.
        places = np.linspace(before, end, FACTOR_POINTS)
        places[-1] = np.nextafter(end, before)
        factors = np.array([schedule.noise_factor(float(place)) for place in places])
        stretches.append((end - before, factors, bool(np.isin(end, times))))
        before = end
    return tuple(stretches)


def _start(model: LevelGas, initial: InitialLaw | Literal["stationary"], number: int, seed: SeedSequence) -> Array:
    """Draw the start and check that the model can be there."""
    if initial == "stationary" and model.n > 1:
        return _stationary_levels(model, number, seed)
    law = _stationary_law(model) if initial == "stationary" else initial
    if law.n != model.n:
        msg = f"the initial law has {law.n} levels, but the model has {model.n}"
        raise ModelError(msg)
    start = np.ascontiguousarray(law.sample(number, default_rng(seed)), dtype=np.float64)
    lower, upper = model.walls
    outside = (start < lower) | (start > upper)
    if np.any(outside):
        first = float(start[outside][0])
        msg = f"a start at x = {first:g} lies outside the walls {lower:g} and {upper:g}; cut the initial law there"
        raise ModelError(msg)
    gaps = np.diff(start, axis=1)
    if np.any(gaps < 0.0):
        msg = "the initial levels must ascend in every trajectory"
        raise ModelError(msg)
    if model.beta > 0.0 and np.any(gaps == 0.0):
        level = int(np.argwhere(gaps == 0.0)[0, 1])
        msg = f"levels {level} and {level + 1} (counted from 0) start at one place, but levels repel: move them apart"
        raise ModelError(msg)
    return start


def _stationary_levels(model: LevelGas, number: int, seed: SeedSequence) -> Array:
    """Exact samples of the Coulomb gas."""
    if model.beta != 1.0 or model.schedule is not None:
        msg = (
            f"exact samples of the stationary law of {model.n} levels exist for beta = 1 and constant noise; "
            "give samples of another origin as an initial law"
        )
        raise MethodError(msg)
    from fpsolve.exact.coulomb_gas import ordered_gas

    return np.ascontiguousarray(ordered_gas(model.levels).sample(number, rng=seed))


def _stationary_law(model: LevelGas) -> InitialLaw:
    from fpsolve.solvers.stationary import stationary

    found = stationary(model)
    return laws.tabulated(found.edges[0], found.density[0] * np.diff(found.edges[0]))


def refuse_too_many(trajectories: int, times: int, levels: int) -> None:
    """MethodError if the positions of all trajectories at all times do not fit into 4 GiB."""
    size = 8 * trajectories * times * levels
    if size > LARGEST:
        msg = (
            f"{trajectories} trajectories of {levels} levels at {times} times take {size / 2**30:.3g} GiB, more than the "
            f"{LARGEST / 2**30:g} GiB that are kept; ask for fewer trajectories or times"
        )
        raise MethodError(msg)


def _child(seed: SeedSequence, number: int) -> SeedSequence:
    return SeedSequence(seed.entropy, spawn_key=(*seed.spawn_key, STREAM, number), pool_size=seed.pool_size)
