"""Starts of the log-gas closure: one-body weights where the law is a log-gas itself, marginals to be fitted elsewhere."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from fpsolve.errors import GridError, ModelError
from fpsolve.exact.gas_scan import scan_gas
from fpsolve.models.dyson import dyson
from fpsolve.models.initial import InitialLaw, PairLaw, TruncatedLaw, WishartLaw
from fpsolve.models.laguerre import laguerre
from fpsolve.models.level_gas import LevelGas
from fpsolve.solvers.log_gas_family import NEGLIGIBLE, LogGasFamily, Member
from fpsolve.solvers.log_gas_grid import LogGasGrid

__all__ = ["Spreads", "Start", "spreads_of", "start_of"]

Array = NDArray[np.float64]

# L1 distance at which given marginals count as reached by the first fit.
_REACHED = 1e-9


class Spreads(NamedTuple):
    """Where the levels of a law are, each of shape (level,)."""

    lower: Array
    upper: Array
    mean: Array
    std: Array


@dataclass(frozen=True)
class Start:
    """The law at time 0.

    Attributes
    ----------
    gas : LevelGas or None
        A gas whose stationary law it is: then its weights are e^{−Φ_i}.
    law : InitialLaw or None
        Otherwise: the law whose marginals are fitted. The joint law at time 0 is then the log-gas with these marginals.
    singular : bool
        Whether it is regular in √(x − lower wall) only.
    walls : tuple of float
        Where it is cut; the cut marginals are taken to be marginals restricted to what lies between.
    """

    gas: LevelGas | None
    law: InitialLaw | None
    singular: bool
    walls: tuple[float, float] = (-np.inf, np.inf)

    def spreads(self, tail: float) -> list[Spreads]:
        """Range of every level outside of which it has no more than about `tail`; empty if it is a point."""
        if self.gas is not None:
            return [spreads_of(self.gas, tail)]
        law = self.marginal_law
        ends = np.array([law.support(i) for i in range(law.n)]).T
        return [Spreads(ends[0], ends[1], np.asarray(law.mean), np.asarray(law.std))]

    def on(self, family: LogGasFamily) -> tuple[Member, Array, float]:
        """Return the log-gas, its marginals per cell, and the part of the worst level, as cut, that lies outside the grid.

        Raises
        ------
        GridError
            Levels that the cells do not tell apart, or no mass on the grid.
        ConvergenceError
            Marginals that no log-gas has.
        """
        grid = family.grid
        if self.gas is not None:
            member, masses = family.member(_log_weights(self.gas, grid), scan_gas(self.gas.levels).centres)
            return member, masses, _beyond(self.gas, grid, self.walls)
        masses = np.array([np.maximum(self.marginal_law.masses(grid.edges, i), 0.0) for i in range(family.n)])
        totals = masses.sum(axis=1)
        between = np.array([self.marginal_law.masses(np.array(self.walls), i)[0] for i in range(family.n)])
        if not np.all(totals > 0.5 * between):
            msg = f"no mass of the initial law lies in [{grid.lower:g}, {grid.upper:g}]"
            raise GridError(msg)
        masses /= totals[:, None]
        masses[masses < NEGLIGIBLE] = 0.0
        masses /= masses.sum(axis=1, keepdims=True)
        if np.any(np.diff(masses @ np.arange(grid.cells)) < 1.0):
            msg = (
                "levels that start at the same place cannot be told apart on the cells: "
                "start them apart, or from a law of finite width"
            )
            raise GridError(msg)
        member = family.fitted(masses, np.zeros_like(masses), tolerance=_REACHED)
        return member, masses, float(max(1.0 - (totals / between).min(), 0.0))

    @property
    def marginal_law(self) -> InitialLaw:
        """The law with marginals, before the cut."""
        if self.law is None:
            msg = "a start that is a gas has weights, not marginals"
            raise ModelError(msg)
        return self.law


def start_of(model: LevelGas, initial: InitialLaw | Literal["stationary"]) -> Start:
    """Recognise the laws that are log-gases.

    Raises
    ------
    ModelError
        An initial law for another number of levels.
    """
    if initial == "stationary":
        return Start(model.at(0.0), None, singular=False)
    if initial.n != model.n:
        msg = f"the initial law has {initial.n} levels, but the model has {model.n}"
        raise ModelError(msg)
    law, walls = initial, (-np.inf, np.inf)
    if isinstance(initial, TruncatedLaw):
        law, walls = initial.law, (initial.lower, initial.upper)
    if isinstance(law, WishartLaw):
        gas = laguerre(rows=law.rows, levels=law.levels, weight_decay=1.0, temperature=law.variance)
        return Start(gas, None, singular=True, walls=walls)
    if isinstance(law, PairLaw):
        return Start(dyson(levels=2, centre=law.centre, g2=law.width**2), None, singular=False, walls=walls)
    return Start(None, law, singular=False, walls=walls)


def spreads_of(gas: LevelGas, tail: float) -> Spreads:
    """Where the levels of a stationary gas are, roughly."""
    x, masses = _scanned(gas)
    rise, fall = np.cumsum(masses, axis=1), np.cumsum(masses[:, ::-1], axis=1)[:, ::-1]
    lower = x[np.argmax(rise > tail, axis=1)]
    upper = x[x.size - 1 - np.argmax(fall[:, ::-1] > tail, axis=1)]
    mean = masses @ x
    return Spreads(lower, upper, mean, np.sqrt(masses @ x**2 - mean**2))


def _scanned(gas: LevelGas) -> tuple[Array, Array]:
    """Points and approximate masses of the levels there, normalised."""
    scan = scan_gas(gas.levels)
    masses = np.exp(scan.log_density) * np.gradient(scan.x)
    return scan.x, masses / masses.sum(axis=1, keepdims=True)


def _beyond(gas: LevelGas, grid: LogGasGrid, walls: tuple[float, float]) -> float:
    """Approximate part of the worst level between the walls that lies outside the grid."""
    x, masses = _scanned(gas)
    between = (x >= walls[0]) & (x <= walls[1])
    outside = between & ((x < grid.lower) | (x > grid.upper))
    return float((masses[:, outside].sum(axis=1) / masses[:, between].sum(axis=1)).max())


def _log_weights(gas: LevelGas, grid: LogGasGrid) -> Array:
    """−Φ_i + ln(dx/dy), the logarithm of the weights of cells, shape (level, cell)."""
    stretch = np.log(grid.slope(grid.y))
    return np.array([stretch - np.asarray(body.confinement(grid.x)) for body in gas.levels])
