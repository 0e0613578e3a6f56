"""What every computing verb does: load the case, claim the output, compute, save what is finished, print, judge."""

from __future__ import annotations

import json
import os
import secrets
import shlex
import sys
from dataclasses import dataclass, replace
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING

import click

from fpsolve.cli.limits import limited
from fpsolve.cli.options import setup_logging
from fpsolve.cli.progress import BarSink, LineSink, QuietSink
from fpsolve.results import Result
from fpsolve.run.as_json import plain, result_json
from fpsolve.run.rejections import rejections

if TYPE_CHECKING:
    from fpsolve.cases.case import Case
    from fpsolve.store.outputs import OutputPlan

__all__ = ["EXIT_REJECTED", "Manner", "command_line", "compute", "continue_run", "cores", "sink_of"]

EXIT_REJECTED = 3


@dataclass(frozen=True)
class Manner:
    """How to compute, save and tell; none of it changes a number.

    Attributes
    ----------
    workers : int or None
        Processes; None for all cores.
    engine, scheduler
        See `fpsolve.parallel.choose_engine`.
    wall_limit : float or None
        Seconds after which to stop with a checkpoint.
    checkpoint_every : float
        Seconds between two writes of the checkpoint.
    as_json, quiet : bool
    """

    workers: int | None
    engine: str
    scheduler: str | None
    wall_limit: float | None
    checkpoint_every: float
    as_json: bool
    quiet: bool


def compute(
    *,
    tasks: tuple[str, ...],
    case_path: Path,
    overrides: tuple[str, ...],
    output: Path | None,
    overwrite: bool,
    seed: int | None,
    verbose: int,
    figures: bool,
    **manner: object,
) -> int:
    """Run the tasks of one case and leave its files.

    Parameters
    ----------
    tasks : tuple of str
        Which sections to compute; empty means every section that the case has.
    figures : bool
        Also write the figures and report.html into the folder beside the result.
    manner
        See `Manner`.

    Returns
    -------
    int
        0, or 3 if the prediction was rejected.
    """
    how = Manner(**manner)  # type: ignore[arg-type]
    setup_logging(quiet=how.quiet, verbose=verbose)
    from fpsolve.cases.load import load_case
    from fpsolve.run import needed_tasks
    from fpsolve.store.outputs import check_output

    case = load_case(case_path, overrides=overrides if seed is None else (*overrides, f"seed={seed}"))
    needed_tasks(case, tasks)
    plan = check_output(output or case.output_path, overwrite=overwrite, folder=figures)
    case = replace(case, seed=secrets.randbits(63)) if case.seed is None else case
    return _carry_out(case, tasks, plan, how, figures=figures)


def continue_run(path: Path, how: Manner) -> int:
    """Finish a run that was interrupted, from what its result file and its checkpoint hold.

    Returns
    -------
    int
        As `compute`.

    Raises
    ------
    StorageError
        The file cannot be read.
    CaseError
        Going on would mix results.
    OutputError
        The file cannot be replaced, or another process is at work on it.
    """
    from fpsolve.run.continued import case_again
    from fpsolve.store.checkpoint import checkpoint_path
    from fpsolve.store.outputs import check_output
    from fpsolve.store.read import read_header, read_result

    begun = read_result(path)
    figures = not begun.tasks
    if read_header(path).status == "complete" and not checkpoint_path(path).exists():
        folder = path.with_suffix("")
        drawn = folder.is_dir() or not figures
        hint = "" if drawn else f"; for its figures: fpsolve plot {shlex.quote(str(path))}"
        click.echo(f"{path} is complete; there is nothing left to compute{hint}", err=True)
        return _leave(begun, begun.tasks, path, folder if figures and folder.is_dir() else None, how)
    case = case_again(begun, path)
    plan = check_output(path, overwrite=True, folder=figures)
    return _carry_out(case, begun.tasks, plan, how, figures=figures, begun=begun)


def _carry_out(
    case: Case, tasks: tuple[str, ...], plan: OutputPlan, how: Manner, *, figures: bool, begun: Result | None = None
) -> int:
    """Compute what is missing, write the files, print the result."""
    from fpsolve.cli.run_files import RunFiles
    from fpsolve.run import run_case
    from fpsolve.store.read import read_result

    files = RunFiles(plan, case, interval=how.checkpoint_every)
    if begun is not None:
        files.checkpoint.resume()
        # Nobody else writes any more, so this is the last word.
        begun = read_result(plan.path)
        files.save(begun)
    with sink_of(quiet=how.quiet, as_json=how.as_json) as sink:
        try:
            with limited(how.wall_limit):
                result = run_case(
                    case,
                    sink,
                    tasks=tasks,
                    workers=how.workers or cores(),
                    engine=how.engine,
                    scheduler=how.scheduler,
                    ledger=files.ledger,
                    begun=begun,
                    save=files.save,
                    command=command_line(),
                )
        except (Exception, KeyboardInterrupt) as error:
            files.put_away(error)
            raise
        files.finish(result)
        if figures:
            from fpsolve.report.folder import write_folder

            sink.start("report", "figures and report.html")
            started = perf_counter()
            write_folder(result, plan.folder, formats=case.formats)
            sink.finish("report", perf_counter() - started)
    return _leave(result, tasks, plan.path, plan.folder if figures else None, how)


def _leave(result: Result, tasks: tuple[str, ...], path: Path, folder: Path | None, how: Manner) -> int:
    """Print a result and judge it."""
    if how.as_json:
        _print_json(result, tasks, str(path))
    elif not how.quiet:
        from fpsolve.cli.tables import print_result

        print_result(result, output=str(path), folder=str(folder) if folder is not None else None)
    if result.passed:
        return 0
    for reason in rejections(result):
        click.echo(f"rejected: {reason}", err=True)
    return EXIT_REJECTED


def command_line() -> str:
    """What was typed."""
    return shlex.join(["fpsolve", *sys.argv[1:]])


def cores() -> int:
    """Cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def sink_of(*, quiet: bool, as_json: bool) -> QuietSink:
    """Bars on a terminal, lines in a log, nothing with -q; a script that reads JSON gets no bars either."""
    if quiet or (as_json and sys.stderr.isatty()):
        return QuietSink()
    return BarSink() if sys.stderr.isatty() else LineSink()


def _print_json(result: Result, tasks: tuple[str, ...], output: str) -> None:
    """One object: of the section for a verb of one section, of all sections for ``run``."""
    whole = result_json(result, output)
    found = whole[tasks[0]] if tasks else whole
    if tasks and isinstance(found, dict) and "expect" in whole:
        found["expect"] = whole["expect"]
    click.echo(json.dumps(plain(found), indent=2, allow_nan=False))
