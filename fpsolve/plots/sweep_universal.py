"""The cumulant of degenerate pairs, and how far learned levels stay from their targets, against α/B."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from numpy.typing import NDArray

from fpsolve.exact.semicircle_two_level import BINDER
from fpsolve.plots.style import COLUMN, INK, MUTED, plain_log_ticks, with_style
from fpsolve.plots.sweep_pairs import draw_groups, groups_of_sweep, scan_handles, scans_of
from fpsolve.plots.sweep_points import Points

__all__ = ["can_plot_binder", "can_plot_ratio", "plot_binder", "plot_ratio"]

Array = NDArray[np.float64]

_WIDE = 8.0  # ratio of the ends above which α/B is on a logarithmic axis


def can_plot_binder(points: Points) -> bool:
    """True if the cumulant of a pair is known and α/B at two points or more."""
    return bool(groups_of_sweep(points, "binder")) and _known(points) > 1


def can_plot_ratio(points: Points) -> bool:
    """True if learned/target is known and α/B at two points or more."""
    return bool(groups_of_sweep(points, "ratio")) and _known(points) > 1


def plot_binder(points: Points) -> Figure:
    """Draw U₄ = ⟨y⁴⟩/(3⟨y²⟩²) − 1 of both levels of every pair against α/B, with the universal −4/27.

    The usual Binder cumulant 1 − ⟨y⁴⟩/(3⟨y²⟩²) is −U₄. Lines are U₄ of the predicted law, which knows the neighbours.

    Parameters
    ----------
    points : Points
        With the statistic `binder` and α/B at two points or more.

    Returns
    -------
    Figure
    """
    if not can_plot_binder(points):
        msg = "this sweep holds no cumulants of pairs at several α/B"
        raise ValueError(msg)
    ratio = points.ratio()
    scans, groups = scans_of(points, ratio), groups_of_sweep(points, "binder")
    with with_style():
        figure = Figure(figsize=(1.5 * COLUMN, 3.2))
        panel = figure.subplots()
        panel.axhline(BINDER, color=INK, linewidth=1.2, zorder=1)
        draw_groups(panel, groups, scans, ratio, value="", error="", predicted="u4_law")
        for place, group in enumerate(groups):
            # The groups a little apart, so that their bars can be told from each other.
            apart = ratio * (1.0 + 0.04 * (place - 0.5 * (len(groups) - 1)))
            draw_groups(panel, [group], scans, apart, value="u4", error="u4_error", predicted="")
        _scale(panel, ratio)
        panel.set_ylabel("U₄ = ⟨y⁴⟩/(3⟨y²⟩²) − 1\nof both levels, y from their centre")
        panel.set_title("Usual Binder cumulant: −U₄. A Gaussian has U₄ = 0", loc="left", color=MUTED)
        law = Line2D([], [], color=INK, linewidth=1.2, label="−4/27, a pair without neighbours")
        figure.legend(handles=[law, *scan_handles(groups, scans)], loc="outside lower center", ncols=3)
    return figure


def plot_ratio(points: Points) -> Figure:
    """Draw the mean of learned levels over their target against α/B: of every group, and of the two levels of a pair.

    Points are measured, lines predicted. The lowest levels are pushed down, the highest up, by repulsion; the mean of
    all moves down by the curvature of the drift and of the noise.

    Parameters
    ----------
    points : Points
        With the statistic `ratio` and α/B at two points or more.

    Returns
    -------
    Figure
    """
    if not can_plot_ratio(points):
        msg = "this sweep holds no ratios of learned to target levels at several α/B"
        raise ValueError(msg)
    ratio = points.ratio()
    scans, groups = scans_of(points, ratio), groups_of_sweep(points, "ratio")
    pairs = [group for group in groups if len(group.levels) == 2 and "lowest" in group.columns]
    with with_style():
        figure = Figure(figsize=((2.0 if pairs else 1.4) * COLUMN, 3.2))
        axes = figure.subplots(1, 2 if pairs else 1, squeeze=False)[0]
        draw_groups(axes[0], groups, scans, ratio, value="ratio", error="error", predicted="predicted")
        axes[0].set_ylabel("mean over target, ⟨x⟩/x*\n(all levels with this κ)")
        for end in ("lowest", "highest") if pairs else ():
            draw_groups(axes[1], pairs, scans, ratio, value=end, error=f"{end}_error", predicted=f"{end}_predicted")
            axes[1].set_ylabel("lower and upper level of a pair,\n⟨x⟩/x*")
        for panel in axes:
            panel.axhline(1.0, color=MUTED, linewidth=0.8, zorder=1)
            _scale(panel, ratio)
        handles = scan_handles(groups, scans)
        figure.legend(handles=handles, loc="outside lower center", ncols=4 if pairs else 3)
        figure.suptitle(
            "Points: trained levels. Lines: predicted, nothing fitted", x=0.01, ha="left", fontsize=8, color=MUTED
        )
    return figure


def _known(points: Points) -> int:
    ratio = points.ratio()
    return len(set(ratio[np.isfinite(ratio)].tolist()))


def _scale(panel: Axes, ratio: Array) -> None:
    known = ratio[np.isfinite(ratio)]
    low, high = float(np.min(known)), float(np.max(known))
    if low > 0.0 and high > _WIDE * low:
        panel.set_xscale("log")
        plain_log_ticks(panel.xaxis, low, high)
    panel.set_xlabel("learning rate over batch size, α/B")
