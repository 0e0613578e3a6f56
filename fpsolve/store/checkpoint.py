"""What a run has finished of a task that is under way: a file beside the result that only grows."""

from __future__ import annotations

import fcntl
import json
import os
import struct
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from time import monotonic
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from fpsolve.errors import OutputError, StorageError
from fpsolve.store.atomic import explain

__all__ = ["CHECKPOINT_SECONDS", "Checkpoint", "TaskLedger", "checkpoint_path"]

CHECKPOINT_SECONDS = 10.0
"""Finished parts wait this long for others before they are written."""

Part = tuple[NDArray[Any] | None, ...]
# Length of the description, length of the numbers, CRC-32 of both.
_HEAD = struct.Struct("<4sIQI")
_MAGIC = b"fpC1"


def checkpoint_path(output: str | os.PathLike[str]) -> Path:
    """Return the name of the checkpoint of a result file: the same, with .part behind it."""
    path = Path(output)
    return path.with_name(f"{path.name}.part")


class Checkpoint:
    """Finished replicas and trajectories of a run that is under way.

    The file is a sequence of records: magic word, lengths and CRC-32; a JSON object with task, first item, number of
    items, types and shapes of the arrays; the arrays, little-endian. The first record has no arrays and names the run. A
    record is added at the end and flushed to the disk, and no byte is written twice: what a run that is killed or a disk that
    is full leaves behind is whole records and at most one broken one at the end, which is left out.

    Parameters
    ----------
    output : path
        The result file.
    identity : str
        Equal for runs that give the same numbers; records of others are never taken.
    interval : float
        Seconds between writes.
    before : callable, optional
        Called before the file is made: what must be on the disk before a checkpoint makes sense.

    Notes
    -----
    A lock on the file keeps two runs from one output; it ends with the process, however that ends.
    """

    def __init__(
        self,
        output: str | os.PathLike[str],
        identity: str,
        *,
        interval: float = CHECKPOINT_SECONDS,
        before: Callable[[], None] | None = None,
    ) -> None:
        self.path = checkpoint_path(output)
        self._identity = identity
        self._interval = interval
        self._before = before
        self._waiting: list[bytes] = []
        self._next = monotonic() + interval
        self._descriptor: int | None = None
        self._end = 0

    def resume(self) -> Self:
        """Open what an earlier run left, if it is of this run; call before anything is kept.

        Raises
        ------
        OutputError
            Another process is at work on it, or it cannot be opened.
        """
        try:
            self._open(os.O_RDWR)
        except FileNotFoundError:
            return self
        except OSError as error:
            msg = f"{self.path}: the checkpoint cannot be opened: {explain(error)}"
            raise OutputError(msg) from error
        for about, end in self._records():
            if self._end == 0 and about.get("identity") != self._identity:
                break
            self._end = end
        return self

    def ledger(self, task: str) -> TaskLedger:
        """Return the part of the checkpoint that belongs to a task."""
        return TaskLedger(self, task)

    def parts(self, task: str) -> Iterator[tuple[int, int, Part]]:
        """Records of a task that an earlier run left, one at a time."""
        for about, end in self._records(self._end):
            if about.get("task") == task:
                size = sum(_bytes_of(array) for array in about["arrays"] if array is not None)
                yield about["first"], about["count"], _arrays(self._read(end - size, size), about["arrays"])

    def add(self, task: str, first: int, count: int, part: Part) -> None:
        """Take over a finished part; it is on the disk after `interval` at the latest, if another one follows.

        Raises
        ------
        StorageError
            The disk is full or the folder is gone.
        """
        arrays = [None if array is None else np.ascontiguousarray(array) for array in part]
        about = {
            "task": task,
            "first": first,
            "count": count,
            "arrays": [None if array is None else [array.dtype.newbyteorder("<").str, array.shape] for array in arrays],
        }
        payload = b"".join(
            array.astype(array.dtype.newbyteorder("<"), copy=False).tobytes() for array in arrays if array is not None
        )
        self._waiting.append(_record(about, payload))
        if monotonic() >= self._next:
            self.flush()

    def flush(self) -> None:
        """Write what waits.

        Raises
        ------
        StorageError
            The disk is full, the folder is gone, or another process is at work on this output.
        """
        if not self._waiting:
            return
        try:
            if self._descriptor is None:
                if self._before is not None:
                    self._before()
                self._open(os.O_RDWR | os.O_CREAT)
            if self._end == 0:
                os.ftruncate(self._fd, 0)
                self._write(_record({"identity": self._identity}, b""))
            data = b"".join(self._waiting)
            self._write(data)
        except (OSError, OutputError) as error:
            msg = f"{self.path}: the checkpoint could not be written: {explain(error) if isinstance(error, OSError) else error}"
            raise StorageError(msg) from error
        self._waiting.clear()
        self._next = monotonic() + self._interval

    def close(self) -> None:
        """Let go of the file."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

    def remove(self) -> None:
        """Delete the file: the result is complete. One that belongs to another run that is under way stays."""
        try:
            if self._descriptor is None:
                self._open(os.O_RDWR)
            self.path.unlink(missing_ok=True)
        except (OSError, OutputError):
            return  # a leftover harms nobody: it is never taken for another run's
        finally:
            self.close()

    @property
    def _fd(self) -> int:
        if self._descriptor is None:
            msg = f"{self.path}: the checkpoint is not open"
            raise StorageError(msg)
        return self._descriptor

    def _open(self, flags: int) -> None:
        descriptor = os.open(self.path, flags, 0o666)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            os.close(descriptor)
            msg = f"{self.path}: another fpsolve is at work on this output"
            raise OutputError(msg) from error
        except OSError:
            pass  # a file system without locks
        self._descriptor = descriptor

    def _write(self, data: bytes) -> None:
        """Add a whole record, or nothing: the end moves when all of it is on the disk."""
        view, place = memoryview(data), self._end
        while view:
            done = os.pwrite(self._fd, view, place)
            view, place = view[done:], place + done
        os.fsync(self._fd)
        self._end = place

    def _records(self, limit: int | None = None) -> Iterator[tuple[dict[str, Any], int]]:
        """Description and end of every record that is whole, from the first one on."""
        place = 0
        while self._descriptor is not None and (limit is None or place < limit):
            head = self._read(place, _HEAD.size)
            if len(head) < _HEAD.size:
                return
            magic, about_size, size, checksum = _HEAD.unpack(head)
            if magic != _MAGIC or place + _HEAD.size + about_size + size > os.fstat(self._fd).st_size:
                return
            body = self._read(place + _HEAD.size, about_size + size)
            if zlib.crc32(body) != checksum:
                return
            place += _HEAD.size + about_size + size
            yield json.loads(body[:about_size]), place

    def _read(self, place: int, size: int) -> bytes:
        return os.pread(self._fd, size, place)


class TaskLedger:
    """The parts of one task in a checkpoint."""

    def __init__(self, checkpoint: Checkpoint, task: str) -> None:
        self._checkpoint, self._task = checkpoint, task

    def kept(self) -> Iterator[tuple[int, int, Part]]:
        """Parts that an earlier run left: first item, number of items, arrays."""
        return self._checkpoint.parts(self._task)

    def keep(self, first: int, count: int, part: Part) -> None:
        """Take over a finished part.

        Raises
        ------
        StorageError
            As `Checkpoint.flush`.
        """
        self._checkpoint.add(self._task, first, count, part)


def _record(about: dict[str, Any], payload: bytes) -> bytes:
    text = json.dumps(about).encode()
    return _HEAD.pack(_MAGIC, len(text), len(payload), zlib.crc32(text + payload)) + text + payload


def _bytes_of(array: list[Any]) -> int:
    return int(np.dtype(array[0]).itemsize * np.prod(array[1], dtype=np.int64))


def _arrays(payload: bytes, about: list[Any]) -> Part:
    found: list[NDArray[Any] | None] = []
    place = 0
    for array in about:
        if array is None:
            found.append(None)
            continue
        size = _bytes_of(array)
        found.append(np.frombuffer(payload[place : place + size], dtype=array[0]).reshape(array[1]))
        place += size
    return tuple(found)
