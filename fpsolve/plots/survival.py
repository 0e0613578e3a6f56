"""Absorbing walls: survival probability and first-passage density."""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure

from fpsolve.plots.panels import panels
from fpsolve.plots.style import DATA, MUTED, PREDICTION, with_style
from fpsolve.results import Result

__all__ = ["plot_survival"]

_WALLS = (("lower wall", PREDICTION, "o"), ("upper wall", DATA, "s"))
_ENOUGH_TIMES = 6  # a line through fewer would suggest a course that was never computed


def plot_survival(result: Result) -> Figure:
    """Draw the probability to be still inside, and the probability per time that leaves through each wall.

    Parameters
    ----------
    result : Result
        With an evolution that has an absorbing wall.

    Returns
    -------
    Figure
    """
    evolution = result.evolution
    if evolution is None or evolution.first_passage is None:
        msg = "this result holds no evolution with an absorbing wall"
        raise ValueError(msg)
    with with_style():
        figure, (left, right) = panels(2)
        # At t = 0 everything that lies inside is still there.
        times = np.concatenate([[0.0], evolution.times])
        line = "-" if evolution.times.size >= _ENOUGH_TIMES else ":"
        left.plot(times, np.concatenate([[1.0], evolution.mass]), f"o{line}", color=MUTED, markersize=2.5)
        left.set_ylim(0.0, 1.05)
        left.set_ylabel("survival probability\n(mass inside, 1 at t = 0)")
        for column, (name, colour, mark) in enumerate(_WALLS):
            flow = evolution.first_passage[:, column]
            if np.any(flow > 0.0):
                right.plot(evolution.times, flow, mark + line, color=colour, markersize=2.5, label=name)
        right.set_ylim(bottom=0.0)
        right.set_ylabel("first-passage density [1/time]\n(integral over t: what left)")
        if right.get_legend_handles_labels()[0]:
            right.legend(loc="best")
        for panel in (left, right):
            panel.set_xlabel("Fokker–Planck time t")
            panel.set_xlim(left=0.0)
    return figure
