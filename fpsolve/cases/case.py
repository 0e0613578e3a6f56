"""A case that has been read: every section typed, every default that depends on another section filled in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from fpsolve.cases.lines import KeyPath, Toml
from fpsolve.cases.schema import SCHEMA_VERSION, Expectation, Output, Sweep
from fpsolve.cases.schema_base import Section
from fpsolve.cases.schema_model import Model
from fpsolve.cases.schema_sgd import Sgd, Validate
from fpsolve.cases.schema_tasks import Evolve, Grid, Initial, Spectrum, Stationary

__all__ = ["SECTIONS", "TASKS", "Case"]

SECTIONS = ("model", "initial", "grid", "evolve", "spectrum", "stationary", "sgd", "validate", "sweep", "output")
TASKS = ("evolve", "spectrum", "stationary", "sgd", "validate")
"""Sections that a run computes, in this order."""


@dataclass(frozen=True)
class Case:
    """One case.

    Attributes
    ----------
    path : Path or None
        The file; None for a case built from text. Input paths are relative to its folder.
    text : str
        The file as it was read; of a sweep over a base both files as one.
    overrides : tuple of str
        The ``--set`` options as typed.
    title : str
        Title; the file's name where none is given.
    seed : int or None
        None means: to be drawn by whoever runs the case.
    model : section or None
        Required of every case that was loaded; the type leaves room for one that is being read.
    initial, grid, evolve, spectrum, stationary, sgd, validate, sweep, output
        The sections; None where absent.
    expect : mapping
        From dotted paths into the results to what is expected there.
    warnings : tuple of str
        What is allowed but should be known.
    places : tuple of (str, mapping)
        Files that the case was read from, each with the lines of its keys: for messages.
    """

    path: Path | None
    text: str
    overrides: tuple[str, ...]
    title: str
    seed: int | None
    model: Model | None
    initial: Initial | None = None
    grid: Grid | None = None
    evolve: Evolve | None = None
    spectrum: Spectrum | None = None
    stationary: Stationary | None = None
    sgd: Sgd | None = None
    validate: Validate | None = None
    sweep: Sweep | None = None
    output: Output | None = None
    expect: Mapping[str, Expectation] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()
    places: tuple[tuple[str, Mapping[KeyPath, int]], ...] = field(default=(), compare=False, repr=False)

    @property
    def name(self) -> str:
        """Name of the file without its ending; "case" for a case built from text."""
        return self.path.stem if self.path is not None else "case"

    @property
    def tasks(self) -> tuple[str, ...]:
        """Sections that are present and computed, in the order of computation."""
        return tuple(task for task in TASKS if getattr(self, task) is not None)

    @property
    def output_path(self) -> Path:
        """Result file, relative to the working folder."""
        if self.output is not None and self.output.path is not None:
            return Path(self.output.path)
        return Path(f"{self.name}.h5")

    @property
    def formats(self) -> tuple[str, ...]:
        """Formats of the figures."""
        return (self.output or Output()).formats

    def input_path(self, path: str) -> Path:
        """Return a file that the case names, relative to the folder of the case."""
        return Path(path) if self.path is None else self.path.parent / path

    def resolved(self) -> dict[str, Toml]:
        """Return the case with every default filled in, as plain JSON types; read again it gives the same case."""
        document: dict[str, Toml] = {"schema": SCHEMA_VERSION, "title": self.title}
        if self.seed is not None:
            document["seed"] = self.seed
        for name in SECTIONS:
            section = getattr(self, name)
            if isinstance(section, Section):
                document[name] = section.model_dump(mode="json", by_alias=True, exclude_none=True)
        if self.expect:
            document["expect"] = {
                key: entry.model_dump(mode="json", exclude_none=True) for key, entry in self.expect.items()
            }
        return document
