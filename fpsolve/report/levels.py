"""Tables and notes for several levels."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from fpsolve.plots.levels import Levels
from fpsolve.report.page import number, paragraph, table
from fpsolve.results import AdjacentPairs, Evolution
from fpsolve.solvers.methods import methods_of

__all__ = ["IN_ONE_TABLE", "closure_note", "group_paragraph", "moment_tables", "pair_table", "sampling_note"]

Array = NDArray[np.float64]
Row = tuple[str, NDArray[np.float64]]

IN_ONE_TABLE = 2
"""Moments of more levels get tables of their own."""


def group_paragraph(levels: Levels) -> str:
    """Say which levels belong together and where they come to rest."""
    if levels.n < 2:
        return ""
    parts = []
    for index, (group, name) in enumerate(zip(levels.groups, levels.names, strict=True)):
        numbers = ", ".join(str(level) for level in group)
        of = f" ({name})" if name.startswith("κ") else ""
        at = "" if levels.targets is None else f" at x = {number(float(levels.targets[index]), digits=4)}"
        parts.append(f"{numbers}{of}{at}")
    known = "" if levels.targets is None else " A lone level without noise would come to rest at the place given."
    return paragraph(f"Levels, those with equal parameters together: {'; '.join(parts)}.{known}")


def moment_tables(
    label: str,
    rows: Sequence[Row],
    std_rows: Sequence[Row],
    *,
    targets: Array | None,
    stationary: tuple[Array, Array] | None,
) -> str:
    """Tabulate means and standard deviations, a row for every time and a column for every level.

    Parameters
    ----------
    label : str
        Head of the first column.
    rows, std_rows : sequence of (str, ndarray of shape (level,))
        What stands in the first column, and the numbers.
    targets : ndarray, shape (level,), or None
        First row of the means.
    stationary : pair of ndarray, shape (level,), or None
        Means and standard deviations for the last row.
    """
    count = len(rows[0][1])
    head = (label, *(f"level {level}" for level in range(count)))
    above: list[Row] = [] if targets is None else [("target", targets)]
    below = [("stationary", moment) for moment in stationary] if stationary is not None else []
    return "".join(
        [
            paragraph("Mean of every level:"),
            table(head, [_written(row) for row in (*above, *rows, *below[:1])], digits=4),
            paragraph("Standard deviation of every level:"),
            table(head, [_written(row) for row in (*std_rows, *below[1:])], digits=4),
        ]
    )


def pair_table(pairs: AdjacentPairs, levels: Levels) -> str:
    """Tabulate the mean spacing and the correlation of neighbours in the stationary law."""
    middles = 0.5 * (pairs.spacing_edges[:, 1:] + pairs.spacing_edges[:, :-1])
    means = np.sum(middles * pairs.spacing_density * np.diff(pairs.spacing_edges, axis=1), axis=1)
    rows = [
        (f"{i}, {i + 1}", "equal" if i in levels.pairs else "different", float(means[i]), float(pairs.correlation[i]))
        for i in range(len(means))
    ]
    return table(("levels", "parameters", "mean spacing", "correlation"), rows, digits=4)


def closure_note(evolution: Evolution) -> str:
    """Say what the method of an evolution of several levels is good for."""
    for method in methods_of("evolve"):
        if method.name == evolution.method:
            return paragraph(f"What to expect of the method {method.name}: {method.note}.", soft=True)
    return ""


def sampling_note(evolution: Evolution) -> str:
    """State the statistical errors of trajectories; nothing for other methods."""
    if evolution.mean_error is None or evolution.std_error is None:
        return ""
    worst = float(np.max(evolution.mean_error / np.maximum(evolution.std, 1e-300)))
    return paragraph(
        "Densities are histograms of trajectories. The standard error of a mean is at most "
        f"{number(100.0 * worst, digits=2)} % of the standard deviation of its level."
    )


def _written(row: Row) -> tuple[object, ...]:
    name, values = row
    return (name, *(float(value) for value in values))
