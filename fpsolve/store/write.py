"""Result -> HDF5 file."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any, Literal

import h5py
import numpy as np
from numpy.typing import NDArray

from fpsolve.errors import OutputError, StorageError
from fpsolve.results import Evolution, Report, Result, Stationary, Sweep
from fpsolve.store.as_text import to_text
from fpsolve.store.atomic import write_atomically
from fpsolve.store.layout import HISTOGRAM, PAIRS, RECORDS, SCHEMA, TABLES
from fpsolve.store.layout_types import Group, Variable

__all__ = ["Status", "write_case", "write_group", "write_result", "write_root"]

Status = Literal["running", "complete", "failed"]

_DTYPES: dict[str, Any] = {
    "float64": np.dtype(np.float64),
    "int64": np.dtype(np.int64),
    "int8": np.dtype(np.int8),
    "text": h5py.string_dtype("utf-8"),
}


def write_result(
    result: Result, path: str | os.PathLike[str], *, overwrite: bool = False, status: Status = "complete"
) -> None:
    """Write a result as an HDF5 file that xarray opens group by group.

    The file is composed in memory and put on the disk by ordinary file operations under a temporary name, flushed and
    renamed: a full disk is then an error of the operating system and not a failure inside the HDF5 library, no file
    lock is needed, and a killed run leaves either the earlier file or the new one.

    Parameters
    ----------
    result : Result
        What to write; sections that are None are left out.
    path : path
        Name of the file, usually ending in .h5.
    overwrite : bool
        Replace an existing file.
    status : {"complete", "running", "failed"}
        Kept as an attribute of the file: "running" marks what is saved while more is still being computed.

    Raises
    ------
    OutputError
        The file exists and `overwrite` is False.
    StorageError
        The file cannot be written (full disk, lost folder); an earlier file is untouched.
    """
    if not overwrite and os.path.lexists(path):
        msg = f"{path}: exists already; pass overwrite=True to replace it"
        raise OutputError(msg)
    write_atomically(path, _image(result, status), overwrite=overwrite)


def _image(result: Result, status: Status) -> bytes:
    """Compose the bytes of the HDF5 file."""
    with h5py.File("result.h5", "w", driver="core", backing_store=False) as file:
        write_root(file, result, status)
        write_case(file, result)
        for name, _, layout in RECORDS:
            record = getattr(result, name)
            if record is not None:
                values = {name: getattr(record, name) for name in _fields(layout)}
                texts = {attribute.name: getattr(record, attribute.name) for attribute in layout.attributes}
                write_group(file, layout, values, texts)
        for field, layout in PAIRS.items():
            owner: Evolution | Stationary | None = getattr(result, field)
            if owner is not None and owner.pairs is not None:
                known = {**vars(owner), **vars(owner.pairs)}
                write_group(file, layout, {name: known[name] for name in _fields(layout)})
        _write_validation(file, result)
        file.flush()
        return bytes(file.id.get_file_image())


def _fields(layout: Group) -> list[str]:
    return [variable.field for variable in layout.variables if variable.field]


def write_root(file: h5py.File, result: Result | Sweep, status: Status) -> None:
    """Write the attributes of the file."""
    provenance = result.provenance
    version = provenance.versions.get("fpsolve", "")
    file.attrs["fpsolve_schema"] = np.int64(SCHEMA)
    texts = {
        "version": version,
        "created_at": provenance.created_at,
        "status": status,
        "kind": result.kind,
        "title": result.title,
        "seed": _text(provenance.seed),
        "creation_library": "fpsolve",
        "creation_library_version": version,
    }
    for name, text in texts.items():
        file.attrs[name] = text


def write_case(file: h5py.File, result: Result | Sweep) -> None:
    """Write the case and who computed it."""
    case: dict[str, object] = {
        "case_text": result.case_text,
        "resolved": result.resolved,
        "overrides": result.overrides,
    }
    if isinstance(result, Result):
        case |= {"tasks": result.tasks, "case_file": result.case_file}
    write_group(file, TABLES["case"], case)
    provenance = result.provenance
    made = {
        "packages": tuple(provenance.versions),
        "package_versions": tuple(provenance.versions.values()),
        "command": provenance.command,
        "platform": provenance.platform,
        "git": provenance.git,
    }
    write_group(file, TABLES["provenance"], made)


def _write_validation(file: h5py.File, result: Result) -> None:
    report = result.report
    if report is None and not result.expectations:
        return
    values: dict[str, object] = {"expectations": to_text(result.expectations)}
    if report is not None:
        values |= _statistics_columns(report)
    write_group(file, TABLES["validation"], values)
    known = {variable.field for variable in HISTOGRAM.variables} | {item.name for item in HISTOGRAM.attributes}
    for index, histogram in enumerate(report.histograms if report is not None else ()):
        columns = {**histogram, "other": None}
        further = {key: value for key, value in histogram.items() if key not in known}
        if further:
            columns["other"] = to_text(further)
        write_group(file, HISTOGRAM, columns, histogram, path=f"validation/histogram_{index:02d}")


def _statistics_columns(report: Report) -> dict[str, object]:
    entries = report.statistics
    return {
        "name": tuple(entry.name for entry in entries),
        "value": [entry.value for entry in entries],
        "threshold": [_nan_if_none(entry.threshold) for entry in entries],
        "p_value": [_nan_if_none(entry.p_value) for entry in entries],
        "p_threshold": [_nan_if_none(entry.p_threshold) for entry in entries],
        "n_effective": [entry.n_effective for entry in entries],
        "passed": [entry.passed for entry in entries],
        "details": tuple(to_text(entry.details) for entry in entries),
    }


def write_group(
    file: h5py.File,
    layout: Group,
    values: Mapping[str, object],
    texts: Mapping[str, object] | None = None,
    *,
    path: str = "",
) -> None:
    """Write every variable of `layout` whose value is there, and the scale of every axis they use."""
    group = file.create_group(path or layout.name)
    for attribute in layout.attributes:
        group.attrs[attribute.name] = _text((texts or {}).get(attribute.name))
    arrays: dict[str, tuple[Variable, tuple[str, ...], NDArray[Any]]] = {}
    sizes: dict[str, int] = {}
    for variable in layout.variables:
        value = values.get(variable.field) if variable.field else None
        if value is None:
            continue
        dims, array = _on_shared_axis(variable, _stored(value, variable, sizes))
        arrays[variable.name] = (variable, dims, array)
        for name, size in zip(dims, array.shape, strict=True):
            if sizes.setdefault(name, size) != size:
                msg = f"{group.name}/{variable.name}: axis {name} has {size} entries, but {sizes[name]} elsewhere"
                raise StorageError(msg)
    for variable in layout.variables:
        if not variable.field and variable.name in sizes:
            arrays[variable.name] = (variable, variable.dims, np.arange(sizes[variable.name], dtype=np.int64))
    for name, (variable, _, array) in arrays.items():
        dataset = group.create_dataset(name, data=array, dtype=array.dtype, **_filters(variable, array))
        dataset.attrs["units"] = variable.units
        dataset.attrs["long_name"] = variable.long_name
        if name in sizes:
            dataset.make_scale(name)
    for name, (_, dims, _) in arrays.items():
        if name not in sizes:
            for axis, dim in enumerate(dims):
                group[name].dims[axis].attach_scale(group[dim])


def _stored(value: object, variable: Variable, sizes: Mapping[str, int]) -> NDArray[Any]:
    """Convert `value` to the stored type; what is empty gets the axes that the layout declares."""
    if variable.kind == "text":
        texts = np.asarray(value, dtype=object).astype(_DTYPES["text"])
        return texts if variable.dims else np.array(value, dtype=_DTYPES["text"])
    array = np.asarray(value)
    # Counts that are not whole (weighted histograms) keep their fractions.
    whole = variable.kind != "int64" or array.dtype.kind in "iub" or array.size == 0
    array = np.asarray(array, dtype=_DTYPES[variable.kind] if whole else np.float64)
    declared = [sizes.get(name, 0) for name in variable.dims]
    if array.size == 0 and 0 in declared:
        return array.reshape(declared)
    if array.ndim != len(variable.dims):
        msg = f"{variable.name} has shape {array.shape}, but its axes are {', '.join(variable.dims) or 'none'}"
        raise StorageError(msg)
    return array


def _on_shared_axis(variable: Variable, array: NDArray[Any]) -> tuple[tuple[str, ...], NDArray[Any]]:
    """Cells that are the same for every level are written once, without the level axis."""
    if variable.name in {"x", "edges"} and variable.dims[0] == "level" and np.all(array == array[:1]):
        return variable.dims[1:], array[0]
    return variable.dims, array


def _filters(variable: Variable, array: NDArray[Any]) -> dict[str, object]:
    """Compression of large arrays; one chunk an output time along t, so that a single time is read alone."""
    if array.ndim < 2 or array.size == 0 or variable.kind == "text":
        return {}
    chunks = (1, *array.shape[1:]) if variable.dims[0] == "t" else True
    return {"chunks": chunks, "compression": "gzip", "shuffle": True}


def _nan_if_none(value: float | None) -> float:
    return float("nan") if value is None else value


def _text(value: object) -> str:
    return "" if value is None else str(value)
