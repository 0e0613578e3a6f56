"""Power-law tails of gradient descent at a finite learning rate: the Kesten exponent."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import brentq
from scipy.special import gammaln, logsumexp, roots_genlaguerre

from fpsolve.errors import ModelError

__all__ = ["KestenTail", "kesten_exponent", "kesten_exponent_of_factors"]

Array = NDArray[np.float64]

# Ends of the double-exponential rule: e^{−π sinh 4.7} = 1e-75, whose square root still vanishes.
_REACH = 4.7
_ACROSS = 96
_LARGEST = 1e12


@dataclass(frozen=True)
class KestenTail:
    """Tail of w' = (1 − αC) w + noise for the batch mean C = (h/B) Σ x xᵀ, x ~ N(0, 1) in d dimensions.

    The stationary law has P(|w| > t) ~ t^{−μ} with ⟨|(1 − αC) e|^μ⟩ = 1, e any unit vector (H. Kesten, Acta Math. 131
    (1973) 207); a level x = |w|² has the exponent μ/2. With y = αC_11, of the gamma law of shape B/2 and scale
    s = 2αh/B, and z of shape (d − 1)/2 and the same scale,

        |(1 − αC) e|² = (1 − y)² + y z      (z = 0 for d = 1).

    Attributes
    ----------
    learning_rate : float
        α > 0.
    batch_size : int
        B ≥ 1.
    curvature : float
        h > 0, the mean of every eigenvalue of the Hessian.
    dimension : int
        d ≥ 1, inputs.

    Raises
    ------
    ModelError
        A parameter out of range; a learning rate so large that ⟨ln|(1 − αC)e|⟩ ≥ 0 and no stationary law exists.
    """

    learning_rate: float
    batch_size: int
    curvature: float = 1.0
    dimension: int = 1

    def __post_init__(self) -> None:
        for name in ("learning_rate", "batch_size", "curvature", "dimension"):
            value = getattr(self, name)
            if not (np.isfinite(value) and value > 0.0):
                msg = f"{name} must be positive, not {value:g}"
                raise ModelError(msg)
        for name in ("batch_size", "dimension"):
            if getattr(self, name) != int(getattr(self, name)):
                msg = f"{name} must be a whole number, not {getattr(self, name)}"
                raise ModelError(msg)

    @property
    def lyapunov(self) -> float:
        """⟨ln|(1 − αC)e|⟩ per update; a stationary law exists where it is negative."""
        log_weights, log_factors = self._nodes
        return float(np.sum(np.exp(log_weights) * log_factors))

    def log_moment(self, mu: float) -> float:
        """ln⟨|(1 − αC)e|^μ⟩, a convex function of μ > −1 that is 0 at μ = 0."""
        log_weights, log_factors = self._nodes
        return float(logsumexp(log_weights + mu * log_factors))

    @cached_property
    def exponent(self) -> float:
        """μ."""
        lyapunov = self.lyapunov
        if lyapunov >= 0.0:
            msg = (
                f"learning_rate = {self.learning_rate:g} is too large for batch_size = {self.batch_size}: the mean of "
                f"ln|1 - alpha C| is {lyapunov:.3g} per update, not negative, so there is no stationary law"
            )
            raise ModelError(msg)
        return _root(self.log_moment, max(1.0, self.diffusion_exponent))

    @property
    def diffusion_exponent(self) -> float:
        """1 + B/(αh) − (d − 1)/2, what a diffusion with the mean and the variance of C has.

        It is not the limit of small αh. The tail comes from rare updates with C_11 > 2/α, of which a diffusion knows
        nothing: with them μ → ξB/(2αh), ξ(ln ξ − 1) = 1, that is 1.7956 B/(αh).
        """
        return 1.0 + self.batch_size / (self.learning_rate * self.curvature) - 0.5 * (self.dimension - 1)

    @cached_property
    def _nodes(self) -> tuple[Array, Array]:
        """Logarithms of the weights and of the factors |(1 − αC)e| of a rule for the law of y and z."""
        scale = 2.0 * self.learning_rate * self.curvature / self.batch_size
        shape = 0.5 * self.batch_size
        # A gamma law of shape a has the relative width 1/√a; the rule takes several points on it.
        number = 600 + int(120 * np.sqrt(self.batch_size))
        t = np.linspace(-_REACH, _REACH, number)
        angle, jacobian = np.pi * np.sinh(t), np.pi * np.cosh(t) * (t[1] - t[0])
        # Both sides of the zero of 1 − y: y = 1/(1 + e^{-u}) below it, y = 1 + e^u above.
        log_below, log_rest = -np.logaddexp(0.0, -angle), -np.logaddexp(0.0, angle)
        log_above = np.logaddexp(0.0, angle)
        log_y = np.concatenate((log_below, log_above))
        log_distance = np.concatenate((log_rest, angle))
        log_step = np.concatenate((log_below + log_rest, angle)) + np.log(np.concatenate((jacobian, jacobian)))
        with np.errstate(over="ignore"):
            exponent = np.exp(log_y - np.log(scale))
        log_weights = log_step + (shape - 1.0) * log_y - exponent - shape * np.log(scale) - gammaln(shape)
        keep = np.isfinite(log_weights)
        log_weights, log_y, log_distance = log_weights[keep], log_y[keep], log_distance[keep]
        if self.dimension == 1:
            return log_weights, log_distance
        across, weights = roots_genlaguerre(_ACROSS, 0.5 * (self.dimension - 3))
        with np.errstate(divide="ignore"):  # far nodes have a weight below the smallest float
            log_across = np.log(weights / weights.sum())
        factors = 0.5 * np.logaddexp(2.0 * log_distance[:, None], log_y[:, None] + np.log(scale * across))
        return (log_weights[:, None] + log_across).ravel(), factors.ravel()


def kesten_exponent(learning_rate: float, batch_size: int, *, curvature: float = 1.0, dimension: int = 1) -> float:
    """Exponent μ of the tail P(|w| > t) ~ t^{−μ} of `KestenTail`.

    Raises
    ------
    ModelError
        A parameter out of range, or no stationary law.
    """
    return KestenTail(learning_rate, batch_size, curvature, dimension).exponent


def kesten_exponent_of_factors(factors: ArrayLike) -> float:
    """Exponent μ with mean |factor|^μ = 1, for measured factors 1 − αc of one weight.

    Parameters
    ----------
    factors : array_like
        Independent factors of updates; zeros are allowed.

    Raises
    ------
    ModelError
        Not a list of finite numbers; a mean logarithm that is not negative (no stationary law); no factor above 1
        (no power law).
    """
    sizes = np.abs(np.asarray(factors, dtype=np.float64)).ravel()
    if sizes.size == 0 or not np.all(np.isfinite(sizes)):
        msg = "factors must be a list of finite numbers"
        raise ModelError(msg)
    with np.errstate(divide="ignore"):
        logs = np.log(sizes)
    if float(logs.mean()) >= 0.0:
        msg = f"the mean of ln|factor| is {logs.mean():.3g}, not negative: there is no stationary law"
        raise ModelError(msg)
    if float(sizes.max()) <= 1.0:
        msg = f"no factor exceeds 1 in size (the largest is {sizes.max():.3g}): the tail is not a power law"
        raise ModelError(msg)
    logs = logs[np.isfinite(logs)]
    return _root(lambda mu: float(logsumexp(mu * logs)) - float(np.log(sizes.size)), 1.0)


def _root(log_moment: Callable[[float], float], guess: float) -> float:
    """Positive root of a convex function that vanishes at 0 with a negative slope."""
    high = guess
    while log_moment(high) <= 0.0:
        high *= 2.0
        if high > _LARGEST:
            msg = f"the exponent of the tail exceeds {_LARGEST:g}: there is no visible power law"
            raise ModelError(msg)
    low = high
    while log_moment(low) >= 0.0:
        low *= 0.5
    # Divided by μ the function increases and its root is simple and well conditioned.
    return float(brentq(lambda mu: log_moment(mu) / mu, low, high, xtol=1e-14 * high, rtol=1e-13))
