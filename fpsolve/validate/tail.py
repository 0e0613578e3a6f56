"""Power-law tail: the exponent of the trained levels against the predicted one."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from fpsolve.errors import MethodError, SampleError
from fpsolve.exact.tabulated import TabulatedLaw
from fpsolve.validate.comparison import Comparison, Finding
from fpsolve.validate.hill import hill
from fpsolve.validate.resampling import deviation, two_sided

__all__ = ["exponent_above", "tail", "tail_count"]

Array = NDArray[np.float64]

_FEWEST = 50  # values in the tail
_FEWEST_VALUES = 349  # whose n^{2/3} rounds to 50
# Gauss points on every cell for the integral over ln x.
_POINTS = 6


def tail_count(size: int) -> int:
    """How many of the largest values are taken for the tail: n^{2/3}.

    For a law whose next power is one higher the bias and the error of Hill's estimator then fall together (P. Hall, J. R.
    Statist. Soc. B 44 (1982) 37).

    Raises
    ------
    SampleError
        Fewer than 50 values would be left.
    """
    count = int(np.rint(size ** (2.0 / 3.0)))
    if count < _FEWEST:
        msg = f"{size} values have no tail to fit: at least {_FEWEST_VALUES} are needed"
        raise SampleError(msg)
    return count


def exponent_above(law: TabulatedLaw, threshold: float, limit: float) -> float:
    """Exponent that Hill's estimator has above a threshold if the law is true.

    1/b(u) = ⟨ln(X/u) | X > u⟩ = ∫_u^∞ P(X > x) dx/x / P(X > u). The table is cut somewhere in the tail; beyond its end the
    law goes on as x^{−b}, with the density of the last cell.

    Parameters
    ----------
    law : TabulatedLaw
    threshold : float
        u > 0.
    limit : float
        b, the exponent far out.
    """
    end = float(law.edges[-1])
    if threshold >= end:
        return limit
    beyond = law.mass_beyond(limit)
    nodes, weights = np.polynomial.legendre.leggauss(_POINTS)
    breaks = np.log(np.concatenate([[threshold], law.edges[law.edges > threshold]]))
    half = 0.5 * np.diff(breaks)[:, None]
    x = np.exp(breaks[:-1, None] + half * (nodes + 1.0))
    above = float(np.sum(half * weights * (1.0 - law.cdf(x)))) + beyond * float(np.log(end / threshold))
    mass = 1.0 - float(law.cdf(threshold)) + beyond
    return mass / (above + beyond / limit)


def tail(comparison: Comparison) -> Finding:
    """|b̂/b_u − 1|: Hill's exponent of the largest n^{2/3} values relative to the one predicted above the same threshold.

    A law that only tends to a power x^{−b} has another exponent b_u above a threshold u that a sample can reach, so that
    b_u, not its limit b, is what a true prediction leads to. The error of b̂ is b̂/√k; the p-value is that of a normal
    deviation (b̂ − b_u)/(b_u/√k). Details: `exponent` with `exponent_error`, `exponent_predicted` (b_u), `exponent_limit`
    (b), `threshold` and `count`; where the tail of the training's own discrete steps is known, `exponent_steps` and
    `exponent_steps_z`, the deviation from it in errors.

    Raises
    ------
    MethodError
        If the predicted law has no power-law tail.
    SampleError
        Too few values, or values that are not positive.
    """
    limit = comparison.tail
    if limit is None:
        msg = f"the predicted law of levels {list(comparison.levels)} has no power-law tail"
        raise MethodError(msg)
    estimate = hill(comparison.pooled, tail_count(comparison.pooled.size))
    predicted = exponent_above(comparison.law, estimate.threshold, limit)
    # A chain of correlated records has fewer independent values above the threshold.
    independent = estimate.count / comparison.autocorrelation
    error = estimate.exponent / float(np.sqrt(independent))
    z = deviation(estimate.exponent - predicted, predicted / float(np.sqrt(independent)))
    p_value = two_sided(z) if comparison.independent else None
    extra: dict[str, object] = {
        "value_error": error / predicted,
        "exponent": estimate.exponent,
        "exponent_error": error,
        "exponent_predicted": predicted,
        "exponent_limit": limit,
        "exponent_z": z,
        "threshold": estimate.threshold,
        "count": estimate.count,
    }
    if comparison.tail_of_steps is not None:
        steps = comparison.tail_of_steps
        extra |= {
            "exponent_steps": steps,
            "exponent_steps_z": deviation(estimate.exponent - steps, steps / float(np.sqrt(independent))),
        }
    return Finding(abs(estimate.exponent / predicted - 1.0), p_value, independent, extra)
