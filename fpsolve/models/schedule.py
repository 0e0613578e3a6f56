"""Learning-rate and batch-size schedules as functions of Fokker–Planck time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from fpsolve.errors import ModelError

__all__ = ["Schedule", "ScheduleKind"]

ScheduleKind = Literal["piecewise", "linear", "cosine", "exponential"]
Knots = tuple[tuple[float, float], ...]


@dataclass(frozen=True)
class Schedule:
    """Knots (time, value) of the learning rate and of the batch size, joined by one rule.

    Between two knots the value stays ("piecewise"), moves on a straight line ("linear"), on half a cosine ("cosine")
    or geometrically ("exponential"); before the first and after the last knot it is constant. The noise of the level
    gas is proportional to learning rate / batch size, so D(t) = D(0) · `noise_factor(t)`.

    Attributes
    ----------
    learning_rate, batch_size : tuple of (time, value)
        Either may be empty, which means constant. Times increase strictly and start at 0; values are positive.
    kind : {"piecewise", "linear", "cosine", "exponential"}
        The rule between knots.

    Raises
    ------
    ModelError
        If both are empty, times do not increase from 0, or a value is not positive and finite.
    """

    learning_rate: Knots = ()
    batch_size: Knots = ()
    kind: ScheduleKind = "piecewise"

    def __post_init__(self) -> None:
        if not self.learning_rate and not self.batch_size:
            msg = "a schedule needs knots for learning_rate, batch_size or both"
            raise ModelError(msg)
        for name, knots in (("learning_rate", self.learning_rate), ("batch_size", self.batch_size)):
            if not knots:
                continue
            times = np.array([knot[0] for knot in knots])
            values = np.array([knot[1] for knot in knots])
            if times[0] != 0.0 or np.any(np.diff(times) <= 0.0) or not np.all(np.isfinite(times)):
                msg = f"schedule {name}: times must start at 0 and increase strictly, not {times.tolist()}"
                raise ModelError(msg)
            if not np.all(np.isfinite(values)) or np.any(values <= 0.0):
                msg = f"schedule {name}: values must be positive and finite, not {values.tolist()}"
                raise ModelError(msg)

    def learning_rate_at(self, time: float, default: float) -> float:
        """Learning rate at `time`; `default` where the schedule leaves it constant."""
        return self._value(self.learning_rate, time) if self.learning_rate else default

    def batch_size_at(self, time: float, default: float) -> float:
        """Batch size at `time` (not rounded); `default` where the schedule leaves it constant."""
        return self._value(self.batch_size, time) if self.batch_size else default

    def noise_factor(self, time: float) -> float:
        """(α/B)(time) divided by (α/B)(0)."""
        rate = self.learning_rate_at(time, 1.0) / (self.learning_rate[0][1] if self.learning_rate else 1.0)
        batch = self.batch_size_at(time, 1.0) / (self.batch_size[0][1] if self.batch_size else 1.0)
        return rate / batch

    @property
    def breakpoints(self) -> tuple[float, ...]:
        """Times at which the noise jumps or has a kink; a solver must not step across them."""
        return tuple(sorted({knot[0] for knot in (*self.learning_rate, *self.batch_size)}))

    def _value(self, knots: Knots, time: float) -> float:
        times = [knot[0] for knot in knots]
        k = int(np.searchsorted(times, time, side="right")) - 1
        if k < 0:
            return knots[0][1]
        if k == len(knots) - 1 or self.kind == "piecewise":
            return knots[k][1]
        (t0, v0), (t1, v1) = knots[k], knots[k + 1]
        s = (time - t0) / (t1 - t0)
        if self.kind == "linear":
            return v0 + (v1 - v0) * s
        if self.kind == "cosine":
            return v1 + 0.5 * (v0 - v1) * (1.0 + float(np.cos(np.pi * s)))
        return float(v0 * (v1 / v0) ** s)
