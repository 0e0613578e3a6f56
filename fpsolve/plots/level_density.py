"""All trained levels in one histogram around the targets, against the predicted density of a level."""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from numpy.typing import NDArray

from fpsolve.plots.bins import pooled_edges, pooled_heights
from fpsolve.plots.large_matrix import draw_large_matrix, large_matrix_law
from fpsolve.plots.levels import levels_of
from fpsolve.plots.stationary_levels import pooled_density
from fpsolve.plots.style import COLUMN, DATA, INK, MUTED, with_style
from fpsolve.plots.target_lines import TARGET_DOTS, draw_targets, target_positions
from fpsolve.results import Result

__all__ = ["has_level_density", "plot_level_density"]

Array = NDArray[np.float64]

_MOST_BINS = 320


def has_level_density(result: Result) -> bool:
    """Return True if the result has the stationary law of several levels and a sample of as many."""
    stationary, sample = result.stationary, result.sample
    if stationary is None or sample is None or len(stationary.density) < 2:
        return False
    return bool(sample.levels.shape[2] == len(stationary.density))


def plot_level_density(result: Result) -> Figure:
    """Draw the last record of all levels pooled as a histogram with error bars, and the predicted density as a line.

    Both are normalised to 1. Bins are as wide as the narrowest group of levels asks for. The error bars are those of
    replicas: the number of levels that one replica has in a bin scatters less than independent ones would.

    Parameters
    ----------
    result : Result
        With the stationary law of several levels and a sample.

    Returns
    -------
    Figure
    """
    stationary, sample = result.stationary, result.sample
    if stationary is None or sample is None or not has_level_density(result):
        msg = "this result holds no stationary law of several levels with a sample to draw"
        raise ValueError(msg)
    levels = levels_of(result)
    last = sample.levels[:, -1]
    edges = pooled_edges(last, levels.groups, most=_MOST_BINS)
    heights, errors = pooled_heights(last, edges)
    with with_style():
        figure = Figure(figsize=(2.0 * COLUMN, 3.1))
        panel = figure.subplots()
        panel.stairs(heights, edges, color=DATA, fill=True, alpha=0.18, linewidth=0)
        middle = 0.5 * (edges[1:] + edges[:-1])
        seen = heights > 0.0
        panel.errorbar(
            middle[seen], heights[seen], yerr=errors[seen], fmt="o", color=DATA, markersize=1.8, elinewidth=0.6
        )
        places, density = pooled_density(stationary)
        panel.plot(0.5 * (places[1:] + places[:-1]), density, color=INK, linewidth=1.0)
        panel.set_xlim(float(edges[0]), float(edges[-1]))
        panel.set_ylim(bottom=0.0)
        panel.set_xlabel("level x")
        panel.set_ylabel("density of a level\n(integral over x = 1)")
        draw_targets(panel, result, levels)
        replicas, step = sample.levels.shape[0], int(sample.steps[-1])
        label = f"{replicas} × {levels.n} trained levels, {step} updates, ± 1 standard error"
        handles = [
            Line2D([], [], color=DATA, marker="o", markersize=2.2, linestyle="", label=label),
            Line2D([], [], color=INK, linewidth=1.0, label=f"stationary law ({stationary.method}), nothing fitted"),
        ]
        limit = large_matrix_law(result)
        if limit is not None:
            handles.append(draw_large_matrix(panel, limit))
        positions, meaning = target_positions(result, levels)
        if positions.size:
            handles.append(Line2D([], [], color=MUTED, linewidth=0.9, linestyle=TARGET_DOTS, label=meaning))
        figure.legend(handles=handles, loc="outside lower center", ncols=2)
    return figure
