"""Binder cumulant of a degenerate pair."""

from __future__ import annotations

import numpy as np

from fpsolve.errors import SampleError
from fpsolve.exact.semicircle_two_level import BINDER
from fpsolve.validate.comparison import Comparison, Finding
from fpsolve.validate.laws import central_moments
from fpsolve.validate.resampling import two_sided

__all__ = ["binder"]


def binder(comparison: Comparison) -> Finding:
    """|U₄ + 4/27| with U₄ = ⟨y⁴⟩/(3⟨y²⟩²) − 1, y the distance of either level of a degenerate pair from the pair's mean.

    Sign: U₄ is 0 for a Gaussian and *negative* for a flatter law; the usual Binder cumulant 1 − ⟨y⁴⟩/(3⟨y²⟩²) is −U₄. The
    error is that of the replica-wise means of the influence function [y⁴ − 2(⟨y⁴⟩/⟨y²⟩)y²]/(3⟨y²⟩²); the p-value is that
    of a normal deviation. Details: `u4`, `u4_error`, `u4_predicted` = −4/27, `u4_law`: U₄ of the predicted density, which
    differs from −4/27 where neighbours deform the pair.

    Raises
    ------
    SampleError
        If the levels do not fluctuate at all.
    """
    y = comparison.values - np.mean(comparison.values)
    second, fourth = float(np.mean(y**2)), float(np.mean(y**4))
    n = y.shape[0] / comparison.autocorrelation
    if second == 0.0:
        msg = f"the cumulant of levels {list(comparison.levels)} is undefined: they are the same in all replicas"
        raise SampleError(msg)
    u4 = fourth / (3.0 * second**2) - 1.0
    error = comparison.mean_error((y**4 - 2.0 * (fourth / second) * y**2) / (3.0 * second**2))
    deviation = abs(u4 - BINDER)
    p_value = two_sided(deviation / error) if comparison.independent else None
    predicted = central_moments(comparison.law, 4)
    extra: dict[str, object] = {
        "value_error": error,
        "u4": u4,
        "u4_error": error,
        "u4_predicted": BINDER,
        "u4_law": float(predicted[4] / (3.0 * predicted[2] ** 2)) - 1.0,
    }
    return Finding(deviation, p_value, n, extra)
