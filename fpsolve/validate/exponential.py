"""Exponential approach a + b e^{−rt} of a training curve: fit, errors, and comparison with a predicted rate."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from fpsolve.errors import SampleError
from fpsolve.results import Sample, Statistic
from fpsolve.validate.resampling import deviation, jackknife

__all__ = ["ExponentialFit", "fit_exponential", "judge_exponential"]

Array = NDArray[np.float64]

_FEWEST = 4  # records; three parameters need one more
_RATES = 200  # trial rates, from one turn in a hundred times the range to one between two records
_ITERATIONS = 200
_SETTLED = 1e-13


@dataclass(frozen=True)
class ExponentialFit:
    """Least squares of a + b e^{−rt} to the records from `start` on.

    Attributes
    ----------
    rate, asymptote, amplitude : float
        r [1/time], a, and b with the time counted from 0.
    rate_error, asymptote_error, amplitude_error : float
        Standard errors: by the jackknife over replicas, or from the residuals of a single curve (which are taken as
        independent, so that they are too small where a network forgets slower than records are taken).
    start : float
        First time that entered.
    records : int
        How many records did.
    replicas : int
        Networks behind the curve.
    """

    rate: float
    asymptote: float
    amplitude: float
    rate_error: float
    asymptote_error: float
    amplitude_error: float
    start: float
    records: int
    replicas: int

    def curve(self, times: ArrayLike) -> Array:
        """Values a + b e^{−rt} at some times."""
        return np.asarray(self.asymptote + self.amplitude * np.exp(-self.rate * np.asarray(times, dtype=np.float64)))

    def deviation(self, predicted: float) -> float:
        """(rate − predicted)/rate_error."""
        return deviation(self.rate - predicted, self.rate_error)

    def summary(self, predicted: float | None = None) -> str:
        """The fit as a line of text."""
        line = f"rate {self.rate:.5g} ± {self.rate_error:.2g} from t = {self.start:g} on ({self.records} records)"
        return (
            line if predicted is None else f"{line}, predicted {predicted:.5g}: {self.deviation(predicted):+.1f} errors"
        )


def fit_exponential(times: ArrayLike, values: ArrayLike, *, start: float = 0.0) -> ExponentialFit:
    """Fit a + b e^{−rt} to a training curve from a given time on.

    The mean over replicas is fitted, weighted by its own variances. Its records are correlated, as they come from the same
    networks, so that the errors are not those of the weights but come from leaving out replicas. That the curve is one
    exponential is an assumption, good at late times: a squared level x = ξ² adds e^{−2rt}.

    Parameters
    ----------
    times : array_like, shape (record,)
        Increasing.
    values : array_like, shape (record,) or (replica, record)
        One network, or an ensemble (8 or more).
    start : float
        Earlier records are left out.

    Raises
    ------
    SampleError
        Shapes that do not agree, numbers that are not finite, fewer than 4 records from `start` on, 2 to 7 replicas; a
        curve that is constant or a straight line, and so has no rate.

    References
    ----------
    Park, Favoni, Lucini, Aarts (2024), arXiv:2412.20496, who fit the approach of teacher–student levels from t = 2 on.
    """
    clock, curves = np.asarray(times, dtype=np.float64), np.atleast_2d(np.asarray(values, dtype=np.float64))
    if clock.ndim != 1 or curves.ndim != 2 or curves.shape[1] != clock.size:
        msg = f"times and values need one number per record, not shapes {clock.shape} and {np.shape(values)}"
        raise SampleError(msg)
    if not (np.all(np.isfinite(clock)) and np.all(np.isfinite(curves)) and np.all(np.diff(clock) > 0.0)):
        msg = "times must increase, and times and values must be finite"
        raise SampleError(msg)
    used = clock >= start
    if int(used.sum()) < _FEWEST:
        msg = (
            f"{int(used.sum())} records from t = {start:g} on cannot fix an exponential: at least {_FEWEST} are needed"
        )
        raise SampleError(msg)
    clock, curves = clock[used], curves[:, used]
    replicas = curves.shape[0]
    # Counting time from the first record keeps the amplitude a number of the size of the curve.
    shifted = clock - clock[0]
    if replicas == 1:
        found, covariance = _single(shifted, curves[0])
        # Derivatives of (r, a, b e^{r t_0}) by (r, a, b): the amplitude at t = 0 has the error of the rate in it.
        change = np.eye(3)
        change[2] = np.exp(found[0] * clock[0]) * np.array([found[2] * clock[0], 0.0, 1.0])
        error = np.sqrt(np.diag(change @ covariance @ change.T))
        return _made(_from_zero(found, clock[0]), error, clock, replicas)
    weights = _weights(curves)
    trial = _fit(shifted, curves.mean(axis=0), weights, None)
    estimate = jackknife(curves, lambda part: _from_zero(_fit(shifted, part.mean(axis=0), weights, trial), clock[0]))
    return _made(estimate.value, estimate.error, clock, replicas)


def judge_exponential(
    sample: Sample,
    rates: Sequence[float],
    *,
    start: float = 0.0,
    curves: Array | None = None,
    limit: float | None = None,
) -> Statistic:
    """Fit every level's mean training curve and hold its rate against the predicted one.

    Parameters
    ----------
    sample : Sample
        With 4 or more records from `start` on, and their times.
    rates : sequence of float, one per level
        Predicted rates [1/time].
    start : float
    curves : ndarray, shape (record, level), optional
        Predicted means at the records: the same fit is made to them, which tells how much of a distance from the predicted
        rate is due to the curve being no single exponential yet.
    limit : float, optional
        Rejected where |rate/predicted − 1| of a level reaches it.

    Returns
    -------
    Statistic
        "exponential": `value` is the largest |rate/predicted − 1|; the details have for every level rate, rate_error,
        predicted, deviation (in errors), asymptote, amplitude and start; with `curves` also rate_of_prediction and
        deviation_from_it.

    Raises
    ------
    SampleError
        See `fit_exponential`; another number of levels, or records without times.
    """
    if len(rates) != sample.levels.shape[2]:
        msg = f"{len(rates)} predicted rates for {sample.levels.shape[2]} levels"
        raise SampleError(msg)
    details, values = [], []
    for level, predicted in enumerate(rates):
        fit = fit_exponential(sample.times, sample.levels[:, :, level], start=start)
        same = {} if curves is None else _same_fit(sample, level, curves[:, level], fit)
        values.append(abs(fit.rate / predicted - 1.0))
        details.append(
            {
                "against": "rate",
                "step": None,
                "time": None,
                "levels": [level],
                "value": values[-1],
                "p_value": None,
                "n_effective": float(fit.replicas),
                "rate": fit.rate,
                "rate_error": fit.rate_error,
                "predicted": float(predicted),
                "deviation": fit.deviation(predicted),
                "asymptote": fit.asymptote,
                "amplitude": fit.amplitude,
                "start": fit.start,
                "records": fit.records,
                **same,
            }
        )
    # A value that is not a number stays one, and rejects.
    value = float(np.max(values))
    return Statistic(
        name="exponential",
        value=value,
        threshold=limit,
        p_value=None,
        n_effective=float(sample.levels.shape[0]),
        details=tuple(details),
        passed=limit is None or value < limit,
    )


def _same_fit(sample: Sample, level: int, curve: Array, fit: ExponentialFit) -> dict[str, object]:
    """Rate of the predicted curve, fitted as the trained one was, and how far the trained one is from it."""
    used = sample.times >= fit.start
    clock = sample.times[used] - fit.start
    rate = float(_fit(clock, curve[used], _weights(sample.levels[:, used, level]), None)[0])
    return {"rate_of_prediction": rate, "deviation_from_it": fit.deviation(rate)}


def _made(found: Array, error: Array, clock: Array, replicas: int) -> ExponentialFit:
    rate, asymptote, amplitude = found.tolist()
    rate_error, asymptote_error, amplitude_error = error.tolist()
    return ExponentialFit(
        rate=rate,
        asymptote=asymptote,
        amplitude=amplitude,
        rate_error=rate_error,
        asymptote_error=asymptote_error,
        amplitude_error=amplitude_error,
        start=float(clock[0]),
        records=clock.size,
        replicas=replicas,
    )


def _from_zero(found: Array, first: float) -> Array:
    """(r, a, b) with the time counted from 0 in the place of the first record."""
    return np.array([found[0], found[1], found[2] * np.exp(found[0] * first)])


def _weights(curves: Array) -> Array:
    """1/variance of the mean at every record; records without scatter count as the narrowest that has one."""
    variance = curves.var(axis=0, ddof=1)
    positive = variance[variance > 0.0]
    return np.asarray(1.0 / np.maximum(variance, positive.min() if positive.size else 1.0))


def _single(clock: Array, curve: Array) -> tuple[Array, Array]:
    """Fit of one curve and the covariance from its residuals."""
    ones = np.ones(clock.size)
    found = _fit(clock, curve, ones, None)
    slopes = _slopes(clock, found)
    residual = curve - (found[1] + found[2] * np.exp(-found[0] * clock))
    noise = float(residual @ residual) / (clock.size - 3)
    return found, np.asarray(noise * np.linalg.inv(slopes.T @ slopes), dtype=np.float64)


def _slopes(clock: Array, found: Array) -> Array:
    """Derivatives of the curve with respect to r, a, b, shape (record, 3)."""
    decay = np.exp(-found[0] * clock)
    return np.stack([-found[2] * clock * decay, np.ones(clock.size), decay], axis=1)


def _fit(clock: Array, curve: Array, weights: Array, trial: Array | None) -> Array:
    """(r, a, b) with the smallest Σ weight (curve − a − b e^{−rt})²: a and b are linear, Gauss–Newton from the best trial."""
    root = np.sqrt(weights)
    if trial is None:
        shortest, longest = float(np.diff(clock).min()), float(clock[-1])
        rates = np.geomspace(0.01 / longest, 3.0 / shortest, _RATES)
        costs = [_linear(rate, clock, curve, root)[1] for rate in rates]
        best = int(np.argmin(costs))
        if best == 0:
            msg = "no exponential can be fitted: the curve is constant or straight from the first record on"
            raise SampleError(msg)
        trial = np.array([rates[best], *_linear(rates[best], clock, curve, root)[0]])
    found, cost = trial, _cost(trial, clock, curve, root)
    for _ in range(_ITERATIONS):
        slopes = _slopes(clock, found) * root[:, None]
        residual = (curve - found[1] - found[2] * np.exp(-found[0] * clock)) * root
        step = np.linalg.lstsq(slopes, residual, rcond=None)[0]
        following = found + step
        while following[0] <= 0.0 or _cost(following, clock, curve, root) > cost * (1.0 + 1e-12) + 1e-300:
            step = 0.5 * step
            following = found + step
            if abs(step[0]) <= _SETTLED * abs(found[0]):
                return found
        settled = abs(step[0]) <= _SETTLED * abs(found[0])
        found, cost = following, _cost(following, clock, curve, root)
        if settled:
            break
    return np.asarray(found)


def _linear(rate: float, clock: Array, curve: Array, root: Array) -> tuple[Array, float]:
    """Best a and b at a rate, and the cost."""
    columns = np.stack([np.ones(clock.size), np.exp(-rate * clock)], axis=1) * root[:, None]
    solution = np.linalg.lstsq(columns, curve * root, rcond=None)[0]
    residual = curve * root - columns @ solution
    return np.asarray(solution, dtype=np.float64), float(residual @ residual)


def _cost(found: Array, clock: Array, curve: Array, root: Array) -> float:
    residual = (curve - found[1] - found[2] * np.exp(-found[0] * clock)) * root
    return float(residual @ residual)
