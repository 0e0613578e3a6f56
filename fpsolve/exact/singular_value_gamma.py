"""Singular values of a noisy weight matrix: the published law of arXiv:2507.12709, and the exact one of a single level."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaln, xlogy

from fpsolve.errors import ModelError
from fpsolve.exact.gamma_law import GammaLaw

__all__ = ["SingularValueGamma", "exact_singular_value_law", "published_singular_value_law"]

Array = NDArray[np.float64]


@dataclass(frozen=True)
class SingularValueGamma:
    """p(σ) = 2 r^a σ^{2a−1} e^{−rσ²}/Γ(a) on σ > 0: the square λ = σ² has the gamma law of shape a and rate r.

    Attributes
    ----------
    shape, rate : float
        a > 0 and r > 0.
    """

    shape: float
    rate: float

    @property
    def level(self) -> GammaLaw:
        """Law of the level λ = σ²."""
        return GammaLaw(self.shape, 1.0 / self.rate)

    @property
    def exponent(self) -> float:
        """Power of σ in front of the exponential, 2a − 1."""
        return 2.0 * self.shape - 1.0

    def pdf(self, s: Array) -> Array:
        """Density of σ."""
        s = np.asarray(s, dtype=np.float64)
        log_norm = np.log(2.0) + self.shape * np.log(self.rate) - gammaln(self.shape)
        inside = np.exp(log_norm + xlogy(self.exponent, np.maximum(s, 0.0)) - self.rate * s * s)
        return np.where(s >= 0.0, inside, 0.0)

    def cdf(self, s: Array) -> Array:
        """Distribution function of σ."""
        return self.level.cdf(np.maximum(np.asarray(s, dtype=np.float64), 0.0) ** 2)

    def with_mean_level(self, mean: float) -> SingularValueGamma:
        """Return the law of the same shape whose rate gives λ this mean."""
        return SingularValueGamma(self.shape, self.shape / mean)


def published_singular_value_law(
    rows: int, columns: int, *, stiffness: float, learning_rate: float, diffusion: float
) -> SingularValueGamma:
    """Eq. (13) of arXiv:2507.12709 as it is printed.

        p(σ) = 2(β/4ηD)^{(m−n+3)/4}/Γ((m−n+3)/4) · σ^{(m−n+3)/2−1} e^{−βσ²/(4ηD)},

    so the power of σ is (m − n + 1)/2. A level of dW = −λW dt + √(2T) dB has the power m − n and the rate λ/(2T)
    (`exact_singular_value_law`): with β = λ and 2ηD = T the rates are the same, and the powers agree at m − n = 1 only.
    It is a gamma law of σ², so that its tail is no power.

    Parameters
    ----------
    rows, columns : int
        m ≥ n.
    stiffness, learning_rate, diffusion : float
        β, η and D, all > 0.

    Raises
    ------
    ModelError
        A parameter out of range.
    """
    _check(rows, columns, stiffness=stiffness, learning_rate=learning_rate, diffusion=diffusion)
    return SingularValueGamma(0.25 * (rows - columns + 3), 0.25 * stiffness / (learning_rate * diffusion))


def exact_singular_value_law(rows: int, columns: int, *, weight_decay: float, temperature: float) -> SingularValueGamma:
    """One-level law of dW = −λW dt + √(2T) dB: the power of σ is m − n, the rate λ/(2T).

    It is the stationary law of σ for n = 1, the length of a Gaussian vector. For more columns it is what every level
    would have without the repulsion ∏|λ_i − λ_j| of the Laguerre gas (`fpsolve.models.laguerre`, exact marginals by
    `fpsolve.stationary`).

    Parameters
    ----------
    rows, columns : int
        m ≥ n.
    weight_decay, temperature : float
        λ > 0 and T > 0.

    Raises
    ------
    ModelError
        A parameter out of range.
    """
    _check(rows, columns, weight_decay=weight_decay, temperature=temperature)
    return SingularValueGamma(0.5 * (rows - columns + 1), 0.5 * weight_decay / temperature)


def _check(rows: int, columns: int, **parameters: float) -> None:
    if not 1 <= columns <= rows:
        msg = f"rows = {rows} must be at least columns = {columns} >= 1"
        raise ModelError(msg)
    for name, value in parameters.items():
        if not (np.isfinite(value) and value > 0.0):
            msg = f"{name} must be positive, not {value:g}"
            raise ModelError(msg)
