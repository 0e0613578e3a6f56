"""Many like items over an engine, some at a time: what is kept already is left out, what is finished is kept."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from contextlib import nullcontext
from typing import TypeVar

from fpsolve.parallel.engine import HereEngine, LocalEngine, local_engine
from fpsolve.parallel.hands import Hands, Part, Workers
from fpsolve.parallel.stream import stream_tasks

__all__ = ["Progress", "missing", "spread_blocks"]

Block = TypeVar("Block")
Outcome = TypeVar("Outcome", bound=Part)
Progress = Callable[[int, int], None]

logger = logging.getLogger(__name__)


def spread_blocks(
    function: Callable[[Block], Outcome],
    block: Callable[[int, int], Block],
    total: int,
    *,
    size: int,
    receive: Callable[[int, int, Part], None],
    workers: Workers = 1,
    progress: Progress | None = None,
) -> None:
    """Compute the items 0 … total − 1 in blocks of `size`, and hand every finished block to `receive`.

    Parameters
    ----------
    function : callable
        Takes a block and returns a tuple of arrays. With several processes it must be importable by name and blocks picklable.
        What it computes of an item must not depend on the block that the item is in.
    block : callable
        ``block(first, count)`` is the block of the items first … first + count − 1.
    total, size : int
    receive : callable
        Called as ``receive(first, count, part)`` in this process, in the order in which blocks are finished. Blocks that
        an earlier run has finished come first.
    workers : int or Hands
        Local processes (1 computes in this process, without pickling), or an engine that runs, with a ledger that knows
        what is finished and is told what else is.
    progress : callable, optional
        Called as ``progress(done, total)`` after every block.

    Raises
    ------
    FpsolveError
        A worker process died, and again when its block was tried alone (killed for memory, or the calling script has
        no ``__main__`` guard).
    ValueError
        `workers` < 1.

    Notes
    -----
    An exception in a block is raised here as soon as it is known; what has not started is cancelled. On
    KeyboardInterrupt the workers are terminated before it is raised again.
    """
    hands = workers if isinstance(workers, Hands) else None
    engine = hands.engine if hands is not None else local_engine(int(workers))  # type: ignore[arg-type]
    ledger = hands.ledger if hands is not None else None
    there: list[tuple[int, int]] = []
    for first, count, part in ledger.kept() if ledger is not None else ():
        receive(first, count, part)
        there.append((first, count))
    ranges = [
        (begin, min(size, end - begin)) for start, end in missing(there, total) for begin in range(start, end, size)
    ]
    everything = len(there) + len(ranges)
    if progress is not None and there:
        progress(len(there), everything)
    if len(ranges) <= 1 and isinstance(engine, LocalEngine):
        engine, hands = HereEngine(), None
    tasks = [block(first, count) for first, count in ranges]
    with engine if hands is None else nullcontext():
        for done, finished in enumerate(stream_tasks(function, tasks, engine), start=len(there) + 1):
            if finished.error is not None:
                raise finished.error
            first, count = ranges[finished.index]
            if finished.attempts > 1:
                logger.warning("a worker process died; its block (items from %d on) was computed again", first)
            outcome = finished.outcome
            if outcome is not None:
                receive(first, count, outcome)
                if ledger is not None:
                    ledger.keep(first, count, outcome)
            if progress is not None:
                progress(done, everything)


def missing(there: Iterable[tuple[int, int]], total: int) -> list[tuple[int, int]]:
    """Gaps ``(start, end)`` that the ranges ``(first, count)`` leave in 0 … total − 1."""
    gaps, reached = [], 0
    for first, count in sorted(there):
        if first > reached:
            gaps.append((reached, first))
        reached = max(reached, first + count)
    return [*gaps, (reached, total)] if reached < total else gaps
