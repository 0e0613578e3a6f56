"""Start from a stationary Coulomb gas of several levels."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from fpsolve.errors import ModelError
from fpsolve.exact.coulomb_gas import CoulombGas, ordered_gas
from fpsolve.models.initial_law import Randomness
from fpsolve.models.level_gas import LevelGas

__all__ = ["GasLaw"]

Array = NDArray[np.float64]


@dataclass(frozen=True)
class GasLaw:
    """The law P_s ∝ ∏_{i<j}(x_j − x_i) ∏ e^{−Φ_i(x_i)} that a model with β = 1 settles into, solved when it is first asked.

    Attributes
    ----------
    model : LevelGas
        2 to 16 levels; of a schedule the noise at time 0 counts.
    """

    model: LevelGas

    @cached_property
    def gas(self) -> CoulombGas:
        """The solved gas; ModelError for β other than 1."""
        if self.model.beta != 1.0:
            msg = f"the stationary law of several levels can be sampled for beta = 1, not {self.model.beta:g}"
            raise ModelError(msg)
        return ordered_gas(self.model.at(0.0).levels)

    @property
    def n(self) -> int:
        """Number of levels."""
        return self.model.n

    @property
    def mean(self) -> Array:
        """Mean of every level, shape (level,)."""
        return self.gas.mean

    @property
    def std(self) -> Array:
        """Standard deviation of every level, shape (level,)."""
        return self.gas.std

    def support(self, level: int = 0) -> tuple[float, float]:
        """Interval between the quantiles 1e-14 and 1 − 1e-14, which is where the law is resolved."""
        low, high = self.gas.laws[level].quantile(np.array([1e-14, 1.0 - 1e-14]))
        return float(low), float(high)

    def cdf(self, x: Array | float, level: int = 0) -> Array:
        """Distribution function of one level."""
        return self.gas.laws[level].cdf(x)

    def masses(self, edges: Array, level: int = 0) -> Array:
        """Cell masses of one level."""
        return self.gas.laws[level].bin_masses(edges)

    def sample(self, replicas: int, rng: Randomness) -> Array:
        """Exact draws of the joint law, by inversion, level by level."""
        return self.gas.sample(replicas, rng=rng)
