"""On which line of a TOML text each key stands; the standard parser does not tell."""

from __future__ import annotations

import tomllib
from typing import Any, TypeAlias

__all__ = ["KeyPath", "Toml", "key_lines"]

KeyPath = tuple[str | int, ...]
Toml: TypeAlias = Any
"""A value of a TOML file: number, text, boolean, date, table, or a list of them."""

_SPACE = " \t"
_BLANK = " \t\r\n"
_BARE_END = " \t\r\n=.]}#,"


def key_lines(text: str) -> dict[KeyPath, int]:
    """Lines, counted from 1, of every key, table header and list entry of a TOML text.

    Parameters
    ----------
    text : str
        A text that tomllib accepts. On any other text the result is incomplete, never an error.

    Returns
    -------
    dict
        From paths such as ``("model", "kappa")`` or ``("model", "kappa", 2)`` (third entry) to the line. A table that
        only exists through longer headers or dotted keys has the line of its first mention.
    """
    return _Scanner(text).scan()


class _Scanner:
    """Walks the text once; `at` is the position, `lines` collects the answer."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.lines: dict[KeyPath, int] = {}
        self.counts: dict[KeyPath, int] = {}
        self._line = 1
        self._line_at = 0

    def scan(self) -> dict[KeyPath, int]:
        """Walk through the whole text; return the line of every table, key and entry of a list, counted from 1."""
        table: KeyPath = ()
        while self._skip_blank():
            before = self.at
            if self._peek() == "[":
                table = self._header()
            else:
                self._pair(table)
            self._skip_line()
            if self.at == before:
                break
        return self.lines

    def _line_now(self) -> int:
        """Line of the position; counted onwards from the last question, so a scan stays linear."""
        self._line += self.text.count("\n", self._line_at, self.at)
        self._line_at = self.at
        return self._line

    def _peek(self, width: int = 1) -> str:
        return self.text[self.at : self.at + width]

    def _skip(self, characters: str) -> None:
        while self.at < len(self.text) and self.text[self.at] in characters:
            self.at += 1

    def _skip_line(self) -> None:
        end = self.text.find("\n", self.at)
        self.at = len(self.text) if end < 0 else end + 1

    def _skip_blank(self) -> bool:
        """Skip white space, line ends and comments; False at the end of the text."""
        while True:
            self._skip(_BLANK)
            if self._peek() != "#":
                return self.at < len(self.text)
            self._skip_line()

    def _note(self, path: KeyPath, line: int) -> None:
        for length in range(1, len(path) + 1):
            self.lines.setdefault(path[:length], line)

    def _entered(self, path: KeyPath) -> KeyPath:
        """Return the path with the current index put in after every array of tables on the way."""
        full: KeyPath = ()
        for part in path:
            full = (*full, part)
            if full in self.counts:
                full = (*full, self.counts[full])
        return full

    def _header(self) -> KeyPath:
        line = self._line_now()
        array = self._peek(2) == "[["
        self.at += 2 if array else 1
        keys = self._keys()
        if array and keys:
            owner = (*self._entered(keys[:-1]), keys[-1])
            self.counts[owner] = self.counts.get(owner, -1) + 1
            path = (*owner, self.counts[owner])
        else:
            path = self._entered(keys)
        self._note(path, line)
        return path

    def _pair(self, table: KeyPath) -> None:
        """One ``key = value``; leaves the position behind the value."""
        self._skip(_SPACE)
        line = self._line_now()
        keys = self._keys()
        if not keys or self._peek() != "=":
            return
        self.at += 1
        path = (*table, *keys)
        self._note(path, line)
        self._value(path)

    def _keys(self) -> tuple[str, ...]:
        """Read a dotted key, each part bare or quoted."""
        keys: list[str] = []
        while True:
            self._skip(_SPACE)
            part = self._quoted_key() if self._peek() in ("'", '"') else self._bare_key()
            if part is None:
                return tuple(keys)
            keys.append(part)
            self._skip(_SPACE)
            if self._peek() != ".":
                return tuple(keys)
            self.at += 1

    def _bare_key(self) -> str | None:
        start = self.at
        while self.at < len(self.text) and self.text[self.at] not in _BARE_END:
            self.at += 1
        return self.text[start : self.at] or None

    def _quoted_key(self) -> str | None:
        start = self.at
        self._string()
        try:
            (key,) = tomllib.loads(self.text[start : self.at] + " = 0")
        except ValueError:
            return None
        return key

    def _string(self) -> None:
        """Skip a string of any of the four kinds."""
        quote = self._peek()
        mark = quote * 3 if self._peek(3) == quote * 3 else quote
        self.at += len(mark)
        while self.at < len(self.text):
            if self._peek() == "\\" and quote == '"':
                self.at += 2
            elif self._peek(len(mark)) == mark:
                self.at += len(mark)
                # Up to two quotes may stand directly before the closing three.
                while len(mark) == 3 and self._peek() == quote:
                    self.at += 1
                return
            elif len(mark) == 1 and self._peek() == "\n":
                return
            else:
                self.at += 1

    def _value(self, path: KeyPath) -> None:
        self._skip(_SPACE)
        first = self._peek()
        if first in ("'", '"') and first:
            self._string()
        elif first == "[":
            self._list(path)
        elif first == "{":
            self._inline_table(path)
        else:
            while self.at < len(self.text) and self.text[self.at] not in ",]}#\n":
                self.at += 1

    def _list(self, path: KeyPath) -> None:
        self.at += 1
        index = 0
        while self._skip_blank() and self._peek() != "]":
            self.lines.setdefault((*path, index), self._line_now())
            before = self.at
            self._value((*path, index))
            self._skip_blank()
            if self._peek() == ",":
                self.at += 1
                index += 1
            elif self.at == before:
                return
        self.at += 1

    def _inline_table(self, path: KeyPath) -> None:
        self.at += 1
        while self._skip_blank() and self._peek() != "}":
            before = self.at
            self._pair(path)
            self._skip_blank()
            if self._peek() == ",":
                self.at += 1
            elif self.at == before:
                return
        self.at += 1
