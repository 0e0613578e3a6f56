"""The case reference of the manual, generated from the schema."""

from __future__ import annotations

import inspect
from collections import Counter
from collections.abc import Iterator
from typing import Literal, get_args, get_origin

from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from fpsolve.cases.faults import shown
from fpsolve.cases.fields import field_names, kind_of, section_tables, sections_in
from fpsolve.cases.lines import Toml
from fpsolve.cases.schema import AxisValue, Document
from fpsolve.cases.schema_base import MOST, Section

__all__ = ["reference"]

PREAMBLE = """\
# The case file

A case is a TOML file. `schema = 1` and `[model]` are required; every other section that is present is a task or
settings of one. Unknown keys are errors. Paths of input files are relative to the case file, paths of output files to
the working folder. Lists with one entry per level ascend with the level x; a single number stands for all levels.
Numbers may be whole (`1` for `1.0`), but not text; `nan` and `inf` are refused.
"""


def reference() -> str:
    """Write the case reference as Markdown: a section per table, a row per key."""
    blocks = [PREAMBLE, _table((), Document)]
    tables = [entry for entry in section_tables() if entry[0]]
    kinds_at = Counter(path for path, _ in tables)
    blocks += [_block(path, section, alone=kinds_at[path] == 1) for path, section in tables]
    # Noise and schedule belong to several models and are described once.
    return "\n".join(dict.fromkeys(blocks))


def _block(path: tuple[str, ...], section: type[Section], *, alone: bool) -> str:
    name, kind = ".".join(path), kind_of(section)
    title = f"## [{name}]" if len(path) == 1 else f"### {name}"
    if kind is not None and not alone:
        title += f', kind = "{kind}"'
    return f"{title}\n\n{_escaped(inspect.getdoc(section) or '')}\n\n{_table(path, section)}"


def _table(path: tuple[str, ...], section: type[Section]) -> str:
    rows = ["| key | value | default | meaning |", "|---|---|---|---|"]
    fields = dict(zip(field_names(section), section.model_fields.values(), strict=True))
    # The kind first, then the section's own keys, then those that it shares with others.
    own = section.__annotations__
    for key, field in sorted(fields.items(), key=lambda item: (item[0] != "kind", item[0].strip("_") not in own)):
        if not path and sections_in(field.annotation):
            key = f"[{key}]"
        meaning = _escaped(field.description or "")
        rows.append(
            f"| `{key}` | {_escaped(_allowed(field.annotation, field))} | {_escaped(_default(field))} | {meaning} |"
        )
    return "\n".join(rows) + "\n"


def _escaped(text: str) -> str:
    # A bar ends a table cell, stars are emphasis, an angle bracket opens a tag.
    return text.replace("|", "\\|").replace("*", "\\*").replace("<", "&lt;")


def _default(field: FieldInfo) -> str:
    if field.is_required():
        return "required"
    value = field.get_default(call_default_factory=True, validated_data={})
    if value is None or value is PydanticUndefined:
        return "derived" if "Default" in (field.description or "") else "–"
    return "–" if value in ((), {}, "") else shown(value)


def _allowed(annotation: Toml, field: FieldInfo | None = None) -> str:
    """Say in words which values an annotation allows."""
    limits = _limits(field.metadata) if field is not None else ""
    origin: object = get_origin(annotation)
    if annotation is AxisValue:
        return "value or list"
    if origin is Literal:
        return ", ".join(shown(word) for word in get_args(annotation))
    if isinstance(annotation, type) and issubclass(annotation, Section):
        return "table"
    words = {float: "number", int: "whole number", str: "text", bool: "true or false"}
    if annotation in words:
        return words[annotation] + limits
    if origin is tuple:
        return _list(get_args(annotation)) + limits
    if origin is dict:
        return "table of " + _allowed(get_args(annotation)[1])
    if hasattr(annotation, "__metadata__"):
        return _allowed(annotation.__origin__) + _limits(annotation.__metadata__)
    members = [_allowed(part) for part in get_args(annotation) if part is not type(None)]
    return " or ".join(dict.fromkeys(members))


def _list(entries: tuple[Toml, ...]) -> str:
    if len(entries) == 2 and entries[1] is Ellipsis:
        return f"list of {_allowed(entries[0])}"
    return f"[{', '.join(_allowed(entry) for entry in entries)}]"


def _limits(metadata: Toml) -> str:
    found = list(_limit_words(metadata))
    return f" {', '.join(found)}" if found else ""


def _limit_words(metadata: Toml) -> Iterator[str]:
    signs = {"gt": ">", "ge": "≥", "lt": "<", "le": "≤"}
    for entry in metadata:
        for part in getattr(entry, "metadata", None) or [entry]:
            for name, sign in signs.items():
                bound = getattr(part, name, None)
                if bound is not None and not (name == "le" and bound >= MOST):
                    yield f"{sign} {bound:g}"
