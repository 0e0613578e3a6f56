"""Mean and standard deviation of every level against time."""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure

from fpsolve.plots.panels import panels
from fpsolve.plots.style import DATA, MUTED, TIMES, plain_log_ticks, with_style
from fpsolve.results import Result

__all__ = ["plot_moments"]


def plot_moments(result: Result) -> Figure:
    """Draw how mean and standard deviation relax: lines predicted, points trained, dotted lines stationary.

    Parameters
    ----------
    result : Result
        With an evolution.

    Returns
    -------
    Figure
    """
    evolution, sample, stationary = result.evolution, result.sample, result.stationary
    if evolution is None:
        msg = "this result holds no evolution to draw"
        raise ValueError(msg)
    with with_style():
        figure, axes = panels(2, height=2.3)
        count = evolution.mean.shape[1]
        for panel, name in zip(axes, ("mean", "std"), strict=True):
            for level in range(count):
                colour = TIMES(level / max(count - 1, 1)) if count > 1 else TIMES(0.35)
                label = f"level {level}" if count <= 4 else None
                panel.plot(evolution.times, getattr(evolution, name)[:, level], "o-", ms=2.5, color=colour, label=label)
                if stationary is not None and level < stationary.mean.size:
                    panel.axhline(getattr(stationary, name)[level], color=MUTED, linewidth=0.8, linestyle=":")
                if sample is not None and level < sample.levels.shape[2] and np.all(np.isfinite(sample.times)):
                    moment = np.mean if name == "mean" else np.std
                    found = moment(sample.levels[:, :, level], axis=0)
                    panel.plot(sample.times, found, "s", ms=4, mfc="none", color=DATA, zorder=4)
            if evolution.times[-1] > 20.0 * evolution.times[0]:
                panel.set_xscale("log")
                plain_log_ticks(panel.xaxis, float(evolution.times[0]), float(evolution.times[-1]))
            panel.set_xlabel("Fokker–Planck time t")
            panel.set_ylabel("mean of x" if name == "mean" else "standard deviation of x")
        if count > 1 and count <= 4:
            axes[0].legend(loc="best")
    return figure
