"""Laguerre levels: squared singular values of a weight matrix that feels weight decay and white noise."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from fpsolve.errors import ModelError
from fpsolve.grids.axis import Grading
from fpsolve.models.checks import at_least_zero, count, positive
from fpsolve.models.level_gas import LevelGas, OneBody
from fpsolve.models.multiplicative import MultiplicativeLevel
from fpsolve.models.schedule import Schedule

__all__ = ["LaguerreLevel", "laguerre"]

Array = NDArray[np.float64]


@dataclass(frozen=True)
class LaguerreLevel:
    """One level of WᵀW for dW = −λW dt + √(2T) dB on every entry of an M×N matrix.

    D = 4Tx,  b = −2λx + 4Ta,  e^{−Φ} = x^{a−1} e^{−λx/(2T)} with a = β(M − N + 1)/2: a gamma law if N = 1
    (arXiv:2507.12709 has this process with another exponent; the one here is exact).

    Attributes
    ----------
    shape : float
        a > 0.
    weight_decay : float
        λ [1/time].
    temperature : float
        T; an entry of W has the stationary variance T/λ.
    """

    shape: float
    weight_decay: float
    temperature: float

    @property
    def walls(self) -> tuple[float, float]:
        """(0, ∞)."""
        return 0.0, np.inf

    @property
    def anchors(self) -> tuple[tuple[float, float], ...]:
        """Mean and standard deviation of the lone level, 2aT/λ and 2√a T/λ."""
        scale = 2.0 * self.temperature / self.weight_decay
        return ((self.shape * scale, float(np.sqrt(self.shape)) * scale),)

    @property
    def grading(self) -> Grading:
        """Square root: the density is a power of x at 0, a regular function of √x."""
        return "sqrt"

    def diffusion(self, x: Array) -> Array:
        """D = 4Tx."""
        return np.asarray(4.0 * self.temperature * x)

    def diffusion_slope(self, x: Array) -> Array:
        """D' = 4T."""
        return np.full_like(x, 4.0 * self.temperature, dtype=np.float64)

    def confinement(self, x: Array) -> Array:
        """Φ = λx/(2T) − (a − 1) ln x."""
        with np.errstate(divide="ignore"):
            return np.asarray(0.5 * self.weight_decay / self.temperature * x - (self.shape - 1.0) * np.log(x))

    def confinement_slope(self, x: Array) -> Array:
        """Φ' = λ/(2T) − (a − 1)/x."""
        return np.asarray(0.5 * self.weight_decay / self.temperature - (self.shape - 1.0) / x)

    def confinement_curvature(self, x: Array) -> Array:
        """Φ'' = (a − 1)/x²."""
        return np.asarray((self.shape - 1.0) / (x * x))

    def drift(self, x: Array) -> Array:
        """Itô drift b = −2λx + 4Ta."""
        return np.asarray(4.0 * self.temperature * self.shape - 2.0 * self.weight_decay * x)

    def with_noise(self, factor: float) -> LaguerreLevel:
        """T times `factor`."""
        return replace(self, temperature=self.temperature * factor)


def laguerre(
    *,
    rows: int,
    temperature: float,
    levels: int = 1,
    weight_decay: float = 1.0,
    multiplicative: float = 0.0,
    beta: float = 1.0,
    schedule: Schedule | None = None,
) -> LevelGas:
    """Level gas of WᵀW, W an M×N matrix with dW = −λW dt + √(2T) dB (loss (λ/2)‖W‖²).

    dx_i = {−2λx_i + 2Tβ[M + Σ_{j≠i} (x_i + x_j)/(x_i − x_j)]} dt + √(8Tx_i) dB_i (M.-F. Bru, J. Theor. Probab. 4 (1991)
    725, for β = 1); the relaxation rates are 2λ n.

    With multiplicative noise, dW = −λW dt + √(2(T + D_1‖W‖²)) dB, a single level has the beta-prime law with the tail
    P(X > x) ~ x^{−b}, b = 1 + λ/(2D_1) − βM/2 (`MultiplicativeLevel`). Several levels share the strength of their
    noise and are no level gas.

    Parameters
    ----------
    rows, levels : int
        M ≥ N.
    temperature, weight_decay : float
        T > 0 and λ > 0.
    multiplicative : float
        D_1 ≥ 0 [1/time]; one level only.
    beta : float
        Dyson index, > 0 (1 for real matrices).
    schedule : Schedule, optional
        Learning rate and batch size as functions of time; T follows their quotient.

    Raises
    ------
    ModelError
        A parameter out of range, fewer rows than levels, multiplicative noise of several levels or so strong that there
        is no stationary law.
    """
    rows, levels = count("rows", rows), count("levels", levels)
    if rows < levels:
        msg = f"a matrix of {rows} rows has at most {rows} levels, not {levels}: rows must be at least levels"
        raise ModelError(msg)
    shape = 0.5 * positive("beta", beta) * (rows - levels + 1)
    decay, additive = positive("weight_decay", weight_decay), positive("temperature", temperature)
    strength = at_least_zero("multiplicative", multiplicative)
    body: OneBody = LaguerreLevel(shape, decay, additive)
    labels: dict[str, object] = {"rows": rows, "weight_decay": decay, "temperature": additive}
    if strength > 0.0:
        body = _multiplicative(MultiplicativeLevel(shape, decay, additive, strength), levels)
        labels["multiplicative"] = strength
    return LevelGas(kind="laguerre", levels=(body,) * levels, beta=beta, schedule=schedule, labels=labels)


def _multiplicative(body: MultiplicativeLevel, levels: int) -> MultiplicativeLevel:
    """Return `body`; ModelError unless it is the only level and has a stationary law."""
    if levels > 1:
        msg = (
            f"multiplicative = {body.multiplicative:g} goes with one level, not {levels}: the noise grows with the sum of "
            "all levels, so that they are no level gas and their joint law is not known; train them, or set it to 0"
        )
        raise ModelError(msg)
    if body.tail <= 0.0:
        most = 0.5 * body.weight_decay / (body.shape - 1.0)
        msg = (
            f"multiplicative = {body.multiplicative:g} must be smaller than {most:g} for these rows and this weight_decay: "
            "otherwise the level grows without an end and has no stationary law"
        )
        raise ModelError(msg)
    return body
