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
GAP = 3  # characters between columns
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
    console = Console(file=sys.stdout, width=console_width())
    table = _table(sweep, columns or headline_columns(sweep), room=None if columns else console.width)
    counts = ", ".join(f"{sweep.count(status)} {status}" for status in STATUSES if sweep.count(status))
    console.print(
        f"{sweep.title} · {len(sweep.points)} points: {counts}", style="bold", highlight=False, soft_wrap=True
    )
    console.print(table)
    if not columns:
        console.print("More numbers of each point: fpsolve show --columns NAME,NAME or --json", soft_wrap=True)
    for index, point in enumerate(sweep.points):
        if point.message:
            console.print(f"{index}: {_short(point)}", highlight=False, soft_wrap=True)
    console.print(f"Index: {output}", soft_wrap=True)
    console.print(f"Seed: {sweep.provenance.seed}")


def _table(sweep: Sweep, names: Sequence[str], *, room: int | None) -> Table:
    """Rows of points; scalars that do not fit into `room` characters are left out, the last ones first."""
    cells = [("point", [str(index) for index in range(len(sweep.points))])]
    cells += [
        (key, [toml_value(point.values[key]) if key in point.values else "" for point in sweep.points])
        for key in sweep.axes
    ]
    cells.append(("status", [point.status for point in sweep.points]))
    cells.append(("s", [_number(point.seconds, 3) for point in sweep.points]))
    fixed = len(cells)
    cells += [(name, [_number(point.scalars.get(name)) for point in sweep.points]) for name in names]
    columns = [(_head(name), entries) for name, entries in cells]
    widths = [max(map(len, (*head.split("\n"), *entries))) + GAP for head, entries in columns]
    while room is not None and len(columns) > fixed and sum(widths[: len(columns)]) > room:
        columns.pop()
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for head, _ in columns:
        table.add_column(head, justify="right", overflow="fold")
    for row in zip(*(entries for _, entries in columns), strict=True):
        table.add_row(*row)
    return table


def _head(name: str) -> str:
    """The parts of a path below each other, so that columns stay narrow; of a verdict its section and its name."""
    verdict = re.fullmatch(r"validate\.statistics\.(\w+)\.value", name)
    return f"validate\n{verdict[1]}" if verdict else name.replace(".", "\n")


def _short(point: SweepPoint) -> str:
    first = " ".join(point.message.split())
    text = first if len(first) <= MESSAGE or point.status == "failed" else f"{first[: MESSAGE - 1]}…"
    return f"{point.status}: {text}"


def _number(value: float | None, digits: int = 6) -> str:
    return "" if value is None or math.isnan(value) else f"{value:.{digits}g}"
