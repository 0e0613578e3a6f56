"""``fpsolve plot OUT.h5``."""

from __future__ import annotations

from pathlib import Path

import click

from fpsolve.errors import OutputError

__all__ = ["command"]


@click.command(name="plot")
@click.argument("path", metavar="OUT.h5", type=click.Path(path_type=Path))
@click.option(
    "-o", "--output", type=click.Path(path_type=Path), help="Folder for the figures; default: beside the file."
)
@click.option(
    "--format",
    "formats",
    type=click.Choice(["png", "pdf", "svg"]),
    multiple=True,
    help="May be repeated; default: png.",
)
@click.option("--overwrite", is_flag=True, help="Replace figures that exist.")
def command(path: Path, output: Path | None, formats: tuple[str, ...], *, overwrite: bool) -> int:
    """Draw the figures of a result file, or of the index of a sweep, again.

    \b
    Example:
      fpsolve plot rbm_one_level.h5 --format pdf -o figures
    """
    from fpsolve.plots import save_figures, save_sweep_figures
    from fpsolve.plots.figures import figures_of
    from fpsolve.plots.sweep_figures import sweep_figures_of
    from fpsolve.results import Sweep
    from fpsolve.store.point_results import PointResults
    from fpsolve.store.sweep_index import open_file

    found = open_file(path)
    points = PointResults(found, path) if isinstance(found, Sweep) else ()
    names = sweep_figures_of(found, points) if isinstance(found, Sweep) else figures_of(found)
    folder = output or path.with_suffix("")
    chosen = formats or ("png",)
    if not overwrite:
        present = [folder / f"{name}.{kind}" for name in names for kind in chosen]
        taken = [file for file in present if file.exists()]
        if taken:
            msg = f"{taken[0]} exists; choose another folder with -o or allow --overwrite"
            raise OutputError(msg)
    if isinstance(found, Sweep):
        saved = save_sweep_figures(found, points, folder, formats=chosen)
    else:
        saved = save_figures(found, folder, formats=chosen)
    for files in saved.values():
        for file in files:
            click.echo(str(file))
    return 0
