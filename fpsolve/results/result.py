"""Everything one case produced."""

from __future__ import annotations

from dataclasses import dataclass

from fpsolve.results.evolution import Evolution
from fpsolve.results.report import Report
from fpsolve.results.sample import Sample
from fpsolve.results.spectrum import Spectrum
from fpsolve.results.stationary import Stationary

__all__ = ["Provenance", "Result"]


@dataclass(frozen=True)
class Provenance:
    """Who made a result, with what: enough to make it again.

    Attributes
    ----------
    created_at : str
        ISO 8601 with offset.
    command : str
        The command line, or "python".
    versions : dict
        fpsolve, python, numpy, scipy, numba, h5py.
    platform : str
        Operating system and machine type.
    git : str
        Commit of the working folder, "" outside a repository.
    seed : int or None
    """

    created_at: str
    command: str
    versions: dict[str, str]
    platform: str
    git: str
    seed: int | None


@dataclass(frozen=True)
class Result:
    """Everything one case produced; sections that were not asked for are None.

    Attributes
    ----------
    title : str
    kind : str
        The model's kind.
    case_text : str
        The case file as it was read.
    resolved : str
        The case with every default filled in (JSON).
    overrides : tuple of str
        The ``--set`` options as typed.
    tasks : tuple of str
        The sections that were asked for; empty if all of them.
    case_file : str
        Absolute path of the case file, "" for a case that has none.
    expectations : tuple of dict
        One entry per key of ``[expect]``: key, value, found, tolerance, source, passed.
    """

    title: str
    kind: str
    provenance: Provenance
    case_text: str = ""
    resolved: str = "{}"
    overrides: tuple[str, ...] = ()
    evolution: Evolution | None = None
    spectrum: Spectrum | None = None
    stationary: Stationary | None = None
    sample: Sample | None = None
    report: Report | None = None
    expectations: tuple[dict[str, object], ...] = ()
    tasks: tuple[str, ...] = ()
    case_file: str = ""

    @property
    def passed(self) -> bool:
        """True if neither `fail_if` nor ``[expect]`` rejects."""
        return (self.report is None or self.report.passed) and all(bool(entry["passed"]) for entry in self.expectations)
