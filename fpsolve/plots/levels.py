"""What figures need to know of several levels: which belong together, where their targets are, their colours."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fpsolve.models.lattice import lattice_scalar_1d
from fpsolve.plots.style import STATES
from fpsolve.results import Result

__all__ = ["Levels", "level_count", "levels_of"]

Array = NDArray[np.float64]

_SAME = 1e-9  # κ of a lattice are computed and carry rounding
_KINDS = ("dyson", "geometric", "jacobi", "laguerre", "potential", "rbm", "teacher_student")
_SHARED = ("beta", "boundary", "domain", "kind", "levels", "schedule")  # keys of a model that are no level's own


@dataclass(frozen=True)
class Levels:
    """N levels in groups of equal parameters.

    Attributes
    ----------
    groups : tuple of tuple of int
        Neighbouring levels with the same parameters, ascending.
    targets : ndarray, shape (group,), or None
        Where a lone level of each group comes to rest without noise; None if the model has no such place or is unknown.
    names : tuple of str
        What each group is called, e.g. "κ = 5.38".
    """

    groups: tuple[tuple[int, ...], ...]
    targets: Array | None
    names: tuple[str, ...]

    @property
    def n(self) -> int:
        """Number of levels."""
        return sum(len(group) for group in self.groups)

    @property
    def pairs(self) -> tuple[int, ...]:
        """The lower levels i of all neighbours i, i + 1 that have the same parameters."""
        return tuple(level for group in self.groups for level in group[:-1])

    @property
    def paired(self) -> bool:
        """True if two levels with equal parameters are the largest group."""
        return max(len(group) for group in self.groups) == 2

    def group_of(self, level: int) -> int:
        """Index of the group that holds a level."""
        return next(index for index, group in enumerate(self.groups) if level in group)

    def colour(self, level: int) -> str:
        """Colour of a level: one for both of a pair, one for each level of a larger group."""
        group = self.group_of(level)
        if max(len(members) for members in self.groups) > 2:
            return STATES[level % len(STATES)]
        return STATES[group % len(STATES)]

    def line(self, level: int) -> str:
        """Line style: the upper one of a pair is dashed, as the lower one has the same colour."""
        group = self.groups[self.group_of(level)]
        return "--" if len(group) == 2 and level == group[1] else "-"

    def title(self, level: int) -> str:
        """Name of the levels `level` and `level` + 1 as a pair."""
        name = self.names[self.group_of(level)]
        return f"levels {level}, {level + 1}" + (f" ({name})" if name.startswith("κ") else "")


def level_count(result: Result) -> int:
    """Count the levels that a result speaks of; 0 if it holds none."""
    if result.evolution is not None:
        return int(result.evolution.density.shape[1])
    if result.stationary is not None:
        return int(result.stationary.density.shape[0])
    return int(result.sample.levels.shape[2]) if result.sample is not None else 0


def levels_of(result: Result) -> Levels:
    """Read groups and targets from the case that a result was made from; every level alone if there is none."""
    n = level_count(result)
    try:
        case = json.loads(result.resolved)
        model = case["model"]
        values, named = _parameters(model, n)
        targets = _targets(model, values)
    except (ValueError, TypeError, KeyError, AttributeError):
        return Levels(tuple((level,) for level in range(n)), None, tuple(f"level {level}" for level in range(n)))
    groups = _groups(values)
    first = [group[0] for group in groups]
    names = tuple(f"κ = {float(np.ravel(values[group[0]])[0]):.3g}" if named else _numbered(group) for group in groups)
    return Levels(groups, None if targets is None else targets[first], names)


def _parameters(model: Mapping[str, object], n: int) -> tuple[Array, bool]:
    """Parameters of every level, shape (level, parameter), and whether they are κ; ValueError if they do not fit."""
    if model["kind"] not in _KINDS or n == 0:
        msg = f"unknown kind {model['kind']!r}, or no level in the result"
        raise ValueError(msg)
    if model["kind"] == "rbm":
        given = model.get("kappa")
        if given is None:
            target: Mapping[str, float] = model["target"]  # type: ignore[assignment]
            given = lattice_scalar_1d(int(target["sites"]), mass2=float(target["mass2"])).kappa
        columns, named = [given], True
    elif model["kind"] == "teacher_student":
        # Levels with one teacher belong together whatever the second layer: either may be the lower one.
        columns, named = [model["teacher"]], False
    else:
        own = {key: value for key, value in model.items() if key not in _SHARED}
        noise = own.pop("noise", {})
        columns, named = [*own.values(), noise.get("g2", 0.0)], False  # type: ignore[attr-defined]
    table = [_column(value, n) for value in columns]
    return np.array(table, dtype=np.float64).T, named


def _column(value: object, n: int) -> Sequence[float]:
    """One number per level; texts are numbered in the order in which they come."""
    values = list(value) if isinstance(value, list | tuple) else [value] * n
    if len(values) != n:
        msg = f"{len(values)} values for {n} levels"
        raise ValueError(msg)
    return [values.index(entry) if isinstance(entry, str) else float(entry) for entry in values]  # type: ignore[arg-type]


def _targets(model: Mapping[str, object], values: Array) -> Array | None:
    if model["kind"] == "rbm":
        return np.asarray(float(model["mu2"]) - values[:, 0])  # type: ignore[arg-type]
    if model["kind"] == "teacher_student":
        return np.asarray(values[:, 0] ** (2 if model.get("observable") == "squared" else 1))
    if model["kind"] == "dyson":
        return np.array(_column(model.get("centre", 0.0), values.shape[0]), dtype=np.float64)
    return None


def _groups(values: Array) -> tuple[tuple[int, ...], ...]:
    """Runs of levels with equal parameters."""
    scale = np.max(np.abs(values), axis=0)
    new = np.any(np.abs(np.diff(values, axis=0)) > _SAME * scale, axis=1)
    return tuple(tuple(int(i) for i in run) for run in np.split(np.arange(len(values)), np.flatnonzero(new) + 1))


def _numbered(group: Sequence[int]) -> str:
    if len(group) == 1:
        return f"level {group[0]}"
    joint = ", " if len(group) == 2 else "–"
    return f"levels {joint.join(str(level) for level in (group[0], group[-1]))}"
