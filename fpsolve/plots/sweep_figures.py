"""Which figures a sweep can draw, and saving them."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path

from fpsolve.plots.saving import FORMATS, Draw, save_drawn
from fpsolve.plots.sweep_curves import can_show_curves, plot_curves
from fpsolve.plots.sweep_headlines import headlines, plot_headlines
from fpsolve.plots.sweep_overlay import can_overlay, plot_overlay
from fpsolve.plots.sweep_pair_scaling import can_scale_pairs, plot_pair_consistency, plot_pair_scaling
from fpsolve.plots.sweep_points import Points
from fpsolve.plots.sweep_potentials import can_show_potentials, plot_potentials
from fpsolve.plots.sweep_random_weights import can_compare_random_weights, plot_random_weights
from fpsolve.plots.sweep_universal import can_plot_binder, can_plot_ratio, plot_binder, plot_ratio
from fpsolve.results import Result, Sweep

__all__ = ["SWEEP_CAPTIONS", "save_sweep_figures", "sweep_figures_of"]

SWEEP_CAPTIONS = {
    "pair_scaling": (
        "Mean spacing and width of degenerate pairs against √(α/B). Points: trained levels with standard errors. Lines: "
        "the law of the whole matrix, nothing fitted; pale: a pair without neighbours. Below: what is left, in per cent, the "
        "pairs at one α/B a little apart."
    ),
    "pair_consistency": (
        "The same σ found in two ways, from the density of both levels of a pair and from their distance. Lines: what the "
        "predicted law gives; a pair without neighbours has no difference."
    ),
    "binder": (
        "Fourth cumulant U₄ = ⟨y⁴⟩/(3⟨y²⟩²) − 1 of degenerate pairs against α/B. The usual Binder cumulant has the "
        "opposite sign. Black: −4/27, a pair without neighbours. Lines: the predicted law."
    ),
    "ratio": (
        "Mean of learned levels over their target against α/B: noise keeps levels away from what they learn, and "
        "repulsion drives the two of a pair apart. Lines: predicted, nothing fitted."
    ),
    "random_weights": (
        "Singular values of random weights of several shapes. Steps: trained matrices. Black: the exact gas of "
        "this size. Dashed: the Marchenko–Pastur density of large matrices of this shape."
    ),
    "overlay": (
        "Densities at all points over each other. Steps: trained levels. Lines: predicted; of several levels all together."
    ),
    "curves": (
        "How students learn at every point: single networks (thin), their mean (points), the predicted mean (black) and the "
        "exponential fitted from the time on that is told."
    ),
    "potentials": (
        "The potential U(x) of the Fokker–Planck Hamiltonian at every point, its levels Eₙ and the wavefunctions ψₙ drawn "
        "on them."
    ),
    "scalars": (
        "Numbers of the results against an axis of the sweep. Circles on lines: predicted. Squares: trained levels. Open "
        "symbols: rejected by a threshold."
    ),
}
"""What each figure of a sweep shows, by name."""


def sweep_figures_of(sweep: Sweep, results: Sequence[Result | None]) -> dict[str, Draw]:
    """List the figures that a sweep holds enough for, by name; each value draws one when it is called.

    Parameters
    ----------
    sweep : Sweep
    results : sequence of Result or None
        In the order of the points; None where a point has none. Figures of scalars alone need no results.

    Returns
    -------
    dict
        Names are keys of `SWEEP_CAPTIONS`, in its order.

    Raises
    ------
    ValueError
        Not one entry of `results` for each point.
    """
    if len(results) != len(sweep.points):
        msg = f"{len(results)} results were given for {len(sweep.points)} points"
        raise ValueError(msg)
    points = Points(sweep, results)
    pairs = can_scale_pairs(points)
    scalars = len(sweep.points) > 1 and bool(headlines(sweep))
    possible: dict[str, tuple[bool, Draw]] = {
        "pair_scaling": (pairs, partial(plot_pair_scaling, points)),
        "pair_consistency": (pairs, partial(plot_pair_consistency, points)),
        "binder": (can_plot_binder(points), partial(plot_binder, points)),
        "ratio": (can_plot_ratio(points), partial(plot_ratio, points)),
        "random_weights": (can_compare_random_weights(points), partial(plot_random_weights, points)),
        "overlay": (can_overlay(points), partial(plot_overlay, points)),
        "curves": (can_show_curves(points), partial(plot_curves, points)),
        "potentials": (can_show_potentials(points), partial(plot_potentials, points)),
        "scalars": (scalars, partial(plot_headlines, sweep)),
    }
    return {name: draw for name, (there, draw) in possible.items() if there}


def save_sweep_figures(
    sweep: Sweep,
    results: Sequence[Result | None],
    folder: str | os.PathLike[str],
    formats: Sequence[str] = FORMATS,
    *,
    figures: Mapping[str, Draw] | None = None,
) -> dict[str, tuple[Path, ...]]:
    """Draw every figure of a sweep into a folder, one file a figure and format.

    Figures of an earlier run that this sweep cannot draw are removed; other files are left alone.

    Parameters
    ----------
    sweep : Sweep
    results : sequence of Result or None
        As for `sweep_figures_of`.
    folder : path
        Made if it does not exist (its parent must).
    formats : sequence of str
        "png", "pdf", "svg".
    figures : mapping, optional
        What to save, by name; `sweep_figures_of(sweep, results)` unless given.

    Returns
    -------
    dict
        Files by name of the figure.

    Raises
    ------
    StorageError
        A file cannot be written.
    """
    drawn = sweep_figures_of(sweep, results) if figures is None else figures
    return save_drawn(drawn, folder, formats, names=SWEEP_CAPTIONS)
