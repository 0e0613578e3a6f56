"""Spacing of two neighbouring levels against its predicted law."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from fpsolve.errors import MethodError
from fpsolve.validate.comparison import Comparison, Finding
from fpsolve.validate.kolmogorov_smirnov import largest_distance, where_largest
from fpsolve.validate.laws import table_error
from fpsolve.validate.resampling import deviation

__all__ = ["spacing", "spacing_finding"]

Array = NDArray[np.float64]


def spacing(comparison: Comparison) -> Finding:
    """Kolmogorov–Smirnov distance of S = x_{i+1} − x_i from the predicted law of the spacing, and its p-value.

    Nothing is scaled or fitted: other than `surmise` it sees a wrong σ, and a pair that its neighbours compress is held
    against a law that knows of them. Details: `mean_spacing` with its error, its prediction and the difference in errors
    (`mean_spacing_z`); `table_error` as in `ks`.

    Raises
    ------
    MethodError
        If the prediction has no joint law of the group's two levels.
    """
    law = comparison.spacing_law
    if law is None:
        msg = f"the prediction has no law for the spacing of levels {list(comparison.levels)}"
        raise MethodError(msg)
    return spacing_finding(comparison, law.cdf, law.mean, table_error=table_error(law))


def spacing_finding(
    comparison: Comparison, cdf: Callable[[Array], Array], predicted: float, **further: object
) -> Finding:
    """Kolmogorov–Smirnov distance of S from a law with nothing fitted, its exact p-value, and the mean beside `predicted`."""
    spacings = comparison.values[:, 1] - comparison.values[:, 0]
    distance = largest_distance(cdf(np.sort(spacings)))
    p_value = None
    if comparison.independent:
        from scipy.stats import kstwo  # slow to import

        p_value = float(kstwo.sf(distance, spacings.size))
    mean, error = float(np.mean(spacings)), comparison.mean_error(spacings[:, None])
    extra: dict[str, object] = {
        "value_error": comparison.mean_error(where_largest(spacings, cdf(spacings))[1][:, None]),
        "mean_spacing": mean,
        "mean_spacing_error": error,
        "mean_spacing_predicted": predicted,
        "mean_spacing_z": deviation(mean - predicted, error),
        **further,
    }
    return Finding(distance, p_value, spacings.size / comparison.autocorrelation, extra)
