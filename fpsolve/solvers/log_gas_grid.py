"""The common cells of all levels: dense at a wall where laws are singular, uniform beyond it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from fpsolve.errors import GridError

__all__ = ["BLOCK", "LogGasGrid"]

Array = NDArray[np.float64]

BLOCK = 8
"""Cells come in blocks of this many; the window of a level is a range of blocks."""


@dataclass(frozen=True)
class LogGasGrid:
    """Cells of equal width in y, where x = lower + b(√(1 + y²) − 1) with the bend b.

    Within a distance b of the lower end x grows like y², so that laws that behave like a power of x there are regular;
    farther out the cells have equal widths in x. The bend 0 stands for x = y, an infinite one for x = lower + y².

    Attributes
    ----------
    lower, upper : float
        Ends in x.
    cells : int
        Number of cells.
    bend : float
        b ≥ 0 [x].

    Raises
    ------
    GridError
        If the ends are not finite and increasing, or there are fewer than 16 cells.
    """

    lower: float
    upper: float
    cells: int
    bend: float = 0.0

    def __post_init__(self) -> None:
        if not (np.isfinite(self.lower) and np.isfinite(self.upper) and self.lower < self.upper):
            msg = f"an axis needs two finite ends in increasing order, not [{self.lower:g}, {self.upper:g}]"
            raise GridError(msg)
        if self.cells < 2 * BLOCK:
            msg = f"the levels of a gas need at least {2 * BLOCK} cells, not {self.cells}"
            raise GridError(msg)

    def to_y(self, x: Array) -> Array:
        """Map levels x ≥ lower to the coordinate y."""
        if self.bend == 0.0:
            return np.asarray(x, dtype=np.float64)
        distance = np.maximum(np.asarray(x, dtype=np.float64) - self.lower, 0.0)
        if self.bend == np.inf:
            return np.sqrt(distance)
        ratio = distance / self.bend
        return np.sqrt(ratio * (2.0 + ratio))

    def to_x(self, y: Array) -> Array:
        """Map the coordinate y to levels x."""
        if self.bend == 0.0:
            return np.asarray(y, dtype=np.float64)
        if self.bend == np.inf:
            return np.asarray(self.lower + y * y)
        # √(1 + y²) − 1 without the difference of two numbers next to 1.
        return np.asarray(self.lower + self.bend * y * y / (1.0 + np.sqrt(1.0 + y * y)))

    def slope(self, y: Array) -> Array:
        """dx/dy."""
        if self.bend == 0.0:
            return np.ones_like(y)
        if self.bend == np.inf:
            return 2.0 * y
        return np.asarray(self.bend * y / np.sqrt(1.0 + y * y))

    @cached_property
    def y_edges(self) -> Array:
        """Cell edges in y, shape (cells + 1,)."""
        low, high = self.to_y(np.array([self.lower, self.upper]))
        return np.linspace(low, high, self.cells + 1)

    @cached_property
    def y(self) -> Array:
        """Cell midpoints in y, shape (cells,)."""
        return np.asarray(0.5 * (self.y_edges[1:] + self.y_edges[:-1]))

    @property
    def step(self) -> float:
        """Width of every cell in y."""
        return float(self.y_edges[-1] - self.y_edges[0]) / self.cells

    @cached_property
    def x(self) -> Array:
        """Levels at the midpoints, shape (cells,)."""
        return self.to_x(self.y)

    @cached_property
    def edges(self) -> Array:
        """Cell edges in x, shape (cells + 1,)."""
        edges = self.to_x(self.y_edges).copy()
        edges[0], edges[-1] = self.lower, self.upper
        return edges

    @property
    def blocks(self) -> int:
        """Number of blocks; the last one may reach beyond the last cell."""
        return -(-self.cells // BLOCK)

    def padded(self, values: Array, fill: float = 0.0) -> Array:
        """Fill the last axis up to whole blocks and split it: shape (..., block, point)."""
        missing = self.blocks * BLOCK - self.cells
        full = np.concatenate([values, np.full((*values.shape[:-1], missing), fill)], axis=-1)
        return full.reshape(*values.shape[:-1], self.blocks, BLOCK)

    def unpadded(self, values: Array) -> Array:
        """Undo `padded`."""
        return values.reshape(*values.shape[:-2], self.blocks * BLOCK)[..., : self.cells]
