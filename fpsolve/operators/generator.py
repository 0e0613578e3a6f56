"""The generator of a master equation on one axis of cells."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array, csr_matrix

from fpsolve.grids.axis import Axis

__all__ = ["Generator"]

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Generator:
    """Jump rates between neighbouring cells; d(mass)/dt = A · mass for the vector of cell masses.

    Attributes
    ----------
    axis : Axis
        The cells.
    up : ndarray, shape (cell,)
        Rate from cell i to cell i + 1 [1/time]. The last entry leaves the axis: 0 at a reflecting wall, the loss at an
        absorbing wall, the rate into cell 0 on a ring.
    down : ndarray, shape (cell,)
        Rate from cell i to cell i − 1 [1/time]; the first entry is the one that leaves the axis.
    log_mass : ndarray, shape (cell,)
        Logarithm of the stationary cell mass up to a common constant (detailed balance:
        log_mass[i+1] − log_mass[i] = ln(up[i]/down[i+1])).
    periodic : bool
        True on a ring: what leaves at one end enters at the other.
    """

    axis: Axis
    up: Array
    down: Array
    log_mass: Array
    periodic: bool = False

    @property
    def stationary_mass(self) -> Array:
        """Stationary cell masses, normalised to 1, shape (cell,)."""
        weights = np.exp(self.log_mass - np.max(self.log_mass))
        return np.asarray(weights / weights.sum())

    @property
    def loss(self) -> tuple[float, float]:
        """Rates at which the first and the last cell lose mass through an absorbing wall; 0 elsewhere."""
        return (0.0, 0.0) if self.periodic else (float(self.down[0]), float(self.up[-1]))

    def matrix(self) -> csr_matrix:
        """A as CSR, shape (cell, cell): off-diagonals ≥ 0, columns sum to minus the loss through absorbing walls."""
        cell = np.arange(self.axis.cells)
        inner = cell[:-1]
        values = [-(self.up + self.down), self.up[:-1], self.down[1:]]
        rows, columns = [cell, inner + 1, inner], [cell, inner, inner + 1]
        if self.periodic:
            values.append(np.array([self.up[-1], self.down[0]]))
            rows.append(np.array([0, cell[-1]]))
            columns.append(np.array([cell[-1], 0]))
        triplets = (np.concatenate(values), (np.concatenate(rows), np.concatenate(columns)))
        return csr_matrix(coo_array(triplets, shape=(cell.size, cell.size)))

    def factor(self) -> tuple[Array, Array]:
        """Bidiagonal factor G of the symmetrised generator −M^{−1/2} A M^{1/2} = GᵀG (M the stationary masses).

        Row i of G belongs to face i + 1/2: G[i, i] = √up[i], G[i, i+1] = −√down[i+1]. Nothing is subtracted, so the
        singular values of G carry the relative accuracy of the rates. An absorbing upper wall is the last row
        (diagonal √up[-1]); with a reflecting one that row is zero. A ring has no such factor.

        Returns
        -------
        diagonal : ndarray, shape (cell,)
        superdiagonal : ndarray, shape (cell − 1,)
        """
        return np.sqrt(self.up), -np.sqrt(self.down[1:])
