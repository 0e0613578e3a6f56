"""Snapshots of P(x, t)."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colors import LogNorm, Normalize
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from fpsolve.plots.bins import bar_heights, freedman_diaconis
from fpsolve.plots.panels import extent, panels, visible_top
from fpsolve.plots.rebin import quiet_table
from fpsolve.plots.records import record_at
from fpsolve.plots.stationary_levels import plot_stationary_levels
from fpsolve.plots.style import DATA, MUTED, TIMES, plain_log_ticks, time_label, with_style
from fpsolve.results import Evolution, Result, Sample, Stationary

__all__ = ["plot_density", "plot_stationary"]

Colour = str | tuple[float, float, float]

_TALLEST_START = 3.0  # times the height of all later densities; a taller start is cut
_MOST_NAMED = 6  # more times than this get a colour bar instead of a legend entry each


def plot_density(result: Result) -> Figure:
    """Draw the density of every level at every output time, early times dark and late times light.

    The starting law is dashed, the stationary law a wide grey line; where the sample was recorded at an output time its
    histogram is drawn as steps in the colour of that time.

    Parameters
    ----------
    result : Result
        With an evolution.

    Returns
    -------
    Figure
    """
    evolution = result.evolution
    if evolution is None:
        msg = "this result holds no evolution to draw"
        raise ValueError(msg)
    with with_style():
        count = evolution.density.shape[1]
        figure, axes = panels(count, height=2.6 if count == 1 else 2.1)
        colours = _colours(evolution)
        for level, panel in enumerate(axes):
            _draw_level(panel, result, level, colours)
            if count > 1:
                panel.set_title(f"level {level}", loc="left")
        _legend(axes[0], colours, result)
        if evolution.times.size > _MOST_NAMED:
            bar = figure.colorbar(colours, ax=axes, label="Fokker–Planck time t", pad=0.02)
            if isinstance(colours.norm, LogNorm):
                plain_log_ticks(bar.ax.yaxis, float(evolution.times[0]), float(evolution.times[-1]))
    return figure


def plot_stationary(result: Result) -> Figure:
    """Draw the stationary density, with the histogram of the last record where there is a sample.

    Several levels share one panel, see `plot_stationary_levels`.
    """
    stationary = result.stationary
    if stationary is None:
        msg = "this result holds no stationary law to draw"
        raise ValueError(msg)
    if len(stationary.density) > 1:
        return plot_stationary_levels(result)
    with with_style():
        figure, (panel,) = panels(1, height=2.6)
        edges, density = stationary.edges[0], stationary.density[0]
        panel.plot(stationary.x[0], density, color=TIMES(0.0), label="stationary law")
        if result.sample is not None and result.sample.levels.shape[2] == 1:
            _draw_sample(panel, result.sample, -1, 0, DATA, label="SGD, last record")
        top = visible_top(edges, density[None])
        _finish(panel, extent(edges, np.minimum(density, top)), top, "1")
        panel.legend(loc="best")
    return figure


def _colours(evolution: Evolution) -> ScalarMappable:
    times = evolution.times
    first, last = float(times[0]), float(times[-1])
    if not first < last:
        norm = Normalize(0.0, 2.0 * last)
    elif times.size <= _MOST_NAMED or last > 20.0 * first:
        norm = LogNorm(first, last)
    else:
        norm = Normalize(first, last)
    return ScalarMappable(norm, TIMES)


def _colour(colours: ScalarMappable, time: float) -> Colour:
    red, green, blue, _ = colours.to_rgba(np.array([time]))[0]
    return float(red), float(green), float(blue)


def _draw_level(panel: Axes, result: Result, level: int, colours: ScalarMappable) -> None:
    evolution = result.evolution
    assert evolution is not None  # noqa: S101 - the caller looked
    x, edges = evolution.x[level], evolution.edges[level]
    shown = [evolution.density[:, level]]
    top = visible_top(edges, evolution.density[:, level])
    _draw_stationary(panel, result.stationary, level)
    if evolution.initial_density is not None:
        start = evolution.initial_density[level]
        shown.append(start)
        peak = visible_top(edges, start[None])
        # A narrow start is cut off rather than pressing everything that follows to the ground.
        cut = peak > _TALLEST_START * top
        top = 1.4 * top if cut else max(top, peak)
        label = f"start (peak {np.max(start):.3g})" if cut else "start, t = 0"
        panel.plot(x, start, "--", color=MUTED, linewidth=1.0, label=label)
    for index, time in enumerate(evolution.times):
        colour = _colour(colours, time)
        edges_drawn, drawn = quiet_table(evolution, evolution.density[index], level)
        panel.plot(0.5 * (edges_drawn[1:] + edges_drawn[:-1]), drawn, color=colour)
        record = _record_at(result.sample, evolution, index)
        if result.sample is not None and record is not None:
            _draw_sample(panel, result.sample, record, level, colour)
    integral = "1" if evolution.first_passage is None else "survival probability"
    _finish(panel, extent(edges, *(np.minimum(rows, top) for rows in shown)), top, integral)


def _draw_sample(
    panel: Axes, sample: Sample, record: int, level: int, colour: Colour, *, label: str | None = None
) -> None:
    values = sample.levels[:, record, level]
    edges = freedman_diaconis(values)
    heights = bar_heights(np.histogram(values, edges)[0], edges, values.size)
    panel.stairs(heights, edges, color=colour, linewidth=0.8, alpha=0.9, label=label)
    panel.stairs(heights, edges, color=colour, fill=True, alpha=0.15)


def _record_at(sample: Sample | None, evolution: Evolution, index: int) -> int | None:
    """Find the record of the sample taken at an output time; of very many records histograms would only clutter."""
    return None if sample is None or sample.times.size > _MOST_NAMED else record_at(sample, evolution, index)


def _draw_stationary(panel: Axes, stationary: Stationary | None, level: int) -> None:
    if stationary is None or level >= stationary.density.shape[0]:
        return
    density = stationary.density[level]
    # Left out where it is next to nothing: a wide line along the axis would look like a density.
    seen = np.where(density > 3e-3 * np.max(density), density, np.nan)
    panel.plot(stationary.x[level], seen, color="#c3c9cf", linewidth=4.5, label="stationary", zorder=1)


def _legend(panel: Axes, colours: ScalarMappable, result: Result) -> None:
    evolution = result.evolution
    assert evolution is not None  # noqa: S101 - the caller looked
    handles = panel.get_legend_handles_labels()[0]
    if evolution.times.size <= _MOST_NAMED:
        handles += [Line2D([], [], color=_colour(colours, time), label=time_label(time)) for time in evolution.times]
    if any(_record_at(result.sample, evolution, index) is not None for index in range(evolution.times.size)):
        handles.append(Patch(edgecolor=MUTED, facecolor="#e3e6e9", label="SGD histograms"))
    if handles:
        panel.legend(handles=handles, loc="best")


def _finish(panel: Axes, limits: tuple[float, float], top: float, integral: str) -> None:
    panel.set_xlim(*limits)
    panel.set_ylim(0.0, top or 1.0)
    panel.set_xlabel("level x")
    panel.set_ylabel(f"density of x\n(integral over x = {integral})")
