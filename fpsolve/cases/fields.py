"""Which keys stand where in the schema: for suggestions, for axes of a sweep, for the manual."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import get_args

from pydantic.fields import FieldInfo

from fpsolve.cases.lines import Toml
from fpsolve.cases.schema import Document
from fpsolve.cases.schema_base import Section

__all__ = [
    "dotted_keys",
    "field_names",
    "field_of",
    "homes_of",
    "kind_of",
    "section_at",
    "section_tables",
    "sections_in",
]


def field_names(section: type[Section]) -> tuple[str, ...]:
    """Keys of a table, as they are written in a case file."""
    return tuple(field.alias or name for name, field in section.model_fields.items())


def sections_in(annotation: Toml) -> tuple[type[Section], ...]:
    """Every kind of table that an annotation allows directly, not inside lists."""
    if isinstance(annotation, type) and issubclass(annotation, Section):
        return (annotation,)
    return tuple(found for part in get_args(annotation) for found in sections_in(part))


def field_of(section: type[Section], key: str) -> FieldInfo | None:
    """Return the field behind a key."""
    return next((field for name, field in section.model_fields.items() if (field.alias or name) == key), None)


def kind_of(section: type[Section]) -> str | None:
    """Return the value of `kind` that selects this table, if it has exactly one."""
    field = section.model_fields.get("kind")
    words = get_args(field.annotation) if field is not None else ()
    return str(words[0]) if len(words) == 1 else None


def section_at(path: tuple[str | int, ...], tables: dict[str, Toml]) -> type[Section] | None:
    """Return the table class at a path of a case, chosen by the `kind` that is written there; None if it cannot be told."""
    section: type[Section] = Document
    value: Toml = tables
    for part in path:
        field: FieldInfo | None = field_of(section, part) if isinstance(part, str) else None
        value = value.get(part) if isinstance(value, dict) else None
        if field is None or not isinstance(value, dict):
            return None
        candidates = sections_in(field.annotation)
        matching = [entry for entry in candidates if kind_of(entry) == value.get("kind")] or list(candidates)
        if len(matching) != 1:
            return None
        section = matching[0]
    return section


def section_tables() -> Iterator[tuple[tuple[str, ...], type[Section]]]:
    """All tables of the schema with their paths, the document first, each kind once a place."""
    yield (), Document
    yield from _below((), Document)


def _below(path: tuple[str, ...], section: type[Section]) -> Iterator[tuple[tuple[str, ...], type[Section]]]:
    for name, field in section.model_fields.items():
        for inner in sections_in(field.annotation):
            here = (*path, field.alias or name)
            yield here, inner
            yield from _below(here, inner)


@cache
def homes_of(key: str) -> tuple[str, ...]:
    """Names of the tables that have a key of this name, e.g. ("model.noise", "sgd")."""
    homes = (".".join(path) for path, section in section_tables() if path and key in field_names(section))
    return tuple(dict.fromkeys(homes))


@cache
def dotted_keys() -> tuple[str, ...]:
    """All keys that some kind of case has, dotted, e.g. "model.noise.g2"."""
    keys = (".".join((*path, name)) for path, section in section_tables() for name in field_names(section))
    return tuple(dict.fromkeys(keys))
