"""``fpsolve spectrum CASE``."""

from __future__ import annotations

from typing import Any

import click

from fpsolve.cli.options import run_options

__all__ = ["command"]


@click.command(name="spectrum")
@run_options
def command(**options: Any) -> int:
    """Bound states, relaxation rates: section [spectrum].

    \b
    Example:
      fpsolve spectrum rbm_bound_states.toml --set spectrum.states=10
    """
    from fpsolve.cli.session import compute

    return compute(tasks=("spectrum",), figures=False, **options)
