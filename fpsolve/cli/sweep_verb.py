"""``fpsolve sweep CASE``."""

from __future__ import annotations

from pathlib import Path

import click

from fpsolve.cli.options import (
    case_argument,
    engine_options,
    json_option,
    output_options,
    set_option,
    volume_options,
    wall_option,
)

__all__ = ["command"]


@click.command(name="sweep")
@case_argument
@set_option
@output_options
@json_option
@volume_options
@engine_options
@wall_option
@click.option("--seed", type=click.IntRange(min=0), help="Seed that those of all points follow from.")
def command(
    case_path: Path,
    overrides: tuple[str, ...],
    output: Path | None,
    workers: int | None,
    engine: str,
    scheduler: str | None,
    wall_limit: float | None,
    seed: int | None,
    *,
    overwrite: bool,
    as_json: bool,
    quiet: bool,
    verbose: int,
) -> int:
    """Compute a case at many values of its keys.

    The section [sweep] names the keys and their values. The index goes to an HDF5 file, the result of each point and
    the figures go to the folder of the same name. A point that fails does not stop the others.

    \b
    Example:
      fpsolve sweep scan.toml --workers 2 --set sgd.replicas=200
    """
    from fpsolve.cases.load import load_case
    from fpsolve.cli.limits import limited
    from fpsolve.cli.options import setup_logging
    from fpsolve.cli.session import command_line, cores, sink_of
    from fpsolve.cli.sweep_session import leave, resume_hint
    from fpsolve.sweeps import sweep

    setup_logging(quiet=quiet, verbose=verbose)
    case = load_case(case_path, overrides=overrides if seed is None else (*overrides, f"seed={seed}"))
    path = output or case.output_path
    with resume_hint(path, overwrite=overwrite), sink_of(quiet=quiet, as_json=as_json) as sink:
        with limited(wall_limit):
            found = sweep(
                case,
                output=path,
                overwrite=overwrite,
                workers=workers or cores(),
                engine=engine,
                scheduler=scheduler,
                sink=sink,
                command=command_line(),
            )
        return leave(found, path, sink, formats=case.formats, as_json=as_json, quiet=quiet)
