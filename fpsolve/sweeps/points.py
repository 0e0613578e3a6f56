"""The points of a sweep: which values every key has at each of them."""

from __future__ import annotations

import hashlib
import json
from itertools import product

from fpsolve.cases.schema import Sweep

__all__ = ["axes_of", "point_seed", "points_of"]


def points_of(sweep: Sweep) -> tuple[dict[str, object], ...]:
    """Values of the varied keys at every point.

    Returns
    -------
    tuple of dict
        "grid": all combinations, the last axis fastest. "zip": the k-th values of all axes together. "list": the
        tables of `points`; a key that a point does not have keeps the value of the case.
    """
    if sweep.mode == "list":
        return tuple(dict(point) for point in sweep.points)
    rows = product(*sweep.axes.values()) if sweep.mode == "grid" else zip(*sweep.axes.values(), strict=True)
    return tuple(dict(zip(sweep.axes, row, strict=True)) for row in rows)


def axes_of(sweep: Sweep) -> dict[str, tuple[object, ...]]:
    """Keys that vary with their values in the order of the case; of mode "list" each value once."""
    if sweep.mode != "list":
        return {key: tuple(values) for key, values in sweep.axes.items()}
    axes: dict[str, list[object]] = {}
    for point in sweep.points:
        for key, value in point.items():
            values = axes.setdefault(key, [])
            if value not in values:
                values.append(value)
    return {key: tuple(values) for key, values in axes.items()}


def point_seed(seed: int, values: dict[str, object]) -> int:
    """Seed of one point, a function of the sweep's seed and the point's values alone.

    The first 63 bits of the SHA-256 of both, written in one canonical way: the order of the axes and whether a number
    is written 8 or 8.0 do not matter, and neither do the other points. Different points have independent random numbers.
    """
    text = json.dumps([seed, {key: _canonical(value) for key, value in values.items()}], sort_keys=True)
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big") >> 1


def _canonical(value: object) -> object:
    if isinstance(value, list | tuple):
        return [_canonical(entry) for entry in value]
    if isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    return value
