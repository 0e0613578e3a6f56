"""Laws P = ∏_{i<j}(x_j − x_i) ∏ w_i(x_i) of ordered levels on cells: cavities, and weights fitted to marginals.

Given all other weights, the marginal of level i is P_i = ρ_i w_i with the cavity density ρ_i; fitting replaces w_i by
P_i/ρ_i level after level, forwards and backwards (iterative proportional fitting). The densities ρ_i come from the
subset recursion of `fpsolve.kernels.subset_algebra` with sums over cells in which half of the tie cell counts.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from fpsolve.errors import ConvergenceError
from fpsolve.kernels.subset_algebra import accumulate, join, place
from fpsolve.kernels.subset_tables import subset_tables
from fpsolve.solvers.log_gas_grid import BLOCK, LogGasGrid
from fpsolve.solvers.pair_tables import PairMasses

__all__ = ["LogGasFamily", "Member", "Minors"]

Array = NDArray[np.float64]
Windows = NDArray[np.int64]

# Cell masses below this are no part of the law: a weight P/ρ there would be a quotient of rounding errors.
NEGLIGIBLE = 1e-16
# A cavity density that cancels to less than this part of its terms is rounding.
CANCELLED = 1e-12
# Blocks that a window reaches beyond the law on either side, for the next step to spread into.
MARGIN = 2
_FORWARD = np.triu(np.ones((BLOCK, BLOCK)), 1) + 0.5 * np.eye(BLOCK)
_BACKWARD = np.ascontiguousarray(_FORWARD.T)
_RULE = np.ones(BLOCK)


class Minors(NamedTuple):
    """A_S of the levels below, or B_T of the levels above, on the window of the nearest of them."""

    first: int
    values: Array
    outside: Array


_NOBODY = Minors(0, np.zeros((0, 1, BLOCK)), np.ones((2, 1)))


@dataclass(frozen=True)
class Member:
    """One law of the family.

    Attributes
    ----------
    windows : ndarray, shape (level, 2)
        First block and end block of every level.
    weights : ndarray, shape (level, cell)
        w_i times the cell width, each level up to a constant.
    log_cavity : ndarray, shape (level, cell)
        ln ρ_i up to a constant; beyond `reach` it continues linearly in y.
    reach : ndarray, shape (level, 2)
        First cell and end cell of the range where a level can be: elsewhere ρ_i vanishes or is rounding. (Of two levels
        on one cell none counts, so that the level i never is on the first i cells.)
    left, right : tuple of Minors
        left[i]: levels 0 … i − 1; right[i]: levels i … N − 1.
    centres : ndarray, shape (level,)
        Nodes of the Lagrange basis.
    basis : ndarray, shape (block, level, point)
        The cardinal polynomials.
    misfit : float
        Largest L1 distance of a marginal ρ_i w_i to the one asked for, before the last backward sweep.
    """

    windows: Windows
    weights: Array
    log_cavity: Array
    reach: Windows
    left: tuple[Minors, ...]
    right: tuple[Minors, ...]
    centres: Array
    basis: Array
    misfit: float


class LogGasFamily:
    """The family for one number of levels on one grid.

    Parameters
    ----------
    grid : LogGasGrid
    levels : int
        N ≥ 2.
    """

    def __init__(self, grid: LogGasGrid, levels: int) -> None:
        self.grid, self.n = grid, levels
        self.tables = subset_tables(levels)
        self._inside = grid.padded(np.ones(grid.cells))

    def windows(self, masses: Array) -> Windows:
        """Blocks that hold every level's masses, and `MARGIN` more on either side; shape (level, 2)."""
        busy = self.grid.padded(masses).max(axis=2) > NEGLIGIBLE
        first = np.argmax(busy, axis=1) - MARGIN
        last = self.grid.blocks - np.argmax(busy[:, ::-1], axis=1) + MARGIN
        return np.stack([np.maximum(first, 0), np.minimum(last, self.grid.blocks)], axis=1)

    def member(self, log_weights: Array, centres: Array) -> tuple[Member, Array]:
        """Return the law with given ln w_i (cell width included), shape (level, cell), and its marginals.

        `centres` are rough means of the levels.
        """
        everywhere = np.tile(np.array([[0, self.grid.blocks]]), (self.n, 1))
        weights = np.exp(log_weights - log_weights.max(axis=1, keepdims=True))
        blank = np.empty_like(weights)
        law = Member(everywhere, weights, blank, everywhere, (), (), centres, self._cardinal(centres), 0.0)
        centres = self.marginals(law) @ self.grid.x
        marginals = self.marginals(replace(law, centres=centres, basis=self._cardinal(centres)))
        marginals[marginals < NEGLIGIBLE] = 0.0
        marginals /= marginals.sum(axis=1, keepdims=True)
        log_cavity = np.log(np.maximum(marginals, NEGLIGIBLE)) - log_weights
        return self.fitted(marginals, log_cavity, tolerance=1e-9), marginals

    def marginals(self, law: Member) -> Array:
        """P_i = ρ_i w_i of the law's weights, shape (level, cell)."""
        right, below = self._right(law), _NOBODY
        marginals = np.zeros((self.n, self.grid.blocks, BLOCK))
        weights = self.grid.padded(law.weights)
        for i, (first, last) in enumerate(law.windows):
            placed, cavity, _ = self._cavity(law, (below, right[i + 1]), i, from_right=False)
            marginals[i, first:last] = np.maximum(cavity, 0.0) * weights[i, first:last]
            below = _extended(placed, weights[i, first:last], int(first), from_right=False)
        flat = self.grid.unpadded(marginals)
        return np.asarray(flat / flat.sum(axis=1, keepdims=True))

    def fitted(self, masses: Array, log_cavity: Array, *, tolerance: float, limit: int = 200) -> Member:
        """Return the law with given marginals, each of sum 1, shape (level, cell).

        `log_cavity` is a guess of ln ρ_i, shape (level, cell): the first weights are P_i/ρ_i.

        Raises
        ------
        ConvergenceError
            If `limit` pairs of sweeps do not bring the misfit down to `tolerance`.
        """
        log_weights = np.where(masses > NEGLIGIBLE, np.log(np.maximum(masses, NEGLIGIBLE)) - log_cavity, -np.inf)
        weights = np.exp(log_weights - log_weights.max(axis=1, keepdims=True))
        windows, centres = self.windows(masses), masses @ self.grid.x
        blank = np.empty_like(masses)
        law = Member(windows, weights, blank, windows, (), (), centres, self._cardinal(centres), np.inf)
        law = replace(law, right=self._right(law))
        for _ in range(limit):
            law = self._swept(law, masses)
            if law.misfit <= tolerance:
                return law
        msg = f"no log-gas has the marginals of the levels: the best is off by {law.misfit:.3g} in the L1 norm"
        raise ConvergenceError(msg, iterations=limit, residual=law.misfit, tolerance=tolerance)

    def adjacent(self, law: Member, level: int) -> PairMasses:
        """Joint law of `level` and the next higher one, of a fitted law."""
        lower, upper = law.windows[level : level + 2].tolist()
        weights = self.grid.padded(law.weights)
        below = self._placed(law, law.left[level], level, from_right=False) * weights[level, slice(*lower), None, :]
        above = self._placed(law, law.right[level + 2], level + 1, from_right=True)
        above *= weights[level + 1, slice(*upper), None, :]
        size = self.n - level - 1
        complement = self.tables.complement[size]
        sign = self.tables.sign[level + 1][complement]
        rows, columns = (values.transpose(0, 2, 1).reshape(-1, values.shape[1]) for values in (below, above))
        masses = (rows[:, complement] * sign) @ columns.T
        cells = [
            BLOCK * first + np.arange(values.shape[0])
            for (first, _), values in zip((lower, upper), (rows, columns), strict=True)
        ]
        # The levels are in order; of two on one cell half of the mass counts, as everywhere in the family.
        masses *= 0.5 * (np.sign(cells[1] - cells[0][:, None]) + 1.0)
        inside = [marks < self.grid.cells for marks in cells]
        masses = np.maximum(masses[np.ix_(*inside)], 0.0)
        return PairMasses.of(self.grid.edges, masses, lower=int(cells[0][0]), upper=int(cells[1][0]))

    def _swept(self, law: Member, masses: Array) -> Member:
        """One forward and one backward sweep."""
        windows = law.windows
        targets = self.grid.padded(masses)
        weights = np.zeros_like(targets)
        log_cavity, reach = np.empty_like(masses), np.empty_like(windows)
        left, right, misfit = [_NOBODY], [_NOBODY], 0.0
        for i, (first, last) in enumerate(windows):
            placed, cavity, magnitude = self._cavity(law, (left[i], law.right[i + 1]), i, from_right=False)
            weights[i, first:last] = _quotient(targets[i, first:last], cavity, magnitude)
            left.append(_extended(placed, weights[i, first:last], int(first), from_right=False))
        for i in range(self.n - 1, -1, -1):
            first, last = windows[i]
            placed, cavity, magnitude = self._cavity(law, (left[i], right[0]), i, from_right=True)
            reached = cavity * weights[i, first:last]
            total = float(reached.sum())
            misfit = max(misfit, float(np.abs(reached / total - targets[i, first:last]).sum()))
            weights[i, first:last] = _quotient(targets[i, first:last], cavity, magnitude)
            log_cavity[i], reach[i] = self._continued(int(first), cavity, magnitude)
            right.insert(0, _extended(placed, weights[i, first:last], int(first), from_right=True))
        return replace(
            law,
            weights=self.grid.unpadded(weights),
            log_cavity=log_cavity,
            reach=reach,
            left=tuple(left),
            right=tuple(right),
            misfit=misfit,
        )

    def _right(self, law: Member) -> tuple[Minors, ...]:
        """B_T of the law's weights in its basis."""
        right = [_NOBODY]
        weights = self.grid.padded(law.weights)
        for i in range(self.n - 1, -1, -1):
            first, last = law.windows[i]
            placed = self._placed(law, right[0], i, from_right=True)
            right.insert(0, _extended(placed, weights[i, first:last], int(first), from_right=True))
        return tuple(right)

    def _placed(self, law: Member, neighbour: Minors, level: int, *, from_right: bool) -> Array:
        """M_S or N_T with the weight 1 on the window of a level, shape (block, subset, point)."""
        size = self.n - level if from_right else level + 1
        first, last = law.windows[level]
        out = np.empty((last - first, self.tables.members[size].shape[0], BLOCK))
        members, children = self.tables.members[size], self.tables.children[size]
        basis, ones = law.basis[first:last], self._inside[first:last]
        offset = int(first) - neighbour.first
        place(members, children, basis, ones, neighbour.values, neighbour.outside, offset, from_right, out)
        return out

    def _cavity(
        self, law: Member, others: tuple[Minors, Minors], level: int, *, from_right: bool
    ) -> tuple[Array, Array, Array]:
        """Place a level next to one neighbour and join the other: the placed minors, ρ and Σ|terms|."""
        near, far = others[::-1] if from_right else others
        placed = self._placed(law, near, level, from_right=from_right)
        size = self.n - level if from_right else level + 1
        complement = self.tables.complement[size]
        sign = self.tables.sign[level][complement] if from_right else self.tables.sign[size]
        density, magnitude = np.empty((2, placed.shape[0], BLOCK))
        offset = int(law.windows[level, 0]) - far.first
        join(complement, sign, placed, far.values, far.outside, offset, magnitude, density)
        return placed, density, magnitude

    def _continued(self, first: int, cavity: Array, magnitude: Array) -> tuple[Array, tuple[int, int]]:
        """Return ln ρ on all cells, with its last slopes beyond the cells where it is known, and the range of these."""
        good = (cavity > CANCELLED * magnitude).ravel()[: self.grid.cells - first * BLOCK]
        # The range around the bulk of the level: rounding far out may look like a density.
        middle = int(np.argmax(np.where(good, magnitude.ravel()[: good.size], 0.0)))
        gaps = np.flatnonzero(~good)
        low = int(gaps[gaps < middle].max(initial=-1)) + 1
        high = int(gaps[gaps > middle].min(initial=good.size))
        logs = np.log(cavity.ravel()[low:high])
        cells = np.arange(self.grid.cells)
        begin, end = first * BLOCK + low, first * BLOCK + high
        out = np.interp(cells, cells[begin:end], logs)
        out[:begin] += (cells[:begin] - begin) * (logs[1] - logs[0])
        out[end:] += (cells[end:] - end + 1) * (logs[-1] - logs[-2])
        return out, (begin, end)

    def _cardinal(self, centres: Array) -> Array:
        """Lagrange polynomials that are 1 at one centre and 0 at the others, shape (block, level, point)."""
        x = self.grid.padded(self.grid.x, fill=float(self.grid.x[-1]))
        basis = np.ones((x.shape[0], self.n, BLOCK))
        for k in range(self.n):
            for j in range(self.n):
                if j != k:
                    basis[:, k] *= (x - centres[j]) / (centres[k] - centres[j])
        return basis


def _extended(placed: Array, weights: Array, first: int, *, from_right: bool) -> Minors:
    """Weight what was placed and sum it up (overwriting it), divided by the largest sum."""
    placed *= weights[:, None, :]
    minors = _summed(placed, first, from_right=from_right)
    scale = float(np.max(np.abs(minors.outside)))
    if not scale > 0.0:
        msg = "no log-gas has the marginals of the levels: they leave no room for levels in order"
        raise ConvergenceError(msg, iterations=0, residual=1.0, tolerance=0.0)
    placed /= scale
    return Minors(first, placed, minors.outside / scale)


def _summed(placed: Array, first: int, *, from_right: bool) -> Minors:
    """Sum up weighted minors over the cells (overwriting them)."""
    edges = np.empty((placed.shape[0] + 1, placed.shape[1]))
    accumulate(_BACKWARD if from_right else _FORWARD, _RULE, from_right, edges, placed)
    return Minors(first, placed, np.stack([edges[0], edges[-1]]))


def _quotient(masses: Array, cavity: Array, magnitude: Array) -> Array:
    """Return w = P/ρ up to a constant, 0 where P is negligible or ρ is rounding."""
    good = (masses > NEGLIGIBLE) & (cavity > CANCELLED * magnitude)
    out = np.zeros_like(masses)
    np.divide(masses, cavity, out=out, where=good)
    # Where nothing is left the sums will tell.
    return np.asarray(out / max(float(out.max()), 1e-300))
