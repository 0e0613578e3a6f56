"""What a worker does: the case of one point, and what came of it."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from time import perf_counter

from fpsolve.cases.case import Case
from fpsolve.errors import FpsolveError
from fpsolve.results import Result
from fpsolve.run import run_case

__all__ = ["Outcome", "Work", "compute_point"]

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Work:
    """One point for a worker."""

    case: Case
    command: str


@dataclass(frozen=True)
class Outcome:
    """What came of a point: a result, or why there is none."""

    result: Result | None
    seconds: float
    message: str = ""


def compute_point(work: Work) -> Outcome:
    """Run the case of a point with one worker; an error is an outcome like any other."""
    started = perf_counter()
    try:
        result = run_case(work.case, command=work.command)
    except FpsolveError as error:
        return Outcome(None, perf_counter() - started, str(error))
    except Exception as error:
        logger.debug("a point failed", exc_info=True)
        return Outcome(None, perf_counter() - started, f"internal error: {type(error).__name__}: {error}")
    return Outcome(result, perf_counter() - started)
