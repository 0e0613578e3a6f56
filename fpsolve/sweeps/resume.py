"""Finish a sweep that was interrupted, or points that failed."""

from __future__ import annotations

import json
import logging
import os
from dataclasses import replace
from pathlib import Path
from time import perf_counter

from fpsolve.cases.load import case_from_text
from fpsolve.errors import CaseError, Problem, StorageError
from fpsolve.parallel import choose_engine
from fpsolve.results import Result, Sweep, SweepPoint
from fpsolve.run.continued import differences
from fpsolve.run.job import Sink
from fpsolve.run.provenance import versions
from fpsolve.run.rejections import rejections
from fpsolve.store.read import read_result
from fpsolve.store.sweep_index import read_sweep
from fpsolve.sweeps.files import SweepFiles, point_file
from fpsolve.sweeps.march import march, silence
from fpsolve.sweeps.plan import SweepPlan, plan_sweep
from fpsolve.sweeps.scalars import scalars_of

__all__ = ["resume_sweep"]

logger = logging.getLogger(__name__)


def resume_sweep(
    path: str | os.PathLike[str],
    *,
    workers: int = 1,
    engine: str = "local",
    scheduler: str | None = None,
    sink: Sink | None = None,
) -> tuple[Sweep, SweepPlan]:
    """Compute the points of a sweep that are pending or failed, or whose file is gone.

    Parameters
    ----------
    path : path
        The index. It holds the case; the case file is not read again.
    workers, engine, scheduler
        As for `sweep`.
    sink : Sink, optional
        Told of progress over all points.

    Returns
    -------
    sweep : Sweep
        Equal, but for times, to that of an undisturbed run.
    plan : SweepPlan

    Raises
    ------
    StorageError
        The index cannot be read, or is no index.
    OutputError
        The index or its folder cannot be written, or another process is at work on it.
    CaseError
        This version of fpsolve reads another sweep out of the case: going on would mix results.
    """
    found = read_sweep(path)
    plan = _plan(found, Path(path))
    _tell_versions(found)
    with SweepFiles(path, overwrite=True) as files:
        # Nobody else writes any more, so this is the last word.
        found = read_sweep(path)
        points = tuple(_kept(entry, plan, k, files, found.provenance.versions) for k, entry in enumerate(found.points))
        found = replace(found, points=points)
        todo = found.count("pending")
        with choose_engine(engine, workers=max(1, min(workers, todo)), scheduler=scheduler) as hands:
            started = perf_counter()
            if sink is not None:
                sink.start("sweep", f"{todo} of {len(points)} points are left, {hands.workers} at a time")
            found = march(plan, found, hands, files=files, progress=sink.advance if sink is not None else silence)
            if sink is not None:
                sink.finish("sweep", perf_counter() - started)
    return found, plan


def _plan(found: Sweep, path: Path) -> SweepPlan:
    """Make the plan of the index again, and check that it is the same."""
    file = Path(found.case_file) if found.case_file else None
    case = case_from_text(found.case_text, path=file, overrides=found.overrides)
    plan = plan_sweep(replace(case, seed=found.provenance.seed))
    was, now = json.loads(found.resolved), plan.case.resolved()
    changed = differences(was, json.loads(json.dumps(now)))
    same = [(point.values, point.seed) for point in plan.points] == [(p.values, p.seed) for p in found.points]
    if changed or not same:
        msg = "this version of fpsolve reads another sweep out of the case, and results must not be mixed"
        detail = f" ({', '.join(changed[:3])})" if changed else ""
        raise CaseError([Problem("sweep", f"{msg}{detail}; compute it anew", str(path))])
    return plan


def _kept(entry: SweepPoint, plan: SweepPlan, index: int, files: SweepFiles, made_by: dict[str, str]) -> SweepPoint:
    """A point as it is to be continued: what its file holds counts, whatever the index says."""
    name = f"{files.folder.name}/{point_file(index)}"
    pending = SweepPoint(values=entry.values, seed=entry.seed)
    if entry.status == "failed":
        return pending
    result = _result_of(files.folder / point_file(index), plan, index)
    if result is None:
        if entry.status != "pending":
            logger.warning("the result file of point %d is gone or damaged; it is computed again", index)
        return pending
    if entry.status != "pending":
        return replace(entry, file=name)
    if result.provenance.versions != made_by:
        return pending
    # Finished a moment before the sweep was stopped: the file is there, the index did not know.
    scalars = scalars_of(result)
    return replace(
        pending,
        status="complete" if result.passed else "rejected",
        message="; ".join(rejections(result)),
        seconds=sum(value for key, value in scalars.items() if key.endswith(".seconds")),
        file=name,
        scalars=scalars,
        attempts=1,
    )


def _result_of(file: Path, plan: SweepPlan, index: int) -> Result | None:
    """The result of a point, if its file is readable and belongs to this case."""
    try:
        result = read_result(file)
    except StorageError:
        return None
    return result if json.loads(result.resolved) == json.loads(json.dumps(plan.points[index].case.resolved())) else None


def _tell_versions(found: Sweep) -> None:
    """Warn where the numbers of this run may differ in the last digits."""
    now = versions()
    changed = [
        f"{name} {found.provenance.versions[name]} → {now[name]}"
        for name in now
        if name in found.provenance.versions and found.provenance.versions[name] != now[name]
    ]
    if changed:
        logger.warning("the sweep was begun with other versions: %s", ", ".join(changed))
