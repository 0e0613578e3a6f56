"""Close-up of degenerate pairs: both levels pooled, against the prediction and the two-level semicircle."""

from __future__ import annotations

import json

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from numpy.typing import NDArray

from fpsolve.exact.rbm_gaussian import GaussianRbm
from fpsolve.exact.semicircle_two_level import TwoLevelSemicircle
from fpsolve.models.lattice import lattice_scalar_1d
from fpsolve.plots.bins import freedman_diaconis, pooled_heights
from fpsolve.plots.levels import Levels, levels_of
from fpsolve.plots.style import COLUMN, INK, MUTED, with_style
from fpsolve.plots.target_lines import TARGET_DOTS
from fpsolve.results import Result, Sample, Stationary

__all__ = ["has_pair_density", "lone_sigma", "plot_pair_density"]

Array = NDArray[np.float64]

_MOST = 6


def has_pair_density(result: Result) -> bool:
    """Return True if the result has the stationary law and a sample of levels of which two belong together."""
    stationary, sample = result.stationary, result.sample
    if stationary is None or sample is None or sample.levels.shape[2] != len(stationary.density):
        return False
    levels = levels_of(result)
    return levels.n > 1 and levels.paired


def lone_sigma(result: Result) -> Array | None:
    """σ_i of every level if it had no neighbours, for an rbm with derived noise, shape (level,); else None."""
    try:
        model = json.loads(result.resolved)["model"]
        noise = model["noise"]
        if model["kind"] != "rbm" or noise["kind"] not in ("pcd", "pcd_constant") or model.get("schedule"):
            return None
        kappa = model.get("kappa")
        if kappa is None:
            target = model["target"]
            kappa = lattice_scalar_1d(int(target["sites"]), mass2=float(target["mass2"])).kappa
        training = GaussianRbm(
            kappa=tuple(float(value) for value in kappa),
            mu2=float(model["mu2"]),
            learning_rate=float(noise["learning_rate"]),
            batch_size=float(noise["batch_size"]),
            sweeps=int(noise["sweeps"]),
            data=str(noise["data"]),
        )
    except (ValueError, TypeError, KeyError, AttributeError):
        return None
    return np.sqrt(training.finite_step_variance)


def plot_pair_density(result: Result) -> Figure:
    """Draw every degenerate pair from near: both trained levels in one histogram, so that sorting does not enter.

    The solid line is the predicted density of the pair, the dashed one the two-level semicircle around its mean: with the
    σ_i of a pair without neighbours where the training is known, else with σ = ⟨S⟩/√π of the predicted spacing. Nothing
    is fitted. Of more than six pairs the lowest six are drawn.

    Parameters
    ----------
    result : Result
        With the stationary law of levels of which two are degenerate, and a sample.

    Returns
    -------
    Figure
    """
    stationary, sample = result.stationary, result.sample
    if stationary is None or sample is None or not has_pair_density(result):
        msg = "this result holds no degenerate pair with a stationary law and a sample to draw"
        raise ValueError(msg)
    levels, widths = levels_of(result), lone_sigma(result)
    pairs = levels.pairs[:_MOST]
    with with_style():
        across = min(len(pairs), 2)
        rows = -(-len(pairs) // across)
        figure = Figure(figsize=(COLUMN * across, 2.3 * rows + 0.5))
        grid = figure.add_gridspec(rows, across)
        for index, level in enumerate(pairs):
            panel = figure.add_subplot(grid[divmod(index, across)])
            sigma = _sigma(stationary, level) if widths is None else float(widths[level])
            _draw(panel, stationary, sample, level, levels, sigma)
        which = "σ of a pair without neighbours" if widths is not None else "σ = ⟨S⟩/√π of the stationary law"
        handles = [
            Line2D(
                [],
                [],
                color=MUTED,
                marker="o",
                markersize=2.2,
                linestyle="",
                label="trained levels, ± 1 standard error",
            ),
            Line2D([], [], color=INK, linewidth=1.1, label=f"stationary law ({stationary.method})"),
            Line2D([], [], color=INK, linewidth=1.0, linestyle="--", label=f"semicircle of two levels, {which}"),
            Line2D([], [], color=MUTED, linewidth=0.9, linestyle=TARGET_DOTS, label="target"),
        ]
        figure.legend(handles=handles, loc="outside lower center", ncols=min(across, 2))
    return figure


def _draw(panel: Axes, stationary: Stationary, sample: Sample, level: int, levels: Levels, sigma: float) -> None:
    values = sample.levels[:, -1, level : level + 2]
    edges = freedman_diaconis(values)
    heights, errors = pooled_heights(values, edges)
    middle, colour = 0.5 * (edges[1:] + edges[:-1]), levels.colour(level)
    panel.stairs(heights, edges, color=colour, fill=True, alpha=0.15, linewidth=0)
    panel.errorbar(middle, heights, yerr=errors, fmt="o", color=colour, markersize=2.0, elinewidth=0.7)
    centre = float(np.mean(stationary.mean[level : level + 2]))
    law = TwoLevelSemicircle(centre, sigma)
    x = np.linspace(centre - 4.0 * sigma, centre + 4.0 * sigma, 401)
    own = [np.interp(x, stationary.x[i], stationary.density[i], left=0.0, right=0.0) for i in (level, level + 1)]
    panel.plot(x, np.mean(own, axis=0), color=INK, linewidth=1.1)
    panel.plot(x, law.pdf(x), color=INK, linewidth=1.0, linestyle="--")
    if levels.targets is not None:
        panel.axvline(
            levels.targets[levels.group_of(level)], color=MUTED, linewidth=0.9, linestyle=TARGET_DOTS, zorder=1
        )
    panel.set_xlim(min(edges[0], x[0]), max(edges[-1], x[-1]))
    panel.set_ylim(bottom=0.0)
    panel.set_title(f"{levels.title(level)}; dashed: σ = {sigma:.3g}", loc="left")
    panel.set_xlabel("level x")
    panel.set_ylabel("density of either level\n(integral over x = 1)")


def _sigma(stationary: Stationary, level: int) -> float:
    """⟨S⟩/√π of the predicted pair."""
    return float((stationary.mean[level + 1] - stationary.mean[level]) / np.sqrt(np.pi))
