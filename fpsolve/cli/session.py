"""What every computing verb does: load the case, claim the output, compute, save what is finished, print, judge."""

from __future__ import annotations

import json
import os
import shlex
import sys
from pathlib import Path
from time import perf_counter

import click

from fpsolve.cli.options import setup_logging
from fpsolve.cli.progress import BarSink, LineSink, QuietSink
from fpsolve.results import Result
from fpsolve.run.as_json import plain, result_json
from fpsolve.run.rejections import rejections

__all__ = ["EXIT_REJECTED", "command_line", "compute", "cores", "sink_of"]

EXIT_REJECTED = 3


def compute(
    *,
    tasks: tuple[str, ...],
    case_path: Path,
    overrides: tuple[str, ...],
    output: Path | None,
    overwrite: bool,
    seed: int | None,
    workers: int | None,
    as_json: bool,
    quiet: bool,
    verbose: int,
    figures: bool,
) -> int:
    """Run the tasks of one case and leave its files.

    Parameters
    ----------
    tasks : tuple of str
        Which sections to compute; empty means every section that the case has.
    figures : bool
        Also write the figures and report.html into the folder beside the result.

    Returns
    -------
    int
        0, or 3 if the prediction was rejected.
    """
    setup_logging(quiet=quiet, verbose=verbose)
    from fpsolve.cases.load import load_case
    from fpsolve.run import needed_tasks, run_case
    from fpsolve.store.outputs import check_output

    case = load_case(case_path, overrides=overrides if seed is None else (*overrides, f"seed={seed}"))
    needed_tasks(case, tasks)
    plan = check_output(output or case.output_path, overwrite=overwrite, folder=figures)
    kept: list[Result] = []

    def keep(partial: Result) -> None:
        plan.save(partial, status="running")
        kept.append(partial)

    with sink_of(quiet=quiet, as_json=as_json) as sink:
        try:
            result = run_case(
                case,
                sink,
                tasks=tasks,
                workers=workers or cores(),
                save=keep,
                command=command_line(),
            )
        except (Exception, KeyboardInterrupt):
            if kept:
                plan.save(kept[-1], status="failed")
                click.echo(f"what was finished is in {plan.path}", err=True)
            raise
        plan.save(result)
        if figures:
            from fpsolve.report.folder import write_folder

            sink.start("report", "figures and report.html")
            started = perf_counter()
            write_folder(result, plan.folder, formats=case.formats)
            sink.finish("report", perf_counter() - started)
    if as_json:
        _print_json(result, tasks, str(plan.path))
    elif not quiet:
        from fpsolve.cli.tables import print_result

        print_result(result, output=str(plan.path), folder=str(plan.folder) if figures else None)
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
