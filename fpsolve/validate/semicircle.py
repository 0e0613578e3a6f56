"""Two-level semicircle: the pooled density of a degenerate pair."""

from __future__ import annotations

import numpy as np

from fpsolve.exact.semicircle_two_level import TwoLevelSemicircle
from fpsolve.validate.comparison import Comparison, Finding
from fpsolve.validate.kolmogorov_smirnov import largest_distance
from fpsolve.validate.null_tables import SEMICIRCLE, tail_probability

__all__ = ["semicircle"]


def semicircle(comparison: Comparison) -> Finding:
    """Kolmogorov–Smirnov distance of the pooled levels of one degenerate pair from the two-level semicircle.

    Centre and σ are the sample's own (mean, and variance = 3σ²/2), so only the shape is tested; the p-value is taken
    from the distribution of D with that fit, for pairs. Details: `centre` and `sigma` with their errors.
    """
    values = comparison.values
    centre = float(np.mean(values))
    y = values - centre
    variance = float(np.mean(y**2))
    sigma = float(np.sqrt(variance / 1.5))
    scaled = np.sort(y, axis=None) / (sigma if sigma > 0.0 else 1.0)
    distance = largest_distance(TwoLevelSemicircle(0.0, 1.0).cdf(scaled))
    n = values.shape[0] / comparison.autocorrelation
    p_value = tail_probability(distance, n, SEMICIRCLE) if comparison.independent else None
    extra: dict[str, object] = {
        "centre": centre,
        "centre_error": comparison.mean_error(y),
        "sigma": sigma,
        "sigma_error": comparison.mean_error(y**2) / (3.0 * sigma) if sigma > 0.0 else 0.0,
    }
    return Finding(distance, p_value, n, extra)
