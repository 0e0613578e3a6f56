"""e^{τA} on a vector by Chebyshev polynomials of an operator with real spectrum, with the error of each step estimated."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from scipy.special import ive

from fpsolve.errors import ConvergenceError

__all__ = ["ChebyshevStep", "Propagated", "advance", "applied", "chebyshev_step", "chebyshev_weights", "filtered"]

Array = NDArray[np.float64]

_EPS = float(np.finfo(np.float64).eps)
_LOOK = 4  # terms between two looks at the norm
_LONGEST = 2e4  # radius · length of a step: about 900 products, after which it pays to ask whether the law still moves
_SHORTEST = 1e-3  # the same of a step so short that the error cannot be met
_SHARE = 1.0 / 64.0  # part of the error still to be spent that one short step may use


class Propagated(Protocol):
    """An operator A whose exponential is wanted; its spectrum lies near [−radius, 0]."""

    @property
    def radius(self) -> float:
        """A bound of the spectrum [1/time]."""
        ...

    def term(self, scale: float, shift: float, weight: float, now: Array, total: Array, before: Array) -> None:
        """One term of a recursion: before ← scale·A·now + shift·now − before, then total += weight·before."""
        ...

    def norm(self, state: Array) -> float:
        """L1 norm of the law that a state stands for."""
        ...


@dataclass(frozen=True)
class ChebyshevStep:
    """Result of one step.

    Attributes
    ----------
    state : ndarray or None
        e^{τA} m; None where the error would exceed what was allowed.
    error : float
        Estimate of the L1 error: what was cut off, and rounding.
    growth : float
        Largest weight · ‖T_k m‖₁ over ‖m‖₁. It is about 1 where the law is broad; it grows exponentially with τ where the
        law moves down a steep slope of Φ, and rounding errors with it.
    products : int
        Applications of the operator.
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
    return np.asarray(weights, dtype=np.float64), np.append(later[1:], 0.0).astype(np.float64)


def chebyshev_step(operator: Propagated, length: float, state: Array, *, allowed: float) -> ChebyshevStep:
    """Advance a state by a time `length`.

    With the spectrum of A in [−r, 0] and X = 1 + 2A/r, e^{τA} = Σ_k w_k(rτ/2) T_k(X). The number of terms is about √(36 rτ),
    not rτ as for an explicit method, and all T_k(X) keep the total mass. In the variables of masses or densities, which
    are used here, ‖T_k m‖₁ can grow where P_s varies steeply; the growth is watched, and a step that would lose more
    digits than `allowed` is given up.

    Parameters
    ----------
    operator : Propagated
        A.
    length : float
        τ.
    state : ndarray
        m, left alone.
    allowed : float
        Largest L1 error.
    """
    radius = operator.radius
    weights, later = chebyshev_weights(0.5 * radius * length)
    scale = operator.norm(state)
    total = weights[0] * state
    now, before = state.copy(), np.zeros_like(state)
    growth, lost, last = float(weights[0]), 0.0, 0
    for k in range(1, weights.size):
        # T_1 = X T_0, then T_k = 2 X T_{k−1} − T_{k−2}, and X v = v + (2/r) A v
        twice = min(k, 2)
        operator.term(2.0 * twice / radius, twice, float(weights[k]), now, total, before)
        now, before = before, now
        if k % _LOOK and k < weights.size - 1:
            continue
        norm = operator.norm(now)
        growth = max(growth, float(weights[k]) * norm / scale)
        lost += _EPS * norm * (k + 8.0) * float(weights[last + 1 : k + 1].sum())
        left, last = 2.0 * float(later[k]) * norm, k
        if not lost <= allowed:
            return ChebyshevStep(None, lost, growth, k)
        if left <= max(0.1 * allowed, _EPS * scale):
            break
    return ChebyshevStep(total, lost + left, growth, k)


def advance(
    operator: Propagated,
    state: Array,
    duration: float,
    *,
    allowed: float,
    settle: Callable[[Array], tuple[Array, float]],
) -> tuple[Array, int, float]:
    """Advance by `duration` in as few steps as rounding allows.

    Parameters
    ----------
    operator : Propagated
        A, constant in time.
    state : ndarray
        Left alone.
    duration : float
    allowed : float
        Largest L1 error of all steps together.
    settle : callable
        Maps a new state to an admissible one (no negative mass, the right total) and tells by how much it moved, which
        counts as an error of the step.

    Returns
    -------
    state : ndarray
    steps : int
    error : float
        Sum of the estimated errors.

    Raises
    ------
    ConvergenceError
        If the time step shrinks to nothing.
    """
    done, error, steps = 0.0, 0.0, 0
    wish = _LONGEST / operator.radius
    while done < duration:
        room = duration - done
        length = room if wish > 0.99 * room else wish
        # What is left of the error, shared out by time; a short step may take somewhat more.
        share = max(length / room, _SHARE) * (allowed - error)
        drift = room * operator.norm(applied(operator, state))
        if drift <= share:
            # ‖Am‖₁ never grows, so this bounds how far the law can still move.
            return state, steps, error + drift
        step = chebyshev_step(operator, length, state, allowed=0.5 * share)
        if step.state is not None:
            settled, moved = settle(step.state)
            if step.error + moved <= share:
                state, done, steps = settled, done + length, steps + 1
                error += step.error + moved
                wish = min(4.0 * length, _LONGEST / operator.radius)
                continue
        wish = 0.25 * length
        if wish * operator.radius < _SHORTEST:
            msg = f"the time step shrank to {wish:.3g}"
            raise ConvergenceError(msg, iterations=steps, residual=step.error, tolerance=share)
    return state, steps, error


def applied(operator: Propagated, state: Array) -> Array:
    """A m."""
    out = np.zeros_like(state)
    operator.term(1.0, 0.0, 0.0, state, np.zeros_like(state), out)
    return out


def filtered(operator: Propagated, half: float, state: Array) -> Array:
    """e^{τA} m to rounding for τ = 2·half/radius, without a look at the growth: for a symmetric operator."""
    weights, later = chebyshev_weights(half)
    now, before = state.copy(), np.zeros_like(state)
    total = np.asarray(weights[0] * now)
    for k in range(1, int(np.searchsorted(-later, -1e-14)) + 1):
        twice = min(k, 2)
        operator.term(2.0 * twice / operator.radius, twice, float(weights[k]), now, total, before)
        now, before = before, now
    return np.asarray(total)
