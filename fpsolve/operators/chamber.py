"""The generator of N ordered levels on a chamber: masses of cells and conductances of faces under one rule."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array, csr_matrix

from fpsolve.errors import MethodError
from fpsolve.grids.axis import Axis
from fpsolve.grids.chamber import ChamberGrid
from fpsolve.kernels.chamber import chamber_radius, chamber_rates, chamber_symmetric, chamber_term
from fpsolve.models.level_gas import LevelGas, OneBody
from fpsolve.operators.chamber_repulsion import ChamberRepulsion
from fpsolve.operators.generator import Generator
from fpsolve.operators.scharfetter_gummel import scharfetter_gummel

__all__ = ["ChamberGenerator", "chamber_generator", "log_chamber_weights"]

Array = NDArray[np.float64]


@dataclass(frozen=True)
class ChamberGenerator:
    """Jump rates between neighbouring states of a chamber; d(mass)/dt = A · mass for the vector of state masses.

    Attributes
    ----------
    grid : ChamberGrid
        The states.
    below, above : ndarray, shape (level, state)
        Rate into a state from the one with that level one cell lower, and one cell higher [1/time]; 0 where there is none.
    leaving : ndarray, shape (state,)
        Sum of all rates out of a state.
    log_mass : ndarray, shape (state,)
        Logarithm of the stationary mass of each state up to a common constant; masses and rates are in detailed balance.
    """

    grid: ChamberGrid
    below: Array
    above: Array
    leaving: Array
    log_mass: Array

    @property
    def stationary_mass(self) -> Array:
        """Stationary masses, normalised to 1, shape (state,)."""
        weights = np.exp(self.log_mass - np.max(self.log_mass))
        return np.asarray(weights / weights.sum())

    def symmetric(self) -> tuple[Array, Array]:
        """Off-diagonal entries √(rate there · rate back), arranged like `below` and `above`.

        With the diagonal −`leaving` they make the symmetric matrix M^{−1/2} A M^{1/2}, M the stationary masses.
        """
        entries = np.empty_like(self.below), np.empty_like(self.above)
        chamber_symmetric(self.grid.choose, self.below, self.above, *entries)
        return entries

    @cached_property
    def radius(self) -> float:
        """A bound of the spectrum, which lies in [−radius, 0]."""
        return float(chamber_radius(self.grid.choose, self.below, self.above, self.leaving))

    def term(self, scale: float, shift: float, weight: float, now: Array, total: Array, before: Array) -> None:
        """One term of a three-term recursion: before ← scale·A·now + shift·now − before, then total += weight·before."""
        chamber_term(self.grid.choose, self.below, self.above, self.leaving, scale, shift, weight, now, total, before)

    def norm(self, state: Array) -> float:
        """L1 norm."""
        return float(np.abs(state).sum())

    def matrix(self) -> csr_matrix:
        """A as CSR, shape (state, state): off-diagonals ≥ 0, columns sum to 0."""
        size, states = self.grid.size, self.grid.states()
        rows, columns, values = [np.arange(size)], [np.arange(size)], [-self.leaving]
        for level in range(self.grid.levels):
            floor = states[:, level - 1] if level else 0
            upper = np.flatnonzero(states[:, level] > floor)
            lower = upper - self.grid.choose[states[upper, level] - 1 + level, level]
            rows += [upper, lower]
            columns += [lower, upper]
            values += [self.below[level, upper], self.above[level, lower]]
        triplets = (np.concatenate(values), (np.concatenate(rows), np.concatenate(columns)))
        return csr_matrix(coo_array(triplets, shape=(size, size)))


def chamber_generator(model: LevelGas, grid: ChamberGrid) -> ChamberGenerator:
    """Discretise the Fokker–Planck equation of a level gas on a chamber.

    With P_s ∝ ∏_{a<b}|x_a − x_b|^β ∏ e^{−Φ_i} the mass of a state is the product of e^{−Φ_i} at midpoints, as in
    `scharfetter_gummel`, and of |x_a − x_b|^β averaged over cells; a face, on which one level sits between two cells, has
    the conductance of that level alone (Scharfetter and Gummel's, corrected for the curvature of Φ_i) times
    |x_a − x_b|^β averaged with this level on the face. For two levels, β = 1, cell width h: masses h²|Δ| off the diagonal
    and h³/6 on it, faces h·|x_face − x_b|. Rates are conductance/mass, so that

        rate(s → s') mass(s) = rate(s' → s) mass(s'),

    whatever h is: the stationary law and the total are exact and no rate is negative. No drift β/(x_a − x_b) is evaluated.
    Errors are of second order in the cell width.

    Parameters
    ----------
    model : LevelGas
        Any potentials, diffusions and β; reflecting walls, constant noise.
    grid : ChamberGrid
        For as many levels.

    Raises
    ------
    MethodError
        Walls that are not reflecting, or another number of levels.
    GridError, ModelError
        See `scharfetter_gummel`.
    """
    if model.boundary != ("reflecting", "reflecting"):
        msg = f"a chamber needs reflecting walls, not {list(model.boundary)}"
        raise MethodError(msg)
    if model.n != grid.levels:
        msg = f"the chamber has {grid.levels} levels, the model {model.n}"
        raise MethodError(msg)
    alone = _alone(model, grid.axis)
    repulsion = ChamberRepulsion(model.beta, grid)
    below, above = np.empty((grid.levels, grid.size)), np.empty((grid.levels, grid.size))
    leaving = np.empty(grid.size)
    chamber_rates(
        grid.choose,
        np.array([generator.up for generator in alone]),
        np.array([generator.down for generator in alone]),
        *repulsion.jump_factors(),
        *repulsion.crowd_factors(),
        below,
        above,
        leaving,
    )
    log_mass = log_chamber_weights(grid, np.array([generator.log_mass for generator in alone]), model.beta)
    return ChamberGenerator(grid, below, above, leaving, log_mass)


def log_chamber_weights(grid: ChamberGrid, single: Array, beta: float) -> Array:
    """Σ_i single[i, c_i] + ln of ∏|x_a − x_b|^β averaged over the cells of every state, shape (state,).

    Parameters
    ----------
    grid : ChamberGrid
    single : ndarray, shape (level, cell)
        Logarithms of what each level alone contributes.
    beta : float
        With β = 0, m levels in one cell give 1/m!.
    """
    repulsion = ChamberRepulsion(beta, grid)
    states = grid.states()
    distance = np.arange(grid.cells, dtype=np.float64)
    apart = np.log(repulsion.apart(np.maximum(distance, 1.0)))
    apart[0] = 0.0
    stretch = beta * repulsion.stretch(grid.axis.y_centers)
    crowd = np.log(repulsion.together(face=False))
    total = np.zeros(grid.size)
    alike = np.ones(grid.size, dtype=np.int64)
    for i in range(grid.levels):
        total += single[i, states[:, i]]
        for j in range(i):
            total += apart[states[:, i] - states[:, j]] + stretch[states[:, i], states[:, j]]
        if i > 0:
            joined = states[:, i] == states[:, i - 1]
            total += np.where(joined, 0.0, crowd[alike])
            alike = np.where(joined, alike + 1, 1)
    return np.asarray(total + crowd[alike])


def _alone(model: LevelGas, axis: Axis) -> list[Generator]:
    """Rates of every level without the others; equal levels share theirs."""
    found: dict[int, Generator] = {}
    for body in model.levels:
        if id(body) not in found:
            found[id(body)] = _one_body(body, axis)
    return [found[id(body)] for body in model.levels]


def _one_body(body: OneBody, axis: Axis) -> Generator:
    """Rates of a lone level: those of `scharfetter_gummel`, with conductances corrected for the curvature of Φ.

    The flux of Scharfetter and Gummel is exact where Φ is linear; in a harmonic well it moves the mean too slowly, by
    h²Φ''/6. That factor is put into the conductance, with h²Φ''/8 = (Φ(x_i) + Φ(x_{i+1}))/2 − Φ(face). Errors are then
    several times smaller, relaxation rates above all, and stay a power series in h² where Φ is steep, which the value
    e^{−Φ} at the face alone would spoil. Where a cell does not resolve the curvature the correction fades.
    """
    generator = scharfetter_gummel(body, axis)
    faces = axis.y_edges[1:-1]
    with np.errstate(divide="ignore"):
        there = np.asarray(body.confinement(axis.to_x(faces))) - np.log(axis.slope(faces))
    at_cells = -generator.log_mass
    bend = 0.5 * (at_cells[1:] + at_cells[:-1]) - there
    trust = 1.0 / (1.0 + (2.0 * bend) ** 2)
    factor = np.exp(np.where(np.isfinite(bend), 4.0 / 3.0 * trust * bend, 0.0))
    up, down = generator.up.copy(), generator.down.copy()
    up[:-1] *= factor
    down[1:] *= factor
    return replace(generator, up=up, down=down)
