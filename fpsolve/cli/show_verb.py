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
def command(path: Path, *, as_json: bool, as_case: bool) -> int:
    """Show what a result file holds.

    \b
    Example:
      fpsolve show rbm_one_level.h5
      fpsolve show rbm_one_level.h5 --case > again.toml
    """
    from fpsolve.cli.tables import print_result
    from fpsolve.run.as_json import plain, result_json
    from fpsolve.store.read import read_result

    result = read_result(path)
    if as_case:
        click.echo(result.case_text, nl=False)
        return 0
    if as_json:
        click.echo(json.dumps(plain(result_json(result, str(path))), indent=2, allow_nan=False))
        return 0
    origin = result.provenance
    click.echo(f"{result.title} · model {result.kind}")
    click.echo(f"made {origin.created_at} by fpsolve {origin.versions.get('fpsolve', '?')}: {origin.command}")
    if result.overrides:
        click.echo("with " + " ".join(f"--set {override}" for override in result.overrides))
    print_result(result, output=str(path), folder=None)
    return 0
