"""A document of plain values as TOML text, so that what is printed can be run."""

from __future__ import annotations

import json
from collections.abc import Mapping

__all__ = ["to_toml", "toml_key", "toml_value"]


def to_toml(document: Mapping[str, object]) -> str:
    """Write a document of plain values, lists and tables as TOML.

    Parameters
    ----------
    document : mapping
        Top-level values come first, then one ``[section]`` per table; tables inside a section are written inline.
    """
    lines = [
        f"{toml_key(key)} = {toml_value(value)}" for key, value in document.items() if not isinstance(value, Mapping)
    ]
    for key, value in document.items():
        if isinstance(value, Mapping):
            lines += ["", f"[{toml_key(key)}]"]
            lines += [f"{toml_key(inner)} = {toml_value(entry)}" for inner, entry in value.items()]
    return "\n".join(lines)


def toml_key(key: str) -> str:
    """Write one key, in quotes where it needs them."""
    bare = key.replace("_", "").replace("-", "")
    return key if bare.isascii() and bare.isalnum() else json.dumps(key, ensure_ascii=False)


def toml_value(value: object) -> str:
    """Write one value on one line; a table inline. Read again it is the same value, floats to the bit."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        # JSON's escapes of a string are TOML's.
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{toml_key(key)} = {toml_value(entry)}" for key, entry in value.items()) + " }"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(toml_value(entry) for entry in value) + "]"
    return repr(value)
