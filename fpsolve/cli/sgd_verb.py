"""``fpsolve sgd CASE``."""

from __future__ import annotations

from typing import Any

import click

from fpsolve.cli.options import run_options

__all__ = ["command"]


@click.command(name="sgd")
@run_options
def command(**options: Any) -> int:
    """Train the ensemble: section [sgd].

    \b
    Example:
      fpsolve sgd rbm_one_level.toml --workers 2 --seed 7
    """
    from fpsolve.cli.session import compute

    return compute(tasks=("sgd",), figures=False, **options)
