"""The ordered gas with β = 1 on given panels: all minors placed from the left and from the right."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fpsolve.exact.gas_panels import INTEGRATION, POINTS, RULE
from fpsolve.exact.gas_setup import GasSetup
from fpsolve.kernels.subset_algebra import accumulate, join, place
from fpsolve.kernels.subset_tables import SubsetTables, subset_tables

__all__ = ["Layer", "SubsetGas", "subset_gas"]

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Layer:
    """A_S of the levels up to one level, or B_T of the levels from one level on, on the window of that level.

    Attributes
    ----------
    first : int
        Number of the window's first panel.
    values : ndarray, shape (panel, subset, point)
    edges : ndarray, shape (panel + 1, subset)
        Between the panels.
    outside : ndarray, shape (2, subset)
        Below and above the window.
    log_scale : float
        The true values are exp(log_scale) times these.
    """

    first: int
    values: Array
    edges: Array
    outside: Array
    log_scale: float


@dataclass(frozen=True)
class SubsetGas:
    """Solution of the recursion.

    Attributes
    ----------
    setup : GasSetup
    tables : SubsetTables
    left, right : tuple of Layer
        left[i]: levels 0 … i−1 (none for 0); right[i]: levels i … N−1 (none for N).
    density : tuple of ndarray, shape (panel of the window, point)
        Marginal of every level per u, normalised.
    log_totals : ndarray, shape (level,)
        ln Z from the marginal of each level; they agree to rounding where everything is resolved.
    cancellation : float
        Smallest over the levels of ∫|sum| / ∫ sum of |terms| in the marginal; 1 means no cancellation.
    """

    setup: GasSetup
    tables: SubsetTables
    left: tuple[Layer, ...]
    right: tuple[Layer, ...]
    density: tuple[Array, ...]
    log_totals: Array
    cancellation: float

    @property
    def n(self) -> int:
        """Number of levels."""
        return self.setup.n

    @property
    def log_total(self) -> float:
        """Logarithm of the partition function of the ordered gas."""
        return float(np.mean(self.log_totals))

    def placed(self, level: int, *, from_right: bool) -> Array:
        """M_S with `level` last, or N_T with it first, per u, on its window; shape (panel, subset, point)."""
        neighbour = self.right[level + 1] if from_right else self.left[level]
        return _placed(self.setup, self.tables, level, neighbour, from_right=from_right)


def subset_gas(setup: GasSetup) -> SubsetGas:
    """Run the recursion in both directions and form all marginals."""
    n, tables = setup.n, subset_tables(setup.n)
    nobody = Layer(0, np.zeros((0, 1, POINTS)), np.zeros((1, 1)), np.ones((2, 1)), 0.0)
    right = [nobody]
    for level in range(n - 1, -1, -1):
        placed = _placed(setup, tables, level, right[0], from_right=True)
        right.insert(0, _layer(setup, level, right[0], placed, from_right=True))
    left, density, totals, sharpness = [nobody], [], [], []
    for level in range(n):
        placed = _placed(setup, tables, level, left[level], from_right=False)
        above = right[level + 1]
        marginal, magnitude = np.empty((2, placed.shape[0], POINTS))
        offset = int(setup.windows[level, 0]) - above.first
        complement, sign = tables.complement[level + 1], tables.sign[level + 1]
        join(complement, sign, placed, above.values, above.outside, offset, magnitude, marginal)
        mass = float(np.sum(marginal * RULE))
        density.append(marginal / mass)
        sharpness.append(float(np.sum(np.abs(marginal) * RULE) / np.sum(magnitude * RULE)))
        scale = left[level].log_scale + setup.log_weights[level] + above.log_scale
        totals.append(np.log(mass) + scale + setup.log_vandermonde)
        left.append(_layer(setup, level, left[level], placed, from_right=False))
    return SubsetGas(
        setup=setup,
        tables=tables,
        left=tuple(left),
        right=tuple(right),
        density=tuple(density),
        log_totals=np.array(totals),
        cancellation=min(sharpness),
    )


def _placed(setup: GasSetup, tables: SubsetTables, level: int, neighbour: Layer, *, from_right: bool) -> Array:
    """One more level at every node of its window."""
    size = setup.n - level if from_right else level + 1
    members, children = tables.members[size], tables.children[size]
    first, last = setup.windows[level]
    out = np.empty((last - first, members.shape[0], POINTS))
    offset = int(first) - neighbour.first
    basis, weight = setup.basis[level], setup.weights[level]
    place(members, children, basis, weight, neighbour.values, neighbour.outside, offset, from_right, out)
    return out


def _layer(setup: GasSetup, level: int, neighbour: Layer, placed: Array, *, from_right: bool) -> Layer:
    """Integrate what was placed (overwriting it) and divide by the largest integral."""
    edges = np.empty((placed.shape[0] + 1, placed.shape[1]))
    # Gauss nodes are symmetric: the integral to the right end is that to the left end, mirrored.
    matrix = np.ascontiguousarray(INTEGRATION[::-1, ::-1]) if from_right else INTEGRATION
    accumulate(matrix, RULE, from_right, edges, placed)
    scale = float(np.max(np.abs(edges)))
    placed /= scale
    edges /= scale
    log_scale = neighbour.log_scale + float(setup.log_weights[level]) + float(np.log(scale))
    return Layer(int(setup.windows[level, 0]), placed, edges, np.stack([edges[0], edges[-1]]), log_scale)
