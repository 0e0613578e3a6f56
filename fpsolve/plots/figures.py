"""Which figures a result can draw, and saving them."""

from __future__ import annotations

import io
import os
import re
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path

from matplotlib.figure import Figure

from fpsolve.errors import StorageError
from fpsolve.plots.band import plot_band
from fpsolve.plots.correlation import has_correlation, plot_correlation
from fpsolve.plots.density import plot_density, plot_stationary
from fpsolve.plots.histogram import histograms_of, plot_histogram
from fpsolve.plots.joint import plot_pairs
from fpsolve.plots.levels import level_count, levels_of
from fpsolve.plots.moments import plot_moments
from fpsolve.plots.pair_tables import joint_tables
from fpsolve.plots.spacing import plot_spacing
from fpsolve.plots.spectrum import plot_spectrum
from fpsolve.plots.style import with_style
from fpsolve.plots.survival import plot_survival
from fpsolve.plots.waterfall import plot_waterfall
from fpsolve.results import Result

__all__ = ["CAPTIONS", "FORMATS", "caption_of", "figures_of", "render", "save_figures"]

FORMATS = ("png", "pdf")
"""What a run leaves behind unless the case says otherwise; svg is possible too."""

CAPTIONS = {
    "waterfall": (
        "How the levels (squared singular values of the weights) learn: their densities at the output times, one row a "
        "time, the start below. Colour: one level, or two with the same target. Black: all levels together. Dotted: "
        "targets. Steps: trained levels."
    ),
    "band": (
        "Where each level is at time t: median (line), the middle half (dark) and the middle 90 % (light) of its "
        "probability. Dotted: targets. Points and dashes: the same quantiles of trained levels."
    ),
    "density": (
        "The density P(x, t) at the output times, early times dark. Dashed: where it started. Wide grey line: the "
        "stationary law. Steps: histograms of trained levels, at the times when they were recorded."
    ),
    "moments": (
        "Mean and standard deviation against time. Lines: prediction. Open squares: trained levels. Dotted: stationary "
        "law."
    ),
    "stationary": (
        "The stationary density, to which training tends and in which it then fluctuates. Steps: the last record of the "
        "trained levels."
    ),
    "pairs": (
        "Joint density of neighbouring levels: dark is likely, the contours hold 50 and 90 % of the probability. Levels "
        "repel each other, so that nothing is found on the dotted line, where both are equal. r: correlation coefficient."
    ),
    "spacing": (
        "Distance S of two levels with the same target, as it is (left) and in units of its mean (right). Wide pale line: "
        "the Wigner surmise, the law of two eigenvalues of a random matrix. Points: trained levels."
    ),
    "correlation": (
        "Correlation coefficients of levels: 0 where two levels fluctuate independently, 1 where they move together. "
        "Solid lines: neighbours with the same target. Dashed: other neighbours. Squares: trained levels."
    ),
    "survival": "The probability not yet absorbed, and the probability per time that reaches each wall.",
    "spectrum": (
        "The potential U(x) of the Fokker–Planck Hamiltonian, its levels Eₙ and the wavefunctions ψₙ drawn on them. A "
        "disturbance with the shape of ψₙ decays at the rate 2Eₙ; E₀ = 0 is the stationary law itself."
    ),
    "histogram": (
        "Trained levels (points) against the prediction (steps); nothing is fitted. Below: (counted − expected) in "
        "standard errors; the grey band is ± 2, open points expect fewer than 5 counts."
    ),
}
"""What each figure shows, by name."""

_MOST_PANELS = 4  # densities of more levels are seen in the waterfall
_ENOUGH_TIMES = 6  # a line through fewer would suggest a course that was never computed

Draw = Callable[[], Figure]


def caption_of(name: str, result: Result) -> str:
    """Caption of a figure, without the sentences on trained levels if the result has none."""
    sentences = re.split(r"(?<=\.) ", CAPTIONS.get(name, name))
    trained = result.sample is not None or result.report is not None
    return " ".join(sentence for sentence in sentences if trained or "trained levels" not in sentence)


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
    evolution, stationary, n = result.evolution, result.stationary, level_count(result)
    several = n > 1
    courses = evolution is not None and evolution.times.size >= _ENOUGH_TIMES
    joint = several and bool(joint_tables(result)[0])
    equal = several and bool(levels_of(result).pairs)
    possible = {
        "waterfall": (evolution is not None and several, plot_waterfall),
        "band": (courses and several, plot_band),
        "density": (evolution is not None and n <= _MOST_PANELS, plot_density),
        "moments": (courses, plot_moments),
        "stationary": (stationary is not None and (several or evolution is None), plot_stationary),
        "pairs": (joint, plot_pairs),
        "spacing": (equal and (joint or result.sample is not None), plot_spacing),
        "correlation": (has_correlation(result), plot_correlation),
        "survival": (evolution is not None and evolution.first_passage is not None, plot_survival),
        "spectrum": (result.spectrum is not None, plot_spectrum),
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
    # The layout found once is good for every format, and finding it takes as long as the drawing.
    figure.set_layout_engine("none")
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
