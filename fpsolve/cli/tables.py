"""Results as tables for people; stdout only."""

from __future__ import annotations

import sys

from rich import box
from rich.console import Console
from rich.table import Table

from fpsolve.results import Evolution, Report, Result, Sample, Spectrum, Stationary

__all__ = ["print_result"]

MANY_ROWS = 24


def _table(title: str, *columns: str) -> Table:
    table = Table(title=title, box=box.SIMPLE_HEAD, title_justify="left", title_style="bold", pad_edge=False)
    for column in columns:
        table.add_column(column, justify="right")
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
        table.add_row(str(i + 1), f"{mean:.10g}", f"{std:.10g}")
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
    """One row per statistic, and one per group and time below it if there are few."""
    table = _table("Prediction against training", "statistic", "against", "t", "value", "limit", "p", "n", "verdict")
    for statistic in report.statistics:
        rows = statistic.details if len(statistic.details) <= MANY_ROWS else ()
        for entry in rows:
            time, p_value = entry.get("time"), entry.get("p_value")
            table.add_row(
                statistic.name,
                str(entry.get("against", "")),
                f"{time:.5g}" if isinstance(time, float) else "",
                f"{entry['value']:.4g}",
                "" if statistic.threshold is None else f"{statistic.threshold:g}",
                f"{p_value:.3g}" if isinstance(p_value, float) else "",
                f"{entry.get('n_effective', statistic.n_effective):.6g}",
                "",
            )
        table.add_row(
            f"{statistic.name} (worst)",
            "",
            "",
            f"{statistic.value:.4g}",
            "" if statistic.threshold is None else f"{statistic.threshold:g}",
            "" if statistic.p_value is None else f"{statistic.p_value:.3g}",
            f"{statistic.n_effective:.6g}",
            "—" if statistic.threshold is None else ("passed" if statistic.passed else "REJECTED"),
            style="bold",
        )
    return table


def expectation_table(result: Result) -> Table:
    """One row per key of [expect]."""
    table = _table("Expected values", "key", "found", "expected", "tolerance", "verdict")
    for entry in result.expectations:
        table.add_row(
            str(entry["key"]),
            str(entry["found"]),
            str(entry["value"]),
            str(entry["tolerance"]),
            "passed" if entry["passed"] else "REJECTED",
        )
    return table


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
