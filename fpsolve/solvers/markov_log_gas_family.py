"""Laws P = ∏_{i<j}(x_j − x_i) ∏ W_i(x_i, x_{i+1}) of ordered levels on cells: fitted pair laws, and mean jump rates.

The levels of one configuration are on different cells, in order. Given all other weights, the law of the pair i is
P_i = R_i W_i, where R_i sums the Vandermonde determinant and the other weights over all other levels; it is a
product of two matrices of minors (`fpsolve.kernels.subset_algebra`), those of the levels up to i and those from i + 1 on.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fpsolve.errors import ConvergenceError
from fpsolve.kernels.markov_pairs import fill_nearest
from fpsolve.kernels.markov_products import add_products
from fpsolve.kernels.subset_algebra import place
from fpsolve.kernels.subset_tables import subset_tables
from fpsolve.solvers.log_gas_grid import LogGasGrid

__all__ = ["FORCES", "LOG_MINOR", "MarkovFamily", "MarkovLaw", "Pairs", "Windows"]

Array = NDArray[np.float64]
Windows = NDArray[np.int64]
Pairs = tuple[Array, ...]

LOG_MINOR, FORCES = 0, slice(1, 5)
"""Where in a field of `MarkovLaw` ln R and the forces stand."""
# R that cancels to less than this part of its terms is rounding.
CANCELLED = 1e-11
LARGEST_FORCE = 2.5


@dataclass(frozen=True)
class MarkovLaw:
    """One law of the family, as far as the flow of its pairs needs it.

    Attributes
    ----------
    fields : tuple of ndarray, each of shape (5, lower cell, upper cell)
        For every pair ln R, and four logarithms of mean changes of the repulsion of all other levels as the lower level
        goes to the face above it, to the face below it, and the upper level likewise: E[V(face)/V | pair] without
        the factor of the pair itself, where configurations in which the neighbouring cell is taken count as 0. Where a
        pair cannot be, the nearest value.
    misfit : float
        Largest L1 distance of a pair's law R_i W_i to the one asked for, before the last backward sweep.
    """

    fields: Pairs
    misfit: float


@dataclass
class _Side:
    """Minors of the levels on one side of every level.

    Attributes
    ----------
    sums : list of ndarray, shape (subset, cell)
        Minors of the levels beyond level i, their weights and the weight that joins them to level i summed up.
    adjacent : list of ndarray, shape (subset, cell)
        The part of it with the neighbouring level on the next cell.
    placed : list of ndarray, shape (larger subset, cell)
        Minors with level i too.
    """

    sums: list[Array]
    adjacent: list[Array]
    placed: list[Array]


class MarkovFamily:
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

    def fitted(
        self, masses: Pairs, windows: Windows, log_minors: Pairs, *, tolerance: float, limit: int = 200
    ) -> MarkovLaw:
        """Return the law with given laws of pairs, each of sum 1.

        Parameters
        ----------
        masses : tuple of ndarray, shapes (lower cell, upper cell)
            Laws of the pairs on the windows of their levels; pairs that share a level agree in its marginal.
        windows : ndarray, shape (level, 2)
            First and end cell of every level.
        log_minors : tuple of ndarray, shapes (lower cell, upper cell)
            A guess of ln R.
        tolerance : float
            Misfit allowed.

        Raises
        ------
        ConvergenceError
            If `limit` pairs of sweeps do not bring the misfit down to `tolerance`.
        """
        weights = [_guessed(mass, log_minor) for mass, log_minor in zip(masses, log_minors, strict=True)]
        sweeps = _Sweeps(self, windows, masses, weights)
        for _ in range(limit):
            misfit = sweeps.run()
            if misfit <= tolerance:
                return MarkovLaw(sweeps.fields(), misfit)
        msg = f"no law of the closure has the joint laws of the pairs: the best is off by {misfit:.3g} in the L1 norm"
        raise ConvergenceError(msg, iterations=limit, residual=misfit, tolerance=tolerance)

    def log_gas(self, weights: Array, centres: Array, windows: Windows) -> tuple[Pairs, Pairs]:
        """Laws of the pairs and ln R of the law ∏(x_j − x_i) ∏ w_i(x_i).

        Parameters
        ----------
        weights : ndarray, shape (level, cell)
            w_i times the widths of the cells, each level up to a constant.
        centres : ndarray, shape (level,)
            Rough means of the levels.
        windows : ndarray, shape (level, 2)
            First and end cell of every level.
        """
        tilts = []
        for i in range(self.n - 1):
            (a, b), (c, d) = windows[i : i + 2].tolist()
            lower = weights[0, a:b] if i == 0 else np.ones(b - a)
            tilts.append(np.outer(lower, weights[i + 1, c:d]) * self.ordered(windows, i))
        return _Sweeps(self, windows, (), tilts, centres).as_they_are()

    @staticmethod
    def ordered(windows: Windows, pair: int) -> NDArray[np.bool_]:
        """Whether the upper level's cell lies above the lower one's, shape (lower cell, upper cell)."""
        (a, b), (c, d) = windows[pair : pair + 2].tolist()
        return np.asarray(np.arange(a, b)[:, None] < np.arange(c, d))


class _Sweeps:
    """Iterative proportional fitting: W_i ← P_i/R_i pair after pair, forwards and backwards."""

    def __init__(
        self, family: MarkovFamily, windows: Windows, masses: Pairs, weights: list[Array], centres: Array | None = None
    ) -> None:
        self.n, self.tables, self.windows = family.n, family.tables, windows
        self.masses, self.weights = masses, weights
        if centres is None:
            x = family.grid.x
            rows = [*(mass.sum(axis=1) for mass in masses), masses[-1].sum(axis=0)]
            centres = np.array([row @ x[a:b] / row.sum() for row, (a, b) in zip(rows, windows.tolist(), strict=True)])
        self.centres = centres
        self.edges = family.grid.edges
        self.x = family.grid.x
        blank: list[Array] = [np.empty(0)] * self.n
        self.left = _Side(list(blank), list(blank), list(blank))
        self.right = _Side(list(blank), list(blank), list(blank))
        for side, level in ((self.left, 0), (self.right, self.n - 1)):
            size = int(np.diff(windows[level])[0])
            side.sums[level], side.adjacent[level] = np.ones((1, size)), np.zeros((1, size))
        self._known: dict[int, NDArray[np.bool_]] = {}
        self._start_right()

    def run(self) -> float:
        """One forward and one backward sweep; returns the misfit before the latter."""
        for i in range(self.n - 1):
            self._put(i, self.x, self.left)
            self.weights[i] = _quotient(self.masses[i], *self._minor(i))
            if i + 2 < self.n:
                self._extend_left(i)
        misfit = 0.0
        for i in range(self.n - 2, -1, -1):
            self._put(i + 1, self.x, self.right)
            minor, valid = self._minor(i)
            reached = minor * self.weights[i]
            total = _positive(float(reached.sum()))
            misfit = max(misfit, float(np.abs(reached / total - self.masses[i]).sum()))
            self.weights[i] = _quotient(self.masses[i], minor, valid)
            self._extend_right(i + 1)
        return misfit

    def as_they_are(self) -> tuple[Pairs, Pairs]:
        """P_i = R_i W_i and ln R_i of the weights as they are."""
        for i in range(self.n - 2):
            self._put(i, self.x, self.left)
            self.weights[i + 1] *= self._extend_left(i)[:, None]
        self._put(self.n - 2, self.x, self.left)
        self._start_right()
        laws, logs = [], []
        for i in range(self.n - 1):
            minor, valid = self._minor(i)
            law = np.where(valid, minor * self.weights[i], 0.0)
            laws.append(law / law.sum())
            logs.append(_log_of(minor, valid))
        return tuple(laws), tuple(logs)

    def _start_right(self) -> None:
        """Minors of the levels above, of the weights as they are."""
        for i in range(self.n - 1, 0, -1):
            self._put(i, self.x, self.right)
            self._extend_right(i)

    def fields(self) -> Pairs:
        """Logarithms of R and of the mean changes of the repulsion, see `MarkovLaw`."""
        return tuple(self._field(i) for i in range(self.n - 1))

    def _field(self, i: int) -> Array:
        """Of one pair."""
        (a, b), (c, d) = self.windows[i : i + 2].tolist()
        x, y, edges = self.x[a:b, None], self.x[c:d], self.edges
        minor, valid = self._minor(i)
        out = np.empty((5, b - a, d - c))
        left, right = self.left, self.right
        upper_faces, lower_faces = edges[1:], edges[:-1]
        free_left, free_right = left.sums[i] - left.adjacent[i], right.sums[i + 1] - right.adjacent[i + 1]
        moved = (
            (self._placed(i, upper_faces, left.sums[i], from_right=False), right.placed[i + 1], edges[a + 1 : b + 1, None], y),
            (self._placed(i, lower_faces, free_left, from_right=False), right.placed[i + 1], edges[a:b, None], y),
            (left.placed[i], self._placed(i + 1, upper_faces, free_right, from_right=True), x, edges[c + 1 : d + 1]),
            (left.placed[i], self._placed(i + 1, lower_faces, right.sums[i + 1], from_right=True), x, edges[c:d]),
        )  # fmt: skip
        safe = np.where(valid, minor, 1.0)
        out[LOG_MINOR] = _log_of(minor, valid)
        for row, (lower, upper, low, high) in zip(out[FORCES], moved, strict=True):
            ratio = self._joined(i, lower, upper) * (y - x) / safe
            gap = high - low
            known = valid & (ratio * gap > 0.0)
            row[...] = np.log(np.where(known, ratio, 1.0) / np.where(known, gap, 1.0))
            # Products of (2k + 1)/(2k) over the levels at the cells below stay small; what is larger is rounding.
            np.clip(row, -LARGEST_FORCE, LARGEST_FORCE, out=row)
            fill_nearest(known, row)
        return out

    def _basis(self, level: int, points: Array) -> Array:
        """Lagrange polynomials on the means of the levels at a level's cells, shape (column, cell)."""
        a, b = self.windows[level].tolist()
        distances = points[a:b] - self.centres[:, None]
        before, after = np.ones_like(distances), np.ones_like(distances)
        np.cumprod(distances[:-1], axis=0, out=before[1:])
        after[:-1] = np.cumprod(distances[:0:-1], axis=0)[::-1]
        gaps = self.centres[:, None] - self.centres
        np.fill_diagonal(gaps, 1.0)
        return np.asarray(before * after / gaps.prod(axis=1)[:, None])

    def _placed(self, level: int, points: Array, sums: Array, *, from_right: bool) -> Array:
        """Minors with this level too, at given points of its cells, shape (subset, cell)."""
        size = self.n - level if from_right else level + 1
        members, children = self.tables.members[size], self.tables.children[size]
        cells = sums.shape[1]
        out = np.empty((1, members.shape[0], cells))
        basis = self._basis(level, points)[None]
        place(
            members, children, basis, np.ones((1, cells)), sums[None], np.empty((2, sums.shape[0])), 0, from_right, out
        )
        return np.asarray(out[0])

    def _put(self, level: int, points: Array, side: _Side) -> None:
        from_right = side is self.right
        side.placed[level] = self._placed(level, points, side.sums[level], from_right=from_right)

    def _joined(self, pair: int, lower: Array, upper: Array) -> Array:
        """Σ_S sgn(S, Sᶜ) M_S(x) N_{Sᶜ}(y), shape (lower cell, upper cell)."""
        sign, complement = self.tables.sign[pair + 1], self.tables.complement[pair + 1]
        return _product(lower * sign[:, None], upper[complement])

    def _minor(self, pair: int) -> tuple[Array, NDArray[np.bool_]]:
        """R, and where it is more than rounding: which changes little from sweep to sweep, so it is asked once."""
        lower, upper = self.left.placed[pair], self.right.placed[pair + 1]
        minor = self._joined(pair, lower, upper)
        if pair not in self._known:
            terms = _product(np.abs(lower), np.abs(upper[self.tables.complement[pair + 1]]))
            self._known[pair] = (minor > CANCELLED * terms) & MarkovFamily.ordered(self.windows, pair)
        return minor, self._known[pair] & (minor > 0.0)

    def _extend_left(self, pair: int) -> Array:
        """Sum over the lower level of a pair; returns what the upper level's cells were divided by.

        The largest minor on every cell is set to 1, which fixes how W_i and W_{i+1} share a function of x_{i+1}.
        """
        placed, weights = self.left.placed[pair], self.weights[pair]
        sums = _product(placed.T, weights)
        scale = np.max(np.abs(sums), axis=0)
        scale = np.where(scale > 0.0, scale, 1.0)
        self.weights[pair] = weights / scale
        self.left.sums[pair + 1] = sums / scale
        self.left.adjacent[pair + 1] = _next_to(placed, self.weights[pair], self.windows[pair : pair + 2], -1)
        return scale

    def _extend_right(self, level: int) -> None:
        """Sum over the upper level of a pair."""
        placed, weights = self.right.placed[level], self.weights[level - 1]
        sums = _product(placed.T, weights.T)
        scale = _positive(float(np.max(np.abs(sums))))
        self.weights[level - 1] = weights / scale
        self.right.sums[level - 1] = sums / scale
        windows = self.windows[[level, level - 1]]
        self.right.adjacent[level - 1] = _next_to(placed, self.weights[level - 1].T, windows, 1)


def _product(left: Array, right: Array) -> Array:
    """Sum over the first axis of both factors."""
    out = np.empty((left.shape[1], right.shape[1]))
    add_products(np.ascontiguousarray(left), np.ascontiguousarray(right), out)
    return out


def _positive(total: float) -> float:
    """Return a sum over configurations; ConvergenceError if there are none."""
    if not total > 0.0:
        msg = "no law of the closure has the joint laws of the pairs: they leave no room for levels in order"
        raise ConvergenceError(msg, iterations=0, residual=1.0, tolerance=0.0)
    return total


def _next_to(placed: Array, weights: Array, windows: Windows, step: int) -> Array:
    """The terms of placed @ weights in which the level placed is `step` cells from the other one, shape (subset, cell)."""
    (a, b), (c, d) = windows.tolist()
    out = np.zeros((placed.shape[0], d - c))
    first, last = max(c, a - step), min(d, b - step)
    target = np.arange(first, last)
    source = target + step
    out[:, target - c] = placed[:, source - a] * weights[source - a, target - c]
    return out


def _guessed(masses: Array, log_minor: Array) -> Array:
    """W = P/R up to a constant."""
    logs = np.where(masses > 0.0, np.log(np.where(masses > 0.0, masses, 1.0)) - log_minor, -np.inf)
    return np.asarray(np.exp(logs - logs.max()))


def _quotient(masses: Array, minor: Array, valid: NDArray[np.bool_]) -> Array:
    """W = P/R up to a constant, 0 where R is rounding."""
    out = np.zeros_like(masses)
    np.divide(masses, minor, out=out, where=(masses > 0.0) & valid)
    # Where nothing is left the sums will tell.
    return np.asarray(out / max(float(out.max()), 1e-300))


def _log_of(minor: Array, valid: NDArray[np.bool_]) -> Array:
    """Logarithm of R, with the nearest value where R is rounding."""
    out = np.log(np.where(valid, minor, 1.0))
    fill_nearest(valid, out)
    return np.asarray(out)
