"""The same case at many values of its keys."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from fpsolve.results.result import Provenance

__all__ = ["PointStatus", "Sweep", "SweepPoint"]

Array = NDArray[np.float64]
PointStatus = Literal["pending", "complete", "rejected", "failed"]


@dataclass(frozen=True)
class SweepPoint:
    """One point of a sweep.

    Attributes
    ----------
    values : dict
        Dotted keys of the case and their values at this point.
    status : {"pending", "complete", "rejected", "failed"}
        "rejected": computed, but `fail_if` or ``[expect]`` says no.
    seconds : float
        Wall time of the computation; nan while pending.
    message : str
        Why it failed or was rejected, or "".
    file : str
        Its result file, relative to the index; "" where there is none.
    scalars : dict
        Every finite number of the --json object by its dotted path, e.g. "stationary.levels.mean.0".
    seed : int
        Seed of the point.
    attempts : int
        How often it was begun: 0 while pending, 2 if a worker died on the way.
    """

    values: dict[str, object]
    status: PointStatus = "pending"
    seconds: float = float("nan")
    message: str = ""
    file: str = ""
    scalars: dict[str, float] = field(default_factory=dict)
    seed: int = 0
    attempts: int = 0


@dataclass(frozen=True)
class Sweep:
    """Index of a sweep: axes, and one entry per point.

    Attributes
    ----------
    title : str
    mode : {"grid", "zip", "list"}
    axes : dict
        Dotted keys that vary, with their values in the order of the case.
    points : tuple of SweepPoint
        In the order of computation; of a grid the last axis runs fastest.
    case_text, resolved, overrides
        As in `Result`.
    case_file : str
        The case file, absolute; input files are relative to its folder. "" for a case from text.
    """

    title: str
    mode: str
    axes: dict[str, tuple[object, ...]]
    points: tuple[SweepPoint, ...]
    provenance: Provenance
    case_text: str = ""
    resolved: str = "{}"
    overrides: tuple[str, ...] = ()
    case_file: str = ""

    @property
    def kind(self) -> str:
        """What the file says it is: "sweep", where a `Result` names its model."""
        return "sweep"

    def count(self, status: PointStatus) -> int:
        """Count the points of one status."""
        return sum(point.status == status for point in self.points)

    def column(self, key: str) -> Array:
        """Values of an axis or of a scalar at every point, shape (point,); nan where a point names or has none.

        Raises
        ------
        KeyError
            Neither an axis of numbers nor a scalar of any point.
        """
        if key in self.axes:
            values = [point.values.get(key, math.nan) for point in self.points]
            if any(isinstance(value, bool) or not isinstance(value, int | float) for value in values):
                msg = f"the axis {key} has values that are not numbers"
                raise KeyError(msg)
            return np.array([float(str(value)) for value in values])
        if not any(key in point.scalars for point in self.points):
            msg = f"{key} is neither an axis nor a scalar of this sweep"
            raise KeyError(msg)
        return np.array([point.scalars.get(key, np.nan) for point in self.points])
