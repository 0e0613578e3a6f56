"""Evolution of several levels: their densities at up to ten times, one above the other."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from numpy.typing import NDArray

from fpsolve.plots.coordinate import Coordinate, coordinate_of
from fpsolve.plots.levels import Levels, levels_of
from fpsolve.plots.panels import extent, visible_top
from fpsolve.plots.rebin import Table, drawn_tables
from fpsolve.plots.records import record_at, steps_of
from fpsolve.plots.style import COLUMN, INK, MUTED, short_number, with_style
from fpsolve.plots.target_lines import TARGET_DOTS, draw_targets, target_positions
from fpsolve.results import Evolution, Result, Sample

__all__ = ["plot_waterfall"]

Array = NDArray[np.float64]

_ROWS = 10
_VISIBLE = 3e-3  # part of its own peak below which a density is not drawn
_OVERLAP = 1.25  # height of the tallest density, in distances of rows
_HIGH = 0.9  # quantile of the peaks of all rows that fills a row


@dataclass(frozen=True)
class _Row:
    label: str
    tables: list[Table]
    total: Table
    record: int | None


def plot_waterfall(result: Result) -> Figure:
    """Draw the densities of all levels at up to ten output times, time upwards, on one scale.

    Every level is filled in its colour, two levels with equal parameters in one; the black line is their sum. Vertical
    lines are the targets. Where the sample was recorded at an output time the histograms of its levels are drawn as
    steps. Where levels start close to a wall at 0 the axis is linear in √x and the densities are those of √x.

    Parameters
    ----------
    result : Result
        With an evolution of several levels.

    Returns
    -------
    Figure
    """
    evolution = result.evolution
    if evolution is None or evolution.density.shape[1] < 2:
        msg = "this result holds no evolution of several levels to draw"
        raise ValueError(msg)
    levels, coordinate = levels_of(result), coordinate_of(evolution)
    rows = _rows(result, evolution, coordinate)
    height = _row_height(rows, coordinate)
    with with_style():
        figure = Figure(figsize=(2.0 * COLUMN, 1.25 + 0.52 * len(rows)))
        panel = figure.subplots()
        for index, row in enumerate(rows):
            # A row stands in front of the later ones above it.
            _draw_row(panel, row, index * height, levels, coordinate, zorder=3.0 + len(rows) - index)
            if result.sample is not None and row.record is not None:
                zorder = 3.5 + len(rows) - index
                _draw_record(panel, result.sample, row.record, index * height, levels, coordinate, zorder)
        panel.set_yticks([index * height for index in range(len(rows))], [row.label for row in rows])
        panel.set_ylim(-0.02 * height, (len(rows) - 1 + 1.15 * _OVERLAP) * height)
        panel.set_xlim(*_reach(evolution))
        coordinate.scale(panel, "x")
        _finish(panel, coordinate, height)
        draw_targets(panel, result, levels)
        _legend(figure, result, levels, coordinate, steps=any(row.record is not None for row in rows))
    return figure


def _rows(result: Result, evolution: Evolution, coordinate: Coordinate) -> list[_Row]:
    """The start, and all output times, or ten of them, evenly in their order, the last one included."""
    count = evolution.times.size
    chosen = sorted({round(place) for place in np.linspace(0, count - 1, min(count, _ROWS))})
    rows = []
    if evolution.initial_density is not None:
        rows.append(_Row("t = 0", *drawn_tables(evolution, evolution.initial_density, coordinate), None))
    for index in chosen:
        label = short_number(float(evolution.times[index]))
        tables = drawn_tables(evolution, evolution.density[index], coordinate)
        rows.append(_Row(label, *tables, record_at(result.sample, evolution, index)))
    return rows


def _row_height(rows: list[_Row], coordinate: Coordinate) -> float:
    """Distance of rows, in units of the density."""
    tops = [visible_top(coordinate.place(row.total[0]), coordinate.density(*row.total)[None]) for row in rows]
    return float(np.quantile(tops, _HIGH)) / _OVERLAP


def _draw_row(panel: Axes, row: _Row, base: float, levels: Levels, coordinate: Coordinate, zorder: float) -> None:
    curves, lowest = [], np.inf
    for edges, values in row.tables:
        own = coordinate.density(edges, values)
        floor = _VISIBLE * float(np.max(own))
        lowest = min(lowest, floor)
        curves.append((0.5 * (edges[1:] + edges[:-1]), np.where(own > floor, own, np.nan)))
    edges, values = row.total
    total = coordinate.density(edges, values)
    x, total = 0.5 * (edges[1:] + edges[:-1]), np.where(total > lowest, total, np.nan)
    panel.axhline(base, color="#c3c9cf", linewidth=0.5, zorder=zorder)
    # White under the sum hides what the rows behind would show through.
    panel.fill_between(x, base, base + total, color="white", linewidth=0, zorder=zorder)
    for level, (place, own) in enumerate(curves):
        colour, line = levels.colour(level), levels.line(level)
        panel.fill_between(place, base, base + own, color=colour, alpha=0.3, linewidth=0, zorder=zorder + 0.1)
        panel.plot(place, base + own, color=colour, linewidth=0.9, linestyle=line, zorder=zorder + 0.2)
    panel.plot(x, base + total, color=INK, linewidth=0.8, zorder=zorder + 0.3)


def _draw_record(
    panel: Axes, sample: Sample, record: int, base: float, levels: Levels, coordinate: Coordinate, zorder: float
) -> None:
    for level in range(levels.n):
        edges, heights = steps_of(sample.levels[:, record, level], coordinate)
        panel.stairs(base + heights, edges, baseline=base, color=levels.colour(level), linewidth=0.7, zorder=zorder)


def _reach(evolution: Evolution) -> tuple[float, float]:
    """Range of x in which any level is seen at any time."""
    ends = []
    for level, edges in enumerate(evolution.edges):
        shown = [evolution.density[:, level]]
        if evolution.initial_density is not None:
            shown.append(evolution.initial_density[level])
        ends.append(extent(edges, *shown))
    return min(low for low, _ in ends), max(high for _, high in ends)


def _finish(panel: Axes, coordinate: Coordinate, height: float) -> None:
    panel.set_xlabel(coordinate.label())
    panel.set_ylabel("Fokker–Planck time t of each row")
    panel.tick_params(axis="y", length=0)
    panel.spines["left"].set_visible(False)
    bar, beside = _round_down(0.8 * height), panel.get_yaxis_transform()
    panel.plot([1.015, 1.015], [0.0, bar], color=INK, linewidth=1.5, transform=beside, clip_on=False)
    panel.text(1.03, 0.5 * bar, f"{bar:g}", transform=beside, va="center", fontsize=7)
    panel.text(1.015, 1.1 * bar, f"density\nof {coordinate.symbol}", transform=beside, ha="center", fontsize=6.5)


def _legend(figure: Figure, result: Result, levels: Levels, coordinate: Coordinate, *, steps: bool) -> None:
    symbol = coordinate.symbol
    total = f"all levels together (integral over {symbol} = {levels.n})"
    handles: list[Line2D | Patch] = [
        Patch(edgecolor=MUTED, facecolor="#d3d8dd", label=f"each level (integral over {symbol} = 1)"),
        Line2D([], [], color=INK, linewidth=0.8, label=total),
    ]
    positions, meaning = target_positions(result, levels)
    if positions.size:
        handles.append(Line2D([], [], color=MUTED, linewidth=0.9, linestyle=TARGET_DOTS, label=meaning))
    if levels.paired:
        handles.append(Line2D([], [], color=MUTED, linewidth=0.9, linestyle="--", label="upper level of a pair"))
    if steps:
        handles.append(Patch(edgecolor=MUTED, facecolor="none", label="steps: histograms of the trained levels"))
    figure.legend(handles=handles, loc="outside lower center", ncols=2)


def _round_down(value: float) -> float:
    """Largest 1, 2 or 5 times a power of ten up to a value."""
    power = 10.0 ** np.floor(np.log10(value))
    return float(power * max(step for step in (1.0, 2.0, 5.0) if step * power <= value * (1.0 + 1e-9)))
