"""Starts of the log-gas closure: one-body weights where the law is a log-gas itself, marginals to be fitted elsewhere."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from fpsolve.errors import GridError, ModelError
from fpsolve.exact.gas_scan import scan_gas
from fpsolve.models.dyson import dyson
from fpsolve.models.initial import InitialLaw, PairLaw, PointLaw, TruncatedLaw, WishartLaw
from fpsolve.models.laguerre import laguerre
from fpsolve.models.level_gas import LevelGas
from fpsolve.solvers.log_gas_family import LogGasFamily, Member
from fpsolve.solvers.log_gas_grid import BLOCK, LogGasGrid

__all__ = ["Start", "start_of"]

Array = NDArray[np.float64]

# L1 distance at which given marginals count as reached by the first fit.
_REACHED = 1e-9


@dataclass(frozen=True)
class Start:
    """The law at time 0.

    Attributes
    ----------
    gas : LevelGas or None
        A gas whose stationary law it is, so that its weights e^{−Φ_i} are known.
    law : InitialLaw or None
        Otherwise: the law whose marginals are fitted. The joint law at time 0 is then the log-gas with these marginals.
    singular : bool
        Whether it is regular in √(x − lower wall) only.
    """

    gas: LevelGas | None
    law: InitialLaw | None
    singular: bool

    def on(self, family: LogGasFamily) -> tuple[Member, Array, float]:
        """Return the log-gas, its marginals per cell, and the mass that lies outside the grid.

        Raises
        ------
        GridError
            Levels that the cells do not tell apart, or no mass on the grid.
        ConvergenceError
            Marginals that no log-gas has.
        """
        grid = family.grid
        if self.gas is not None:
            member, masses = family.member(log_weights(self.gas, grid), scan_gas(self.gas.levels).centres)
            return member, masses, 0.0
        masses = self._masses(grid)
        totals = masses.sum(axis=1)
        if not np.all(totals > 0.5):
            msg = f"no mass of the initial law lies in [{grid.lower:g}, {grid.upper:g}]"
            raise GridError(msg)
        masses = masses / totals[:, None]
        masses[masses < 1e-16] = 0.0
        means = masses @ grid.x
        if np.any(np.diff(means) < 0.5 * grid.step * grid.slope(grid.to_y(means[1:]))):
            msg = (
                "levels that start at the same place cannot be told apart on the cells: start them apart, or let them "
                "start a little later with a law of finite width"
            )
            raise GridError(msg)
        member, _ = family.member(np.log(np.maximum(masses, 1e-250)), means)
        return family.fitted(member, masses, tolerance=_REACHED), masses, float(max(1.0 - totals.min(), 0.0))

    def _masses(self, grid: LogGasGrid) -> Array:
        """Marginal cell masses of a law that has them."""
        law = self.law.law if isinstance(self.law, TruncatedLaw) else self.law
        assert law is not None
        return np.array([np.maximum(law.masses(grid.edges, i), 0.0) for i in range(law.n)])


def log_weights(model: LevelGas, grid: LogGasGrid) -> Array:
    """−Φ_i + ln(dx/dy), the logarithm of the cells' weights, shape (level, cell)."""
    stretch = np.log(grid.slope(grid.y))
    return np.array([stretch - np.asarray(body.confinement(grid.x)) for body in model.levels])


def start_of(model: LevelGas, initial: InitialLaw | Literal["stationary"]) -> Start:
    """Recognise the laws that are log-gases."""
    if initial == "stationary":
        return Start(model.at(0.0), None, singular=False)
    if initial.n != model.n:
        msg = f"the initial law has {initial.n} levels, but the model has {model.n}"
        raise ModelError(msg)
    law = initial.law if isinstance(initial, TruncatedLaw) else initial
    if isinstance(law, WishartLaw):
        gas = laguerre(rows=law.rows, levels=law.levels, weight_decay=1.0, temperature=law.variance)
        return Start(gas, None, singular=True)
    if isinstance(law, PairLaw):
        return Start(dyson(levels=2, centre=law.centre, g2=law.width**2), None, singular=False)
    return Start(None, law, singular=False)
