"""Histograms of trained levels against the bin integrals of the prediction, with residuals."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping
from typing import Any, cast

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from fpsolve.plots.bins import bar_heights, freedman_diaconis
from fpsolve.plots.style import COLUMN, DATA, MUTED, PREDICTION, with_style
from fpsolve.results import Result

__all__ = ["histograms_of", "plot_histogram"]

Array = NDArray[np.float64]

_MOST = 12
_ENOUGH = 5.0  # expected counts below which a standard error means little


def plot_histogram(result: Result) -> Figure:
    """Draw every histogram of the verdict above its residuals; of more than twelve those of the last record.

    Both curves are bin averages: counts and expected counts (integrals of the predicted density over the bins) divided
    by the number of levels and the bin width. The residual is (count − expected)/√(expected·(1 − expected/n)), with n
    the number of levels; a bin that expects fewer than five levels is drawn hollow. If the levels of one histogram are
    not independent, the bars are widened by √(n/n_effective).

    Parameters
    ----------
    result : Result
        With a report, or with a sample and a stationary law (then the last record is drawn).

    Returns
    -------
    Figure
    """
    histograms = _drawn(histograms_of(result))
    if not histograms:
        msg = "this result holds neither a verdict nor a sample with a stationary law"
        raise ValueError(msg)
    with with_style():
        across = min(len(histograms), 2)
        rows = -(-len(histograms) // across)
        figure = Figure(figsize=(COLUMN * across, 2.9 * rows))
        grid = figure.add_gridspec(2 * rows, across, height_ratios=[2.6, 1.0] * rows)
        for index, histogram in enumerate(histograms):
            row, column = divmod(index, across)
            above = figure.add_subplot(grid[2 * row, column])
            below = figure.add_subplot(grid[2 * row + 1, column], sharex=above)
            _draw_counts(above, histogram, first=index == 0)
            _draw_residuals(below, histogram)
    return figure


def _drawn(histograms: tuple[Mapping[str, object], ...]) -> tuple[Mapping[str, object], ...]:
    if len(histograms) <= _MOST:
        return histograms
    last = max(float(cast("Any", entry.get("step", 0))) for entry in histograms)
    return tuple(entry for entry in histograms if float(cast("Any", entry.get("step", 0))) == last)[:_MOST]


def histograms_of(result: Result) -> tuple[Mapping[str, object], ...]:
    """Histograms of the verdict; without one, all levels of the last record pooled against the stationary law.

    Returns
    -------
    tuple of dict
        Keys label, edges, counts, expected and more; empty if there is nothing to compare.
    """
    if result.report is not None and result.report.histograms:
        return result.report.histograms
    sample, law = result.sample, result.stationary
    if sample is None or law is None or sample.levels.shape[2] != law.density.shape[0]:
        return ()
    values = sample.levels[:, -1].ravel()
    edges = freedman_diaconis(values)
    masses = np.sum([law.law(level).bin_masses(edges) for level in range(law.density.shape[0])], axis=0)
    step = int(sample.steps[-1])
    pooled = {
        "against": "stationary",
        "time": float(sample.times[-1]),
        "step": step,
        "levels": list(range(law.density.shape[0])),
        "label": f"all levels pooled, {step} updates, stationary",
        "edges": edges,
        "counts": np.histogram(values, edges)[0],
        "expected": sample.levels.shape[0] * masses,
        "total": values.size,
    }
    return (pooled,)


def _draw_counts(panel: Axes, histogram: Mapping[str, object], *, first: bool) -> None:
    edges, counts, expected, total = _columns(histogram)
    middle = 0.5 * (edges[1:] + edges[:-1])
    panel.stairs(
        bar_heights(expected, edges, total), edges, color=PREDICTION, linewidth=1.1, label="prediction, bin averages"
    )
    panel.stairs(bar_heights(expected, edges, total), edges, color=PREDICTION, fill=True, alpha=0.15)
    panel.errorbar(
        middle,
        bar_heights(counts, edges, total),
        yerr=bar_heights(_standard_errors(histogram), edges, total),
        fmt="o",
        color=DATA,
        markersize=2.0,
        elinewidth=0.7,
        label="SGD, ± 1 standard error",
    )
    title = textwrap.fill(str(histogram.get("label", "")), 44)
    panel.set_title(f"{title}\nn = {total:.0f} levels", loc="left", fontsize=7.5)
    panel.set_ylabel("density of x\n(integral over x = 1)")
    panel.set_ylim(bottom=0.0)
    panel.tick_params(labelbottom=False)
    if first:
        # Room above the data, so that the legend covers nothing.
        panel.set_ylim(top=1.35 * panel.get_ylim()[1])
        panel.legend(loc="upper left", borderaxespad=0.0)


def _draw_residuals(panel: Axes, histogram: Mapping[str, object]) -> None:
    edges, counts, expected, _ = _columns(histogram)
    middle = 0.5 * (edges[1:] + edges[:-1])
    residual = (counts - expected) / _standard_errors(histogram)
    solid = expected >= _ENOUGH
    reach = max(3.5, 1.15 * float(np.max(np.abs(residual[solid]), initial=0.0)))
    panel.axhspan(-2.0, 2.0, color="#eceff2", linewidth=0)
    panel.axhline(0.0, color=MUTED, linewidth=0.7)
    panel.plot(middle[solid], residual[solid], "o", color=DATA, markersize=2.2)
    sparse = np.clip(residual[~solid], -0.97 * reach, 0.97 * reach)
    panel.plot(middle[~solid], sparse, "o", color=DATA, markersize=2.2, markerfacecolor="white", markeredgewidth=0.6)
    panel.set_ylim(-reach, reach)
    panel.set_xlabel("level x")
    panel.set_ylabel("residual\n[std. errors]")


def _columns(histogram: Mapping[str, object]) -> tuple[Array, Array, Array, float]:
    """Edges, counts, expected counts, and the number of levels they are shares of (those outside the bins too)."""
    edges, counts, expected = (np.asarray(histogram[key], dtype=np.float64) for key in ("edges", "counts", "expected"))
    outside = sum(float(cast("Any", histogram[key])[0]) for key in ("below", "above") if key in histogram)
    total = float(cast("Any", histogram.get("total", np.sum(counts) + outside)))
    return edges, counts, expected, total


def _standard_errors(histogram: Mapping[str, object]) -> Array:
    """Estimate the standard errors of the counts, shape (bin,): binomial, and wider by √(n/n_effective) if dependent."""
    _, _, expected, total = _columns(histogram)
    n_effective = float(cast("Any", histogram.get("n_effective", total)) or total)
    # A bin that expects nothing or everything has no spread; the floor keeps its residual finite.
    variance = np.maximum(expected * (1.0 - expected / total), 1e-12)
    return np.asarray(np.sqrt(variance * max(total / n_effective, 1.0)), dtype=np.float64)
