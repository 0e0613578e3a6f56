"""Start from random weights: levels of WᵀW for W with independent Gaussian entries."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammainccinv, gammaincinv

from fpsolve.errors import ModelError
from fpsolve.exact.gamma_law import GammaLaw
from fpsolve.exact.matrix_interval import wishart_within
from fpsolve.models.initial_law import Randomness

__all__ = ["WishartLaw"]

Array = NDArray[np.float64]


@dataclass(frozen=True)
class WishartLaw:
    """p ∝ ∏_{i<j}|x_i − x_j| ∏ x_i^{(M−N−1)/2} e^{−x_i/(2σ²)}: W is M×N with entries N(0, σ²).

    One level is the gamma law of shape M/2 and scale 2σ². The density of many levels approaches Marchenko–Pastur.
    Samples and the probability of an interval exist for every N; marginals here for N = 1 only.

    Attributes
    ----------
    rows, levels : int
        M ≥ N.
    variance : float
        σ² of one entry.
    """

    rows: int
    levels: int
    variance: float

    @property
    def n(self) -> int:
        """Number of levels."""
        return self.levels

    @property
    def mean(self) -> Array:
        """Mean Mσ² of the single level, shape (1,)."""
        return np.array([self._law.mean])

    @property
    def std(self) -> Array:
        """Standard deviation √(2M) σ² of the single level, shape (1,)."""
        return np.array([self._law.std])

    def support(self, level: int = 0) -> tuple[float, float]:  # noqa: ARG002 - there is one level
        """Interval between the quantiles 1e-16 and 1 − 1e-16."""
        law = self._law
        return law.scale * float(gammaincinv(law.shape, 1e-16)), law.scale * float(gammainccinv(law.shape, 1e-16))

    def cdf(self, x: Array | float, level: int = 0) -> Array:  # noqa: ARG002 - there is one level
        """Distribution function of the gamma law."""
        return self._law.cdf(np.asarray(x, dtype=np.float64))

    def masses(self, edges: Array, level: int = 0) -> Array:  # noqa: ARG002 - there is one level
        """Cell masses, from whichever tail is the smaller."""
        law = self._law
        lower, upper = law.cdf(edges), law.sf(edges)
        return np.where(lower[:-1] > 0.5, upper[:-1] - upper[1:], lower[1:] - lower[:-1])

    def within(self, lower: float, upper: float) -> float:
        """P(all levels lie in the interval), for any number of levels."""
        return wishart_within(self.rows, self.levels, lower / self.variance, upper / self.variance)

    def sample(self, replicas: int, rng: Randomness) -> Array:
        """Squared singular values of freshly drawn matrices, ascending."""
        generator = np.random.default_rng(rng)
        if self.levels == 1:
            return self.variance * generator.chisquare(self.rows, size=(replicas, 1))
        weights = generator.standard_normal((replicas, self.rows, self.levels))
        return np.asarray(self.variance * np.linalg.svd(weights, compute_uv=False)[:, ::-1] ** 2)

    @property
    def _law(self) -> GammaLaw:
        if self.levels > 1:
            msg = (
                f"the marginals of {self.levels} levels of a random matrix have no closed form; "
                "the joint law can be sampled, and it is the stationary law of a laguerre model"
            )
            raise ModelError(msg)
        return GammaLaw(shape=0.5 * self.rows, scale=2.0 * self.variance)
