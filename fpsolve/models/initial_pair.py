"""Start of a degenerate pair: the eigenvalues of a real symmetric 2×2 Gaussian matrix."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr

from fpsolve.exact.semicircle_two_level import TwoLevelSemicircle
from fpsolve.models.initial_gaussian import REACH
from fpsolve.models.initial_law import Randomness

__all__ = ["PairLaw"]

Array = NDArray[np.float64]


@dataclass(frozen=True)
class PairLaw:
    """p(x_1, x_2) ∝ |x_1 − x_2| exp{−[(x_1 − c)² + (x_2 − c)²]/(2s²)} on x_1 < x_2.

    Attributes
    ----------
    centre : float
        c, the mean of both levels together.
    width : float
        s, the standard deviation of the Gaussian weight; the mean spacing is √π s.
    """

    centre: float
    width: float

    @property
    def n(self) -> int:
        """Two levels."""
        return 2

    @property
    def mean(self) -> Array:
        """Means c ∓ √π s/2, shape (2,)."""
        return np.array(self._law.level_mean)

    @property
    def std(self) -> Array:
        """Standard deviation s√(3/2 − π/4) of both, shape (2,)."""
        return np.full(2, self._law.level_std)

    def support(self, level: int = 0) -> tuple[float, float]:
        """Interval c ± 8.3 s, shortened on the side where the other level stands."""
        # Towards the other level the density falls twice as fast in the exponent: e^{−y²} instead of e^{−y²/2}.
        near = 0.75 * REACH
        low, high = (REACH, near) if level == 0 else (near, REACH)
        return self.centre - low * self.width, self.centre + high * self.width

    def cdf(self, x: Array | float, level: int = 0) -> Array:
        """Distribution function of the lower (0) or upper (1) level."""
        return self._law.level_cdf(np.asarray(x, dtype=np.float64), level)

    def masses(self, edges: Array, level: int = 0) -> Array:
        """Cell masses, from whichever tail is the smaller (the levels mirror each other)."""
        lower = self.cdf(edges, level)
        upper = self.cdf(2.0 * self.centre - np.asarray(edges), 1 - level)
        return np.where(lower[:-1] > 0.5, upper[:-1] - upper[1:], lower[1:] - lower[:-1])

    def within(self, lower: float, upper: float) -> float:
        """1 − P(x_1 < a) − P(x_2 > b) + P(x_1 < a, x_2 > b); the last is √π [φ(b) Φ(a) + φ(a) Φ(−b)] in units of s about c."""
        if not lower < upper:
            return 0.0
        ends = np.array([lower, upper])
        below, above = self.cdf(ends[:1], 0), self.cdf(2.0 * self.centre - ends[1:], 0)
        a, b = (ends - self.centre) / self.width
        density = np.exp(-0.5 * np.array([a, b]) ** 2) / np.sqrt(2.0 * np.pi)
        both = np.sqrt(np.pi) * (density[1] * ndtr(a) + density[0] * ndtr(-b))
        return float(np.clip(1.0 - below[0] - above[0] + both, 0.0, 1.0))

    def sample(self, replicas: int, rng: Randomness) -> Array:
        """Eigenvalues of symmetric matrices with diagonal variance s² and off-diagonal variance s²/2."""
        normal = np.random.default_rng(rng).standard_normal((3, replicas))
        centre = self.centre + self.width * (normal[0] + normal[1]) / 2.0
        radius = self.width * np.hypot((normal[0] - normal[1]) / 2.0, normal[2] / np.sqrt(2.0))
        return np.column_stack([centre - radius, centre + radius])

    @property
    def _law(self) -> TwoLevelSemicircle:
        return TwoLevelSemicircle(self.centre, self.width)
