"""Which figures a result can draw, and saving them."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path

from fpsolve.plots.alignment import has_alignment, plot_alignment
from fpsolve.plots.band import plot_band
from fpsolve.plots.correlation import has_correlation, plot_correlation
from fpsolve.plots.density import plot_density, plot_stationary
from fpsolve.plots.histogram import histograms_of, plot_histogram
from fpsolve.plots.joint import plot_pairs
from fpsolve.plots.level_density import has_level_density, plot_level_density
from fpsolve.plots.levels import level_count, levels_of
from fpsolve.plots.moments import plot_moments
from fpsolve.plots.pair_density import has_pair_density, plot_pair_density
from fpsolve.plots.pair_tables import joint_tables
from fpsolve.plots.saving import FORMATS, Draw, save_drawn
from fpsolve.plots.spacing import plot_spacing
from fpsolve.plots.species_density import has_species_density, plot_species_density
from fpsolve.plots.spectrum import plot_spectrum
from fpsolve.plots.survival import plot_survival
from fpsolve.plots.tail import plot_tail
from fpsolve.plots.training_curves import has_training_curves, plot_training_curves
from fpsolve.plots.waterfall import plot_waterfall
from fpsolve.results import Result

__all__ = ["CAPTIONS", "caption_of", "figures_of", "save_figures"]

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
    "level_density": (
        "All trained levels in one histogram (points) around the targets (dotted), and the predicted density of a level "
        "(line). Nothing is fitted."
    ),
    "pair_density": (
        "Two levels with the same target from near, pooled: trained levels (points), the predicted law (solid), and the "
        "semicircle of two levels (dashed) with the σ that a pair without neighbours would have. Nothing is fitted."
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
    "tail": (
        "The probability to find the highest level above x. Line: the predicted law. Dashed: the power of x that it tends "
        "to, nothing fitted. Points: trained levels. Dotted: where Hill's estimate of their exponent begins."
    ),
    "alignment": (
        "How far training has turned the eigenvectors of the weights: the part of an eigenvector that lies in the "
        "eigenspace of the target which its level tends to, on average. 1: aligned. Dashed: random directions. Where it "
        "is small, a level moves with the mean of all targets and not with its own."
    ),
    "training_curves": (
        "How students learn: single networks (thin) and the mean of all trained levels (points with standard errors). Black: "
        "the predicted mean. Dashed: the exponential fitted from the time on that is told, its rate beside the predicted one. "
        "Dotted: the teacher."
    ),
    "species_density": (
        "Two levels that learn the same target at different rates, pooled: trained levels (points). Solid: the predicted law. "
        "Dash-dotted: the gas of two species with predicted widths. Dashed: the best semicircle of one species, fitted. "
        "Below: all of them less the predicted law."
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
        "level_density": (has_level_density(result), plot_level_density),
        "pair_density": (has_pair_density(result), plot_pair_density),
        "pairs": (joint, plot_pairs),
        "spacing": (equal and (joint or result.sample is not None), plot_spacing),
        "correlation": (has_correlation(result), plot_correlation),
        "tail": (stationary is not None and stationary.tail is not None, plot_tail),
        "alignment": (has_alignment(result), plot_alignment),
        "training_curves": (has_training_curves(result), plot_training_curves),
        "species_density": (has_species_density(result), plot_species_density),
        "survival": (evolution is not None and evolution.first_passage is not None, plot_survival),
        "spectrum": (result.spectrum is not None and result.spectrum.method != "one_step", plot_spectrum),
        "histogram": (bool(histograms_of(result)), plot_histogram),
    }
    return {name: partial(draw, result) for name, (there, draw) in possible.items() if there}


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
    drawn = figures_of(result) if figures is None else figures
    return save_drawn(drawn, folder, formats, names=CAPTIONS)
