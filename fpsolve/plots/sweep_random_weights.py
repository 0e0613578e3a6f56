"""Singular values of random weights of several shapes: exact levels, sampled ones, and the limit of large matrices."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from numpy.typing import NDArray

from fpsolve.exact.marchenko_pastur import MarchenkoPastur
from fpsolve.plots.bins import bar_heights, freedman_diaconis
from fpsolve.plots.coordinate import Coordinate
from fpsolve.plots.large_matrix import large_matrix_law
from fpsolve.plots.panels import extent
from fpsolve.plots.stationary_levels import pooled_density
from fpsolve.plots.style import COLUMN, INK, MUTED, STATES, with_style
from fpsolve.plots.sweep_points import Points
from fpsolve.results import Result, Stationary

__all__ = ["can_compare_random_weights", "plot_random_weights"]

Array = NDArray[np.float64]

_MOST = len(STATES)
_DASHES = (0, (4.0, 2.0))


def can_compare_random_weights(points: Points) -> bool:
    """True if the stationary laws of two to eight points are Laguerre gases of different shapes r = N/M."""
    shapes = [law.ratio for *_, law in _gases(points)]
    return 2 <= len(shapes) <= _MOST and len(set(shapes)) == len(shapes)


def plot_random_weights(points: Points) -> Figure:
    """Draw the density of the singular values √x of every point, one below the other.

    Steps: the last record of the trained matrices. Line: the exact gas of finite size. Dashed: its limit, 2s p(s²) with the density p of Marchenko and Pastur. In the singular value all of them are finite, at r = 1 too.

    Parameters
    ----------
    points : Points
        With stationary Laguerre gases of different shapes.

    Returns
    -------
    Figure
    """
    gases = _gases(points)
    if not can_compare_random_weights(points):
        msg = "this sweep holds no Laguerre gases of different shapes"
        raise ValueError(msg)
    with with_style():
        figure = Figure(figsize=(1.5 * COLUMN, 0.6 + 1.35 * len(gases)))
        panels = figure.subplots(len(gases), 1, sharex=True, squeeze=False)[:, 0]
        ends = []
        for index, (panel, (result, stationary, law)) in enumerate(zip(panels, gases, strict=True)):
            ends.append(_draw(panel, result, stationary, law, STATES[index]))
            panel.set_ylim(bottom=0.0)
            panel.set_ylabel("density of √x\n(integral = 1)")
            title = f"{law.rows} × {law.levels}, r = {law.ratio:.3g}"
            panel.text(0.985, 0.92, title, transform=panel.transAxes, ha="right", va="top")
        panels[-1].set_xlim(0.0, max(ends))
        panels[-1].set_xlabel("singular value √x")
        handles: list[Line2D | Patch] = [
            Line2D([], [], color=INK, linewidth=1.1, label="exact gas"),
            Line2D([], [], color=MUTED, linewidth=0.9, linestyle=_DASHES, label="Marchenko–Pastur, N → ∞"),
        ]
        if any(result.sample is not None for result, *_ in gases):
            handles.append(Patch(edgecolor=MUTED, facecolor="#e3e6e9", label="steps: trained matrices"))
        figure.legend(handles=handles, loc="outside lower center", ncols=3)
    return figure


def _gases(points: Points) -> list[tuple[Result, Stationary, MarchenkoPastur]]:
    """Results with a stationary Laguerre gas, and the limits of their densities."""
    found = []
    for result in points.results:
        if result is not None and result.stationary is not None:
            law = large_matrix_law(result)
            if law is not None:
                found.append((result, result.stationary, law))
    return found


def _draw(panel: Axes, result: Result, stationary: Stationary, law: MarchenkoPastur, colour: str) -> float:
    """Draw one point; return where its density ends."""
    root = Coordinate(root=True)
    if result.sample is not None and result.sample.levels.shape[2] == law.levels:
        values = np.sqrt(result.sample.levels[:, -1])
        edges = freedman_diaconis(values)
        heights = bar_heights(np.histogram(values, edges)[0], edges, values.size)
        panel.stairs(heights, edges, color=colour, linewidth=0.6)
        panel.stairs(heights, edges, color=colour, fill=True, alpha=0.15)
    edges, pooled = pooled_density(stationary)
    places = root.place(edges)
    density = root.density(edges, pooled)
    panel.plot(0.5 * (places[1:] + places[:-1]), density, color=INK, linewidth=1.1)
    low, high = np.sqrt(law.support)
    s = low + 0.5 * (high - low) * (1.0 - np.cos(np.linspace(0.0, np.pi, 600)))
    panel.plot(s, 2.0 * s * law.pdf(s * s), color=MUTED, linewidth=0.9, linestyle=_DASHES)
    return extent(places, density)[1]
