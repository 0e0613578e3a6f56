"""Many tasks over an engine: outcomes as they come, a second try for what a dying worker took along."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, Future, wait
from dataclasses import dataclass
from typing import Generic, TypeVar

from fpsolve.errors import FpsolveError
from fpsolve.parallel.engine import Engine

__all__ = ["DEATH", "Finished", "stream_tasks"]

Task = TypeVar("Task")
Outcome = TypeVar("Outcome")

DEATH = (
    "the worker process died, and again when the task was tried alone: the system killed it (too little memory), it crashed, "
    'or the calling script starts work at import; guard it with if __name__ == "__main__":'
)


@dataclass(frozen=True)
class Finished(Generic[Outcome]):
    """A task that ended.

    Attributes
    ----------
    index : int
        Its place among the tasks.
    outcome : object or None
        What the function returned; None if it failed.
    error : Exception or None
        What it raised; an `FpsolveError` if its worker died twice.
    attempts : int
        How often it was begun.
    """

    index: int
    outcome: Outcome | None
    error: Exception | None
    attempts: int


def stream_tasks(
    function: Callable[[Task], Outcome], tasks: Sequence[Task], engine: Engine
) -> Iterator[Finished[Outcome]]:
    """Run every task and hand out what comes back, in the order in which it comes.

    When a worker dies its pool is lost with everything under way there. These tasks are begun again one at a time, so
    that one which kills its worker again is known, and the others are not held against it.

    Parameters
    ----------
    function : callable
        Takes one task; importable by name where the engine has other processes.
    tasks : sequence
    engine : Engine
        Running.
    """
    waiting = deque(range(len(tasks)))
    running: dict[Future[Outcome], int] = {}
    while waiting or running:
        lost: list[int] = []
        while waiting and len(running) < engine.window and not lost:
            index = waiting.popleft()
            try:
                running[engine.submit(function, tasks[index])] = index
            except BrokenExecutor:
                lost.append(index)
        for future in wait(running, return_when=FIRST_COMPLETED).done:
            index = running.pop(future)
            if isinstance(future.exception(), BrokenExecutor):
                lost.append(index)
            else:
                yield _finished(index, future, attempts=1)
        if lost:
            # What else is under way in the broken pool fails with it.
            for future in wait(running).done:
                index = running.pop(future)
                if isinstance(future.exception(), BrokenExecutor):
                    lost.append(index)
                else:
                    yield _finished(index, future, attempts=1)
            engine.restart()
            for index in sorted(lost):
                yield _alone(function, tasks, index, engine)


def _alone(function: Callable[[Task], Outcome], tasks: Sequence[Task], index: int, engine: Engine) -> Finished[Outcome]:
    future = engine.submit(function, tasks[index])
    if isinstance(future.exception(), BrokenExecutor):
        engine.restart()
        return Finished(index, None, FpsolveError(DEATH), 2)
    return _finished(index, future, attempts=2)


def _finished(index: int, future: Future[Outcome], *, attempts: int) -> Finished[Outcome]:
    error = future.exception()
    if error is None:
        return Finished(index, future.result(), None, attempts)
    if not isinstance(error, Exception):
        raise error
    return Finished(index, None, error, attempts)
