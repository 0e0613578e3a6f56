"""Start from a stationary Coulomb gas of several levels."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from fpsolve.errors import ModelError
from fpsolve.exact.coulomb_gas import CoulombGas, ordered_gas
from fpsolve.models.initial_law import Randomness
from fpsolve.models.level_gas import LevelGas, OneBody

__all__ = ["GasLaw"]

Array = NDArray[np.float64]


@dataclass(frozen=True)
class _CutLevel:
    """A level between two more walls."""

    body: OneBody
    cut: tuple[float, float]

    @property
    def walls(self) -> tuple[float, float]:
        """The nearer ones."""
        return max(self.body.walls[0], self.cut[0]), min(self.body.walls[1], self.cut[1])

    @property
    def anchors(self) -> tuple[tuple[float, float], ...]:
        """Those of the level, moved between the walls."""
        low, high = self.walls
        return tuple((min(max(centre, low), high), width) for centre, width in self.body.anchors)

    def confinement(self, x: Array) -> Array:
        """Φ of the level."""
        return self.body.confinement(x)

    def confinement_slope(self, x: Array) -> Array:
        """Φ' of the level."""
        return self.body.confinement_slope(x)


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

    def within(self, lower: float, upper: float) -> float:
        """Ratio of the partition function of the gas between two more walls to that of the gas; 0 if there is no room."""
        levels = tuple(_CutLevel(body, (lower, upper)) for body in self.model.at(0.0).levels)
        if all(cut.walls == cut.body.walls for cut in levels):
            return 1.0
        if not all(cut.walls[0] < cut.walls[1] for cut in levels):
            return 0.0
        change = ordered_gas(levels).log_partition_function - self.gas.log_partition_function
        return float(np.exp(min(change, 0.0)))

    def sample(self, replicas: int, rng: Randomness) -> Array:
        """Exact draws of the joint law, by inversion, level by level."""
        return self.gas.sample(replicas, rng=rng)
