"""Surmise collapse: the spacings of several pairs at several learning rates and batch sizes on one curve."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fpsolve.errors import MethodError
from fpsolve.validate.pair_fit import pair_levels
from fpsolve.validate.spacings import SpacingReport, judge_spacings

__all__ = ["Collapse", "PairSet", "collapse"]

Array = NDArray[np.float64]


@dataclass(frozen=True)
class PairSet:
    """Levels of one degenerate pair at one setting.

    Attributes
    ----------
    label : str
        E.g. "κ = 4.38, α = 0.01, B = 16".
    levels : ndarray, shape (replica, 2)
        In any order.
    mean : float or None
        Predicted ⟨S⟩, e.g. √π σ of a predicted σ.
    mean_error : float
        Its error, where the prediction is a sampled one.
    correlated : bool
        True if the replicas are a chain: no p-value is claimed.
    """

    label: str
    levels: Array
    mean: float | None = None
    mean_error: float = 0.0
    correlated: bool = False


@dataclass(frozen=True)
class Collapse:
    """All sets against the Wigner surmise.

    Attributes
    ----------
    sets : tuple of SpacingReport
        One per set, S scaled by the set's own mean; `mean` is ⟨S⟩ in the units of the levels.
    pooled : SpacingReport
        All of these s together.
    predicted : SpacingReport or None
        All S over their predicted means together: nothing fitted, so that a wrong σ shows. None if a set has no prediction.
    scaled : ndarray, shape (spacing,)
        The s behind `pooled`, ascending: the curve to draw.
    mean_z : ndarray, shape (set,)
        (⟨S⟩ − predicted)/error; nan for a set without a prediction.
    """

    sets: tuple[SpacingReport, ...]
    pooled: SpacingReport
    predicted: SpacingReport | None
    scaled: Array
    mean_z: Array

    @property
    def chi2(self) -> float:
        """χ² of the mean spacings, Σ mean_z² over the sets that have a prediction."""
        return float(np.nansum(self.mean_z**2))

    @property
    def dof(self) -> int:
        """Degrees of freedom of `chi2`: sets with a prediction, as nothing is fitted."""
        return int(np.sum(np.isfinite(self.mean_z)))

    @property
    def chi2_p(self) -> float:
        """Probability of a larger χ²; nan if nothing was predicted."""
        from scipy.special import chdtrc

        return float(chdtrc(self.dof, self.chi2)) if self.dof else float("nan")

    def summary(self) -> str:
        """The collapse as text, one line per set."""
        lines = [
            report.summary() + ("" if np.isnan(z) else f", mean off by z = {z:+.2f}")
            for report, z in zip(self.sets, self.mean_z, strict=True)
        ]
        lines.append(self.pooled.summary())
        if self.predicted is not None:
            lines.append(self.predicted.summary())
        if self.dof:
            lines.append(f"mean spacings: chi2 = {self.chi2:.2f} for {self.dof} predictions (p = {self.chi2_p:.3g})")
        return "\n".join(lines)


def collapse(sets: Sequence[PairSet]) -> Collapse:
    """Scale the spacings of every set by their mean and hold each set, and all of them together, against the surmise.

    The p-values know that every set was scaled by its own mean (see `null_tables`); pooling sets that were all scaled so
    leaves the null distribution as it is. Sets are taken as independent, which pairs of the same replicas are to O(α/B).

    Parameters
    ----------
    sets : sequence of PairSet
        From 50 pairs a set on the p-values are right.

    Raises
    ------
    MethodError
        No sets, or a predicted mean that is not positive.
    SampleError
        Levels that are no pairs, or too few replicas.
    """
    if not sets:
        msg = "a collapse needs at least one set of pairs"
        raise MethodError(msg)
    spacings = [np.abs(np.subtract(*pair_levels(one.levels).T)) for one in sets]
    reports = tuple(
        judge_spacings(values, scaled=True, correlated=one.correlated, label=one.label)
        for one, values in zip(sets, spacings, strict=True)
    )
    correlated = any(one.correlated for one in sets)
    scaled = np.concatenate([values / np.mean(values) for values in spacings])
    pooled = judge_spacings(scaled, scaled=True, correlated=correlated, label="all, scaled by their means")
    means = np.array([np.nan if one.mean is None else one.mean for one in sets])
    if np.any(means <= 0.0):
        msg = "a predicted mean spacing must be positive"
        raise MethodError(msg)
    errors = np.hypot([report.mean_error for report in reports], [one.mean_error for one in sets])
    predicted = None
    if np.all(np.isfinite(means)):
        absolute = np.concatenate([values / mean for values, mean in zip(spacings, means, strict=True)])
        predicted = judge_spacings(absolute, correlated=correlated, label="all, scaled by the prediction")
    mean_z = (np.array([report.mean for report in reports]) - means) / errors
    return Collapse(reports, pooled, predicted, np.sort(scaled), mean_z)
