"""``fpsolve stationary CASE``."""

from __future__ import annotations

from typing import Any

import click

from fpsolve.cli.options import run_options

__all__ = ["command"]


@click.command(name="stationary")
@run_options
def command(**options: Any) -> int:
    """Stationary law and ln Z: section [stationary].

    \b
    Example:
      fpsolve stationary rbm_one_level.toml
    """
    from fpsolve.cli.session import compute

    return compute(tasks=("stationary",), figures=False, **options)
