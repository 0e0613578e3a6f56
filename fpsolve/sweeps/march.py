"""The course of a sweep: points go to the engine, what comes back goes into the index."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from dataclasses import replace

from fpsolve.parallel import Engine, Finished, stream_tasks
from fpsolve.results import Sweep, SweepPoint
from fpsolve.run.provenance import provenance
from fpsolve.run.rejections import rejections
from fpsolve.sweeps.files import SweepFiles
from fpsolve.sweeps.plan import SweepPlan, point_words
from fpsolve.sweeps.scalars import scalars_of
from fpsolve.sweeps.work import Outcome, Work, compute_point

__all__ = ["march", "pending_sweep", "silence"]

logger = logging.getLogger(__name__)


def pending_sweep(plan: SweepPlan, *, command: str) -> Sweep:
    """Return the index before anything is computed."""
    case = plan.case
    return Sweep(
        title=case.title,
        mode=plan.mode,
        axes=plan.axes,
        points=tuple(SweepPoint(values=point.values, seed=point.seed) for point in plan.points),
        provenance=provenance(seed=case.seed, command=command),
        case_text=case.text,
        resolved=json.dumps(case.resolved()),
        overrides=case.overrides,
        case_file=str(case.path.resolve()) if case.path is not None else "",
    )


def march(
    plan: SweepPlan,
    sweep: Sweep,
    engine: Engine,
    *,
    files: SweepFiles | None,
    progress: Callable[[int, int], None],
) -> Sweep:
    """Compute every point that is not complete or rejected.

    Parameters
    ----------
    plan : SweepPlan
    sweep : Sweep
        The index so far.
    engine : Engine
        Running.
    files : SweepFiles or None
        Where results go; None keeps only the numbers in the index.
    progress : callable
        Called as ``progress(done, total)`` over all points of the sweep.

    Returns
    -------
    Sweep

    Raises
    ------
    StorageError
        A file could not be written; what was written before stays.
    KeyboardInterrupt
        The index on the disk holds what was finished.
    """
    points, total = list(sweep.points), len(sweep.points)
    todo = [index for index, point in enumerate(points) if point.status in ("pending", "failed")]
    tasks = [Work(plan.points[index].case, sweep.provenance.command) for index in todo]
    progress(total - len(todo), total)
    try:
        for done, finished in enumerate(stream_tasks(compute_point, tasks, engine), start=total - len(todo) + 1):
            index = todo[finished.index]
            entry, outcome = _entry(points[index], finished), finished.outcome
            if outcome is not None and outcome.result is not None and files is not None:
                entry = replace(entry, file=files.save_point(index, outcome.result))
            points[index] = entry
            if entry.status == "failed":
                logger.warning("point %d (%s) failed: %s", index, point_words(entry.values), entry.message)
            if files is not None:
                files.save(replace(sweep, points=tuple(points)))
            progress(done, total)
    finally:
        sweep = replace(sweep, points=tuple(points))
        if files is not None:
            files.close(sweep)
    return sweep


def silence(done: int, total: int) -> None:
    """Tell nobody of progress."""


def _entry(point: SweepPoint, finished: Finished[Outcome]) -> SweepPoint:
    """The point with what came of it."""
    point = SweepPoint(values=point.values, seed=point.seed, attempts=finished.attempts)
    outcome = finished.outcome
    if outcome is None or outcome.result is None:
        message = outcome.message if outcome is not None else str(finished.error)
        return replace(point, status="failed", message=message, seconds=outcome.seconds if outcome else float("nan"))
    result = outcome.result
    return replace(
        point,
        status="complete" if result.passed else "rejected",
        message="; ".join(rejections(result)),
        seconds=outcome.seconds,
        scalars=scalars_of(result),
    )
