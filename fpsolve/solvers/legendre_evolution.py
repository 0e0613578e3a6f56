"""Evolution of one level by orthogonal polynomials: spectral accuracy for smooth laws."""

from __future__ import annotations

import time
from dataclasses import dataclass
from functools import cache
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import hessenberg

from fpsolve.errors import ConvergenceError, MethodError
from fpsolve.grids.axis import Axis, Grading
from fpsolve.kernels.hessenberg import cram_hessenberg
from fpsolve.kernels.jacobi import recurrence_table
from fpsolve.models.initial_law import InitialLaw
from fpsolve.models.level_gas import LevelGas
from fpsolve.operators.default_axis import default_axis
from fpsolve.operators.legendre_weak import LegendreWeak
from fpsolve.parallel import Progress
from fpsolve.results import Evolution
from fpsolve.solvers.march import march

__all__ = ["evolve_legendre"]

Array = NDArray[np.float64]

FIRST_MODES = 64
MOST_MODES = 400
_ADVICE = 'loosen it, or take the method "scharfetter_gummel"'


class _HessenbergStepper:
    """e^{τS} by the rational exponential of order 16 in the Hessenberg form of S.

    Row 0 of S vanishes and the reduction leaves the first coordinate alone: a_0, the mass, stays where it is.

    Parameters
    ----------
    matrix : ndarray, shape (mode, mode)
        S.
    """

    order = 12  # the error falls faster than any power; a cautious one chooses the step length

    def __init__(self, matrix: Array) -> None:
        form, basis = hessenberg(matrix, calc_q=True)
        self.form: Array = np.ascontiguousarray(form, dtype=np.float64)
        self.basis: Array = np.ascontiguousarray(basis, dtype=np.float64)
        self.rounding = 0.25 * float(np.finfo(np.float64).eps * np.abs(matrix).max())

    def step(self, time: float, length: float, state: Array) -> Array:  # noqa: ARG002 - S does not depend on time
        """Return the coefficients, in the basis of the Hessenberg form, after a time `length`."""
        out = np.empty_like(state)
        cram_hessenberg(self.form, length, state, out)
        return out


@dataclass(frozen=True)
class _Solved:
    """Cell masses from one number of modes."""

    operator: LegendreWeak
    states: Array
    masses: Array
    start: Array
    steps: int
    time_error: float
    beyond: float


def evolve_legendre(
    model: LevelGas,
    initial: InitialLaw | Literal["stationary"],
    *,
    times: Array,
    cells: int | None = None,
    domain: tuple[float, float] | None = None,
    grading: Grading | None = None,
    rtol: float,
    modes: int | None = None,
    progress: Progress | None = None,
) -> Evolution:
    """Evolve polynomial coefficients; mass is exact, the density is not bounded below by 0.

    Parameters
    ----------
    model : LevelGas
        One level between reflecting walls, constant noise.
    initial : InitialLaw or "stationary"
        The start; "stationary" is the null vector of the discrete operator.
    times : ndarray, shape (time,)
        Output times, increasing, > 0.
    cells, domain, grading : optional
        See `default_axis`; averages over the cells are reported, integrated exactly.
    rtol : float
        Error allowed, L1 norm.
    modes : int, optional
        Number of modes, which must be at least 4; then `rtol` controls the time integration only. By default 64, 96,
        144, … are tried until two results differ by less than `rtol`.
    progress : callable, optional
        Called as ``progress(done, total)``.

    Raises
    ------
    MethodError
        Fewer than 4 modes.
    ConvergenceError
        If 324 modes do not suffice, or rounding prevents it: a start far out in the tail at very small noise.
    """
    _warm_up()
    started = time.perf_counter()
    axis = default_axis(
        model, None if initial == "stationary" else initial, cells=cells, domain=domain, grading=grading
    )
    if modes is not None:
        if modes < 4:
            msg = f"legendre needs at least 4 modes, not {modes}"
            raise MethodError(msg)
        found = _solve(model, initial, times, axis, rtol, modes, progress)
        return _evolution(axis, times, found, found.time_error, time.perf_counter() - started)
    size, best = FIRST_MODES, np.inf
    coarse = _solve(model, initial, times, axis, rtol, size, None)
    while (size := 3 * size // 2) <= MOST_MODES:
        fine = _solve(model, initial, times, axis, rtol, size, progress)
        change = float(np.abs(fine.masses - coarse.masses).sum(axis=1).max())
        if change + fine.time_error <= rtol:
            return _evolution(axis, times, fine, change + fine.time_error, time.perf_counter() - started)
        coarse, best = fine, min(best, change)
    msg = f"{coarse.operator.modes} polynomials do not resolve the law to rtol; {_ADVICE}"
    raise ConvergenceError(msg, iterations=coarse.steps, residual=best, tolerance=rtol)


def _solve(
    model: LevelGas,
    initial: InitialLaw | Literal["stationary"],
    times: Array,
    axis: Axis,
    rtol: float,
    modes: int,
    progress: Progress | None,
) -> _Solved:
    """Run with a fixed number of modes."""
    keep = None if initial == "stationary" else initial.support()
    operator = LegendreWeak.on(model.levels[0], axis.lower, axis.upper, modes, keep=keep)
    stepper = _HessenbergStepper(operator.matrix())
    if initial == "stationary":
        start, beyond = operator.stationary(stepper.form), 0.0
    else:
        projection, beyond = operator.project(initial)
        start = stepper.basis.T @ projection
    # With a_0 = 1 the Euclidean norm of the coefficients bounds the L1 norm of the density (Schwarz, with weight w).
    scale = float(start[0])

    def settle(state: Array) -> tuple[Array, float]:
        """Restore the mass."""
        moved = abs(float(state[0]) - 1.0)
        state[0] = 1.0
        return state, moved

    try:
        marched = march(
            [(float(times[-1]), stepper)],
            start / scale,
            times,
            rtol=rtol,
            norm=_euclidean,
            settle=settle,
            progress=progress,
        )
    except ConvergenceError as stuck:
        msg = f"{modes} polynomials: rounding errors stand in the way of rtol; {_ADVICE}"
        raise ConvergenceError(
            msg, iterations=stuck.iterations, residual=stuck.residual, tolerance=stuck.tolerance
        ) from stuck
    states = scale * marched.states @ stepper.basis.T
    cells = operator.cell_table(axis.edges)
    return _Solved(
        operator, states, states @ cells, stepper.basis @ start @ cells, marched.steps, marched.error, beyond
    )


def _euclidean(state: Array) -> float:
    return float(np.linalg.norm(state))


def _evolution(axis: Axis, times: Array, found: _Solved, error: float, seconds: float) -> Evolution:
    """Densities and moments from the coefficients."""
    density = found.masses / axis.widths
    mean, std = found.operator.moments(found.states)
    return Evolution(
        method="legendre",
        times=times,
        edges=axis.edges[None, :],
        density=density[:, None, :],
        mass=found.masses.sum(axis=1),
        minimum=density.min(axis=1),
        mean=mean[:, None],
        std=std[:, None],
        unknowns=found.operator.modes,
        steps=found.steps,
        seconds=seconds,
        error_estimate=error,
        initial_density=(found.start / axis.widths)[None, :],
        beyond=found.beyond,
    )


@cache
def _warm_up() -> None:
    """Compile or load the kernels, so that the time of the first solve is that of every solve."""
    cram_hessenberg(np.diag([-1.0, -2.0]), 1.0, np.ones(2), np.empty(2))
    recurrence_table(np.zeros(1), np.zeros(2), np.ones(3), 1.0, np.empty((2, 1)), np.empty((2, 1)))
