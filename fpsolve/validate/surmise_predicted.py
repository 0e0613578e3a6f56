"""Wigner surmise with the predicted σ: the law that a degenerate pair would have without neighbours."""

from __future__ import annotations

from fpsolve.errors import MethodError
from fpsolve.exact.surmise import mean_spacing, spacing_cdf
from fpsolve.validate.comparison import Comparison, Finding
from fpsolve.validate.spacing import spacing_finding

__all__ = ["surmise_predicted"]


def surmise_predicted(comparison: Comparison) -> Finding:
    """Kolmogorov–Smirnov distance of S = x_2 − x_1 from S/(2σ²) e^{−S²/(4σ²)} with σ = σ_i of the theory of the levels.

    Other than `surmise` it sees the scale, other than `spacing` it knows nothing of neighbours with other targets. Where
    these compress or spread a pair it is rejected, while `spacing` holds, and `surmise` holds as long as the shape does.
    The p-value is exact: nothing is fitted. Details: `sigma`, and those of `spacing` with `mean_spacing_predicted` = √π σ.

    Raises
    ------
    MethodError
        If no σ of the levels is known, or they have different ones.
    """
    theory = comparison.theory
    if theory is None:
        msg = f"no σ is predicted for the levels {list(comparison.levels)} that the surmise could be drawn with"
        raise MethodError(msg)
    sigma = theory.common_sigma
    return spacing_finding(comparison, lambda s: spacing_cdf(s, sigma), mean_spacing(sigma), sigma=sigma)
