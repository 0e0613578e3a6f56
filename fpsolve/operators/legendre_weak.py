"""Weak form of the Fokker–Planck equation in P with Jacobi polynomials (Legendre polynomials at regular walls)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy.special import betainc, betaln

from fpsolve.errors import GridError, MethodError
from fpsolve.kernels.jacobi import recurrence_table
from fpsolve.models.initial_law import InitialLaw
from fpsolve.models.level_gas import OneBody
from fpsolve.operators.jacobi_basis import JacobiBasis, jacobi_basis, recurrence

__all__ = ["LegendreWeak", "wall_power"]

Array = NDArray[np.float64]

_PANELS = 96  # panels of 8 Gauss points over the support of the start
_GAUSS_POINTS = 8
_DEAD = 27.0  # e^−27 = 2e-12


@dataclass(frozen=True)
class LegendreWeak:
    """P(x, t) = w(x) Σ_n a_n(t) p_n(x), tested with the p_m: da/dt = S a.

    With w = (upper − x)^α (x − lower)^β and polynomials orthonormal with weight w,

        S_mn = −∫ D w p_m' [p_n' + (Φ' + w'/w) p_n] dx,

    which is ∫ p_m ∂_t P = −∫ p_m' J with the boundary term J = 0. p_0 is constant, so row 0 vanishes and mass is exact.
    The powers take the wall out of the equation. Where P_s ~ distance^ν, P/w is smooth for a power that differs from
    ν by an integer; a wall that repels (large ν) gets a power of at least 2, for which ∫ P²/w dx can grow only at a
    bounded rate (with a smaller one it grows like a power of the number of modes and rounding errors with it).

    Attributes
    ----------
    body : OneBody
        D and Φ'.
    lower, upper : float
        Ends, inside or on the walls.
    powers : tuple of float
        (β, α): of the distance from the lower and from the upper end.
    modes : int
        Number of polynomials.
    """

    body: OneBody
    lower: float
    upper: float
    powers: tuple[float, float]
    modes: int

    @classmethod
    def on(
        cls, body: OneBody, lower: float, upper: float, modes: int, *, keep: tuple[float, float] | None = None
    ) -> LegendreWeak:
        """Choose the powers from the behaviour of Φ and D at the ends; an end inside the walls is regular.

        A wall with D = ∞, where P has no expansion in powers of the distance, is left out: the end moves in to where
        e^{−Φ} has fallen by 2e-12, but not into the interval `keep`, the support of the start.

        Raises
        ------
        MethodError
            If P_s or the start reaches a wall with D = ∞.
        """
        ends, powers, span = [lower, upper], [0.0, 0.0], upper - lower
        for side, (wall, length) in enumerate(zip(body.walls, (span, -span), strict=True)):
            if ends[side] != wall:
                continue
            if _diffusion_power(body, wall, length) < -0.01:
                ends[side] = _died_out(body, wall, length, None if keep is None else keep[side])
            else:
                powers[side] = wall_power(body, wall, length)
        return cls(body, ends[0], ends[1], (powers[0], powers[1]), modes)

    @cached_property
    def _basis(self) -> JacobiBasis:
        # Half as many points again as modes: coefficients that are not polynomials are integrated well too.
        return jacobi_basis(self.modes, self.modes + self.modes // 2 + 16, self.powers[1], self.powers[0])

    @property
    def _half(self) -> float:
        return 0.5 * (self.upper - self.lower)

    def _to_t(self, x: Array) -> Array:
        """Map [lower, upper] to [−1, 1], from the nearer end."""
        low, high = (x - self.lower) / self._half, (self.upper - x) / self._half
        return np.where(low < high, low - 1.0, 1.0 - high)

    def matrix(self) -> Array:
        """S, shape (mode, mode)."""
        basis, half = self._basis, self._half
        low, high = half * (1.0 + basis.nodes), half * (1.0 - basis.nodes)
        x = np.where(low < high, self.lower + low, self.upper - high)
        pull = self.body.confinement_slope(x) + self.powers[0] / low - self.powers[1] / high
        weights = basis.weights * self.body.diffusion(x) / half**2
        flux = basis.slopes + (half * pull)[:, None] * basis.values
        matrix = -(basis.slopes * weights[:, None]).T @ flux
        matrix[0] = 0.0
        return np.asarray(matrix)

    def table(self, x: Array) -> tuple[Array, Array]:
        """p_n and dp_n/dt at any points, each of shape (mode, point); t runs from −1 to 1."""
        beta, alpha = self.powers
        a, b = recurrence(self.modes, alpha, beta)
        values, slopes = np.empty((self.modes, x.size)), np.empty((self.modes, x.size))
        recurrence_table(self._to_t(x), a, b, self._first, values, slopes)
        return values, slopes

    @property
    def _first(self) -> float:
        """p_0; its square is 1/∫ w dt."""
        beta, alpha = self.powers
        return float(np.exp(-0.5 * ((alpha + beta + 1.0) * np.log(2.0) + betaln(alpha + 1.0, beta + 1.0))))

    def project(self, law: InitialLaw) -> tuple[Array, float]:
        """∫ p_n dP between the ends, shape (mode,), normalised such that the mass is 1, and the mass beyond the ends.

        By parts, p_n(b) − ∫ p_n' F dx with the distribution function F over the support [a, b]: a law need not have a
        density, but jumps of F are resolved no finer than 1/768 of the support.

        Raises
        ------
        GridError
            If no mass lies between the ends.
        """
        low, high = law.support()
        below, above = (float(law.cdf(np.array([end]))[0]) for end in (self.lower, self.upper))
        low, high = max(low, self.lower), min(high, self.upper)
        if not (above > below or low == high):
            msg = f"no mass of the initial law lies in [{self.lower:g}, {self.upper:g}]"
            raise GridError(msg)
        top = self.table(np.array([high]))[0][:, 0]
        if high > low:
            nodes, weights = np.polynomial.legendre.leggauss(_GAUSS_POINTS)
            edges = np.linspace(low, high, _PANELS + 1)
            half = 0.5 * (edges[1] - edges[0])
            x = ((edges[:-1] + half)[:, None] + half * nodes).ravel()
            floor, ceiling = law.cdf(np.array([low, high]))
            inside = (law.cdf(x) - floor) / (ceiling - floor)
            top = top - self.table(x)[1] @ (np.tile(half * weights, _PANELS) * inside) / self._half
        return np.asarray(top), max(1.0 - (above - below), 0.0) if high > low else 0.0

    def stationary(self, matrix: Array) -> Array:
        """Null vector with mass 1, shape (mode,), of S or of a similar matrix whose row 0 vanishes too."""
        rest = np.linalg.solve(matrix[1:, 1:], -matrix[1:, 0])
        return np.concatenate([[1.0], rest]) * self._first

    def cell_table(self, edges: Array) -> Array:
        """∫ w p_n over cells, shape (mode, cell), exact: w p_n = −d/dt[(1 − t²) w p_n'] / (n(n + α + β + 1)).

        Nothing lies beyond the ends.
        """
        beta, alpha = self.powers
        edges = np.clip(edges, self.lower, self.upper)
        slopes = self.table(edges)[1]
        low = np.maximum(edges - self.lower, 0.0) / self._half
        high = np.maximum(self.upper - edges, 0.0) / self._half
        n = np.arange(1.0, self.modes)
        primitive = np.empty_like(slopes)
        primitive[0] = betainc(beta + 1.0, alpha + 1.0, 0.5 * low) / self._first
        primitive[1:] = -(high ** (alpha + 1.0) * low ** (beta + 1.0)) * slopes[1:]
        primitive[1:] /= (n * (n + alpha + beta + 1.0))[:, None]
        return np.diff(primitive, axis=1)

    def density(self, coefficients: Array, x: Array) -> Array:
        """P(x) from coefficients, shape (…, mode), at any points between the ends, shape (…, point)."""
        low, high = (x - self.lower) / self._half, (self.upper - x) / self._half
        weight = low ** self.powers[0] * high ** self.powers[1]
        return np.asarray(coefficients @ self.table(x)[0] * weight / self._half)

    def moments(self, coefficients: Array) -> tuple[Array, Array]:
        """Mean and standard deviation, each of shape (…,), of coefficients, shape (…, mode)."""
        basis = self._basis
        masses = coefficients @ (basis.values * basis.weights[:, None]).T
        mean = masses @ basis.nodes
        variance = np.einsum("...i,...i->...", masses, (basis.nodes - mean[..., None]) ** 2)
        center = 0.5 * (self.lower + self.upper)
        return center + self._half * mean, self._half * np.sqrt(np.maximum(variance, 0.0))


def wall_power(body: OneBody, wall: float, span: float) -> float:
    """Power of the distance from a wall that makes P/distance^power smooth and the equation regular.

    Parameters
    ----------
    body : OneBody
    wall : float
        Place of the wall.
    span : float
        Length of the domain, negative if the domain lies below the wall.

    Returns
    -------
    float
        ν if P_s ~ distance^ν with ν < 2, else 2 plus the fraction of ν, and 2 where P_s vanishes faster than any
        power.
    """
    x = wall + 1e-6 * span * np.array([1.0, 0.5])
    with np.errstate(all="ignore"):
        powers = -(x - wall) * body.confinement_slope(x)
    power = 2.0 * float(powers[1]) - float(powers[0])
    if not np.isfinite(power) or abs(powers[1] - powers[0]) > 1e-3 * (1.0 + abs(power)):
        return 2.0
    # Powers of the usual laws are multiples of 1/4; what the difference quotient adds to them is taken away.
    quarters = round(4.0 * power) / 4.0
    power = quarters if abs(power - quarters) < 1e-5 * (1.0 + abs(power)) else power
    return 2.0 + power % 1.0 if power >= 2.0 else power


def _diffusion_power(body: OneBody, wall: float, span: float) -> float:
    """Power k of D ~ distance^k at a wall."""
    x = wall + 1e-6 * span * np.ones(1)
    with np.errstate(all="ignore"):
        return float(((x - wall) * body.diffusion_slope(x) / body.diffusion(x))[0])


def _died_out(body: OneBody, wall: float, span: float, keep: float | None) -> float:
    """Where e^{−Φ} has fallen by 2e-12 on the way to a wall, but beyond `keep`."""
    x = wall + span * np.linspace(1.0, 0.0, 2001)[1:-1]
    confinement = np.asarray(body.confinement(x))
    lowest = int(np.argmin(confinement))
    dead = lowest + np.flatnonzero(confinement[lowest:] - confinement[lowest] > _DEAD)
    # Distances from the wall, as parts of the span.
    margin = 1.0 if keep is None else (keep - wall) / span
    if dead.size and margin > 0.0:
        return float(wall + span * min((x[dead[0]] - wall) / span, margin))
    msg = (
        f"legendre cannot treat x = {wall:g}, where the diffusion is infinite, unless the law dies out before it; "
        "scharfetter_gummel remains"
    )
    raise MethodError(msg)
