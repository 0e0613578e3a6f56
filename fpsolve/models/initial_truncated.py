"""An initial law cut at walls."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from fpsolve.errors import ModelError
from fpsolve.exact.tabulated import TabulatedLaw
from fpsolve.models.initial_law import InitialLaw, Randomness
from fpsolve.models.rejection import rejection_sample

__all__ = ["TruncatedLaw"]

Array = NDArray[np.float64]

CELLS = 4000


@dataclass(frozen=True)
class TruncatedLaw:
    """`law` conditioned on all its levels lying in [lower, upper].

    Attributes
    ----------
    law : InitialLaw
        The law before the cut.
    lower, upper : float
        The walls; ±inf where there is none.

    Raises
    ------
    ModelError
        If less than 10⁻⁴ of a single level's law lies between the walls; from every marginal if there are several
        levels (their joint law can be sampled, but its marginals are not cut marginals).
    """

    law: InitialLaw
    lower: float
    upper: float

    def __post_init__(self) -> None:
        if self.law.n == 1 and self.inside < 1e-4:
            low, high = self.law.support()
            msg = (
                f"only {self.inside:.3g} of the initial law, which lies in [{low:g}, {high:g}], "
                f"is between the walls {self.lower:g} and {self.upper:g}"
            )
            raise ModelError(msg)

    @property
    def n(self) -> int:
        """Number of levels."""
        return self.law.n

    @cached_property
    def inside(self) -> float:
        """P(all levels lie between the walls) before the cut."""
        return self.law.within(self.lower, self.upper)

    @property
    def mean(self) -> Array:
        """Mean after the cut, shape (1,)."""
        return np.array([self._table.mean])

    @property
    def std(self) -> Array:
        """Standard deviation after the cut, shape (1,)."""
        return np.array([self._table.std])

    def support(self, level: int = 0) -> tuple[float, float]:
        """Support of the law, cut at the walls."""
        low, high = self.law.support(level)
        return max(low, self.lower), min(high, self.upper)

    def cdf(self, x: Array | float, level: int = 0) -> Array:
        """Distribution function after the cut."""
        self._needs_one_level()
        below = self.law.cdf(np.clip(x, self.lower, self.upper), level) - self.law.cdf(self.lower, level)
        return np.asarray(np.clip(below / self.inside, 0.0, 1.0))

    def masses(self, edges: Array, level: int = 0) -> Array:
        """Cell masses after the cut."""
        self._needs_one_level()
        return np.asarray(self.law.masses(np.clip(edges, self.lower, self.upper), level) / self.inside)

    def within(self, lower: float, upper: float) -> float:
        """P(all levels lie in [lower, upper]) after the cut."""
        low, high = max(lower, self.lower), min(upper, self.upper)
        return self.law.within(low, high) / self.inside if low <= high else 0.0

    def sample(self, replicas: int, rng: Randomness) -> Array:
        """Draws of the joint law, kept where every level lies between the walls."""
        generator = np.random.default_rng(rng)
        return rejection_sample(
            lambda rows: self.law.sample(rows, generator),
            lambda rows: np.all((rows >= self.lower) & (rows <= self.upper), axis=1),
            replicas,
            f"lie between the walls {self.lower:g} and {self.upper:g}",
        )

    @cached_property
    def _table(self) -> TabulatedLaw:
        self._needs_one_level()
        edges = np.linspace(*self.support(), CELLS + 1)
        return TabulatedLaw.from_masses(edges, self.masses(edges))

    def _needs_one_level(self) -> None:
        if self.law.n > 1:
            msg = f"the marginals of {self.law.n} levels cut at walls have no closed form; the joint law can be sampled"
            raise ModelError(msg)
