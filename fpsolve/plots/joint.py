"""Joint densities of neighbouring levels."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colors import Normalize
from matplotlib.figure import Figure
from numpy.typing import NDArray
from scipy.interpolate import RectBivariateSpline

from fpsolve.plots.levels import levels_of
from fpsolve.plots.pair_tables import JointTable, joint_tables
from fpsolve.plots.style import COLUMN, DENSITY, INK, MUTED, short_number, with_style
from fpsolve.results import Evolution, Result

__all__ = ["enclosing_levels", "plot_pairs", "smooth_density"]

Array = NDArray[np.float64]

_ACROSS = 3
_MOST_TIMES = 6
_ENCLOSED = (0.5, 0.9)
_FINE = 160  # cells along an axis as drawn
_FAINT, _SEEN = 1e-4, 1e-2  # shares of the largest value: what counts, and what the panel must show


def plot_pairs(result: Result) -> Figure:
    """Draw the stationary P(x_i, x_{i+1}) of all neighbours, or that of two levels at up to six times.

    The colour is the density in units of its largest value. Contours hold 50 and 90 % of the probability. The dotted line
    is x_i = x_{i+1}, which the repulsion keeps empty.

    Parameters
    ----------
    result : Result
        With joint laws of neighbours. Without those of the stationary law more than two levels are drawn at the last
        output time.

    Returns
    -------
    Figure
    """
    evolution, levels = result.evolution, levels_of(result)
    evolved = evolution is not None and (evolution.pair_density is not None or evolution.pairs is not None)
    if evolution is not None and evolved and levels.n == 2:
        panels = _two_levels(result, evolution)
        title = ""
    else:
        settled = result.stationary is not None and result.stationary.pairs is not None
        tables, origin = joint_tables(replace(result, evolution=None) if settled else result)
        panels = [(levels.title(table.level) if table.level in levels.pairs else "", table) for table in tables]
        title = f"{origin}; "
    if not panels:
        msg = "this result holds no joint laws of neighbouring levels"
        raise ValueError(msg)
    with with_style():
        across = min(len(panels), _ACROSS)
        rows = -(-len(panels) // across)
        size = 2.0 * COLUMN / max(across, 2)
        figure = Figure(figsize=(0.5 + size * across, 0.9 * size * rows + 0.3))
        grid = figure.subplots(rows, across, squeeze=False).ravel()
        for spare in grid[len(panels) :]:
            spare.remove()
        for panel, (name, table) in zip(grid, panels, strict=False):
            _draw(panel, table, name)
        colours = ScalarMappable(Normalize(0.0, 1.0), DENSITY)
        label = "joint density / its largest value"
        figure.colorbar(colours, ax=list(grid[: len(panels)]), label=label, shrink=1.0 if rows == 1 else 0.5, pad=0.02)
        figure.suptitle(f"{title}contours hold 50 and 90 %", x=0.01, ha="left", fontsize=8, color=MUTED)
    return figure


def enclosing_levels(density: Array, areas: Array, shares: tuple[float, ...] = _ENCLOSED) -> list[float]:
    """Heights of a density above which given shares of its mass lie, ascending; arrays of one shape."""
    order = np.argsort(density, axis=None)[::-1]
    cumulative, heights = np.cumsum((density * areas).ravel()[order]), density.ravel()[order]
    places = np.searchsorted(cumulative, np.array(shares) * cumulative[-1])
    return sorted({float(heights[min(place, heights.size - 1)]) for place in places})


def smooth_density(table: JointTable) -> tuple[Array, Array, Array]:
    """Smooth density on even cells where it is visible, from a spline through the joint distribution function.

    It has (nearly) the masses of the cells of the table.

    Returns
    -------
    x_edges, y_edges : ndarray, shape (fine + 1,)
    density : ndarray, shape (fine, fine)
        0 where the levels are out of order.
    """
    cumulative = np.zeros((table.lower_edges.size, table.upper_edges.size))
    cumulative[1:, 1:] = np.cumsum(np.cumsum(table.masses, axis=0), axis=1)
    spline = RectBivariateSpline(table.lower_edges, table.upper_edges, cumulative)
    x = np.linspace(*_range(table.lower_edges, table.masses.sum(axis=1), _FAINT), _FINE + 1)
    y = np.linspace(*_range(table.upper_edges, table.masses.sum(axis=0), _FAINT), _FINE + 1)
    masses = np.diff(np.diff(spline(x, y), axis=0), axis=1)
    in_order = 0.5 * (y[None, 1:] + y[None, :-1]) > 0.5 * (x[1:, None] + x[:-1, None])
    return x, y, np.where(in_order, np.maximum(masses, 0.0), 0.0) / np.outer(np.diff(x), np.diff(y))


def _two_levels(result: Result, evolution: Evolution) -> list[tuple[str, JointTable]]:
    count = evolution.times.size
    chosen = sorted({round(place) for place in np.linspace(0, count - 1, min(count, _MOST_TIMES))})
    return [
        (f"t = {short_number(float(evolution.times[index]))}", joint_tables(result, index)[0][0]) for index in chosen
    ]


def _draw(panel: Axes, table: JointTable, name: str) -> None:
    x_edges, y_edges, density = smooth_density(table)
    x, y = 0.5 * (x_edges[1:] + x_edges[:-1]), 0.5 * (y_edges[1:] + y_edges[:-1])
    shown = density / np.max(density)
    panel.imshow(
        shown.T,
        extent=(x_edges[0], x_edges[-1], y_edges[0], y_edges[-1]),
        origin="lower",
        aspect="auto",
        interpolation="bilinear",
        cmap=DENSITY,
        vmin=0.0,
        vmax=1.0,
    )
    heights = enclosing_levels(shown, np.outer(np.diff(x_edges), np.diff(y_edges)))
    panel.contour(x, y, shown.T, heights, colors=INK, linewidths=0.6)
    low = min(table.lower_edges[0], table.upper_edges[0])
    high = max(table.lower_edges[-1], table.upper_edges[-1])
    panel.plot([low, high], [low, high], ":", color=MUTED, linewidth=0.9)
    panel.set_xlim(*_range(x_edges, shown.max(axis=1), _SEEN))
    panel.set_ylim(*_range(y_edges, shown.max(axis=0), _SEEN))
    panel.set_xlabel(f"level {table.level}, x")
    panel.set_ylabel(f"level {table.level + 1}, x")
    panel.locator_params(nbins=4)
    panel.set_title(name, loc="left", fontsize=7)
    if np.isfinite(table.correlation):
        text = f"r = {table.correlation:.2f}".replace("-", "−")
        panel.text(0.96, 0.05, text, transform=panel.transAxes, ha="right", fontsize=6.5, color=INK)


def _range(edges: Array, profile: Array, share: float) -> tuple[float, float]:
    """Ends of the cells in which the profile is above a share of its largest value."""
    seen = np.flatnonzero(profile > share * np.max(profile))
    return float(edges[seen[0]]), float(edges[seen[-1] + 1])
