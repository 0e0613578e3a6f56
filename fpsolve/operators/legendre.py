"""Legendre–Galerkin form of the factor L of the Fokker–Planck Hamiltonian H = ½ L†L."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fpsolve.models.level_gas import OneBody
from fpsolve.operators.jacobi_basis import JacobiBasis, jacobi_basis, midpoint_values

__all__ = ["LegendreFactor", "assemble_legendre"]

Array = NDArray[np.float64]


@dataclass(frozen=True)
class LegendreFactor:
    """L = √D (∂_y + Φ_y'/2) at Gauss points times orthonormal modes; H = ½ BᵀB, so E_n = σ_n²/2.

    Nothing is squared before the singular values are taken: E_0 = 0 comes out as the square of a rounding error.

    Attributes
    ----------
    lower, upper : float
        Ends of the interval in y.
    origin : float or None
        None where y = x; otherwise x = origin + e^y, for laws that spread over decades above a wall.
    exponents : tuple of float
        ν_a, ν_b: every mode is (y − a)^ν_a (b − y)^ν_b times a polynomial; 0, 0 are Legendre modes.
    matrix : ndarray, shape (point, mode)
        B, rows times the square root of the Gauss weights.
    basis : JacobiBasis
    """

    lower: float
    upper: float
    origin: float | None
    exponents: tuple[float, float]
    matrix: Array
    basis: JacobiBasis

    def wavefunctions(self, points: int, coefficients: Array) -> tuple[Array, Array]:
        """Midpoints x of `points` equal cells in y, and ψ there (∫ψ² dx = 1), shape (state, point).

        `coefficients` has shape (mode, state).
        """
        modes = coefficients.shape[0]
        t, values = midpoint_values(points, modes, 2.0 * self.exponents[1], 2.0 * self.exponents[0])
        return self._in_x(t, _envelope(t, self.exponents), (values @ coefficients).T)

    def at_nodes(self, coefficients: Array) -> tuple[Array, Array, Array]:
        """Gauss points x, weights of ∫ dx, and ψ there, shape (state, point)."""
        table = self.basis.values[:, : coefficients.shape[0]]
        envelope = _envelope(self.basis.nodes, self.exponents)
        x, psi = self._in_x(self.basis.nodes, envelope, (table @ coefficients).T)
        half = 0.5 * (self.upper - self.lower)
        weights = half * self.basis.weights / envelope**2
        return x, weights if self.origin is None else weights * (x - self.origin), psi

    def _in_x(self, t: Array, envelope: Array, polynomials: Array) -> tuple[Array, Array]:
        half = 0.5 * (self.upper - self.lower)
        y = self.lower + half * (t + 1.0)
        psi = polynomials * (envelope / np.sqrt(half))
        if self.origin is None:
            return y, psi
        stretch = np.exp(y)
        return self.origin + stretch, psi / np.sqrt(stretch)


def _envelope(t: Array, exponents: tuple[float, float]) -> Array:
    """(1 + t)^ν_a (1 − t)^ν_b."""
    if exponents == (0.0, 0.0):
        return np.ones_like(t)
    return np.asarray((1.0 + t) ** exponents[0] * (1.0 - t) ** exponents[1])


def assemble_legendre(
    body: OneBody,
    interval: tuple[float, float],
    *,
    modes: int,
    points: int,
    exponents: tuple[float, float] = (0.0, 0.0),
    origin: float | None = None,
) -> LegendreFactor:
    """Tabulate L times modes at Gauss points.

    With y = a + (b − a)(1 + t)/2 and modes (1 + t)^ν_a (1 − t)^ν_b p_k(t), orthonormal in y, row i of B is

        √(w_i D_y) [2 p_k'(t_i)/(b − a) + (Φ_y'/2 + ν_a/(y − a) − ν_b/(b − y)) p_k(t_i)],

    w the Gauss weights of (1 + t)^{2ν_a} (1 − t)^{2ν_b}; with the exponents of √P_s the singular parts of the bracket
    cancel. Zero flux at an end is the natural condition of H = ½L†L: nothing has to be imposed.

    Parameters
    ----------
    body : OneBody
    interval : pair of float
        Ends in x.
    modes, points : int
        Columns and rows, points ≥ modes.
    exponents : pair of float
        ν_a, ν_b > −1/2.
    origin : float, optional
        Take y = ln(x − origin): D_y = D/(x − origin)², Φ_y' = (x − origin) Φ' − 1.
    """
    lower, upper = interval if origin is None else np.log(np.array(interval) - origin).tolist()
    half = 0.5 * (upper - lower)
    basis = jacobi_basis(modes, points, 2.0 * exponents[1], 2.0 * exponents[0])
    y = lower + half * (basis.nodes + 1.0)
    x = y if origin is None else origin + np.exp(y)
    slope = body.confinement_slope(x)
    diffusion = body.diffusion(x)
    if origin is not None:
        slope = (x - origin) * slope - 1.0
        diffusion = diffusion / (x - origin) ** 2
    local = 0.5 * half * slope
    if exponents != (0.0, 0.0):
        local = local + exponents[0] / (1.0 + basis.nodes) - exponents[1] / (1.0 - basis.nodes)
    scale = np.sqrt(basis.weights * diffusion) / half
    matrix = basis.slopes * scale[:, None]
    matrix += basis.values * (scale * local)[:, None]
    return LegendreFactor(lower, upper, origin, exponents, matrix, basis)
