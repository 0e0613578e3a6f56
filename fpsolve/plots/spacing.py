"""Spacings of levels with equal parameters against the Wigner surmise."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from numpy.typing import NDArray

from fpsolve.exact.surmise import surmise_cdf, surmise_pdf
from fpsolve.plots.bins import bar_heights, freedman_diaconis
from fpsolve.plots.levels import Levels, levels_of
from fpsolve.plots.pair_tables import SpacingTable, spacing_tables
from fpsolve.plots.style import COLUMN, MUTED, with_style
from fpsolve.results import Result, Sample

__all__ = ["plot_spacing"]

Array = NDArray[np.float64]

_REACH = 3.2  # largest spacing drawn, in mean spacings
_PALE, _WIDE = "#c3c9cf", 4.0
_ENOUGH = 5  # counts below which the distance from the surmise is only noise


def plot_spacing(result: Result, *, time_index: int = -1) -> Figure:
    """Draw the density of the spacing S of every two neighbours with equal parameters, and of S divided by its mean.

    Lines come from the joint law of the evolution at one output time, or else from the stationary law; the title says
    which. Points are the last record of the sample. The Wigner surmise p(s) = (π/2) s exp(−πs²/4) is the wide
    pale line, on the left with the mean of each pair; on the lower right it is subtracted.

    Parameters
    ----------
    result : Result
        With a case that has such levels, and with joint laws of pairs or a sample.
    time_index : int
        Which output time of the evolution.

    Returns
    -------
    Figure
    """
    levels = levels_of(result)
    tables, origin = spacing_tables(result, levels.pairs, time_index)
    sample = result.sample if result.sample is not None and result.sample.levels.shape[2] == levels.n else None
    if not levels.pairs or (not tables and sample is None):
        msg = "this result holds no spacings of levels with equal parameters"
        raise ValueError(msg)
    with with_style():
        figure = Figure(figsize=(2.0 * COLUMN, 3.5))
        grid = figure.add_gridspec(2, 2, height_ratios=(3.0, 1.0))
        left = figure.add_subplot(grid[:, 0])
        right = figure.add_subplot(grid[0, 1])
        below = figure.add_subplot(grid[1, 1], sharex=right)
        s = np.linspace(0.0, _REACH, 257)
        right.plot(s, surmise_pdf(s), color=_PALE, linewidth=_WIDE, zorder=1.5)
        below.axhline(0.0, color=_PALE, linewidth=0.6 * _WIDE, zorder=1.5)
        reach = 0.0
        for table in tables:
            _draw_law(left, right, below, table, levels)
            reach = max(reach, _REACH * table.mean)
        for level in levels.pairs if sample is not None else ():
            reach = max(reach, _REACH * _draw_record(left, right, below, sample, level, levels, alone=not tables))
        left.set_xlim(0.0, reach)
        _finish(left, right, below)
        _legend(figure, levels, tables, sample, origin)
    return figure


def _draw_law(left: Axes, right: Axes, below: Axes, table: SpacingTable, levels: Levels) -> None:
    colour, mean = levels.colour(table.level), table.mean
    spacing, density = table.curve()
    _draw_surmise(left, mean, colour)
    left.plot(spacing, density, color=colour)
    right.plot(spacing / mean, mean * density, color=colour, linewidth=1.0)
    # Averages over bins are compared with averages: no interpolation enters what is left.
    averages = np.diff(surmise_cdf(table.edges / mean)) / np.diff(table.edges / mean)
    below.plot(table.middle / mean, mean * table.density - averages, color=colour, linewidth=1.0)


def _draw_surmise(left: Axes, mean: float, colour: str) -> None:
    spacing = np.linspace(0.0, _REACH * mean, 257)
    left.plot(spacing, surmise_pdf(spacing / mean) / mean, color=colour, alpha=0.3, linewidth=_WIDE)


def _draw_record(
    left: Axes, right: Axes, below: Axes, sample: Sample | None, level: int, levels: Levels, *, alone: bool
) -> float:
    """Draw the histogram of the last record as points; return its mean."""
    assert sample is not None  # noqa: S101 - the caller looked
    colour = levels.colour(level)
    spacings = sample.levels[:, -1, level + 1] - sample.levels[:, -1, level]
    mean = float(np.mean(spacings))
    edges = freedman_diaconis(spacings)
    counts = np.histogram(spacings, edges)[0]
    heights = bar_heights(counts, edges, spacings.size)
    errors = bar_heights(np.sqrt(counts * (1.0 - counts / spacings.size)), edges, spacings.size)
    middle = 0.5 * (edges[1:] + edges[:-1])
    dots: dict[str, Any] = {"fmt": "o", "color": colour, "markersize": 2.2, "elinewidth": 0.6, "alpha": 0.9}
    left.errorbar(middle, heights, yerr=errors, **dots)
    right.errorbar(middle / mean, mean * heights, yerr=mean * errors, **dots)
    averages = np.diff(surmise_cdf(edges / mean)) / np.diff(edges / mean)
    shown = counts >= _ENOUGH
    below.errorbar((middle / mean)[shown], (mean * heights - averages)[shown], yerr=(mean * errors)[shown], **dots)
    if alone:
        _draw_surmise(left, mean, colour)
    return mean


def _finish(left: Axes, right: Axes, below: Axes) -> None:
    left.set_ylim(bottom=0.0)
    left.set_xlabel("spacing S of two neighbouring levels [x]")
    left.set_ylabel("density of S (integral over S = 1)")
    right.set_xlim(0.0, _REACH)
    right.set_ylim(bottom=0.0)
    right.tick_params(labelbottom=False)
    right.set_ylabel("density of s (integral = 1)")
    below.set_xlabel("spacing in units of its mean, s = S/⟨S⟩")
    below.set_ylabel("density\n− surmise")
    size = 1.1 * max(abs(limit) for limit in below.get_ylim())
    below.set_ylim(-size, size)


def _legend(figure: Figure, levels: Levels, tables: list[SpacingTable], sample: Sample | None, origin: str) -> None:
    means = {table.level: table.mean for table in tables}
    handles = [
        Line2D(
            [],
            [],
            color=levels.colour(level),
            label=levels.title(level) + (f", ⟨S⟩ = {means[level]:#.3g}" if level in means else ""),
        )
        for level in levels.pairs
    ]
    surmise = "wide: Wigner surmise (π/2) s exp(−πs²/4)"
    handles.append(Line2D([], [], color=_PALE, linewidth=_WIDE, label=surmise))
    if sample is not None:
        updates = f"{int(sample.steps[-1])} updates"
        label = f"trained levels, {updates}, ± 1 standard error"
        handles.append(Line2D([], [], color=MUTED, marker="o", markersize=2.2, linestyle="", label=label))
    figure.legend(handles=handles, loc="outside lower center", ncols=2)
    if origin:
        figure.suptitle(f"Lines: {origin}", x=0.01, ha="left", fontsize=8, color=MUTED)
