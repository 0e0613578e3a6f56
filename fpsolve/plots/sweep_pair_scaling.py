"""Spacing and width of degenerate pairs against √(α/B), with what is predicted."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from numpy.typing import NDArray

from fpsolve.plots.style import COLUMN, MUTED, with_style
from fpsolve.plots.sweep_pairs import Group, Scan, draw_groups, groups_of_sweep, scan_handles, scans_of
from fpsolve.plots.sweep_points import Points

__all__ = ["can_scale_pairs", "plot_pair_consistency", "plot_pair_scaling"]

Array = NDArray[np.float64]

_ROOT_PI = float(np.sqrt(np.pi))
_PALE = "#b3bac1"


def can_scale_pairs(points: Points) -> bool:
    """True if spacings and widths of pairs are known at two values of α/B or more."""
    return bool(groups_of_sweep(points, "mean_spacing") and groups_of_sweep(points, "width")) and _many(points.ratio())


def plot_pair_scaling(points: Points) -> Figure:
    """Draw ⟨S⟩ and the width σ of the semicircle of every degenerate pair against √(α/B); below, what is left.

    Points are measured, with standard errors. Lines are predicted, with nothing fitted: by the law of the whole matrix at
    finite α (solid where α varies, dashed where B does). Pale lines are those of a pair without neighbours.

    Parameters
    ----------
    points : Points
        With the statistics `mean_spacing` and `width` at two values of α/B or more.

    Returns
    -------
    Figure
    """
    if not can_scale_pairs(points):
        msg = "this sweep holds no spacings and widths of pairs at several α/B"
        raise ValueError(msg)
    ratio = points.ratio()
    scans, root = scans_of(points, ratio), np.sqrt(ratio)
    columns = (
        ("mean_spacing", "mean", "error", "predicted", "mean spacing ⟨S⟩ of the pair [x]"),
        ("width", "sigma", "sigma_error", "sigma_predicted", "σ of the two-level semicircle [x]"),
    )
    with with_style():
        figure = Figure(figsize=(2.0 * COLUMN, 4.0))
        grid = figure.add_gridspec(2, 2, height_ratios=(2.4, 1.0))
        for column, (statistic, value, error, predicted, label) in enumerate(columns):
            groups = groups_of_sweep(points, statistic)
            above = figure.add_subplot(grid[0, column])
            below = figure.add_subplot(grid[1, column], sharex=above)
            _draw_alone(above, groups, scans, root)
            draw_groups(above, groups, scans, root, value=value, error=error, predicted=predicted)
            _draw_rest(below, groups, scans, root, value, error, predicted)
            above.set_xlim(left=0.0)
            above.set_ylim(bottom=0.0)
            above.set_ylabel(label)
            above.tick_params(labelbottom=False)
            below.set_xlabel("√(α/B), root of learning rate over batch size")
            below.set_ylabel("measured/\npredicted − 1 [%]")
        groups = groups_of_sweep(points, "mean_spacing")
        alone = Line2D([], [], color=_PALE, label="pair without neighbours")
        handles = [*scan_handles(groups, scans), alone]
        figure.legend(handles=handles, loc="outside lower center", ncols=4)
        figure.suptitle(
            "Points: trained levels. Lines: predicted, nothing fitted", x=0.01, ha="left", fontsize=8, color=MUTED
        )
    return figure


def plot_pair_consistency(points: Points) -> Figure:
    """Draw the σ of the semicircle against ⟨S⟩/√π of the same pair, and their relative difference against √(α/B).

    Both are σ of the law |x₁ − x₂| exp{−[(x₁ − c)² + (x₂ − c)²]/(2σ²)} of a pair without neighbours. Lines are what the
    predicted law gives in the same way.

    Parameters
    ----------
    points : Points
        As for `plot_pair_scaling`.

    Returns
    -------
    Figure
    """
    if not can_scale_pairs(points):
        msg = "this sweep holds no spacings and widths of pairs at several α/B"
        raise ValueError(msg)
    ratio = points.ratio()
    scans, groups = scans_of(points, ratio), groups_of_sweep(points, "width")
    spacings = {group.levels: group for group in groups_of_sweep(points, "mean_spacing")}
    with with_style():
        figure = Figure(figsize=(2.0 * COLUMN, 2.9))
        left, right = figure.subplots(1, 2)
        reach = 0.0
        for group in groups:
            own = group.columns
            left.errorbar(
                own["sigma_spacing"],
                own["sigma"],
                xerr=own.get("sigma_spacing_error"),
                yerr=own.get("sigma_error"),
                fmt="o",
                color=group.colour,
                ms=3.0,
                elinewidth=0.8,
            )
            reach = max(reach, float(np.nanmax(own["sigma"])), float(np.nanmax(own["sigma_spacing"])))
        left.plot([0.0, 1.05 * reach], [0.0, 1.05 * reach], color=MUTED, linewidth=0.8, zorder=1)
        left.set_xlim(0.0, 1.05 * reach)
        left.set_ylim(0.0, 1.05 * reach)
        left.locator_params(nbins=5)
        left.set_xlabel("σ from the mean spacing, ⟨S⟩/√π [x]")
        left.set_ylabel("σ from the semicircle [x]")
        relative = [_relative(group, spacings.get(group.levels)) for group in groups]
        right.axhline(0.0, color=MUTED, linewidth=0.8, zorder=1)
        draw_groups(right, relative, scans, np.sqrt(ratio), value="", error="", predicted="predicted")
        _draw_apart(right, relative, scans, np.sqrt(ratio))
        right.set_xlim(left=0.0)
        right.set_xlabel("√(α/B), root of learning rate over batch size")
        right.set_ylabel("σ(semicircle)/σ(spacing) − 1 [%]")
        figure.legend(handles=scan_handles(groups, scans), loc="outside lower center", ncols=4)
    return figure


def _many(ratio: Array) -> bool:
    known = ratio[np.isfinite(ratio)]
    return known.size > 1 and float(np.ptp(known)) > 0.0


def _draw_alone(panel: Axes, groups: Sequence[Group], scans: Sequence[Scan], root: Array) -> None:
    for group in groups:
        for scan in scans:
            if "one_level" in group.columns:
                run = list(scan.chosen)
                # Without noise there is no width: the line begins at the origin.
                x, y = np.append(0.0, root[run]), np.append(0.0, group.columns["one_level"][run])
                panel.plot(x, y, color=_PALE, linewidth=2.5, zorder=1)


def _draw_rest(
    panel: Axes, groups: Sequence[Group], scans: Sequence[Scan], root: Array, value: str, error: str, predicted: str
) -> None:
    """Draw the deviation from the prediction in per cent."""
    panel.axhline(0.0, color=MUTED, linewidth=0.8, zorder=1)
    rest = []
    for group in groups:
        own = group.columns
        columns = {"value": 100.0 * (own[value] / own[predicted] - 1.0), "error": 100.0 * own[error] / own[predicted]}
        rest.append(Group(group.rank, group.levels, group.name, columns))
    _draw_apart(panel, rest, scans, root)


def _draw_apart(panel: Axes, groups: Sequence[Group], scans: Sequence[Scan], root: Array) -> None:
    """Draw the points of the groups a little apart, so that their bars can be told from each other."""
    step = 0.01 * float(np.nanmax(root))
    for place, group in enumerate(groups):
        shift = step * (place - 0.5 * (len(groups) - 1))
        draw_groups(panel, [group], scans, root + shift, value="value", error="error", predicted="")


def _relative(group: Group, spacing: Group | None) -> Group:
    own = group.columns
    columns = {
        "value": 100.0 * own["sigma_difference"] / own["sigma_spacing"],
        "error": 100.0 * own["sigma_difference_error"] / own["sigma_spacing"],
    }
    if spacing is not None and "predicted" in spacing.columns and "sigma_predicted" in own:
        columns["predicted"] = 100.0 * (_ROOT_PI * own["sigma_predicted"] / spacing.columns["predicted"] - 1.0)
    return Group(group.rank, group.levels, group.name, columns)
