"""Start from a square matrix of random weights, for levels that are not squared singular values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from fpsolve.errors import ModelError
from fpsolve.exact.matrix_interval import symmetric_within, wishart_within
from fpsolve.models.initial_law import Randomness

__all__ = ["WeightsLaw"]

Array = NDArray[np.float64]


@dataclass(frozen=True)
class WeightsLaw:
    """Singular values, or eigenvalues of the symmetric part, of an N×N matrix W with entries N(0, σ²).

    Their squares are the levels of `WishartLaw` with as many rows as levels. They can be sampled; the marginals have no
    closed form here.

    Attributes
    ----------
    levels : int
        N.
    variance : float
        σ² of one entry.
    observable : {"singular", "symmetric"}
    """

    levels: int
    variance: float
    observable: Literal["singular", "symmetric"]

    @property
    def n(self) -> int:
        """Number of levels."""
        return self.levels

    @property
    def mean(self) -> Array:
        """Not known."""
        raise self._unknown

    @property
    def std(self) -> Array:
        """Not known."""
        raise self._unknown

    def support(self, level: int = 0) -> tuple[float, float]:  # noqa: ARG002 - the same for all
        """Not known."""
        raise self._unknown

    def cdf(self, x: Array | float, level: int = 0) -> Array:  # noqa: ARG002 - the same for all
        """Not known."""
        raise self._unknown

    def masses(self, edges: Array, level: int = 0) -> Array:  # noqa: ARG002 - the same for all
        """Not known."""
        raise self._unknown

    def within(self, lower: float, upper: float) -> float:
        """P(all levels lie in the interval)."""
        low, high = lower / np.sqrt(self.variance), upper / np.sqrt(self.variance)
        if self.observable == "symmetric":
            return symmetric_within(self.levels, low, high)
        return wishart_within(self.levels, self.levels, max(low, 0.0) ** 2, max(high, 0.0) ** 2)

    def sample(self, replicas: int, rng: Randomness) -> Array:
        """Levels of freshly drawn matrices, ascending."""
        generator = np.random.default_rng(rng)
        weights = np.sqrt(self.variance) * generator.standard_normal((replicas, self.levels, self.levels))
        if self.observable == "symmetric":
            return np.asarray(np.linalg.eigvalsh(0.5 * (weights + weights.transpose(0, 2, 1))))
        return np.asarray(np.linalg.svd(weights, compute_uv=False)[:, ::-1])

    @property
    def _unknown(self) -> ModelError:
        msg = (
            f"the marginals of the {self.levels} levels of a random matrix have no closed form; methods that start from "
            "samples take it: gaussian_matrix, particles"
        )
        return ModelError(msg)
