"""Two levels of a 2×2 Gaussian matrix by quadrature over the angle of its eigenvectors."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy.special import erf, erfc, erfcx

from fpsolve.errors import ModelError
from fpsolve.exact.gaussian_matrix import GaussianMatrix
from fpsolve.exact.tabulated import TabulatedLaw

__all__ = ["GaussianPair"]

Array = NDArray[np.float64]

_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(8)
_ANGLES, _MORE = 256, 8
_REACH = 9.5  # standard deviations; 1e-20 of a Gaussian lies beyond
_CELLS = 400
_CHUNK = 2**20


@dataclass(frozen=True)
class GaussianPair:
    """Densities of both levels, of their spacing and of the pair, to rounding errors.

    With X = c + R(cos φ, sin φ; sin φ, −cos φ) the levels are c ± R and d³X = 2R dc dR dφ, so the ordered pair has

        P(x_1, x_2) = ½ (x_2 − x_1) ∫_0^{2π} p(X_11 = c + R cos φ, X_22 = c − R cos φ, X_12 = R sin φ) dφ.

    Along R, and for the spacing S = 2R along S, the exponent is quadratic: those integrals are done by hand and only the
    angle is left, a smooth periodic function for which the trapezoidal rule converges exponentially.

    Attributes
    ----------
    matrix : GaussianMatrix
        The law of X, two levels, V_12 > 0.

    Raises
    ------
    ModelError
        Another number of levels, or V_12 = 0 (then the elements are the levels).
    """

    matrix: GaussianMatrix

    def __post_init__(self) -> None:
        if self.matrix.n != 2 or not self.matrix.variance[0, 1] > 0.0:
            msg = f"a pair needs 2 levels and a positive variance between them, not {self.matrix.n} levels"
            raise ModelError(msg)

    def pdf(self, x: Array | float, y: Array | float) -> Array:
        """Joint density of the lower level x and the upper level y; 0 where y ≤ x."""
        low, high = np.broadcast_arrays(np.asarray(x, dtype=np.float64), np.asarray(y, dtype=np.float64))
        centre, radius = 0.5 * (low + high).ravel(), 0.5 * np.maximum(high - low, 0.0).ravel()
        precision = np.linalg.inv(self.matrix.covariance)
        density = np.zeros(centre.size)
        cosine, sine, weights = self._angles
        for k in range(cosine.size):
            first = centre + radius * cosine[k] - self.matrix.centre[0]
            second = centre - radius * cosine[k] - self.matrix.centre[1]
            exponent = precision[0, 0] * first**2 + 2.0 * precision[0, 1] * first * second + precision[1, 1] * second**2
            exponent += (radius * sine[k]) ** 2 / self._off
            density += weights[k] * np.exp(-0.5 * exponent)
        return np.asarray(self._norm * radius * density).reshape(low.shape)

    def level_pdf(self, x: Array | float, level: int) -> Array:
        """Density of the lower (0) or the upper (1) level.

        ∫dφ ∫_0^∞ 2R e^{−½(AR² − 2bR + C)} dR, with (x − c_1, x − c_2) = u, d = (1 − cos φ, 1 + cos φ): A = dᵀC⁻¹d + sin²φ/V,
        b = ±dᵀC⁻¹u, C = uᵀC⁻¹u.
        """
        points = np.asarray(x, dtype=np.float64)
        values = np.empty(points.size)
        block = max(1, _CHUNK // self._angles[0].size)
        for start in range(0, points.size, block):
            part = slice(start, start + block)
            values[part] = self._level(points.ravel()[part], 1.0 if level == 1 else -1.0)
        return values.reshape(points.shape)

    def level_masses(self, edges: Array, level: int) -> Array:
        """Probability of every cell between increasing `edges`, by 8 Gauss points a cell, shape (len(edges) − 1,)."""
        half = 0.5 * np.diff(edges)[:, None]
        values = self.level_pdf(np.asarray(edges)[:-1, None] + half * (_NODES + 1.0), level)
        return np.asarray(np.sum(half * _WEIGHTS * values, axis=1))

    def level_law(self, level: int) -> TabulatedLaw:
        """Law of one level with distribution function and quantiles, on 400 cells."""
        edges = self.level_edges(level)
        return TabulatedLaw.from_masses(edges, self.level_masses(edges, level))

    def level_edges(self, level: int, cells: int = _CELLS) -> Array:
        """Edges of equal cells that leave out less than 1e-16 of one level."""
        low, high = self._ends[:, level]
        return np.linspace(low, high, cells + 1)

    def spacing_pdf(self, s: Array | float) -> Array:
        """Density of S = x_2 − x_1, S ∫dφ N(S cos φ; c_1 − c_2, Var(X_11 − X_22)) N(S sin φ; 0, 4V)."""
        points = np.asarray(s, dtype=np.float64)
        size = np.maximum(points.ravel(), 0.0)[:, None]
        a, b, _, weights = self._spacing_terms
        exponent = -0.5 * a * (size - b / a) ** 2 + 0.5 * b * b / a - 0.5 * self._apart
        return np.asarray((size * np.exp(exponent)) @ weights).reshape(points.shape)

    def spacing_cdf(self, s: Array | float) -> Array:
        """Distribution function of the spacing; the integral over S is done by hand, the angle by quadrature."""
        points = np.asarray(s, dtype=np.float64)
        size = np.maximum(points.ravel(), 0.0)[:, None]
        a, b, start, weights = self._spacing_terms
        peak = np.exp(0.5 * b * b / a - 0.5 * self._apart)
        end = np.exp(-0.5 * a * (size - b / a) ** 2) * peak
        root = np.sqrt(2.0 * a)
        inside = b / a * np.sqrt(0.5 * np.pi / a) * peak * (erf((a * size - b) / root) + erf(b / root))
        return np.clip(((start - end) / a + inside) @ weights, 0.0, 1.0).reshape(points.shape)

    @cached_property
    def mean_spacing(self) -> float:
        """⟨S⟩."""
        return float(self._spacing_terms[3] @ self._radial[1])

    @property
    def spacing_std(self) -> float:
        """Standard deviation of S, from ⟨S²⟩ = Var(X_11 − X_22) + (c_1 − c_2)² + 4V."""
        difference = self.matrix.centre[0] - self.matrix.centre[1]
        return float(np.sqrt(self._along + difference**2 + 4.0 * self._off - self.mean_spacing**2))

    @property
    def mean(self) -> Array:
        """Means of the lower and the upper level, shape (2,): half the trace ∓ ⟨S⟩/2."""
        middle, half = float(np.mean(self.matrix.centre)), 0.5 * self.mean_spacing
        return np.array([middle - half, middle + half])

    @cached_property
    def std(self) -> Array:
        """Standard deviations of the lower and the upper level, shape (2,).

        Of t ∓ S/2 with t = (X_11 + X_22)/2, whose regression on X_11 − X_22 = S cos φ gives its covariance with S.
        """
        c, difference = self.matrix.covariance, self.matrix.centre[0] - self.matrix.centre[1]
        slope = 0.5 * (c[0, 0] - c[1, 1]) / self._along
        both = float((self._spacing_terms[3] * self._angles[0]) @ self._radial[2])
        cross = slope * (both - difference * self.mean_spacing)
        own = 0.25 * float(np.sum(c)) + 0.25 * self.spacing_std**2
        return np.sqrt(own + np.array([-cross, cross]))

    @property
    def correlation(self) -> float:
        """Correlation coefficient of the two levels: Var(trace) = σ_1² + σ_2² + 2rσ_1σ_2."""
        lower, upper = self.std
        return float((np.sum(self.matrix.covariance) - lower**2 - upper**2) / (2.0 * lower * upper))

    @property
    def _off(self) -> float:
        """V_12."""
        return float(self.matrix.variance[0, 1])

    @property
    def _along(self) -> float:
        """Var(X_11 − X_22)."""
        c = self.matrix.covariance
        return float(c[0, 0] + c[1, 1] - 2.0 * c[0, 1])

    @property
    def _norm(self) -> float:
        return float(1.0 / ((2.0 * np.pi) ** 1.5 * np.sqrt(np.linalg.det(self.matrix.covariance) * self._off)))

    @property
    def _apart(self) -> float:
        """(c_1 − c_2)²/Var(X_11 − X_22)."""
        return float((self.matrix.centre[0] - self.matrix.centre[1]) ** 2 / self._along)

    @cached_property
    def _ends(self) -> Array:
        """Range of each level, shape (2, 2), rows lower and upper end: no level moves farther than the norm of ξ."""
        spread = np.sqrt(np.diag(self.matrix.covariance).max() + self._off) * _REACH
        return np.stack([self.mean - spread, self.mean + spread])

    @cached_property
    def _angles(self) -> tuple[Array, Array, Array]:
        """Cosine, sine and weights of a trapezoidal rule on [0, π], doubled for the symmetric other half."""
        # The difference X_11 − X_22 and 2X_12 spread over an ellipse; tan φ = c tan θ with its ratio of axes c takes the
        # narrow peaks that a thin ellipse has in φ to peaks of width one in θ.
        difference = self.matrix.centre[0] - self.matrix.centre[1]
        ratio = float(np.sqrt(4.0 * self._off / (self._along + difference**2)))
        number = int(_ANGLES * np.clip(np.sqrt(max(ratio, 1.0 / ratio)), 1.0, _MORE))
        theta = np.linspace(0.0, np.pi, number + 1)
        length = np.hypot(np.cos(theta), ratio * np.sin(theta))
        weights = 2.0 * np.pi / number * ratio / length**2
        weights[[0, -1]] *= 0.5
        return np.cos(theta) / length, ratio * np.sin(theta) / length, weights

    @cached_property
    def _spacing_terms(self) -> tuple[Array, Array, float, Array]:
        """a, b of e^{−½(aS² − 2bS)} at every angle, e^{−½Δ²/Var}, and the weights with the norm."""
        cosine, sine, weights = self._angles
        difference = self.matrix.centre[0] - self.matrix.centre[1]
        a = cosine**2 / self._along + sine**2 / (4.0 * self._off)
        b = cosine * difference / self._along
        norm = 1.0 / (2.0 * np.pi * np.sqrt(self._along * 4.0 * self._off))
        return a, b, float(np.exp(-0.5 * self._apart)), weights * norm

    @cached_property
    def _radial(self) -> Array:
        """∫_0^∞ S^k e^{−½(aS² − 2bS + C)} dS for k = 1, 2, 3 at every angle, shape (3, angle)."""
        a, b, start, _ = self._spacing_terms
        peak = np.exp(0.5 * b * b / a - 0.5 * self._apart)
        zeroth = np.sqrt(0.5 * np.pi / a) * peak * erfc(-b / np.sqrt(2.0 * a))
        first = (start + b * zeroth) / a
        second = (zeroth + b * first) / a
        return np.array([first, second, (2.0 * first + b * second) / a])

    def _level(self, x: Array, side: float) -> Array:
        """Density at points x, shape (point,)."""
        cosine, sine, weights = self._angles
        precision = np.linalg.inv(self.matrix.covariance)
        d = np.stack([1.0 - cosine, 1.0 + cosine])
        u = x - self.matrix.centre[:, None]
        a = np.einsum("ik,ij,jk->k", d, precision, d) + sine**2 / self._off
        b = side * (u.T @ (precision @ d))
        c = np.einsum("ip,ij,jp->p", u, precision, u)[:, None]
        t = -b / np.sqrt(2.0 * a)
        # e^{b²/2a} erfc(t) is erfcx(t) where t ≥ 0; elsewhere b²/a ≤ c keeps the exponential below 1.
        right = np.where(t > 0.0, erfcx(np.maximum(t, 0.0)) * np.exp(-0.5 * c), 0.0)
        left = np.where(t > 0.0, 0.0, erfc(np.minimum(t, 0.0)) * np.exp(np.minimum(0.5 * (b * b / a - c), 0.0)))
        inner = np.exp(-0.5 * c) / a + b / a * np.sqrt(0.5 * np.pi / a) * (left + right)
        return np.asarray(self._norm * 2.0 * (np.maximum(inner, 0.0) @ weights))
