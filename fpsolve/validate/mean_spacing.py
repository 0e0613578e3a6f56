"""Mean spacing of a degenerate pair against its prediction."""

from __future__ import annotations

import numpy as np

from fpsolve.errors import MethodError
from fpsolve.exact.surmise import mean_spacing as surmise_mean
from fpsolve.validate.comparison import Comparison, Finding
from fpsolve.validate.resampling import deviation, two_sided

__all__ = ["mean_spacing"]


def mean_spacing(comparison: Comparison) -> Finding:
    """|⟨S⟩/⟨S⟩_predicted − 1| of a degenerate pair, S = x_2 − x_1, against the mean of the predicted law of S.

    S does not depend on which level is called the lower one, so that sorting biases nothing. Its standard error is that
    of a mean over independent replicas, which is also its jackknife error. The p-value is that of a normal deviate.
    Details: `mean`, `error`, `predicted`, `relative` = mean/predicted − 1, `z`; with a theory of the levels also
    `one_level` = √π σ_i, which knows no neighbours, `unit` = √((α/B)x*), `a_fit` = mean/unit with `a_fit_error`, and
    `a_predicted` = predicted/unit.

    Raises
    ------
    MethodError
        If the prediction has no joint law of the pair.
    """
    law = comparison.spacing_law
    if law is None:
        msg = f"the prediction has no law for the spacing of levels {list(comparison.levels)}"
        raise MethodError(msg)
    spacings = comparison.values[:, 1] - comparison.values[:, 0]
    mean, error, predicted = float(np.mean(spacings)), comparison.mean_error(spacings[:, None]), law.mean
    z = deviation(mean - predicted, error)
    extra: dict[str, object] = {
        "value_error": error / predicted,
        "mean": mean,
        "error": error,
        "predicted": predicted,
        "relative": mean / predicted - 1.0,
        "z": z,
    }
    theory = comparison.theory
    if theory is not None:
        extra |= theory.about(surmise_mean(theory.common_sigma))
        if theory.unit is not None:
            extra |= {
                "a_fit": mean / theory.unit,
                "a_fit_error": error / theory.unit,
                "a_predicted": predicted / theory.unit,
            }
    n = spacings.size / comparison.autocorrelation
    return Finding(abs(mean / predicted - 1.0), two_sided(z) if comparison.independent else None, n, extra)
