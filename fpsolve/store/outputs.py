"""Where a run may write: decided before any work starts."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path

from fpsolve.errors import OutputError
from fpsolve.results import Result
from fpsolve.store.atomic import explain
from fpsolve.store.write import Status, write_result

__all__ = ["OutputPlan", "check_output"]


@dataclass
class OutputPlan:
    """The names that a run may write, checked to be free (or allowed to be replaced).

    Attributes
    ----------
    path : Path
        The result file.
    folder : Path
        Folder of figures and report, beside the result file and named like it; it need not exist yet.
    overwrite : bool
        True if what exists may be replaced.
    """

    path: Path
    folder: Path
    overwrite: bool
    _saved: bool = field(default=False, init=False, repr=False)

    def save(self, result: Result, *, status: Status = "complete") -> None:
        """Write the result file; calling it again replaces what this plan wrote before.

        Raises
        ------
        StorageError
            The disk is full, the folder is gone, or somebody else took the name meanwhile.
        """
        write_result(result, self.path, overwrite=self.overwrite or self._saved, status=status)
        self._saved = True


def check_output(path: str | os.PathLike[str], *, overwrite: bool = False, folder: bool = True) -> OutputPlan:
    """Check that a result file, and the folder of its figures, can be written. Nothing is written or created.

    Parameters
    ----------
    path : path
        The result file; its name ends in .h5, and without that ending it is the folder's name.
    overwrite : bool
        Allow an existing file and folder to be replaced.
    folder : bool
        False if the run writes no figures, so that an existing folder does not matter.

    Returns
    -------
    OutputPlan

    Raises
    ------
    OutputError
        Wrong ending; the file or the folder exists; the parent folder is missing or not writable; a folder has the
        name of the file or the other way round.
    """
    target = Path(path)
    if target.suffix != ".h5" or target.stem in {"", ".h5"}:
        msg = f"{path}: the name of a result file must end in .h5"
        raise OutputError(msg)
    plan = OutputPlan(path=target, folder=target.with_suffix(""), overwrite=overwrite)
    try:
        _check_parent(target)
        _check_file(target, overwrite=overwrite)
        if folder:
            _check_folder(plan.folder, overwrite=overwrite)
    except (OSError, ValueError) as error:  # ValueError: a name with a null byte
        msg = f"{path}: cannot be written: {explain(error)}"
        raise OutputError(msg) from error
    return plan


def _check_parent(target: Path) -> None:
    parent = Path(os.path.realpath(target)).parent
    if not parent.exists():
        msg = f"{target}: the folder {target.parent} does not exist; create it first"
        raise OutputError(msg)
    if not parent.is_dir():
        msg = f"{target}: {target.parent} is a file, not a folder"
        raise OutputError(msg)
    if not os.access(parent, os.W_OK | os.X_OK):
        msg = f"{target}: the folder {target.parent} is not writable"
        raise OutputError(msg)


def _check_file(target: Path, *, overwrite: bool) -> None:
    if target.is_dir():
        msg = f"{target}: is a folder; choose another name for the result file"
        raise OutputError(msg)
    if not os.path.lexists(target):
        return
    if not overwrite:
        msg = f"{target}: exists already; choose another name with -o or allow --overwrite"
        raise OutputError(msg)
    if target.exists() and not target.is_file():
        msg = f"{target}: is not an ordinary file; choose another name for the result file"
        raise OutputError(msg)
    if target.exists() and not os.access(target, os.W_OK):
        msg = f"{target}: is write-protected; choose another name with -o"
        raise OutputError(msg)


def _check_folder(folder: Path, *, overwrite: bool) -> None:
    if folder.exists() and not folder.is_dir():
        msg = f"{folder}: is a file, but the figures need a folder of that name; choose another name with -o"
        raise OutputError(msg)
    if folder.is_dir() and not overwrite:
        msg = f"{folder}/: the folder of figures exists already; choose another name with -o or allow --overwrite"
        raise OutputError(msg)
    if folder.is_dir() and not os.access(folder, os.W_OK | os.X_OK):
        msg = f"{folder}/: the folder of figures is not writable"
        raise OutputError(msg)
