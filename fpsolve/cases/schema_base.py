"""What all sections of a case file share: the strict base class and the number types.

Field descriptions are the manual: the case reference and the JSON schema are generated from them. They say what the
key means and its unit; defaults and limits stand in the field itself.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Discriminator, Field, Tag

__all__ = [
    "MOST",
    "Boundary",
    "Count",
    "Data",
    "NonNegative",
    "Numbers",
    "NumbersNonNegative",
    "NumbersPositive",
    "Positive",
    "Section",
    "Text",
    "by_shape",
]

MOST = 10**9
"""Larger counts are mistakes."""


class Section(BaseModel):
    """A table of the case file: strict types, unknown keys forbidden, never changed after reading."""

    model_config = ConfigDict(strict=True, frozen=True, extra="forbid", allow_inf_nan=False)


def by_shape(one: str, many: str) -> Discriminator:
    """Tell a single value from a list, so that a fault is reported for the shape that was written."""
    return Discriminator(lambda value: many if isinstance(value, tuple) else one)


Positive = Annotated[float, Field(gt=0)]
NonNegative = Annotated[float, Field(ge=0)]
Count = Annotated[int, Field(ge=1, le=MOST)]
Text = Annotated[str, Field(min_length=1)]
Numbers = Annotated[
    Annotated[float, Tag("number")] | Annotated[tuple[float, ...], Field(min_length=1), Tag("list")],
    by_shape("number", "list"),
]
NumbersNonNegative = Annotated[
    Annotated[NonNegative, Tag("number")] | Annotated[tuple[NonNegative, ...], Field(min_length=1), Tag("list")],
    by_shape("number", "list"),
]
NumbersPositive = Annotated[
    Annotated[Positive, Tag("number")] | Annotated[tuple[Positive, ...], Field(min_length=1), Tag("list")],
    by_shape("number", "list"),
]
Data = Literal["batch", "exact"]
Boundary = Literal["reflecting", "absorbing"]
