"""Lines where levels come to rest, with their names at the end."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import NDArray

from fpsolve.plots.levels import Levels
from fpsolve.results import Result

__all__ = ["TARGET_DOTS", "draw_targets", "target_positions"]

Array = NDArray[np.float64]

TARGET_DOTS = (0, (1.0, 1.5))


def target_positions(result: Result, levels: Levels) -> tuple[Array, str]:
    """Where the target of each group is, shape (group,), and what it is.

    The place at which a lone level comes to rest without noise; where levels repel each other with equal parameters
    in groups of more than two, or the model has no such place, the means of the stationary law (one for each level).
    Empty if neither is known.
    """
    largest = max(len(group) for group in levels.groups)
    if levels.targets is not None and largest <= 2:
        return levels.targets, "targets: where a lone level comes to rest"
    if result.stationary is not None and result.stationary.mean.size == levels.n:
        return result.stationary.mean, "dotted: means of the stationary law"
    return np.zeros(0), ""


def draw_targets(panel: Axes, result: Result, levels: Levels, *, side: str = "x") -> None:
    """Draw a line for every target, and its name where the line leaves the panel, moved apart where two are close.

    Parameters
    ----------
    panel : Axes
        With its limits and scales set.
    side : {"x", "y"}
        The axis on which levels are.
    """
    positions, _ = target_positions(result, levels)
    low, high = getattr(panel, f"get_{side}lim")()
    shown = [index for index, place in enumerate(positions) if low <= place <= high]
    if not shown:
        return
    by_group = positions.size == len(levels.groups)
    colours = [levels.colour(levels.groups[index][0] if by_group else index) for index in shown]
    draw = panel.axvline if side == "x" else panel.axhline
    for index, colour in zip(shown, colours, strict=True):
        draw(positions[index], color=colour, linewidth=0.7, linestyle=TARGET_DOTS, zorder=1)
    if not by_group:
        return
    transform = getattr(panel, f"{side}axis").get_transform()
    ends = transform.transform(np.array([low, high]))
    places = (transform.transform(positions[shown]) - ends[0]) / (ends[1] - ends[0])
    width, height = np.asarray(panel.figure.bbox.size) / panel.figure.dpi
    room = (0.17 / width if side == "x" else 0.14 / height) * 1.25
    for index, colour, place, apart in zip(shown, colours, places, _apart(places, room), strict=True):
        xy = (place, 1.0) if side == "x" else (1.0, place)
        text = (apart, 1.025) if side == "x" else (1.03, apart)
        panel.annotate(
            levels.names[index],
            xy,
            xycoords="axes fraction",
            xytext=text,
            textcoords="axes fraction",
            color=colour,
            fontsize=7,
            rotation=90 if side == "x" else 0,
            ha="center" if side == "x" else "left",
            va="bottom" if side == "x" else "center",
            arrowprops={"arrowstyle": "-", "color": colour, "linewidth": 0.5, "shrinkA": 0, "shrinkB": 0},
            annotation_clip=False,
        )


def _apart(places: Array, room: float) -> Array:
    """Move ascending places as little as needed so that neighbours are `room` apart."""
    clusters = [[float(place)] for place in places]
    while True:
        moved = [np.mean(part) + room * (np.arange(len(part)) - 0.5 * (len(part) - 1)) for part in clusters]
        close = [k for k in range(len(moved) - 1) if moved[k + 1][0] - moved[k][-1] < 0.999 * room]
        if not close:
            return np.concatenate(moved)
        clusters[close[0]] += clusters.pop(close[0] + 1)
