"""Other laws on the same histogram: how far the trained levels are from what is not the prediction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from fpsolve.exact.semicircle_two_level import TwoLevelSemicircle
from fpsolve.exact.tabulated import TabulatedLaw
from fpsolve.results import Sample, Statistic
from fpsolve.validate.comparison import Comparison, Finding
from fpsolve.validate.kolmogorov_smirnov import ks
from fpsolve.validate.semicircle_fit import fit_semicircle
from fpsolve.validate.total_variation import total_variation

__all__ = ["Alternative", "judge_alternatives"]

Array = NDArray[np.float64]

_CELLS = 800
_REACH = 9.0


@dataclass(frozen=True)
class Alternative:
    """A law that the pooled levels of a group might be thought to have.

    Attributes
    ----------
    name : str
        E.g. "two-species gas".
    law : TabulatedLaw
        Of a level of the group picked at random.
    parameters : mapping
        What it was made from, for the details (numbers and lists of them).
    """

    name: str
    law: TabulatedLaw
    parameters: Mapping[str, object] = field(default_factory=dict)


def judge_alternatives(
    sample: Sample, pairs: Mapping[tuple[int, int], Sequence[Alternative]], *, limit: float | None = None
) -> Statistic:
    """Total variation and Kolmogorov–Smirnov test of other laws for pairs of levels, in the last record.

    To the laws given, the best single semicircle of two levels is added, fitted to the sample by maximum likelihood; its
    p-value is that of a law given beforehand, so that it is too large.

    Parameters
    ----------
    sample : Sample
    pairs : mapping
        From the two levels of a pair, which are pooled, to the laws.
    limit : float, optional
        Rejected where the nearest of these laws is as far away as that or farther: then one of them was expected to hold.

    Returns
    -------
    Statistic
        "alternatives": `value` is the total variation of the nearest; the details have for every pair and law its name,
        value, floor (what sampling alone gives), excess, ks, p_value and parameters.
    """
    details: list[dict[str, object]] = []
    distances: list[float] = []
    for levels, laws in pairs.items():
        values = np.ascontiguousarray(sample.levels[:, -1, list(levels)])
        time = float(sample.times[-1])
        base = Comparison(
            against="stationary",
            step=int(sample.steps[-1]),
            time=time if np.isfinite(time) else None,
            levels=levels,
            values=values,
            law=laws[0].law,
            independent=not sample.correlated,
            last=True,
        )
        for entry in (*laws, _fitted(values)):
            comparison = replace(base, law=entry.law)
            found = total_variation(comparison)
            distances.append(found.value)
            details.append(_detail(comparison, entry, found))
    value = min(distances)
    return Statistic(
        name="alternatives",
        value=value,
        threshold=limit,
        p_value=None,
        n_effective=float(sample.levels.shape[0]),
        details=tuple(details),
        passed=limit is None or value < limit,
    )


def _detail(comparison: Comparison, entry: Alternative, variation: Finding) -> dict[str, object]:
    distance = ks(comparison)
    return {
        "against": comparison.against,
        "step": comparison.step,
        "time": comparison.time,
        "levels": list(comparison.levels),
        "law": entry.name,
        "value": variation.value,
        "floor": variation.extra["floor"],
        "excess": variation.extra["excess"],
        "ks": distance.value,
        "p_value": distance.p_value,
        "n_effective": variation.n_effective,
        **entry.parameters,
    }


def _fitted(values: Array) -> Alternative:
    """The single semicircle of two levels with the largest likelihood."""
    centre, sigma = fit_semicircle(values)
    law = TwoLevelSemicircle(centre, sigma)
    edges = centre + sigma * np.linspace(-_REACH, _REACH, _CELLS + 1)
    table = TabulatedLaw.from_masses(edges, np.maximum(np.diff(law.cdf(edges)), 0.0))
    return Alternative("single semicircle, fit", table, {"centre": [centre], "width": [sigma]})
