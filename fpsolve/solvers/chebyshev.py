"""e^{τA} on a vector by Chebyshev polynomials of a generator with real spectrum, with the error of each step estimated."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy.special import ive

from fpsolve.kernels.chamber import chamber_term
from fpsolve.operators.chamber import ChamberGenerator

__all__ = ["ChebyshevStep", "chebyshev_step", "chebyshev_weights"]

Array = NDArray[np.float64]

_EPS = float(np.finfo(np.float64).eps)


@dataclass(frozen=True)
class ChebyshevStep:
    """Result of one step.

    Attributes
    ----------
    state : ndarray, shape (state,), or None
        e^{τA} m; None where the error would exceed what was allowed.
    error : float
        Estimate of the L1 error: what was cut off, and rounding.
    growth : float
        Largest weight · ‖T_k m‖₁ over ‖m‖₁. It is about 1 where the law is broad; it grows exponentially with τ where the
        law moves down a steep slope of Φ, and rounding errors with it.
    products : int
        Applications of the generator.
    """

    state: Array | None
    error: float
    growth: float
    products: int


@lru_cache(maxsize=16)
def chebyshev_weights(half: float) -> tuple[Array, Array]:
    """Coefficients of e^{half·(x − 1)} = Σ_k w_k T_k(x), and the sums of all later ones, Σ_{j>k} w_j.

    w_0 = e^{−half} I_0(half), w_k = 2 e^{−half} I_k(half) (Tal-Ezer and Kosloff, J. Chem. Phys. 81, 3967, 1984): positive,
    with the sum 1, and below rounding from k of about √(70 half) + 40 onwards.
    """
    count = int(np.sqrt(90.0 * half)) + 60
    weights = 2.0 * ive(np.arange(count), half)
    weights[0] *= 0.5
    later = np.cumsum(weights[::-1])[::-1]
    return weights, np.append(later[1:], 0.0)


def chebyshev_step(generator: ChamberGenerator, length: float, state: Array, *, allowed: float) -> ChebyshevStep:
    """Advance masses by a time `length`.

    With the spectrum of A in [−r, 0] and X = 1 + 2A/r, e^{τA} = Σ_k w_k(rτ/2) T_k(X). The number of terms is about √(36 rτ),
    not rτ as for an explicit method, and all terms have the sum of `state`, so the total mass is exact. In the variables of
    masses, which are used here, ‖T_k m‖₁ can grow where P_s varies steeply; the growth is watched, and a step that would
    lose more digits than `allowed` is given up.

    Parameters
    ----------
    generator : ChamberGenerator
        A.
    length : float
        τ.
    state : ndarray, shape (state,)
        m, left alone.
    allowed : float
        Largest L1 error.
    """
    radius = generator.radius
    weights, later = chebyshev_weights(0.5 * radius * length)
    scale = float(np.abs(state).sum())
    total = weights[0] * state
    growth, lost = float(weights[0]), 0.0
    for k, norm in enumerate(_terms(generator, radius, state, weights, total), start=1):
        growth = max(growth, weights[k] * norm / scale)
        lost += _EPS * weights[k] * norm * (k + 8.0)
        left = 2.0 * later[k] * norm
        if lost > allowed or not np.isfinite(norm):
            return ChebyshevStep(None, lost, growth, k)
        if left <= max(0.1 * allowed, _EPS * scale) or k == weights.size - 1:
            return ChebyshevStep(total, lost + left, growth, k)
    return ChebyshevStep(total, lost, growth, 0)


def _terms(
    generator: ChamberGenerator, radius: float, state: Array, weights: Array, total: Array
) -> Iterator[float]:
    """L1 norms of T_k m for k = 1, 2, …; weights[k] T_k m is added to `total`."""
    grid = generator.grid
    rates = (grid.choose, generator.below, generator.above, generator.leaving)
    now, before = state.copy(), np.zeros_like(state)
    yield chamber_term(*rates, 2.0 / radius, 1.0, weights[1], now, total, before)
    now, before = before, now
    for weight in weights[2:]:
        yield chamber_term(*rates, 4.0 / radius, 2.0, weight, now, total, before)
        now, before = before, now
