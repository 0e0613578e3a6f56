"""The scalars of a sweep that are drawn when nobody says which."""

from __future__ import annotations

import re
from collections.abc import Sequence

from matplotlib.figure import Figure

from fpsolve.plots.style import STATES, TIMES
from fpsolve.plots.sweep_points import Colour, free_axes
from fpsolve.plots.sweep_scalars import Curve, draw_curves
from fpsolve.results import Sweep

__all__ = ["headlines", "plot_headlines"]

_MOST = 12  # levels, states or statistics in one panel


def plot_headlines(sweep: Sweep) -> Figure:
    """Draw distances from the prediction, energies, means and standard deviations of levels against the main axis.

    The main axis is α/B if learning rate and batch size vary, else the axis of numbers with the most values, else the
    order of the points. Levels that are trained are squares, predicted ones circles on lines.

    Parameters
    ----------
    sweep : Sweep

    Returns
    -------
    Figure

    Raises
    ------
    ValueError
        The sweep has none of these.
    """
    return draw_curves(sweep, main_axis(sweep), headlines(sweep))


def main_axis(sweep: Sweep) -> str | None:
    """Choose α/B if both vary, else the axis of numbers with the most values; None if no axis is one of numbers."""
    varied = {
        key: len(set(sweep.axes[key]))
        for key in free_axes(sweep)
        if all(isinstance(value, int | float) and not isinstance(value, bool) for value in sweep.axes[key])
    }
    for section in ("sgd", "model.noise"):
        rate, batch = f"{section}.learning_rate", f"{section}.batch_size"
        if rate in varied and batch in varied:
            return f"{rate}/{batch}"
    return max(varied, key=lambda key: varied[key]) if varied else None


def headlines(sweep: Sweep) -> dict[str, list[Curve]]:
    """Curves of every panel, by the label of its vertical axis; empty if the sweep has none of the usual scalars."""
    known = list(dict.fromkeys(path for point in sweep.points for path in point.scalars))
    found = {
        "distance from the prediction": _numbered(known, r"validate\.statistics\.(?!moments)(\w+)\.value"),
        "energy E [1/time]": _energies(known),
        "mean of x": _levels(known, "mean"),
        "standard deviation of x": _levels(known, "std"),
    }
    return {label: curves for label, curves in found.items() if curves}


def _numbered(known: Sequence[str], pattern: str) -> list[Curve]:
    matches = [match for path in known if (match := re.fullmatch(pattern, path))]
    return [Curve(match.string, match[1], STATES[k % len(STATES)]) for k, match in enumerate(matches)][:_MOST]


def _energies(known: Sequence[str]) -> list[Curve]:
    matches = [match for path in known if (match := re.fullmatch(r"spectrum\.energies\.(\d+)", path))]
    low = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")
    return [
        Curve(match.string, f"E{match[1].translate(low)}", STATES[k % len(STATES)]) for k, match in enumerate(matches)
    ][:_MOST]


def _levels(known: Sequence[str], moment: str) -> list[Curve]:
    """Predicted and trained moments of each level at the last record: stationary, or without that of the evolution."""
    predicted = _last(known, rf"stationary\.levels\.{moment}\.(?P<level>\d+)")
    predicted = predicted or _last(known, rf"evolve\.levels\.(?P<record>\d+)\.{moment}\.(?P<level>\d+)")
    trained = _last(known, rf"sgd\.levels\.(?P<record>\d+)\.{moment}\.(?P<level>\d+)")
    if max(len(predicted), len(trained)) > _MOST:
        return []
    several = max(len(predicted), len(trained)) > 1
    curves = []
    for what, found in (("predicted", predicted), ("trained", trained)):
        for level, path in found.items():
            # One level: prediction and training differ in colour; several: a colour for each level.
            colour = _colour(level, len(found)) if several or what == "predicted" else STATES[1]
            name = (f"level {level}" if what == "predicted" or not predicted else "") if several else what
            curves.append(Curve(path, name, colour, line=what == "predicted"))
    return curves


def _last(known: Sequence[str], pattern: str) -> dict[int, str]:
    """Paths by level, of the last record only."""
    matches = [match for path in known if (match := re.fullmatch(pattern, path))]
    records = [int(match.groupdict().get("record", 0)) for match in matches]
    return {
        int(match["level"]): match.string
        for match, record in zip(matches, records, strict=True)
        if record == max(records)
    }


def _colour(index: int, count: int) -> Colour:
    """One of the colours that are easily told apart, or of many in order."""
    if count <= len(STATES):
        return STATES[index % len(STATES)]
    red, green, blue, _ = TIMES(index / (count - 1))
    return red, green, blue
