"""``fpsolve resume OUT.h5``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from fpsolve.cli.options import engine_options, json_option, limit_options, volume_options

if TYPE_CHECKING:
    from fpsolve.cli.session import Manner

__all__ = ["command"]


@click.command(name="resume")
@click.argument("path", metavar="OUT.h5", type=click.Path(path_type=Path))
@json_option
@volume_options
@engine_options
@limit_options
def command(
    path: Path,
    workers: int | None,
    engine: str,
    scheduler: str | None,
    wall_limit: float | None,
    checkpoint_every: float,
    *,
    as_json: bool,
    quiet: bool,
    verbose: int,
) -> int:
    """Finish what was interrupted: a run, or the points of a sweep that are pending or failed.

    The result is that of an undisturbed run, to the bit. What is computed stands in the file; the case file itself is
    not read again.

    \b
    Example:
      fpsolve resume scan.h5
    """
    from fpsolve.cli.options import setup_logging
    from fpsolve.cli.session import Manner, continue_run
    from fpsolve.store.layout import SWEEP_KIND
    from fpsolve.store.read import read_header

    setup_logging(quiet=quiet, verbose=verbose)
    how = Manner(workers, engine, scheduler, wall_limit, checkpoint_every, as_json, quiet)
    return _sweep(path, how) if read_header(path).kind == SWEEP_KIND else continue_run(path, how)


def _sweep(path: Path, how: Manner) -> int:
    from fpsolve.cli.limits import limited
    from fpsolve.cli.session import cores, sink_of
    from fpsolve.cli.sweep_session import leave, resume_hint
    from fpsolve.sweeps.resume import resume_sweep

    with resume_hint(path, overwrite=True), sink_of(quiet=how.quiet, as_json=how.as_json) as sink:
        with limited(how.wall_limit):
            found, plan = resume_sweep(
                path, workers=how.workers or cores(), engine=how.engine, scheduler=how.scheduler, sink=sink
            )
        return leave(found, path, sink, formats=plan.case.formats, as_json=how.as_json, quiet=how.quiet)
