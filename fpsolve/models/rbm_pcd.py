"""Noise of persistent contrastive divergence, derived from its settings with nothing fitted."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from fpsolve.errors import ModelError
from fpsolve.grids.axis import Grading
from fpsolve.models.checks import count, positive
from fpsolve.models.pcd_remainder import PcdRemainder, pcd_remainder
from fpsolve.models.schedule import Schedule

__all__ = ["DataTerm", "PcdLevel", "PcdNoise"]

Array = NDArray[np.float64]
DataTerm = Literal["batch", "exact"]


@dataclass(frozen=True)
class PcdNoise:
    """Settings of persistent contrastive divergence: B chains, k Gibbs sweeps per update, W ← W + α(C_data − C_chain)W.

    Attributes
    ----------
    learning_rate : float
        α.
    batch_size : float
        B, the number of chains (and of fresh samples per update if `data` is "batch").
    sweeps : int
        k, Gibbs sweeps per update.
    data : {"batch", "exact"}
        C_data from B fresh samples of the target per update (χ_d = 1), or the exact target covariance (χ_d = 0).
    mixing : bool
        Whether several levels also feel, on average, what a gas leaves out: that they mix through rotating
        eigenvectors. Every Φ_i is then tilted so that the means at rest are those of the matrix, see `PcdMixing`.

    Raises
    ------
    ModelError
        A setting that is not positive, `sweeps` not a whole number, `data` another word.
    """

    learning_rate: float
    batch_size: float
    sweeps: int = 1
    data: DataTerm = "batch"
    mixing: bool = False

    def __post_init__(self) -> None:
        positive("learning_rate", self.learning_rate)
        positive("batch_size", self.batch_size)
        count("sweeps", self.sweeps)
        if self.data not in get_args(DataTerm):
            msg = f'data must be "batch" or "exact", not {self.data!r}'
            raise ModelError(msg)

    @property
    def ratio(self) -> float:
        """α/B, the only combination that the level gas knows."""
        return self.learning_rate / self.batch_size

    @property
    def chi(self) -> float:
        """χ_d: 1 if the data term is sampled, 0 if it is exact."""
        return 1.0 if self.data == "batch" else 0.0

    @property
    def labels(self) -> dict[str, object]:
        """The settings, for provenance."""
        return {
            "learning_rate": self.learning_rate,
            "batch_size": self.batch_size,
            "sweeps": self.sweeps,
            "data": self.data,
            "mixing": self.mixing,
        }

    def check_schedule(self, schedule: Schedule | None) -> None:
        """ModelError if a schedule starts from another learning rate or batch size than these settings."""
        if schedule is None:
            return
        for name, knots, own in (
            ("learning_rate", schedule.learning_rate, self.learning_rate),
            ("batch_size", schedule.batch_size, self.batch_size),
        ):
            if knots and knots[0][1] != own:
                msg = (
                    f"the schedule starts with {name} = {knots[0][1]:g}, but the noise has {own:g}; give the same value"
                )
                raise ModelError(msg)


@dataclass(frozen=True)
class PcdLevel:
    """One RBM level with the noise of persistent contrastive divergence, in the clock t = Σ 2α.

    With ε = α/B, c = 1/(μ² − x), ρ = (x/μ²)^k, E = (1 + ρ²)/(1 − ρ²) (the integrated autocorrelation of the chains):

        D = 2εx² [c²E + χ_d/κ²],     b = K + εx [c²(2E − 1 + 2xE') + χ_d/κ²],     Φ' = (D' − b)/D.

    It reproduces the O(α/B) mean of the trained level for every k and χ_d. Write u = μ² − x, r = ρ², and

        H = 1 + r + χ_d(1 − r)u²/κ²,   D = 2εx²H/(u²(1 − r)),   G = (1 − r)u(u − κ)/H,   ν = G(0)/(2εκ);

    then b/D splits, without any cancellation, into its poles and a smooth remainder R, which gives

        e^{−Φ} = x^{ν − 3/2} (μ² − x)² exp ∫_0^x R,
        R = (G(x) − G(0))/(2εκx) + [r/x + 2χ_d u(1 − r)/κ²]/H.

    A tilt τ, the mean push of other levels, adds τx to Φ and so −τD to b.

    Attributes
    ----------
    kappa, mu2 : float
        κ and μ², 0 < κ < μ².
    ratio : float
        ε = α/B.
    sweeps : int
        k.
    chi : float
        χ_d.
    tilt : float
        τ [1/x].
    """

    kappa: float
    mu2: float
    ratio: float
    sweeps: int
    chi: float
    tilt: float = 0.0

    @classmethod
    def from_noise(cls, noise: PcdNoise, *, kappa: float, mu2: float) -> PcdLevel:
        """Return the level for one κ; ModelError if it collapses to 0 instead of having a stationary law."""
        level = cls(kappa, mu2, noise.ratio, noise.sweeps, noise.chi)
        if level.exponent <= -1.0:
            limit = level.ratio * 2.0 * (level.exponent + 1.5)
            msg = (
                f"the level kappa = {kappa:g} collapses to 0 and has no stationary law: with mu2 = {mu2:g} and "
                f'data = "{noise.data}" learning_rate/batch_size must be below {limit:.6g}, not {noise.ratio:.6g}'
            )
            raise ModelError(msg)
        return level

    @property
    def exponent(self) -> float:
        """ν − 3/2: the stationary density is proportional to x^(ν − 3/2) at 0."""
        return self._remainder.start / (2.0 * self.ratio * self.kappa) - 1.5

    @property
    def walls(self) -> tuple[float, float]:
        """(0, μ²)."""
        return 0.0, self.mu2

    @property
    def anchors(self) -> tuple[tuple[float, float], ...]:
        """The fixed point μ² − κ with σ² = 2ε(μ² − κ)(E + χ_d)."""
        fixed_point = self.mu2 - self.kappa
        rho2 = (fixed_point / self.mu2) ** (2 * self.sweeps)
        variance = 2.0 * self.ratio * fixed_point * ((1.0 + rho2) / (1.0 - rho2) + self.chi)
        return ((fixed_point, min(float(np.sqrt(variance)), self.mu2)),)

    @property
    def grading(self) -> Grading:
        """Square root where the density is a low power of x at 0, else uniform."""
        return "sqrt" if self.exponent < 2.0 else "uniform"

    def diffusion(self, x: Array) -> Array:
        """D = 2εx²[c²E + χ_d/κ²]; 0 at x = 0, +inf at μ²."""
        u = self.mu2 - x
        with np.errstate(divide="ignore"):
            return np.asarray(2.0 * self.ratio * x * x * (self._chain(x) / u**2 + self.chi / self.kappa**2))

    def diffusion_slope(self, x: Array) -> Array:
        """D' = 2εx²[2c³E + c²E'] + 4εx[c²E + χ_d/κ²]."""
        u = self.mu2 - x
        chain = self._chain(x)
        inner = x * (2.0 * chain / u + self._chain_growth(x) / x) + 2.0 * chain
        return np.asarray(2.0 * self.ratio * x * (inner / u**2 + 2.0 * self.chi / self.kappa**2))

    def drift(self, x: Array) -> Array:
        """Itô drift b = K + εx[c²(2E − 1 + 2xE') + χ_d/κ²] − τD."""
        u = self.mu2 - x
        force = x * (u - self.kappa) / (self.kappa * u)
        ito = (2.0 * self._chain(x) - 1.0 + 2.0 * self._chain_growth(x)) / u**2 + self.chi / self.kappa**2
        push = self.tilt * self.diffusion(x) if self.tilt else 0.0
        return np.asarray(force + self.ratio * x * ito - push)

    def confinement(self, x: Array) -> Array:
        """Φ = (3/2 − ν) ln x − 2 ln(μ² − x) − ∫_0^x R + τx."""
        first, second = self._remainder.integrals(x)
        with np.errstate(divide="ignore"):
            poles = -self.exponent * np.log(x) - 2.0 * np.log(self.mu2 - x)
        return np.asarray(poles - first - second / self.ratio + self.tilt * x)

    def confinement_slope(self, x: Array) -> Array:
        """Φ' = (3/2 − ν)/x + 2/(μ² − x) − R + τ."""
        first, second = self._remainder.parts(x)
        return np.asarray(-self.exponent / x + 2.0 / (self.mu2 - x) - first - second / self.ratio + self.tilt)

    def confinement_curvature(self, x: Array) -> Array:
        """Φ'' = (ν − 3/2)/x² + 2/(μ² − x)² − R'."""
        first, second = self._remainder.slopes(x)
        return np.asarray(self.exponent / x**2 + 2.0 / (self.mu2 - x) ** 2 - first - second / self.ratio)

    def with_noise(self, factor: float) -> PcdLevel:
        """α/B times `factor`; the tilt, a mean shift over a variance, stays."""
        return replace(self, ratio=self.ratio * factor)

    def _chain(self, x: Array) -> Array:
        """E(x) = (1 + ρ²)/(1 − ρ²)."""
        rho2 = (x / self.mu2) ** (2 * self.sweeps)
        return np.asarray((1.0 + rho2) / self._gap(x))

    def _chain_growth(self, x: Array) -> Array:
        """Return xE'(x) = 4kρ²/(1 − ρ²)²."""
        rho2 = (x / self.mu2) ** (2 * self.sweeps)
        return np.asarray(4.0 * self.sweeps * rho2 / self._gap(x) ** 2)

    def _gap(self, x: Array) -> Array:
        """1 − ρ², accurate next to μ² too."""
        with np.errstate(divide="ignore"):
            return np.asarray(-np.expm1(2 * self.sweeps * np.log1p(-(self.mu2 - x) / self.mu2)))

    @property
    def _remainder(self) -> PcdRemainder:
        return pcd_remainder(self.kappa, self.mu2, self.sweeps, self.chi)
