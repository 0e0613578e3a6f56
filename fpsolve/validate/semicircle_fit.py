"""Fit of the two-level semicircle to the pooled levels of a pair, by maximum likelihood."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.special import erf

from fpsolve.errors import SampleError

__all__ = ["fit_semicircle"]

Array = NDArray[np.float64]

_STEPS = 60


def fit_semicircle(values: Array, start: tuple[float, float] | None = None) -> tuple[float, float]:
    """Centre and σ with the largest Σ ln ρ(x), ρ the density of both levels of a degenerate pair pooled.

    ρ(x) = e^{−y²/2}[2e^{−y²/2} + √(2π) y erf(y/√2)]/(4√π σ), y = (x − c)/σ (arXiv:2407.16427). The two levels of a pair
    are not independent: the maximum is a consistent fit, but its curvature gives no errors. With h the bracket,
    h' = √(2π) erf(y/√2) and h'' = 2e^{−y²/2}. As −y²/2 + ln h is concave, the likelihood is concave in (1/σ, c/σ), and
    Newton's method, with shorter steps where the likelihood falls, finds its one maximum.

    Parameters
    ----------
    values : ndarray
        Levels, any shape.
    start : (centre, sigma), optional
        Mean and √(2/3) of the standard deviation, which are consistent themselves, if not given.

    Returns
    -------
    centre, sigma : float

    Raises
    ------
    SampleError
        If the levels are all the same.
    """
    x = np.asarray(values, dtype=np.float64).ravel()
    place, scale = float(np.mean(x)), float(np.std(x))
    if scale == 0.0:
        msg = "the two-level semicircle cannot be fitted: all levels are the same"
        raise SampleError(msg)
    z = (x - place) / scale
    centre, sigma = (0.0, np.sqrt(2.0 / 3.0)) if start is None else ((start[0] - place) / scale, start[1] / scale)
    at = np.array([1.0 / sigma, centre / sigma])
    value, gradient, hessian = _likelihood(z, at)
    for _ in range(_STEPS):
        step = -np.linalg.solve(hessian, gradient)
        gain = float(gradient @ step)  # twice the gain that the quadratic model promises
        if gain < 1e-12:  # what is left after this step is of the order of the gain
            at = at + step
            break
        following = _likelihood(z, at + step)
        while following[0] < value - 1e-14 * abs(value):
            step *= 0.5
            following = _likelihood(z, at + step)
        at, (value, gradient, hessian) = at + step, following
    return place + scale * float(at[1] / at[0]), scale / float(at[0])


def _likelihood(z: Array, at: Array) -> tuple[float, Array, Array]:
    """Mean of ln ρ up to a constant, its gradient and its second derivatives in (τ, μ) with y = τz − μ."""
    tau, mu = float(at[0]), float(at[1])
    if tau <= 0.0:
        return -np.inf, at, np.eye(2)
    y = tau * z - mu
    gauss, error = np.exp(-0.5 * y * y), np.sqrt(2.0 * np.pi) * erf(y * np.sqrt(0.5))
    bracket = 2.0 * gauss + y * error
    slope = error / bracket - y
    curvature = 2.0 * gauss / bracket - (error / bracket) ** 2 - 1.0
    value = float(np.log(tau) + np.mean(np.log(bracket) - 0.5 * y * y))
    gradient = np.array([1.0 / tau + np.mean(z * slope), -np.mean(slope)])
    mixed = -np.mean(z * curvature)
    hessian = np.array([[np.mean(z * z * curvature) - 1.0 / tau**2, mixed], [mixed, np.mean(curvature)]])
    return value, gradient, hessian
