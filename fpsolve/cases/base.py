"""A sweep over another case file: both files as one case."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from fpsolve.cases.as_toml import to_toml
from fpsolve.cases.faults import Fault, locate
from fpsolve.cases.fields import dotted_keys
from fpsolve.cases.lines import KeyPath, Toml, key_lines
from fpsolve.cases.override import apply_overrides, put
from fpsolve.cases.toml_text import parse_toml, read_text
from fpsolve.errors import CaseError, Problem

__all__ = ["Places", "Source", "axis_place", "located", "read_source", "with_first_values"]

Places = tuple[tuple[str, Mapping[KeyPath, int]], ...]

INPUTS = (("initial", "path"), ("sgd", "path"))
"""Keys that name input files, which are relative to the file that names them."""


@dataclass(frozen=True)
class Source:
    """What stands in the file of a case, and in the file that it builds upon.

    Attributes
    ----------
    text : str
        The file, or both files as one TOML text; either way complete.
    tables : dict
        Its tables; no base is named any more.
    places : tuple of (str, mapping)
        File and lines of its keys: the case file, then its base; never lines of `text`.
    """

    text: str
    tables: dict[str, Toml]
    places: Places


def read_source(text: str, path: Path | None, overrides: Sequence[str]) -> Source:
    """Read a case and, where its [sweep] (or an override) names a `base`, that file below it.

    The base gives every key that the case itself does not have, but for its title and [output].

    Raises
    ------
    CaseError
        Not TOML; a base that cannot be read, or that is a sweep itself. A base that does not exist is left to the
        checks of [sweep].
    """
    file = str(path) if path is not None else ""
    tables, lines = parse_toml(text, file), key_lines(text)
    section = apply_overrides(tables, overrides)[0].get("sweep")
    base = section.get("base") if isinstance(section, dict) else None
    if not isinstance(base, str):
        return Source(text, tables, ((file, lines),))
    below = Path(base) if path is None else path.parent / base
    if not below.is_file():
        return Source(text, tables, ((file, lines),))
    base_text = read_text(below)
    base_tables = parse_toml(base_text, str(below))
    if "sweep" in base_tables:
        msg = f"{below} is a sweep itself; name the case that it varies"
        raise CaseError([Problem("sweep.base", msg, file, lines.get(("sweep", "base")))])
    for key in ("title", "output"):
        base_tables.pop(key, None)
    merged = _over(_anchored(base_tables, Path(base).parent), tables)
    merged["sweep"] = {key: value for key, value in merged.get("sweep", {}).items() if key != "base"}
    whole = f"# {file} over its base {base}\n{to_toml(merged)}\n"
    return Source(whole, merged, ((file, lines), (str(below), key_lines(base_text))))


def with_first_values(source: Source, tables: dict[str, Toml]) -> tuple[dict[str, Toml], Places]:
    """Fill keys that only the axes of a sweep give with their first values, so that the case is complete without it.

    Returns
    -------
    tables : dict
        What was given, filled.
    places : tuple of (str, mapping)
        Those of the source; the keys that were filled stand where their axis stands.
    """
    filled, lines = tables, dict(source.places[0][1])
    for key, value in _first_point(tables).items():
        path = tuple(key.split("."))
        if _lacks(tables, path):
            deeper = put(filled, path, value)
            if not isinstance(deeper, str):
                filled = deeper
                line = axis_place(source.places, key)[1]
                if line is not None:
                    lines[path] = line
    return filled, ((source.places[0][0], lines), *source.places[1:])


def axis_place(places: Places, key: str) -> tuple[str, int | None]:
    """Return file and line of an axis of [sweep]."""
    file, lines = places[0]
    paths = [("sweep", "axes", key), ("sweep", "points", 0, key), ("sweep", "axes"), ("sweep", "points"), ("sweep",)]
    return file, next((lines[path] for path in paths if path in lines), None)


def located(faults: Iterable[Fault], places: Places, origins: Mapping[KeyPath, str]) -> list[Problem]:
    """As `locate`; a fault is looked for in the file that has the longest part of its path."""
    found: dict[int, list[Fault]] = {}
    for fault in faults:
        known = [next((n for n in range(len(fault.path), 0, -1) if fault.path[:n] in lines), 0) for _, lines in places]
        found.setdefault(known.index(max(known)), []).append(fault)
    problems = []
    for index in sorted(found):
        file, lines = places[index]
        problems += locate(found[index], file=file, lines=lines, origins=origins)
    return problems


def _over(base: dict[str, Toml], own: dict[str, Toml]) -> dict[str, Toml]:
    merged = dict(base)
    for key, value in own.items():
        below = merged.get(key)
        merged[key] = _over(below, value) if isinstance(below, dict) and isinstance(value, dict) else value
    return merged


def _anchored(tables: dict[str, Toml], folder: Path) -> dict[str, Toml]:
    """Input files of the base, seen from the folder of the case."""
    for path in INPUTS:
        section = tables.get(path[0])
        name = section.get(path[1]) if isinstance(section, dict) else None
        if isinstance(name, str):
            deeper = put(tables, path, str(folder / name))
            tables = tables if isinstance(deeper, str) else deeper
    return tables


def _first_point(tables: dict[str, Toml]) -> dict[str, Toml]:
    """First values of all keys that [sweep] varies; its own checks say what is wrong with others."""
    section = tables.get("sweep")
    if not isinstance(section, dict):
        return {}
    axes, points = section.get("axes"), section.get("points")
    first: dict[str, Toml] = {}
    if isinstance(axes, dict):
        first |= {key: values[0] for key, values in axes.items() if isinstance(values, tuple) and values}
    for point in points if isinstance(points, tuple) else ():
        if isinstance(point, dict):
            first = {**point, **first}
    # A key that no case has is a fault of [sweep] alone.
    return {key: value for key, value in first.items() if key in dotted_keys()}


def _lacks(tables: Toml, path: KeyPath) -> bool:
    for part in path:
        if not isinstance(tables, dict) or part not in tables:
            return True
        tables = tables[part]
    return False
