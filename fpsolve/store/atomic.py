"""Write a file so that its name only ever stands for complete contents."""

from __future__ import annotations

import contextlib
import errno
import os
import stat
from pathlib import Path

from fpsolve.errors import StorageError

__all__ = ["explain", "write_atomically"]

_NO_HARD_LINKS = frozenset({errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK})


def write_atomically(path: str | os.PathLike[str], data: bytes, *, overwrite: bool = False) -> None:
    """Write `data` aside in the same folder, flush it to the disk, then give it its name in one step.

    A reader, or a machine that loses power, sees the earlier file or the new one and nothing between. A symbolic link
    is followed, so that the link stays. A file that is replaced hands its permission bits on; a new one gets those of
    the umask.

    Parameters
    ----------
    path : path
        Final name.
    data : bytes
        Contents.
    overwrite : bool
        Replace a file of that name; without it such a file is an error, even if it appeared a moment ago.

    Raises
    ------
    StorageError
        The disk is full, the folder is gone or not writable, or the name is taken. The earlier file is untouched and
        nothing is left behind.
    """
    target = Path(os.path.realpath(path))
    aside = target.with_name(f".{target.name}.{os.getpid()}.partial")
    try:
        try:
            _write_and_flush(aside, data, mode=_mode_of(target))
            if overwrite:
                aside.replace(target)
            else:
                _rename_to_free_name(aside, target)
        except BaseException:
            aside.unlink(missing_ok=True)
            raise
    except FileExistsError as error:
        msg = f"{path}: exists already and was left as it is; choose another name or allow overwriting"
        raise StorageError(msg) from error
    except (OSError, ValueError) as error:  # ValueError: a name with a null byte
        msg = f"{path}: could not be written: {explain(error)}"
        raise StorageError(msg) from error
    _flush_folder(target.parent)


def _rename_to_free_name(aside: Path, target: Path) -> None:
    """Rename, but never over another file: a hard link fails if the name is taken, a rename would not say a word."""
    try:
        os.link(aside, target)
    except OSError as error:
        if error.errno not in _NO_HARD_LINKS:
            raise
        if os.path.lexists(target):
            raise FileExistsError(errno.EEXIST, "exists", str(target)) from error
        aside.replace(target)
    else:
        aside.unlink()


def explain(error: OSError | ValueError) -> str:
    """Return the system's words for an error, without numbers and repeated file names."""
    words = error.strerror if isinstance(error, OSError) else None
    return (words or str(error)).lower()


def _mode_of(target: Path) -> int | None:
    """Permission bits of the file to be replaced; None if there is none."""
    try:
        return stat.S_IMODE(target.stat().st_mode)
    except FileNotFoundError:
        return None


def _write_and_flush(aside: Path, data: bytes, *, mode: int | None) -> None:
    # 0o666 less the umask, as for any new file; the library for temporary files would make it private.
    descriptor = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o666)
    with os.fdopen(descriptor, "wb") as stream:
        if mode is not None:
            aside.chmod(mode)
        stream.write(data)
        stream.flush()
        os.fsync(stream.fileno())


def _flush_folder(folder: Path) -> None:
    """Make the new name itself durable; some network file systems refuse, which loses nothing that is written."""
    with contextlib.suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
