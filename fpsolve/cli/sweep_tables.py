"""A sweep as a table for people; stdout only."""

from __future__ import annotations

import math
import re
import sys
from collections.abc import Sequence

from rich import box
from rich.console import Console
from rich.table import Table

from fpsolve.cases.as_toml import toml_value
from fpsolve.cli.tables import console_width
from fpsolve.errors import MethodError
from fpsolve.results import Sweep, SweepPoint
from fpsolve.results.sweep import PointStatus

__all__ = ["headline_columns", "print_sweep"]

HEADLINES = (
    r"spectrum\.rates\.1",
    r"stationary\.levels\.(mean|std)\.\d+",
    r"evolve\.levels\.LAST\.(mean|std)\.\d+",
    r"sgd\.levels\.LAST\.(mean|std)\.\d+",
    r"stationary\.log_partition_function",
    r"validate\.statistics\.\w+\.value",
)
"""What most people look at first, in this order; LAST is the last time or record."""
MOST = 6  # columns of numbers
STATUSES: tuple[PointStatus, ...] = ("complete", "rejected", "failed", "pending")
MESSAGE = 80  # characters of a message in the table


def headline_columns(sweep: Sweep) -> tuple[str, ...]:
    """Names of a few scalars to print: the first level's where there are many, and the verdicts."""
    names = sorted({name for point in sweep.points for name in point.scalars})
    found: list[str] = []
    for pattern in HEADLINES:
        section, last = re.escape(pattern.split("\\.")[0]), ""
        if "LAST" in pattern:
            records = [int(match[1]) for name in names if (match := re.match(rf"{section}\.levels\.(\d+)\.", name))]
            last = str(max(records, default=0))
        matching = [name for name in names if re.fullmatch(pattern.replace("LAST", last), name)]
        found += [name for name in matching if not re.search(r"(mean|std)\.[1-9]\d*$", name)]
    verdicts = [name for name in found if name.startswith("validate.")]
    numbers = [name for name in found if not name.startswith("validate.")]
    return tuple([*numbers[: max(MOST - len(verdicts), 2)], *verdicts][:MOST])


def print_sweep(sweep: Sweep, *, output: str, columns: Sequence[str] = ()) -> None:
    """Print a row per point: number, values of the axes, status, seconds, and the chosen scalars.

    Raises
    ------
    MethodError
        A column that no point has.
    """
    known = {name for point in sweep.points for name in point.scalars}
    unknown = [name for name in columns if name not in known]
    if unknown:
        import difflib

        near = difflib.get_close_matches(unknown[0], known, n=3)
        hint = f"; did you mean {', '.join(near)}?" if near else ""
        msg = f"no point has a number {unknown[0]}{hint} (fpsolve show --json lists them all)"
        raise MethodError(msg)
    chosen = tuple(columns) or headline_columns(sweep)
    console = Console(file=sys.stdout, width=console_width())
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for name in ("point", *sweep.axes, "status", "s", *chosen):
        # The section stands above the rest of a path, so that columns stay narrow.
        table.add_column(name.replace(".", "\n", 1), justify="right", overflow="fold")
    for index, point in enumerate(sweep.points):
        numbers = (_number(point.scalars.get(name)) for name in chosen)
        values = (toml_value(point.values[key]) if key in point.values else "" for key in sweep.axes)
        table.add_row(str(index), *values, point.status, _number(point.seconds, 3), *numbers)
    counts = ", ".join(f"{sweep.count(status)} {status}" for status in STATUSES if sweep.count(status))
    console.print(
        f"{sweep.title} · {len(sweep.points)} points: {counts}", style="bold", highlight=False, soft_wrap=True
    )
    console.print(table)
    for index, point in enumerate(sweep.points):
        if point.message:
            console.print(f"{index}: {_short(point)}", highlight=False, soft_wrap=True)
    console.print(f"Index: {output}", soft_wrap=True)
    console.print(f"Seed: {sweep.provenance.seed}")


def _short(point: SweepPoint) -> str:
    first = " ".join(point.message.split())
    text = first if len(first) <= MESSAGE or point.status == "failed" else f"{first[: MESSAGE - 1]}…"
    return f"{point.status}: {text}"


def _number(value: float | None, digits: int = 6) -> str:
    return "" if value is None or math.isnan(value) else f"{value:.{digits}g}"
