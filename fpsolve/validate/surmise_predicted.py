"""Wigner surmise with the predicted σ: the law that a degenerate pair would have without neighbours."""

from __future__ import annotations

import numpy as np

from fpsolve.errors import MethodError
from fpsolve.exact.surmise import mean_spacing, spacing_cdf
from fpsolve.validate.comparison import Comparison, Finding
from fpsolve.validate.kolmogorov_smirnov import largest_distance, where_largest

__all__ = ["surmise_predicted"]


def surmise_predicted(comparison: Comparison) -> Finding:
    """Kolmogorov–Smirnov distance of S = x_2 − x_1 from S/(2σ²) e^{−S²/(4σ²)} with σ = σ_i of the theory of the levels.

    Other than `surmise` it sees the scale, other than `spacing` it knows nothing of neighbours with other targets. Where
    these compress or spread a pair it is rejected, while `spacing` holds, and `surmise` holds as long as the shape does.
    The p-value is exact: nothing is fitted. Details: `sigma`, `mean_spacing` with its error, `mean_spacing_predicted` = √π σ.

    Raises
    ------
    MethodError
        If no σ of the levels is known.
    """
    theory = comparison.theory
    if theory is None:
        msg = f"no σ is predicted for the levels {list(comparison.levels)} that the surmise could be drawn with"
        raise MethodError(msg)
    sigma = float(np.mean(theory.sigma))
    spacings = comparison.values[:, 1] - comparison.values[:, 0]
    distance = largest_distance(spacing_cdf(np.sort(spacings), sigma))
    counted = where_largest(spacings, spacing_cdf(spacings, sigma))[1]
    p_value = None
    if comparison.independent:
        from scipy.stats import kstwo  # slow to import

        p_value = float(kstwo.sf(distance, spacings.size))
    extra: dict[str, object] = {
        "value_error": comparison.mean_error(counted[:, None]),
        "sigma": sigma,
        "mean_spacing": float(np.mean(spacings)),
        "mean_spacing_error": comparison.mean_error(spacings[:, None]),
        "mean_spacing_predicted": mean_spacing(sigma),
    }
    return Finding(distance, p_value, spacings.size / comparison.autocorrelation, extra)
