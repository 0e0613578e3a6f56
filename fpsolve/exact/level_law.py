"""Law of one level of a gas from its density on Gauss panels."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from fpsolve.exact.gas_panels import INTEGRATION, RULE, GasPanels, interpolation

__all__ = ["LevelLaw"]

Array = NDArray[np.float64]

_BISECTIONS = 54


@dataclass(frozen=True)
class LevelLaw:
    """Marginal law, spectrally accurate inside the panels and 0 outside.

    Attributes
    ----------
    panels : GasPanels
    density : ndarray, shape (panel, point)
        Density per panel coordinate u, normalised.
    open_sides : tuple of bool
        Whether there is no wall on that side; then a power-law tail beyond the panels counts in the moments.
    """

    panels: GasPanels
    density: Array
    open_sides: tuple[bool, bool] = (False, False)

    @cached_property
    def _edges(self) -> Array:
        """Distribution function at the panels' ends, from 0 to 1, shape (panel + 1,)."""
        return np.concatenate([[0.0], np.cumsum(self.density @ RULE)])

    @cached_property
    def _nodes(self) -> Array:
        """Distribution function at the nodes."""
        return np.asarray(self._edges[:-1, None] + self.density @ INTEGRATION)

    def pdf(self, x: Array | float) -> Array:
        """Density at x."""
        points = np.atleast_1d(np.asarray(x, dtype=np.float64))
        panel, u = self.panels.locate(points.ravel())
        inside = (points.ravel() >= self.panels.lower[panel]) & (points.ravel() <= self.panels.upper[panel])
        values = np.einsum("ij,ij->i", interpolation(u), self.density[panel])
        with np.errstate(divide="ignore", invalid="ignore"):
            density = np.where(inside, np.maximum(values, 0.0) / self.panels.slope_at(panel, u), 0.0)
        return np.asarray(density).reshape(np.shape(x))

    def cdf(self, x: Array | float) -> Array:
        """P(level ≤ x)."""
        points = np.atleast_1d(np.asarray(x, dtype=np.float64))
        panel, u = self.panels.locate(points.ravel())
        values = np.einsum("ij,ij->i", interpolation(u), self._nodes[panel])
        return np.asarray(np.clip(values, 0.0, 1.0)).reshape(np.shape(x))

    def quantile(self, p: Array | float) -> Array:
        """Inverse of `cdf`."""
        wanted = np.atleast_1d(np.asarray(p, dtype=np.float64)).ravel()
        panel = np.clip(np.searchsorted(self._edges, wanted, side="right") - 1, 0, self.panels.size - 1)
        low, high = np.full(wanted.shape, -1.0), np.ones(wanted.shape)
        nodes = self._nodes[panel]
        for _ in range(_BISECTIONS):
            middle = 0.5 * (low + high)
            below = np.einsum("ij,ij->i", interpolation(middle), nodes) < wanted
            low, high = np.where(below, middle, low), np.where(below, high, middle)
        return np.asarray(self.panels.x_at(panel, 0.5 * (low + high)).reshape(np.shape(p)))

    def bin_masses(self, edges: Array) -> Array:
        """Probability of each bin, shape (len(edges) − 1,)."""
        return np.asarray(np.maximum(np.diff(self.cdf(edges)), 0.0))

    @cached_property
    def median(self) -> float:
        """Where the distribution function is one half."""
        return float(self.quantile(0.5))

    @cached_property
    def mean(self) -> float:
        """Mean; ±inf if the integral diverges."""
        return self.median + self._moment(1, self.median)

    @cached_property
    def std(self) -> float:
        """Standard deviation; inf if the integral diverges."""
        return float(np.sqrt(self._moment(2, self.mean))) if np.isfinite(self.mean) else np.inf

    def trimmed(self, negligible: float) -> LevelLaw:
        """Leave out the outermost panels that hold less than this probability on each side."""
        masses = self.density @ RULE
        first = int(np.searchsorted(np.cumsum(masses), negligible))
        last = masses.size - int(np.searchsorted(np.cumsum(masses[::-1]), negligible))
        return LevelLaw(
            self.panels.part(slice(first, last)), self.density[first:last] / masses[first:last].sum(), self.open_sides
        )

    @property
    def power_law(self) -> bool:
        """Whether a tail beyond the panels counts in the standard deviation, which is then less accurate."""
        centre = self.median
        scale = float(np.sum(self.density * RULE * (self.panels.x - centre) ** 2))
        ends = (self.panels.lower[0] - centre, self.panels.upper[-1] - centre)
        return any(self._tail(2, side, centre, ends[side], scale) != 0.0 for side in (0, 1) if self.open_sides[side])

    def _moment(self, order: int, centre: float) -> float:
        """∫ (x − centre)^order p dx, with power-law tails beyond the panels continued."""
        deviation = self.panels.x - centre
        terms = self.density * RULE * deviation**order
        scale = float(np.sum(np.abs(terms)))
        ends = (self.panels.lower[0] - centre, self.panels.upper[-1] - centre)
        tails = [self._tail(order, side, centre, ends[side], scale) for side in (0, 1) if self.open_sides[side]]
        return float(np.sum(terms)) + sum(tails)

    def _tail(self, order: int, side: int, centre: float, end: float, scale: float) -> float:
        """Continue p ~ |x − centre|^{−1−μ} from the end X of the panels: |X|^{order + 1} p(X)/(μ − order)."""
        x = np.abs(self.panels.x[-side] - centre)
        p = self.density[-side] / self.panels.slope[-side]
        inner, outer = (0, -1) if side == 1 else (-1, 0)
        if not p[outer] > 0.0 or x[outer] ** (order + 1) * p[outer] <= 1e-15 * scale:
            return 0.0
        mu = -np.log(p[outer] / p[inner]) / np.log(x[outer] / x[inner]) - 1.0
        if mu <= order + 1e-6:
            return float(np.sign(end) ** order * np.inf)
        at_end = p[outer] * (np.abs(end) / x[outer]) ** (-1.0 - mu)
        return float(np.sign(end) ** order * np.abs(end) ** (order + 1) * at_end / (mu - order))
