"""Two-level semicircle: the pooled density of a degenerate pair."""

from __future__ import annotations

import numpy as np

from fpsolve.exact.semicircle_two_level import TwoLevelSemicircle
from fpsolve.validate.comparison import Comparison, Finding
from fpsolve.validate.kolmogorov_smirnov import largest_distance, where_largest
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
    z = y / (sigma if sigma > 0.0 else 1.0)
    law = TwoLevelSemicircle(0.0, 1.0)
    distance = largest_distance(law.cdf(np.sort(z, axis=None)))
    # F_n at the place of D, and what centre and scale of the fit move there.
    place, counted = where_largest(z, law.cdf(z))
    moved = counted + float(law.pdf(np.array(place))) * (z + place * z**2 / 3.0)
    n = values.shape[0] / comparison.autocorrelation
    p_value = tail_probability(distance, n, SEMICIRCLE) if comparison.independent else None
    extra: dict[str, object] = {
        "value_error": comparison.mean_error(moved),
        "centre": centre,
        "centre_error": comparison.mean_error(y),
        "sigma": sigma,
        "sigma_error": comparison.mean_error(y**2) / (3.0 * sigma) if sigma > 0.0 else 0.0,
    }
    return Finding(distance, p_value, n, extra)
