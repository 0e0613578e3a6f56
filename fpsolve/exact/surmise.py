"""Wigner surmise: the spacing of two levels that are the eigenvalues of a real symmetric 2×2 Gaussian matrix."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["mean_spacing", "spacing_cdf", "spacing_pdf", "surmise_cdf", "surmise_pdf"]

Array = NDArray[np.float64]


def surmise_pdf(s: Array) -> Array:
    """Density (π/2) s e^{−πs²/4} of the spacing divided by its mean (E. P. Wigner, 1956)."""
    return np.asarray(np.where(s < 0.0, 0.0, 0.5 * np.pi * s * np.exp(-0.25 * np.pi * s * s)))


def surmise_cdf(s: Array) -> Array:
    """Distribution function 1 − e^{−πs²/4}."""
    return np.asarray(np.where(s < 0.0, 0.0, -np.expm1(-0.25 * np.pi * s * s)))


def mean_spacing(sigma: float) -> float:
    """⟨S⟩ = √π σ for two degenerate levels with weight |x_1 − x_2| exp{−[(x_1 − c)² + (x_2 − c)²]/(2σ²)}."""
    return float(np.sqrt(np.pi)) * sigma


def spacing_pdf(spacing: Array, sigma: float) -> Array:
    """Density S/(2σ²) e^{−S²/(4σ²)} of S = x_2 − x_1 (arXiv:2407.16427)."""
    return surmise_pdf(np.asarray(spacing) / mean_spacing(sigma)) / mean_spacing(sigma)


def spacing_cdf(spacing: Array, sigma: float) -> Array:
    """Distribution function of S = x_2 − x_1."""
    return surmise_cdf(np.asarray(spacing) / mean_spacing(sigma))
