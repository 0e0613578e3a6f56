"""P(x, t): solve the Fokker–Planck equation of a level gas."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from importlib import import_module
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from fpsolve.errors import MethodError
from fpsolve.grids.axis import Grading
from fpsolve.models.initial_law import InitialLaw
from fpsolve.models.level_gas import LevelGas
from fpsolve.parallel import Progress, Seed, Workers
from fpsolve.results import Evolution
from fpsolve.solvers.methods import Method, choose_method, method_named, methods_of

__all__ = ["evolve"]

Array = NDArray[np.float64]

_SOLVERS = {
    "scharfetter_gummel": ("finite_volume", "evolve_finite_volume"),
    "legendre": ("legendre_evolution", "evolve_legendre"),
    "legendre_pair": ("legendre_pair", "evolve_legendre_pair"),
    "chamber": ("chamber_evolution", "evolve_chamber"),
    "log_gas": ("log_gas", "evolve_log_gas"),
    "markov_log_gas": ("markov_log_gas", "evolve_markov_log_gas"),
    "particles": ("particles", "evolve_particles"),
    "gaussian_matrix": ("gaussian_matrix_evolution", "evolve_gaussian_matrix"),
}


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
    workers: Workers = 1,
    progress: Progress | None = None,
) -> Evolution:
    """Solve ∂_t P = Σ_i ∂_i[D_i P_s ∂_i(P/P_s)], P_s ∝ ∏|x_i − x_j|^β ∏ e^{−Φ_i}, from an initial law to given times.

    Parameters
    ----------
    model : LevelGas
        Φ, D, β, walls, what happens at them, and the schedule of the noise.
    initial : InitialLaw or "stationary"
        The start. "stationary" is the stationary law of the discretised equation itself; it stays put to rounding.
    times : sequence of float, shape (time,)
        Output times, strictly increasing, > 0 (Fokker–Planck time).
    method : str, optional
        One of `fpsolve.solvers.methods`, which tells what takes what; by default the first that takes the model:
        "scharfetter_gummel" for one level, "chamber" for two, "log_gas" for more.
    cells, domain, grading : optional
        Of the axis, see `default_axis`. Without `cells` the finite volumes of one level double them until their own
        error is below 1e-3 (L1); `Evolution.grid_error` states what was reached. Methods without cells report averages
        over them.
    rtol : float, optional
        Error allowed, L1 norm of the density: of the time integration (the error of the cells comes on top), for
        "legendre" of time and space. From 1e-12 to 0.1; by default 1e-8, for "chamber" 1e-6, for "log_gas" 0.02, for
        "markov_log_gas" 0.05.
    modes : int, optional
        Number of modes of "legendre"; by default they are increased until the law changes by less than `rtol`.
    richardson : bool
        "scharfetter_gummel", "log_gas": solve with twice the cells too and extrapolate, error h⁴; the density may then
        be negative where it is next to nothing, `Evolution.minimum` tells. "chamber": with half the cells, error h⁴, no
        negative density. "markov_log_gas" always extrapolates.
    trajectories, rng, workers : optional
        Of "particles": their number (default 20000), the seed, and the processes (or an engine that runs), on
        which the answer does not depend.
    step : float, optional
        Largest time step of "particles" and the closures.
    progress : callable, optional
        Called as ``progress(done, total)`` as output times are reached or trajectories finished.

    Returns
    -------
    Evolution

    Raises
    ------
    MethodError
        A method that does not take the model or an option, times that do not increase from 0, `rtol` out of range.
    GridError
        A domain outside the walls, too few or too many cells.
    ConvergenceError
        `rtol` cannot be met.
    """
    chosen = method_named("evolve", choose_method("evolve", model, method))
    moments = _checked_times(times)
    rtol = chosen.rtol if rtol is None else rtol
    if not 1e-12 <= rtol <= 0.1:
        msg = f"rtol must lie between 1e-12 and 0.1, not {rtol:g}"
        raise MethodError(msg)
    asked: dict[str, object] = {"modes": modes, "trajectories": trajectories, "step": step, "richardson": richardson}
    _refuse_options(chosen, [name for name, value in asked.items() if value is not None and value is not False])
    options = {**asked, "rtol": rtol, "rng": rng, "workers": workers}
    solver = _solver(chosen.name, model.n)
    return solver(
        model,
        initial,
        times=moments,
        cells=cells,
        domain=domain,
        grading=grading,
        progress=progress,
        **{name: options[name] for name in chosen.options},
    )


def _solver(name: str, levels: int) -> Callable[..., Evolution]:
    """Load the function behind a method, which takes the common arguments and the options of its row."""
    home, function = _SOLVERS[f"{name}_pair" if (name, levels) == ("legendre", 2) else name]
    solver: Callable[..., Evolution] = getattr(import_module(f"fpsolve.solvers.{home}"), function)
    return solver


def _refuse_options(method: Method, given: Sequence[str]) -> None:
    """MethodError for an option that the method does not have."""
    for option in given:
        if option not in method.options:
            owners = [f'"{row.name}"' for row in methods_of("evolve") if option in row.options]
            listed = " or ".join([", ".join(owners[:-1]), owners[-1]] if len(owners) > 1 else owners)
            msg = f'{option} is an option of the method {listed}, not of "{method.name}"'
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
