"""Stationary densities of several levels in one panel."""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from numpy.typing import NDArray

from fpsolve.plots.coordinate import Coordinate
from fpsolve.plots.large_matrix import draw_large_matrix, large_matrix_law
from fpsolve.plots.levels import levels_of
from fpsolve.plots.panels import extent, visible_top
from fpsolve.plots.rebin import summed
from fpsolve.plots.records import steps_of
from fpsolve.plots.style import COLUMN, INK, MUTED, with_style
from fpsolve.plots.target_lines import TARGET_DOTS, draw_targets, target_positions
from fpsolve.results import Result, Stationary

__all__ = ["plot_stationary_levels", "pooled_density"]

Array = NDArray[np.float64]


def plot_stationary_levels(result: Result) -> Figure:
    """Draw the stationary density of every level, filled, and their sum, black, with the targets.

    The histograms of the last record of the sample, level by level, are steps. A Laguerre gas has the density of large
    matrices beside it, dashed.

    Parameters
    ----------
    result : Result
        With the stationary law of several levels.

    Returns
    -------
    Figure
    """
    stationary, sample = result.stationary, result.sample
    if stationary is None or len(stationary.density) < 2:
        msg = "this result holds no stationary law of several levels to draw"
        raise ValueError(msg)
    levels = levels_of(result)
    trained = sample is not None and sample.levels.shape[2] == levels.n
    with with_style():
        figure = Figure(figsize=(2.0 * COLUMN, 3.3))
        panel = figure.subplots()
        tops, ends = [], []
        for level, (x, density) in enumerate(zip(stationary.x, stationary.density, strict=True)):
            colour = levels.colour(level)
            panel.fill_between(x, density, color=colour, alpha=0.25, linewidth=0)
            panel.plot(x, density, color=colour, linewidth=1.0, linestyle=levels.line(level))
            tops.append(visible_top(stationary.edges[level], density[None]))
            ends.append(extent(stationary.edges[level], np.minimum(density, tops[-1])))
            if sample is not None and trained:
                edges, heights = steps_of(sample.levels[:, -1, level], Coordinate())
                panel.stairs(heights, edges, color=colour, linewidth=0.8)
        edges, pooled = pooled_density(stationary)
        total = levels.n * pooled
        panel.plot(0.5 * (edges[1:] + edges[:-1]), total, color=INK, linewidth=0.9)
        panel.set_ylim(0.0, 1.05 * max([visible_top(edges, total[None]), *tops]))
        panel.set_xlim(min(low for low, _ in ends), max(high for _, high in ends))
        panel.set_xlabel("level x")
        panel.set_ylabel("density of x\n(integrals over x: see legend)")
        draw_targets(panel, result, levels)
        handles: list[Line2D | Patch] = [
            Patch(edgecolor=MUTED, facecolor="#d3d8dd", label="each level (integral = 1)"),
            Line2D([], [], color=INK, linewidth=0.9, label=f"all levels together (integral = {levels.n})"),
        ]
        limit = large_matrix_law(result)
        if limit is not None:
            handles.append(draw_large_matrix(panel, limit, factor=levels.n))
        if levels.paired:
            handles.append(Line2D([], [], color=MUTED, linewidth=1.0, linestyle="--", label="upper level of a pair"))
        positions, meaning = target_positions(result, levels)
        if positions.size:
            handles.append(Line2D([], [], color=MUTED, linewidth=0.9, linestyle=TARGET_DOTS, label=meaning))
        if sample is not None and trained:
            label = f"steps: trained levels, {int(sample.steps[-1])} updates"
            handles.append(Patch(edgecolor=MUTED, facecolor="none", label=label))
        figure.legend(handles=handles, loc="outside lower center", ncols=3)
    return figure


def pooled_density(stationary: Stationary) -> tuple[Array, Array]:
    """Edges, and stationary density of a level picked at random: its integral is 1."""
    if stationary.total_edges is not None and stationary.total_density is not None:
        return stationary.total_edges, stationary.total_density
    edges, density = summed(stationary.edges, stationary.density, Coordinate())
    return edges, density / len(stationary.density)
