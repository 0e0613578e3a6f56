"""``fpsolve plot OUT.h5``."""

from __future__ import annotations

from pathlib import Path

import click

__all__ = ["command"]


@click.command(name="plot")
@click.argument("path", metavar="OUT.h5", type=click.Path(path_type=Path))
@click.option("-o", "--output", type=click.Path(path_type=Path), help="Folder for the figures; default: beside the file.")
@click.option(
    "--format", "formats", type=click.Choice(["png", "pdf", "svg"]), multiple=True, help="May be repeated; default: png."
)
@click.option("--overwrite", is_flag=True, help="Replace figures that exist.")
def command(path: Path, output: Path | None, formats: tuple[str, ...], *, overwrite: bool) -> int:
    """Draw the figures of a result file again.

    \b
    Example:
      fpsolve plot rbm_one_level.h5 --format pdf -o figures
    """
    from fpsolve.plots import save_figures
    from fpsolve.store.read import read_result

    result = read_result(path)
    folder = output or path.with_suffix("")
    for file in save_figures(result, folder, formats=formats or ("png",), overwrite=overwrite):
        click.echo(str(file))
    return 0
