"""Section of the report on P(x, t)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from fpsolve.plots.levels import levels_of
from fpsolve.report.levels import IN_ONE_TABLE, closure_note, moment_tables, sampling_note
from fpsolve.report.page import fold, number, paragraph, section, table
from fpsolve.results import Evolution, Result

__all__ = ["evolution_section"]

Array = NDArray[np.float64]


def evolution_section(result: Result) -> str:
    """Tabulate mass, smallest density and moments at every output time; nothing if there is no evolution."""
    evolution = result.evolution
    if evolution is None:
        return ""
    levels = range(evolution.mean.shape[1])
    apart = len(levels) > IN_ONE_TABLE
    gone = 0.0 if evolution.absorbed is None else evolution.absorbed.sum(axis=1)
    balance = evolution.mass + gone - 1.0
    head = ["t", "mass", "mass − 1" if evolution.absorbed is None else "mass + absorbed − 1", "smallest density"]
    for level in () if apart else levels:
        head += [f"mean {level}", f"std {level}"] if len(levels) > 1 else ["mean", "standard deviation"]
    rows = []
    for index, time in enumerate(evolution.times):
        mass = float(evolution.mass[index])
        row: list[object] = [float(time), number(mass, digits=12), number(float(balance[index]), digits=2)]
        row.append(number(float(evolution.minimum[index]), digits=3))
        for level in () if apart else levels:
            row += [float(evolution.mean[index, level]), float(evolution.std[index, level])]
        rows.append(row)
    outside = (
        f"{number(evolution.beyond, digits=2)} of the starting law lay outside the domain and was put back by "
        "normalising."
    )
    return section(
        "Evolution",
        paragraph(_how(evolution)),
        closure_note(evolution) if len(levels) > 1 else "",
        sampling_note(evolution),
        _moments(result, evolution) if apart else "",
        fold("Mass and smallest density at every time", table(head, rows)) if apart else table(head, rows),
        paragraph(outside, soft=True) if evolution.beyond else "",
    )


def _how(evolution: Evolution) -> str:
    """Say how an evolution was computed, and what it keeps."""
    cells = ""
    if evolution.grid_error is not None:
        worst = number(float(np.max(evolution.grid_error)), digits=2)
        cells = f"; the width of the cells changes a density by up to about {worst} (L1)"
    lowest = float(np.min(evolution.minimum))
    if evolution.first_passage is not None:
        kept = "Where a wall absorbs, the mass is the probability to be still inside."
    elif lowest < 0.0:
        kept = f"The mass must stay 1; the density is negative by up to {number(-lowest, digits=2)}, an error of the scheme."
    else:
        kept = "The mass must stay 1 and the density must not become negative; both follow from the scheme."
    if evolution.density_error is None:
        size = f"{evolution.unknowns} unknowns, {evolution.steps} time steps"
        error = "accepted local errors add up to"
    else:
        count = evolution.unknowns // evolution.mean.shape[1]
        size = f"{count} trajectories of about {evolution.steps} steps"
        error = "a histogram is expected to differ from its law by up to"
    amount = number(evolution.error_estimate, digits=2)
    seconds = number(evolution.seconds, digits=3)
    return f"Method {evolution.method}, {size}, {seconds} s; {error} {amount} (L1){cells}. {kept}"


def _moments(result: Result, evolution: Evolution) -> str:
    times = [number(float(time), digits=4) for time in evolution.times]
    stationary = result.stationary
    return moment_tables(
        "t",
        list(zip(times, evolution.mean, strict=True)),
        list(zip(times, evolution.std, strict=True)),
        targets=_targets(result),
        stationary=None if stationary is None else (stationary.mean, stationary.std),
    )


def _targets(result: Result) -> Array | None:
    """Targets of all levels, shape (level,); None if they are unknown."""
    levels = levels_of(result)
    if levels.targets is None:
        return None
    return np.array([levels.targets[levels.group_of(level)] for level in range(levels.n)])
