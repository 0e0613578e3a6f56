"""The axis that several levels share: linear in x, or in √x where levels start close to a wall at 0."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.ticker import FixedLocator, FuncFormatter, MaxNLocator, NullLocator
from numpy.typing import NDArray

from fpsolve.results import Evolution

__all__ = ["Coordinate", "coordinate_of"]

Array = NDArray[np.float64]

_NARROW = 1.0 / 100.0  # of the whole range: a level this narrow cannot be seen on an axis linear in x


@dataclass(frozen=True)
class Coordinate:
    """x itself, or √x (the singular value of the weights); an axis always shows x.

    Attributes
    ----------
    root : bool
        True for √x.
    """

    root: bool = False

    @property
    def symbol(self) -> str:
        """Name of the coordinate in which densities are drawn."""
        return "√x" if self.root else "x"

    def place(self, x: Array) -> Array:
        """The coordinate at x."""
        return np.sqrt(np.maximum(x, 0.0)) if self.root else np.asarray(x)

    def density(self, edges: Array, density: Array) -> Array:
        """Cell averages in the coordinate of a density given by cell averages in x; masses of cells stay the same."""
        return np.asarray(density * np.diff(edges) / np.diff(self.place(edges)))

    def label(self) -> str:
        """Label of an axis of positions."""
        return "level x (axis linear in √x, the singular value)" if self.root else "level x"

    def scale(self, panel: Axes, side: str) -> None:
        """Scale an axis, "x" or "y", of a panel whose limits are set, and put ticks at round numbers x."""
        axis: Axis = getattr(panel, f"{side}axis")
        low, high = getattr(panel, f"get_{side}lim")()
        if not self.root:
            return
        getattr(panel, f"set_{side}scale")("function", functions=(_root, np.square))
        # The wall is shown if the panel nearly reaches it.
        getattr(panel, f"set_{side}lim")(low if low > 0.02 * high else 0.0, high)
        axis.set_major_locator(FixedLocator(_ticks(high).tolist()))
        axis.set_minor_locator(NullLocator())
        axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))


def coordinate_of(evolution: Evolution) -> Coordinate:
    """Choose √x where all levels are at x ≥ 0 and one is too narrow at some time to be seen on an axis linear in x."""
    low = float(np.min(evolution.edges))
    reach = float(np.max(evolution.mean + 2.0 * evolution.std))
    return Coordinate(root=low >= 0.0 and float(np.min(evolution.std)) < _NARROW * reach)


def _root(x: Array) -> Array:
    return np.sqrt(np.maximum(x, 0.0))


def _ticks(high: float) -> Array:
    """Multiples of a round step up to `high`, and 1/2, 1/5 and 1/20 of it, where a root axis has room for them."""
    steps = np.asarray(MaxNLocator(7, steps=[1, 2, 5, 10]).tick_values(0.0, high))
    step = float(steps[1] - steps[0])
    return np.unique(np.concatenate([[step / 20.0, step / 5.0, step / 2.0], steps[(steps >= 0.0) & (steps <= high)]]))
