"""``fpsolve validate CASE``."""

from __future__ import annotations

from typing import Any

import click

from fpsolve.cli.options import run_options

__all__ = ["command"]


@click.command(name="validate")
@run_options
def command(**options: Any) -> int:
    """Prediction against training: section [validate].

    Computes the sections it needs. Exit code 3 if `fail_if` rejects the prediction.

    \b
    Example:
      fpsolve validate rbm_one_level.toml --json
    """
    from fpsolve.cli.session import compute

    return compute(tasks=("validate",), figures=False, **options)
