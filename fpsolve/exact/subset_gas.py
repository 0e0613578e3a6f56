"""The ordered gas with β = 1 on given panels: all minors placed from the left and from the right."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from fpsolve.exact.gas_level import GasLevel
from fpsolve.exact.gas_mesh import cardinal_basis
from fpsolve.exact.gas_panels import INTEGRATION, RULE, GasPanels
from fpsolve.exact.gas_weights import panel_weights
from fpsolve.kernels.subset_algebra import accumulate, join, place
from fpsolve.kernels.subset_tables import SubsetTables, subset_tables

__all__ = ["Layer", "SubsetGas", "subset_gas"]

Array = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Layer:
    """A_S (or B_T) of the levels up to (or from) one level, on the window of that level.

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
    panels : GasPanels
    windows : ndarray of int, shape (level, 2)
        First panel and one past the last of every level.
    centres : ndarray, shape (level,)
        Nodes of the Lagrange basis.
    basis : tuple of ndarray, shape (panel of the window, level, point)
        p_k/s on the window of every level.
    weights : tuple of ndarray, shape (panel of the window, point)
        w_i s dx/du on the window, largest entry 1.
    log_weights : ndarray, shape (level,)
        Logarithm of what `weights` were divided by.
    left, right : tuple of Layer
        left[i]: levels 0 … i−1 (none for 0); right[i]: levels i … N−1 (none for N).
    density : tuple of ndarray, shape (panel of the window, point)
        Marginal of every level per u, normalised.
    log_totals : ndarray, shape (level,)
        ln Z from the marginal of each level; they agree to rounding where everything is resolved.
    cancellation : float
        Smallest |sum|/sum|·| over levels, averaged over the marginal; 1 means no cancellation.
    tables : SubsetTables
    """

    panels: GasPanels
    windows: Ints
    centres: Array
    basis: tuple[Array, ...]
    weights: tuple[Array, ...]
    log_weights: Array
    left: tuple[Layer, ...]
    right: tuple[Layer, ...]
    density: tuple[Array, ...]
    log_totals: Array
    cancellation: float
    tables: SubsetTables

    @property
    def n(self) -> int:
        """Number of levels."""
        return int(self.centres.size)

    @property
    def log_total(self) -> float:
        """ln Z."""
        return float(np.mean(self.log_totals))

    def window(self, level: int) -> GasPanels:
        """Panels of one level."""
        return self.panels.part(slice(*self.windows[level]))

    @cached_property
    def mean(self) -> Array:
        """Mean of every level."""
        return np.array([np.sum(self.density[i] * RULE * self.window(i).x) for i in range(self.n)])

    @cached_property
    def std(self) -> Array:
        """Standard deviation of every level."""
        deviations = [self.window(i).x - self.mean[i] for i in range(self.n)]
        return np.sqrt([np.sum(self.density[i] * RULE * deviations[i] ** 2) for i in range(self.n)])

    def placed(self, level: int, *, from_right: bool) -> Array:
        """M_S (or N_T) with `level` last, per u, on its window; shape (panel, subset, point)."""
        neighbour = self.right[level + 1] if from_right else self.left[level]
        return _place(self, level, neighbour, from_right=from_right, weight=self.weights[level])


def _place(gas: SubsetGas, level: int, neighbour: Layer, *, from_right: bool, weight: Array) -> Array:
    raise AssertionError
