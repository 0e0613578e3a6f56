"""The wall limit, and what a batch system sends when its own is near."""

from __future__ import annotations

import re
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

import click

from fpsolve.errors import StoppedEarly

__all__ = ["duration", "limited"]

AGAIN = 10.0
"""Seconds after which a stop is asked for again: Python drops what is raised inside a destructor."""
LONGEST = 1e8
"""Seconds, three years: longer times do not fit the timer of every system."""


def duration(text: str) -> float:
    """Seconds of a time like 90s, 10m, 3h50m or 1d; a bare number counts seconds."""
    parts = re.fullmatch(r"(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m)?(?:(\d+(?:\.\d+)?)s?)?", text.strip())
    numbers = [float(number or 0.0) for number in parts.groups()] if parts is not None else [0.0]
    seconds = sum(unit * number for unit, number in zip((86400.0, 3600.0, 60.0, 1.0), numbers, strict=False))
    if not 0.0 < seconds < LONGEST:
        msg = f"{text!r} is no time above 0; write it like 90s, 10m or 3h50m"
        raise click.BadParameter(msg)
    return seconds


@contextmanager
def limited(seconds: float | None) -> Iterator[None]:
    """Raise `StoppedEarly` inside when the time is over (None: no limit) or when SIGTERM comes."""
    if threading.current_thread() is not threading.main_thread() or not hasattr(signal, "setitimer"):
        yield
        return

    def over(number: int, frame: FrameType | None) -> None:  # noqa: ARG001 - what a handler is called with
        """Stop, and ask again soon in case the first time was not heard."""
        signal.setitimer(signal.ITIMER_REAL, AGAIN)
        reason = "the wall limit is reached" if number == signal.SIGALRM else "asked to end (SIGTERM)"
        raise StoppedEarly(reason)

    before = {number: signal.signal(number, over) for number in (signal.SIGTERM, signal.SIGALRM)}
    try:
        signal.setitimer(signal.ITIMER_REAL, seconds or 0.0)
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0.0)
        for number, handler in before.items():
            signal.signal(number, handler)
