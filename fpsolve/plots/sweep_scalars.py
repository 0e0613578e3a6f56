"""Scalars of a sweep against one of its axes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from numpy.typing import NDArray

from fpsolve.plots.panels import panels
from fpsolve.plots.style import MUTED, STATES, plain_log_ticks, with_style
from fpsolve.plots.sweep_points import LINES, Colour, axis_label, free_axes, key_name, value_name
from fpsolve.results import Sweep

__all__ = ["Curve", "draw_curves", "plot_scalars"]

Array = NDArray[np.float64]

_WIDE = 8.0  # ratio of the ends above which an axis is logarithmic
_LEGEND, _HANDLE, _LETTER = 2.9, 0.35, 0.062  # inches: room above a panel; an entry without its words; a letter
_MOST_TICKS = 6  # values of the abscissa that are all written


@dataclass(frozen=True)
class Curve:
    """One scalar as it is drawn.

    Attributes
    ----------
    path : str
        Dotted path of the scalar.
    name : str
        What the legend calls it; "" for nothing.
    colour : colour
    line : bool
        False for points alone, which is how trained levels are drawn.
    """

    path: str
    name: str
    colour: Colour
    line: bool = True


@dataclass(frozen=True)
class _Series:
    """Points that differ in the abscissa only."""

    name: str
    chosen: list[int]


def plot_scalars(
    sweep: Sweep,
    x: str | None,
    ys: Sequence[str] | Mapping[str, Sequence[str]],
    *,
    labels: Mapping[str, str] | None = None,
) -> Figure:
    """Draw scalars of a sweep against an axis, a scalar, or a quotient of two, "sgd.learning_rate/sgd.batch_size".

    Bars are standard errors where the sweep has them (``mean_spacing_error`` beside ``mean_spacing``). Points that also
    differ in other axes than `x` are connected separately. Open symbols: rejected by `fail_if` or ``[expect]``.

    Parameters
    ----------
    sweep : Sweep
    x : str or None
        Dotted key of an axis of numbers, or dotted path of a scalar, or two of them with a slash; None: the points in
        their order, by name.
    ys : sequence of str, or mapping
        Dotted paths of scalars, one panel each; or lists of paths that share a panel, by the label of its vertical axis.
    labels : mapping, optional
        What a path is called in the legend; its parts that tell it from the others in its panel unless given.

    Returns
    -------
    Figure

    Raises
    ------
    KeyError
        A name that is neither an axis of numbers nor a scalar of any point.
    ValueError
        No scalar is asked for.
    """
    wanted = dict(ys) if isinstance(ys, Mapping) else {path: [path] for path in ys}
    curves = {}
    for label, paths in wanted.items():
        names = _telling(paths) | dict(labels or {})
        curves[label] = [Curve(path, names[path], STATES[k % len(STATES)]) for k, path in enumerate(paths)]
    return draw_curves(sweep, x, curves)


def draw_curves(sweep: Sweep, x: str | None, wanted: Mapping[str, Sequence[Curve]]) -> Figure:
    """As `plot_scalars`, with the look of every curve given."""
    if not any(wanted.values()):
        msg = "name one scalar at least"
        raise ValueError(msg)
    abscissa, series = _abscissa(sweep, x), _series(sweep, x)
    with with_style():
        figure, axes = panels(len(wanted), height=2.9)
        for panel, (label, curves) in zip(axes, wanted.items(), strict=True):
            alone = len(curves) == 1
            for curve in curves:
                for number, part in enumerate(series):
                    colour = STATES[number % len(STATES)] if alone else curve.colour
                    _draw(panel, sweep, abscissa, curve, part.chosen, colour, number)
            _finish(panel, abscissa, x, label)
            if x is None:
                panel.set_xticks(abscissa, [_point_name(sweep, index) for index in range(abscissa.size)])
                panel.tick_params(axis="x", rotation=20)
            _name_curves(panel, curves)
        _name_series(figure, series, alone=all(len(curves) == 1 for curves in wanted.values()))
        notes = ["Open symbols: rejected"] if any(point.status == "rejected" for point in sweep.points) else []
        if not all(curve.line for curves in wanted.values() for curve in curves):
            notes.insert(0, "Circles on lines: predicted. Squares: trained levels")
        if notes:
            figure.suptitle(". ".join(notes), x=0.01, ha="left", fontsize=8, color=MUTED)
    return figure


def _abscissa(sweep: Sweep, x: str | None) -> Array:
    if x is None:
        return np.arange(len(sweep.points), dtype=np.float64)
    above, slash, below = x.partition("/")
    return sweep.column(above) / sweep.column(below) if slash else sweep.column(x)


def _errors(sweep: Sweep, path: str) -> Array | None:
    """Standard errors of a scalar: ``a.mean_error.3`` for ``a.mean.3``; None where the sweep has none.

    Means of trained levels are those of independent replicas.
    """
    parts = path.split(".")
    place = max((index for index, part in enumerate(parts) if not part.isdigit()), default=0)
    beside = ".".join([*parts[:place], f"{parts[place]}_error", *parts[place + 1 :]])
    known = {name for point in sweep.points for name in point.scalars}
    if beside in known:
        return sweep.column(beside)
    spread = ".".join([*parts[:place], "std", *parts[place + 1 :]])
    if parts[0] == "sgd" and parts[place] == "mean" and {spread, "sgd.replicas"} <= known:
        return sweep.column(spread) / np.sqrt(sweep.column("sgd.replicas"))
    return None


def _series(sweep: Sweep, x: str | None) -> list[_Series]:
    """Split the points by the axes that the abscissa does not show, if it shows an axis."""
    shown = [] if x is None else x.split("/")
    others = [key for key in free_axes(sweep) if key not in shown] if set(shown) & sweep.axes.keys() else []
    groups: dict[str, list[int]] = {}
    for index in range(len(sweep.points)):
        groups.setdefault(_point_name(sweep, index, others), []).append(index)
    return [_Series(name, chosen) for name, chosen in groups.items()]


def _point_name(sweep: Sweep, index: int, keys: Sequence[str] | None = None) -> str:
    values = sweep.points[index].values
    return ", ".join(
        value_name(key, values[key]) for key in (free_axes(sweep) if keys is None else keys) if key in values
    )


def _draw(panel: Axes, sweep: Sweep, x: Array, curve: Curve, chosen: list[int], colour: Colour, number: int) -> None:
    y, errors = sweep.column(curve.path), _errors(sweep, curve.path)
    order = [index for index in sorted(chosen, key=lambda index: x[index]) if np.isfinite(x[index] + y[index])]
    if curve.line:
        panel.plot(x[order], y[order], color=colour, linewidth=0.9, linestyle=LINES[number % len(LINES)])
    for index in order:
        bar = None if errors is None else [errors[index]]
        face = "white" if sweep.points[index].status == "rejected" else colour
        form = "o" if curve.line else "s"
        size = 3.0 if curve.line else 3.6
        panel.errorbar([x[index]], [y[index]], yerr=bar, fmt=form, color=colour, ms=size, mfc=face, elinewidth=0.7)


def _finish(panel: Axes, x: Array, name: str | None, label: str) -> None:
    finite = x[np.isfinite(x)]
    if name is not None and finite.size and np.min(finite) > 0.0 and np.max(finite) > _WIDE * np.min(finite):
        panel.set_xscale("log")
        plain_log_ticks(panel.xaxis, float(np.min(finite)), float(np.max(finite)))
    distinct = np.unique(finite)
    if name is not None and distinct.size <= _MOST_TICKS:
        panel.set_xticks(distinct, [f"{value:.3g}" for value in distinct], minor=False)
        panel.set_xticks([], minor=True)
    if name is not None:
        above, slash, below = name.partition("/")
        panel.set_xlabel(f"{key_name(above)}/{key_name(below)}" if slash else axis_label(name))
    panel.set_ylabel(label)


def _name_curves(panel: Axes, curves: Sequence[Curve]) -> None:
    handles = []
    for curve in curves if len(curves) > 1 else ():
        mark, line = ("o", "-") if curve.line else ("s", "")
        if curve.name:
            handles.append(Line2D([], [], color=curve.colour, marker=mark, ms=3, ls=line, label=curve.name))
    if handles:
        longest = max(len(str(handle.get_label())) for handle in handles)
        columns = int(np.clip(_LEGEND / (_HANDLE + _LETTER * longest), 1, 4))
        panel.legend(handles=handles, loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=columns)


def _name_series(figure: Figure, series: list[_Series], *, alone: bool) -> None:
    handles = [
        Line2D([], [], color=STATES[k % len(STATES)] if alone else MUTED, ls=LINES[k % len(LINES)], label=part.name)
        for k, part in enumerate(series if len(series) > 1 else ())
    ]
    if handles:
        figure.legend(handles=handles, loc="outside lower center", ncols=3)


def _telling(paths: Sequence[str]) -> dict[str, str]:
    """Parts of each path that are not the same in all."""
    split = [path.split(".") for path in paths]
    if len({len(parts) for parts in split}) > 1:
        return {path: path for path in paths}
    telling = [k for k in range(len(split[0])) if len({parts[k] for parts in split}) > 1]
    return {path: " ".join(parts[k] for k in telling) for path, parts in zip(paths, split, strict=True)}
