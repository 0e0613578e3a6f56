"""Gaussian start: independent Gaussian levels, conditioned on their order."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr

from fpsolve.errors import ModelError
from fpsolve.exact.tabulated import TabulatedLaw
from fpsolve.models.initial_law import Randomness
from fpsolve.models.rejection import rejection_sample

__all__ = ["GaussianLaw"]

Array = NDArray[np.float64]

REACH = 8.3  # all but 1e-16 of a Gaussian lies within so many standard deviations


@dataclass(frozen=True)
class GaussianLaw:
    """p(x_1, …, x_N) ∝ ∏ exp[−(x_i − m_i)²/(2s_i²)] on x_1 < … < x_N.

    One level is a plain Gaussian. Several levels are *conditioned* on their order, which is not the law of sorted
    independent draws unless all m_i and s_i are equal: samples come by drawing independently and rejecting every draw
    that is out of order.

    Attributes
    ----------
    means, stds : tuple of float
        m_i and s_i of the unconditioned levels, lowest level first.
    """

    means: tuple[float, ...]
    stds: tuple[float, ...]

    @property
    def n(self) -> int:
        """Number of levels."""
        return len(self.means)

    @property
    def mean(self) -> Array:
        """Mean of every level, the conditioning included, shape (level,)."""
        if self.n == 1:
            return np.array(self.means)
        return np.array([law.mean for law in self._marginals])

    @property
    def std(self) -> Array:
        """Standard deviation of every level, the conditioning included, shape (level,)."""
        if self.n == 1:
            return np.array(self.stds)
        return np.array([law.std for law in self._marginals])

    def support(self, level: int = 0) -> tuple[float, float]:
        """Mean ± 8.3 standard deviations, or where the conditioned marginal lies."""
        if self.n == 1:
            return self.means[0] - REACH * self.stds[0], self.means[0] + REACH * self.stds[0]
        low, high = self._marginals[level].quantile(np.array([1e-12, 1.0 - 1e-12]))
        return float(low), float(high)

    def cdf(self, x: Array | float, level: int = 0) -> Array:
        """Marginal distribution function."""
        if self.n == 1:
            return np.asarray(ndtr((np.asarray(x, dtype=np.float64) - self.means[0]) / self.stds[0]))
        return self._marginals[level].cdf(x)

    def masses(self, edges: Array, level: int = 0) -> Array:
        """Cell masses; for one level with full relative accuracy far out in both tails."""
        if self.n > 1:
            return self._marginals[level].bin_masses(edges)
        z = (np.asarray(edges, dtype=np.float64) - self.means[0]) / self.stds[0]
        # Right of the mean the difference is taken of the small upper tails, not of two numbers next to 1.
        return np.where(z[:-1] > 0.0, ndtr(-z[:-1]) - ndtr(-z[1:]), ndtr(z[1:]) - ndtr(z[:-1]))

    def within(self, lower: float, upper: float) -> float:
        """Part of the ordered integral ∫ ∏ φ_i dx that comes from the interval; for one level the mass of a cell."""
        if self.n == 1:
            return float(self.masses(np.array([lower, upper]))[0])
        edges = self._edges
        edges = np.union1d(edges, np.clip([lower, upper], edges[0], edges[-1]))
        weights, inside = self._weights(edges), (edges[:-1] >= lower) & (edges[1:] <= upper)
        part, whole = (float(np.sum(row[-1] * _below(row)[-1])) for row in (weights * inside, weights))
        return part / whole

    def sample(self, replicas: int, rng: Randomness) -> Array:
        """Independent Gaussian draws, kept where they are in order.

        Raises
        ------
        ModelError
            If fewer than one draw in 10⁴ is in order.
        """
        generator = np.random.default_rng(rng)
        means, stds = np.array(self.means), np.array(self.stds)
        return rejection_sample(
            lambda rows: means + stds * generator.standard_normal((rows, self.n)),
            lambda rows: np.all(np.diff(rows, axis=1) >= 0.0, axis=1),
            replicas,
            "are in ascending order",
        )

    @cached_property
    def _marginals(self) -> tuple[TabulatedLaw, ...]:
        """Marginals of the conditioned levels: p_i ∝ φ_i · P(lower levels in order below) · P(higher ones above)."""
        edges = self._edges
        weights = self._weights(edges)
        joint = weights * _below(weights) * _below(weights[::-1, ::-1])[::-1, ::-1]
        if not np.sum(joint, axis=1).min() > 1e-200:
            msg = (
                f"the Gaussian start has no weight in ascending order: means {list(self.means)}, stds {list(self.stds)}"
            )
            raise ModelError(msg)
        return tuple(TabulatedLaw.from_masses(edges, row) for row in joint)

    @property
    def _edges(self) -> Array:
        """Cells that hold all levels, nine standard deviations of the widest hull."""
        means, stds = np.array(self.means), np.array(self.stds)
        return np.linspace((means - 9.0 * stds).min(), (means + 9.0 * stds).max(), 20_001)

    def _weights(self, edges: Array) -> Array:
        """Cell masses of the unconditioned levels, shape (level, cell)."""
        means, stds = np.array(self.means)[:, None], np.array(self.stds)[:, None]
        return np.asarray(np.diff(ndtr((edges - means) / stds), axis=1))


def _below(weights: Array) -> Array:
    """For every level and cell the probability that the lower levels lie in order below it, shape (level, cell).

    Products of densities and chain integrals are formed with cell averages; half of the own cell counts as below.
    """
    below = np.ones_like(weights)
    for i in range(1, len(weights)):
        chain = weights[i - 1] * below[i - 1]
        below[i] = np.cumsum(chain) - 0.5 * chain
    return below
