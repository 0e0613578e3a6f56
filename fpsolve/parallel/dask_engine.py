"""Tasks on a Dask cluster: one of yours, or one that is started here."""

from __future__ import annotations

import importlib.metadata
import logging
import os
import platform
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from functools import cache
from pathlib import Path
from typing import Any, Self, TypeVar

from fpsolve.errors import EngineError
from fpsolve.parallel.threads import one_thread

__all__ = ["DaskEngine", "own_versions"]

Task = TypeVar("Task")
Outcome = TypeVar("Outcome")

PATIENCE = 30.0
"""Seconds to wait for a scheduler to answer and for the first worker to join it."""
PACKAGES = ("fpsolve", "numpy", "scipy", "numba")


class DaskEngine:
    """Workers of a Dask cluster.

    Parameters
    ----------
    workers : int
        Processes of the cluster that is started here if there is no scheduler yet.
    scheduler : str, optional
        Address (``tcp://host:8786``) or scheduler file. Without it the environment variable DASK_SCHEDULER_ADDRESS or
        the configuration of Dask says where the scheduler is; without that a cluster is started on this machine.
    """

    def __init__(self, workers: int, *, scheduler: str | None = None) -> None:
        self._asked = workers
        self._address = scheduler
        self._cluster: Any = None

    def __enter__(self) -> Self:
        """Connect, and check that the workers have what this process has.

        Raises
        ------
        EngineError
            The package distributed is missing, no scheduler answers, no worker joins, or a worker has other versions.
        """
        try:
            import distributed
        except ImportError as error:
            msg = "the engine dask needs the package distributed: pip install 'fpsolve[cluster]'"
            raise EngineError(msg) from error
        self._client = self._connected(distributed)
        try:
            self._client.wait_for_workers(1, timeout=PATIENCE)
            self._compare(self._client.run(own_versions, on_error="return"))
        except TimeoutError as error:
            self.__exit__(type(error), error, None)
            msg = f"the scheduler at {self._where()} has no workers; start some with: dask worker {self._where()} --nthreads 1"
            raise EngineError(msg) from error
        except BaseException as error:
            self.__exit__(type(error), error, None)
            raise
        self._executor = self._client.get_executor(pure=False)
        return self

    def __exit__(self, kind: object, error: object, trace: object) -> None:
        if kind is not None and hasattr(self, "_executor"):
            self._executor.shutdown(wait=False, cancel_futures=True)
        self._client.close()
        if self._cluster is not None:
            self._cluster.close()

    @property
    def workers(self) -> int:
        """Threads of all workers that are there now."""
        return max(1, int(sum(self._client.nthreads().values())))

    @property
    def window(self) -> int:
        """Twice as many tasks as threads."""
        return 2 * self.workers

    def submit(self, function: Callable[[Task], Outcome], task: Task) -> Future[Outcome]:
        """Hand over one task; the scheduler gives it to another worker if its own is lost."""
        future: Future[Outcome] = self._executor.submit(_on_worker, function, task, own_versions())
        return future

    def restart(self) -> None:
        """The scheduler replaces what is lost."""

    def _connected(self, distributed: Any) -> Any:  # noqa: ANN401 - the module, imported on demand
        import dask

        address = (
            self._address or os.environ.get("DASK_SCHEDULER_ADDRESS") or dask.config.get("scheduler-address", None)
        )
        if address is None and dask.config.get("scheduler-file", None) is None:
            self._cluster = distributed.LocalCluster(
                n_workers=self._asked,
                threads_per_worker=1,
                processes=True,
                memory_limit=0,
                dashboard_address=None,
                silence_logs=logging.ERROR,
            )
            return distributed.Client(self._cluster)
        self._address = address or str(dask.config.get("scheduler-file"))
        try:
            if "://" in self._address or not Path(self._address).is_file():
                return distributed.Client(self._address, timeout=PATIENCE)
            return distributed.Client(scheduler_file=self._address, timeout=PATIENCE)
        except (OSError, TimeoutError, ValueError) as error:
            msg = f"no Dask scheduler answers at {self._address}"
            raise EngineError(msg) from error

    def _where(self) -> str:
        return self._address or "this machine"

    def _compare(self, found: Mapping[str, object]) -> None:
        """Refuse workers whose numbers could differ."""
        for worker, theirs in found.items():
            if not isinstance(theirs, Mapping):
                msg = f"the worker {worker} cannot import fpsolve: {theirs}; install the same version there"
                raise EngineError(msg)
            _refuse_others(worker, theirs, own_versions())


@cache
def own_versions() -> dict[str, str]:
    """Versions of Python and of the packages that make the numbers, in this process."""
    return {"python": platform.python_version(), **{name: importlib.metadata.version(name) for name in PACKAGES}}


def _refuse_others(worker: str, theirs: Mapping[str, str], ours: Mapping[str, str]) -> None:
    other = [f"{name} {theirs.get(name)} (here {ours[name]})" for name in ours if theirs.get(name) != ours[name]]
    if other:
        msg = f"the worker {worker} has other versions: {', '.join(other)}; results must not be mixed"
        raise EngineError(msg)


def _on_worker(function: Callable[[Task], Outcome], task: Task, versions: Mapping[str, str]) -> Outcome:
    """Run a task as a local worker would; a worker may have joined after the others were checked."""
    _refuse_others(platform.node(), own_versions(), versions)
    with one_thread():
        return function(task)
