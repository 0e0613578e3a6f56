"""Joint law of two adjacent levels of a Coulomb gas: density, cell masses, spacings, correlation."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from fpsolve.exact.gas_panels import INTEGRATION, POINTS, RULE, GasPanels, interpolation
from fpsolve.exact.level_law import LevelLaw
from fpsolve.exact.subset_gas import SubsetGas

__all__ = ["PairLaw", "adjacent_pair"]

Array = NDArray[np.float64]

# Panels with less than this probability of their level are left out on both sides.
_NEGLIGIBLE = 1e-17
# A tail like a power goes on for too many panels to be kept in full.
_FAR_OUT = 1e-12
_CHUNK = 32
_FROM_RIGHT = np.ascontiguousarray(INTEGRATION[::-1, ::-1])


@dataclass(frozen=True)
class PairLaw:
    """P(x, y) of levels x < y that are neighbours.

    On the panels the density is a smooth function of x and y that goes on below the diagonal, where it means nothing;
    integrals over y start at x.

    Attributes
    ----------
    lower, upper : LevelLaw
        The two marginals.
    density : ndarray, shape (node of lower, panel of upper, point)
        Density per u of both panels; below the diagonal its analytic continuation.
    """

    lower: LevelLaw
    upper: LevelLaw
    density: Array

    @property
    def _x(self) -> Array:
        return np.asarray(self.lower.panels.x.ravel())

    @cached_property
    def _weights(self) -> Array:
        """Gauss weights in u over the nodes of the lower level."""
        return np.tile(RULE, self.lower.panels.size)

    @property
    def total(self) -> float:
        """Integral of the density over y > x; 1 once it is normalised."""
        return float(self._weights @ self._rows(self._survival, self._x))

    def _beyond(self, values: Array) -> Array:
        """∫_y^∞ values dy at the nodes of y; same shape as `density`."""
        panels = values @ RULE
        after = np.cumsum(panels[:, ::-1], axis=1)[:, ::-1] - panels
        inside = (values.reshape(-1, POINTS) @ _FROM_RIGHT).reshape(values.shape)
        return np.asarray(after[:, :, None] + inside)

    @cached_property
    def _survival(self) -> Array:
        """Density of x times P(upper level > y | x)."""
        return self._beyond(self.density)

    def _rows(self, table: Array, y: Array) -> Array:
        """Interpolate row k of a table at y[k]; clipped to the window of the upper level."""
        panel, u = self.upper.panels.locate(y)
        return np.asarray(np.einsum("ij,ij->i", interpolation(u), table[np.arange(y.size), panel]))

    def pdf(self, x: Array | float, y: Array | float) -> Array:
        """Joint density; 0 where y ≤ x."""
        points = np.broadcast_arrays(np.asarray(x, dtype=np.float64), np.asarray(y, dtype=np.float64))
        low, high = (values.ravel() for values in points)
        (p, u), (q, v) = self.lower.panels.locate(low), self.upper.panels.locate(high)
        table = self.density.reshape(-1, POINTS, self.upper.panels.size, POINTS)
        values = np.einsum("ij,ijk,ik->i", interpolation(u), table[p, :, q], interpolation(v))
        inside = (high > low) & _inside(self.lower.panels, p, low) & _inside(self.upper.panels, q, high)
        slopes = self.lower.panels.slope_at(p, u) * self.upper.panels.slope_at(q, v)
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.where(inside, np.maximum(values, 0.0) / slopes, 0.0).reshape(points[0].shape)

    def bin_masses(self, x_edges: Array, y_edges: Array) -> Array:
        """Probability of every cell of a product grid, shape (len(x_edges) − 1, len(y_edges) − 1).

        From J(a, b) = P(x < a, y > b) for a ≤ b; cells that the diagonal cuts get what the others leave.
        """
        z = np.union1d(x_edges, y_edges)
        (p, u), (q, v) = self.lower.panels.locate(z), self.upper.panels.locate(z)
        table = self._survival.reshape(-1, POINTS, self.upper.panels.size, POINTS)
        whole = np.einsum("j,pjqk->pqk", RULE, table)
        before = np.cumsum(whole, axis=0) - whole
        rows = before[p] + np.einsum("ij,ijqk->iqk", interpolation(u) @ INTEGRATION.T, table[p])
        joint = np.triu(np.einsum("imk,mk->im", rows[:, q], interpolation(v)))
        above = joint[1:, 1:] - joint[:-1, 1:]
        masses = np.triu(joint[1:, :-1] - joint[:-1, :-1] - above, 1)
        masses[np.diag_indices_from(masses)] = self.lower.bin_masses(z) - np.diagonal(above)
        x_first, y_first = np.searchsorted(z, x_edges), np.searchsorted(z, y_edges)
        masses = np.add.reduceat(masses[: x_first[-1], : y_first[-1]], x_first[:-1], axis=0)
        return np.asarray(np.maximum(np.add.reduceat(masses, y_first[:-1], axis=1), 0.0))

    def spacing_pdf(self, s: Array | float) -> Array:
        """Density of the spacing y − x, ∫ P(x, x + s) dx."""
        density = self.density / self.upper.panels.slope
        return np.maximum(self._along(density, s, inside_only=True), 0.0)

    def spacing_cdf(self, s: Array | float) -> Array:
        """Distribution function of the spacing."""
        return np.clip(1.0 - self._along(self._survival, s, inside_only=False), 0.0, 1.0)

    def _along(self, table: Array, s: Array | float, *, inside_only: bool) -> Array:
        """∫ table(x, x + s) dx for every s, the table interpolated in its second argument; 0 or 1 for s ≤ 0."""
        spacings = np.ravel(np.asarray(s, dtype=np.float64))
        values = np.full(spacings.shape, 0.0 if inside_only else 1.0)
        positive = np.flatnonzero(spacings > 0.0)
        row = np.arange(self._x.size)
        for some in np.array_split(positive, positive.size // _CHUNK + 1):
            y = self._x + spacings[some, None]
            panel, u = self.upper.panels.locate(y.ravel())
            rows = table[np.tile(row, some.size), panel]
            found = np.einsum("ij,ij->i", interpolation(u), rows)
            if inside_only:
                found = np.where(_inside(self.upper.panels, panel, y.ravel()), found, 0.0)
            values[some] = found.reshape(y.shape) @ self._weights
        return values.reshape(np.shape(s))

    @property
    def mean_spacing(self) -> float:
        """⟨y − x⟩."""
        return self.upper.mean - self.lower.mean

    @cached_property
    def covariance(self) -> float:
        """⟨xy⟩ − ⟨x⟩⟨y⟩."""
        deviation = self.upper.panels.x - self.upper.mean
        conditional = self._rows(self._beyond(self.density * deviation), self._x)
        return float(self._weights @ ((self._x - self.lower.mean) * conditional))

    @property
    def correlation(self) -> float:
        """Correlation coefficient; nan where a standard deviation is infinite."""
        size = self.lower.std * self.upper.std
        return self.covariance / size if np.isfinite(size) else float("nan")


def _inside(panels: GasPanels, panel: NDArray[np.int64], x: Array) -> NDArray[np.bool_]:
    return np.asarray((x >= panels.lower[panel]) & (x <= panels.upper[panel]))


def adjacent_pair(gas: SubsetGas, level: int, laws: tuple[LevelLaw, LevelLaw]) -> PairLaw:
    """Joint law of `level` and the next higher one: P(x, y) = Σ_S sgn(S, Sᶜ) M_S(x) N_{Sᶜ}(y)."""
    order = gas.tables.complement[level + 1]
    lower, upper = (law.trimmed(_FAR_OUT if law.power_law else _NEGLIGIBLE) for law in laws)
    x = _kept(gas.placed(level, from_right=False), laws[0], lower)
    y = _kept(gas.placed(level + 1, from_right=True), laws[1], upper)
    x = x.transpose(0, 2, 1).reshape(-1, order.size) * gas.tables.sign[level + 1]
    y = y.transpose(1, 0, 2).reshape(order.size, -1)[order]
    values = (x @ y).reshape(x.shape[0], upper.panels.size, POINTS)
    law = PairLaw(lower, upper, values)
    return PairLaw(lower, upper, values / law.total)


def _kept(values: Array, whole: LevelLaw, part: LevelLaw) -> Array:
    """Rows of the panels that are left."""
    first = int(np.searchsorted(whole.panels.lower, part.panels.lower[0]))
    return values[first : first + part.panels.size]
