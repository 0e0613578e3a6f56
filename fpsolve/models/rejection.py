"""Sampling by rejection: draw, keep what is allowed, until there are enough."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from fpsolve.errors import ModelError

__all__ = ["rejection_sample"]

Array = NDArray[np.float64]

LEAST = 1e-4
PATIENCE = 100_000


def rejection_sample(
    draw: Callable[[int], Array], is_kept: Callable[[Array], Array], replicas: int, what: str
) -> Array:
    """Draw rows until `replicas` of them are kept.

    Parameters
    ----------
    draw : callable
        Number of rows → array of shape (rows, level).
    is_kept : callable
        Array of shape (rows, level) → bool of shape (rows,).
    replicas : int
        Rows wanted.
    what : str
        What the kept rows have in common, for the message.

    Returns
    -------
    ndarray, shape (replicas, level)

    Raises
    ------
    ModelError
        If fewer than one row in 10⁴ is kept.
    """
    kept: list[Array] = []
    have = drawn = 0
    while have < replicas:
        rows = draw(max(replicas, 1000))
        drawn += len(rows)
        rows = rows[is_kept(rows)]
        have += len(rows)
        kept.append(rows)
        if drawn >= PATIENCE and have < LEAST * drawn:
            msg = f"only {have} of {drawn} draws from the initial law {what}; start somewhere more likely"
            raise ModelError(msg)
    return np.concatenate(kept)[:replicas]
