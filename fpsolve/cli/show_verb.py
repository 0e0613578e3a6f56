"""``fpsolve show OUT.h5``."""

from __future__ import annotations

import json
from pathlib import Path

import click

from fpsolve.cli.options import json_option

__all__ = ["command"]


@click.command(name="show")
@click.argument("path", metavar="OUT.h5", type=click.Path(path_type=Path))
@json_option
@click.option("--case", "as_case", is_flag=True, help="Print the case file that made the result.")
@click.option("--columns", metavar="A,B", default="", help="Numbers to print of each point of a sweep.")
def command(path: Path, columns: str, *, as_json: bool, as_case: bool) -> int:
    """Show what a result file holds.

    \b
    Example:
      fpsolve show rbm_one_level.h5
      fpsolve show rbm_one_level.h5 --case > again.toml
      fpsolve show scan.h5 --columns stationary.levels.std.0
    """
    from fpsolve.cli.sweep_tables import print_sweep
    from fpsolve.cli.tables import print_result
    from fpsolve.results import Sweep
    from fpsolve.run.as_json import plain, result_json
    from fpsolve.store.sweep_index import open_file
    from fpsolve.sweeps.as_json import sweep_json

    result = open_file(path)
    if as_case:
        click.echo(result.case_text, nl=False)
        return 0
    if as_json:
        found = sweep_json(result, str(path)) if isinstance(result, Sweep) else result_json(result, str(path))
        click.echo(json.dumps(plain(found), indent=2, allow_nan=False))
        return 0
    if columns and not isinstance(result, Sweep):
        msg = f"--columns is for the index of a sweep; {path} is the result of one case"
        raise click.UsageError(msg)
    origin = result.provenance
    if not isinstance(result, Sweep):
        click.echo(f"{result.title} · model {result.kind}")
    click.echo(f"made {origin.created_at} by fpsolve {origin.versions.get('fpsolve', '?')}: {origin.command}")
    if result.overrides:
        click.echo("with " + " ".join(f"--set {override}" for override in result.overrides))
    if isinstance(result, Sweep):
        print_sweep(result, output=str(path), columns=[name.strip() for name in columns.split(",") if name.strip()])
    else:
        print_result(result, output=str(path), folder=None)
    return 0
