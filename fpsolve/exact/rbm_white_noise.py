"""Stationary law of one RBM level whose chains forget everything between updates (white model noise)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["WhiteNoiseRbm"]

Array = NDArray[np.float64]


@dataclass(frozen=True)
class WhiteNoiseRbm:
    """P_s ∝ x^{ν−3/2} (μ² − x)² exp{[x²/(2κ) − (2μ²/κ − 1)x]/(2ε)} with ε = α/B, ν = μ²(μ² − κ)/(2εκ).

    The limit of many Gibbs sweeps per update and an exact data term, D = 2εx²/(μ² − x)²: the per-update noise
    g² = 4α²x²/[(μ² − x)²B] with the Itô drift 2α²x/[B(μ² − x)²].

    Attributes
    ----------
    kappa, mu2 : float
        κ and μ², 0 < κ < μ².
    ratio : float
        ε = α/B.
    """

    kappa: float
    mu2: float
    ratio: float

    def log_pdf(self, x: Array) -> Array:
        """Return ln P_s up to a constant, x in (0, μ²)."""
        k, m, e = self.kappa, self.mu2, self.ratio
        exponent = m * (m - k) / (2.0 * e * k) - 1.5
        bulk = (x * x / (2.0 * k) - (2.0 * m / k - 1.0) * x) / (2.0 * e)
        return np.asarray(exponent * np.log(x) + 2.0 * np.log(m - x) + bulk)
