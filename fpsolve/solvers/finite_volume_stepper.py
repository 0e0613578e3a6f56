"""Steps of the master equation on an axis of cells: constant rates, and rates that change with time."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from fpsolve.kernels.cram import CRAM_POLES, cram_apply, cram_apply_ring, cram_factor

__all__ = ["ConstantRates", "MovingRates", "Rates"]

Array = NDArray[np.float64]
Rates = tuple[Array, Array]

_GAUSS = np.sqrt(3.0) / 6.0


class ConstantRates:
    """e^{τA} by the rational exponential of order 16, exact to rounding for steps that the error control lets through.

    Parameters
    ----------
    up, down : ndarray, shape (cell,)
        Jump rates, as in `Generator`.
    periodic : bool
        True on a ring.
    """

    order = 12  # the error falls faster than any power; a cautious one chooses the step length
    rounding = 3e-14

    def __init__(self, up: Array, down: Array, *, periodic: bool) -> None:
        self.up, self.down, self.periodic = up, down, periodic
        self._factors: dict[float, tuple[Array, Array]] = {}

    def step(self, time: float, length: float, state: Array) -> Array:  # noqa: ARG002 - the rates do not depend on time
        """Return the masses after a time `length`."""
        inverse_re, inverse_im = self._factored(length)
        out = np.empty_like(state)
        apply = cram_apply_ring if self.periodic else cram_apply
        apply(self.up, self.down, length, inverse_re, inverse_im, state, *self._scratch, out)
        return out

    @cached_property
    def _scratch(self) -> tuple[Array, Array]:
        shape = (self.up.size, CRAM_POLES.size)
        return np.empty(shape), np.empty(shape)

    def _factored(self, length: float) -> tuple[Array, Array]:
        """Pivots for one step length; the last two lengths are kept, a step and its half."""
        found = self._factors.pop(length, None)
        if found is None:
            rows = self.up.size - 1 if self.periodic else self.up.size
            if len(self._factors) > 1:
                found = self._factors.pop(next(iter(self._factors)))
            else:
                found = np.empty((rows, CRAM_POLES.size)), np.empty((rows, CRAM_POLES.size))
            cram_factor(self.up[:rows], self.down[:rows], length, *found)
        self._factors[length] = found
        return found


class MovingRates:
    """Commutator-free Magnus step of order 4 for dm/dt = A(t) m.

    With A_{1,2} at the Gauss points t + τ(1/2 ∓ √3/6) and a_{1,2} = 1/4 ± √3/6,

        m(t + τ) = exp[τ(a_2 A_1 + a_1 A_2)] exp[τ(a_1 A_1 + a_2 A_2)] m(t) + O(τ⁵)

    (Blanes and Moan, Appl. Numer. Math. 56, 1519, 2006). Both exponents are generators: columns that sum to 0, and
    rates that are not negative; a_2 < 0 can make one negative only where it changes 14-fold within the step, there it
    is set to 0.

    Parameters
    ----------
    rates : callable
        Jump rates (up, down) at a time.
    periodic : bool
        True on a ring.
    """

    order = 4
    rounding = 6e-14

    def __init__(self, rates: Callable[[float], Rates], *, periodic: bool) -> None:
        self.rates, self.periodic = rates, periodic

    def step(self, time: float, length: float, state: Array) -> Array:
        """Return the masses at `time` + `length`."""
        first = self.rates(time + length * (0.5 - _GAUSS))
        second = self.rates(time + length * (0.5 + _GAUSS))
        for near, far in ((first, second), (second, first)):
            up, down = (
                np.maximum((0.5 + 2.0 * _GAUSS) * a + (0.5 - 2.0 * _GAUSS) * b, 0.0)
                for a, b in zip(near, far, strict=True)
            )
            # The two exponents cover half a step each, with rates that are averages of those at the Gauss points.
            state = ConstantRates(up, down, periodic=self.periodic).step(0.0, 0.5 * length, state)
        return state
