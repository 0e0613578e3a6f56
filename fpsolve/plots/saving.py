"""Figures as files."""

from __future__ import annotations

import io
import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

from matplotlib.figure import Figure

from fpsolve.errors import StorageError
from fpsolve.plots.style import with_style

__all__ = ["FORMATS", "Draw", "render", "save_drawn"]

FORMATS = ("png", "pdf")
"""What a run leaves behind unless the case says otherwise; svg is possible too."""

Draw = Callable[[], Figure]
"""Draws one figure when it is called."""


def render(figure: Figure, kind: str, *, dpi: float | None = None) -> bytes:
    """Turn a figure into the bytes of a file; the same figure always gives the same bytes.

    Parameters
    ----------
    figure : Figure
    kind : str
        "png", "pdf" or "svg".
    dpi : float, optional
        Dots per inch of a png; 300 unless given.
    """
    stamp = {"pdf": {"CreationDate": None}, "svg": {"Date": None}}.get(kind, {})
    stream = io.BytesIO()
    with with_style():
        figure.savefig(stream, format=kind, metadata=stamp, dpi=dpi or 300)
    # The layout found once is good for every format, and finding it takes as long as the drawing.
    figure.set_layout_engine("none")
    return stream.getvalue()


def save_drawn(
    drawn: Mapping[str, Draw], folder: str | os.PathLike[str], formats: Sequence[str] = FORMATS, *, names: Iterable[str]
) -> dict[str, tuple[Path, ...]]:
    """Draw figures into a folder, one file a figure and format; see `save_figures`.

    Parameters
    ----------
    drawn : mapping
        What draws each figure, by name.
    folder : path
        Made if it does not exist (its parent must).
    formats : sequence of str
        "png", "pdf", "svg".
    names : iterable of str
        Every name that a figure of this kind of result can have: files of those that are not drawn are removed.

    Raises
    ------
    StorageError
        A file cannot be written.
    """
    place = Path(folder)
    try:
        place.mkdir(exist_ok=True)
        for name in set(names) - drawn.keys():
            for kind in ("png", "pdf", "svg"):
                (place / f"{name}.{kind}").unlink(missing_ok=True)
        return {name: _save(draw(), place, name, formats) for name, draw in drawn.items()}
    except OSError as error:
        msg = f"{place}: figures could not be written: {(error.strerror or str(error)).lower()}"
        raise StorageError(msg) from error


def _save(figure: Figure, place: Path, name: str, formats: Sequence[str]) -> tuple[Path, ...]:
    files = tuple(place / f"{name}.{kind}" for kind in formats)
    for file, kind in zip(files, formats, strict=True):
        aside = file.with_name(f".{file.name}.partial")
        try:
            aside.write_bytes(render(figure, kind))
            aside.replace(file)
        finally:
            aside.unlink(missing_ok=True)
    return files
