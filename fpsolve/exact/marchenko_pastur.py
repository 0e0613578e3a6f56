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

        ∫ R/x dx = R + c arcsin((x − c)/h) − √(x₊x₋) arcsin((cx − x₊x₋)/(hx)) with R = √((x₊ − x)(x − x₋)),
        c = (x₊ + x₋)/2 and h = (x₊ − x₋)/2.
        """
        low, high = self.support
        y = np.clip(np.asarray(x, dtype=np.float64), low, high)
        centre, half = 0.5 * (high + low), 0.5 * (high - low)
        product = float(np.sqrt(low * high))
        root = np.sqrt(np.clip((high - y) * (y - low), 0.0, None))
        first = np.arcsin(np.clip((y - centre) / half, -1.0, 1.0))
        with np.errstate(divide="ignore", invalid="ignore"):
            ratio = np.where(y > 0.0, (centre * y - low * high) / (half * np.where(y > 0.0, y, 1.0)), -1.0)
        second = np.arcsin(np.clip(ratio, -1.0, 1.0))
        area = root + centre * (first + 0.5 * np.pi) - product * (second + 0.5 * np.pi)
        return np.asarray(area / (2.0 * np.pi * self.variance * self.levels))

    def moment(self, order: int) -> float:
        """⟨x^k⟩ = (Mσ²)^k Σ_{j<k} r^j/(j + 1) C(k, j) C(k − 1, j), the Narayana polynomial."""
        total = sum(self.ratio**j / (j + 1.0) * comb(order, j) * comb(order - 1, j) for j in range(order))
        return float((self.rows * self.variance) ** order * total)
