"""Where tasks run: in this process, or in local processes of one thread each; both speak concurrent.futures."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing import connection
from typing import Protocol, Self, TypeVar

from fpsolve.errors import EngineError
from fpsolve.parallel.dask_engine import DaskEngine
from fpsolve.parallel.threads import one_thread

__all__ = [
    "Engine",
    "HereEngine",
    "LocalEngine",
    "choose_engine",
    "local_engine",
    "one_thread_in_children",
    "prepare_worker",
]

Task = TypeVar("Task")
Outcome = TypeVar("Outcome")

# Workers are the parallelism: a second layer of threads in each of them only makes them fight for the cores.
_ONE_THREAD = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS")


class Engine(Protocol):
    """Runs tasks; a context that ends its workers on exit, at once if an exception passes."""

    @property
    def workers(self) -> int:
        """Tasks that run at a time."""

    @property
    def window(self) -> int:
        """Tasks to hand over at a time: more than there are workers, so that none waits for the parent."""

    def __enter__(self) -> Self:
        """Start."""

    def __exit__(self, kind: object, error: object, trace: object) -> None:
        """End the workers."""

    def submit(self, function: Callable[[Task], Outcome], task: Task) -> Future[Outcome]:
        """Hand over one task."""

    def restart(self) -> None:
        """Replace workers that died."""


class HereEngine:
    """Runs every task in this process when it is handed over, with one thread, as a worker would."""

    workers = 1
    window = 1

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: object, error: object, trace: object) -> None:
        return None

    def submit(self, function: Callable[[Task], Outcome], task: Task) -> Future[Outcome]:
        """Run the task; an interrupt passes through."""
        future: Future[Outcome] = Future()
        with one_thread():
            try:
                future.set_result(function(task))
            except Exception as error:  # noqa: BLE001 - kept in the future, as an executor does
                future.set_exception(error)
        return future

    def restart(self) -> None:
        """Nothing died."""


class LocalEngine:
    """Spawned processes of one thread each.

    Parameters
    ----------
    workers : int
        Processes.
    """

    def __init__(self, workers: int) -> None:
        self.workers = workers
        self.window = 2 * workers
        self._pool: ProcessPoolExecutor | None = None

    def __enter__(self) -> Self:
        self._strangers = {child.pid for child in multiprocessing.active_children()}
        self.restart()
        return self

    def __exit__(self, kind: object, error: object, trace: object) -> None:
        if self._pool is None:
            return
        if kind is not None:
            # A running task cannot be cancelled, and waiting for it would keep the user waiting.
            for child in multiprocessing.active_children():
                if child.pid not in self._strangers:
                    child.terminate()
        self._pool.shutdown(wait=True, cancel_futures=True)

    def submit(self, function: Callable[[Task], Outcome], task: Task) -> Future[Outcome]:
        """Hand over one task; the pool starts a process for it while it has fewer than it may."""
        if self._pool is None:
            msg = "this engine is not running"
            raise RuntimeError(msg)
        with one_thread_in_children():
            return self._pool.submit(function, task)

    def restart(self) -> None:
        """Start a new pool; what is left of the earlier one is gone already."""
        if self._pool is not None:
            self._pool.shutdown(wait=True, cancel_futures=True)
        # spawn, not fork: forking a process that has threads (BLAS, a progress display) can deadlock the child.
        context = multiprocessing.get_context("spawn")
        self._pool = ProcessPoolExecutor(self.workers, mp_context=context, initializer=prepare_worker)


def choose_engine(name: str, *, workers: int, scheduler: str | None = None) -> Engine:
    """Return the engine of this name, not yet running.

    Parameters
    ----------
    name : {"local", "dask"}
        Processes of this machine, or a Dask cluster.
    workers : int
        Processes; of "dask" those of the cluster that is started where there is no scheduler.
    scheduler : str, optional
        Of "dask": address or file of the scheduler.

    Raises
    ------
    EngineError
        A scheduler for local processes, or an engine of another name.
    """
    if name == "dask":
        return DaskEngine(workers, scheduler=scheduler)
    if name != "local":
        msg = f'there is no engine "{name}"; there are "local" and "dask"'
        raise EngineError(msg)
    if scheduler is not None:
        msg = 'a scheduler goes with the engine "dask"'
        raise EngineError(msg)
    return local_engine(workers)


def local_engine(workers: int) -> Engine:
    """Return the engine of this machine: one worker is this process.

    Raises
    ------
    ValueError
        `workers` < 1.
    """
    if workers < 1:
        msg = f"workers must be at least 1, not {workers}"
        raise ValueError(msg)
    return HereEngine() if workers == 1 else LocalEngine(workers)


def prepare_worker() -> None:
    """Leave Ctrl-C to the parent, and end with it.

    Ctrl-C reaches every process of the terminal; only the parent answers it, and it ends the workers. A parent that is
    killed cannot do that, and a worker that waits for a task from it would wait forever.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_end_after, args=(parent.sentinel,), daemon=True).start()


def _end_after(sentinel: int) -> None:
    connection.wait([sentinel])
    os._exit(1)


@contextmanager
def one_thread_in_children() -> Iterator[None]:
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
