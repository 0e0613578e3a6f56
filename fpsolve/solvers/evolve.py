"""P(x, t): solve the Fokker–Planck equation of a level gas."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from fpsolve.errors import MethodError
from fpsolve.grids.axis import Grading
from fpsolve.models.initial_law import InitialLaw
from fpsolve.models.level_gas import LevelGas
from fpsolve.operators.default_axis import default_axis
from fpsolve.parallel import Progress, Seed
from fpsolve.results import Evolution
from fpsolve.solvers.methods import choose_method

__all__ = ["RTOL", "evolve"]

Array = NDArray[np.float64]

RTOL = {"chamber": 1e-6, "log_gas": 0.02}
"""Default of `rtol` for methods whose other errors are far larger than 1e-8, the default of all others."""


def evolve(
    model: LevelGas,
    initial: InitialLaw | Literal["stationary"],
    *,
    times: Sequence[float] | Array,
    method: str | None = None,
    cells: int | None = None,
    domain: tuple[float, float] | None = None,
    grading: Grading | None = None,
    rtol: float | None = None,
    modes: int | None = None,
    richardson: bool = False,
    trajectories: int | None = None,
    step: float | None = None,
    rng: Seed = None,
    workers: int = 1,
    progress: Progress | None = None,
) -> Evolution:
    """Solve ∂_t P = ∂_x[D e^{−Φ} ∂_x(P e^Φ)] from an initial law to the times asked for.

    Parameters
    ----------
    model : LevelGas
        Φ, D, walls, what happens at them, and the schedule of the noise.
    initial : InitialLaw or "stationary"
        The start. "stationary" is the stationary law of the discretised equation itself; it stays put to rounding.
    times : sequence of float, shape (time,)
        Output times, strictly increasing, > 0 (Fokker–Planck time).
    method : str, optional
        "scharfetter_gummel" (default) or "legendre"; `fpsolve.solvers.methods` tells which takes what.
    cells, domain, grading : optional
        Of the axis, see `default_axis`. Without `cells` the finite volumes double them until their own error is below
        1e-3 (L1); `Evolution.grid_error` states what was reached. The Legendre method lives on the same domain and reports averages over the
        same cells.
    rtol : float, optional
        Error allowed, L1 norm of the density: of the time integration for "scharfetter_gummel" and "log_gas" (the error
        of the cells comes on top), of time and space for "legendre". From 1e-12 to 0.1; by default 1e-8, for "log_gas"
        0.02.
    modes : int, optional
        Number of Legendre modes; by default they are doubled until the law changes by less than `rtol`.
    richardson : bool
        "scharfetter_gummel" and "log_gas": solve with twice the cells too and extrapolate, error h⁴. The density may
        then be negative where it is next to nothing; `Evolution.minimum` tells.
    trajectories, step, rng, workers : optional
        Of the method "particles", see `fpsolve.solvers.particles`: their number (default 20000), the largest time step (of "log_gas" too),
        the seed, and the processes, on which the answer does not depend.
    progress : callable, optional
        Called as ``progress(done, total)`` as output times are reached or trajectories finished.

    Returns
    -------
    Evolution
        One level.

    Raises
    ------
    MethodError
        A method that does not take the model or an option, times that do not increase from 0, `rtol` out of range.
    GridError
        A domain outside the walls, too few or too many cells.
    ConvergenceError
        `rtol` cannot be met.
    """
    chosen = choose_method("evolve", model, method)
    moments = _checked_times(times)
    if rtol is None:
        rtol = RTOL.get(chosen, 1e-8)
    if not 1e-12 <= rtol <= 0.1:
        msg = f"rtol must lie between 1e-12 and 0.1, not {rtol:g}"
        raise MethodError(msg)
    if chosen == "particles":
        from fpsolve.solvers.particles import evolve_particles

        _refuse_options(chosen, modes=modes is not None, richardson=richardson)
        return evolve_particles(
            model,
            initial,
            times=moments,
            trajectories=trajectories,
            step=step,
            cells=cells,
            domain=domain,
            grading=grading,
            rng=rng,
            workers=workers,
            progress=progress,
        )
    if chosen == "chamber":
        from fpsolve.solvers.chamber_evolution import evolve_chamber

        _refuse_options(
            chosen,
            modes=modes is not None,
            richardson=richardson,
            trajectories=trajectories is not None,
            step=step is not None,
        )
        return evolve_chamber(
            model,
            initial,
            times=moments,
            cells=cells,
            domain=domain,
            grading=grading,
            rtol=rtol,
            progress=progress,
        )
    if chosen == "log_gas":
        from fpsolve.solvers.log_gas import evolve_log_gas

        _refuse_options(chosen, modes=modes is not None, trajectories=trajectories is not None)
        return evolve_log_gas(
            model,
            initial,
            times=moments,
            cells=cells,
            domain=domain,
            grading=grading,
            rtol=rtol,
            step=step,
            richardson=richardson,
            progress=progress,
        )
    _refuse_options(chosen, trajectories=trajectories is not None, step=step is not None)
    if chosen == "legendre" and model.n == 2:
        from fpsolve.solvers.legendre_pair import evolve_legendre_pair

        _refuse_options(chosen, richardson=richardson)
        return evolve_legendre_pair(
            model,
            initial,
            times=moments,
            cells=cells,
            domain=domain,
            grading=grading,
            rtol=rtol,
            modes=modes,
            progress=progress,
        )
    law = None if initial == "stationary" else initial
    axis = default_axis(model, law, cells=cells, domain=domain, grading=grading)
    if chosen == "legendre":
        from fpsolve.solvers.legendre_evolution import evolve_legendre

        if richardson:
            msg = 'richardson extrapolates cells; it belongs to the method "scharfetter_gummel"'
            raise MethodError(msg)
        return evolve_legendre(model, initial, times=moments, axis=axis, rtol=rtol, modes=modes, progress=progress)
    from fpsolve.solvers.finite_volume import evolve_finite_volume

    if modes is not None:
        msg = f'modes belong to the method "legendre"; "{chosen}" takes cells'
        raise MethodError(msg)
    return evolve_finite_volume(
        model,
        initial,
        times=moments,
        axis=axis,
        rtol=rtol,
        richardson=richardson,
        refine=cells is None,
        progress=progress,
    )


def _refuse_options(method: str, **given: bool) -> None:
    """MethodError for an option that the method does not have."""
    owners = {
        "modes": '"legendre"',
        "richardson": '"scharfetter_gummel" or "log_gas"',
        "trajectories": '"particles"',
        "step": '"log_gas" or "particles"',
    }
    for option, present in given.items():
        if present:
            msg = f'{option} is an option of the method {owners[option]}, not of "{method}"'
            raise MethodError(msg)


def _checked_times(times: Sequence[float] | Array) -> Array:
    """Return the times as an array; MethodError unless they increase strictly from above 0."""
    moments = np.asarray(times, dtype=np.float64)
    if moments.ndim != 1 or moments.size == 0 or not np.all(np.isfinite(moments)):
        msg = f"times must be a list of finite numbers, not {times!r}"
        raise MethodError(msg)
    if moments[0] <= 0.0 or np.any(np.diff(moments) <= 0.0):
        msg = f"times must be positive and increase strictly, not {moments.tolist()}"
        raise MethodError(msg)
    return moments
