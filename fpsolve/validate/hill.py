"""Exponent of a power-law tail from the largest values of a sample (Hill's estimator)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from fpsolve.errors import SampleError

__all__ = ["HillEstimate", "hill", "hill_at_best_distance", "hill_curve"]

Array = NDArray[np.float64]


@dataclass(frozen=True)
class HillEstimate:
    """Fit of P(X > x) ∝ x^{−b} for x above a threshold.

    Attributes
    ----------
    exponent : float
        b.
    error : float
        Its standard error b/√k for independent values; the bias of a law that only tends to a power comes on top.
    threshold : float
        The value above which the fit was made, in units of the sample.
    count : int
        k, values above the threshold.
    distance : float
        Largest distance between the distribution function of these values and the fitted power law.
    """

    exponent: float
    error: float
    threshold: float
    count: int
    distance: float


def hill(values: ArrayLike, count: int) -> HillEstimate:
    """Exponent of the tail from the `count` largest values.

    1/b = (1/k) Σ_{i ≤ k} ln(X_(i)/X_(k+1)), X_(1) ≥ X_(2) ≥ …, the estimator of largest likelihood given the threshold
    X_(k+1) (B. M. Hill, Ann. Statist. 3 (1975) 1163). A squared singular value has half the exponent of the singular
    value.

    Parameters
    ----------
    values : array_like
        Positive and independent; any shape.
    count : int
        k, at least 2 and less than the number of values.

    Raises
    ------
    SampleError
        Too few values, values that are not positive and finite, or no spread above the threshold.
    """
    ordered = _descending(values)
    _check_count(count, ordered.size)
    return _estimate(ordered, count)


def hill_curve(values: ArrayLike, counts: Sequence[int] | NDArray[np.int64] | None = None) -> tuple[HillEstimate, ...]:
    """Estimates for several numbers of values; a power law shows as a plateau.

    Parameters
    ----------
    values : array_like
        Positive and independent; any shape.
    counts : sequence of int, optional
        k of every estimate; default about 30 from 10 values to a tenth of the sample, evenly on a logarithmic scale.

    Raises
    ------
    SampleError
        As `hill`.
    """
    ordered = _descending(values)
    if counts is None:
        last = max(10, ordered.size // 10)
        counts = np.unique(np.geomspace(10, last, 30).astype(np.int64))
    for count in counts:
        _check_count(int(count), ordered.size)
    return tuple(_estimate(ordered, int(count)) for count in counts)


def hill_at_best_distance(values: ArrayLike, *, least: int = 50) -> HillEstimate:
    """Estimate at the threshold whose tail is closest to a power law in Kolmogorov–Smirnov distance.

    A. Clauset, C. R. Shalizi, M. E. J. Newman, SIAM Rev. 51 (2009) 661, section 3.3. The error is that of a given
    threshold; that of its choice is not included.

    Parameters
    ----------
    values : array_like
        Positive and independent; any shape.
    least : int
        Fewest values in the tail.

    Raises
    ------
    SampleError
        As `hill`.
    """
    ordered = _descending(values)
    _check_count(least, ordered.size)
    # Logarithmic steps of 2 % in the number of values: finer ones are within the error of each other.
    number = max(2, int(np.log(ordered.size / least) / 0.02))
    counts = np.unique(np.geomspace(least, ordered.size - 1, number).astype(np.int64))
    return min((_estimate(ordered, int(count)) for count in counts), key=lambda estimate: estimate.distance)


def _descending(values: ArrayLike) -> Array:
    array = np.asarray(values, dtype=np.float64).ravel()
    if not np.all(np.isfinite(array)) or np.any(array <= 0.0):
        msg = "a power-law tail needs values that are positive and finite"
        raise SampleError(msg)
    return np.sort(array)[::-1]


def _check_count(count: int, size: int) -> None:
    if not 2 <= count < size:
        msg = f"the tail must have at least 2 and fewer than all {size} values, not {count}"
        raise SampleError(msg)


def _estimate(ordered: Array, count: int) -> HillEstimate:
    threshold = float(ordered[count])
    logs = np.log(ordered[:count] / threshold)
    mean = float(logs.mean())
    if mean == 0.0:
        msg = f"the {count} largest values are all equal to {threshold:g}: there is no tail to fit"
        raise SampleError(msg)
    exponent = 1.0 / mean
    # Distribution function at the values, ascending: from (i − 1)/k to i/k against 1 − (x/threshold)^{−b}.
    fitted = -np.expm1(-exponent * logs[::-1])
    steps = np.arange(count + 1) / count
    distance = float(max(np.max(steps[1:] - fitted), np.max(fitted - steps[:-1])))
    return HillEstimate(exponent, exponent / float(np.sqrt(count)), threshold, count, distance)
