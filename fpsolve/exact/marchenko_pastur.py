"""Marchenko–Pastur law: squared singular values of a large matrix with independent entries."""

from __future__ import annotations

from dataclasses import dataclass
from math import comb

import numpy as np
from numpy.typing import NDArray

from fpsolve.errors import ModelError

__all__ = ["MarchenkoPastur"]

Array = NDArray[np.float64]


@dataclass(frozen=True)
class MarchenkoPastur:
    """Density √((x₊ − x)(x − x₋))/(2πσ²N x) of the eigenvalues of WᵀW, x± = Mσ²(1 ± √r)², r = N/M.

    W is M×N with M ≥ N and entries of variance σ²; the law holds for M, N → ∞ at fixed r (V. A. Marchenko and
    L. A. Pastur, Math. USSR Sb. 1 (1967) 457).

    Attributes
    ----------
    rows, levels : int
        M and N.
    variance : float
        σ² of one entry (the variance, not the standard deviation).

    Raises
    ------
    ModelError
        N > M, or a parameter that is not positive.
    """

    rows: int
    levels: int
    variance: float

    def __post_init__(self) -> None:
        if not (self.levels >= 1 and self.rows >= self.levels and self.variance > 0.0):
            msg = f"needs rows >= levels >= 1 and variance > 0, not {self.rows}, {self.levels}, {self.variance:g}"
            raise ModelError(msg)

    @property
    def ratio(self) -> float:
        """Aspect ratio r = N/M."""
        return self.levels / self.rows

    @property
    def support(self) -> tuple[float, float]:
        """(x₋, x₊)."""
        root = float(np.sqrt(self.ratio))
        unit = self.rows * self.variance
        return unit * (1.0 - root) ** 2, unit * (1.0 + root) ** 2

    def pdf(self, x: Array) -> Array:
        """Density, 0 outside the support."""
        low, high = self.support
        inside = np.clip((high - x) * (x - low), 0.0, None)
        with np.errstate(divide="ignore", invalid="ignore"):
            density = np.sqrt(inside) / (2.0 * np.pi * self.variance * self.levels * x)
        return np.asarray(np.where((x > low) & (x < high), density, 0.0))

    def cdf(self, x: Array) -> Array:
        """Distribution function in closed form.

        ∫_{x₋}^x R/x dx = R + 2c arctan √((x − x₋)/(x₊ − x)) − 2√(x₊x₋) arctan √(x₊(x − x₋)/(x₋(x₊ − x))) with
        R = √((x₊ − x)(x − x₋)) and c = (x₊ + x₋)/2.
        """
        low, high = self.support
        y = np.clip(np.asarray(x, dtype=np.float64), low, high)
        left, right = np.sqrt(y - low), np.sqrt(high - y)
        first = (low + high) * np.arctan2(left, right)
        second = 2.0 * np.sqrt(low * high) * np.arctan2(np.sqrt(high) * left, np.sqrt(low) * right)
        return np.asarray((left * right + first - second) / (2.0 * np.pi * self.variance * self.levels))

    def moment(self, order: int) -> float:
        """⟨x^k⟩ = (Mσ²)^k Σ_{j<k} r^j/(j + 1) C(k, j) C(k − 1, j), the Narayana polynomial."""
        total = sum(self.ratio**j / (j + 1.0) * comb(order, j) * comb(order - 1, j) for j in range(order))
        return float((self.rows * self.variance) ** order * total)
