"""Ornstein–Uhlenbeck process from a Gaussian start: Gaussian at all times."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr

__all__ = ["OrnsteinUhlenbeck"]

Array = NDArray[np.float64]


@dataclass(frozen=True)
class OrnsteinUhlenbeck:
    """dx = −Ω(x − c) dt + √(2g²) dB with x(0) Gaussian (G. E. Uhlenbeck and L. S. Ornstein, Phys. Rev. 36 (1930) 823).

    Mean c + (m_0 − c)e^{−Ωt}, variance s_0² e^{−2Ωt} + (g²/Ω)(1 − e^{−2Ωt}).

    Attributes
    ----------
    stiffness : float
        Ω [1/time].
    centre : float
        c.
    g2 : float
        Diffusion g² [x²/time].
    initial_mean, initial_std : float
        m_0 and s_0; s_0 = 0 is a point start.
    """

    stiffness: float
    centre: float
    g2: float
    initial_mean: float
    initial_std: float

    def mean(self, time: float) -> float:
        """Mean at `time`."""
        return self.centre + (self.initial_mean - self.centre) * float(np.exp(-self.stiffness * time))

    def variance(self, time: float) -> float:
        """Variance at `time`."""
        start = self.initial_std**2 * float(np.exp(-2.0 * self.stiffness * time))
        return start - self.g2 / self.stiffness * float(np.expm1(-2.0 * self.stiffness * time))

    def pdf(self, x: Array, time: float) -> Array:
        """Density at `time`."""
        variance = self.variance(time)
        return np.asarray(np.exp(-0.5 * (x - self.mean(time)) ** 2 / variance) / np.sqrt(2.0 * np.pi * variance))

    def cdf(self, x: Array, time: float) -> Array:
        """Distribution function at `time`."""
        return np.asarray(ndtr((x - self.mean(time)) / np.sqrt(self.variance(time))))
