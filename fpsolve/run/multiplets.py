"""Rates of several levels that belong together: the discrete equation splits a multiplet a little."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from fpsolve.results import Spectrum

__all__ = ["CLOSE", "Multiplet", "multiplets"]

CLOSE = 0.03
"""Neighbouring rates that differ by less than this part count as one; the rates themselves are known to 1e-4 to 1e-2."""


@dataclass(frozen=True)
class Multiplet:
    """States with nearly the same rate.

    Attributes
    ----------
    rate : float
        Mean rate 2E [1/time].
    states : int
        How many.
    split : float
        Largest distance of two of the rates, relative to their mean.
    residual : float
        The worst of their residuals.
    cut : bool
        Whether the multiplet holds the last state that was asked for, so that it may have more members.
    """

    rate: float
    states: int
    split: float
    residual: float
    cut: bool


def multiplets(spectrum: Spectrum) -> tuple[Multiplet, ...]:
    """Group the rates of a spectrum, ascending."""
    rates = spectrum.rates
    starts = [0, *(i for i in range(1, rates.size) if rates[i] - rates[i - 1] > CLOSE * abs(rates[i])), rates.size]
    found = []
    for first, last in pairwise(starts):
        mean = float(np.mean(rates[first:last]))
        found.append(
            Multiplet(
                rate=mean,
                states=last - first,
                split=float(np.ptp(rates[first:last])) / mean if last - first > 1 and mean > 0.0 else 0.0,
                residual=float(spectrum.residuals[first:last].max()),
                cut=last == rates.size,
            )
        )
    return tuple(found)
