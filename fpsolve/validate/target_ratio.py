"""Learned levels over their targets."""

from __future__ import annotations

import numpy as np

from fpsolve.errors import MethodError
from fpsolve.validate.comparison import Comparison, Finding
from fpsolve.validate.resampling import deviation, two_sided

__all__ = ["ratio"]


def ratio(comparison: Comparison) -> Finding:
    """|⟨x⟩/x* − its prediction|, ⟨x⟩ the mean of all levels of a group and x* their common target.

    The mean of a group does not depend on how its members are sorted. How far they repel each other is seen in the lowest
    and the highest of them, which are sorted on purpose, and in the prediction as in the sample. Details: `ratio`,
    `error`, `predicted`, `z`, `target`; `lowest` and `highest`, the same for the lowest and the highest level of the
    group, each with `_error` and `_predicted`. The p-value is that of a normal deviate.

    Raises
    ------
    MethodError
        If no target of the levels is known, it is 0, or they have different ones.
    """
    theory = comparison.theory
    target = 0.0 if theory is None else theory.common_target
    if theory is None or target == 0.0:
        msg = f"the levels {list(comparison.levels)} have no target other than 0 to be divided by"
        raise MethodError(msg)
    found, error = float(np.mean(comparison.values)) / target, comparison.mean_error(comparison.values) / abs(target)
    predicted = comparison.law.mean / target
    z = deviation(found - predicted, error)
    extra: dict[str, object] = {
        "value_error": error,
        "ratio": found,
        "error": error,
        "predicted": predicted,
        "z": z,
        "target": target,
    }
    if theory.alpha_over_batch is not None:
        extra["alpha_over_batch"] = theory.alpha_over_batch
    if comparison.means:
        for name, place in (("lowest", 0), ("highest", -1)):
            own = comparison.values[:, [place]]
            extra |= {
                name: float(np.mean(own)) / target,
                f"{name}_error": comparison.mean_error(own) / abs(target),
                f"{name}_predicted": comparison.means[place] / target,
            }
    p_value = two_sided(z) if comparison.independent else None
    return Finding(abs(found - predicted), p_value, comparison.n_effective, extra)
