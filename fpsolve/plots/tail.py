"""Power-law tails: the probability to exceed x on logarithmic axes, with the slope that theory asks for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, cast

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from fpsolve.plots.levels import level_count
from fpsolve.plots.style import COLUMN, DATA, INK, MUTED, PREDICTION, STATES, with_style
from fpsolve.results import Result, Sample, Stationary

__all__ = ["plot_tail"]

Array = NDArray[np.float64]

_SHOWN = 80  # ranks drawn; neighbours beyond that lie on each other
_SMALLEST = 1e-6  # probability down to which a law without data is drawn


def plot_tail(result: Result) -> Figure:
    """Draw P(X > x) of the highest level: the predicted law, its power x^{−b}, and the trained levels of the last record.

    The dashed line is the limit of the predicted law, not a fit. Points are the ordered levels, rank over number, with
    binomial errors; neighbours are not independent. If the verdict has the statistic "tail", its Hill estimate with its
    error stands in the legend, the threshold is marked, and the exponent of the training's own discrete steps, where it
    is known, is drawn from there.

    Parameters
    ----------
    result : Result
        With a stationary law that falls like a power.

    Returns
    -------
    Figure
    """
    stationary = result.stationary
    if stationary is None or stationary.tail is None:
        msg = "this result holds no stationary law with a power-law tail"
        raise ValueError(msg)
    level = level_count(result) - 1
    sample = result.sample if result.sample is not None and result.sample.levels.shape[2] == level + 1 else None
    found = _estimate(result)
    above, end = _survival(stationary), stationary.edges[-1, -1:]
    with with_style():
        figure = Figure(figsize=(1.5 * COLUMN, 3.4))
        panel = figure.subplots()
        panel.set_xscale("log")
        panel.set_yscale("log")
        first, last, least = _range(stationary, above, sample)
        x = np.geomspace(first, last, 400)
        panel.plot(x, above(x), color=PREDICTION, label="predicted law")
        power = above(end) * (x / end) ** -stationary.tail
        panel.plot(
            x,
            np.where(power < 2.0, power, np.nan),
            color=INK,
            linewidth=0.9,
            linestyle="--",
            label=f"its limit, $x^{{-b}}$ with b = {stationary.tail:.4g}",
        )
        if sample is not None:
            _draw_sample(panel, sample, found)
        panel.set_xlim(first, last)
        panel.set_ylim(least, 2.0)
        panel.set_xlabel("level x" if level == 0 else f"level {level}, the highest: x")
        panel.set_ylabel("P(X > x)")
        panel.legend(loc="lower left")
    return figure


def _survival(stationary: Stationary) -> Callable[[Array], Array]:
    """P(X > x) of the highest level: the table, and beyond its end the power."""
    law, tail = stationary.law(len(stationary.density) - 1), cast("float", stationary.tail)
    end, beyond = float(law.edges[-1]), law.mass_beyond(tail)

    def above(x: Array) -> Array:
        inside = 1.0 - law.cdf(x) + beyond
        return np.where(x <= end, inside, beyond * (np.maximum(x, end) / end) ** -tail) / (1.0 + beyond)

    return above


def _range(
    stationary: Stationary, above: Callable[[Array], Array], sample: Sample | None
) -> tuple[float, float, float]:
    """Limits of x, and the smallest probability drawn."""
    edges = stationary.edges[-1]
    places = np.geomspace(edges[edges > 0.0][0], edges[-1], 4000)
    logs = -np.log(above(places))
    first = float(np.interp(-np.log(0.95), logs, places))
    if sample is None:
        return first, float(np.interp(-np.log(_SMALLEST), logs, places)), _SMALLEST
    values = sample.levels[:, -1, -1]
    return first, 2.0 * float(values.max()), 0.3 / values.size


def _draw_sample(panel: Axes, sample: Sample, found: Mapping[str, Any] | None) -> None:
    values = np.sort(sample.levels[:, -1, -1])[::-1]
    ranks = np.unique(np.geomspace(1, values.size, _SHOWN).astype(np.int64))
    share = ranks / values.size
    panel.errorbar(
        values[ranks - 1],
        share,
        yerr=np.minimum(np.sqrt(share * (1.0 - share) / values.size), 0.9 * share),
        fmt="o",
        color=DATA,
        markersize=2.2,
        elinewidth=0.6,
        label=f"SGD, {int(sample.steps[-1])} updates, {values.size} replicas",
    )
    if found is None:
        return
    threshold, count = float(found["threshold"]), int(found["count"])
    panel.axvline(
        threshold,
        color=MUTED,
        linewidth=0.7,
        linestyle=":",
        label=f"Hill, {count} largest: b = {found['exponent']:.3f} ± {found['exponent_error']:.3f}\n"
        f"(predicted above this x: {found['exponent_predicted']:.3f})",
    )
    if "exponent_steps" in found:
        x = np.array([threshold, 2.0 * values[0]])
        steps = float(found["exponent_steps"])
        panel.plot(
            x,
            count / values.size * (x / threshold) ** -steps,
            color=STATES[2],
            linewidth=1.0,
            linestyle="-.",
            label=f"discrete steps (Kesten), b = {steps:.4g}",
        )


def _estimate(result: Result) -> Mapping[str, Any] | None:
    """Details of the statistic "tail", where the verdict has it."""
    if result.report is None:
        return None
    details = [entry.details for entry in result.report.statistics if entry.name == "tail"]
    return cast("Mapping[str, Any]", details[0][0]) if details and details[0] else None
