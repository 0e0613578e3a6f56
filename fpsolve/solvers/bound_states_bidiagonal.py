"""Bound states of the Scharfetter–Gummel generator through its bidiagonal factor: exponentially small gaps."""

from __future__ import annotations

from time import perf_counter

import numpy as np
from numpy.typing import NDArray

from fpsolve.errors import GridError, MethodError
from fpsolve.grids.axis import Axis
from fpsolve.kernels.lapack import bidiagonal_singular_values
from fpsolve.models.level_gas import LevelGas
from fpsolve.operators.bidiagonal import lowest_vectors, square_factor
from fpsolve.operators.bound_region import BoundRegion, bound_region, hamiltonian_potential
from fpsolve.operators.generator import Generator
from fpsolve.operators.scharfetter_gummel import scharfetter_gummel
from fpsolve.results import Spectrum
from fpsolve.solvers.spectrum_table import oriented, refuse_decades, relative_residuals

__all__ = ["bidiagonal_bound_states"]

Array = NDArray[np.float64]


def bidiagonal_bound_states(
    model: LevelGas,
    *,
    states: int,
    cells: int = 800,
    domain: tuple[float, float] | None = None,
    richardson: bool = False,
    vectors: bool = True,
) -> Spectrum:
    """Lowest bound states of one level from singular values of the factor G of the finite-volume generator.

    The symmetrised generator is −GᵀG and acts on densities, whose rates are 2E_n: E_n = σ_n²/2. The entries of G are
    square roots of rates, and LAPACK's dlasq1 returns every σ_n with the relative accuracy of the entries, so
    E_1 ~ e^{−ΔV/g²} is as good at 1e-270 as at 1. The discretisation error is of second order in the cell width.

    Parameters
    ----------
    model : LevelGas
        One level between reflecting or absorbing walls.
    states : int
        Number of states, E_0 included.
    cells : int
        Number of cells.
    domain : pair of float, optional
        Ends in place of those found from U; they reflect.
    richardson : bool
        Extrapolate to zero cell width from `cells` and `cells`/2, in ln E: ln E* = (4 ln E(h) − ln E(2h))/3. A
        discretised barrier changes ln E additively, so the logarithm is what has an expansion in h² with
        coefficients of order one. Energies only; wavefunctions and residuals are those of the finer grid.
    vectors : bool
        False leaves the table empty.

    Raises
    ------
    MethodError
        On a ring, whose factor has a corner.
    GridError
        Too few cells for `states`, an odd number with `richardson`; see also `bound_region`.
    """
    start = perf_counter()
    if model.boundary[0] == "periodic":
        msg = "method bidiagonal needs two ends, a ring has none; methods legendre and findiff remain"
        raise MethodError(msg)
    if cells < 2 * (states + 1) or (richardson and (cells % 2 or cells < 4 * (states + 1))):
        least = (4 if richardson else 2) * (states + 1)
        msg = f"{states} states need at least {least} cells{', an even number' if richardson else ''}, not {cells}"
        raise GridError(msg)
    body = model.levels[0]
    region = bound_region(body, states=states, domain=domain)
    refuse_decades(region, cells=cells, method="bidiagonal")
    generator, factor, singular = _singular_values(model, region, cells)
    if domain is None and 0.5 * singular[states - 1] ** 2 > region.energy:
        region = bound_region(body, states=states, energy=0.6 * float(singular[states - 1]) ** 2)
        generator, factor, singular = _singular_values(model, region, cells)
    small, residuals = lowest_vectors(*factor, singular[:states])
    energies = 0.5 * singular[: states + 1] ** 2
    axis = generator.axis
    x, psi, potential, ground = np.empty(0), np.empty((states, 0)), np.empty(0), np.nan
    if vectors:
        x, psi = axis.centers, oriented(small / np.sqrt(axis.widths))
        potential = hamiltonian_potential(body, x)
    if "absorbing" not in model.boundary:
        ground = float(np.linalg.norm(np.abs(small[0]) - np.sqrt(generator.stationary_mass)))
    relative = relative_residuals(0.5 * residuals, energies)
    energies = energies[:states]
    if richardson:
        _, _, coarse = _singular_values(model, region, cells // 2)
        # E_0 = 0 (no absorbing wall) has no logarithm; an exact zero stays.
        ratio = np.divide(singular[:states], coarse[:states], out=np.ones(states), where=energies > 1e-305)
        ratio[0] = ratio[0] if "absorbing" in model.boundary else 1.0
        energies = energies * ratio ** (2.0 / 3.0)
    return Spectrum(
        method="bidiagonal",
        energies=energies,
        residuals=relative,
        x=x,
        psi=psi,
        potential=potential,
        ground_state_error=ground,
        unknowns=cells,
        seconds=perf_counter() - start,
    )


def _singular_values(model: LevelGas, region: BoundRegion, cells: int) -> tuple[Generator, tuple[Array, Array], Array]:
    """Generator on the region, its square bidiagonal factor, and all singular values, ascending."""
    body = model.levels[0]
    at_wall = region.lower == body.walls[0] and not region.cut[0]
    axis = Axis(region.lower, region.upper, cells, body.grading if at_wall else "uniform")
    lower, upper = (
        "reflecting" if cut or end != wall else kind
        for kind, cut, end, wall in zip(
            model.boundary, region.cut, (region.lower, region.upper), body.walls, strict=True
        )
    )
    generator = scharfetter_gummel(body, axis, boundary=(lower, upper))
    factor = square_factor(generator)
    return generator, factor, bidiagonal_singular_values(*factor)
