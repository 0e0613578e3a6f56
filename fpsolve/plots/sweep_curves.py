"""Training curves of the points of a sweep, side by side."""

from __future__ import annotations

import re

from matplotlib.figure import Figure

from fpsolve.plots.style import COLUMN, with_style
from fpsolve.plots.sweep_points import Points
from fpsolve.plots.training_curves import draw_training_curves, has_training_curves
from fpsolve.results import Result

__all__ = ["can_show_curves", "plot_curves"]

_MOST = 4
_RECORDS = 6  # fewer are no curve


def can_show_curves(points: Points) -> bool:
    """True if two to four points were recorded often enough, as students."""
    often = [
        index
        for index, point in enumerate(points.sweep.points)
        if sum(re.fullmatch(r"sgd\.levels\.\d+\.mean\.0", path) is not None for path in point.scalars) >= _RECORDS
    ]
    return 2 <= len(often) <= _MOST and len(_students(points)) >= 2


def plot_curves(points: Points) -> Figure:
    """Draw the training curves of every point as `plot_training_curves` does for one, on one vertical scale.

    Parameters
    ----------
    points : Points
        With samples of students at two to four points.

    Returns
    -------
    Figure
    """
    students = _students(points) if can_show_curves(points) else {}
    if not students:
        msg = "this sweep does not hold the training curves of two to four points"
        raise ValueError(msg)
    with with_style():
        figure = Figure(figsize=(1.25 * COLUMN * len(students), 4.3))
        panels = figure.subplots(1, len(students), sharey=True, squeeze=False)[0]
        for panel, (index, result) in zip(panels, students.items(), strict=True):
            assert result.sample is not None  # noqa: S101 - these are points with one
            handles = draw_training_curves(panel, result, result.sample)
            panel.set_title(points.name(index), loc="left")
            panel.legend(handles=handles, loc="upper center", bbox_to_anchor=(0.5, -0.16))
            if index != next(iter(students)):
                panel.set_ylabel("")
    return figure


def _students(points: Points) -> dict[int, Result]:
    return {
        index: result
        for index, result in enumerate(points.results)
        if result is not None and has_training_curves(result)
    }
