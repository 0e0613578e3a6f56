"""How single students learn, what they do on average, and the exponential that both approach by."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, cast

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from numpy.typing import NDArray

from fpsolve.plots.levels import levels_of
from fpsolve.plots.style import COLUMN, INK, MUTED, STATES, with_style
from fpsolve.results import Result, Sample

__all__ = ["draw_training_curves", "has_training_curves", "level_name", "plot_training_curves"]

Array = NDArray[np.float64]

_TRAINED = ("teacher_student", "linear_network")  # labels of samples that have a course to show
_ENOUGH = 6  # records; fewer are no curve
_NETWORKS = 20
_MOST_LEVELS = 8


def has_training_curves(result: Result) -> bool:
    """Whether the sample holds students in enough records."""
    sample = result.sample
    if sample is None or sample.label not in _TRAINED or sample.levels.shape[2] > _MOST_LEVELS:
        return False
    return sample.times.size >= _ENOUGH and bool(np.all(np.isfinite(sample.times)))


def plot_training_curves(result: Result) -> Figure:
    """Draw single networks (thin), the ensemble mean (points), the predicted mean (line) and the fitted exponential.

    The fit is that of the verdict's "exponential", if there is one: the only thing in the figure that is fitted, named so,
    with its rate beside the predicted one.

    Parameters
    ----------
    result : Result
        With a sample of students.

    Returns
    -------
    Figure
    """
    sample = result.sample
    if sample is None:
        msg = "this result holds no trained students to draw"
        raise ValueError(msg)
    with with_style():
        figure = Figure(figsize=(2.0 * COLUMN, 3.3))
        panel = figure.subplots()
        handles = draw_training_curves(panel, result, sample)
        figure.legend(handles=handles, loc="outside right upper")
    return figure


def draw_training_curves(panel: Axes, result: Result, sample: Sample) -> list[Line2D]:
    """Draw the curves of one result into a panel; return what a legend has to say of them."""
    _draw_networks(panel, sample)
    _draw_means(panel, sample)
    handles = _handles(sample)
    if _draw_prediction(panel, result):
        handles.append(Line2D([], [], color=INK, linewidth=1.1, label="predicted mean, nothing fitted"))
    for level, fit in _fits(result).items():
        _draw_fit(panel, sample, fit, STATES[level % len(STATES)])
        handles.append(Line2D([], [], color=STATES[level % len(STATES)], linestyle="--", label=_told(level, fit)))
    targets = levels_of(result).targets
    for place in np.unique(targets if targets is not None else []):
        panel.axhline(place, color=MUTED, linewidth=0.8, linestyle=":")
    if targets is not None:
        handles.append(Line2D([], [], color=MUTED, linewidth=0.8, linestyle=":", label="teacher"))
    panel.set_xlabel("t = Σ α over the updates")
    panel.set_ylabel(level_name(result))
    panel.set_xlim(left=0.0, right=1.01 * float(sample.times[-1]))
    return handles


def level_name(result: Result) -> str:
    """What a level of a student is."""
    try:
        observable = json.loads(result.resolved)["model"]["observable"]
    except (ValueError, TypeError, KeyError):
        observable = ""
    names = {
        "squared": "level x, squared singular value of W",
        "singular": "level x, singular value of W",
        "symmetric": "level x, eigenvalue of (W + Wᵀ)/2",
    }
    return names.get(observable, "level x")


def _draw_networks(panel: Axes, sample: Sample) -> None:
    for level in range(sample.levels.shape[2]):
        colour = STATES[level % len(STATES)]
        panel.plot(sample.times, sample.levels[:_NETWORKS, :, level].T, color=colour, linewidth=0.45, alpha=0.5)


def _draw_means(panel: Axes, sample: Sample) -> None:
    mean = sample.levels.mean(axis=0)
    error = sample.levels.std(axis=0) / np.sqrt(sample.levels.shape[0])
    for level in range(mean.shape[1]):
        colour = STATES[level % len(STATES)]
        panel.errorbar(
            sample.times, mean[:, level], error[:, level],
            fmt="o", markersize=2.6, elinewidth=0.7, color=colour, markeredgecolor="white", markeredgewidth=0.3, zorder=4,
        )  # fmt: skip


def _draw_prediction(panel: Axes, result: Result) -> bool:
    """Draw the predicted means, the start of the sample in front; True if there are any."""
    evolution, sample = result.evolution, result.sample
    if evolution is None or sample is None or evolution.mean.shape[1] != sample.levels.shape[2]:
        return False
    for level in range(evolution.mean.shape[1]):
        panel.plot(evolution.times, evolution.mean[:, level], color=INK, linewidth=1.1, zorder=3)
    return True


def _draw_fit(panel: Axes, sample: Sample, fit: Mapping[str, Any], colour: str) -> None:
    times = np.linspace(float(fit["start"]), float(sample.times[-1]), 200)
    curve = float(fit["asymptote"]) + float(fit["amplitude"]) * np.exp(-float(fit["rate"]) * times)
    panel.plot(times, curve, color=colour, linestyle="--", linewidth=1.6, zorder=5)


def _fits(result: Result) -> dict[int, Mapping[str, Any]]:
    """Details of the verdict's "exponential" by level."""
    if result.report is None:
        return {}
    found = [entry for entry in result.report.statistics if entry.name == "exponential"]
    details = found[0].details if found else ()
    return {int(cast("Any", entry["levels"])[0]): entry for entry in details}


def _told(level: int, fit: Mapping[str, Any]) -> str:
    """Rate of a fit with its error in the last digits, beside the predicted one."""
    rate, error = float(fit["rate"]), float(fit["rate_error"])
    digits = int(np.clip(1 - np.floor(np.log10(error)), 0, 8)) if error > 0.0 else 4
    lines = [
        f"fit from t = {float(fit['start']):g}, level {level}: rate {rate:.{digits}f} ± {error:.{digits}f}",
        f"predicted at late times: {float(fit['predicted']):.{digits}f}",
    ]
    if "rate_of_prediction" in fit:
        lines.append(f"same fit to the predicted mean: {float(fit['rate_of_prediction']):.{digits}f}")
    return "\n".join(lines)


def _handles(sample: Sample) -> list[Line2D]:
    shown = min(_NETWORKS, sample.levels.shape[0])
    handles = [Line2D([], [], color=MUTED, linewidth=0.6, label=f"{shown} single networks")]
    mean = f"mean of {sample.levels.shape[0]} networks"
    for level in range(sample.levels.shape[2]):
        colour = STATES[level % len(STATES)]
        label = f"{mean}, level {level}"
        handles.append(Line2D([], [], marker="o", linestyle="", markersize=3, color=colour, label=label))
    return handles
