"""One map over local processes: results in order, progress as tasks finish, a clean end on Ctrl-C."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import as_completed
from concurrent.futures.process import BrokenProcessPool
from typing import TypeVar

from fpsolve.errors import FpsolveError
from fpsolve.parallel.engine import LocalEngine

__all__ = ["Progress", "map_tasks"]

Task = TypeVar("Task")
Outcome = TypeVar("Outcome")
Progress = Callable[[int, int], None]


def map_tasks(
    function: Callable[[Task], Outcome],
    tasks: Sequence[Task],
    *,
    workers: int = 1,
    progress: Progress | None = None,
) -> list[Outcome]:
    """Apply `function` to every task and return the results in the order of the tasks.

    Parameters
    ----------
    function : callable
        Takes one task. With several workers it must be importable by name and its argument picklable.
    tasks : sequence
        Tasks of a second or so each: progress counts tasks, and they are handed out one by one.
    workers : int
        Processes. 1 runs everything in this process, without pickling.
    progress : callable, optional
        Called as ``progress(done, total)`` after every task, in this process.

    Raises
    ------
    FpsolveError
        A worker process died (killed for memory, or the calling script has no ``__main__`` guard).
    ValueError
        `workers` < 1.

    Notes
    -----
    An exception in a task is raised here as soon as it is known; what has not started is cancelled. On
    KeyboardInterrupt the workers are terminated before it is raised again.
    """
    if workers < 1:
        msg = f"workers must be at least 1, not {workers}"
        raise ValueError(msg)
    if workers == 1 or len(tasks) <= 1:
        return _map_here(function, tasks, progress)
    return _map_processes(function, tasks, min(workers, len(tasks)), progress)


def _map_here(function: Callable[[Task], Outcome], tasks: Sequence[Task], progress: Progress | None) -> list[Outcome]:
    outcomes = []
    for done, task in enumerate(tasks, start=1):
        outcomes.append(function(task))
        if progress is not None:
            progress(done, len(tasks))
    return outcomes


def _map_processes(
    function: Callable[[Task], Outcome], tasks: Sequence[Task], workers: int, progress: Progress | None
) -> list[Outcome]:
    with LocalEngine(workers) as engine:
        try:
            futures = [engine.submit(function, task) for task in tasks]
            for done, future in enumerate(as_completed(futures), start=1):
                future.result()
                if progress is not None:
                    progress(done, len(tasks))
            return [future.result() for future in futures]
        except BrokenProcessPool as error:
            msg = (
                "a worker process died: either the system killed it (too little memory for this many workers), or the "
                'calling script starts work at import; guard it with if __name__ == "__main__":'
            )
            raise FpsolveError(msg) from error
