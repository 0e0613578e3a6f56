"""e^{τA} on a vector by Chebyshev polynomials of a generator with real spectrum, with the error of each step estimated."""

from __future__ import annotations

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
_LOOK = 4  # terms between two looks at the norm


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
    rates = (generator.grid.choose, generator.below, generator.above, generator.leaving)
    scale = _norm(state)
    total = weights[0] * state
    now, before = state.copy(), np.zeros_like(state)
    growth, lost, last = float(weights[0]), 0.0, 0
    for k in range(1, weights.size):
        # T_1 = X T_0, then T_k = 2 X T_{k−1} − T_{k−2}, and X v = v + (2/r) A v
        twice = min(k, 2)
        chamber_term(*rates, 2.0 * twice / radius, twice, weights[k], now, total, before)
        now, before = before, now
        if k % _LOOK and k < weights.size - 1:
            continue
        norm = _norm(now)
        growth = max(growth, weights[k] * norm / scale)
        lost += _EPS * norm * (k + 8.0) * float(weights[last + 1 : k + 1].sum())
        left, last = 2.0 * later[k] * norm, k
        if not lost <= allowed:
            return ChebyshevStep(None, lost, growth, k)
        if left <= max(0.1 * allowed, _EPS * scale):
            break
    return ChebyshevStep(total, lost + left, growth, k)


def _norm(state: Array) -> float:
    return float(np.abs(state).sum())
