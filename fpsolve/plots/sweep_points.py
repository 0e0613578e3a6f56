"""What figures need to know of the points of a sweep: their settings, their names, which belong together."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from fpsolve.plots.style import STATES, TIMES
from fpsolve.results import Result, Sweep

__all__ = ["LINES", "Colour", "Line", "Points", "axis_label", "free_axes", "key_name", "number_of", "value_name"]

Array = NDArray[np.float64]
Colour = str | tuple[float, float, float]
Line = Literal["-", "--", ":", "-."]

_NAMES = {
    "sgd.learning_rate": ("α", "learning rate α"),
    "model.noise.learning_rate": ("α", "learning rate α"),
    "sgd.batch_size": ("B", "batch size B"),
    "model.noise.batch_size": ("B", "batch size B"),
    "sgd.sweeps": ("k", "Gibbs sweeps k"),
    "model.noise.sweeps": ("k", "Gibbs sweeps k"),
    "model.noise.g2": ("g²", "noise g²"),
    "model.kappa": ("κ", "κ"),
    "model.mu2": ("μ²", "μ²"),
    "model.temperature": ("T", "temperature T"),
    "model.weight_decay": ("λ", "weight decay λ"),
    "model.rows": ("M", "rows M"),
    "model.second_layer": ("z", "z, eigenvalues of ZᵀZ"),
    "model.noise.kind": ("noise", "noise"),
    "stationary.method": ("law", "law"),
}
_TEXTS = {
    ("model.noise.kind", "pcd"): "derived noise",
    ("model.noise.kind", "pcd_constant"): "constant noise",
    ("model.noise.kind", "constant"): "constant noise",
    ("stationary.method", "one_step"): "chain of single updates",
    ("stationary.method", "exact"): "Fokker–Planck",
    ("stationary.method", "gaussian_matrix"): "Gaussian matrix",
    ("stationary.method", "second_order"): "second order in α/B",
}
LINES: tuple[Line, ...] = ("-", "--", ":", "-.")


@dataclass(frozen=True)
class Points:
    """The points of a sweep, and what was computed at each.

    Attributes
    ----------
    sweep : Sweep
    results : sequence of Result or None
        In the order of the points; None where there is none.
    """

    sweep: Sweep
    results: Sequence[Result | None]

    @cached_property
    def numeric(self) -> tuple[str, ...]:
        """Free axes whose values are all numbers."""
        return tuple(
            key for key in free_axes(self.sweep) if all(number_of(value) is not None for value in self.sweep.axes[key])
        )

    @cached_property
    def other(self) -> tuple[str, ...]:
        """Free axes of anything else: words, lists."""
        return tuple(key for key in free_axes(self.sweep) if key not in self.numeric)

    def setting(self, index: int, *keys: str) -> object:
        """Value of the first of some dotted keys that is known at a point, its own values first; None if none is."""
        for source in (self.sweep.points[index].values, self._resolved):
            for key in keys:
                value = source.get(key) if key in source else _dig(source, key)
                if value is not None:
                    return value
        return None

    def ratio(self) -> Array:
        """Learning rate over batch size α/B, shape (point,); nan where one of them is not known."""
        return self.learning_rate() / self.batch_size()

    def learning_rate(self) -> Array:
        """α, shape (point,); nan where it is not known."""
        return self._numbers("sgd.learning_rate", "model.noise.learning_rate")

    def batch_size(self) -> Array:
        """B, shape (point,); nan where it is not known."""
        return self._numbers("sgd.batch_size", "model.noise.batch_size")

    def name(self, index: int, keys: Sequence[str] | None = None) -> str:
        """Name a point by its values, e.g. "α = 0.01, B = 16"; all axes unless `keys` says which."""
        values = self.sweep.points[index].values
        chosen = (*self.numeric, *self.other) if keys is None else keys
        return ", ".join(value_name(key, values[key]) for key in chosen if key in values)

    def colours(self, chosen: Sequence[int]) -> dict[int, Colour]:
        """Colour of every chosen point: one for each combination of numbers (of anything, if no axis is numeric)."""
        keys = self.numeric or self.other
        places, count = _places([self.name(index, keys) for index in chosen])
        if count <= len(STATES):
            return {index: STATES[place] for index, place in zip(chosen, places, strict=True)}
        shades = [TIMES(place / (count - 1)) for place in places]
        return {index: (r, g, b) for index, (r, g, b, _) in zip(chosen, shades, strict=True)}

    def lines(self, chosen: Sequence[int]) -> dict[int, Line]:
        """Line style of every chosen point: one for each combination of words, where numbers have the colours."""
        keys = self.other if self.numeric else ()
        places, _ = _places([self.name(index, keys) for index in chosen])
        return {index: LINES[place % len(LINES)] for index, place in zip(chosen, places, strict=True)}

    @cached_property
    def _resolved(self) -> Mapping[str, object]:
        return _tree(self.sweep.resolved)

    def _numbers(self, *keys: str) -> Array:
        found = [number_of(self.setting(index, *keys)) for index in range(len(self.sweep.points))]
        return np.array([np.nan if value is None else value for value in found])


def free_axes(sweep: Sweep) -> tuple[str, ...]:
    """Axes that vary, without those whose value follows from an earlier one, as where axes advance together."""
    free: list[str] = []
    for key, values in sweep.axes.items():
        if len({repr(value) for value in values}) > 1 and not any(_follows(sweep, key, earlier) for earlier in free):
            free.append(key)
    return tuple(free)


def number_of(value: object) -> float | None:
    """Read a number, or the only number of a list; None if it is neither."""
    if isinstance(value, list | tuple) and len(value) == 1:
        return number_of(value[0])
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value)


def key_name(key: str) -> str:
    """Symbol of a dotted key, or its last part."""
    return _NAMES[key][0] if key in _NAMES else key.rpartition(".")[2].replace("_", " ")


def axis_label(key: str) -> str:
    """Label of an axis that shows a dotted key."""
    return _NAMES[key][1] if key in _NAMES else key


def value_name(key: str, value: object) -> str:
    """Write a value with its key, e.g. "α = 0.01"; a known word alone."""
    if isinstance(value, str):
        return _TEXTS.get((key, value), f"{key_name(key)} {value}")
    values = value if isinstance(value, list | tuple) else (value,)
    written = ", ".join(f"{entry:g}" if isinstance(entry, float) else str(entry) for entry in values)
    return f"{key_name(key)} = {written}"


def _follows(sweep: Sweep, key: str, earlier: str) -> bool:
    """True if points with the same value of one axis always have the same value of the other."""
    seen: dict[str, str] = {}
    pairs = ((repr(point.values.get(earlier)), repr(point.values.get(key))) for point in sweep.points)
    return all(seen.setdefault(first, second) == second for first, second in pairs)


def _places(names: Sequence[str]) -> tuple[list[int], int]:
    """Number names in the order in which they come; equal names have equal numbers."""
    order = {name: place for place, name in enumerate(dict.fromkeys(names))}
    return [order[name] for name in names], len(order)


def _tree(text: str) -> Mapping[str, object]:
    try:
        tree = json.loads(text)
    except ValueError:
        return {}
    return tree if isinstance(tree, dict) else {}


def _dig(tree: object, key: str) -> object:
    for part in key.split("."):
        if not isinstance(tree, Mapping) or part not in tree:
            return None
        tree = tree[part]
    return tree
