"""``fpsolve schema``."""

from __future__ import annotations

import json

import click

__all__ = ["command"]


@click.command(name="schema")
def command() -> int:
    """Print the JSON schema of case files, for editors.

    \b
    Example:
      fpsolve schema > fpsolve.schema.json
    """
    from fpsolve.cases.schema import json_schema

    click.echo(json.dumps(json_schema(), indent=2))
    return 0
