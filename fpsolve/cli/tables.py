"""Results as tables for people; stdout only."""

from __future__ import annotations

import math
import os
import sys
from collections.abc import Iterable, Mapping

import numpy as np
from numpy.typing import NDArray
from rich import box
from rich.console import Console
from rich.table import Table

from fpsolve.results import Evolution, Report, Result, Sample, Spectrum, Stationary, Statistic
from fpsolve.run.multiplets import CLOSE, multiplets

__all__ = ["console_width", "print_result"]

Array = NDArray[np.float64]

SHOWN = 3
FEW = 2  # levels whose numbers stand in one cell of a table
COLUMN = 11  # width of a column of numbers with four digits
_ALIGNMENT = "Mean part of the eigenvector in its eigenspace of the target"
WIDE = 160  # characters of a line where neither a terminal nor COLUMNS tells


def _table(title: str, *columns: str) -> Table:
    table = Table(title=title, box=box.SIMPLE_HEAD, pad_edge=False)
    for column in columns:
        table.add_column(column, justify="right", no_wrap=True)
    return table


def _numbers(values: object) -> str:
    return " ".join(f"{value:.6g}" for value in list(values))  # type: ignore[call-overload]


def evolution_tables(evolution: Evolution, width: int) -> list[Table]:
    """One row per output time; of more than two levels a table of their means, of their widths, of their correlations."""
    title = f"Evolution P(x, t) · {evolution.method}, {evolution.unknowns} unknowns, {evolution.seconds:.3g} s"
    few = evolution.mean.shape[1] <= FEW
    table = _table(title, "t", "mass", "lowest density", *(("mean", "std") if few else ()))
    for k, time in enumerate(evolution.times):
        moments = (_numbers(evolution.mean[k]), _numbers(evolution.std[k])) if few else ()
        table.add_row(f"{time:.6g}", f"{evolution.mass[k]:.12g}", f"{evolution.minimum[k]:.3g}", *moments)
    _caption(table, _errors(evolution))
    if few:
        return [table]
    of_times = ("t", evolution.times)
    tables = [table, *_level_tables("Mean of each level", of_times, evolution.mean, width)]
    tables += _level_tables("Standard deviation of each level", of_times, evolution.std, width)
    if evolution.correlation is not None:
        tables += _level_tables("Correlation of each level with the next", of_times, evolution.correlation, width)
    return tables


def _errors(evolution: Evolution) -> str:
    """What is known of the errors, in words."""
    notes = []
    if evolution.mean_error is not None and evolution.std_error is not None:
        means = float((evolution.mean_error / evolution.std).max())
        notes.append(
            f"standard errors: {means:.1e} std of the means, {float(evolution.std_error.max()):.1e} of the stds"
        )
    else:
        cells = [] if evolution.grid_error is None else [f"{float(evolution.grid_error.max()):.1e} by the cells"]
        notes.append("L1 error: " + ", ".join([*cells, f"{evolution.error_estimate:.1e} by the time steps"]))
    if evolution.beyond > 0.0:
        notes.append(f"{evolution.beyond:.1e} of the start lay outside the domain")
    return " · ".join(notes)


def _level_tables(title: str, rows: tuple[str, Iterable[float]], values: Array, width: int) -> list[Table]:
    """Numbers of shape (row, level), as many levels side by side as a line of `width` characters holds."""
    name, heads = rows[0], [f"{head:.6g}" for head in rows[1]]
    abreast = max(1, width // COLUMN - 1)
    tables = []
    for first in range(0, values.shape[1], abreast):
        part = values[:, first : first + abreast]
        table = _table(title if first == 0 else "", name, *(str(first + i) for i in range(part.shape[1])))
        for head, row in zip(heads, part, strict=True):
            table.add_row(head, *(f"{value:.4g}" for value in row))
        tables.append(table)
    return tables


def _caption(table: Table, text: str) -> None:
    table.caption = text


def spectrum_table(spectrum: Spectrum) -> Table:
    """One row per bound state; of several levels one per multiplet."""
    chain = spectrum.method == "one_step"
    what = "Relaxation of the chain of updates" if chain else "Bound states of H = ½L†L"
    title = f"{what} · {spectrum.method}, {spectrum.unknowns} unknowns, {spectrum.seconds:.3g} s"
    if spectrum.method == "chamber":
        table = _table(title, "rate 2E", "states", "split", "energy E", "residual")
        for entry in multiplets(spectrum):
            table.add_row(
                f"{entry.rate:.6g}",
                f"{entry.states}{'+' if entry.cut else ''}",
                f"{entry.split:.1e}" if entry.states > 1 else "",
                f"{0.5 * entry.rate:.6g}",
                f"{entry.residual:.1e}",
            )
        _caption(table, f"Rates closer than {100.0 * CLOSE:g} % count as one; + where the states asked for end")
        return table
    table = _table(title, "n", "energy E_n", "rate 2E_n", "residual")
    for n, (energy, residual) in enumerate(zip(spectrum.energies, spectrum.residuals, strict=True)):
        table.add_row(str(n), f"{energy:.14g}", f"{2.0 * energy:.14g}", f"{residual:.1e}")
    notes = f"‖ψ_0 − √P_s‖ = {spectrum.ground_state_error:.1e}"
    if chain:
        notes = (
            "rates −ln λ_n/(2α) at the finite learning rate, E_n half of them; residual: differences of three operators"
        )
    if spectrum.kramers is not None:
        notes += f" · Kramers estimate of the escape energies: {_numbers(spectrum.kramers)}"
    _caption(table, notes)
    return table


def stationary_table(stationary: Stationary) -> Table:
    """One row per level."""
    pairs = stationary.pairs
    table = _table(f"Stationary law · {stationary.method}", "level", "mean", "std", *(("with next",) if pairs else ()))
    for i, (mean, std) in enumerate(zip(stationary.mean, stationary.std, strict=True)):
        correlation = f"{pairs.correlation[i]:.4f}" if pairs is not None and i < pairs.correlation.size else ""
        table.add_row(str(i), f"{mean:.10g}", f"{std:.10g}", *((correlation,) if pairs else ()))
    notes = []
    # Laws of training, and those of a discrete generator, have no partition function.
    if not math.isnan(stationary.log_partition_function):
        notes.append(f"ln Z = {stationary.log_partition_function:.12g}")
    if not math.isnan(stationary.error_estimate):
        notes.append(f"error of all numbers about {stationary.error_estimate:.0e}")
    if stationary.tail is not None:
        notes.append(f"tail P(X > x) ~ x^-{stationary.tail:.6g}")
    if pairs:
        notes.append("with next: correlation with the level above")
    _caption(table, " · ".join(notes))
    return table


def sample_tables(sample: Sample, width: int) -> list[Table]:
    """One row per record."""
    title = f"Trained levels · {sample.label}, {sample.levels.shape[0]} replicas, {sample.seconds:.3g} s"
    mean, std = sample.levels.mean(axis=0), sample.levels.std(axis=0)
    aligned = None if sample.alignment is None or sample.levels.shape[2] < 2 else sample.alignment.mean(axis=0)
    if mean.shape[1] > FEW:
        known = bool(np.all(np.isfinite(sample.times)))
        rows = ("t", sample.times) if known else ("step", sample.steps)
        steps = f", {sample.steps[-1]} updates"
        return [
            *_level_tables(f"{title}{steps}: mean of each level", rows, mean, width),
            *_level_tables("Standard deviation of each level", rows, std, width),
            *(() if aligned is None else _level_tables(f"{_ALIGNMENT}", rows, aligned, width)),
        ]
    table = _table(title, "step", "t", "mean", "std", *(() if aligned is None else ("alignment",)))
    for k, step in enumerate(sample.steps):
        turned = () if aligned is None else (_numbers(aligned[k]),)
        table.add_row(str(step), f"{sample.times[k]:.6g}", _numbers(mean[k]), _numbers(std[k]), *turned)
    if aligned is not None:
        _caption(table, "alignment: mean part of an eigenvector that lies in its eigenspace of the target")
    return [table]


def report_table(report: Report) -> Table:
    """One row per statistic, each at its worst group of levels and time."""
    table = _table(
        "Prediction against training, no parameter fitted",
        "statistic", "value", "limit", "p", "n", "worst at", "verdict",
    )  # fmt: skip
    for statistic in report.statistics:
        worst = max(statistic.details, key=lambda detail: float(str(detail["value"])))
        time = worst.get("time")
        judged = statistic.threshold is not None or statistic.p_threshold is not None
        table.add_row(
            statistic.name,
            f"{statistic.value:.4g}",
            _limits(statistic),
            "" if statistic.p_value is None else f"{statistic.p_value:.2g}",
            f"{statistic.n_effective:.6g}",
            _place(worst, time),
            ("passed" if statistic.passed else "REJECTED") if judged else "",
        )
    return table


def _place(detail: Mapping[str, object], time: object) -> str:
    """Where a statistic is worst: the prediction or its time, and the levels if there are several."""
    place = f"t={time:.5g}" if detail["against"] == "evolve" and isinstance(time, float) else str(detail["against"])
    levels = detail["levels"]
    named = isinstance(levels, list) and levels != [0]
    return f"{place} levels {', '.join(map(str, levels))}" if named and isinstance(levels, list) else place


def _limits(statistic: Statistic) -> str:
    """The thresholds: of the value, of the p-value, or both."""
    limits = [] if statistic.threshold is None else [f"< {statistic.threshold:.3g}"]
    if statistic.p_threshold is not None:
        limits.append(f"p > {statistic.p_threshold:.2g}")
    return ", ".join(limits)


def expectation_table(result: Result) -> Table:
    """One row per key of [expect]."""
    table = _table("Expected values", "key", "found", "expected", "verdict")
    for entry in result.expectations:
        verdict = "passed" if entry["passed"] else f"REJECTED ({entry['tolerance']})"
        table.add_row(str(entry["key"]), _short(entry["found"]), _short(entry["value"]), verdict)
    return table


def _short(value: object) -> str:
    """A value in a cell: numbers to ten digits, the first three entries of a list."""
    if isinstance(value, float):
        return f"{value:.10g}"
    if isinstance(value, list):
        return " ".join(_short(entry) for entry in value[:SHOWN]) + (" …" if len(value) > SHOWN else "")
    return str(value)


def console_width() -> int | None:
    """Width of lines on stdout; None where the terminal or COLUMNS tells."""
    return None if sys.stdout.isatty() or "COLUMNS" in os.environ else WIDE


def print_result(result: Result, *, output: str, folder: str | None) -> None:
    """Print every section of a result that was computed, the verdict last."""
    console = Console(file=sys.stdout, width=console_width())
    tables = []
    if result.evolution is not None:
        tables += evolution_tables(result.evolution, console.width)
    if result.spectrum is not None:
        tables.append(spectrum_table(result.spectrum))
    if result.stationary is not None:
        tables.append(stationary_table(result.stationary))
    if result.sample is not None:
        tables += sample_tables(result.sample, console.width)
    if result.report is not None:
        tables.append(report_table(result.report))
    if result.expectations:
        tables.append(expectation_table(result))
    for table in tables:
        # Title and caption would be wrapped to the width of their table.
        title, note, table.title, table.caption = table.title, table.caption, None, None
        if title:
            console.print(title, style="bold", highlight=False, soft_wrap=True)
        console.print(table)
        if note:
            console.print(note, style="dim", highlight=False, soft_wrap=True)
    console.print(f"Result: {output}")
    if folder is not None:
        console.print(f"Figures and report: {folder}/report.html")
    console.print(f"Seed: {result.provenance.seed}")
    if result.report is not None or result.expectations:
        verdict = "PASSED" if result.passed else "REJECTED"
        console.print(f"Verdict: {verdict}", style="bold green" if result.passed else "bold red")
