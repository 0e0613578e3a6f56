"""A one-dimensional law known by the masses of cells."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import PchipInterpolator

__all__ = ["TabulatedLaw"]

Array = NDArray[np.float64]


@dataclass(frozen=True)
class TabulatedLaw:
    """Law of one level from cell masses; its distribution function is exact at the edges and monotone between them.

    Attributes
    ----------
    edges : ndarray, shape (cell + 1,)
        Increasing cell edges in x.
    cumulative : ndarray, shape (cell + 1,)
        Distribution function at the edges, from 0 to 1.
    """

    edges: Array
    cumulative: Array

    @classmethod
    def from_density(cls, edges: Array, density: Array) -> TabulatedLaw:
        """Build from cell averages of a density, shape (cell,); the total is normalised to 1."""
        return cls.from_masses(edges, np.asarray(density) * np.diff(edges))

    @classmethod
    def from_masses(cls, edges: Array, masses: Array) -> TabulatedLaw:
        """Build from cell masses, shape (cell,); the total is normalised to 1."""
        cumulative = np.concatenate([[0.0], np.cumsum(masses)])
        return cls(edges=np.asarray(edges, dtype=np.float64), cumulative=cumulative / cumulative[-1])

    @cached_property
    def _interpolant(self) -> PchipInterpolator:
        # A cell mass near the smallest number overflows in a harmonic mean of slopes; the slope is then 0, as it should be.
        with np.errstate(over="ignore"):
            return PchipInterpolator(self.edges, self.cumulative, extrapolate=False)

    def cdf(self, x: Array | float) -> Array:
        """P(level ≤ x): monotone cubic between edges, 0 below and 1 above the table."""
        points = np.asarray(x, dtype=np.float64)
        inside = self._interpolant(np.clip(points, self.edges[0], self.edges[-1]))
        return np.clip(np.asarray(inside), 0.0, 1.0)

    def bin_masses(self, edges: Array) -> Array:
        """Probability of each bin, shape (len(edges) − 1,): what a histogram's counts are compared with."""
        return np.asarray(np.diff(self.cdf(edges)))

    def quantile(self, p: Array | float) -> Array:
        """Inverse of `cdf`, linear between the points of a fine subdivision of the cells."""
        fine = np.unique(np.concatenate([self.edges, np.linspace(self.edges[0], self.edges[-1], 8 * self.edges.size)]))
        values = self.cdf(fine)
        keep = np.concatenate([[True], np.diff(values) > 0.0])
        return np.asarray(np.interp(np.asarray(p, dtype=np.float64), values[keep], fine[keep]))

    @property
    def mean(self) -> float:
        """Mean, from ∫(1 − F) dx of the interpolated distribution function."""
        return float(self.edges[-1] - self._integral(0))

    @property
    def std(self) -> float:
        """Standard deviation, from ∫ 2x(1 − F) dx of the interpolated distribution function."""
        mean = self.mean
        top = self.edges[-1] - mean
        return float(np.sqrt(max(top * top - 2.0 * self._integral(1, mean), 0.0)))

    def mass_beyond(self, exponent: float) -> float:
        """Mass beyond the end of the table, in units of the mass in it, if the law goes on as P(X > x) ~ x^{−b}.

        A pure power has m[(1 − h/X)^{−b} − 1] in the last cell, of width h below the end X, with m beyond it.
        """
        last = float(self.cumulative[-1] - self.cumulative[-2])
        return last / float(np.expm1(-exponent * np.log(self.edges[-2] / self.edges[-1])))

    @property
    def skewness(self) -> float:
        """⟨(x − ⟨x⟩)³⟩/σ³, from ∫ 3(x − ⟨x⟩)² F dx of the interpolated distribution function."""
        mean = self.mean
        top = self.edges[-1] - mean
        return float((top**3 - 3.0 * self._integral(2, mean)) / self.std**3)

    def _integral(self, power: int, origin: float = 0.0) -> float:
        """∫ (x − origin)^power F(x) dx over the table, exact up to power 4: the pieces are cubic, and there are 4 Gauss points."""
        nodes, weights = np.polynomial.legendre.leggauss(4)
        left, width = self.edges[:-1, None], np.diff(self.edges)[:, None]
        x = left + 0.5 * width * (nodes + 1.0)
        values = self._interpolant(x) * (x - origin) ** power
        return float(np.sum(0.5 * width * weights * values))
