"""Mean, variance and skewness in units of their sampling errors."""

from __future__ import annotations

import numpy as np

from fpsolve.validate.comparison import Comparison, Finding
from fpsolve.validate.laws import central_moments

__all__ = ["moments"]


def moments(comparison: Comparison) -> Finding:
    """Largest |z| of mean, variance and skewness, z = (sample − prediction)/sampling error.

    The sampling errors are those of the replica-wise means of the influence functions y, y² − m₂ and
    z³ − 3z − γ − (3/2)γ(z² − 1) with y = x − mean, z = y/√m₂; so levels of one replica may depend on each other. For a
    Gaussian they are √(m₂/n), m₂√(2/n) and √(6/n). A skewness of heavy-tailed laws has no useful error.
    """
    y = comparison.values - np.mean(comparison.values)
    variance = float(np.mean(y**2))
    scale = np.sqrt(variance) if variance > 0.0 else 1.0
    z = y / scale
    skewness = float(np.mean(z**3))
    predicted = central_moments(comparison.law, 3)
    law_mean, law_skewness = comparison.law.mean, float(predicted[3] / predicted[2] ** 1.5)
    errors = [comparison.mean_error(y), comparison.mean_error(y**2)]
    errors.append(comparison.mean_error(z**3 - 3.0 * z - 1.5 * skewness * (z**2 - 1.0)))
    if variance == 0.0:  # no scatter, no errors: take those of a Gaussian as wide as the prediction
        n = comparison.n_effective
        errors = [float(value) for value in np.sqrt([predicted[2] / n, 2.0 * predicted[2] ** 2 / n, 6.0 / n])]
    found = {
        "mean": (float(np.mean(comparison.values)), law_mean, errors[0]),
        "variance": (variance, float(predicted[2]), errors[1]),
        "skewness": (skewness, law_skewness, errors[2]),
    }
    extra: dict[str, object] = {}
    worst = 0.0
    for name, (sample, prediction, error) in found.items():
        deviation = sample - prediction
        score = deviation / error
        extra |= {name: sample, f"{name}_predicted": prediction, f"{name}_error": error, f"{name}_z": float(score)}
        worst = max(worst, abs(float(score)))
    return Finding(worst, None, comparison.n_effective, extra)
