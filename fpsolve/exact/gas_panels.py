"""Composite Gauss panels for an ordered gas: where they lie, and interpolation and integration on them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

__all__ = ["BARYCENTRIC", "HIGH_COEFFICIENTS", "INTEGRATION", "NODES", "POINTS", "RULE", "GasPanels", "interpolation"]

Array = NDArray[np.float64]
Ints = NDArray[np.int64]

POINTS = 16
NODES, RULE = (np.asarray(part, dtype=np.float64) for part in np.polynomial.legendre.leggauss(POINTS))


def _integration_matrix() -> Array:
    """Entry [k, j]: integral from −1 to node j of the cardinal polynomial of node k.

    It is w_k [(1 + u_j)/2 + Σ_{n≥1} P_n(u_k) (P_{n+1}(u_j) − P_{n−1}(u_j))/2].
    """
    values = np.polynomial.legendre.legvander(NODES, POINTS)
    primitives = 0.5 * (values[:, 2:] - values[:, :-2])
    first = 0.5 * (1.0 + NODES)
    return np.asarray(RULE[:, None] * (first[None, :] + values[:, 1:-1] @ primitives.T))


INTEGRATION = _integration_matrix()

# A panel resolves a function if its Legendre coefficients from degree 10 on are negligible: products of two such
# functions are still integrated by 16 points.
_DEGREE = 10
HIGH_COEFFICIENTS = (
    (np.arange(_DEGREE, POINTS)[:, None] + 0.5) * np.polynomial.legendre.legvander(NODES, POINTS - 1).T[_DEGREE:] * RULE
)
BARYCENTRIC = np.asarray((-1.0) ** np.arange(POINTS) * np.sqrt((1.0 - NODES**2) * RULE), dtype=np.float64)


def interpolation(u: Array) -> Array:
    """Cardinal polynomials of the nodes at u in [−1, 1], shape (len(u), POINTS)."""
    distance = np.asarray(u)[:, None] - NODES
    hit = distance == 0.0
    with np.errstate(divide="ignore", invalid="ignore"):
        terms = BARYCENTRIC / distance
        values = terms / terms.sum(axis=1, keepdims=True)
    return np.asarray(np.where(hit.any(axis=1, keepdims=True), hit, values))


@dataclass(frozen=True)
class GasPanels:
    """Panels that ascend in x; on each x = origin ± y^power with y linear in the panel's coordinate u in [−1, 1].

    Plain panels have power 1 and origin 0. At a wall where the weight is a broken power of the distance, y is a root of
    that distance in which the law is smooth.

    Attributes
    ----------
    start, end : ndarray, shape (panel,)
        Ends in y; x ascends from start to end.
    origin, power, sign : ndarray, shape (panel,)
        x = origin + sign y^power.
    """

    start: Array
    end: Array
    origin: Array
    power: Array
    sign: Array

    @property
    def size(self) -> int:
        """Number of panels."""
        return int(self.start.size)

    @cached_property
    def lower(self) -> Array:
        """Lower ends in x, shape (panel,)."""
        return self.origin + self.sign * self.start**self.power

    @cached_property
    def upper(self) -> Array:
        """Upper ends in x, shape (panel,)."""
        return self.origin + self.sign * self.end**self.power

    @cached_property
    def x(self) -> Array:
        """Nodes in x, shape (panel, point)."""
        panel = np.repeat(np.arange(self.size), POINTS)
        return self.x_at(panel, np.tile(NODES, self.size)).reshape(self.size, POINTS)

    @cached_property
    def y(self) -> Array:
        """Nodes in y, shape (panel, point); to the power `power` the distance from the wall, without rounding."""
        panel = np.repeat(np.arange(self.size), POINTS)
        return self._y(panel, np.tile(NODES, self.size)).reshape(self.size, POINTS)

    @cached_property
    def slope(self) -> Array:
        """dx/du at the nodes, shape (panel, point)."""
        panel = np.repeat(np.arange(self.size), POINTS)
        return self.slope_at(panel, np.tile(NODES, self.size)).reshape(self.size, POINTS)

    def x_at(self, panel: Ints, u: Array) -> Array:
        """Points in x from panel numbers and coordinates."""
        return np.asarray(self.origin[panel] + self.sign[panel] * self._y(panel, u) ** self.power[panel])

    def slope_at(self, panel: Ints, u: Array) -> Array:
        """dx/du from panel numbers and coordinates."""
        power = self.power[panel]
        half = 0.5 * (self.end[panel] - self.start[panel]) * self.sign[panel]
        return np.asarray(half * power * self._y(panel, u) ** (power - 1.0))

    def _y(self, panel: Ints, u: Array) -> Array:
        start, end = self.start[panel], self.end[panel]
        return np.asarray(0.5 * (start + end) + 0.5 * (end - start) * u)

    def halved(self, chosen: NDArray[np.bool_] | None = None) -> GasPanels:
        """The chosen panels (by default all) cut in two in their coordinate y."""
        cut = np.ones(self.size, dtype=bool) if chosen is None else chosen
        panel = np.repeat(np.arange(self.size), np.where(cut, 2, 1))
        second = np.concatenate([[False], panel[1:] == panel[:-1]])
        first = cut[panel] & ~second
        middle = 0.5 * (self.start + self.end)[panel]
        start = np.where(second, middle, self.start[panel])
        end = np.where(first, middle, self.end[panel])
        return GasPanels(start, end, self.origin[panel], self.power[panel], self.sign[panel])

    def part(self, selection: slice | Ints) -> GasPanels:
        """Some of the panels."""
        return replace(
            self,
            start=self.start[selection],
            end=self.end[selection],
            origin=self.origin[selection],
            power=self.power[selection],
            sign=self.sign[selection],
        )

    def locate(self, x: Array) -> tuple[Ints, Array]:
        """Panel that holds x (the next lower one if none does) and its coordinate u, clipped to [−1, 1].

        Below the first panel the number is 0 and u = −1; in a gap between panels, or above all, u = 1.
        """
        panel = np.clip(np.searchsorted(self.lower, x, side="right") - 1, 0, self.size - 1)
        distance = np.maximum(self.sign[panel] * (x - self.origin[panel]), 0.0)
        plain = self.power[panel] == 1.0
        y = np.where(plain, self.sign[panel] * (x - self.origin[panel]), distance ** (1.0 / self.power[panel]))
        start, end = self.start[panel], self.end[panel]
        return panel, np.clip((2.0 * y - start - end) / (end - start), -1.0, 1.0)

    @classmethod
    def joined(cls, parts: Sequence[GasPanels]) -> GasPanels:
        """Panels of several pieces, in the order given."""
        return cls(*(np.concatenate([getattr(part, name) for part in parts]) for name in cls.__dataclass_fields__))
