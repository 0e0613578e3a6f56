"""Evolution of one level by orthogonal polynomials: spectral accuracy for smooth laws."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy.linalg.lapack import zgetrf, zgetrs

from fpsolve.errors import ConvergenceError, MethodError
from fpsolve.grids.axis import Axis
from fpsolve.kernels.cram import CRAM_POLES, CRAM_WEIGHTS
from fpsolve.models.initial_law import InitialLaw
from fpsolve.models.level_gas import LevelGas
from fpsolve.operators.legendre_weak import LegendreWeak
from fpsolve.parallel import Progress
from fpsolve.results import Evolution
from fpsolve.solvers.march import march

__all__ = ["evolve_legendre"]

Array = NDArray[np.float64]
Factors = list[tuple[NDArray[np.complex128], NDArray[np.int32]]]

FIRST_MODES = 64
MOST_MODES = 400


class _DenseStepper:
    """e^{τS} a by the rational exponential of order 16 with dense factorisations.

    The change is what is computed, e^z − 1 ≈ 2 Re Σ_k (a_k/θ_k) z/(z − θ_k): rounding errors, which are those of the
    norm of τS, then shrink with the rate of change, and a long step near the stationary law costs no digits.

    Parameters
    ----------
    matrix : ndarray, shape (mode, mode)
        S.
    """

    order = 12  # the error falls faster than any power; a cautious one chooses the step length

    def __init__(self, matrix: Array) -> None:
        self.matrix = matrix
        self.rounding = 0.25 * float(np.finfo(np.float64).eps * np.abs(matrix).max())
        self._factors: dict[float, Factors] = {}

    def step(self, time: float, length: float, state: Array) -> Array:  # noqa: ARG002 - S does not depend on time
        """Return the coefficients after a time `length`."""
        change = (length * (self.matrix @ state)).astype(np.complex128)
        out = state.copy()
        for (lower_upper, pivots), factor in zip(self._factored(length), CRAM_WEIGHTS / CRAM_POLES, strict=True):
            part, _ = zgetrs(lower_upper, pivots, change)
            out += 2.0 * (factor * part).real
        return out

    def _factored(self, length: float) -> Factors:
        """LU factors of τS − θ_k; those of the last two step lengths are kept, a step and its half."""
        found = self._factors.pop(length, None)
        if found is None:
            while len(self._factors) > 1:
                self._factors.pop(next(iter(self._factors)))
            found = []
            for pole in CRAM_POLES:
                shifted = np.asfortranarray(length * self.matrix, dtype=np.complex128)
                np.fill_diagonal(shifted, shifted.diagonal() - pole)
                lower_upper, pivots, _ = zgetrf(shifted, overwrite_a=True)
                found.append((lower_upper, pivots))
        self._factors[length] = found
        return found


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
    axis: Axis,
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
    axis : Axis
        Its ends are the domain; averages over its cells are reported, integrated exactly.
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
    started = time.perf_counter()
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
    msg = (
        f"{coarse.operator.modes} polynomials do not resolve the law to rtol; "
        f'loosen it, or take the method "scharfetter_gummel"'
    )
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
    matrix = operator.matrix()
    start, beyond = (operator.stationary(matrix), 0.0) if initial == "stationary" else operator.project(initial)
    # With a_0 = 1 the Euclidean norm of the coefficients bounds the L1 norm of the density (Schwarz, with weight w).
    scale = float(start[0])

    def settle(state: Array) -> tuple[Array, float]:
        """Restore the mass."""
        moved = abs(float(state[0]) - 1.0)
        state[0] = 1.0
        return state, moved

    marched = march(
        [(float(times[-1]), _DenseStepper(matrix))],
        start / scale,
        times,
        rtol=rtol,
        norm=_euclidean,
        settle=settle,
        progress=progress,
    )
    states = scale * marched.states
    cells = operator.cell_table(axis.edges)
    return _Solved(operator, states, states @ cells, start @ cells, marched.steps, marched.error, beyond)


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
