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
from fpsolve.parallel import Progress
from fpsolve.results import Evolution
from fpsolve.solvers.methods import choose_method

__all__ = ["evolve"]

Array = NDArray[np.float64]


def evolve(
    model: LevelGas,
    initial: InitialLaw | Literal["stationary"],
    *,
    times: Sequence[float] | Array,
    method: str | None = None,
    cells: int | None = None,
    domain: tuple[float, float] | None = None,
    grading: Grading | None = None,
    rtol: float = 1e-8,
    modes: int | None = None,
    richardson: bool = False,
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
        1e-3 (L1); `Evolution.grid_error` states what was reached. The Legendre method lives on the same domain and
        reports averages over the same cells.
    rtol : float
        Error allowed, L1 norm of the density: of the time integration for "scharfetter_gummel" (the error of the cells
        comes on top), of time and space for "legendre". From 1e-12 to 0.1.
    modes : int, optional
        Number of Legendre modes; by default they are doubled until the law changes by less than `rtol`.
    richardson : bool
        "scharfetter_gummel" only: solve with twice the cells too and extrapolate, error h⁴. The density may then be
        negative where it is next to nothing; `Evolution.minimum` tells.
    progress : callable, optional
        Called as ``progress(done, total)`` as output times are reached.

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
    if not 1e-12 <= rtol <= 0.1:
        msg = f"rtol must lie between 1e-12 and 0.1, not {rtol:g}"
        raise MethodError(msg)
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
