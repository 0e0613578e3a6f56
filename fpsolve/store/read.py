"""HDF5 file -> Result."""

from __future__ import annotations

import os
from dataclasses import MISSING, dataclass, fields, replace
from pathlib import Path
from typing import Any, Self, cast

import h5py
import numpy as np

from fpsolve.errors import StorageError
from fpsolve.results import AdjacentPairs, Provenance, Report, Result, Statistic
from fpsolve.store.as_text import from_text
from fpsolve.store.atomic import explain
from fpsolve.store.layout import HISTOGRAM, PAIRS, RECORDS, SCHEMA, SWEEP_KIND, TABLES, Record
from fpsolve.store.layout_types import Group, Variable

__all__ = ["Header", "Reader", "read_header", "read_result"]


@dataclass(frozen=True)
class Header:
    """The attributes of a result file and the groups it holds; cheap to read whatever its size."""

    title: str
    kind: str
    status: str
    seed: int | None
    version: str
    created_at: str
    groups: tuple[str, ...]


def read_header(path: str | os.PathLike[str]) -> Header:
    """Read only the attributes of a result file.

    Raises
    ------
    StorageError
        As `read_result`.
    """
    with Reader(path) as reader:
        return reader.header()


def read_result(path: str | os.PathLike[str]) -> Result:
    """Read a result file back; every array equals to the bit what was written.

    Parameters
    ----------
    path : path
        A file that `write_result` made.

    Returns
    -------
    Result
        Sections that the file does not hold are None.

    Raises
    ------
    StorageError
        The file is missing, not readable, not HDF5, cut short, not made by fpsolve, made by a newer layout, or lacks
        a variable of the layout; the message says which.
    """
    with Reader(path) as reader:
        return reader.result()


class Reader:
    """An open result file; every failure inside becomes a `StorageError` that names the file."""

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self._path = Path(path)

    def __enter__(self) -> Self:
        self._file = _open(self._path)
        try:
            self._check_schema()
        except BaseException:
            self._file.close()
            raise
        return self

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        self._file.close()
        # What h5py and numpy raise on damaged contents; a StorageError of our own passes through.
        if isinstance(error, OSError | RuntimeError | KeyError | ValueError | TypeError | AttributeError | MemoryError):
            msg = f"{self._path}: damaged: {str(error).strip(chr(39)) or type(error).__name__}"
            raise StorageError(msg) from error

    def header(self) -> Header:
        """What the file says of itself, without its arrays."""
        root = self._file.attrs
        return Header(
            title=str(root["title"]),
            kind=str(root["kind"]),
            status=str(root["status"]),
            seed=_optional_int(root["seed"]),
            version=str(root["version"]),
            created_at=str(root["created_at"]),
            groups=tuple(self._file),
        )

    def result(self) -> Result:
        """Everything in the file; records that it lacks are None."""
        header = self.header()
        if header.kind == SWEEP_KIND:
            msg = f"{self._path}: the index of a sweep, not the result of one case; fpsolve.open reads both"
            raise StorageError(msg)
        case = self.table("case")
        records = {name: self._record(record, layout) for name, record, layout in RECORDS if layout.name in self._file}
        for field, layout in PAIRS.items():
            if layout.name in self._file and field in records:
                values = self._variables(layout.name, layout)
                values.pop("times", None)
                records[field] = replace(records[field], pairs=AdjacentPairs(**values))
        validation = self.table("validation") if "validation" in self._file else {}
        return Result(
            title=header.title,
            kind=header.kind,
            provenance=self.provenance(header),
            case_text=case["case_text"],
            resolved=case["resolved"],
            overrides=tuple(case["overrides"]),
            tasks=tuple(case.get("tasks", ())),
            case_file=case.get("case_file", ""),
            report=self._report(validation) if "name" in validation else None,
            expectations=tuple(cast("list[dict[str, object]]", from_text(validation.get("expectations", "[]")))),
            **records,
        )

    def _check_schema(self) -> None:
        schema = self._file.attrs.get("fpsolve_schema")
        if not isinstance(schema, int | np.integer):
            msg = f"{self._path}: an HDF5 file, but not a result of fpsolve (no attribute fpsolve_schema)"
            raise StorageError(msg)
        if schema > SCHEMA:
            version = self._file.attrs.get("version", "a newer version")
            msg = (
                f"{self._path}: written by fpsolve {version} in layout {schema}; "
                f"this version reads layouts up to {SCHEMA}: please update fpsolve"
            )
            raise StorageError(msg)

    def provenance(self, header: Header) -> Provenance:
        """Who made the file."""
        made = self.table("provenance")
        return Provenance(
            created_at=header.created_at,
            command=made["command"],
            versions=dict(zip(made["packages"], made["package_versions"], strict=True)),
            platform=made["platform"],
            git=made["git"],
            seed=header.seed,
        )

    def _report(self, table: dict[str, Any]) -> Report:
        statistics = tuple(
            Statistic(
                name=name,
                value=float(table["value"][index]),
                threshold=_none_if_nan(table["threshold"][index]),
                p_value=_none_if_nan(table["p_value"][index]),
                n_effective=float(table["n_effective"][index]),
                details=tuple(cast("list[dict[str, object]]", from_text(table["details"][index]))),
                passed=bool(table["passed"][index]),
                p_threshold=_none_if_nan(table["p_threshold"][index]),
            )
            for index, name in enumerate(table["name"])
        )
        # By number: a hundred and more have three digits.
        names = [name for name in self._file["validation"] if name.startswith("histogram_")]
        names.sort(key=lambda name: int(name.removeprefix("histogram_")))
        return Report(statistics, tuple(self._histogram(f"validation/{name}") for name in names))

    def _histogram(self, path: str) -> dict[str, object]:
        values = self._variables(path, HISTOGRAM)
        texts = {attribute.name: str(self._file[path].attrs[attribute.name]) for attribute in HISTOGRAM.attributes}
        values["levels"] = values["levels"].tolist()
        # A sample without a clock has no time; the key stays, as everyone asks for it.
        values |= {key: None for key in ("time", "step") if key not in values}
        further = cast("dict[str, object]", from_text(values.pop("other", "{}")))
        return {**values, **texts, **further}

    def _record(self, record: Record, layout: Group) -> Any:  # noqa: ANN401 - one of four records
        values = self._variables(layout.name, layout)
        known = {field.name: field for field in fields(record)}
        attributes = self._file[layout.name].attrs
        for attribute in layout.attributes:
            text = str(attributes[attribute.name])
            values[attribute.name] = _optional_int(text) if attribute.name == "seed" else text
        if "edges" in values and values["edges"].ndim == 1:
            n_levels = values["density"].shape[-2]
            values["edges"] = np.tile(values["edges"], (n_levels, 1))
        given = {name: value for name, value in values.items() if name in known}
        for name, field in known.items():
            if name not in given and field.default is MISSING and field.default_factory is MISSING:
                msg = f"{self._path}: damaged: /{layout.name} lacks the variable that holds {name}"
                raise StorageError(msg)
        return record(**given)

    def table(self, name: str) -> dict[str, Any]:
        """Fields of one group that is no record."""
        return self._variables(name, TABLES[name])

    def _variables(self, path: str, layout: Group) -> dict[str, Any]:
        """Every variable of the layout that holds something, keyed by its field."""
        if path not in self._file:
            msg = f"{self._path}: damaged: the group /{path} is missing"
            raise StorageError(msg)
        group, values = self._file[path], {}
        for variable in layout.variables:
            if not variable.field:
                continue
            if variable.name in group:
                values[variable.field] = _value(group[variable.name], variable)
            elif not variable.optional:
                msg = f"{self._path}: damaged: the variable /{path}/{variable.name} is missing"
                raise StorageError(msg)
        return values


def _open(path: Path) -> h5py.File:
    try:
        # Results are renamed into place and never changed, so that no lock is needed (network folders often have none).
        return h5py.File(path, "r", locking=False)
    except FileNotFoundError:
        msg = f"{path}: there is no such file"
    except IsADirectoryError:
        msg = f"{path}: is a folder, not a result file"
    except PermissionError:
        msg = f"{path}: may not be read (permission denied)"
    except (OSError, ValueError) as error:
        text = str(error).lower()
        if path.is_dir():
            msg = f"{path}: is a folder, not a result file"
        elif "truncated" in text:
            msg = f"{path}: cut short: the file is smaller than its header says (an interrupted copy?)"
        elif "signature not found" in text or isinstance(error, ValueError):
            msg = f"{path}: not an HDF5 file"
        else:
            msg = f"{path}: cannot be opened as HDF5: {explain(error)}"
    raise StorageError(msg)


def _value(dataset: h5py.Dataset, variable: Variable) -> Any:  # noqa: ANN401 - array, number or text
    if variable.kind == "text":
        texts = dataset.asstr()[()]
        return texts.tolist() if dataset.ndim else str(texts)
    value = dataset[()]
    if dataset.ndim:
        return np.asarray(value)
    if variable.kind == "float64":
        return float(value)
    return bool(value) if variable.kind == "int8" else int(value)


def _optional_int(text: str) -> int | None:
    return int(text) if text else None


def _none_if_nan(value: float) -> float | None:
    return None if np.isnan(value) else float(value)
