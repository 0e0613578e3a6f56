"""Results as tables for people; stdout only."""

from __future__ import annotations

import sys

from rich import box
from rich.console import Console
from rich.table import Table

from fpsolve.results import Evolution, Report, Result, Sample, Spectrum, Stationary, Statistic

__all__ = ["print_result"]

SHOWN = 3


def _table(title: str, *columns: str) -> Table:
    table = Table(title=title, box=box.SIMPLE_HEAD, title_justify="left", title_style="bold", pad_edge=False)
    for column in columns:
        table.add_column(column, justify="right", no_wrap=True)
    return table


def _numbers(values: object) -> str:
    return " ".join(f"{value:.6g}" for value in list(values))  # type: ignore[call-overload]


def evolution_table(evolution: Evolution) -> Table:
    """One row per output time."""
    table = _table(
        f"Evolution P(x, t) · {evolution.method}, {evolution.unknowns} unknowns, {evolution.seconds:.3g} s",
        "t", "mass", "lowest density", "mean", "std",
    )  # fmt: skip
    for k, time in enumerate(evolution.times):
        table.add_row(
            f"{time:.6g}",
            f"{evolution.mass[k]:.12g}",
            f"{evolution.minimum[k]:.3g}",
            _numbers(evolution.mean[k]),
            _numbers(evolution.std[k]),
        )
    if evolution.grid_error is not None:
        worst = float(evolution.grid_error.max())
        table.caption = f"L1 error: {worst:.1e} by the cells, {evolution.error_estimate:.1e} by the time steps"
        table.caption_justify = "left"
    return table


def spectrum_table(spectrum: Spectrum) -> Table:
    """One row per bound state."""
    table = _table(
        f"Bound states of H = ½L†L · {spectrum.method}, {spectrum.unknowns} unknowns, {spectrum.seconds:.3g} s",
        "n", "energy E_n", "rate 2E_n", "residual",
    )  # fmt: skip
    for n, (energy, residual) in enumerate(zip(spectrum.energies, spectrum.residuals, strict=True)):
        table.add_row(str(n), f"{energy:.14g}", f"{2.0 * energy:.14g}", f"{residual:.1e}")
    notes = f"‖ψ_0 − √P_s‖ = {spectrum.ground_state_error:.1e}"
    if spectrum.kramers is not None:
        notes += f" · Kramers estimate of the escape energies: {_numbers(spectrum.kramers)}"
    table.caption, table.caption_justify = notes, "left"
    return table


def stationary_table(stationary: Stationary) -> Table:
    """One row per level."""
    table = _table(f"Stationary law · {stationary.method}", "level", "mean", "std")
    for i, (mean, std) in enumerate(zip(stationary.mean, stationary.std, strict=True)):
        table.add_row(str(i), f"{mean:.10g}", f"{std:.10g}")
    table.caption, table.caption_justify = f"ln Z = {stationary.log_partition_function:.12g}", "left"
    return table


def sample_table(sample: Sample) -> Table:
    """One row per record."""
    table = _table(
        f"Trained levels · {sample.label}, {sample.levels.shape[0]} replicas, {sample.seconds:.3g} s",
        "step", "t", "mean", "std",
    )  # fmt: skip
    for k, step in enumerate(sample.steps):
        levels = sample.levels[:, k, :]
        table.add_row(str(step), f"{sample.times[k]:.6g}", _numbers(levels.mean(axis=0)), _numbers(levels.std(axis=0)))
    return table


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
            f"t={time:.5g}" if worst["against"] == "evolve" and isinstance(time, float) else str(worst["against"]),
            ("passed" if statistic.passed else "REJECTED") if judged else "",
        )
    return table


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


def print_result(result: Result, *, output: str, folder: str | None) -> None:
    """Print every section of a result that was computed, the verdict last."""
    console = Console(file=sys.stdout, soft_wrap=not sys.stdout.isatty())
    tables = []
    if result.evolution is not None:
        tables.append(evolution_table(result.evolution))
    if result.spectrum is not None:
        tables.append(spectrum_table(result.spectrum))
    if result.stationary is not None:
        tables.append(stationary_table(result.stationary))
    if result.sample is not None:
        tables.append(sample_table(result.sample))
    if result.report is not None:
        tables.append(report_table(result.report))
    if result.expectations:
        tables.append(expectation_table(result))
    for table in tables:
        console.print(table)
    console.print(f"Result: {output}")
    if folder is not None:
        console.print(f"Figures and report: {folder}/report.html")
    console.print(f"Seed: {result.provenance.seed}")
    if result.report is not None or result.expectations:
        verdict = "PASSED" if result.passed else "REJECTED"
        console.print(f"Verdict: {verdict}", style="bold green" if result.passed else "bold red")
