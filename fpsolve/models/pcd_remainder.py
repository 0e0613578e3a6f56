"""The smooth part of the confinement that belongs to the noise of persistent contrastive divergence."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING

import numpy as np
from numpy.polynomial.chebyshev import Chebyshev
from numpy.typing import NDArray
from scipy.fft import dct

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["PcdRemainder", "pcd_remainder"]

Array = NDArray[np.float64]

LONGEST = 8192  # points at which the doubling of a series stops: sweeps of several thousand


@dataclass(frozen=True)
class PcdRemainder:
    """R(x) = R_1(x) + R_2(x)/ε, the smooth part of 2/x − b/D + D'/D with ε = α/B; see `PcdLevel` for its use.

    With u = μ² − x, r = (x/μ²)^{2k} and H = 1 + r + χ_d(1 − r)u²/κ²:

        R_1 = [r/x + 2χ_d u(1 − r)/κ²]/H,   R_2 = [G(x) − G(0)]/(2κx),   G = (1 − r)u(u − κ)/H.

    Attributes
    ----------
    kappa, mu2 : float
        κ and μ².
    sweeps : int
        k.
    chi : float
        χ_d.
    """

    kappa: float
    mu2: float
    sweeps: int
    chi: float

    @property
    def start(self) -> float:
        """G(0) = μ²(μ² − κ)/(1 + χ_d μ⁴/κ²)."""
        return self.mu2 * (self.mu2 - self.kappa) / (1.0 + self.chi * (self.mu2 / self.kappa) ** 2)

    def parts(self, x: Array) -> tuple[Array, Array]:
        """Return R_1 and R_2; nothing is subtracted that nearly cancels."""
        h, m, u = self.chi / self.kappa**2, self.mu2, self.mu2 - x
        r, t, _ = self._powers(x)
        height = 1.0 + r + h * (1.0 - r) * u * u
        # (G(x) − G(0))/x with the division by x carried out term by term.
        upper = x - 2.0 * m + self.kappa - t * u * (u - self.kappa)
        lower = t + h * (x - 2.0 * m - t * u * u)
        return (t + 2.0 * h * u * (1.0 - r)) / height, (upper - self.start * lower) / (2.0 * self.kappa * height)

    def slopes(self, x: Array) -> tuple[Array, Array]:
        """Return R_1' and R_2'."""
        h, u = self.chi / self.kappa**2, self.mu2 - x
        r, t, t1 = self._powers(x)
        r1 = 2.0 * self.sweeps * t
        height = 1.0 + r + h * (1.0 - r) * u * u
        height1 = r1 - h * (r1 * u * u + 2.0 * (1.0 - r) * u)
        first, second = self.parts(x)
        first1 = t1 - 2.0 * h * (1.0 - r + u * r1) - first * height1
        upper1 = 1.0 - t1 * u * (u - self.kappa) + t * (2.0 * u - self.kappa)
        lower1 = t1 + h * (1.0 - t1 * u * u + 2.0 * t * u)
        second1 = (upper1 - self.start * lower1) / (2.0 * self.kappa) - second * height1
        return first1 / height, second1 / height

    def integrals(self, x: Array) -> tuple[Array, Array]:
        """Return ∫_0^x R_1 and ∫_0^x R_2, to rounding."""
        first, second = self._series
        return np.asarray(first(x)), np.asarray(second(x))

    @cached_property
    def _series(self) -> tuple[Chebyshev, Chebyshev]:
        first = _antiderivative(lambda x: self.parts(x)[0], self.mu2)
        second = _antiderivative(lambda x: self.parts(x)[1], self.mu2)
        return first, second

    def _powers(self, x: Array) -> tuple[Array, Array, Array]:
        """Return r, r/x and (r/x)', all polynomials in x."""
        xi, k = x / self.mu2, self.sweeps
        return xi ** (2 * k), xi ** (2 * k - 1) / self.mu2, (2 * k - 1) * xi ** (2 * k - 2) / self.mu2**2


def _antiderivative(function: Callable[[Array], Array], upper: float) -> Chebyshev:
    """Chebyshev series of ∫_0^x on [0, upper].

    The nearest singularities of R lie where (x/μ²)^{2k} = −1, a distance of order μ²/k from the upper wall, so the
    series converges geometrically. Its length is doubled until the last eighth has sunk to rounding: below 4 ε of the
    largest coefficient, or below 10⁻¹² of it and no longer falling.
    """
    eps = float(np.finfo(np.float64).eps)
    points, before = 32, np.inf
    while True:
        angle = (np.arange(points) + 0.5) * np.pi / points
        # x = upper cos²(angle/2) instead of upper (1 + cos angle)/2: accurate next to 0 too.
        values = function(upper * np.cos(0.5 * angle) ** 2)
        coefficients = dct(values, type=2) / points
        coefficients[0] *= 0.5
        size = np.abs(coefficients)
        tail = float(size[-points // 8 :].max() / size.max())
        if tail <= 4.0 * eps or 0.1 * before < tail < 1e-12 or points >= LONGEST:
            kept = np.flatnonzero(size > max(eps, 0.1 * tail) * size.max())
            return Chebyshev(coefficients[: kept[-1] + 1], domain=[0.0, upper]).integ(lbnd=0.0)
        points, before = 2 * points, tail


@lru_cache(maxsize=64)
def pcd_remainder(kappa: float, mu2: float, sweeps: int, chi: float) -> PcdRemainder:
    """Return the remainder of one level; its series are made once for all noise strengths."""
    return PcdRemainder(kappa, mu2, sweeps, chi)
