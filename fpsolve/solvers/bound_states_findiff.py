"""Bound states of the Hamiltonian on a grid with findiff's stencils: the textbook route, for cross-checks."""

from __future__ import annotations

from time import perf_counter

import numpy as np
from numpy.typing import NDArray
from scipy.sparse.linalg import eigsh

from fpsolve.errors import GridError, MethodError
from fpsolve.models.level_gas import LevelGas, OneBody
from fpsolve.operators.bound_region import BoundRegion, bound_region, hamiltonian_potential
from fpsolve.operators.findiff_hamiltonian import End, FindiffHamiltonian, assemble_findiff
from fpsolve.results import Spectrum
from fpsolve.solvers.spectrum_table import oriented, refuse_decades, relative_residuals

__all__ = ["findiff_bound_states"]

Array = NDArray[np.float64]

_ORDERS = (2, 4, 6, 8)
# Wavefunctions below e^{−14} = 1e-6 of their maximum at an end are taken as 0 there; energies feel the square of it.
_VANISHING = 14.0


def findiff_bound_states(
    model: LevelGas,
    *,
    states: int,
    points: int = 1600,
    order: int = 8,
    domain: tuple[float, float] | None = None,
    vectors: bool = True,
) -> Spectrum:
    """Lowest eigenpairs of H = −½ ∂ D ∂ + U on a uniform grid.

    Of order `order` where the wavefunctions vanish at both ends and on a ring; of order 2 with a small constant at
    walls that they reach. E_0 is 0 up to the discretisation error and may come out negative.

    Parameters
    ----------
    model : LevelGas
        One level. A reflecting wall that the wavefunctions reach needs Φ' = D' = 0 there.
    states : int
        Number of states, E_0 included.
    points : int
        Grid points.
    order : {2, 4, 6, 8}
        Order of the stencil.
    domain : pair of float, optional
        Ends in place of those found from U.
    vectors : bool
        False leaves the table empty.

    Raises
    ------
    MethodError
        Another order; a wall at which wavefunctions are neither 0 nor even.
    GridError
        Too few points; see also `bound_region`.
    """
    start = perf_counter()
    if order not in _ORDERS:
        msg = f"findiff has stencils of order 2, 4, 6 and 8 here, not {order}"
        raise MethodError(msg)
    if points < max(4 * order, 2 * states + 4):
        msg = f"{states} states at order {order} need at least {max(4 * order, 2 * states + 4)} points, not {points}"
        raise GridError(msg)
    body = model.levels[0]
    ring = model.boundary[0] == "periodic"
    region = bound_region(body, states=states, domain=body.walls if ring else domain)
    refuse_decades(region, cells=points, method="findiff")
    hamiltonian, energies, psi = _solve(model, region, points, order, states)
    if domain is None and not ring and energies[states - 1] > region.energy:
        region = bound_region(body, states=states, energy=1.2 * float(energies[states - 1]))
        hamiltonian, energies, psi = _solve(model, region, points, order, states)
    x = hamiltonian.x
    residuals = np.linalg.norm(hamiltonian.matrix @ psi - psi * energies, axis=0)[:states]
    psi = oriented(psi[:, :states].T / np.sqrt(hamiltonian.step))
    ground = np.nan if "absorbing" in model.boundary else _ground_state_error(body, hamiltonian, psi[0])
    return Spectrum(
        method="findiff",
        energies=energies[:states],
        residuals=relative_residuals(residuals, energies),
        x=x if vectors else np.empty(0),
        psi=psi if vectors else np.empty((states, 0)),
        potential=hamiltonian_potential(body, x) if vectors else np.empty(0),
        ground_state_error=ground,
        unknowns=points,
        seconds=perf_counter() - start,
    )


def _solve(
    model: LevelGas, region: BoundRegion, points: int, order: int, states: int
) -> tuple[FindiffHamiltonian, Array, Array]:
    """H on the region and its states + 1 lowest eigenpairs, by shift and invert from below the spectrum."""
    ends = (_end(model, region, 0), _end(model, region, 1))
    hamiltonian = assemble_findiff(model.levels[0], (region.lower, region.upper), points=points, order=order, ends=ends)
    # Any start works that no symmetry of the potential makes orthogonal to a state; the same one each time.
    start = np.cos(np.arange(points) ** 2)
    energies, psi = eigsh(hamiltonian.matrix, k=states + 1, sigma=-0.1 * abs(region.energy), which="LM", v0=start)
    by_energy = np.argsort(energies)
    return hamiltonian, energies[by_energy], psi[:, by_energy]


def _end(model: LevelGas, region: BoundRegion, side: int) -> End:
    """What the stencil finds beyond one end; MethodError if wavefunctions are neither 0 nor even or odd there."""
    if model.boundary[side] == "periodic":
        return "ring"
    if region.decay[side] > _VANISHING:
        return "vanishing"
    end = np.array([(region.lower, region.upper)[side]])
    body = model.levels[0]
    width = region.upper - region.lower
    with np.errstate(all="ignore"):
        slope, growth = float(body.confinement_slope(end)[0]), float(body.diffusion_slope(end)[0])
        diffusion = float(body.diffusion(end)[0])
    at_wall = end[0] == body.walls[side]
    even = abs(slope) * width < 1e-6 and abs(growth) * width < 1e-6 * diffusion
    if even and region.exponents[side] == 0.0:
        return "odd" if at_wall and model.boundary[side] == "absorbing" else "even"
    msg = (
        f"method findiff needs wavefunctions that vanish or are even at x = {end[0]:g} (confinement and diffusion "
        f"without slope there); methods legendre and bidiagonal remain"
    )
    raise MethodError(msg)


def _ground_state_error(body: OneBody, hamiltonian: FindiffHamiltonian, psi: Array) -> float:
    """L2 distance of ψ_0 and √P_s, both normalised on the grid."""
    confinement = body.confinement(hamiltonian.x)
    root = np.exp(-0.5 * (confinement - np.min(confinement)))
    root /= np.linalg.norm(root) * np.sqrt(hamiltonian.step)
    return float(np.linalg.norm(np.abs(psi) - root) * np.sqrt(hamiltonian.step))
