"""Values given on the command line: ``--set a.b=value`` on top of a case file."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence

from fpsolve.cases.lines import KeyPath, Toml
from fpsolve.cases.toml_text import freeze
from fpsolve.errors import Problem

__all__ = ["apply_overrides", "override_path", "put"]

DEEPEST = 8
"""Keys in one dotted key; no key of a case has more than four."""


def apply_overrides(
    tables: dict[str, Toml], overrides: Sequence[str]
) -> tuple[dict[str, Toml], dict[KeyPath, str], list[Problem]]:
    """Put every override into a copy of the tables.

    The value is read as TOML (``0.01``, ``[1.0, 2.0]``, ``{kind = "point", at = 1.0}``); what is not TOML and does not
    start like a list, table or string is taken as text, so that quotes need not survive the shell.

    Parameters
    ----------
    tables : dict
        The case as read; not changed.
    overrides : sequence of str
        Each ``dotted.key=value``.

    Returns
    -------
    tables : dict
        The case with the values replaced.
    origins : dict
        From every overridden path to the option that set it, for messages.
    problems : list of Problem
        Overrides that cannot be read or applied.
    """
    result = tables
    origins: dict[KeyPath, str] = {}
    problems: list[Problem] = []
    for override in overrides:
        option = f"--set {override}"
        parsed = _parse(override)
        if isinstance(parsed, str):
            problems.append(Problem("", parsed, option))
            continue
        path, value = parsed
        replaced = put(result, path, value)
        if isinstance(replaced, str):
            problems.append(Problem(".".join(path), replaced, option))
            continue
        result = replaced
        origins[path] = option
    return result, origins, problems


def _parse(override: str) -> tuple[tuple[str, ...], Toml] | str:
    """Path and value, or what is wrong."""
    name, equals, text = override.partition("=")
    if not equals or not name.strip():
        return "must be KEY=VALUE, e.g. --set model.noise.g2=0.001"
    try:
        path = _single_path(tomllib.loads(f"{name.strip()} = 0"))
    except (ValueError, RecursionError):
        path = None
    if path is None:
        return f'"{name.strip()}" is not a dotted key such as model.noise.g2'
    return _read_value(path, text.strip())


def _read_value(path: tuple[str, ...], text: str) -> tuple[tuple[str, ...], Toml] | str:
    try:
        tables = tomllib.loads(f"value = {text}")
    except (ValueError, RecursionError):
        tables = {}
    if set(tables) == {"value"}:
        return path, freeze(tables["value"])
    if not text:
        return 'no value after "="'
    if text[0] in "[{\"'":
        return f"the value {text} is not valid TOML"
    return path, text


def _single_path(tables: Toml) -> tuple[str, ...] | None:
    """Return the keys of nested tables that hold one key each; None if there are more, or too many levels."""
    path: list[str] = []
    while isinstance(tables, dict):
        if len(tables) != 1 or len(path) == DEEPEST:
            return None
        ((key, tables),) = tables.items()
        path.append(key)
    return tuple(path)


def override_path(override: str) -> tuple[str, ...]:
    """Keys that an override sets; () if it cannot be read."""
    parsed = _parse(override)
    return () if isinstance(parsed, str) else parsed[0]


def put(tables: dict[str, Toml], path: tuple[str, ...], value: Toml) -> dict[str, Toml] | str:
    """Return a copy of the tables with one value replaced, or what is wrong."""
    head, *rest = path
    if not rest:
        return {**tables, head: value}
    inner = tables.get(head, {})
    if not isinstance(inner, dict):
        return f'"{head}" is a value, not a table, so nothing can be set inside it'
    deeper = put(inner, tuple(rest), value)
    return deeper if isinstance(deeper, str) else {**tables, head: deeper}
