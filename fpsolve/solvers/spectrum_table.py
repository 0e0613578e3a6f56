"""What every bound-state method does with its vectors: signs, residuals, one refusal."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from fpsolve.errors import MethodError
from fpsolve.operators.bound_region import BoundRegion

__all__ = ["oriented", "refuse_decades", "relative_residuals"]

Array = NDArray[np.float64]


def oriented(psi: Array) -> Array:
    """Give every wavefunction, shape (state, point), the sign that makes its uppermost lobe positive.

    The lobe is looked for among values above 1e-6 of the maximum: further out a wavefunction is rounding.
    """
    large = np.abs(psi) > 1e-6 * np.abs(psi).max(axis=1, keepdims=True)
    last = psi.shape[1] - 1 - np.argmax(large[:, ::-1], axis=1)
    signs = np.sign(psi[np.arange(psi.shape[0]), last])
    return np.asarray(psi * signs[:, None])


def relative_residuals(residuals: Array, energies: Array) -> Array:
    """r_n/max(E_n, E_m − E_n), m the next state above that r_n tells apart from n (E_m − E_n > 10 r_n).

    `energies` has at least one entry more than `residuals`. Nearly always m = n + 1; in a pair whose splitting is below
    the residual, the two states are one cluster and the distance that matters is the one to the state above both.
    """
    count = residuals.size
    distances = energies[None, :] - energies[:count, None]
    distances = np.where(distances > 10.0 * residuals[:, None], distances, np.inf)
    gaps = distances.min(axis=1)
    gaps[np.isinf(gaps)] = 0.0
    return np.asarray(residuals / np.maximum(np.maximum(energies[:count], gaps), np.finfo(np.float64).tiny))


def refuse_decades(region: BoundRegion, *, cells: int, method: str) -> None:
    """MethodError where wavefunctions span decades above a wall and the innermost fit into one of the equal cells."""
    if region.origin is None or (region.upper - region.lower) / cells < region.lower - region.origin:
        return
    msg = (
        f"method {method} has cells of equal width, but the wavefunctions reach from {region.lower:.3g} to "
        f"{region.upper:.3g} above a wall at {region.origin:g}; method legendre remains"
    )
    raise MethodError(msg)
