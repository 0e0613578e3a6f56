"""Quantiles of every level against time."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from numpy.typing import NDArray

from fpsolve.plots.coordinate import coordinate_of
from fpsolve.plots.levels import Levels, levels_of
from fpsolve.plots.style import COLUMN, INK, MUTED, plain_log_ticks, with_style
from fpsolve.plots.target_lines import TARGET_DOTS, draw_targets, target_positions
from fpsolve.results import Evolution, Result, Sample

__all__ = ["PROBABILITIES", "level_quantiles", "plot_band"]

Array = NDArray[np.float64]

PROBABILITIES = (0.05, 0.25, 0.5, 0.75, 0.95)
_MOST_RECORDS = 25  # trained points are thinned to so many times


def plot_band(result: Result) -> Figure:
    """Draw median, quartiles and 5 and 95 % quantiles of every level against time.

    The trained levels, where the sample has times, are points at the same five quantiles; more than 25 records are
    thinned. Horizontal lines are the targets. The axis of levels is linear in √x where levels start close to a wall at
    0.

    Parameters
    ----------
    result : Result
        With an evolution of several levels.

    Returns
    -------
    Figure
    """
    evolution, sample = result.evolution, result.sample
    if evolution is None or evolution.density.shape[1] < 2:
        msg = "this result holds no evolution of several levels to draw"
        raise ValueError(msg)
    levels, coordinate = levels_of(result), coordinate_of(evolution)
    trained = sample is not None and sample.levels.shape[2] == levels.n and bool(np.any(sample.times > 0.0))
    with with_style():
        figure = Figure(figsize=(2.0 * COLUMN, 4.2))
        panel = figure.subplots()
        quantiles = level_quantiles(evolution)
        for level in range(levels.n):
            _draw_level(panel, evolution.times, quantiles[:, level], levels, level)
        if sample is not None and trained:
            _draw_sample(panel, sample, levels)
        low, high = float(np.min(quantiles)), float(np.max(quantiles))
        positions, _ = target_positions(result, levels)
        low, high = min([low, *positions]), max([high, *positions])
        panel.set_ylim(low - 0.05 * (high - low), high + 0.05 * (high - low))
        if evolution.times[-1] > 20.0 * evolution.times[0]:
            panel.set_xscale("log")
            plain_log_ticks(panel.xaxis, float(evolution.times[0]), float(evolution.times[-1]))
        panel.margins(x=0.02)
        coordinate.scale(panel, "y")
        panel.set_xlabel("Fokker–Planck time t")
        panel.set_ylabel(coordinate.label())
        draw_targets(panel, result, levels, side="y")
        _legend(figure, result, levels, trained=trained)
    return figure


def level_quantiles(evolution: Evolution) -> Array:
    """Quantiles of every level at every output time, shape (time, level, probability)."""
    return np.array(
        [
            [evolution.law(index, level).quantile(np.array(PROBABILITIES)) for level in range(len(evolution.edges))]
            for index in range(evolution.times.size)
        ]
    )


def _draw_level(panel: Axes, times: Array, quantiles: Array, levels: Levels, level: int) -> None:
    colour = levels.colour(level)
    panel.fill_between(times, quantiles[:, 0], quantiles[:, 4], color=colour, alpha=0.15, linewidth=0)
    panel.fill_between(times, quantiles[:, 1], quantiles[:, 3], color=colour, alpha=0.3, linewidth=0)
    # Points where it was computed: between them the lines are straight.
    line, mark = levels.line(level), "." if times.size <= 2 * _MOST_RECORDS else ""
    panel.plot(times, quantiles[:, 2], color=colour, linestyle=line, marker=mark, markersize=3.5, linewidth=1.1)


def _draw_sample(panel: Axes, sample: Sample, levels: Levels) -> None:
    timed = np.flatnonzero(sample.times > 0.0)
    chosen = np.unique(np.linspace(0, timed.size - 1, min(timed.size, _MOST_RECORDS)).round().astype(int))
    found = np.quantile(sample.levels[:, timed[chosen]], PROBABILITIES, axis=0)
    for level in range(levels.n):
        for probability, row in zip(PROBABILITIES, found[:, :, level], strict=True):
            middle = probability == 0.5
            panel.plot(
                sample.times[timed[chosen]],
                row,
                "o" if middle else "_",
                color=INK if middle else levels.colour(level),
                markerfacecolor=levels.colour(level),
                markersize=3.5 if middle else 5.0,
                markeredgewidth=0.6 if middle else 1.1,
                zorder=5,
            )


def _legend(figure: Figure, result: Result, levels: Levels, *, trained: bool) -> None:
    handles: list[Line2D | Patch] = [
        Line2D([], [], color=MUTED, marker=".", markersize=3.5, linewidth=1.1, label="median"),
        Patch(facecolor=MUTED, alpha=0.42, label="25 to 75 %"),
        Patch(facecolor=MUTED, alpha=0.15, label="5 to 95 %"),
    ]
    if levels.paired:
        handles.append(Line2D([], [], color=MUTED, linewidth=1.1, linestyle="--", label="upper level of a pair"))
    positions, meaning = target_positions(result, levels)
    if positions.size:
        handles.append(Line2D([], [], color=MUTED, linewidth=0.9, linestyle=TARGET_DOTS, label=meaning))
    if trained:
        dot: dict[str, Any] = {"color": INK, "markerfacecolor": MUTED, "markeredgewidth": 0.6, "linestyle": ""}
        handles.append(Line2D([], [], marker="o", markersize=3.5, label="trained: median", **dot))
        handles.append(Line2D([], [], marker="_", markersize=5.0, label="trained: 5, 25, 75, 95 %", **dot))
    figure.legend(handles=handles, loc="outside lower center", ncols=4)
