"""What a potential can tell: its value and its first two derivatives."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

__all__ = ["Callables", "PotentialFunction"]

Array = NDArray[np.float64]
Function = Callable[[Array], Array]


@runtime_checkable
class PotentialFunction(Protocol):
    """A potential with its first two derivatives; every method takes and returns an array of any shape."""

    def value(self, x: Array) -> Array:
        """V(x)."""
        ...

    def slope(self, x: Array) -> Array:
        """V'(x)."""
        ...

    def curvature(self, x: Array) -> Array:
        """V''(x)."""
        ...


@dataclass(frozen=True)
class Callables:
    """A `PotentialFunction` made of three functions of an array."""

    v: Function
    dv: Function
    d2v: Function

    def value(self, x: Array) -> Array:
        """V(x)."""
        return self.v(x)

    def slope(self, x: Array) -> Array:
        """V'(x)."""
        return self.dv(x)

    def curvature(self, x: Array) -> Array:
        """V''(x)."""
        return self.d2v(x)
