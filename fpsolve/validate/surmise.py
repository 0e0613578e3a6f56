"""Wigner surmise: the spacing of a degenerate pair."""

from __future__ import annotations

import numpy as np

from fpsolve.exact.surmise import surmise_cdf, surmise_pdf
from fpsolve.validate.comparison import Comparison, Finding
from fpsolve.validate.kolmogorov_smirnov import largest_distance, where_largest
from fpsolve.validate.null_tables import SURMISE, tail_probability

__all__ = ["surmise"]


def surmise(comparison: Comparison) -> Finding:
    """Kolmogorov–Smirnov distance of s = S/⟨S⟩ from the Wigner surmise, S = x₂ − x₁ of one degenerate pair.

    Scale free: ⟨S⟩ is the sample's own mean, which brings the two distribution functions closer than for a given scale.
    The p-value is taken from the distribution of D *with* that scaling. Details: `mean_spacing` and its error, `sigma` =
    ⟨S⟩/√π (the variance parameter that ⟨S⟩ means), `ratio` = ⟨S²⟩/⟨S⟩², 4/π for the surmise, with their errors.
    """
    spacing = comparison.values[:, 1] - comparison.values[:, 0]
    mean = float(np.mean(spacing))
    s = spacing / mean if mean > 0.0 else np.zeros_like(spacing)
    distance = largest_distance(surmise_cdf(np.sort(s)))
    # F_n at the place of D, and what the scaling moves there.
    place, counted = where_largest(s, surmise_cdf(s))
    moved = counted + place * float(surmise_pdf(np.array(place))) * s
    ratio = float(np.mean(s * s))
    n = spacing.size / comparison.autocorrelation
    p_value = tail_probability(distance, n, SURMISE) if comparison.independent else None
    error = comparison.mean_error(spacing[:, None])
    extra: dict[str, object] = {
        "value_error": comparison.mean_error(moved[:, None]),
        "mean_spacing": mean,
        "mean_spacing_error": error,
        "sigma": mean / float(np.sqrt(np.pi)),
        "sigma_error": error / float(np.sqrt(np.pi)),
        "ratio": ratio,
        "ratio_error": comparison.mean_error((s * s - 2.0 * ratio * s)[:, None]),
    }
    return Finding(distance, p_value, n, extra)
