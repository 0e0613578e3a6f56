"""Results of the points of a sweep, read when they are asked for."""

from __future__ import annotations

import os
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import overload

from fpsolve.results import Result, Sweep
from fpsolve.store.read import read_result

__all__ = ["PointResults"]

KEPT = 16
"""Results held at a time; the figures of a sweep come back to the same points."""


class PointResults(Sequence[Result | None]):
    """The results of a sweep in the order of its points, None where a point has none.

    Parameters
    ----------
    sweep : Sweep
    path : path
        Its index; the files of the points are named relative to it.

    Raises
    ------
    StorageError
        On access: the file of a point is missing or damaged.
    """

    def __init__(self, sweep: Sweep, path: str | os.PathLike[str]) -> None:
        self._files = tuple(point.file for point in sweep.points)
        self._folder = Path(path).parent
        self._read = lru_cache(KEPT)(read_result)

    def __len__(self) -> int:
        return len(self._files)

    @overload
    def __getitem__(self, index: int) -> Result | None: ...

    @overload
    def __getitem__(self, index: slice) -> Sequence[Result | None]: ...

    def __getitem__(self, index: int | slice) -> Result | Sequence[Result | None] | None:
        if isinstance(index, slice):
            return [self[i] for i in range(*index.indices(len(self)))]
        file = self._files[index]
        return self._read(self._folder / file) if file else None
