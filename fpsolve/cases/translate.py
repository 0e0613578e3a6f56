"""From pydantic's errors to sentences of a case file: what is wrong, what is allowed, what was probably meant."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping

from pydantic import ValidationError

from fpsolve.cases.faults import PLAIN_KEYS, Fault, choices, shown, suggestion
from fpsolve.cases.fields import field_names, field_of, homes_of, kind_of, section_at, sections_in
from fpsolve.cases.lines import KeyPath, Toml
from fpsolve.cases.schema import Document
from fpsolve.cases.schema_base import Section
from fpsolve.cases.schema_model import Rbm

__all__ = ["faults_of"]

_TYPES = {
    "float_type": "a number",
    "int_type": "a whole number",
    "bool_type": "true or false",
    "string_type": "text in quotes",
    "tuple_type": "a list",
    "dict_type": "a table",
    "model_type": "a table",
    "model_attributes_type": "a table",
}
_LIMITS = {
    "greater_than": ("> ", "gt"),
    "greater_than_equal": ("≥ ", "ge"),
    "less_than": ("< ", "lt"),
    "less_than_equal": ("≤ ", "le"),
}


def faults_of(error: ValidationError, tables: dict[str, Toml]) -> list[Fault]:
    """One fault for every error that pydantic found in `tables`."""
    entries = [(entry, _clean(entry, tables)) for entry in error.errors(include_url=False)]
    meant = {(*path[:-1], _near(path, tables)) for entry, path in entries if entry["type"] == "extra_forbidden"}
    faults = []
    for entry, path in entries:
        # A list whose entries are wrong is also reported as too short, a misspelt key as missing.
        inside = any(len(other) > len(path) and other[: len(path)] == path for _, other in entries)
        if (entry["type"] == "too_short" and inside) or (entry["type"] == "missing" and path in meant):
            continue
        plain = len(path) == 1 and entry["type"] == "extra_forbidden" and not isinstance(entry["input"], dict)
        faults.append(Fault(path, _message(entry, path, tables), plain))
    return faults


def _near(path: KeyPath, tables: dict[str, Toml]) -> str | None:
    """Return the key that an unknown key was probably meant to be."""
    section = section_at(path[:-1], tables)
    return suggestion(path[-1], field_names(section)) if section is not None else None


def _clean(entry: Mapping[str, Toml], tables: Toml) -> KeyPath:
    """Return the path in the file: pydantic's location without the names of union members."""
    path: KeyPath = ()
    value, loc = tables, entry["loc"]
    for index, part in enumerate(loc):
        if index == 0 or _leads_on(part, value):
            value = value.get(part) if index == 0 else value[part]
        elif index < len(loc) - 1 or entry["type"] != "missing":
            continue
        path = (*path, part)
    return path


def _leads_on(part: int | str, value: Toml) -> bool:
    if isinstance(value, dict):
        return part in value and value.get("kind") != part
    return isinstance(value, tuple) and isinstance(part, int) and part < len(value)


def _message(entry: Mapping[str, Toml], path: KeyPath, tables: dict[str, Toml]) -> str:
    kind, value, context = entry["type"], entry["input"], entry.get("ctx", {})
    special: dict[str, Callable[[], str]] = {
        "missing": lambda: _missing(path, tables),
        "extra_forbidden": lambda: _unknown_key(path, tables),
        "literal_error": lambda: _one_of(value, re.findall(r"'([^']*)'|(\d+)", context["expected"])),
        "union_tag_invalid": lambda: _unknown_kind(path, value, tables),
        "union_tag_not_found": lambda: f"kind is missing: {choices(_kinds(path, tables))}",
        "finite_number": lambda: f"must be a finite number, not {shown(value)}",
        "string_too_short": lambda: "must not be empty",
        "too_short": lambda: f"must have at least {_entries(context['min_length'])}, not {context['actual_length']}",
        "too_long": lambda: f"must have {_entries(context['max_length'])}, not {context['actual_length']}",
    }
    if kind in special:
        return special[kind]()
    if kind in _LIMITS:
        sign, name = _LIMITS[kind]
        return f"must be {sign}{context[name]:g}, not {shown(value)}"
    if kind == "model_type" and path == ("evolve", "times"):
        return f"must be a list of times or a table {{kind, first, last, n}}, not {shown(value)}"
    if kind == "tuple_type" and path[:2] == ("sweep", "axes") and isinstance(value, dict) and value:
        return (
            f'must be a list, not a table; write the whole key in quotes, e.g. "{path[-1]}.{next(iter(value))}" = […]'
        )
    if kind in _TYPES:
        return f"must be {_TYPES[kind]}, not {shown(value)}"
    return f"{entry['msg']}, not {shown(value)}"


def _entries(count: int) -> str:
    return f"{count} {'entry' if count == 1 else 'entries'}"


def _missing(path: KeyPath, tables: dict[str, Toml]) -> str:
    section = section_at(path[:-1], tables)
    field = field_of(section, str(path[-1])) if section is not None else None
    about = f": {field.description}" if field is not None and field.description else ""
    return f"is required and missing{about}"


def _one_of(value: Toml, groups: Iterable[tuple[str, str]]) -> str:
    words: list[object] = [word or int(number) for word, number in groups]
    near = suggestion(value, [word for word in words if isinstance(word, str)])
    hint = f"; did you mean {shown(near)}?" if near else ""
    return f"must be {choices(words)}, not {shown(value)}{hint}"


def _kinds(path: KeyPath, tables: dict[str, Toml]) -> tuple[str, ...]:
    """Return the kinds of table that may stand at a path."""
    return tuple(kind for kind in map(kind_of, _alternatives(path, tables)) if kind)


def _alternatives(path: KeyPath, tables: dict[str, Toml]) -> tuple[type[Section], ...]:
    """Return the kinds of table that may stand at a path, () inside a list."""
    section = section_at(path[:-1], tables) if path else None
    field = field_of(section, str(path[-1])) if section is not None else None
    return sections_in(field.annotation) if field is not None else ()


def _unknown_kind(path: KeyPath, value: Toml, tables: dict[str, Toml]) -> str:
    kinds = _kinds(path, tables)
    if not kinds:  # a list inside a list, where a value of an axis stands
        return f"must be a number, a text, true or false, not {shown(value)}"
    word = value.get("kind") if isinstance(value, dict) else value
    near = suggestion(word, kinds)
    hint = f"did you mean {shown(near)}?" if near else f"it must be {choices(kinds)}"
    return f"unknown kind {shown(word)}; {hint}"


def _unknown_key(path: KeyPath, tables: dict[str, Toml]) -> str:
    key = str(path[-1])
    section = section_at(path[:-1], tables)
    names = field_names(section) if section is not None else ()
    if section is Document:
        return _unknown_section(key, tables[key], names)
    if section is Rbm and key in ("levels", "sites"):
        return "unknown key; an rbm has one level for every entry of kappa, or for every site of target"
    near = suggestion(key, names)
    homes = [home for home in homes_of(key) if home != ".".join(map(str, path[:-1]))]
    kinds = [kind_of(other) for other in _alternatives(path[:-1], tables) if key in field_names(other)]
    if near is None and kinds:
        return f"unknown key here; it belongs to kind {choices(kinds)}"
    if near is None and homes:
        return f"unknown key here; it belongs to {_in_brackets(homes)}"
    return "unknown key; " + (f'did you mean "{near}"?' if near else f"allowed: {', '.join(names)}")


def _unknown_section(key: str, value: Toml, names: tuple[str, ...]) -> str:
    sections, keys = [name for name in names if name not in PLAIN_KEYS], PLAIN_KEYS
    if isinstance(value, dict):
        near = suggestion(key, sections)
        return "unknown section; " + (f"did you mean [{near}]?" if near else f"allowed: {_in_brackets(sections)}")
    near = suggestion(key, keys)
    if near is None and homes_of(key):
        return f"unknown key above all sections; it belongs to {_in_brackets(homes_of(key))}"
    return "unknown key; " + (f'did you mean "{near}"?' if near else f"allowed above all sections: {', '.join(keys)}")


def _in_brackets(sections: Iterable[str]) -> str:
    return ", ".join(f"[{name}]" for name in sections)
