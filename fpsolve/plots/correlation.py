"""Correlation of levels: a heat map, and of neighbours against time."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from numpy.typing import NDArray

from fpsolve.plots.levels import Levels, level_count, levels_of
from fpsolve.plots.style import COLUMN, DIVERGING, INK, MUTED, plain_log_ticks, short_number, with_style
from fpsolve.results import Evolution, Result, Sample

__all__ = ["correlation_matrix", "has_correlation", "plot_correlation"]

Array = NDArray[np.float64]

_MOST_WRITTEN = 12  # a larger map has no room for numbers
_DASHED = (0, (4.0, 1.5))


def plot_correlation(result: Result) -> Figure:
    """Draw the correlation coefficients of levels as a heat map, and those of neighbours against time.

    With a sample the map shows all pairs of levels at its last record below the diagonal and, above it, the neighbours as
    predicted (of a prediction nothing else is known). Without one its rows are neighbours and its columns output times.
    On the right lines are the evolution, open squares the sample, and the marks at the right end the stationary law.

    Parameters
    ----------
    result : Result
        With several levels and correlations of neighbours, or with a sample of several levels.

    Returns
    -------
    Figure
    """
    if not has_correlation(result):
        msg = "this result holds no correlations of levels in time or of a sample"
        raise ValueError(msg)
    levels = levels_of(result)
    evolution, sample = result.evolution, _usable(result.sample, levels.n)
    correlation = None if evolution is None else evolution.correlation
    course = correlation is not None and len(correlation) > 1
    # The one number of two levels needs no map.
    maps = levels.n > 2
    with with_style():
        figure = Figure(figsize=((2.0 if course and maps else 1.25) * COLUMN, 3.5))
        axes = list(np.atleast_1d(figure.subplots(1, int(maps) + int(course))))
        if maps and sample is not None:
            _draw_matrix(figure, axes.pop(0), result, levels.n)
        elif maps and evolution is not None and correlation is not None:
            _draw_map(figure, axes.pop(0), correlation, evolution.times)
        if axes and evolution is not None:
            _draw_course(axes[0], result, evolution, levels)
            _legend(figure, result, levels, trained=sample is not None)
    return figure


def has_correlation(result: Result) -> bool:
    """True if there are correlations in time, or a sample of three levels or more."""
    n, evolution = level_count(result), result.evolution
    course = evolution is not None and evolution.correlation is not None and evolution.times.size > 1
    return (n > 1 and course) or (n > 2 and _usable(result.sample, n) is not None)


def correlation_matrix(result: Result, n: int) -> tuple[Array, str]:
    """Correlation coefficients: neighbours as predicted above the diagonal, all pairs of the sample below it.

    Returns
    -------
    matrix : ndarray, shape (level, level)
        nan on the diagonal and where nothing is known.
    title : str
        Where the two triangles come from.
    """
    matrix = np.full((n, n), np.nan)
    evolution, stationary, sample = result.evolution, result.stationary, result.sample
    parts, known = [], None
    if evolution is not None and evolution.correlation is not None:
        known = evolution.correlation[-1]
        parts.append(f"above the diagonal: evolution, t = {short_number(float(evolution.times[-1]))}")
    elif stationary is not None and stationary.pairs is not None:
        known = stationary.pairs.correlation
        parts.append("above the diagonal: stationary law")
    if known is not None:
        matrix[np.arange(n - 1), np.arange(1, n)] = known
    if sample is not None:
        low = np.tril_indices(n, -1)
        matrix[low] = np.asarray(np.corrcoef(sample.levels[:, -1], rowvar=False))[low]
        parts.append(f"below: trained levels, {int(sample.steps[-1])} updates")
    return matrix, "\n".join([*parts, "numbers: correlation in %"])


def _usable(sample: Sample | None, n: int) -> Sample | None:
    """Return the sample if it has n levels and enough replicas for a correlation."""
    return sample if sample is not None and sample.levels.shape[2] == n and len(sample.levels) > 2 else None


def _draw_matrix(figure: Figure, panel: Axes, result: Result, n: int) -> None:
    matrix, title = correlation_matrix(result, n)
    _draw_heat(figure, panel, matrix, title)
    panel.set_xticks(range(n))
    panel.set_yticks(range(n))
    panel.set_xlabel("level")
    panel.set_ylabel("level")
    panel.set_aspect("equal")


def _draw_map(figure: Figure, panel: Axes, correlation: Array, times: Array) -> None:
    chosen = np.unique(np.linspace(0, times.size - 1, min(times.size, _MOST_WRITTEN)).round().astype(int))
    _draw_heat(figure, panel, correlation[chosen].T, "numbers: correlation in %")
    labels = [short_number(float(time)) for time in times[chosen]]
    panel.set_xticks(range(chosen.size), labels, rotation=45 if max(map(len, labels)) > 3 else 0)
    panel.set_yticks(range(correlation.shape[1]), [f"{pair}, {pair + 1}" for pair in range(correlation.shape[1])])
    panel.set_xlabel("Fokker–Planck time t")
    panel.set_ylabel("neighbouring levels i, i + 1")


def _draw_heat(figure: Figure, panel: Axes, matrix: Array, title: str) -> None:
    """Draw a matrix, its nan grey, with its numbers written in it where there is room."""
    panel.set_facecolor("#eceff2")
    reach = max(0.1, 0.1 * np.ceil(10.0 * float(np.nanmax(np.abs(matrix)))))
    image = panel.imshow(np.ma.masked_invalid(matrix), cmap=DIVERGING, vmin=-reach, vmax=reach, aspect="auto")
    for row, column in np.argwhere(np.isfinite(matrix)) if max(matrix.shape) <= _MOST_WRITTEN else ():
        value = matrix[row, column]
        text = f"{100.0 * value:.0f}".replace("-0", "0").replace("-", "−")
        colour = "white" if abs(value) > 0.65 * reach else INK
        panel.text(column, row, text, ha="center", va="center", fontsize=6.5, color=colour)
    panel.tick_params(length=0)
    panel.set_title(title, loc="left", color=MUTED, fontsize=7)
    for spine in panel.spines.values():
        spine.set_visible(False)
    figure.colorbar(image, ax=panel, label="correlation coefficient", shrink=0.85, pad=0.02)


def _draw_course(panel: Axes, result: Result, evolution: Evolution, levels: Levels) -> None:
    times, sample = evolution.times, _usable(result.sample, levels.n)
    stationary = result.stationary.pairs if result.stationary is not None else None
    for pair in range(levels.n - 1):
        colour = levels.colour(pair)
        line, width, zorder = _line(levels, pair)
        values = evolution.correlation[:, pair] if evolution.correlation is not None else np.full(times.size, np.nan)
        dots: dict[str, Any] = {"marker": ".", "markersize": 3.5, "zorder": zorder}
        panel.plot(times, values, color=colour, linestyle=line, linewidth=width, **dots)
        if stationary is not None:
            rest, beside = stationary.correlation[pair], panel.get_yaxis_transform()
            panel.plot([0.985], [rest], "<", color=colour, markersize=4, transform=beside)
    for record in np.flatnonzero(sample.times > 0.0) if sample is not None else ():
        assert sample is not None  # noqa: S101 - there is a record
        found = np.diagonal(np.corrcoef(sample.levels[:, record], rowvar=False), 1)
        for pair, value in enumerate(found):
            panel.plot(sample.times[record], value, "s", ms=3.5, mfc="none", color=levels.colour(pair), zorder=4)
    if times[-1] > 20.0 * times[0]:
        panel.set_xscale("log")
        plain_log_ticks(panel.xaxis, float(times[0]), float(times[-1]))
    panel.margins(x=0.06)
    panel.set_xlabel("Fokker–Planck time t")
    panel.set_ylabel("correlation of neighbouring levels")


def _line(levels: Levels, pair: int) -> tuple[Any, float, float]:
    """Style, width and depth of a line: neighbours with equal parameters solid and in front."""
    return ("-", 1.3, 3.0) if pair in levels.pairs else (_DASHED, 0.9, 2.0)


def _legend(figure: Figure, result: Result, levels: Levels, *, trained: bool) -> None:
    handles = []
    for pair in range(levels.n - 1):
        line, width, _ = _line(levels, pair)
        label = levels.title(pair) if pair in levels.pairs else f"levels {pair}, {pair + 1}"
        handles.append(Line2D([], [], color=levels.colour(pair), linestyle=line, linewidth=width, label=label))
    if result.stationary is not None and result.stationary.pairs is not None:
        handles.append(Line2D([], [], color=MUTED, marker="<", markersize=4, linestyle="", label="stationary law"))
    if trained:
        handles.append(
            Line2D([], [], color=MUTED, marker="s", ms=3.5, mfc="none", linestyle="", label="trained levels")
        )
    figure.legend(handles=handles, loc="outside lower center", ncols=4 if levels.n > 2 else 2)
