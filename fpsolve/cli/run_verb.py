"""``fpsolve run CASE``."""

from __future__ import annotations

from typing import Any

import click

from fpsolve.cli.options import run_options

__all__ = ["command"]


@click.command(name="run")
@run_options
def command(**options: Any) -> int:
    """Compute all sections, with figures and report.

    Every section of CASE is a task: [evolve], [spectrum], [stationary], [sgd], [validate]. The results go to an HDF5
    file; figures and report.html go to the folder of the same name. The verdict of [validate] and [expect] decides the
    exit code.

    \b
    Example:
      fpsolve run rbm_one_level.toml --set sgd.replicas=5000 -o small.h5
    """
    from fpsolve.cli.session import compute

    return compute(tasks=(), figures=True, **options)
