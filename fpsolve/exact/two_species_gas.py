"""Two levels of two species, either above the other: the generalised semicircle."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy.special import erf

from fpsolve.errors import ModelError
from fpsolve.exact.tabulated import TabulatedLaw

__all__ = ["TwoSpeciesGas"]

Array = NDArray[np.float64]

_REACH = 9.0  # standard deviations; 1e-18 of a Gaussian lies beyond
_CELLS = 800  # for either species
_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(6)


@dataclass(frozen=True)
class TwoSpeciesGas:
    """P(x_1, x_2) ∝ |x_1 − x_2| e^{−(x_1 − k_1)²/2s_1² − (x_2 − k_2)²/2s_2²} on the whole plane.

    A level belongs to a species, not to a place in the order: species 1 may be above or below species 2. The ordered gas
    of `ordered_gas`, whose lower level is always of species 1, is another law, and the one here is the mixture of both
    orders with their weights; they agree for s_1 = s_2 and k_1 = k_2, where the pooled density is the two-level
    semicircle (`TwoLevelSemicircle`).

    Attributes
    ----------
    centre : tuple of float
        k_1, k_2 [x].
    width : tuple of float
        s_1, s_2 > 0 [x].

    Raises
    ------
    ModelError
        A number that is not finite, or a width that is not positive.

    References
    ----------
    Park, Favoni, Lucini, Aarts (2024), arXiv:2412.20496, for the name; the formulas follow by integrating one level out.
    """

    centre: tuple[float, float]
    width: tuple[float, float]

    def __post_init__(self) -> None:
        numbers = np.array([*self.centre, *self.width], dtype=np.float64)
        if numbers.size != 4 or not np.all(np.isfinite(numbers)) or min(self.width) <= 0.0:
            msg = f"two species need two centres and two positive widths, not {self.centre} and {self.width}"
            raise ModelError(msg)

    @property
    def _apart(self) -> float:
        """Δ = k_1 − k_2."""
        return self.centre[0] - self.centre[1]

    @property
    def _both(self) -> float:
        """√(s_1² + s_2²)."""
        return float(np.hypot(*self.width))

    @cached_property
    def norm(self) -> float:
        """∫∫ |x_1 − x_2| e^{…} = 2πs_1s_2 [√(2/π) S e^{−Δ²/2S²} + Δ erf(Δ/√2S)], S² = s_1² + s_2²."""
        s, delta = self._both, self._apart
        bracket = s * np.sqrt(2.0 / np.pi) * np.exp(-0.5 * (delta / s) ** 2) + delta * erf(delta / (np.sqrt(2.0) * s))
        return float(2.0 * np.pi * self.width[0] * self.width[1] * bracket)

    def pdf(self, x: Array | float) -> Array:
        """Density of a level picked at random, integral 1.

        ρ(x) = (1/2N_0) Σ_{(a,b)} e^{−(x−k_a)²/2s_a²} [2s_b² e^{−(x−k_b)²/2s_b²} + √(2π) s_b (x − k_b) erf((x−k_b)/√2s_b)]
        over (a, b) = (1, 2), (2, 1), with N_0 = `norm`.
        """
        points = np.asarray(x, dtype=np.float64)
        total = np.zeros_like(points)
        for a, b in ((0, 1), (1, 0)):
            own, other = (points - self.centre[a]) / self.width[a], (points - self.centre[b]) / self.width[b]
            bracket = 2.0 * np.exp(-0.5 * other**2) + np.sqrt(2.0 * np.pi) * other * erf(other / np.sqrt(2.0))
            total = total + np.exp(-0.5 * own**2) * self.width[b] ** 2 * bracket
        return np.asarray(total / (2.0 * self.norm))

    def spacing_pdf(self, s: Array | float) -> Array:
        """Density of S = |x_1 − x_2|, proportional to S [e^{−(S−Δ)²/2S_0²} + e^{−(S+Δ)²/2S_0²}], S_0² = s_1² + s_2²."""
        points = np.asarray(s, dtype=np.float64)
        size = np.maximum(points, 0.0)
        below, above = (size - self._apart) / self._both, (size + self._apart) / self._both
        factor = np.sqrt(2.0 * np.pi) * self.width[0] * self.width[1] / (self._both * self.norm)
        return np.asarray(factor * size * (np.exp(-0.5 * below**2) + np.exp(-0.5 * above**2)))

    @cached_property
    def mean_spacing(self) -> float:
        """⟨S⟩; for equal centres √(π/2) √(s_1² + s_2²)."""
        # ⟨|d|²⟩/⟨|d|⟩ of the plain Gaussian difference d of variance S_0² and mean Δ: the repulsion weighs with |d|.
        plain = self.norm / (2.0 * np.pi * self.width[0] * self.width[1])
        return (self._both**2 + self._apart**2) / plain

    @cached_property
    def law(self) -> TabulatedLaw:
        """Law of a level picked at random, with distribution function, quantiles and bin masses."""
        ranges = [
            np.linspace(k - _REACH * s, k + _REACH * s, _CELLS + 1)
            for k, s in zip(self.centre, self.width, strict=True)
        ]
        edges = np.union1d(*ranges)
        half = 0.5 * np.diff(edges)[:, None]
        values = self.pdf(edges[:-1, None] + half * (_NODES + 1.0))
        return TabulatedLaw.from_masses(edges, np.sum(half * _WEIGHTS * values, axis=1))
