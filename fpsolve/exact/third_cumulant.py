"""What the third cumulant of the noise adds to the law of one trained RBM level, beyond any Fokker–Planck equation."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from fpsolve.exact.gas_level import GasLevel
from fpsolve.exact.quadrature import PanelQuadrature, panel_quadrature
from fpsolve.exact.rbm_gaussian import GaussianRbm

__all__ = ["ThirdCumulantLaw", "leading_skewness", "third_cumulant_skewness"]

Array = NDArray[np.float64]

_REACH = 12.0
_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(400)


def third_cumulant_skewness(theory: GaussianRbm) -> Array:
    """Skewness that the third cumulant of the χ² noise adds to the Fokker–Planck law of every level, shape (level,).

    C_chain is a mean of B squares, so its fluctuations have a third cumulant, 8/(κ³B²) per update and E_3 of it summed over
    the chains' memory: ⟨v_0²v_s²v_t²⟩_c = 8κ⁻³ρ^{2·span}, hence with r = ρ²

        E_3 = 1 + 6r/(1 − r)²,     Δ = (32/3)(χ_d − E_3) √(αx/B)/{κ [2(E + χ_d)]^{3/2}}.

    For ρ → 0 and exact data it is −(32/3)2^{−3/2}√(αx/B)/κ. Order √(α/B), as large as the skewness of the
    Fokker–Planck law itself. Fresh data that fluctuate like memoryless chains cancel it.
    """
    r = theory.autocorrelation**2
    chain = np.diag(theory.integrated_autocorrelation)
    triple = 1.0 + 6.0 * r / (1.0 - r) ** 2
    size = np.sqrt(theory.learning_rate * theory.levels / theory.batch_size) / np.array(theory.kappa)
    return np.asarray(32.0 / 3.0 * (theory.chi - triple) * size / (2.0 * (chain + theory.chi)) ** 1.5)


def leading_skewness(theory: GaussianRbm) -> Array:
    """Skewness of each level's stationary law to order √(α/B), a lone level, shape (level,).

    (K''σ⁴ + 2D'σ²)/(Ωσ³) of the Fokker–Planck equation, K'' = −2μ²/κ³ and D = (2αx²/B)[E(x)/(μ² − x)² + χ_d/κ²] at the
    fixed point, plus `third_cumulant_skewness`.
    """
    x, kappa, r = theory.levels, np.array(theory.kappa), theory.autocorrelation**2
    chain, ratio = np.diag(theory.integrated_autocorrelation), theory.learning_rate / theory.batch_size
    growth = 4.0 * theory.sweeps * r / (1.0 - r) ** 2
    slope = 2.0 * ratio * x / kappa**2 * (2.0 * (chain + theory.chi) + 2.0 * x * chain / kappa + growth)
    variance = theory.variance
    drift = -2.0 * theory.mu2 / kappa**3
    whole = (drift * variance + 2.0 * slope) * kappa**2 / (x * np.sqrt(variance))
    return np.asarray(whole + third_cumulant_skewness(theory))


@dataclass(frozen=True)
class ThirdCumulantLaw:
    """A Fokker–Planck law P_s = e^{−Φ} with a skewness of γ added: the law of y = x + (γσ/6)(z² − 1), z = (x − m)/σ.

    To first order in γ it is the Edgeworth correction P_s(1 + γ(z³ − 3z)/6), with the same mean and standard deviation, but
    it is positive everywhere; the map turns back only at |z| = 3/|γ|, where no probability is left.

    Attributes
    ----------
    level : GasLevel
        Φ, its walls and where it sits; with the derived noise of an RBM, or any other.
    skewness_shift : float
        γ, e.g. from `third_cumulant_skewness`.
    powers : tuple of float
        p with e^{−Φ} ~ distance^p at finite walls.
    """

    level: GasLevel
    skewness_shift: float
    powers: tuple[float, float] = (0.0, 0.0)

    def pdf(self, x: Array | float) -> Array:
        """Density."""
        points = np.asarray(x, dtype=np.float64)
        z = self._before(points)
        slope = 1.0 + 2.0 * self._curve * z
        inside = (slope > 0.0) & self._within(z)
        with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
            base = np.exp(-self._confinement(self._base.mean + self._base.std * z) - self._base.log_total)
            return np.where(inside, base / slope, 0.0)

    def cdf(self, x: Array | float) -> Array:
        """Distribution function: that of P_s at the point which is mapped to x."""
        points = np.asarray(x, dtype=np.float64)
        low, high = self.level.walls
        start = np.clip(self._base.mean + self._base.std * self._before(points).ravel(), low, high)
        order = np.argsort(start)
        reach = _REACH * self._base.std
        first, last = max(low, self._base.mean - 3.0 * reach), min(high, self._base.mean + 3.0 * reach)
        inner = np.clip(start[order], first, last)
        edges = np.unique(np.concatenate([[first], inner, [last]]))
        cumulative = np.concatenate([[0.0], np.cumsum(self._base.cell_masses(edges))])
        values = np.empty(start.size)
        values[order] = np.interp(inner, edges, cumulative)
        return np.clip(values, 0.0, 1.0).reshape(points.shape)

    @property
    def mean(self) -> float:
        """Mean, that of P_s."""
        return self._base.mean

    @property
    def std(self) -> float:
        """Standard deviation, σ up to terms of order γ × the skewness of P_s."""
        return float(np.sqrt(self._central(2)))

    @property
    def skewness(self) -> float:
        """Third central moment over the cube of the standard deviation."""
        return float(self._central(3) / self._central(2) ** 1.5)

    @cached_property
    def _base(self) -> PanelQuadrature:
        return panel_quadrature(self._confinement, self.level.walls, anchors=self.level.anchors, powers=self.powers)

    @property
    def _confinement(self) -> Callable[[Array], Array]:
        return self.level.confinement

    @property
    def _curve(self) -> float:
        """Coefficient g = γ/6 of z ↦ z + g(z² − 1)."""
        return self.skewness_shift / 6.0

    def _before(self, x: Array) -> Array:
        """Invert the map: z = 2(w + g)/(1 + √(1 + 4g(w + g))), w = (x − m)/σ, where it can be."""
        w = (x - self._base.mean) / self._base.std + self._curve
        return np.asarray(2.0 * w / (1.0 + np.sqrt(np.maximum(1.0 + 4.0 * self._curve * w, 0.0))))

    def _within(self, z: Array) -> NDArray[np.bool_]:
        x = self._base.mean + self._base.std * z
        return np.asarray((x > self.level.walls[0]) & (x < self.level.walls[1]))

    def _central(self, order: int) -> float:
        """Central moment of the mapped law, by Gauss points over 12 standard deviations to both sides."""
        low, high = self.level.walls
        m, s = self._base.mean, self._base.std
        first, last = max(low, m - _REACH * s), min(high, m + _REACH * s)
        x = 0.5 * (first + last) + 0.5 * (last - first) * _NODES
        z = (x - m) / s
        density = np.exp(-self._confinement(x) - self._base.log_total) * 0.5 * (last - first) * _WEIGHTS
        return float(density @ (s * (z + self._curve * (z * z - 1.0))) ** order)
