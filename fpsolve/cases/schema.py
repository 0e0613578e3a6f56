"""The whole case file: all sections, the document they form, and its JSON schema."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Discriminator, Field, Tag

from fpsolve.cases.schema_base import NonNegative, Section, Text
from fpsolve.cases.schema_model import Model
from fpsolve.cases.schema_sgd import Sgd, Validate
from fpsolve.cases.schema_tasks import Evolve, Grid, Initial, Spectrum, Stationary

__all__ = ["SCHEMA_VERSION", "AxisValue", "Document", "Expectation", "Output", "Sweep", "json_schema"]

SCHEMA_VERSION = 1


def _shape(value: object) -> str:
    """Which member of `Value` a TOML value is meant to be."""
    if isinstance(value, tuple):
        return "list"
    if isinstance(value, bool):
        return "flag"
    return "text" if isinstance(value, str) else "number"


def _axis_shape(value: object) -> str:
    """Which member of `AxisValue` or `AxisScalar` a TOML value is meant to be."""
    return "whole" if isinstance(value, int) and not isinstance(value, bool) else _shape(value)


Number = Annotated[float, Tag("number")]
Flag = Annotated[bool, Tag("flag")]
Word = Annotated[str, Tag("text")]
Value = Annotated[Number | Flag | Word | Annotated[tuple[float, ...], Tag("list")], Discriminator(_shape)]
# Whole numbers stay whole: an axis may be a count.
Whole = Annotated[int, Tag("whole")]
AxisScalar = Annotated[Whole | Number | Flag | Word, Discriminator(_axis_shape)]
AxisValue = Annotated[
    Whole | Number | Flag | Word | Annotated[tuple[AxisScalar, ...], Tag("list")], Discriminator(_axis_shape)
]


class Sweep(Section):
    """The same case at many values of its keys."""

    base: Text | None = Field(
        None, description="Another case file that is varied, relative to this one. Default: the sections of this file."
    )
    mode: Literal["grid", "zip", "list"] = Field(
        "grid",
        description='"grid": all combinations of the axes; "zip": the axes advance together; "list": the points of '
        "`points`.",
    )
    axes: dict[str, Annotated[tuple[AxisValue, ...], Field(min_length=1)]] = Field(
        default_factory=dict, description='Values of each dotted key, e.g. "sgd.learning_rate" = [0.002, 0.01].'
    )
    points: tuple[dict[str, AxisValue], ...] = Field(
        (), description='Points of mode "list": tables of dotted keys and their values.'
    )


class Expectation(Section):
    """What one number of the result must be; a case is also a test."""

    value: Value = Field(description="Expected number, or a list that is compared with the leading entries.")
    rtol: NonNegative = Field(0.0, description="Relative tolerance.")
    atol: NonNegative = Field(0.0, description="Absolute tolerance.")
    source: str = Field("", description="Where the expected value comes from.")


class Output(Section):
    """Files that a run leaves."""

    path: Text | None = Field(
        None,
        description="Result file (HDF5), relative to the working folder; figures and report.html go into the folder "
        "of the same name beside it. Default: <case>.h5.",
    )
    formats: Annotated[tuple[Literal["png", "pdf", "svg"], ...], Field(min_length=1)] = Field(
        ("png",), description="Formats of the figures."
    )


class Document(Section):
    """An fpsolve case. `schema` and [model] are required; a section that is present is a task."""

    schema_: Literal[1] = Field(alias="schema", description="Version of the case format: 1.")
    title: str = Field("", description="Title of figures and of the report. Default: the file's name.")
    seed: int | None = Field(
        None, description="Seed of everything random. Default: drawn, stored and printed.", ge=0, lt=2**63
    )
    model: Model | None = Field(None, description="The level gas. Required, unless [sweep] names a base.")
    initial: Initial | None = Field(None, description="The law at time 0.")
    grid: Grid | None = Field(None, description="Cells in x; good defaults follow from the model.")
    evolve: Evolve | None = Field(None, description="Task: P(x, t).")
    spectrum: Spectrum | None = Field(None, description="Task: bound states and relaxation rates.")
    stationary: Stationary | None = Field(None, description="Task: the stationary law.")
    sgd: Sgd | None = Field(None, description="Task: train an ensemble, or bring levels of your own.")
    validate_: Validate | None = Field(None, alias="validate", description="Task: predictions against [sgd].")
    sweep: Sweep | None = Field(None, description="Task: the same case at many values of its keys.")
    expect: dict[str, Expectation] = Field(
        default_factory=dict,
        description='Expected values: dotted path into the --json object, e.g. "spectrum.energies".',
    )
    output: Output | None = Field(None, description="Where the result goes.")


def json_schema() -> dict[str, Any]:
    """JSON schema of a case file (draft 2020-12), for editors that complete and check TOML."""
    schema = Document.model_json_schema(by_alias=True)
    schema["$schema"] = "https://json-schema.org/draft/2020-12/schema"
    schema["title"] = "fpsolve case"
    return schema
