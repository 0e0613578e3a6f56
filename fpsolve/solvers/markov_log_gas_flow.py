"""Flow of the laws of adjacent levels at given mean forces of all other levels."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fpsolve.kernels.bernoulli import bernoulli_pair
from fpsolve.kernels.markov_pairs import pair_rates, pair_term
from fpsolve.solvers.chebyshev import advance
from fpsolve.solvers.log_gas_flow import Drift
from fpsolve.solvers.log_gas_grid import LogGasGrid
from fpsolve.solvers.markov_log_gas_family import FORCES, Pairs, Windows

__all__ = ["moved"]

Array = NDArray[np.float64]

# L1 error of the exponential: so small that rounding does not look like mass in the tails.
EXACT = 1e-11


@dataclass(frozen=True)
class _PairOperator:
    """Generator of one pair.

    Attributes
    ----------
    rates : ndarray, shape (5, lower cell, upper cell)
        See `pair_rates`.
    shift : int
    """

    rates: Array
    shift: int

    @property
    def radius(self) -> float:
        """Twice the largest rate of leaving bounds the spectrum (Gershgorin)."""
        return 2.0 * float(self.rates[4].max())

    def term(self, scale: float, shift: float, weight: float, now: Array, total: Array, before: Array) -> None:
        """One term of a recursion."""
        pair_term(self.rates, self.shift, scale, shift, weight, now, total, before)

    def norm(self, state: Array) -> float:
        """L1 norm."""
        return float(np.abs(state).sum())


def moved(grid: LogGasGrid, windows: Windows, drift: Drift, fields: Pairs, length: float, masses: Pairs) -> Pairs:
    """Return the laws of all pairs after a time `length` at constant forces; nothing leaves the windows.

    The rates are those of the chamber of all levels, D_i/h² B(±ΔΦ_i) V(face)/V(cell), averaged over the configurations
    of the other levels: their conditional mean is what `MarkovLaw.fields` holds.
    """
    out = []
    for pair, (field, mass) in enumerate(zip(fields, masses, strict=True)):
        (a, b), (c, d) = windows[pair : pair + 2].tolist()
        rates = np.empty((5, b - a, d - c))
        lower, upper = (_alone(drift, level, windows) for level in (pair, pair + 1))
        places = (grid.x[a:b], grid.edges[a : b + 1], grid.x[c:d], grid.edges[c : d + 1])
        pair_rates(lower, upper, field[FORCES], *places, a - c, rates)
        law, _, _ = advance(_PairOperator(rates, a - c), mass, length, allowed=EXACT, settle=_settled)
        out.append(law)
    return tuple(out)


def _settled(masses: Array) -> tuple[Array, float]:
    """Set rounding below 0 to 0 and restore the total; also tells by how much the law moved."""
    kept = np.maximum(masses, 0.0)
    kept /= kept.sum()
    return kept, float(np.abs(kept - masses).sum())


def _alone(drift: Drift, level: int, windows: Windows) -> Array:
    """Jump rates of a level upwards and downwards without repulsion, shape (2, cell); 0 at the ends of its window."""
    a, b = windows[level].tolist()
    out = np.zeros((2, b - a))
    bernoulli_pair(np.diff(drift.confinement[level, a:b]), out[0, :-1], out[1, 1:])
    out[0, :-1] *= drift.conductance[level, a : b - 1]
    out[1, 1:] *= drift.conductance[level, a : b - 1]
    return out
