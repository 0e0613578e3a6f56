"""Exact stationary law of N levels in one potential with the repulsion ∏(x_i − x_j)², β = 2."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from fpsolve.errors import ConvergenceError
from fpsolve.exact.gas_level import GasLevel
from fpsolve.exact.gas_mesh import gas_mesh
from fpsolve.exact.gas_panels import HIGH_COEFFICIENTS, INTEGRATION, POINTS, RULE, GasPanels
from fpsolve.exact.gas_scan import GasScan, scan_gas
from fpsolve.exact.gas_weights import window_log_weights
from fpsolve.exact.level_law import LevelLaw
from fpsolve.kernels.poisson_binomial import rank_weights

__all__ = ["UnitaryGas", "determinantal_gas"]

Array = NDArray[np.float64]

_RESOLVED = 1e-12
_ROUNDING = 1e-15
_ROUNDS = 40
_SWEEPS = 12
# Degree of the polynomials that the first panels are chosen for; the orthogonal polynomials then cut them further.
_FIRST_DEGREE = 8


@dataclass(frozen=True)
class UnitaryGas:
    """P_s ∝ ∏_{i<j}(x_i − x_j)² ∏ e^{−Φ(x_i)}: a determinantal process, solved by `determinantal_gas`.

    Attributes
    ----------
    panels : GasPanels
    functions : ndarray, shape (panel, point, level)
        φ_k = p_k √(e^{−Φ} dx/du) at the nodes, p_k the orthonormal polynomials; Σ_k φ_k² is the kernel K(x, x) of
        Christoffel and Darboux per u.
    log_partition_function : float
        ln ∫ ∏(x_i − x_j)² ∏ e^{−Φ(x_i)} dx over the ordered levels: Σ_k ln h_k, h_k the norms of the monic polynomials.
    walls : tuple of float
        Ends of the range.
    error_estimate : float
        Change under halving of all panels, of |Δ ln Z|/max(1, |ln Z|) and of the pooled distribution function.
    """

    panels: GasPanels
    functions: Array
    log_partition_function: float
    walls: tuple[float, float]
    error_estimate: float

    @property
    def n(self) -> int:
        """Number of levels."""
        return int(self.functions.shape[2])

    @cached_property
    def total(self) -> LevelLaw:
        """Law of all levels pooled, density K(x, x)/N."""
        return LevelLaw(self.panels, np.sum(self.functions**2, axis=2) / self.n, self._open)

    @property
    def _open(self) -> tuple[bool, bool]:
        return self.walls[0] == -np.inf, self.walls[1] == np.inf

    def total_pdf(self, x: Array | float) -> Array:
        """Density of all levels pooled."""
        return self.total.pdf(x)

    def total_cdf(self, x: Array | float) -> Array:
        """Distribution function of all levels pooled."""
        return self.total.cdf(x)

    @cached_property
    def laws(self) -> tuple[LevelLaw, ...]:
        """Marginal of every level.

        The number of levels below x is a sum of independent trials whose chances λ_k are the eigenvalues of
        G_mn = ∫^x φ_m φ_n (J. Hough et al., Probab. Surv. 3 (2006) 206, theorem 7), and with the eigenvectors v_k

            p_i(x) = Σ_k (v_k·φ(x))² P(i of the other trials succeed).
        """
        flat = self.functions.transpose(0, 2, 1)
        overlap = np.zeros((self.n, self.n))
        density = np.empty((self.n, self.panels.size, POINTS))
        for p, phi in enumerate(flat):
            inside = np.einsum("mk,nk,kj->jmn", phi, phi, INTEGRATION, optimize=True)
            chances, vectors = np.linalg.eigh(overlap + inside)
            shares = np.einsum("jmk,mj->jk", vectors, phi) ** 2
            ranks = np.empty((POINTS, self.n))
            rank_weights(np.clip(chances, 0.0, 1.0), shares, ranks)
            density[:, p] = ranks.T
            overlap = overlap + (phi * RULE) @ phi.T
        # Far outside of a level's range its density is below rounding errors.
        laws = (LevelLaw(self.panels, values / np.sum(values * RULE), self._open) for values in density)
        return tuple(law.trimmed(_ROUNDING) for law in laws)

    @property
    def mean(self) -> Array:
        """Mean of every level."""
        return np.array([law.mean for law in self.laws])

    @property
    def std(self) -> Array:
        """Standard deviation of every level."""
        return np.array([law.std for law in self.laws])


@dataclass(frozen=True)
class _HalfConfined:
    """A level with Φ/2: its gas with β = 1 is the square root of the gas with β = 2."""

    level: GasLevel

    @property
    def walls(self) -> tuple[float, float]:
        return self.level.walls

    @property
    def anchors(self) -> tuple[tuple[float, float], ...]:
        return self.level.anchors

    def confinement(self, x: Array) -> Array:
        return 0.5 * np.asarray(self.level.confinement(x))

    def confinement_slope(self, x: Array) -> Array:
        return 0.5 * np.asarray(self.level.confinement_slope(x))


def determinantal_gas(level: GasLevel, levels: int, *, tolerance: float = 1e-10) -> UnitaryGas:
    """Solve the gas with β = 2 and one potential by orthogonal polynomials.

    The polynomials come from the Lanczos process on composite Gauss panels (G. Golub and G. Meurant, Matrices, Moments
    and Quadrature, 2010, section 4.4), orthogonalised twice. Panels are cut until every φ_k² is resolved.

    Parameters
    ----------
    level : GasLevel
    levels : int
        N.
    tolerance : float
        For `error_estimate`.

    Raises
    ------
    ModelError
        No room for the levels.
    ConvergenceError
        The tolerance was not reached.
    """
    half = _HalfConfined(level)
    # The window and a first guess of the density are all that is needed here.
    panels = gas_mesh([level], _pooled(scan_gas([half] * levels, sweeps=_SWEEPS)))
    for _ in range(_ROUNDS):
        functions, log_total = _polynomials(level, levels, panels)
        squares = functions.transpose(0, 2, 1) ** 2
        rough = np.abs(squares @ HIGH_COEFFICIENTS.T).max(axis=(1, 2)) > _RESOLVED
        if not rough.any():
            break
        panels = panels.halved(rough)
    halves, better = _polynomials(level, levels, panels.halved())
    pooled, check = np.sum(functions**2, axis=2) @ RULE, np.sum(halves**2, axis=2) @ RULE
    change = np.abs(np.cumsum(check)[1::2] - np.cumsum(pooled)) / levels
    error = max(float(change.max()), abs(better - log_total) / max(1.0, abs(better)))
    if not error <= tolerance:
        msg = "the exact gas with beta = 2 did not settle under refinement of its panels"
        raise ConvergenceError(msg, iterations=_ROUNDS, residual=error, tolerance=tolerance)
    return UnitaryGas(panels, functions, log_total, level.walls, error)


def _pooled(scan: GasScan) -> GasScan:
    """The picture of all levels together, with a few of their centres."""
    centres = scan.centres[np.unique(np.linspace(0, scan.centres.size - 1, _FIRST_DEGREE).astype(int))]
    pooled = np.logaddexp.reduce(scan.log_density, axis=0, keepdims=True)
    window = np.array([[scan.windows[:, 0].min(), scan.windows[:, 1].max()]])
    spread = np.array([scan.centres[-1] - scan.centres[0] + scan.spreads.max()])
    return GasScan(scan.x, pooled, centres, spread, window, scan.marks)


def _polynomials(level: GasLevel, levels: int, panels: GasPanels) -> tuple[Array, float]:
    """φ_k at the nodes, shape (panel, point, level), and Σ ln h_k."""
    values, constant = window_log_weights(level, panels)
    logs = values + np.log(panels.slope) + np.log(RULE)
    peak = float(np.max(logs))
    x = panels.x.ravel()
    vector = np.exp(0.5 * (logs - peak)).ravel()
    basis = np.zeros((levels, x.size))
    log_norm = 2.0 * np.log(np.linalg.norm(vector)) + peak + constant
    basis[0] = vector / np.linalg.norm(vector)
    log_total = log_norm
    for k in range(1, levels):
        vector = x * basis[k - 1]
        for _ in range(2):
            vector = vector - basis[:k].T @ (basis[:k] @ vector)
        size = float(np.linalg.norm(vector))
        basis[k] = vector / size
        log_norm += 2.0 * np.log(size)
        log_total += log_norm
    functions = basis.reshape(levels, panels.size, POINTS) / np.sqrt(RULE)
    return np.ascontiguousarray(functions.transpose(1, 2, 0)), float(log_total)
