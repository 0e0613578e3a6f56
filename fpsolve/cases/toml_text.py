"""From a path to the text and the tables of a TOML file, or one clear problem."""

from __future__ import annotations

import difflib
import re
import tomllib
from pathlib import Path

from fpsolve.cases.catalogue import shipped_names
from fpsolve.cases.lines import Toml
from fpsolve.errors import CaseError, Problem

__all__ = ["freeze", "parse_toml", "read_text"]

LARGEST = 2_000_000
_PLACE = re.compile(r"\s*\(at (?:line (\d+), column (\d+)|end of document)\)\s*$")
_UNQUOTED = re.compile(r"^\s*([A-Za-z0-9_.\-]+)\s*=\s*([A-Za-z_][A-Za-z0-9_./]*)\s*(?:#.*)?$")


def read_text(path: Path) -> str:
    """Text of a case file.

    Raises
    ------
    CaseError
        The file is missing, a directory, unreadable, too long, or not UTF-8 text.
    """
    try:
        if path.is_dir():
            raise _fault(path, _directory_message(path))
        if path.stat().st_size > LARGEST:
            raise _fault(path, f"is {path.stat().st_size / 1e6:.1f} MB long; a case file is a short text")
        raw = path.read_bytes()
    except FileNotFoundError:
        raise _fault(path, "no such file" + _nearby(path)) from None
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise _fault(path, f"cannot be read: {reason}") from None
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise _fault(path, f"not UTF-8 text (byte {error.start}); a case file is TOML", line) from None
    if "\0" in text:
        line = text.count("\n", 0, text.index("\0")) + 1
        raise _fault(path, "holds zero bytes, so it is not text; a case file is TOML", line)
    if not text.strip():
        raise _fault(path, "is empty; the shortest case has schema = 1 and a [model] section")
    return text


def parse_toml(text: str, path: str) -> dict[str, Toml]:
    """Tables of a TOML text; lists become tuples, as the frozen schema keeps them.

    Raises
    ------
    CaseError
        Not TOML; line and column are named.
    """
    try:
        tables = tomllib.loads(text)
        return {key: freeze(value) for key, value in tables.items()}
    except RecursionError:
        raise CaseError([Problem("", "lists or tables are nested too deeply", path)]) from None
    except ValueError as error:
        raise CaseError([_syntax_problem(str(error), text, path)]) from None


def freeze(value: Toml) -> Toml:
    """Return the same value with every list turned into a tuple."""
    if isinstance(value, dict):
        return {key: freeze(entry) for key, entry in value.items()}
    if isinstance(value, list):
        return tuple(freeze(entry) for entry in value)
    return value


def _syntax_problem(message: str, text: str, path: str) -> Problem:
    place = _PLACE.search(message)
    reason = _PLACE.sub("", message)
    reason = reason[:1].lower() + reason[1:]
    if place is None:
        return Problem("", f"not valid TOML: {reason}", path)
    if place.group(1) is None:
        return Problem("", f"not valid TOML: {reason} at the end of the file", path, text.rstrip().count("\n") + 1)
    line = int(place.group(1))
    rows = text.split("\n")
    row = rows[line - 1] if line <= len(rows) else ""
    unquoted = _UNQUOTED.match(row)
    hint = f'; text needs quotes: {unquoted.group(1)} = "{unquoted.group(2)}"' if unquoted else ""
    return Problem("", f"not valid TOML: {reason} (column {place.group(2)}){hint}", path, line)


def _fault(path: Path, message: str, line: int | None = None) -> CaseError:
    return CaseError([Problem("", message, str(path), line)])


def _directory_message(path: Path) -> str:
    inside = sorted(entry.name for entry in path.glob("*.toml"))
    hint = f"; it holds {', '.join(inside[:5])}" if inside else ""
    return f"is a folder, not a case file{hint}"


def _nearby(path: Path) -> str:
    """Suggest a file of a similar name beside it, or a shipped case."""
    folder = path.parent
    names = sorted(entry.name for entry in folder.glob("*.toml")) if folder.is_dir() else []
    near = difflib.get_close_matches(path.name, names, n=1) or difflib.get_close_matches(
        path.name + ".toml", names, n=1
    )
    if near:
        return f'; did you mean "{folder / near[0]}"?'
    shipped = difflib.get_close_matches(path.stem, shipped_names(), n=1)
    if shipped:
        return f'; a case "{shipped[0]}" comes with fpsolve: fpsolve cases {shipped[0]} copies it here'
    return "; fpsolve cases lists the cases that come with fpsolve"
