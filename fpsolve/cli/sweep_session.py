"""What the verbs of sweeps share: figures, tables, verdict, the hint how to go on."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from time import perf_counter

import click

from fpsolve.cli.progress import QuietSink
from fpsolve.cli.session import EXIT_REJECTED
from fpsolve.errors import FpsolveError, OutputError, StorageError
from fpsolve.results import Sweep

__all__ = ["EXIT_FAILED", "leave", "resume_hint"]

EXIT_FAILED = 1


def leave(sweep: Sweep, path: Path, sink: QuietSink, *, formats: Sequence[str], as_json: bool, quiet: bool) -> int:
    """Draw the figures of a finished sweep, print it, and judge: 1 if a point failed, 3 if one was rejected, else 0."""
    from fpsolve.plots import save_sweep_figures
    from fpsolve.store.point_results import PointResults

    folder = path.with_suffix("")
    sink.start("figures", "of all points together")
    started = perf_counter()
    save_sweep_figures(sweep, PointResults(sweep, path), folder, formats)
    sink.finish("figures", perf_counter() - started)
    if as_json:
        from fpsolve.run.as_json import plain
        from fpsolve.sweeps.as_json import sweep_json

        click.echo(json.dumps(plain(sweep_json(sweep, str(path))), indent=2, allow_nan=False))
    elif not quiet:
        from fpsolve.cli.sweep_tables import print_sweep

        print_sweep(sweep, output=str(path))
    failed, rejected = sweep.count("failed"), sweep.count("rejected")
    if failed:
        click.echo(
            f"{failed} of {len(sweep.points)} points failed; try them again with: fpsolve resume {path}", err=True
        )
    if rejected:
        click.echo(f"{rejected} of {len(sweep.points)} points were rejected", err=True)
    if failed:
        return EXIT_FAILED
    return EXIT_REJECTED if rejected else 0


@contextmanager
def resume_hint(path: Path, *, overwrite: bool) -> Iterator[None]:
    """Say how to go on where a sweep stops on the way, and what to do with an index that is there already."""
    try:
        yield
    except OutputError as error:
        if overwrite or not _is_index(path):
            raise
        msg = f"{error}; or go on with the sweep that is there: fpsolve resume {path}"
        raise OutputError(msg) from error
    except (KeyboardInterrupt, StorageError):
        if _is_index(path):
            click.echo(f"what was finished is kept; go on with: fpsolve resume {path}", err=True)
        raise


def _is_index(path: Path) -> bool:
    from fpsolve.store.read import read_header

    try:
        return read_header(path).kind == "sweep"
    except FpsolveError:
        return False
