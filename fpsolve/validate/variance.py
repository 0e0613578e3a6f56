"""Variance of a group of levels against its prediction."""

from __future__ import annotations

import numpy as np

from fpsolve.validate.comparison import Comparison, Finding
from fpsolve.validate.laws import central_moments
from fpsolve.validate.resampling import deviation, two_sided

__all__ = ["variance"]


def variance(comparison: Comparison) -> Finding:
    """|Var/Var_predicted − 1| of all levels of a group pooled.

    Pooling the levels of a degenerate group keeps sorting out of it: the variance of a pair is 3σ²/2, wherever the border
    between its levels is drawn. The error is that of the replica-wise means of (x − ⟨x⟩)². Details: `variance`, `error`,
    `predicted`, `relative` = variance/predicted − 1, `z`. The p-value is that of a normal deviate.
    """
    y = comparison.values - np.mean(comparison.values)
    found, error = float(np.mean(y**2)), comparison.mean_error(y**2)
    predicted = float(central_moments(comparison.law, 2)[2])
    z = deviation(found - predicted, error)
    extra: dict[str, object] = {
        "value_error": error / predicted,
        "variance": found,
        "error": error,
        "predicted": predicted,
        "relative": found / predicted - 1.0,
        "z": z,
    }
    p_value = two_sided(z) if comparison.independent else None
    return Finding(abs(found / predicted - 1.0), p_value, comparison.n_effective, extra)
