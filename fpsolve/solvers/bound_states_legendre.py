"""Bound states by Legendre–Galerkin on the factor L: spectral accuracy, adaptive number of modes."""

from __future__ import annotations

from dataclasses import dataclass
from time import perf_counter

import numpy as np
from numpy.typing import NDArray

from fpsolve.errors import ConvergenceError, MethodError
from fpsolve.kernels.lapack import apply_right_reflectors, bidiagonal_singular_values, bidiagonalise
from fpsolve.models.level_gas import LevelGas, OneBody
from fpsolve.operators.bidiagonal import lowest_vectors
from fpsolve.operators.bound_region import BoundRegion, bound_region, hamiltonian_potential
from fpsolve.operators.legendre import LegendreFactor, assemble_legendre
from fpsolve.results import Spectrum
from fpsolve.solvers.spectrum_table import oriented, relative_residuals

__all__ = ["legendre_bound_states"]

Array = NDArray[np.float64]

_MOST_MODES = 768
# Columns beyond the modes in use: the residual is measured in this larger space.
_EXTRA = 12
_EPS = float(np.finfo(np.float64).eps)


@dataclass(frozen=True)
class _States:
    """Lowest states in a space of modes, and what the larger space says about them.

    Attributes
    ----------
    energies : ndarray, shape (state + 1,)
        One more than asked for, so that every state has a neighbour above.
    coefficients : ndarray, shape (mode, state)
    residuals : ndarray, shape (state,)
        ‖Hψ − Eψ‖ in the larger space.
    rounding : float
        Absolute error of a singular value σ = √(2E) by rounding.
    """

    energies: Array
    coefficients: Array
    residuals: Array
    rounding: float

    def converged(self) -> bool:
        """Whether residuals promise 1e-12 in energies and 1e-7 in wavefunctions, or have reached rounding."""
        count = self.residuals.size
        distances = np.abs(self.energies[:count, None] - self.energies)
        # Energies closer than the residual form one cluster; the gap is the one to the next state outside of it.
        distances[distances <= 10.0 * self.residuals[:, None]] = np.inf
        gaps = distances.min(axis=1)
        # Bᵀ(Bψ) has rounding errors ε‖B‖², larger than those of the singular values themselves.
        floor = 10.0 * self.rounding**2 / _EPS
        energy_error = np.minimum(self.residuals**2 / gaps, self.residuals)
        energy_fine = energy_error[1:] <= 1e-12 * self.energies[1:count]
        vector_fine = self.residuals <= 1e-7 * np.minimum(gaps, self.energies[-1])
        settled = self.residuals <= floor
        return bool((settled | vector_fine).all() and (settled[1:] | energy_fine).all())


def legendre_bound_states(
    model: LevelGas,
    *,
    states: int,
    modes: int | None = None,
    points: int | None = None,
    domain: tuple[float, float] | None = None,
    vectors: bool = True,
) -> Spectrum:
    """Lowest bound states of one level by Galerkin on L with Legendre (at singular walls: Jacobi) modes.

    E_n = σ_n²/2 for the singular values σ_n of B, L at Gauss points times modes. H is never formed, so E_0 comes out
    as the square of a rounding error. If `modes` is not given, they are added until the residuals r_n = ‖Hψ_n − E_nψ_n‖,
    measured in a space larger by 12 modes, promise 1e-12: |error of E_n| ≤ r_n²/gap (Kato & Temple), gap the distance
    to the nearest other energy. `residuals` of the result are r_n/max(E_n, E_{n+1} − E_n), so relative errors of the
    energies are about their squares, down to rounding.

    Parameters
    ----------
    model : LevelGas
        One level. Walls: reflecting; absorbing where P_s is finite; or a ring.
    states : int
        Number of states, E_0 included.
    modes : int, optional
        Number of modes, then fixed.
    points : int, optional
        Points of the table of wavefunctions; 801 if not given.
    domain : pair of float, optional
        Ends in place of those found from U; they reflect.
    vectors : bool
        False leaves the table empty.

    Raises
    ------
    MethodError
        An absorbing wall where P_s is singular; a state whose energy is lost in rounding (wells further apart than a
        Boltzmann factor of about 1e-20); fewer modes than states.
    ConvergenceError
        If 768 modes do not suffice.
    GridError, ModelError
        See `bound_region`.
    """
    start = perf_counter()
    body = model.levels[0]
    ring = model.boundary[0] == "periodic"
    region = bound_region(body, states=states, domain=body.walls if ring else domain)
    count = _first_guess(region, states) if modes is None else modes
    if count < states + 2:
        msg = f"{states} states need at least {states + 2} modes, not {count}"
        raise MethodError(msg)
    _check_walls(model, region)
    factor, found = _solve(model, region, count, states)
    # The highest energy found may exceed the estimate that placed the cuts.
    if domain is None and not ring and found.energies[states - 1] > region.energy:
        region = bound_region(body, states=states, energy=1.2 * float(found.energies[states - 1]))
        factor, found = _solve(model, region, count, states)
    while modes is None and not found.converged():
        if count >= _MOST_MODES:
            worst = float(np.max(found.residuals))
            msg = "legendre modes do not resolve the wavefunctions; method bidiagonal remains"
            raise ConvergenceError(msg, iterations=count, residual=worst, tolerance=1e-7)
        count = min(_MOST_MODES, count + max(16, count // 4))
        factor, found = _solve(model, region, count, states)
    _refuse_lost(found, absorbing="absorbing" in model.boundary)
    energies = found.energies[:states]
    x, psi, potential, ground = np.empty(0), np.empty((states, 0)), np.empty(0), np.nan
    if vectors:
        table = 801 if points is None else points
        x, psi = factor.wavefunctions(table, found.coefficients)
        psi = oriented(psi)
        potential = hamiltonian_potential(body, x)
    if "absorbing" not in model.boundary:
        ground = _ground_state_error(body, factor, found.coefficients[:, :1])
    return Spectrum(
        method="legendre",
        energies=energies,
        residuals=relative_residuals(found.residuals, found.energies),
        x=x,
        psi=psi,
        potential=potential,
        ground_state_error=ground,
        unknowns=count,
        seconds=perf_counter() - start,
    )


def _first_guess(region: BoundRegion, states: int) -> int:
    """Modes from the largest local wavenumber k: a polynomial of degree n oscillates n times per unit of angle.

    The constants were fitted to what the tolerance needs for the models of this package at k = 5 … 400; a bad guess
    costs a second solve, not accuracy.
    """
    number = max(21.0 + 0.8 * region.wavenumber, 1.07 * region.wavenumber - 3.0) + 0.6 * states
    return min(_MOST_MODES, max(int(number), 2 * states + 8))


def _check_walls(model: LevelGas, region: BoundRegion) -> None:
    """MethodError for an absorbing wall at which √P_s is a power of the distance."""
    for kind, cut, exponent in zip(model.boundary, region.cut, region.exponents, strict=True):
        if kind == "absorbing" and not cut and exponent != 0.0:
            msg = "method legendre takes absorbing walls only where the law is finite; method bidiagonal remains"
            raise MethodError(msg)


def _constraints(model: LevelGas, region: BoundRegion, modes: int) -> Array:
    """Columns c with c · coefficients = 0: ψ closes on a ring, or vanishes at an absorbing wall; shape (modes, 0 to 2).

    The orthonormal Legendre modes are √(k + 1/2) at t = 1 and (−1)^k times that at t = −1.
    """
    k = np.arange(modes)
    upper = np.sqrt(k + 0.5)
    lower = np.where(k % 2 == 0, upper, -upper)
    if model.boundary[0] == "periodic":
        return np.asarray((upper - lower)[:, None])
    wanted = [
        end
        for end, kind, cut in zip((lower, upper), model.boundary, region.cut, strict=True)
        if kind == "absorbing" and not cut
    ]
    return np.array(wanted).reshape(-1, modes).T


def _solve(model: LevelGas, region: BoundRegion, modes: int, states: int) -> tuple[LegendreFactor, _States]:
    """Lowest states with `modes` modes; residuals with 12 modes more."""
    body = model.levels[0]
    wide = modes + _EXTRA
    factor = assemble_legendre(
        body,
        (region.lower, region.upper),
        modes=wide,
        points=wide + 2,
        exponents=region.exponents,
        origin=region.origin,
    )
    constraints = _constraints(model, region, wide)
    number = constraints.shape[1]
    narrow = factor.matrix[:, :modes]
    if number:
        free = np.linalg.qr(constraints[:modes], mode="complete")[0][:, number:]
        narrow = narrow @ free
    diagonal, superdiagonal, reflectors, scalars = bidiagonalise(narrow)
    singular = bidiagonal_singular_values(diagonal, superdiagonal)
    small, _ = lowest_vectors(diagonal, superdiagonal, singular[:states])
    coefficients = apply_right_reflectors(reflectors, scalars, small.T)
    if number:
        coefficients = free @ coefficients
    energies = 0.5 * singular[: states + 1] ** 2
    rest = 0.5 * (factor.matrix.T @ (factor.matrix[:, :modes] @ coefficients))
    rest[:modes] -= coefficients * energies[:states]
    if number:
        held = np.linalg.qr(constraints)[0]
        rest -= held @ (held.T @ rest)
    residuals = np.linalg.norm(rest, axis=0)
    return factor, _States(energies, coefficients, residuals, _EPS * float(singular[-1]))


def _refuse_lost(found: _States, *, absorbing: bool) -> None:
    """MethodError if an energy that is not E_0 = 0 carries fewer than four digits."""
    first = 0 if absorbing else 1
    singular = np.sqrt(2.0 * found.energies[first : found.residuals.size])
    if singular.size and singular[0] < 1e4 * found.rounding:
        msg = (
            f"E_{first} = {found.energies[first]:.1e} is lost in the rounding errors of method legendre, which are "
            f"relative to the highest mode; method bidiagonal remains"
        )
        raise MethodError(msg)


def _ground_state_error(body: OneBody, factor: LegendreFactor, coefficients: Array) -> float:
    """L2 distance of ψ_0 and √P_s, both normalised on the interval, by the Gauss rule."""
    x, weights, psi = factor.at_nodes(coefficients)
    confinement = body.confinement(x)
    root = np.exp(-0.5 * (confinement - np.min(confinement)))
    root /= np.sqrt(weights @ root**2)
    return float(np.sqrt(weights @ (np.abs(psi[0]) - root) ** 2))
