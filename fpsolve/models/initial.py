"""Initial laws, by the names a case file uses."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from fpsolve.models.checks import count, per_level, positive
from fpsolve.models.initial_gaussian import GaussianLaw
from fpsolve.models.initial_law import InitialLaw

__all__ = ["InitialLaw", "gaussian"]


def gaussian(mean: float | Sequence[float], std: float | Sequence[float], *, levels: int | None = None) -> GaussianLaw:
    """Independent Gaussian levels, conditioned on their order (one level: a plain Gaussian).

    Parameters
    ----------
    mean, std : float or sequence of float
        One number, or one per level (lowest first); std > 0.
    levels : int, optional
        Number of levels; by default the length of the lists, or 1.

    Raises
    ------
    ModelError
        A std that is not positive, or lists of different lengths.
    """
    n = max(np.size(mean), np.size(std)) if levels is None else count("levels", levels)
    means = per_level("mean", mean, n)
    return GaussianLaw(means, tuple(positive("std", value) for value in per_level("std", std, n)))
