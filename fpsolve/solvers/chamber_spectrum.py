"""Lowest relaxation rates of several levels on a chamber."""

from __future__ import annotations

from dataclasses import dataclass, replace
from time import perf_counter

import numpy as np
from numpy.typing import NDArray
from scipy.sparse.linalg import LinearOperator, eigsh

from fpsolve.errors import MethodError, ModelError
from fpsolve.grids.axis import Axis
from fpsolve.grids.chamber import ChamberGrid
from fpsolve.models.level_gas import LevelGas
from fpsolve.operators.chamber import ChamberGenerator, chamber_generator
from fpsolve.operators.chamber_axis import chamber_axis, refuse_too_large
from fpsolve.results import Spectrum
from fpsolve.solvers.chebyshev import applied, filtered
from fpsolve.solvers.methods import remaining_methods
from fpsolve.solvers.spectrum_table import relative_residuals

__all__ = ["chamber_bound_states", "spectrum_axis", "spectrum_vectors"]

Array = NDArray[np.float64]

_FILTER = 250.0  # radius · τ / 2 of the filter e^{τA}; about 130 products
_DAMPED = 8.0  # largest rate · τ of a state that is wanted
_SPARE = 4  # vectors of the Krylov space beyond twice the states
_TOLERANCE = 1e-8


@dataclass(frozen=True)
class _Found:
    """Rates of one grid, one more than asked for, with residuals of the states asked for."""

    rates: Array
    residuals: Array
    ground_state_error: float
    unknowns: int


def chamber_bound_states(
    model: LevelGas,
    *,
    states: int,
    cells: int | None = None,
    domain: tuple[float, float] | None = None,
) -> Spectrum:
    """Lowest states of the N-level Fokker–Planck Hamiltonian; energies are half the relaxation rates.

    The symmetric form of the generator is diagonalised by a Lanczos method on e^{τA} (a Chebyshev polynomial in A, which
    spreads the lowest rates and squeezes all others), with Rayleigh quotients of A itself. Energies are extrapolated from
    the chosen cells and three quarters as many, with an error of fourth order in the cell width; multiplets come out split
    by it.

    Parameters
    ----------
    model : LevelGas
        N levels between reflecting walls, constant noise.
    states : int
        How many, E_0 included.
    cells, domain : optional
        Of the axis, see `chamber_axis`.

    Returns
    -------
    Spectrum
        Residuals belong to the finer grid. Wavefunctions of several levels are not tabulated: `x` and `psi` are empty.

    Raises
    ------
    GridError
        A domain outside the walls.
    MethodError
        More unknowns than fit into memory, or fewer cells than the states need.
    ModelError
        No states asked for.
    """
    if states < 1:
        msg = f"states must be at least 1, not {states}"
        raise ModelError(msg)
    started = perf_counter()
    axis = spectrum_axis(model, cells=cells, domain=domain)
    refuse_too_large(
        axis.cells,
        model.n,
        remaining=remaining_methods("spectrum", model, "chamber"),
        vectors=spectrum_vectors(model.n, states),
    )
    coarser = replace(axis, cells=max(3 * axis.cells // 4, 4))
    if ChamberGrid(coarser, model.n).size < 4 * (states + _SPARE):
        msg = f"{states} states of {model.n} levels need more than {axis.cells} cells"
        raise MethodError(msg)
    fine, coarse = _solve(model, axis, states), _solve(model, coarser, states)
    part = 1.0 / ((axis.cells / coarser.cells) ** 2 - 1.0)
    rates = fine.rates + part * (fine.rates - coarse.rates)
    rates[0] = fine.rates[0]
    return Spectrum(
        method="chamber",
        energies=np.sort(0.5 * rates[:states]),
        residuals=relative_residuals(0.5 * fine.residuals, 0.5 * fine.rates),
        x=np.empty(0),
        psi=np.empty((states, 0)),
        potential=np.empty(0),
        ground_state_error=fine.ground_state_error,
        unknowns=fine.unknowns,
        seconds=perf_counter() - started,
    )


def spectrum_axis(model: LevelGas, *, cells: int | None = None, domain: tuple[float, float] | None = None) -> Axis:
    """Cells of the spectrum, which reach further out than those of the law itself."""
    # A law regular in √x has an exponential tail, relative to which polynomials reach further out than for a Gaussian.
    moment = 2 if model.levels[0].grading == "sqrt" else 1
    return chamber_axis(model, None, cells=cells, domain=domain, moment=moment)


def spectrum_vectors(levels: int, states: int) -> int:
    """Numbers per unknown besides three for every level: the symmetric form, the Krylov space, vectors and images."""
    return 2 * levels + 4 + _krylov(states + 1) + 3 * (states + 1)


def _krylov(wanted: int) -> int:
    """Vectors of the Krylov space."""
    return 2 * wanted + _SPARE


def _solve(model: LevelGas, axis: Axis, states: int) -> _Found:
    """Rates on one axis."""
    grid = ChamberGrid(axis, model.n)
    generator = chamber_generator(model, grid)
    below, above = generator.symmetric()
    symmetric = replace(generator, below=below, above=above)
    root = np.sqrt(generator.stationary_mass)
    half = _FILTER
    values, vectors, residuals = _lowest(symmetric, root, states + 1, half)
    while (damped := float(-values[-1]) * 2.0 * half / generator.radius) > _DAMPED:
        # e^{−rate·τ} of the highest state is too close to rounding: a state may have been passed over.
        half *= 0.5 * _DAMPED / damped
        values, vectors, residuals = _lowest(symmetric, root, states + 1, half)
    return _Found(
        rates=-values,
        residuals=residuals[:states],
        ground_state_error=float(np.linalg.norm(np.abs(vectors[:, 0]) - root)),
        unknowns=grid.size,
    )


def _lowest(symmetric: ChamberGenerator, root: Array, wanted: int, half: float) -> tuple[Array, Array, Array]:
    """Largest eigenvalues of A descending, their vectors and residuals, from the largest of e^{τA}, τ = 2·half/radius."""
    size = symmetric.grid.size
    noise = np.random.default_rng(0).standard_normal(size)
    _, vectors = eigsh(
        LinearOperator((size, size), matvec=lambda v: filtered(symmetric, half, np.array(v).ravel()), dtype=np.float64),
        k=wanted,
        which="LA",
        ncv=min(_krylov(wanted), size - 1),
        v0=root * (1.0 + 0.1 * noise),
        tol=_TOLERANCE,
    )
    # Rayleigh quotients of A itself
    images = np.column_stack([applied(symmetric, column) for column in vectors.T])
    values, mix = np.linalg.eigh(vectors.T @ images)
    values, mix = values[::-1], mix[:, ::-1]
    residuals = np.linalg.norm(images @ mix - vectors @ mix * values, axis=0)
    return values, vectors @ mix, residuals
