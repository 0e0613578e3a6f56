"""Levels of your own training: .npy, .csv or .h5 -> Sample."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import h5py
import numpy as np
from numpy.typing import NDArray

from fpsolve.errors import SampleError
from fpsolve.results import Sample
from fpsolve.store.atomic import explain

__all__ = ["read_levels"]

_DATASETS = ("levels", "sgd/levels")
_SEPARATORS = ((";", "semicolons"), ("\t", "tabs"), (" ", "spaces"))


def read_levels(
    path: str | os.PathLike[str], *, steps: Sequence[int] | None = None, times: Sequence[float] | None = None
) -> Sample:
    """Read squared singular values of your own runs.

    ====== ==============================================================================================
    ending contents
    ====== ==============================================================================================
    .npy   one array of numbers: (replica,), (replica, level) or (replica, step, level)
    .csv   one row a replica, one column a level, commas between; a header line must start with ``#``
    .h5    a dataset ``levels`` with one of the three shapes, and optionally ``step`` and ``time`` beside it;
           result files of fpsolve (``sgd/levels``) are read too
    ====== ==============================================================================================

    Parameters
    ----------
    path : path
    steps : sequence of int, optional
        Updates after which the records were taken; overrules what an .h5 file says.
    times : sequence of float, optional
        Fokker–Planck times of the records; likewise.

    Returns
    -------
    Sample
        Levels sorted ascending in x.

    Raises
    ------
    SampleError
        The file is missing, of another kind, holds pickled objects, text, complex or non-finite numbers, has another
        shape, or its steps do not increase. The message names the file and the place in it.
    """
    file = Path(path)
    readers = {".npy": _read_npy, ".csv": _read_csv, ".h5": _read_h5}
    if file.suffix.lower() not in readers:
        msg = f"{path}: levels are read from .npy, .csv or .h5 files, not from {file.suffix or 'a name without ending'}"
        raise SampleError(msg)
    try:
        levels, own_steps, own_times = readers[file.suffix.lower()](file)
    except FileNotFoundError as error:
        msg = f"{path}: there is no such file"
        raise SampleError(msg) from error
    except OSError as error:
        msg = f"{path}: cannot be read: {explain(error)}"
        raise SampleError(msg) from error
    chosen_steps = own_steps if steps is None else np.asarray(steps)
    if chosen_steps is not None and np.any(np.diff(chosen_steps) <= 0):
        msg = f"{path}: steps must increase strictly, not {np.asarray(chosen_steps).tolist()}"
        raise SampleError(msg)
    try:
        return Sample.from_array(
            _numbers(levels),
            None if chosen_steps is None else [int(step) for step in chosen_steps],
            times=own_times if times is None else list(times),
            label=file.name,
        )
    except SampleError as error:
        msg = f"{path}: {error}"
        raise SampleError(msg) from error


_Raw = tuple[NDArray[Any], NDArray[Any] | None, NDArray[Any] | None]


def _numbers(levels: NDArray[Any]) -> NDArray[np.float64]:
    if levels.dtype.kind not in "iuf":
        what = {"c": "complex numbers", "b": "truth values"}.get(levels.dtype.kind, f"data of type {levels.dtype}")
        msg = f"holds {what}; levels are real numbers (squared singular values)"
        raise SampleError(msg)
    if levels.ndim not in {1, 2, 3}:
        msg = f"holds an array of shape {levels.shape}; expected (replica,), (replica, level) or (replica, step, level)"
        raise SampleError(msg)
    return levels.astype(np.float64)


def _read_npy(file: Path) -> _Raw:
    with file.open("rb") as stream:
        try:
            levels = np.lib.format.read_array(stream, allow_pickle=False)
        except (ValueError, EOFError, MemoryError) as error:
            text = str(error)
            if "allow_pickle" in text:
                msg = f"{file}: holds pickled Python objects, which are never loaded; save an array of numbers"
            elif "magic" in text:
                msg = f"{file}: not a .npy file (numpy.save writes one)"
            else:
                msg = f"{file}: damaged or cut short: {text}"
            raise SampleError(msg) from error
    return levels, None, None


def _read_h5(file: Path) -> _Raw:
    file.stat()  # a missing file is told apart here; HDF5 words it differently from version to version
    try:
        content = h5py.File(file, "r", locking=False)
    except OSError as error:
        msg = f"{file}: not an HDF5 file, or cut short"
        raise SampleError(msg) from error
    with content:
        name = next((name for name in _DATASETS if isinstance(content.get(name), h5py.Dataset)), None)
        if name is None:
            msg = f"{file}: has no dataset `levels` (it holds: {', '.join(_datasets(content)) or 'nothing'})"
            raise SampleError(msg)
        try:
            return np.asarray(content[name][()]), _beside(content[name], "step"), _beside(content[name], "time")
        except (OSError, RuntimeError, TypeError) as error:
            msg = f"{file}: the dataset {name} cannot be read: {error}"
            raise SampleError(msg) from error


def _beside(levels: h5py.Dataset, key: str) -> NDArray[Any] | None:
    """Read the dataset `key`, or `key`s, in the group of the levels; None if there is none."""
    group = levels.parent
    found = next((group[name] for name in (key, f"{key}s") if isinstance(group.get(name), h5py.Dataset)), None)
    return None if found is None else np.atleast_1d(found[()])


def _datasets(content: h5py.File) -> list[str]:
    names: list[str] = []
    content.visititems(lambda name, item: names.append(name) if isinstance(item, h5py.Dataset) else None)
    return names[:10]


def _read_csv(file: Path) -> _Raw:
    try:
        text = file.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        msg = f"{file}: not a text file (byte {error.start} is not UTF-8)"
        raise SampleError(msg) from error
    lines = text.splitlines()
    rows: list[list[float]] = []
    for number, line in enumerate(lines, start=1):
        content = line.partition("#")[0].strip()
        if content:
            rows.append(_row(content, f"{file}:{number}", first=not rows))
            if len(rows[-1]) != len(rows[0]):
                msg = f"{file}:{number}: {len(rows[-1])} columns, but the first row has {len(rows[0])}"
                raise SampleError(msg)
    if not rows:
        msg = f"{file}: holds no rows of numbers"
        raise SampleError(msg)
    return np.array(rows), None, None


def _row(content: str, place: str, *, first: bool) -> list[float]:
    values = []
    for column, cell in enumerate(content.split(","), start=1):
        try:
            values.append(float(cell))
        except ValueError as error:
            raise SampleError(_csv_complaint(cell.strip(), place, column, first=first)) from error
        if not np.isfinite(values[-1]):
            msg = f"{place}: column {column} holds {cell.strip()}; levels must be finite"
            raise SampleError(msg)
    return values


def _csv_complaint(cell: str, place: str, column: int, *, first: bool) -> str:
    """Why a cell is not a number: an empty column, another separator, or a header line."""
    if not cell:
        return f"{place}: column {column} is empty"
    for separator, name in _SEPARATORS:
        parts = [part for part in cell.split(separator) if part]
        if len(parts) > 1 and all(_is_number(part) for part in parts):
            return f"{place}: the numbers are separated by {name}; use commas"
    if first:
        return f"{place}: {cell!r} is not a number; if this is a header, start the line with #"
    return f"{place}: column {column} holds {cell!r}, which is not a number"


def _is_number(text: str) -> bool:
    try:
        float(text.replace(",", "."))
    except ValueError:
        return False
    return True
