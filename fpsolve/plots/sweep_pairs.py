"""Degenerate pairs of a sweep: what was measured and predicted at every point, read from its scalars."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from numpy.typing import NDArray

from fpsolve.plots.style import MUTED, STATES
from fpsolve.plots.sweep_points import Line, Points, number_of

__all__ = ["Group", "Scan", "draw_groups", "groups_of_sweep", "scan_handles", "scans_of"]

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Group:
    """One entry of the details of a statistic: a group of levels with equal parameters, at every point.

    Attributes
    ----------
    rank : int
        Number of groups below it, those included that the statistic leaves out because they are single levels.
    levels : tuple of int
    name : str
        E.g. "κ = 5.38", or "levels 3, 4".
    columns : dict
        What the entry holds, by name, each of shape (point,); nan where a point has none.
    """

    rank: int
    levels: tuple[int, ...]
    name: str
    columns: dict[str, Array]

    @property
    def colour(self) -> str:
        """The one that `Levels.colour` gives the group in figures of a single result."""
        return STATES[self.rank % len(STATES)]


@dataclass(frozen=True)
class Scan:
    """Points that differ in one setting only.

    Attributes
    ----------
    name : str
        What is the same, e.g. "B = 16".
    chosen : tuple of int
        Points, ascending in α/B.
    marker, line : str
    """

    name: str
    chosen: tuple[int, ...]
    marker: str
    line: Line


def groups_of_sweep(points: Points, statistic: str) -> list[Group]:
    """Entries of ``validate.statistics.<statistic>.details`` of the last record, with their columns."""
    prefix = f"validate.statistics.{statistic}.details."
    places: dict[int, set[str]] = {}
    for point in points.sweep.points:
        for path in point.scalars:
            if path.startswith(prefix):
                number, _, name = path[len(prefix) :].partition(".")
                places.setdefault(int(number), set()).add(name)
    groups: list[Group] = []
    targets = _targets(points)
    for place, names in sorted(places.items()):
        columns = {name: points.sweep.column(f"{prefix}{place}.{name}") for name in names}
        levels = tuple(
            int(np.nanmax(columns[name])) for name in sorted(names, key=_natural) if re.fullmatch(r"levels\.\d+", name)
        )
        below = sum(len(group.levels) - 1 for group in groups if group.levels < levels)
        rank = levels[0] - below if levels else place
        groups.append(Group(rank, levels, _name(points, targets, levels), columns))
    last = max((np.nanmax(group.columns["step"]) for group in groups if "step" in group.columns), default=np.nan)
    return [group for group in groups if "step" not in group.columns or np.nanmax(group.columns["step"]) == last]


def scans_of(points: Points, ratio: Array) -> list[Scan]:
    """Split the points into scans of α at one B, and the rest into scans of B at one α.

    Parameters
    ----------
    points : Points
    ratio : ndarray, shape (point,)
        α/B; points without one are left out.
    """
    alpha, batch = points.learning_rate(), points.batch_size()
    known = [index for index in range(ratio.size) if np.isfinite(ratio[index])]
    fixed_batch = _runs(known, batch, ratio)
    covered = {index for run in fixed_batch.values() for index in run}
    fixed_alpha = {
        value: run for value, run in _runs(known, alpha, ratio).items() if any(index not in covered for index in run)
    }
    scans = [Scan(f"B = {value:g}", run, "o", "-") for value, run in fixed_batch.items()]
    scans += [Scan(f"α = {value:g}", run, "s", "--") for value, run in fixed_alpha.items()]
    covered |= {index for run in fixed_alpha.values() for index in run}
    rest = tuple(sorted((index for index in known if index not in covered), key=lambda index: ratio[index]))
    return [*scans, Scan("other points", rest, "D", ":")] if rest else scans


def draw_groups(
    panel: Axes,
    groups: Sequence[Group],
    scans: Sequence[Scan],
    x: Array,
    *,
    value: str,
    error: str,
    predicted: str,
) -> None:
    """Draw measured values as points with bars, and what is predicted for them as lines, a colour for each group.

    Parameters
    ----------
    x : ndarray, shape (point,)
    value, error, predicted : str
        Names of columns; a group that lacks one is drawn without it.
    """
    for group in groups:
        drawn: set[int] = set()
        for scan in scans:
            run = list(scan.chosen)
            if predicted in group.columns:
                panel.plot(
                    x[run], group.columns[predicted][run], color=group.colour, linestyle=scan.line, linewidth=1.0
                )
            # A point that belongs to two scans is drawn once.
            fresh = [index for index in run if index not in drawn]
            drawn.update(fresh)
            bars = group.columns[error][fresh] if error in group.columns else None
            if value in group.columns:
                panel.errorbar(
                    x[fresh],
                    group.columns[value][fresh],
                    yerr=bars,
                    fmt=scan.marker,
                    color=group.colour,
                    ms=3.2,
                    elinewidth=0.8,
                    mfc="white" if scan.marker == "s" else group.colour,
                )


def scan_handles(groups: Sequence[Group], scans: Sequence[Scan]) -> list[Line2D]:
    """Entries of a legend: a colour for each group, a marker for each kind of scan."""
    handles = [Line2D([], [], color=group.colour, label=group.name) for group in groups]
    kinds: dict[tuple[str, Line], list[str]] = {}
    for scan in scans:
        kinds.setdefault((scan.marker, scan.line), []).append(scan.name)
    for (marker, line), names in kinds.items():
        label = names[0] if len(names) == 1 else f"{names[0]} … {names[-1].rpartition(' ')[2]}"
        face = "white" if marker == "s" else MUTED
        handles.append(
            Line2D([], [], color=MUTED, marker=marker, linestyle=line, ms=3.2, mfc=face, linewidth=1.0, label=label)
        )
    return handles


def _runs(known: Sequence[int], values: Array, ratio: Array) -> dict[float, tuple[int, ...]]:
    """Points with the same value of a setting, by that value, if they have two α/B at least."""
    runs: dict[float, list[int]] = {}
    for index in known:
        if np.isfinite(values[index]):
            runs.setdefault(float(values[index]), []).append(index)
    return {
        value: tuple(sorted(run, key=lambda index: ratio[index]))
        for value, run in runs.items()
        if np.ptp(ratio[run]) > 0.0
    }


def _targets(points: Points) -> dict[tuple[int, ...], float]:
    """Targets of groups, by their levels, from whichever statistic tells them."""
    found: dict[tuple[int, ...], float] = {}
    for point in points.sweep.points:
        for path, value in point.scalars.items():
            if path.endswith(".target") and path.startswith("validate.statistics."):
                prefix = f"{path.removesuffix('target')}levels."
                levels = [int(number) for name, number in point.scalars.items() if name.startswith(prefix)]
                found[tuple(levels)] = value
        if found:
            break
    return found


def _name(points: Points, targets: dict[tuple[int, ...], float], levels: tuple[int, ...]) -> str:
    mu2 = number_of(points.setting(0, "model.mu2"))
    if mu2 is not None and levels in targets:
        return f"κ = {mu2 - targets[levels]:.3g}"
    return f"level{'s' if len(levels) > 1 else ''} {', '.join(str(level) for level in levels)}"


def _natural(name: str) -> list[int]:
    return [int(part) for part in re.findall(r"\d+", name)]
