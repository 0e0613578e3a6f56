"""Progress on stderr: bars on a terminal, a line per 5 % or 30 s in a log file."""

from __future__ import annotations

import sys
import time
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

__all__ = ["BarSink", "LineSink", "QuietSink"]

LINE_FRACTION = 0.05
LINE_SECONDS = 30.0
LEAST_SECONDS = 1.0  # short tasks are over before their lines could be read


class QuietSink:
    """Shows nothing."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        return None

    def start(self, task: str, note: str) -> None:
        """Note that a task begins."""

    def advance(self, done: int, total: int) -> None:
        """Note that `done` of `total` parts of the running task are finished."""

    def finish(self, task: str, seconds: float) -> None:
        """Note that a task ended."""


class LineSink(QuietSink):
    """One line per 5 % of a task (at most one a second) or per 30 s: readable in the log of a batch job."""

    def __init__(self) -> None:
        self._task = ""
        self._shown = 0.0
        self._clock = 0.0
        self._first: tuple[int, float] | None = None

    def _say(self, text: str) -> None:
        sys.stderr.write(text + "\n")
        sys.stderr.flush()
        self._clock = time.monotonic()

    def start(self, task: str, note: str) -> None:
        """Print the name of the task."""
        self._task, self._shown, self._first = task, 0.0, None
        self._say(f"{task}: {note}")

    def advance(self, done: int, total: int) -> None:
        """Print the fraction done and the time left, not too often."""
        fraction, now = done / total, time.monotonic()
        # What was done at the first call may be the work of an earlier run that this one continues.
        before, begun = self._first = self._first or (done, now)
        silence = now - self._clock
        if (fraction >= self._shown + LINE_FRACTION and silence >= LEAST_SECONDS) or silence >= LINE_SECONDS:
            self._shown = fraction
            left = (
                f", about {_in_words((now - begun) * (total - done) / (done - before))} left" if done > before else ""
            )
            self._say(f"{self._task}: {100.0 * fraction:3.0f} %{left if done < total else ''}")

    def finish(self, task: str, seconds: float) -> None:
        """Print how long the task took."""
        self._say(f"{task}: done in {seconds:.2f} s")


def _in_words(seconds: float) -> str:
    if seconds < 90.0:
        return f"{seconds:.0f} s"
    return f"{seconds / 60.0:.0f} min" if seconds < 5400.0 else f"{seconds / 3600.0:.1f} h"


class BarSink(QuietSink):
    """A bar for the running task and a line for every finished one."""

    def __init__(self) -> None:
        self._console = Console(stderr=True)
        self._progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(bar_width=30),
            TextColumn("{task.percentage:3.0f} %"),
            TimeElapsedColumn(),
            TimeRemainingColumn(),
            console=self._console,
            transient=True,
        )
        self._bar: int | None = None

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self._progress.stop()

    def start(self, task: str, note: str) -> None:
        """Open a bar."""
        self._bar = self._progress.add_task(f"{task}: {note}", total=None)

    def advance(self, done: int, total: int) -> None:
        """Move the bar."""
        if self._bar is not None:
            self._progress.update(self._progress.task_ids[-1], completed=done, total=total)

    def finish(self, task: str, seconds: float) -> None:
        """Replace the bar by one line."""
        for bar in list(self._progress.task_ids):
            self._progress.remove_task(bar)
        self._bar = None
        self._console.print(f"[green]✓[/green] {task} [dim]{seconds:.2f} s[/dim]")
