"""One axis of finite-volume cells, uniform in a coordinate y that may be stretched against the level x."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from fpsolve.errors import GridError

__all__ = ["Axis", "Grading"]

Grading = Literal["uniform", "sqrt"]
Array = NDArray[np.float64]


@dataclass(frozen=True)
class Axis:
    """Cells that are uniform in y, where x = y ("uniform") or x = lower + y² ("sqrt").

    The square-root coordinate resolves laws that behave like a power of x at a wall: midpoint masses in x are only of
    order 1/2 in front of x^(-1/2), while the same law in y = √(x − lower) is regular and second order is kept.

    Attributes
    ----------
    lower, upper : float
        Ends of the axis in x.
    cells : int
        Number of cells.
    grading : {"uniform", "sqrt"}
        The coordinate in which the cells have equal width.

    Raises
    ------
    GridError
        If the ends are not finite and increasing, or there are fewer than 4 cells.
    """

    lower: float
    upper: float
    cells: int
    grading: Grading = "uniform"

    def __post_init__(self) -> None:
        if not (np.isfinite(self.lower) and np.isfinite(self.upper) and self.lower < self.upper):
            msg = f"an axis needs two finite ends in increasing order, not [{self.lower:g}, {self.upper:g}]"
            raise GridError(msg)
        if self.cells < 4:
            msg = f"an axis needs at least 4 cells, not {self.cells}"
            raise GridError(msg)

    @property
    def y_edges(self) -> Array:
        """Cell edges in y, shape (cells + 1,)."""
        if self.grading == "sqrt":
            return np.linspace(0.0, float(np.sqrt(self.upper - self.lower)), self.cells + 1)
        return np.linspace(self.lower, self.upper, self.cells + 1)

    @property
    def y_centers(self) -> Array:
        """Cell midpoints in y, shape (cells,)."""
        edges = self.y_edges
        return 0.5 * (edges[1:] + edges[:-1])

    @property
    def step(self) -> float:
        """Width of every cell in y."""
        edges = self.y_edges
        return float(edges[-1] - edges[0]) / self.cells

    def to_x(self, y: Array) -> Array:
        """Map the coordinate y to the level x."""
        return self.lower + y * y if self.grading == "sqrt" else np.asarray(y, dtype=np.float64)

    def slope(self, y: Array) -> Array:
        """dx/dy at y; the density in y is the density in x times this."""
        return 2.0 * y if self.grading == "sqrt" else np.ones_like(y)

    @property
    def edges(self) -> Array:
        """Cell edges in x, shape (cells + 1,); the ends are `lower` and `upper` to the last bit."""
        edges = self.to_x(self.y_edges)
        edges[0], edges[-1] = self.lower, self.upper
        return edges

    @property
    def centers(self) -> Array:
        """The points x(y) of the midpoints in y, shape (cells,)."""
        return self.to_x(self.y_centers)

    @property
    def widths(self) -> Array:
        """Cell widths in x, shape (cells,); cell masses divided by them are densities of x."""
        return np.diff(self.edges)
