"""Who computes the parts of a task, and who keeps what they hand in."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Protocol

from numpy.typing import NDArray

from fpsolve.parallel.engine import Engine

__all__ = ["Hands", "Ledger", "Part", "Workers", "number_of"]

Part = tuple[NDArray[Any] | None, ...]
"""What was computed of some consecutive items, replicas or trajectories."""


class Ledger(Protocol):
    """Keeps the parts of one task where a run that is killed cannot take them along."""

    def kept(self) -> Iterator[tuple[int, int, Part]]:
        """Parts of an earlier run that is being continued: first item, number of items, arrays."""

    def keep(self, first: int, count: int, part: Part) -> None:
        """Take over a part that was just finished."""


@dataclass(frozen=True)
class Hands:
    """An engine that runs already, and where finished parts are kept.

    Attributes
    ----------
    engine : Engine
        Running; it is used and not ended.
    ledger : Ledger or None
        None keeps parts in memory only.
    """

    engine: Engine
    ledger: Ledger | None = None


Workers = int | Hands
"""Number of local processes, which are started and ended, or hands that are there."""


def number_of(workers: Workers) -> int:
    """How many parts are computed at a time."""
    return workers.engine.workers if isinstance(workers, Hands) else workers
