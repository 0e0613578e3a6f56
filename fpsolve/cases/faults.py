"""Faults of a case before they are tied to a file: a path, what is wrong, and later the line."""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from fpsolve.cases.lines import KeyPath
from fpsolve.errors import Problem

__all__ = ["PLAIN_KEYS", "Fault", "choices", "locate", "shown", "suggestion"]

PLAIN_KEYS = ("schema", "title", "seed")
"""Keys that stand above all sections."""


@dataclass(frozen=True)
class Fault:
    """What is wrong at one path of the case.

    Attributes
    ----------
    path : tuple
        Keys; the last parts may be indices into a list.
    message : str
        What is wrong, what is allowed.
    plain : bool
        True for an unknown key above all sections, which must not be shown like a section.
    """

    path: KeyPath
    message: str
    plain: bool = False


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
        option = _option(fault.path, lines, origins)
        line = None if option else _line(fault.path, lines)
        problems.append(Problem(_key(fault), _with_entry(fault), option or file, line))
    unique = list(dict.fromkeys(problems))
    return sorted(unique, key=lambda problem: (problem.line is None, problem.line or 0))


def _option(path: KeyPath, lines: Mapping[KeyPath, int], origins: Mapping[KeyPath, str]) -> str | None:
    """Return the last option that set the value at `path`, or made a table there that the file does not have."""
    for given in reversed(list(origins)):
        if given == path[: len(given)] or (path == given[: len(path)] and path not in lines):
            return origins[given]
    return None


def _line(path: KeyPath, lines: Mapping[KeyPath, int]) -> int | None:
    return next((lines[path[:n]] for n in range(len(path), 0, -1) if path[:n] in lines), None)


def _key(fault: Fault) -> str:
    """Dotted key without indices; a leading dot marks a plain key above all sections."""
    names = ".".join(part for part in fault.path if isinstance(part, str))
    return f".{names}" if fault.plain or names in PLAIN_KEYS else names


def _with_entry(fault: Fault) -> str:
    """Put the position before the message where the fault is in a list."""
    places = [part + 1 for part in fault.path if isinstance(part, int)]
    return f"entry {', '.join(map(str, places))}: {fault.message}" if places else fault.message


def shown(value: object, width: int = 60) -> str:
    """Return a value as it would stand in a TOML file, cut to `width` characters."""
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
    """Join words as in ``"a", "b" or "c"``."""
    quoted = [shown(word) for word in words]
    return quoted[0] if len(quoted) == 1 else f"{', '.join(quoted[:-1])} or {quoted[-1]}"


def suggestion(word: object, words: Iterable[str]) -> str | None:
    """Return the allowed word nearest to `word`, if any is near."""
    allowed = {entry.lower(): entry for entry in words}
    near = difflib.get_close_matches(str(word).lower(), list(allowed), n=1, cutoff=0.6)
    return allowed[near[0]] if near else None
