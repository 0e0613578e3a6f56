"""The tail as the package powerlaw fits it: threshold, exponent, and other laws in its place."""

from __future__ import annotations

import importlib
import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from fpsolve.errors import MethodError, SampleError
from fpsolve.validate.hill import HillEstimate

__all__ = ["PowerlawFit", "powerlaw_fit"]

Array = NDArray[np.float64]

_FEWEST = 10
_STEEPEST = 1000.0


@dataclass(frozen=True)
class PowerlawFit:
    """A power law above a threshold, and how it does against a lognormal law there.

    Attributes
    ----------
    tail : HillEstimate
        Exponent b of P(X > x) ~ x^{−b} (powerlaw's α is that of the density, b + 1), its error, threshold, number of values
        and distance.
    lognormal_ratio : float
        Log-likelihood of the power law minus that of a lognormal law, both above the threshold: positive where the power
        law fits better.
    lognormal_p : float
        Probability of a ratio at least as far from 0 if both fit equally well (Q. H. Vuong, Econometrica 57 (1989) 307).
    """

    tail: HillEstimate
    lognormal_ratio: float
    lognormal_p: float


def powerlaw_fit(values: ArrayLike, *, threshold: float | None = None, largest: int | None = None) -> PowerlawFit:
    """Fit a power law with the package powerlaw (J. Alstott, E. Bullmore, D. Plenz, PLoS ONE 9 (2014) e85777).

    Above a given threshold the exponent is Hill's. Without one, powerlaw takes each of the `largest` values as a threshold
    and keeps that of least Kolmogorov–Smirnov distance, which `hill_at_best_distance` does on a coarser set over the whole
    sample, and in milliseconds.

    Parameters
    ----------
    values : array_like
        Positive and independent; any shape.
    threshold : float, optional
        Where the tail begins; found if not given.
    largest : int, optional
        How many of the largest values may belong to the tail that is searched for; n^{2/3} by default. The time grows with
        its square.

    Raises
    ------
    MethodError
        The package is not installed.
    SampleError
        Values that are not positive and finite, or a tail of fewer than ten different values.
    """
    array = np.sort(np.asarray(values, dtype=np.float64), axis=None)
    if not np.all(np.isfinite(array)) or np.any(array <= 0.0):
        msg = "a power-law tail needs values that are positive and finite"
        raise SampleError(msg)
    count = min(round(array.size ** (2.0 / 3.0)) if largest is None else largest, array.size)
    tail = array[-count:] if threshold is None else array[array >= threshold]
    if np.unique(tail).size < _FEWEST:
        msg = f"the tail must have at least {_FEWEST} different values"
        raise SampleError(msg)
    return _fitted(tail, threshold)


def _fitted(tail: Array, threshold: float | None) -> PowerlawFit:
    try:
        powerlaw: Any = importlib.import_module("powerlaw")
    except ImportError as error:
        msg = "this fit needs the package powerlaw, the extra `tails`: pip install 'fpsolve[tails]'"
        raise MethodError(msg) from error
    with warnings.catch_warnings():
        # The package warns of its own old names, and of thresholds where a fit failed and which it then passes over.
        warnings.simplefilter("ignore")
        fit = powerlaw.Fit(
            tail,
            # A threshold found is not one of the last values: nothing would be left to measure a distance with.
            xmin=threshold if threshold is not None else (tail[0], tail[-_FEWEST]),
            # It would look for the density's exponent α = b + 1 up to 3 only.
            parameter_ranges={"alpha": [1.0, _STEEPEST]},
            verbose=0,
        )
        law, begin = fit.power_law, float(fit.xmin)
        ratio, p_value = fit.distribution_compare("power_law", "lognormal")
        estimate = HillEstimate(
            exponent=float(law.alpha) - 1.0,
            error=float(law.standard_err),
            threshold=begin,
            count=int(np.sum(tail >= begin)),
            distance=float(law.D),
        )
    return PowerlawFit(estimate, float(ratio), float(p_value))
