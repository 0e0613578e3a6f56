"""One histogram against one law: the unit that every statistic works on."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from fpsolve.exact.tabulated import TabulatedLaw
from fpsolve.validate.effective import autocorrelation_time, pooled_size
from fpsolve.validate.theory import LevelTheory

__all__ = ["Comparison", "Finding"]

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Finding:
    """What one statistic says about one comparison.

    Attributes
    ----------
    value : float
        The statistic.
    p_value : float or None
        Probability of a value at least as large if the prediction is true; None where none is known or claimed.
    n_effective : float
        Independent values behind it.
    extra : dict
        What else belongs to it (numbers and strings only).
    """

    value: float
    p_value: float | None
    n_effective: float
    extra: dict[str, object] = field(default_factory=dict)


@dataclass(frozen=True)
class Comparison:
    """The levels of one group in one record, and the law predicted for them.

    Attributes
    ----------
    against : str
        "stationary" or "evolve".
    step : int
        Updates done when the record was taken.
    time : float or None
        Fokker–Planck time of the record; None where the sample has no clock.
    levels : tuple of int
        The levels of the group, ascending.
    values : ndarray, shape (replica, level of the group)
        For correlated samples in the order of the chain.
    law : TabulatedLaw
        The group's law: one value drawn from a random level of the group.
    independent : bool
        True if the replicas are independent runs.
    last : bool
        True for the last record of the sample, where the universal laws of the stationary state are tested.
    spacing_law : TabulatedLaw or None
        Predicted law of the spacing, for a group of two neighbouring levels whose joint law is predicted.
    means : tuple of float
        Predicted mean of every level of the group; empty where only the law of the whole group is known.
    theory : LevelTheory or None
        Targets and widths of the levels of the group in closed form.
    tail : float or None
        Exponent of the predicted law's power-law tail; None where it has none.
    tail_of_steps : float or None
        Exponent of the tail that the training's own discrete steps lead to, where it is known.
    """

    against: str
    step: int
    time: float | None
    levels: tuple[int, ...]
    values: Array
    law: TabulatedLaw
    independent: bool
    last: bool
    spacing_law: TabulatedLaw | None = None
    means: tuple[float, ...] = ()
    theory: LevelTheory | None = None
    tail: float | None = None
    tail_of_steps: float | None = None

    @property
    def label(self) -> str:
        """Title of the histogram, e.g. "levels 1, 2 at t = 400"."""
        names = ", ".join(str(level) for level in self.levels)
        place = f"level{'s' if len(self.levels) > 1 else ''} {names}"
        if self.against == "stationary" or self.time is None:
            return f"{place}, {self.against}"
        return f"{place} at t = {self.time:.6g}"

    @cached_property
    def pooled(self) -> Array:
        """All values of the group, sorted."""
        return np.sort(self.values, axis=None)

    @cached_property
    def uniform(self) -> Array:
        """F of the sorted values."""
        return self.law.cdf(self.pooled)

    @cached_property
    def std(self) -> float:
        """Standard deviation of the prediction, the unit of the dimensionless statistics."""
        return self.law.std

    @cached_property
    def autocorrelation(self) -> float:
        """Integrated autocorrelation time in records; 1 for independent replicas.

        The larger of those of F(x) and of (F(x) − ½)², so that a chain that forgets its place but not its spread is not
        taken for better than it is.
        """
        if self.independent:
            return 1.0
        place = self.law.cdf(self.values) - 0.5
        return max(autocorrelation_time(np.mean(place, axis=1)), autocorrelation_time(np.mean(place**2, axis=1)))

    @cached_property
    def n_effective(self) -> float:
        """Independent values that fix the pooled distribution function as well as this sample does."""
        return pooled_size(self.law.cdf(self.values)) / self.autocorrelation

    def mean_error(self, influence: Array) -> float:
        """Estimate the error of the mean of `influence`, shape (replica, level), from the spread of replica-wise means."""
        per_replica = np.mean(influence, axis=1)
        return float(np.std(per_replica, ddof=1) * np.sqrt(self.autocorrelation / per_replica.size))
