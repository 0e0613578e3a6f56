"""The files of a run while it is under way: the result so far, and the checkpoint beside it."""

from __future__ import annotations

import shlex

import click

from fpsolve.cases.case import Case
from fpsolve.errors import StorageError
from fpsolve.results import Result
from fpsolve.run.continued import identity_of
from fpsolve.store.checkpoint import Checkpoint, TaskLedger
from fpsolve.store.outputs import OutputPlan

__all__ = ["RunFiles"]


class RunFiles:
    """Saves what is finished: tasks in the result file, replicas and trajectories of a task under way in the checkpoint.

    Parameters
    ----------
    plan : OutputPlan
    case : Case
        With its seed.
    interval : float
        Seconds between two writes of the checkpoint.
    """

    def __init__(self, plan: OutputPlan, case: Case, *, interval: float) -> None:
        self.plan = plan
        self.checkpoint = Checkpoint(plan.path, identity_of(case), interval=interval, before=self._begin)
        self._latest: Result | None = None
        self._there = False

    def save(self, partial: Result) -> None:
        """Write the result so far, if a task is finished.

        Raises
        ------
        StorageError
            The disk is full, the folder is gone, or somebody else took the name meanwhile.
        """
        self._latest = partial
        if any(
            record is not None for record in (partial.stationary, partial.evolution, partial.spectrum, partial.sample)
        ):
            self.plan.save(partial, status="running")
            self._there = True

    def ledger(self, task: str) -> TaskLedger:
        """Return the part of the checkpoint that belongs to a task."""
        return self.checkpoint.ledger(task)

    def put_away(self, error: BaseException) -> None:
        """Leave what is finished so that `fpsolve resume` can go on, and say so."""
        stopped = isinstance(error, KeyboardInterrupt)
        try:
            if self._latest is None or not (stopped or self._there):
                return
            if stopped:
                self.checkpoint.flush()
            self.plan.save(self._latest, status="failed")
        except StorageError as trouble:
            click.echo(f"what was finished could not be saved: {trouble}", err=True)
        else:
            path = shlex.quote(str(self.plan.path))
            click.echo(f"what was finished is in {self.plan.path}; go on with: fpsolve resume {path}", err=True)
        finally:
            self.checkpoint.close()

    def finish(self, result: Result) -> None:
        """Write the whole result, and remove the checkpoint.

        Raises
        ------
        StorageError
            As `save`.
        """
        self.plan.save(result)
        self.checkpoint.remove()

    def _begin(self) -> None:
        """A checkpoint needs the case beside it."""
        if self._latest is not None and not self._there:
            self.plan.save(self._latest, status="running")
            self._there = True
