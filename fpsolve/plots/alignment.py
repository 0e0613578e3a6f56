"""How far the eigenvectors of the weights have turned into the eigenspaces of the target, against time."""

from __future__ import annotations

import json

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from numpy.typing import NDArray

from fpsolve.plots.levels import Levels, levels_of
from fpsolve.plots.style import COLUMN, MUTED, plain_log_ticks, with_style
from fpsolve.results import Result, Sample

__all__ = ["group_alignment", "has_alignment", "plot_alignment", "random_alignment"]

Array = NDArray[np.float64]

_RECORDS = 3  # fewer points are no course


def has_alignment(result: Result) -> bool:
    """Whether the sample holds eigenvectors of several levels in several records."""
    sample = result.sample
    if sample is None or sample.alignment is None:
        return False
    return sample.levels.shape[2] > 1 and int(np.sum(_clock(sample)[0] > 0.0)) >= _RECORDS


def plot_alignment(result: Result) -> Figure:
    """Draw the mean alignment ⟨|P_g u_i|²⟩ of every group of levels against time: 1 is aligned, dashed is random.

    P_g projects on the eigenspace of the target that the levels of the group tend to; u_i are the eigenvectors of WWᵀ.
    Bars are standard errors over the replicas; of records at t = 0 only the value is drawn, at the left edge.

    Parameters
    ----------
    result : Result
        With a sample that has `alignment`.

    Returns
    -------
    Figure
    """
    sample, levels = result.sample, levels_of(result)
    if sample is None or sample.alignment is None:
        msg = "this result holds no alignment of eigenvectors to draw"
        raise ValueError(msg)
    clock, label = _clock(sample)
    mean, error = group_alignment(sample, levels)
    random = random_alignment(result, levels)
    with with_style():
        figure = Figure(figsize=(2.0 * COLUMN, 3.1))
        panel = figure.subplots()
        later = clock > 0.0
        first, last = float(clock[later][0]), float(clock[later][-1])
        if last > 20.0 * first:
            panel.set_xscale("log")
            plain_log_ticks(panel.xaxis, first, last)
        for group, members in enumerate(levels.groups):
            colour = levels.colour(members[0])
            panel.errorbar(
                clock[later], mean[later, group], error[later, group],
                color=colour, marker="o", markersize=3.5, linewidth=0.8, elinewidth=1.0, zorder=3,
            )  # fmt: skip
            _draw_start(panel, mean[~later, group], colour)
        for value in np.unique(random.round(9)):
            panel.axhline(value, color=MUTED, linewidth=0.9, linestyle="--", zorder=1)
            panel.annotate(
                f"random: {value:.2g}", (0.99, value), xycoords=("axes fraction", "data"), xytext=(0.0, 2.0),
                textcoords="offset points", ha="right", color=MUTED, fontsize=6.5,
            )  # fmt: skip
        panel.set_ylim(0.0, 1.03)
        panel.margins(x=0.02)
        panel.set_xlabel(label)
        panel.set_ylabel("mean of |P u|², eigenvectors in the\neigenspace of their target")
        _legend(figure, levels)
    return figure


def group_alignment(sample: Sample, levels: Levels) -> tuple[Array, Array]:
    """Mean over the levels of a group and the replicas, and its standard error, both of shape (record, group)."""
    alignment = sample.alignment
    if alignment is None:
        msg = "this sample holds no alignment of eigenvectors"
        raise ValueError(msg)
    per_replica = np.stack([alignment[:, :, list(group)].mean(axis=2) for group in levels.groups], axis=2)
    count = per_replica.shape[0]
    error = per_replica.std(axis=0, ddof=1) / np.sqrt(count) if count > 1 else np.zeros(per_replica.shape[1:])
    return np.asarray(per_replica.mean(axis=0)), np.asarray(error)


def random_alignment(result: Result, levels: Levels) -> Array:
    """Mean alignment dim P_g/N_v of a random direction, shape (group,).

    N_v and the dimensions are those of the trained target where the case names it, else those of the levels.
    """
    sizes = np.array([len(group) for group in levels.groups], dtype=np.float64)
    try:
        kappa = np.array(json.loads(result.resolved)["sgd"]["kappa"], dtype=np.float64)
        own = np.sort(kappa)[::-1][kappa.size - levels.n :]
    except (ValueError, TypeError, KeyError):
        return sizes / levels.n
    first = [group[0] for group in levels.groups]
    same = np.abs(kappa[:, None] - own[first]) <= 1e-9 * kappa.max()
    return np.asarray(same.sum(axis=0) / kappa.size)


def _clock(sample: Sample) -> tuple[Array, str]:
    """Times of the records, or the updates where the sample has no clock, and what the axis is called."""
    if np.all(np.isfinite(sample.times)):
        return sample.times, "Fokker–Planck time t"
    return sample.steps.astype(np.float64), "updates"


def _draw_start(panel: Axes, values: Array, colour: str) -> None:
    """Alignment before the first update, at the left edge of the axes."""
    for value in values:
        panel.plot([0.0], [value], ">", color=colour, markersize=5.0, transform=panel.get_yaxis_transform(), zorder=4)


def _legend(figure: Figure, levels: Levels) -> None:
    handles = [
        Line2D(
            [], [], color=levels.colour(group[0]), marker="o", markersize=3.5, linewidth=0.8, label=_name(group, name)
        )
        for group, name in zip(levels.groups, levels.names, strict=True)
    ]
    handles.append(Line2D([], [], color=MUTED, linewidth=0.9, linestyle="--", label="random direction"))
    figure.legend(handles=handles, loc="outside lower center", ncols=4)


def _name(group: tuple[int, ...], name: str) -> str:
    numbers = f"level {group[0]}" if len(group) == 1 else f"levels {group[0]}–{group[-1]}"
    return f"{numbers} ({name})" if name.startswith("κ") else numbers
