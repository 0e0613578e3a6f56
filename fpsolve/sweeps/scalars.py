"""The numbers of a result under one name each."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping

from fpsolve.results import Result
from fpsolve.run.as_json import plain, result_json

__all__ = ["scalars_of"]

SKIPPED = ("expect", "seed")
"""Expected values repeat what is there; a seed has more digits than a float."""


def scalars_of(result: Result) -> dict[str, float]:
    """Every finite number of the --json object by its dotted path, e.g. "stationary.levels.mean.0"."""
    return dict(_numbers(plain(result_json(result, None)), ""))


def _numbers(value: object, path: str) -> Iterator[tuple[str, float]]:
    if isinstance(value, bool):
        return
    if isinstance(value, int | float):
        if math.isfinite(value):
            yield path, float(value)
        return
    entries = value.items() if isinstance(value, Mapping) else enumerate(value) if isinstance(value, list) else ()
    for key, entry in entries:
        if key not in SKIPPED:
            yield from _numbers(entry, f"{path}.{key}" if path else str(key))
