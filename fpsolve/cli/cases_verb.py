"""``fpsolve cases [NAME]``."""

from __future__ import annotations

from pathlib import Path

import click

from fpsolve.errors import OutputError

__all__ = ["command"]


@click.command(name="cases")
@click.argument("name", required=False)
@click.option(
    "-o", "--output", type=click.Path(path_type=Path), help="Where to copy the case; default: NAME.toml here."
)
@click.option("--overwrite", is_flag=True, help="Replace an existing file.")
def command(name: str | None, output: Path | None, *, overwrite: bool) -> int:
    """List the shipped cases, or copy one here to start from.

    \b
    Example:
      fpsolve cases
      fpsolve cases rbm_one_level
    """
    from fpsolve.cases.catalogue import shipped_case, shipped_titles

    if name is None:
        titles = shipped_titles()
        width = max(len(key) for key in titles)
        for key, title in titles.items():
            click.echo(f"{key:<{width}}  {title}")
        return 0
    source = shipped_case(name)
    target = output or Path(source.name)
    if target.exists() and not overwrite:
        msg = f"{target} exists; give another name with -o or allow it with --overwrite"
        raise OutputError(msg)
    try:
        target.write_text(source.read_text(encoding="utf-8"), encoding="utf-8")
    except OSError as error:
        msg = f"cannot write {target}: {error.strerror}"
        raise OutputError(msg) from error
    click.echo(f"copied {target}; run it with: fpsolve run {target}")
    return 0
