"""Faults of a case before they are tied to a file: a path, what is wrong, and later the line."""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from fpsolve.cases.lines import KeyPath
from fpsolve.errors import Problem

__all__ = ["PLAIN_KEYS", "Fault", "choices", "locate", "shown", "suggestion"]

PLAIN_KEYS = ("schema", "title", "seed")
"""Keys that stand above all sections."""


@dataclass(frozen=True)
class Fault:
    """What is wrong at one path of the case; the last parts of a path may be indices into a list."""

    path: KeyPath
    message: str


def locate(
    faults: Iterable[Fault],
    *,
    file: str,
    lines: Mapping[KeyPath, int],
    origins: Mapping[KeyPath, str],
) -> list[Problem]:
    """Turn faults into problems with file and line, in the order of the file.

    A fault at a path that an option has set names the option instead of the file. A key without a line (it is missing)
    gets the line of its table.
    """
    problems = []
    for fault in faults:
        option = next((origins[path] for path in reversed(origins) if path == fault.path[: len(path)]), None)
        line = None if option else _line(fault.path, lines)
        problems.append(Problem(_key(fault.path), _with_entry(fault), option or file, line))
    unique = list(dict.fromkeys(problems))
    return sorted(unique, key=lambda problem: (problem.line is None, problem.line or 0))


def _line(path: KeyPath, lines: Mapping[KeyPath, int]) -> int | None:
    return next((lines[path[:n]] for n in range(len(path), 0, -1) if path[:n] in lines), None)


def _key(path: KeyPath) -> str:
    """Dotted key without indices; a leading dot marks a plain key above all sections."""
    names = [part for part in path if isinstance(part, str)]
    return "." + names[0] if names and names[0] in PLAIN_KEYS and len(names) == 1 else ".".join(names)


def _with_entry(fault: Fault) -> str:
    """The message, led by the position where the fault is in a list."""
    places = [part + 1 for part in fault.path if isinstance(part, int)]
    return f"entry {', '.join(map(str, places))}: {fault.message}" if places else fault.message


def shown(value: Any, width: int = 60) -> str:
    """A value as it would stand in a TOML file, cut to `width` characters."""
    if isinstance(value, bool):
        text = "true" if value else "false"
    elif isinstance(value, str):
        text = json.dumps(value[: 2 * width], ensure_ascii=False)
    elif isinstance(value, tuple | list):
        text = "[" + ", ".join(shown(entry, width) for entry in value[:width]) + "]"
    elif isinstance(value, dict):
        text = "a table"
    elif isinstance(value, int) and abs(value) > 10**18:
        text = "a huge number"
    else:
        text = str(value)
    return text if len(text) <= width else text[: width - 1] + "…"


def choices(words: Iterable[object]) -> str:
    """``"a", "b" or "c"``."""
    quoted = [shown(word) for word in words]
    return quoted[0] if len(quoted) == 1 else f"{', '.join(quoted[:-1])} or {quoted[-1]}"


def suggestion(word: object, words: Iterable[str]) -> str | None:
    """The allowed word nearest to `word`, if any is near."""
    allowed = {entry.lower(): entry for entry in words}
    near = difflib.get_close_matches(str(word).lower(), list(allowed), n=1, cutoff=0.6)
    return allowed[near[0]] if near else None
