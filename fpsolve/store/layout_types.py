"""The words in which the layout of a result file is written down."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

__all__ = ["Attribute", "Group", "Kind", "Variable"]

Kind = Literal["float64", "int64", "int8", "text"]


@dataclass(frozen=True)
class Variable:
    """One dataset of the file.

    Attributes
    ----------
    name : str
        Name inside its group. A variable with `dims == (name,)` is the dimension scale (the coordinate) of that axis.
    dims : tuple of str
        Names of its axes; every one is a dimension scale in the same group.
    kind : {"float64", "int64", "int8", "text"}
        Stored type; "text" is UTF-8 of variable length, "int8" holds 0 or 1.
    units, long_name : str
        Attributes of the dataset; `long_name` states the normalisation.
    field : str
        Attribute of the record (or key of the table) it holds; "" for a scale that only counts 0, 1, ….
    optional : bool
        True if it may be missing, which means None.
    """

    name: str
    dims: tuple[str, ...]
    kind: Kind
    units: str
    long_name: str
    field: str = ""
    optional: bool = False


@dataclass(frozen=True)
class Attribute:
    """A short text kept as an attribute of its group: the name of a field of the record, and what it means."""

    name: str
    meaning: str


@dataclass(frozen=True)
class Group:
    """One group of the file and what it describes.

    Attributes
    ----------
    name : str
        Path without the leading slash.
    meaning : str
        One sentence.
    variables : tuple of Variable
    attributes : tuple of Attribute
    """

    name: str
    meaning: str
    variables: tuple[Variable, ...]
    attributes: tuple[Attribute, ...] = ()
