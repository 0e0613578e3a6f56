"""How much of a start the walls of the model cut off."""

from __future__ import annotations

import numpy as np

from fpsolve.errors import ModelError
from fpsolve.models.initial_truncated import TruncatedLaw

__all__ = ["beyond_walls"]

DRAWS = 20_000


def beyond_walls(start: TruncatedLaw, counted: float) -> float:
    """Mass of the law before the cut that lies outside the walls or outside the domain.

    Parameters
    ----------
    start : TruncatedLaw
    counted : float
        What a method found outside its domain. For one level it is a part of what is inside the walls. For several some
        methods have counted what the walls cut off and some have not; the larger of both numbers holds.
    """
    if start.n == 1:
        return 1.0 - (1.0 - counted) * start.inside
    law = start.law
    try:
        below, above = float(law.cdf(start.lower, 0)), 1.0 - float(law.cdf(start.upper, law.n - 1))
        cut = below + above
    except ModelError:
        # No marginals in closed form.
        draws = law.sample(DRAWS, np.random.default_rng(0))
        cut = float(np.mean((draws[:, 0] < start.lower) | (draws[:, -1] > start.upper)))
    return max(counted, cut)
