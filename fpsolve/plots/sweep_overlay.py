"""Densities of all points of a sweep in one panel."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from numpy.typing import NDArray

from fpsolve.exact.tabulated import TabulatedLaw
from fpsolve.plots.coordinate import Coordinate
from fpsolve.plots.panels import extent, visible_top
from fpsolve.plots.rebin import summed
from fpsolve.plots.records import record_at, steps_of
from fpsolve.plots.stationary_levels import pooled_density
from fpsolve.plots.style import COLUMN, MUTED, short_number, with_style
from fpsolve.plots.sweep_points import Colour, Line, Points
from fpsolve.results import Evolution, Result

__all__ = ["can_overlay", "plot_overlay"]

Array = NDArray[np.float64]

_MOST = 24  # curves in one panel
_MOST_BELOW = 4
_POINTS = 400
_STEEP = 6.0  # density at a wall over that at the median from which it counts as divergent


@dataclass(frozen=True)
class _Law:
    """One curve: the density of a level picked at random, and trained levels that it speaks of."""

    edges: Array
    density: Array
    trained: Array | None
    levels: int
    origin: str
    training: str

    @property
    def middle(self) -> Array:
        """Cell midpoints."""
        return np.asarray(0.5 * (self.edges[1:] + self.edges[:-1]))


def can_overlay(points: Points) -> bool:
    """True if two to 24 points have a density, of the same number of levels."""
    counts = [_level_count(point.scalars) for point in points.sweep.points]
    known = [count for count in counts if count]
    return 2 <= len(known) <= _MOST and len(set(known)) == 1


def plot_overlay(points: Points) -> Figure:
    """Draw the densities of all points over each other: one colour for each value of the numeric axes.

    They are the stationary laws; without those the densities at the first output time. Of several levels the density is
    that of all levels together. Points that differ in words (the kind of noise, the method) differ in the line. Steps are
    histograms of the trained levels; where several laws are held against the same training, that of all their points
    together, and smaller panels show the difference of the distribution functions.

    Parameters
    ----------
    points : Points
        With densities of the same number of levels at two points or more.

    Returns
    -------
    Figure
    """
    laws = _laws(points) if can_overlay(points) else {}
    if len(laws) < 2:
        msg = "this sweep holds no densities of the same number of levels to draw over each other"
        raise ValueError(msg)
    chosen = list(laws)
    colours, lines = points.colours(chosen), points.lines(chosen)
    trainings = _trainings(laws)
    compared = [group for group in trainings if len(group) > 1]
    below = compared if len(compared) == len(trainings) and len(compared) <= _MOST_BELOW else []
    with with_style():
        figure = Figure(figsize=((2.0 if below else 1.5) * COLUMN, 4.6 if below else 3.3))
        grid = figure.add_gridspec(2 if below else 1, max(len(below), 1), height_ratios=(2.0, 1.0)[: 2 if below else 1])
        panel = figure.add_subplot(grid[0, :])
        coordinate = _coordinate(list(laws.values()))
        for index, law in laws.items():
            height = coordinate.density(law.edges, law.density)
            panel.plot(law.middle, height, color=colours[index], linestyle=lines[index], linewidth=1.2)
        for group in trainings:
            _draw_trained(panel, _pooled([laws[index] for index in group]), colours[group[0]], coordinate)
        _frame(panel, list(laws.values()), coordinate)
        for column, group in enumerate(below):
            rest = figure.add_subplot(grid[1, column])
            _draw_differences(rest, {index: laws[index] for index in group}, colours, lines)
            rest.set_title(points.name(group[0], points.numeric), loc="left")
            rest.set_ylabel("P(level < x): law − trained\n[%], grey ± 2 std. errors" if column == 0 else "")
        _legend(figure, points, chosen, trained=bool(trainings))
    return figure


def _level_count(scalars: Mapping[str, float]) -> int:
    """Levels of the law that is drawn, from the numbers of a point: of sweeps of many points no file need be opened."""
    for prefix in ("stationary.levels.mean.", "evolve.levels.0.mean."):
        count = sum(path.startswith(prefix) for path in scalars)
        if count:
            return count
    return 0


def _laws(points: Points) -> dict[int, _Law]:
    found = ((index, _law(result)) for index, result in enumerate(points.results) if result is not None)
    return {index: law for index, law in found if law is not None}


def _law(result: Result) -> _Law | None:
    sample = result.sample
    if result.stationary is not None:
        edges, density = pooled_density(result.stationary)
        count = len(result.stationary.density)
        fits = sample is not None and sample.levels.shape[2] == count
        last = sample.levels[:, -1] if sample is not None and fits else None
        return _Law(edges, density, last, count, "stationary law", _training(result))
    if result.evolution is not None:
        edges, density, count = _pooled_start(result.evolution)
        record = record_at(sample, result.evolution, 0)
        trained = sample.levels[:, record] if sample is not None and record is not None else None
        origin = f"t = {short_number(float(result.evolution.times[0]))}"
        return _Law(edges, density, trained, count, origin, _training(result))
    return None


def _training(result: Result) -> str:
    """What was trained, as one text: equal for points that differ in the prediction alone."""
    try:
        case = json.loads(result.resolved)
        model = {key: value for key, value in case["model"].items() if key != "noise"}
    except (ValueError, TypeError, KeyError, AttributeError):
        return result.resolved
    return json.dumps([case.get("sgd"), case.get("initial"), model], sort_keys=True)


def _pooled_start(evolution: Evolution) -> tuple[Array, Array, int]:
    count = evolution.density.shape[1]
    edges, density = summed(evolution.edges, evolution.density[0], Coordinate())
    return edges, density / count, count


def _trainings(laws: dict[int, _Law]) -> list[list[int]]:
    """Points with trained levels, those together that were trained in the same way."""
    groups: dict[str, list[int]] = {}
    for index, law in laws.items():
        if law.trained is not None:
            groups.setdefault(law.training, []).append(index)
    return list(groups.values())


def _pooled(laws: Sequence[_Law]) -> Array:
    return np.concatenate([law.trained for law in laws if law.trained is not None])


def _coordinate(laws: Sequence[_Law]) -> Coordinate:
    """Choose √x where a density diverges at a wall at 0, like that of the squared singular values of a square matrix."""
    for law in laws:
        middle = float(np.searchsorted(np.cumsum(law.density * np.diff(law.edges)), 0.5))
        if law.edges[0] >= 0.0 and law.density[0] > _STEEP * law.density[int(middle)]:
            return Coordinate(root=True)
    return Coordinate()


def _draw_trained(panel: Axes, values: Array, colour: Colour, coordinate: Coordinate) -> None:
    edges, heights = steps_of(values, coordinate)
    panel.stairs(heights, edges, color=colour, linewidth=0.6, alpha=0.9)
    panel.stairs(heights, edges, color=colour, fill=True, alpha=0.13)


def _draw_differences(
    panel: Axes, laws: dict[int, _Law], colours: Mapping[int, Colour], lines: Mapping[int, Line]
) -> None:
    """Draw the distribution function of each law minus that of the training; grey: two standard errors."""
    values = np.sort(_pooled(list(laws.values())).ravel())
    low, high = np.quantile(values, [5e-4, 1.0 - 5e-4])
    x = np.linspace(float(low), float(high), _POINTS)
    found = np.searchsorted(values, x, side="right") / values.size
    band = 200.0 * np.sqrt(found * (1.0 - found) / values.size)
    panel.fill_between(x, -band, band, color="#e3e6e9", linewidth=0)
    panel.axhline(0.0, color=MUTED, linewidth=0.7)
    for index, law in laws.items():
        rest = 100.0 * (TabulatedLaw.from_density(law.edges, law.density).cdf(x) - found)
        panel.plot(x, rest, color=colours[index], linestyle=lines[index], linewidth=1.0)
    panel.set_xlabel("level x")


def _frame(panel: Axes, laws: Sequence[_Law], coordinate: Coordinate) -> None:
    heights = [coordinate.density(law.edges, law.density) for law in laws]
    tops = [visible_top(coordinate.place(law.edges), height[None]) for law, height in zip(laws, heights, strict=True)]
    ends = [
        extent(law.edges, np.minimum(height, top), share=5e-3)
        for law, height, top in zip(laws, heights, tops, strict=True)
    ]
    panel.set_ylim(0.0, 1.03 * max(tops))
    panel.set_xlim(min(low for low, _ in ends), max(high for _, high in ends))
    coordinate.scale(panel, "x")
    panel.set_xlabel(coordinate.label())
    what = f"{coordinate.symbol}{' of a level picked at random' if laws[0].levels > 1 else ''}"
    panel.set_ylabel(f"density of {what}\n(integral over {coordinate.symbol} = 1)")
    origins = ", ".join(dict.fromkeys(law.origin for law in laws))
    panel.set_title(f"Lines: {origins}", loc="left", color=MUTED)


def _legend(figure: Figure, points: Points, chosen: list[int], *, trained: bool) -> None:
    colours, lines = points.colours(chosen), points.lines(chosen)
    keys = points.numeric or points.other
    named = {points.name(index, keys): colours[index] for index in chosen}
    handles: list[Line2D | Patch] = [Line2D([], [], color=colour, label=name) for name, colour in named.items()]
    if points.numeric and points.other:
        styles = {points.name(index, points.other): lines[index] for index in chosen}
        handles += [Line2D([], [], color=MUTED, linestyle=line, label=name) for name, line in styles.items()]
    if trained:
        handles.append(Patch(edgecolor=MUTED, facecolor="#e3e6e9", label="steps: trained levels"))
    figure.legend(handles=handles, loc="outside lower center", ncols=3 if points.other else 4)
