"""Weights and basis polynomials of an ordered gas on given panels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fpsolve.exact.gas_level import GasLevel
from fpsolve.exact.gas_mesh import cardinal_basis, windows_on
from fpsolve.exact.gas_panels import GasPanels
from fpsolve.exact.gas_weights import window_log_weights

__all__ = ["GasSetup", "gas_setup"]

Array = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True)
class GasSetup:
    """What the recursion starts from.

    Attributes
    ----------
    panels : GasPanels
    windows : ndarray of int, shape (level, 2)
        First panel and one past the last of every level.
    centres : ndarray, shape (level,)
        Nodes of the Lagrange basis.
    basis : tuple of ndarray, shape (panel of the window, column, point)
        p_k/s on the window of every level, s = max_k |p_k|.
    weights : tuple of ndarray, shape (panel of the window, point)
        w_i s dx/du on the window of every level, largest entry 1.
    log_weights : ndarray, shape (level,)
        Logarithm of what `weights` were divided by.
    """

    panels: GasPanels
    windows: Ints
    centres: Array
    basis: tuple[Array, ...]
    weights: tuple[Array, ...]
    log_weights: Array

    @property
    def n(self) -> int:
        """Number of levels."""
        return int(self.centres.size)

    @property
    def log_vandermonde(self) -> float:
        """Logarithm of ∏_{i<j}(c_j − c_i): what the determinant of the cardinal polynomials lacks."""
        rows, columns = np.triu_indices(self.n, 1)
        return float(np.sum(np.log(self.centres[columns] - self.centres[rows])))

    def window(self, level: int) -> GasPanels:
        """Panels of one level."""
        return self.panels.part(slice(*self.windows[level]))


def gas_setup(levels: Sequence[GasLevel], panels: GasPanels, windows: Array, centres: Array) -> GasSetup:
    """Evaluate weights and basis on the panels that meet the windows, intervals of shape (level, 2)."""
    ranges = windows_on(panels, windows)
    bases, weights, logs = [], [], []
    for level, (first, last) in zip(levels, ranges, strict=True):
        part = panels.part(slice(first, last))
        basis, log_scale = cardinal_basis(centres, part.x)
        smooth, constant = window_log_weights(level, part)
        log_weight = smooth + log_scale + np.log(part.slope)
        peak = float(np.max(log_weight))
        bases.append(np.ascontiguousarray(basis.transpose(1, 0, 2)))
        weights.append(np.exp(log_weight - peak))
        logs.append(peak + constant)
    return GasSetup(panels, ranges, centres, tuple(bases), tuple(weights), np.array(logs))
