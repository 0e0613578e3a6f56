"""One map over local processes: results in order, progress as tasks finish, a clean end on Ctrl-C."""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from typing import TypeVar

from fpsolve.errors import FpsolveError

__all__ = ["Progress", "map_tasks"]

Task = TypeVar("Task")
Outcome = TypeVar("Outcome")
Progress = Callable[[int, int], None]

# Workers are the parallelism: a second layer of threads in each of them only makes them fight for the cores.
_ONE_THREAD = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS")


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
    strangers = {child.pid for child in multiprocessing.active_children()}
    # spawn, not fork: forking a process that has threads (BLAS, a progress display) can deadlock the child.
    context = multiprocessing.get_context("spawn")
    pool = ProcessPoolExecutor(workers, mp_context=context, initializer=_ignore_interrupts)
    try:
        with _one_thread_in_children():
            futures = [pool.submit(function, task) for task in tasks]
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
    except BaseException:
        # A running task cannot be cancelled, and waiting for it would keep the user waiting.
        for child in multiprocessing.active_children():
            if child.pid not in strangers:
                child.terminate()
        raise
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _ignore_interrupts() -> None:
    """Ctrl-C reaches every process of the terminal; only the parent answers it, and it ends the workers."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


@contextmanager
def _one_thread_in_children() -> Iterator[None]:
    """Let processes started inside have one thread per library; it must be set before they import numpy."""
    before = {name: os.environ.get(name) for name in _ONE_THREAD}
    os.environ.update(dict.fromkeys(_ONE_THREAD, "1"))
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value
