"""Width of a degenerate pair: fit of the two-level semicircle, against the same fit of the prediction."""

from __future__ import annotations

import numpy as np

from fpsolve.validate.comparison import Comparison, Finding
from fpsolve.validate.pair_fit import fit_pair
from fpsolve.validate.resampling import deviation, two_sided
from fpsolve.validate.semicircle_fit import fit_semicircle

__all__ = ["width"]

_QUANTILES = 20000  # of the prediction; the tails that a midpoint rule cuts off change σ by 1e-5


def width(comparison: Comparison) -> Finding:
    """|σ/σ_predicted − 1| of a degenerate pair, σ of the semicircle of largest likelihood.

    The two-level semicircle is fitted to both levels pooled, so that sorting biases nothing, and in the same way to the
    predicted density of the pair, which need not be a semicircle. Standard errors are those of the jackknife over
    replicas (`fit_pair`). Details: `sigma`, `sigma_error`, `sigma_predicted`, `relative`, `z`; `centre`,
    `centre_error`, `centre_predicted`; for the consistency of both measurements `sigma_spacing` = ⟨S⟩/√π with its error,
    `sigma_difference` = sigma − sigma_spacing with the error of the difference; `sigma_joint`, the σ of the joint law;
    with a theory of the levels `one_level` = σ_i, which knows no neighbours, and `unit` = √((α/B)x*).
    """
    fit = fit_pair(comparison.values, correlated=not comparison.independent)
    places = (np.arange(_QUANTILES) + 0.5) / _QUANTILES
    centre, sigma = fit_semicircle(comparison.law.quantile(places))
    z = deviation(fit.sigma - sigma, fit.sigma_error)
    extra: dict[str, object] = {
        "value_error": fit.sigma_error / sigma,
        "sigma": fit.sigma,
        "sigma_error": fit.sigma_error,
        "sigma_predicted": sigma,
        "relative": fit.sigma / sigma - 1.0,
        "z": z,
        "centre": fit.centre,
        "centre_error": fit.centre_error,
        "centre_predicted": centre,
        "sigma_spacing": fit.sigma_spacing,
        "sigma_spacing_error": fit.sigma_spacing_error,
        "sigma_difference": fit.sigma_difference,
        "sigma_difference_error": fit.sigma_difference_error,
        "sigma_joint": fit.sigma_joint,
        "sigma_joint_error": fit.sigma_joint_error,
    }
    if comparison.theory is not None:
        extra |= comparison.theory.about(comparison.theory.common_sigma)
    n = comparison.values.shape[0] / comparison.autocorrelation
    return Finding(abs(fit.sigma / sigma - 1.0), two_sided(z) if comparison.independent else None, n, extra)
