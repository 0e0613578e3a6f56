"""Bound states and relaxation rates: the public function and the choice of method."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from fpsolve.errors import MethodError, ModelError
from fpsolve.exact.kramers import kramers_energies
from fpsolve.models.level_gas import LevelGas
from fpsolve.models.potential import PotentialLevel
from fpsolve.results import Spectrum
from fpsolve.solvers.methods import choose_method, fitting_methods

__all__ = ["bound_states"]

Array = NDArray[np.float64]


def bound_states(
    model: LevelGas,
    *,
    states: int = 6,
    method: str | None = None,
    modes: int | None = None,
    points: int | None = None,
    order: int | None = None,
    cells: int | None = None,
    domain: tuple[float, float] | None = None,
    richardson: bool = False,
    vectors: bool = True,
) -> Spectrum:
    """Lowest eigenstates of the Fokker–Planck Hamiltonian H = ½L†L, L = √D(∂_x + Φ'/2); rates are 2E_n.

    P = √P_s ψ turns the Fokker–Planck equation into ∂_tψ = −2Hψ, with E_0 = 0 and ψ_0 = √P_s unless a wall absorbs.

    Parameters
    ----------
    model : LevelGas
        One level with constant noise.
    states : int
        How many, E_0 included.
    method : {"legendre", "bidiagonal", "findiff", "chamber", "one_step"}, optional
        "legendre": spectral, to rounding errors, any walls. "bidiagonal": finite volumes, second order, but high
        *relative* accuracy for exponentially small gaps; no rings. "findiff": stencils of order 2 to 8. "chamber":
        several levels. "one_step": not H but the transition operator of one update of an rbm with derived noise, at its
        finite learning rate; E_n = −ln|λ_n|/(4α), see `fpsolve.solvers.bound_states_one_step`. By default "legendre", or
        "bidiagonal" on two extrapolated grids where a gap is too small for that; "chamber" for several levels.
    modes : int, optional
        Of "legendre"; adapted to the tolerance if not given.
    points : int, optional
        Grid points of "findiff" (default `cells`, else 1600) and "bidiagonal" (default `cells`, else 800); points of the
        table of wavefunctions of "legendre" (default 801); nodes of x of "one_step" (default 48).
    order : {2, 4, 6, 8}, optional
        Of "findiff"; 8 if not given.
    cells : int, optional
        Of the evolution's grid; the default for `points` of the grid methods.
    domain : pair of float, optional
        Ends inside the walls; they reflect. By default the interval outside of which the wavefunctions have died out.
    richardson : bool
        Of "bidiagonal": extrapolate the energies from two grids.
    vectors : bool
        False leaves the table of wavefunctions empty.

    Returns
    -------
    Spectrum
        For a potential with several wells, with the Kramers energies beside it.

    Raises
    ------
    MethodError
        Several levels, noise that changes with time (take model.at(time)), an unknown method, an option of another
        method, a wall that the method cannot treat.
    ModelError
        No states asked for, or fewer bound than asked for.
    GridError, ConvergenceError
        From the methods.
    """
    name = _checked(model, states, method, modes=modes, order=order, richardson=richardson)
    if name == "legendre":
        from fpsolve.solvers.bound_states_legendre import legendre_bound_states

        try:
            spectrum = legendre_bound_states(
                model, states=states, modes=modes, points=points, domain=domain, vectors=vectors
            )
        except MethodError:
            if method is not None or modes is not None or "bidiagonal" not in fitting_methods("spectrum", model):
                raise
            # Nobody asked for legendre: gaps lost in rounding, and singular absorbing walls, are what finite volumes do.
            name, richardson = "bidiagonal", points is None and cells is None
    if name == "bidiagonal":
        from fpsolve.solvers.bound_states_bidiagonal import bidiagonal_bound_states

        spectrum = bidiagonal_bound_states(
            model,
            states=states,
            cells=points or cells or 800,
            domain=domain,
            richardson=richardson,
            vectors=vectors,
        )
    elif name == "chamber":
        from fpsolve.solvers.chamber_spectrum import chamber_bound_states

        if points is not None:
            msg = 'the method "chamber" takes cells, not points: its wavefunctions are not tabulated'
            raise MethodError(msg)
        spectrum = chamber_bound_states(model, states=states, cells=cells, domain=domain)
    elif name == "one_step":
        from fpsolve.solvers.bound_states_one_step import one_step_bound_states

        spectrum = one_step_bound_states(model, states=states, points=points)
    elif name == "findiff":
        from fpsolve.solvers.bound_states_findiff import findiff_bound_states

        spectrum = findiff_bound_states(
            model,
            states=states,
            points=points or cells or 1600,
            order=8 if order is None else order,
            domain=domain,
            vectors=vectors,
        )
    return replace(spectrum, kramers=_kramers(model))


def _checked(
    model: LevelGas, states: int, method: str | None, *, modes: int | None, order: int | None, richardson: bool
) -> str:
    """Name of the method, after refusing what it cannot do."""
    name = choose_method("spectrum", model, method)
    if states < 1:
        msg = f"states must be at least 1, not {states}"
        raise ModelError(msg)
    for option, owner, given in (
        ("modes", "legendre", modes is not None),
        ("order", "findiff", order is not None),
        ("richardson", "bidiagonal", richardson),
    ):
        if given and name != owner:
            msg = f"{option} is an option of method {owner}, not of {name}"
            raise MethodError(msg)
    return name


def _kramers(model: LevelGas) -> Array | None:
    """Kramers energies of a potential with several wells; None where there is one, or a barrier is no parabola."""
    body = model.levels[0]
    if (
        model.n > 1
        or not isinstance(body, PotentialLevel)
        or "absorbing" in model.boundary
        or len(body.landscape.wells) < 2
    ):
        return None
    function = body.function
    energies = kramers_energies(function.value, function.slope, function.curvature, body.landscape, body.g2)
    return np.asarray(energies, dtype=np.float64) if np.all(np.isfinite(energies)) else None
