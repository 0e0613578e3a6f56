"""``fpsolve resume OUT.h5``."""

from __future__ import annotations

from pathlib import Path

import click

from fpsolve.cli.options import engine_options, json_option, volume_options

__all__ = ["command"]


@click.command(name="resume")
@click.argument("path", metavar="OUT.h5", type=click.Path(path_type=Path))
@json_option
@volume_options
@engine_options
def command(
    path: Path,
    workers: int | None,
    engine: str,
    scheduler: str | None,
    *,
    as_json: bool,
    quiet: bool,
    verbose: int,
) -> int:
    """Finish what was interrupted: the points of a sweep that are pending or failed.

    The result is that of an undisturbed run, to the bit. What is computed stands in the file; the case file itself is
    not read again.

    \b
    Example:
      fpsolve resume scan.h5
    """
    from fpsolve.cli.options import setup_logging
    from fpsolve.cli.session import cores, sink_of
    from fpsolve.cli.sweep_session import leave, resume_hint
    from fpsolve.sweeps.resume import resume_sweep

    setup_logging(quiet=quiet, verbose=verbose)
    with resume_hint(path, overwrite=True), sink_of(quiet=quiet, as_json=as_json) as sink:
        found, plan = resume_sweep(path, workers=workers or cores(), engine=engine, scheduler=scheduler, sink=sink)
        return leave(found, path, sink, formats=plan.case.formats, as_json=as_json, quiet=quiet)
