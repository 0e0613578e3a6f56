"""Scalar-field (Gaussian) restricted Boltzmann machine: levels of W Wᵀ, with constant or derived noise."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from fpsolve.errors import ModelError
from fpsolve.grids.axis import Grading
from fpsolve.models.checks import per_level, positive
from fpsolve.models.lattice import LatticeScalar
from fpsolve.models.level_gas import LevelGas, OneBody
from fpsolve.models.pcd_mixing import pcd_mixing
from fpsolve.models.rbm_pcd import PcdLevel, PcdNoise
from fpsolve.models.schedule import Schedule

__all__ = ["RbmLevel", "rbm"]

Array = NDArray[np.float64]


@dataclass(frozen=True)
class RbmLevel:
    """One RBM level with constant noise: dx = K(x) dt + √(2g²) dB on (0, μ²), reflecting at 0.

    K(x) = (1/κ − 1/(μ² − x)) x,  V = −∫K = −x²/(2κ) − x − μ² ln(μ² − x),  Φ = V/g². Time is Σ 2α over the updates
    (α the learning rate). The fixed point is x_s = μ² − κ with stiffness Ω = −K'(x_s) = (μ² − κ)/κ²
    (arXiv:2407.16427).

    Attributes
    ----------
    kappa : float
        Eigenvalue κ of the target's kernel, 0 < κ < μ².
    mu2 : float
        Squared mass μ² of the machine's visible layer.
    g2 : float
        Diffusion g² [x²/time].
    """

    kappa: float
    mu2: float
    g2: float

    @property
    def walls(self) -> tuple[float, float]:
        """(0, μ²)."""
        return 0.0, self.mu2

    @property
    def anchors(self) -> tuple[tuple[float, float], ...]:
        """The fixed point x_s with σ = √(g²/Ω)."""
        fixed_point = self.mu2 - self.kappa
        return ((fixed_point, min(self.kappa * float(np.sqrt(self.g2 / fixed_point)), self.mu2)),)

    @property
    def grading(self) -> Grading:
        """Uniform: the law is smooth at 0."""
        return "uniform"

    def diffusion(self, x: Array) -> Array:
        """D = g²."""
        return np.full_like(x, self.g2, dtype=np.float64)

    def diffusion_slope(self, x: Array) -> Array:
        """D' = 0."""
        return np.zeros_like(x, dtype=np.float64)

    def confinement(self, x: Array) -> Array:
        """Φ = [−x²/(2κ) − x − μ² ln(μ² − x)]/g²; +inf at μ²."""
        with np.errstate(divide="ignore"):
            well = -x * x / (2.0 * self.kappa) - x - self.mu2 * np.log(self.mu2 - x)
        return np.asarray(well / self.g2)

    def confinement_slope(self, x: Array) -> Array:
        """Φ' = −K/g²."""
        return -self.drift(x) / self.g2

    def confinement_curvature(self, x: Array) -> Array:
        """Φ'' = [μ²/(μ² − x)² − 1/κ]/g²."""
        return np.asarray((self.mu2 / (self.mu2 - x) ** 2 - 1.0 / self.kappa) / self.g2)

    def drift(self, x: Array) -> Array:
        """Itô drift b = K(x) = (1/κ − 1/(μ² − x)) x."""
        # One quotient instead of a difference of two: K keeps its relative accuracy next to the fixed point.
        rest = self.mu2 - x
        return np.asarray(x * (rest - self.kappa) / (self.kappa * rest))

    def with_noise(self, factor: float) -> RbmLevel:
        """g² times `factor`."""
        return replace(self, g2=self.g2 * factor)


def rbm(
    *,
    mu2: float,
    kappa: Sequence[float] | None = None,
    target: LatticeScalar | None = None,
    g2: float | Sequence[float] | None = None,
    noise: PcdNoise | None = None,
    beta: float = 1.0,
    schedule: Schedule | None = None,
) -> LevelGas:
    """Level gas of a scalar-field RBM: the squared singular values of W under stochastic gradient training.

    Parameters
    ----------
    mu2 : float
        Squared mass μ² of the visible layer.
    kappa : sequence of float, optional
        Eigenvalues of the target's kernel, descending (the levels x = μ² − κ ascend; ties allowed), each in (0, μ²).
    target : LatticeScalar, optional
        Instead of `kappa`: the field whose spectrum is learned, from `lattice_scalar_1d`.
    g2 : float or sequence of float, optional
        Constant noise in the clock t = Σ 2α, one number or one per level (ascending in x).
    noise : PcdNoise, optional
        Instead of `g2`: the noise that persistent contrastive divergence has, derived from its settings.
    beta : float
        Dyson index.
    schedule : Schedule, optional
        Learning rate and batch size as functions of time.

    Raises
    ------
    ModelError
        Neither or both of `kappa`/`target` or of `g2`/`noise`; κ outside (0, μ²) or not descending; noise that is not
        positive; with `PcdNoise`: a level that collapses to 0, a schedule that starts at another learning rate or
        batch size, or `mixing` with a β other than 1.
    """
    mu2 = positive("mu2", mu2)
    kappas = _kappas(kappa, target, mu2)
    if (g2 is None) == (noise is None):
        msg = "an rbm needs exactly one of g2 (constant noise) and noise (PcdNoise)"
        raise ModelError(msg)
    labels: dict[str, object] = {"kappa": list(kappas), "mu2": mu2}
    levels: tuple[OneBody, ...]
    if noise is not None:
        noise.check_schedule(schedule)
        levels = _derived(noise, kappas, mu2=mu2, beta=beta)
        labels |= {"noise": "pcd", **noise.labels}
    else:
        strengths = tuple(positive("g2", value) for value in per_level("g2", g2, len(kappas)))  # type: ignore[arg-type]
        levels = tuple(RbmLevel(value, mu2, strength) for value, strength in zip(kappas, strengths, strict=True))
        labels |= {"noise": "constant", "g2": list(strengths)}
    return LevelGas(kind="rbm", levels=levels, beta=beta, schedule=schedule, labels=labels)


def _derived(noise: PcdNoise, kappas: tuple[float, ...], *, mu2: float, beta: float) -> tuple[PcdLevel, ...]:
    """Levels with derived noise, tilted where they are to feel each other's eigenvectors."""
    levels = tuple(PcdLevel.from_noise(noise, kappa=value, mu2=mu2) for value in kappas)
    if not noise.mixing or len(levels) == 1:
        return levels
    mixing = pcd_mixing(LevelGas(kind="rbm", levels=levels, beta=beta))
    if mixing is None:
        msg = f"mixing needs beta = 1, as real weights have, not {beta:g}"
        raise ModelError(msg)
    return tuple(replace(level, tilt=tilt) for level, tilt in zip(levels, mixing.tilt.tolist(), strict=True))


def _kappas(kappa: Sequence[float] | None, target: LatticeScalar | None, mu2: float) -> tuple[float, ...]:
    """Return the checked eigenvalues of the target, descending."""
    if (kappa is None) == (target is None):
        msg = "an rbm needs exactly one of kappa (eigenvalues of the target) and target (a lattice field)"
        raise ModelError(msg)
    given = target.kappa if target is not None else kappa
    numbers = list(np.atleast_1d(np.asarray(given, dtype=object)))
    if not numbers:
        msg = "kappa must hold at least one eigenvalue"
        raise ModelError(msg)
    values = tuple(positive(f"kappa[{i}]", value) for i, value in enumerate(numbers))
    for i, value in enumerate(values):
        if value >= mu2:
            msg = f"kappa[{i}] = {value:g} must be smaller than mu2 = {mu2:g}: the level mu2 - kappa must be positive"
            raise ModelError(msg)
    for i, (left, right) in enumerate(pairwise(values)):
        if right > left:
            order = sorted(values, reverse=True)
            msg = (
                f"kappa must descend (ties allowed), because the levels mu2 - kappa ascend: kappa[{i + 1}] = {right:g} "
                f"follows {left:g}; write {order}"
            )
            raise ModelError(msg)
    return values
