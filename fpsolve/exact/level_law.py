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
        return density.reshape(np.shape(x))

    def cdf(self, x: Array | float) -> Array:
        """P(level ≤ x)."""
        points = np.atleast_1d(np.asarray(x, dtype=np.float64))
        panel, u = self.panels.locate(points.ravel())
        values = np.einsum("ij,ij->i", interpolation(u), self._nodes[panel])
        return np.clip(values, 0.0, 1.0).reshape(np.shape(x))

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
        return self.panels.x_at(panel, 0.5 * (low + high)).reshape(np.shape(p))

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

    def _moment(self, order: int, centre: float) -> float:
        """∫ (x − centre)^order p dx, with power-law tails beyond the panels continued."""
        deviation = self.panels.x - centre
        total = float(np.sum(self.density * RULE * deviation**order))
        scale = float(np.sum(self.density * RULE * np.abs(deviation) ** order))
        for side, node in ((0, 0), (1, -1)):
            if self.open_sides[side]:
                total += self._tail(order, centre, node, scale)
        return total

    def _tail(self, order: int, centre: float, node: int, scale: float) -> float:
        """Continue p ~ |x − centre|^{−1−μ} from the outermost panel: X^{order + 1} p(X)/(μ − order)."""
        deviation = self.panels.x[node] - centre
        p = self.density[node] / self.panels.slope[node]
        end = np.abs(deviation[node])
        if not p[node] > 0.0 or end ** (order + 1) * p[node] <= 1e-15 * scale:
            return 0.0
        inner = 0 if node == -1 else -1
        mu = -np.log(p[node] / p[inner]) / np.log(end / np.abs(deviation[inner])) - 1.0
        sign = np.sign(deviation[node]) ** order
        return float(sign * (end ** (order + 1) * p[node] / (mu - order) if mu > order + 1e-6 else np.inf))
