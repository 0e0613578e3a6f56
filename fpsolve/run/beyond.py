"""How much of a start the walls of the model cut off."""

from __future__ import annotations

from fpsolve.models.initial_truncated import TruncatedLaw

__all__ = ["beyond_walls"]


def beyond_walls(start: TruncatedLaw, counted: float) -> float:
    """Probability that a level of the law before the cut lies outside the walls or outside the domain.

    Parameters
    ----------
    start : TruncatedLaw
    counted : float
        What a method found outside its domain, as a part of what is inside the walls.
    """
    return 1.0 - (1.0 - counted) * start.inside
