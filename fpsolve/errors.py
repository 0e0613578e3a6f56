"""Errors of fpsolve. Each class carries the exit code that the command line returns for it.

Exit code 2 means: found before any work started, nothing was written. Exit code 1 means: the run itself failed.
"""

from __future__ import annotations

from dataclasses import dataclass

__all__ = [
    "CaseError",
    "ConvergenceError",
    "EngineError",
    "FpsolveError",
    "GridError",
    "MethodError",
    "ModelError",
    "OutputError",
    "Problem",
    "SampleError",
    "StoppedEarly",
    "StorageError",
    "TrainingError",
]


class FpsolveError(Exception):
    """Base class of every error that a user can cause or must act upon."""

    exit_code: int = 1


@dataclass(frozen=True)
class Problem:
    """One fault of a case file.

    Attributes
    ----------
    key : str
        Dotted key, e.g. ``"model.kappa"``; a bare section name for a fault of the whole section; a leading dot for a key
        above all sections, e.g. ``".seed"``; "" for the file.
    message : str
        What is wrong, what is allowed, and what was probably meant.
    file : str
        The file as the user named it ("" for a case built in Python).
    line : int or None
        Line of the key in the file, counted from 1; None where the key has no line (it is missing, or came from ``--set``).
    """

    key: str
    message: str
    file: str = ""
    line: int | None = None

    def __str__(self) -> str:
        place = self.file + (f":{self.line}" if self.line is not None else "")
        section, _, name = self.key.partition(".")
        where = f"[{section}] {name}".strip() if section else name
        head = ": ".join(part for part in (place, where) if part)
        return f"{head}: {self.message}" if head else self.message


class CaseError(FpsolveError):
    """A case file that cannot be run; `problems` lists every fault found in it."""

    exit_code = 2

    def __init__(self, problems: tuple[Problem, ...] | list[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))


class ModelError(FpsolveError, ValueError):
    """Parameters for which the model has no meaning (kappa >= mu2, negative noise, no stationary law)."""

    exit_code = 2


class GridError(FpsolveError, ValueError):
    """A grid that does not fit the model (empty, outside the walls, too few cells)."""

    exit_code = 2


class MethodError(FpsolveError, ValueError):
    """A method asked for a problem that it cannot treat; the message names the methods that remain."""

    exit_code = 2


class SampleError(FpsolveError, ValueError):
    """Levels brought by the user that cannot be read as levels(replica, step, level)."""

    exit_code = 2


class EngineError(FpsolveError):
    """Workers that cannot be had, or that do not have what this process has; found before work starts."""

    exit_code = 2


class OutputError(FpsolveError):
    """The output exists or cannot be written; found before work starts."""

    exit_code = 2


class StorageError(FpsolveError):
    """Writing failed while running (full disk, lost folder), or a result file cannot be read."""

    exit_code = 1


class StoppedEarly(KeyboardInterrupt):
    """The wall limit is reached, or the batch system asks to end: handled like Ctrl-C wherever work is put away."""

    exit_code: int = 4


class TrainingError(FpsolveError):
    """Training left the numbers (a level became non-finite)."""

    exit_code = 1


class ConvergenceError(FpsolveError):
    """A solver did not reach its tolerance.

    Attributes
    ----------
    iterations : int
        Steps or refinements done.
    residual, tolerance : float
        The error estimate reached and the one asked for.
    """

    exit_code = 1

    def __init__(self, message: str, *, iterations: int, residual: float, tolerance: float) -> None:
        self.iterations = iterations
        self.residual = residual
        self.tolerance = tolerance
        super().__init__(f"{message} (after {iterations} steps: error {residual:.3g}, asked {tolerance:.3g})")
