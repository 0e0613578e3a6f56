"""Checks of model parameters, with messages that name the value and what is allowed."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import get_args

import numpy as np

from fpsolve.errors import ModelError

__all__ = ["ascending", "at_least_zero", "choice", "count", "finite", "per_level", "positive"]


def finite(name: str, value: float) -> float:
    """Return `value` as a float; ModelError unless it is a finite number."""
    try:
        number = float(value)
    except (TypeError, ValueError):
        number = float("nan")
    if not np.isfinite(number):
        msg = f"{name} must be a finite number, not {value!r}"
        raise ModelError(msg)
    return number


def positive(name: str, value: float) -> float:
    """Return `value` as a float; ModelError unless it is finite and > 0."""
    number = finite(name, value)
    if number <= 0.0:
        msg = f"{name} must be positive, not {number:g}"
        raise ModelError(msg)
    return number


def at_least_zero(name: str, value: float) -> float:
    """Return `value` as a float; ModelError unless it is finite and >= 0."""
    number = finite(name, value)
    if number < 0.0:
        msg = f"{name} must not be negative, not {number:g}"
        raise ModelError(msg)
    return number


def count(name: str, value: int) -> int:
    """Return `value` as an int; ModelError unless it is a whole number >= 1."""
    number = finite(name, value)
    if number < 1.0 or number != int(number):
        msg = f"{name} must be a whole number of at least 1, not {value!r}"
        raise ModelError(msg)
    return int(number)


def choice(name: str, value: str, allowed: object) -> str:
    """Return `value`; ModelError unless it is one of the words of the Literal `allowed`."""
    words = get_args(allowed)
    if value not in words:
        msg = f"{name} must be {' or '.join(repr(word) for word in words)}, not {value!r}"
        raise ModelError(msg)
    return value


def per_level(name: str, value: float | Sequence[float], levels: int) -> tuple[float, ...]:
    """One finite number per level, lowest level first; a single number stands for all levels.

    Raises
    ------
    ModelError
        A list of another length, or an entry that is not finite.
    """
    if np.ndim(value) == 0:
        return (finite(name, value),) * levels  # type: ignore[arg-type]
    numbers = tuple(finite(f"{name}[{i}]", entry) for i, entry in enumerate(np.asarray(value, dtype=object).tolist()))
    if len(numbers) != levels:
        msg = f"{name} has {len(numbers)} entries, but there are {levels} levels; give one number, or one per level"
        raise ModelError(msg)
    return numbers


def ascending(name: str, numbers: tuple[float, ...]) -> tuple[float, ...]:
    """Return `numbers`; ModelError unless they ascend with the level (ties allowed)."""
    for i, (left, right) in enumerate(pairwise(numbers)):
        if right < left:
            msg = (
                f"{name} must ascend with the level (ties are allowed), but entry {i + 1} = {right:g} follows {left:g}"
            )
            raise ModelError(msg)
    return numbers
