"""``fpsolve.sweep``: a case with [sweep] from Python."""

from __future__ import annotations

import logging
import os
from contextlib import nullcontext
from pathlib import Path
from time import perf_counter

from fpsolve.cases.case import Case
from fpsolve.cases.load import load_case
from fpsolve.parallel import choose_engine
from fpsolve.results import Sweep
from fpsolve.run.job import Sink
from fpsolve.sweeps.files import SweepFiles
from fpsolve.sweeps.march import march, pending_sweep, silence
from fpsolve.sweeps.plan import plan_sweep

__all__ = ["sweep"]

logger = logging.getLogger(__name__)


def sweep(
    case: Case | str | os.PathLike[str],
    *,
    output: str | os.PathLike[str] | None = None,
    overwrite: bool = False,
    workers: int = 1,
    engine: str = "local",
    scheduler: str | None = None,
    sink: Sink | None = None,
    command: str = "python",
) -> Sweep:
    """Compute the case of every point of a sweep.

    The answers depend neither on the number of workers nor on the order of the points nor on which other points there
    are: each point has a seed of its own, made of the seed of the case and the values of the point.

    Parameters
    ----------
    case : Case or path
        A case with [sweep], or its file.
    output : path, optional
        The index (.h5). The result file of each point goes into the folder of the same name. Without it nothing is
        written, and only the numbers of each point are kept.
    overwrite : bool
        Replace an earlier sweep of that name.
    workers : int
        Processes of one thread each; 1 computes here. More than one needs the usual ``if __name__ == "__main__"``
        guard in a script.
    engine : {"local", "dask"}
        Processes of this machine, or a Dask cluster.
    scheduler : str, optional
        Of "dask": address or file of the scheduler; without it DASK_SCHEDULER_ADDRESS, or a cluster on this machine.
    sink : Sink, optional
        Told of progress over the points; silent if not given.
    command : str
        Kept in the provenance.

    Returns
    -------
    Sweep
        One entry per point. A point that failed is one of them, with its message; the others are not touched by it.

    Raises
    ------
    CaseError
        No [sweep], or points that are no valid case: all faults together, before anything is computed or written.
    EngineError
        The cluster cannot be used.
    OutputError
        The output exists or cannot be written.
    StorageError
        Writing failed on the way; what was written before stays and can be resumed.
    """
    plan = plan_sweep(case if isinstance(case, Case) else load_case(Path(case)))
    files = SweepFiles(output, overwrite=overwrite) if output is not None else None
    for warning in plan.case.warnings:
        logger.warning("%s", warning)
    found = pending_sweep(plan, command=command)
    hands = choose_engine(engine, workers=min(workers, len(plan.points)), scheduler=scheduler)
    with hands, files or nullcontext():
        if files is not None:
            files.claim(found)
        started = perf_counter()
        if sink is not None:
            sink.start("sweep", f"{len(plan.points)} points, {hands.workers} at a time")
        found = march(plan, found, hands, files=files, progress=sink.advance if sink is not None else silence)
        if sink is not None:
            sink.finish("sweep", perf_counter() - started)
    return found
