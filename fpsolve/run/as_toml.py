"""A resolved case as TOML text, so that what is printed can be run."""

from __future__ import annotations

import json
from collections.abc import Mapping

__all__ = ["to_toml"]


def to_toml(document: Mapping[str, object]) -> str:
    """Write a document of plain values, lists and tables as TOML.

    Parameters
    ----------
    document : mapping
        Top-level values come first, then one ``[section]`` per table; tables inside a section are written inline.
    """
    lines = [f"{_key(key)} = {_value(value)}" for key, value in document.items() if not isinstance(value, Mapping)]
    for key, value in document.items():
        if isinstance(value, Mapping):
            lines += ["", f"[{_key(key)}]"]
            lines += [f"{_key(inner)} = {_value(entry)}" for inner, entry in value.items()]
    return "\n".join(lines)


def _key(key: str) -> str:
    bare = key.replace("_", "").replace("-", "")
    return key if bare.isascii() and bare.isalnum() else json.dumps(key, ensure_ascii=False)


def _value(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        # JSON's escapes of a string are TOML's.
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{_key(key)} = {_value(entry)}" for key, entry in value.items()) + " }"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(_value(entry) for entry in value) + "]"
    return repr(value)
