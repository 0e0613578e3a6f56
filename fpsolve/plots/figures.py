"""Which figures a result can draw, and saving them."""

from __future__ import annotations

import io
import os
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path

from matplotlib.figure import Figure

from fpsolve.errors import StorageError
from fpsolve.plots.density import plot_density, plot_stationary
from fpsolve.plots.histogram import histograms_of, plot_histogram
from fpsolve.plots.moments import plot_moments
from fpsolve.plots.spectrum import plot_spectrum
from fpsolve.plots.style import with_style
from fpsolve.plots.survival import plot_survival
from fpsolve.results import Result

__all__ = ["CAPTIONS", "FORMATS", "figures_of", "render", "save_figures"]

FORMATS = ("png", "pdf")
"""What a run leaves behind unless the case says otherwise; svg is possible too."""

CAPTIONS = {
    "density": (
        "The density P(x, t) at the output times, early times dark. Dashed: where it started. Wide grey line: the "
        "stationary law. Steps: histograms of trained levels, at the times when they were recorded."
    ),
    "moments": (
        "Mean and standard deviation against time. Lines: prediction. Open squares: trained levels. Dotted: stationary "
        "law."
    ),
    "survival": "The probability not yet absorbed, and the probability per time that reaches each wall.",
    "spectrum": (
        "The potential U(x) of the Fokker–Planck Hamiltonian, its levels Eₙ and the wavefunctions ψₙ drawn on them. A "
        "disturbance with the shape of ψₙ decays at the rate 2Eₙ; E₀ = 0 is the stationary law itself."
    ),
    "stationary": "The stationary density, and the histogram of the last record of the trained levels.",
    "histogram": (
        "Trained levels (points) against the prediction (steps); nothing is fitted. Below: (counted − expected) in "
        "standard errors; the grey band is ± 2, open points expect fewer than 5 counts."
    ),
}
"""What each figure shows, by name."""

_ENOUGH_TIMES = 6  # a line through fewer would suggest a course that was never computed

Draw = Callable[[], Figure]


def figures_of(result: Result) -> dict[str, Draw]:
    """List the figures that a result holds enough for, by name; each value draws one when it is called.

    Parameters
    ----------
    result : Result

    Returns
    -------
    dict
        Names are keys of `CAPTIONS`, in its order.
    """
    evolution = result.evolution
    possible = {
        "density": (evolution is not None, plot_density),
        "moments": (evolution is not None and evolution.times.size >= _ENOUGH_TIMES, plot_moments),
        "survival": (evolution is not None and evolution.first_passage is not None, plot_survival),
        "spectrum": (result.spectrum is not None, plot_spectrum),
        "stationary": (result.stationary is not None and evolution is None, plot_stationary),
        "histogram": (bool(histograms_of(result)), plot_histogram),
    }
    return {name: partial(draw, result) for name, (there, draw) in possible.items() if there}


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
    return stream.getvalue()


def save_figures(
    result: Result,
    folder: str | os.PathLike[str],
    formats: Sequence[str] = FORMATS,
    *,
    figures: Mapping[str, Draw] | None = None,
) -> dict[str, tuple[Path, ...]]:
    """Draw every figure of a result into a folder, one file a figure and format.

    Figures of an earlier run that this result cannot draw are removed, so that the folder never mixes two results;
    other files are left alone.

    Parameters
    ----------
    result : Result
    folder : path
        Made if it does not exist (its parent must).
    formats : sequence of str
        "png", "pdf", "svg".
    figures : mapping, optional
        What to save, by name; `figures_of(result)` unless given.

    Returns
    -------
    dict
        Files by name of the figure.

    Raises
    ------
    StorageError
        A file cannot be written.
    """
    place = Path(folder)
    drawn = figures_of(result) if figures is None else figures
    try:
        place.mkdir(exist_ok=True)
        for name in CAPTIONS.keys() - drawn.keys():
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
