"""Bound states."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["Spectrum"]

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Spectrum:
    """Lowest bound states of the Fokker–Planck Hamiltonian H = ½ L†L; relaxation rates are 2 E_n.

    Attributes
    ----------
    method : str
        "legendre", "bidiagonal", "findiff", "chamber", or "one_step" for the discrete chain of training, whose rates at
        finite learning rate stand here as 2 E_n; it has no wavefunctions.
    energies : ndarray, shape (state,)
        E_n ascending, E_0 ≈ 0 included.
    residuals : ndarray, shape (state,)
        ‖Hψ_n − E_n ψ_n‖ divided by max(E_n, the distance to the next level that can be told apart). The energy error
        is of second order in it (Kato–Temple). Next to a wall where D diverges it is dominated by rounding. Of
        "one_step": relative differences of the rates of three operators.
    x : ndarray, shape (point,)
        Where the wavefunctions are tabulated; empty where none were asked for.
    psi : ndarray, shape (state, point)
        Wavefunctions, ∫ψ² dx = 1, sign such that ψ_n is positive next to the upper wall.
    potential : ndarray, shape (point,)
        U(x) = D Φ'²/8 − (D Φ')'/4 at `x`; for constant g² this is V'²/(8g²) − V''/4.
    ground_state_error : float
        L2 distance of ψ_0 and √P_s; nan where a wall absorbs and no stationary law exists.
    unknowns : int
        Modes or points used.
    seconds : float
        Wall time, compilation left out.
    kramers : ndarray, shape (estimate,), or None
        Kramers escape energies (rate/2) of the wells of a `potential` model, ascending; None where it does not apply.
    """

    method: str
    energies: Array
    residuals: Array
    x: Array
    psi: Array
    potential: Array
    ground_state_error: float
    unknowns: int
    seconds: float
    kramers: Array | None = None

    @property
    def rates(self) -> Array:
        """Relaxation rates 2 E_n [1/time]."""
        return 2.0 * self.energies

    def wavefunctions(self, x: Array) -> Array:
        """ψ_n(x) by monotone-free cubic interpolation of the table, shape (state,) + x.shape."""
        from scipy.interpolate import CubicSpline

        return np.asarray(CubicSpline(self.x, self.psi, axis=1, extrapolate=False)(x))
