"""Nested entries (details of a statistic, expectations) as JSON text that gives every float back to the bit."""

from __future__ import annotations

import json

import numpy as np

__all__ = ["from_text", "to_text"]


def to_text(entries: object) -> str:
    """JSON of dicts, lists, numbers, strings and arrays; floats with all their digits.

    Tuples and arrays come back as lists; nan and infinities are written as Python writes them (``NaN``, ``Infinity``).
    """
    return json.dumps(entries, default=_plain, ensure_ascii=False)


def from_text(text: str) -> object:
    """Inverse of `to_text`."""
    return json.loads(text)


def _plain(value: object) -> object:
    if isinstance(value, np.ndarray | np.generic):
        return value.tolist()
    return str(value)
