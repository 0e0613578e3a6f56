"""The chamber: cells of N ordered levels on one axis, numbered by weakly increasing multi-indices."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from fpsolve.errors import GridError
from fpsolve.grids.axis import Axis

__all__ = ["VECTORS", "ChamberGrid", "chamber_bytes", "chamber_cells_within", "chamber_unknowns"]

Array = NDArray[np.float64]
Indices = NDArray[np.int64]

VECTORS = 8
"""Numbers per state that an evolution holds besides those of the levels: masses, scratch and output."""

_DOUBLE = 8


def chamber_unknowns(cells: int, levels: int) -> int:
    """Number of states C(cells + levels − 1, levels) of a chamber."""
    return math.comb(cells + levels - 1, levels)


def chamber_bytes(cells: int, levels: int, *, vectors: int = VECTORS) -> int:
    """Memory [bytes] of the indices and jump rates, three numbers for every level and state, and of further vectors."""
    return chamber_unknowns(cells, levels) * (3 * levels + vectors) * _DOUBLE


def chamber_cells_within(memory: int, levels: int, *, vectors: int = VECTORS) -> int:
    """Largest number of cells for which `chamber_bytes` stays within `memory` bytes; 0 if none does."""
    low, high = 0, 1
    while chamber_bytes(high, levels, vectors=vectors) <= memory:
        low, high = high, 2 * high
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if chamber_bytes(middle, levels, vectors=vectors) <= memory else (low, middle)
    return low


@dataclass(frozen=True)
class ChamberGrid:
    """States (c_0 ≤ c_1 ≤ … ≤ c_{N−1}): level i lies in cell c_i of an axis that all levels share.

    Levels in one cell share it in order. State (c_0, …) has the number Σ_i C(c_i + i, i + 1), which runs through the
    states with c_0 fastest: those that differ in c_0 only are neighbours in memory, and raising c_i by one adds
    C(c_i + i, i) to the number.

    Attributes
    ----------
    axis : Axis
        The cells.
    levels : int
        N.

    Raises
    ------
    GridError
        If there is no level.
    """

    axis: Axis
    levels: int

    def __post_init__(self) -> None:
        if self.levels < 1:
            msg = f"a chamber needs at least one level, not {self.levels}"
            raise GridError(msg)

    @property
    def cells(self) -> int:
        """Number of cells of the axis."""
        return self.axis.cells

    @property
    def size(self) -> int:
        """Number of states."""
        return chamber_unknowns(self.axis.cells, self.levels)

    @cached_property
    def choose(self) -> Indices:
        """Binomial coefficients C(a, b), shape (cells + levels, levels + 1): what numbers the states."""
        rows = range(self.axis.cells + self.levels)
        return np.array([[math.comb(a, b) for b in range(self.levels + 1)] for a in rows], dtype=np.int64)

    def states(self) -> Indices:
        """All multi-indices in the order of their numbers, shape (state, level)."""
        found = np.empty((self.size, self.levels), dtype=np.int64)
        rest = np.arange(self.size)
        for level in range(self.levels - 1, -1, -1):
            # The largest a with C(a, level + 1) ≤ what is left of the number is c_level + level.
            table = self.choose[:, level + 1]
            top = np.searchsorted(table, rest, side="right") - 1
            found[:, level] = top - level
            rest = rest - table[top]
        return found

    def number(self, states: Indices) -> Indices:
        """Numbers of weakly increasing multi-indices, shape (…, level) -> (…)."""
        places = np.arange(self.levels)
        return np.asarray(self.choose[states + places, places + 1].sum(axis=-1))

    def volumes(self) -> Array:
        """Volume of every state's cell in x: the product of widths, over m! for m levels in one cell, shape (state,)."""
        states = self.states()
        volumes = self.axis.widths[states].prod(axis=1)
        alike = np.ones(self.size)
        for level in range(1, self.levels):
            alike = np.where(states[:, level] == states[:, level - 1], alike + 1.0, 1.0)
            volumes /= alike
        return np.asarray(volumes)
