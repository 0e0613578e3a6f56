"""Evolution of two equal levels with spectral accuracy."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from fpsolve.errors import ConvergenceError, MethodError
from fpsolve.grids.axis import Axis, Grading
from fpsolve.models.initial_law import InitialLaw
from fpsolve.models.level_gas import LevelGas
from fpsolve.operators.chamber_axis import chamber_axis
from fpsolve.operators.chamber_start import refuse_touching_points
from fpsolve.operators.cosine_pair import CosinePair
from fpsolve.operators.cosine_pair_laws import PairCells, pair_interval, pair_start
from fpsolve.parallel import Progress
from fpsolve.results import Evolution
from fpsolve.solvers.chamber_tables import adjacent_pairs, cell_areas, joined, pair_group
from fpsolve.solvers.chebyshev import chebyshev_step
from fpsolve.solvers.march import march

__all__ = ["evolve_legendre_pair"]

Array = NDArray[np.float64]
Start = InitialLaw | Literal["stationary"]

FIRST_MODES = 24
MOST_MODES = 256
_RESOLVED, _SLOW, _PATIENCE = 0.1, 0.4, 2
_TRUST = 30.0  # by how much the change may exceed the error that is told from it


class _Stepper:
    """Chebyshev steps of Q.

    Rounding errors are spread over the whole square and grow where the law itself is next to nothing, so a step has to be
    compared with its halves.
    """

    order = 12  # the error falls faster than any power; a cautious one chooses the step length
    rounding = 1e-12

    def __init__(self, operator: CosinePair, allowed: float) -> None:
        self.operator, self.allowed = operator, allowed

    def step(self, time: float, length: float, state: Array) -> Array:  # noqa: ARG002 - the operator is constant
        """Return Q, flattened, after a time `length`; nan where digits would be lost."""
        square = state.reshape(self.operator.points, -1)
        if length * self.operator.norm(self.operator.apply(square)) <= 1e-2 * self.allowed:
            return state
        found = chebyshev_step(self.operator, length, square, allowed=self.allowed).state
        return np.full_like(state, np.nan) if found is None else found.ravel()


@dataclass(frozen=True)
class _Solved:
    """Q at time 0 and at the output times from one number of modes, over the norm of the start, `scale`."""

    operator: CosinePair
    states: Array
    scale: float
    steps: int
    error: float


def evolve_legendre_pair(
    model: LevelGas,
    initial: Start,
    *,
    times: Array,
    cells: int | None = None,
    domain: tuple[float, float] | None = None,
    grading: Grading | None = None,
    rtol: float = 1e-8,
    modes: int | None = None,
    progress: Progress | None = None,
) -> Evolution:
    """Evolve P/|x_1 − x_2|^β in cosines of the coordinate with constant noise (see `CosinePair`).

    Parameters
    ----------
    model : LevelGas
        Two levels with the same Φ and D, constant noise, reflecting walls, any β.
    initial : InitialLaw or "stationary"
        A start that is |x_1 − x_2|^β times a smooth function, see `pair_start`.
    times : ndarray, shape (time,)
        Output times, increasing, > 0.
    cells, domain, grading : optional
        Of the axis on which averages are reported, see `chamber_axis`; the levels themselves live on a larger interval, that
        holds them to rounding, unless `domain` is given.
    rtol : float
        Error allowed, L1 norm of the joint density.
    modes : int, optional
        Cosines per level, at least 4; then `rtol` controls the time integration only. By default 24, 30, 37, … are tried
        until the changes from one to the next tell that the last is within `rtol`.
    progress : callable, optional
        Called as ``progress(done, total)``.

    Returns
    -------
    Evolution
        `density` and `pair_density` are exact averages over cells and may be negative by as much as `rtol`; the total mass
        is restored, and what it had lost counts in `error_estimate`. Beyond `PAIR_CELLS` cells `pair_density` is left
        out, and `pairs` holds the joint law on joined cells.

    Raises
    ------
    MethodError
        Fewer than 4 modes, or a start that is not of that form.
    ModelError
        A point start with levels out of order, or in one place.
    ConvergenceError
        If 225 modes do not suffice: a law that is not smooth at a wall, or very small noise.
    """
    started = time.perf_counter()
    law = None if initial == "stationary" else initial
    if law is not None:
        refuse_touching_points(law, model.beta)
    axis = chamber_axis(model, law, cells=cells, domain=domain, grading=grading)
    interval = pair_interval(model, law, axis, rtol=rtol, keep=domain is not None)
    if modes is not None:
        if modes < 4:
            msg = f"legendre needs at least 4 modes, not {modes}"
            raise MethodError(msg)
        found = _solve(CosinePair(model, interval, modes), initial, times, rtol, progress)
        return _evolution(axis, times, found, found.error, started)
    coarse = _solve(CosinePair(model, interval, FIRST_MODES), initial, times, rtol, None)
    best, slow = np.inf, 0
    while slow < _PATIENCE and (size := 5 * coarse.operator.points // 4) <= MOST_MODES:
        fine = _solve(CosinePair(model, interval, size), initial, times, rtol, progress)
        change = _distance(fine, coarse)
        # Every further quarter gains more than the one before: the next change is smaller than this by the last gain.
        left = max(2.0 * change**2 / best, 1e-3 * change) if change < best < np.inf else change
        if left <= rtol and change <= _TRUST * rtol:
            return _evolution(axis, times, fine, fine.error + left, started)
        # Once a smooth law is resolved a quarter more cosines gain much; a slow gain tells of a law that is not smooth.
        slow = slow + 1 if _SLOW * best < change < _RESOLVED else 0
        coarse, best = fine, min(best, change)
    msg = (
        f"{coarse.operator.points} cosines per level do not resolve the law to rtol (it must have died out, or be a power, "
        f'at every wall); loosen it, or take the method "chamber"'
    )
    raise ConvergenceError(msg, iterations=coarse.steps, residual=best, tolerance=rtol)


def _solve(operator: CosinePair, initial: Start, times: Array, rtol: float, progress: Progress | None) -> _Solved:
    """Run with a fixed number of modes."""
    state = operator.stationary() if initial == "stationary" else pair_start(operator, initial)
    scale = operator.norm(state)
    marched = march(
        [(float(times[-1]), _Stepper(operator, 1e-2 * rtol))],
        state.ravel() / scale,
        times,
        rtol=0.25 * rtol,
        norm=lambda flat: operator.norm(flat.reshape(state.shape)),
        settle=lambda flat: (flat, 0.0),
        progress=progress,
    )
    states = np.concatenate([state[None] / scale, marched.states.reshape(-1, *state.shape)])
    return _Solved(operator, states, scale, marched.steps, marched.error)


def _distance(fine: _Solved, coarse: _Solved) -> float:
    """Largest L1 distance of two solutions at the output times."""
    table = coarse.operator.interpolation(fine.operator.u)
    return max(
        fine.operator.norm(one - table @ two @ table.T * (coarse.scale / fine.scale))
        for one, two in zip(fine.states[1:], coarse.states[1:], strict=True)
    )


def _evolution(axis: Axis, times: Array, found: _Solved, error: float, started: float) -> Evolution:
    """Densities and moments; every total is set to 1, and by how much it was off is an error."""
    operator = found.operator
    whole = PairCells(operator, Axis(*operator.interval, 2 * operator.points, axis.grading))
    cells = PairCells(operator, axis)
    raw = np.array([whole.read(state)[1] for state in found.states])
    masses = np.array([cells.read(state)[0] for state in found.states]) / raw[:, 0, None, None]
    lost = float(np.abs(raw[1:, 0] / raw[0, 0] - 1.0).max())
    _, low, high, low2, high2, product = (raw[1:] / raw[1:, :1]).T
    mean = np.stack([low, high], axis=1)
    std = np.sqrt(np.stack([low2, high2], axis=1) - mean**2)
    pairs = masses / cell_areas(axis.edges)
    group = pair_group(axis.cells)
    few = joined(masses[1:, None], group, 2)
    correlation = ((product - low * high) / std.prod(axis=1))[:, None]
    density = np.stack([masses.sum(axis=2), masses.sum(axis=1)], axis=1) / axis.widths
    return Evolution(
        method="legendre",
        times=times,
        edges=np.tile(axis.edges, (2, 1)),
        density=density[1:],
        mass=masses[1:].sum(axis=(1, 2)),
        minimum=pairs[1:].min(axis=(1, 2)),
        mean=mean,
        std=std,
        unknowns=operator.points * (operator.points + 1) // 2,
        steps=found.steps,
        seconds=time.perf_counter() - started,
        error_estimate=error + lost,
        initial_density=density[0],
        beyond=max(1.0 - float(masses[0].sum()), 0.0),
        correlation=correlation,
        pair_density=pairs[1:, None] if group == 1 else None,
        pairs=adjacent_pairs(np.append(axis.edges[:-1:group], axis.edges[-1]), np.maximum(few, 0.0), correlation),
    )
