"""``fpsolve solve CASE``."""

from __future__ import annotations

from typing import Any

import click

from fpsolve.cli.options import run_options

__all__ = ["command"]


@click.command(name="solve")
@run_options
def command(**options: Any) -> int:
    """Evolve the density P(x, t): section [evolve].

    \b
    Example:
      fpsolve solve ornstein_uhlenbeck.toml --json
    """
    from fpsolve.cli.session import compute

    return compute(tasks=("evolve",), figures=False, **options)
