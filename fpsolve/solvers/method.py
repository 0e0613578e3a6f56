"""One method of solution: which problems it takes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from fpsolve.models.level_gas import Boundary, LevelGas

__all__ = ["Method", "Task"]

Task = Literal["evolve", "spectrum"]


@dataclass(frozen=True)
class Method:
    """One row of the table.

    Attributes
    ----------
    task : {"evolve", "spectrum"}
        The section of a case file that it belongs to.
    name : str
        Its name there.
    levels : tuple of (int, int or None)
        Smallest and largest number of levels N; None means any.
    boundaries : tuple of {"reflecting", "absorbing", "periodic"}
        What may stand at a wall.
    schedules : bool
        Whether the noise may depend on time.
    beta : str
        Dyson indices β, in words for the table ("-" where there is one level).
    diffusion : str
        D(x), in words.
    note : str
        Accuracy and what it is for.
    only_beta : float or None
        The one Dyson index of several levels that it takes; None if it takes any.
    default_to : int or None
        Largest number of levels for which it comes before the rows below it; None if it always does.
    alike : bool
        Whether several levels must have the same potential and noise.
    training : callable, optional
        Why the training behind a model is not one that it solves, or None; given by the methods that need to know it.
    cost : str
        What it takes, in a few words, for messages that refuse another method.
    options : tuple of str
        Keyword arguments of the task that it reads beside the common ones.
    rtol : float
        Default of the option `rtol`.
    """

    task: Task
    name: str
    levels: tuple[int, int | None]
    boundaries: tuple[Boundary, ...]
    schedules: bool
    beta: str
    diffusion: str
    note: str
    only_beta: float | None = None
    default_to: int | None = None
    alike: bool = False
    training: Callable[[LevelGas], str | None] | None = None
    cost: str = ""
    options: tuple[str, ...] = ()
    rtol: float = 1e-8

    def objection(self, model: LevelGas) -> str | None:
        """Why the model does not fit, or None."""
        low, high = self.levels
        if self.training is not None and (missing := self.training(model)) is not None:
            return missing
        if model.n < low or (high is not None and model.n > high):
            return f"it takes {_count(self.levels)}, the model has {model.n}"
        for kind in model.boundary:
            if kind not in self.boundaries:
                return f"it takes {' and '.join(self.boundaries)} walls, the model has a {kind} one"
        if model.schedule is not None and not self.schedules:
            return "it takes constant noise, the model has a schedule"
        if self.only_beta is not None and model.n > 1 and model.beta != self.only_beta:
            return f"it takes beta = {self.only_beta:g}, the model has {model.beta:g}"
        if self.alike and any(body != model.levels[0] for body in model.levels[1:]):
            return "it takes levels with the same potential and noise"
        return None


def _count(levels: tuple[int, int | None]) -> str:
    low, high = levels
    if high is None:
        return f"{low} levels or more"
    if low == high:
        return "one level" if low == 1 else f"{low} levels"
    return f"{low} to {high} levels"
