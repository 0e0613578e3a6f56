"""The files of a sweep: the index, and a result file per point in the folder beside it. Only the parent writes them."""

from __future__ import annotations

import contextlib
import fcntl
import os
from time import monotonic
from typing import Self

from fpsolve.errors import OutputError, StorageError
from fpsolve.results import Result, Sweep
from fpsolve.store.atomic import explain
from fpsolve.store.outputs import check_output
from fpsolve.store.sweep_index import write_sweep
from fpsolve.store.write import write_result

__all__ = ["SweepFiles", "point_file"]

SHARE = 0.05
"""Part of the time that may go into rewriting the index of a sweep of very many or very short points."""


def point_file(index: int) -> str:
    """Name of the result file of a point in the folder of the sweep."""
    return f"point_{index:05d}.h5"


class SweepFiles:
    """Where a sweep writes.

    The file of a point is written as soon as the point is finished, the index after it. Where that would take more than
    a twentieth of the time the index waits for further points: a sweep that is resumed finds their files anyway.

    Parameters
    ----------
    path : path
        The index; the folder of the points has the same name without .h5.
    overwrite : bool
        Replace an earlier sweep.

    Raises
    ------
    OutputError
        A name is taken or cannot be written; found without writing anything.
    """

    def __init__(self, path: str | os.PathLike[str], *, overwrite: bool = False) -> None:
        plan = check_output(path, overwrite=overwrite)
        self.path, self.folder = plan.path, plan.folder
        self._overwrite = overwrite
        self._next = 0.0
        self._made = False

    def __enter__(self) -> Self:
        """Make the folder and keep other processes away from it.

        Raises
        ------
        OutputError
            It cannot be made, or another process is at work in it.
        """
        self._made = not self.folder.exists()
        try:
            self.folder.mkdir(exist_ok=True)
            self._descriptor = os.open(self.folder, os.O_RDONLY)
        except OSError as error:
            msg = f"{self.folder}/: the folder of the points cannot be made: {explain(error)}"
            raise OutputError(msg) from error
        try:
            # A lock on the folder itself: it ends with the process, however that ends, and leaves no file behind.
            fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            os.close(self._descriptor)
            msg = f"{self.path}: another fpsolve is at work on this sweep"
            raise OutputError(msg) from error
        except OSError:
            pass  # a file system without locks
        return self

    def __exit__(self, kind: object, error: object, trace: object) -> None:
        os.close(self._descriptor)

    def claim(self, sweep: Sweep) -> None:
        """Write the first index, and remove the points of an earlier sweep that may be replaced.

        Raises
        ------
        StorageError, OutputError
            It cannot be written; an earlier sweep is untouched.
        """
        try:
            write_sweep(sweep, self.path, overwrite=self._overwrite, status="running")
        except (StorageError, OutputError):
            if self._made:
                with contextlib.suppress(OSError):
                    self.folder.rmdir()
            raise
        for file in self.folder.glob("point_*.h5"):
            file.unlink(missing_ok=True)

    def save_point(self, index: int, result: Result) -> str:
        """Write the result file of a point; return its name relative to the index.

        Raises
        ------
        StorageError
            The disk is full, the folder is gone.
        """
        write_result(result, self.folder / point_file(index), overwrite=True)
        return f"{self.folder.name}/{point_file(index)}"

    def save(self, sweep: Sweep) -> None:
        """Write the index while more is being computed, unless that was done a moment ago."""
        now = monotonic()
        if now < self._next:
            return
        write_sweep(sweep, self.path, overwrite=True, status="running")
        ended = monotonic()
        self._next = ended + (ended - now) / SHARE

    def close(self, sweep: Sweep) -> None:
        """Write the last index."""
        done = sweep.count("pending") == 0 and sweep.count("failed") == 0
        write_sweep(sweep, self.path, overwrite=True, status="complete" if done else "failed")
