"""Mean and standard deviation of every level against time."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from fpsolve.plots.levels import Levels, levels_of
from fpsolve.plots.panels import panels
from fpsolve.plots.style import DATA, INK, MUTED, TIMES, plain_log_ticks, with_style
from fpsolve.results import Result

__all__ = ["plot_moments"]


def plot_moments(result: Result) -> Figure:
    """Draw how mean and standard deviation relax: lines predicted, points trained, dotted lines stationary.

    Parameters
    ----------
    result : Result
        With an evolution.

    Returns
    -------
    Figure
    """
    evolution, stationary = result.evolution, result.stationary
    if evolution is None:
        msg = "this result holds no evolution to draw"
        raise ValueError(msg)
    levels = levels_of(result)
    with with_style():
        figure, axes = panels(2, height=2.3 if levels.n == 1 else 2.9)
        for panel, name in zip(axes, ("mean", "std"), strict=True):
            for level in range(levels.n):
                colour = TIMES(0.35) if levels.n == 1 else levels.colour(level)
                values, line = getattr(evolution, name)[:, level], levels.line(level)
                panel.plot(evolution.times, values, marker="o", linestyle=line, ms=2.5, color=colour)
                if stationary is not None and level < stationary.mean.size:
                    rest = MUTED if levels.n == 1 else colour
                    panel.axhline(getattr(stationary, name)[level], color=rest, linewidth=0.8, linestyle=":")
                _draw_sample(panel, result, name, level, DATA if levels.n == 1 else INK)
            if evolution.times[-1] > 20.0 * evolution.times[0]:
                panel.set_xscale("log")
                plain_log_ticks(panel.xaxis, float(evolution.times[0]), float(evolution.times[-1]))
            panel.set_xlabel("Fokker–Planck time t")
            panel.set_ylabel("mean of x" if name == "mean" else "standard deviation of x")
        if levels.n > 1:
            _legend(figure, levels)
    return figure


def _draw_sample(panel: Axes, result: Result, name: str, level: int, colour: str) -> None:
    sample = result.sample
    if sample is not None and level < sample.levels.shape[2] and np.all(np.isfinite(sample.times)):
        moment = np.mean if name == "mean" else np.std
        found = moment(sample.levels[:, :, level], axis=0)
        panel.plot(sample.times, found, "s", ms=4 if colour == DATA else 3.5, mfc="none", color=colour, zorder=4)


def _legend(figure: Figure, levels: Levels) -> None:
    """Name every group once; the two levels of a pair differ in the line."""
    named = {}
    for group, name in zip(levels.groups, levels.names, strict=True):
        for level in group if len(group) > 2 else group[:1]:
            named[name if len(group) <= 2 else f"level {level}"] = levels.colour(level)
    handles = [Line2D([], [], color=colour, label=name) for name, colour in named.items()]
    if levels.paired:
        handles.append(Line2D([], [], color=MUTED, linestyle="--", label="upper level of a pair"))
    figure.legend(handles=handles, loc="outside lower center", ncols=4)
