"""The index of a sweep as an HDF5 file, and back."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import Any, cast

import h5py
import numpy as np

from fpsolve.errors import OutputError, StorageError
from fpsolve.results import Result, Sweep, SweepPoint
from fpsolve.store.as_text import from_text, to_text
from fpsolve.store.atomic import write_atomically
from fpsolve.store.layout import SWEEP_KIND, TABLES
from fpsolve.store.read import Reader
from fpsolve.store.write import Status, write_case, write_group, write_root

__all__ = ["open_file", "read_sweep", "write_sweep"]


def write_sweep(
    sweep: Sweep, path: str | os.PathLike[str], *, overwrite: bool = False, status: Status = "complete"
) -> None:
    """Write the index of a sweep, composed in memory and renamed into place as `write_result` does it.

    Raises
    ------
    OutputError
        The file exists and `overwrite` is False.
    StorageError
        The file cannot be written; an earlier file is untouched.
    """
    if not overwrite and os.path.lexists(path):
        msg = f"{path}: exists already; pass overwrite=True to replace it"
        raise OutputError(msg)
    with h5py.File("sweep.h5", "w", driver="core", backing_store=False) as file:
        write_root(file, sweep, status)
        write_case(file, sweep)
        write_group(file, TABLES["sweep"], _columns(sweep))
        file.flush()
        image = bytes(file.id.get_file_image())
    write_atomically(path, image, overwrite=overwrite)


def read_sweep(path: str | os.PathLike[str]) -> Sweep:
    """Read the index of a sweep; the files of its points are left alone.

    Raises
    ------
    StorageError
        As `read_result`; or the result of one case.
    """
    with Reader(path) as reader:
        header = reader.header()
        if header.kind != SWEEP_KIND:
            msg = f"{path}: the result of one case ({header.kind}), not the index of a sweep"
            raise StorageError(msg)
        case, table = reader.table("case"), reader.table("sweep")
        axes = cast("dict[str, list[object]]", from_text(table["axes"]))
        return Sweep(
            title=header.title,
            mode=table["mode"],
            axes={key: tuple(_frozen(value) for value in values) for key, values in axes.items()},
            points=tuple(_points(table, list(axes))),
            provenance=reader.provenance(header),
            case_text=case["case_text"],
            resolved=case["resolved"],
            overrides=tuple(case["overrides"]),
            case_file=table["case_file"],
        )


def open_file(path: str | os.PathLike[str]) -> Result | Sweep:
    """Read a file that fpsolve wrote: the result of one case, or the index of a sweep.

    Raises
    ------
    StorageError
        The file is missing, not readable, not HDF5, cut short, not made by fpsolve, made by a newer layout, or lacks
        a variable of the layout; the message says which.
    """
    with Reader(path) as reader:
        if reader.header().kind != SWEEP_KIND:
            return reader.result()
    return read_sweep(path)


def _columns(sweep: Sweep) -> dict[str, object]:
    points, axes = sweep.points, tuple(sweep.axes)
    scalars = tuple(sorted({name for point in points for name in point.scalars}))
    columns = {name: [getattr(point, name) for point in points] for name in ("status", "seconds", "file", "message")}
    return {
        **columns,
        "attempts": [point.attempts for point in points],
        "seed": np.array([point.seed for point in points], dtype=np.int64),
        "axis": axes,
        "axis_value": np.array([[_number(point.values.get(key)) for key in axes] for point in points]),
        "axis_text": _texts(
            [[to_text(point.values[key]) if key in point.values else "" for key in axes] for point in points]
        ),
        "scalar": scalars,
        "value": np.array([[point.scalars.get(name, np.nan) for name in scalars] for point in points]),
        "axes": to_text(sweep.axes),
        "case_file": sweep.case_file,
        "mode": sweep.mode,
    }


def _texts(rows: Sequence[Sequence[str]]) -> Any:  # noqa: ANN401 - an array of objects
    return np.array(rows, dtype=object)


def _number(value: object) -> float:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else float("nan")


def _points(table: Mapping[str, Any], axes: Sequence[str]) -> list[SweepPoint]:
    points = []
    names, values = table["scalar"], table["value"]
    for index, status in enumerate(table["status"]):
        given = zip(axes, table["axis_text"][index], strict=True)
        present = np.flatnonzero(np.isfinite(values[index])) if len(names) else ()
        points.append(
            SweepPoint(
                values={key: _frozen(from_text(text)) for key, text in given if text},
                status=status,
                seconds=float(table["seconds"][index]),
                message=table["message"][index],
                file=table["file"][index],
                scalars={names[k]: float(values[index, k]) for k in present},
                seed=int(table["seed"][index]),
                attempts=int(table["attempts"][index]),
            )
        )
    return points


def _frozen(value: object) -> object:
    """Lists as tuples, as the case keeps them."""
    return tuple(_frozen(entry) for entry in value) if isinstance(value, list) else value
