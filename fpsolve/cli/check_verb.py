"""``fpsolve check CASE``."""

from __future__ import annotations

import json
from pathlib import Path

import click

from fpsolve.cli.options import case_argument, json_option, set_option

__all__ = ["command"]


@click.command(name="check")
@case_argument
@set_option
@json_option
def command(case_path: Path, overrides: tuple[str, ...], *, as_json: bool) -> int:
    """Check a case without running it.

    Prints every fault, or the case with all defaults filled in, its grid, memory and cost.

    \b
    Example:
      fpsolve check rbm_one_level.toml --set model.mu2=3.0
    """
    from fpsolve.cases.load import load_case
    from fpsolve.run.as_json import plain
    from fpsolve.run.estimate import estimate
    from fpsolve.sweeps.estimate import estimate_sweep

    case = load_case(case_path, overrides=overrides)
    report = estimate_sweep(case) if case.sweep is not None else estimate(case)
    if as_json:
        click.echo(json.dumps(plain(report.as_json()), indent=2, allow_nan=False))
        return 0
    click.echo(report.text())
    return 0
