"""Spacings of neighbouring levels in two numbers each: the mean, and the distance from the Wigner surmise."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from fpsolve.exact.surmise import surmise_cdf
from fpsolve.results import AdjacentPairs

__all__ = ["spacings"]

Array = NDArray[np.float64]


def spacings(pairs: AdjacentPairs) -> dict[str, Array]:
    """Mean spacing of every pair, and largest distance of the distribution function of S/⟨S⟩ from 1 − e^{−πs²/4}.

    Returns
    -------
    dict
        "spacing" and "surmise_distance", shape ((time,) pair).
    """
    shape = pairs.correlation.shape
    means, distances = np.empty(shape), np.empty(shape)
    for place in np.ndindex(*shape):
        law = pairs.spacing(place[-1], place[0] if len(shape) == 2 else None)
        means[place] = law.mean
        distances[place] = np.max(np.abs(law.cumulative - surmise_cdf(law.edges / law.mean)))
    return {"spacing": means, "surmise_distance": distances}
