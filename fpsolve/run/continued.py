"""A run that is being continued: its case again, and whether its numbers and those to come belong together."""

from __future__ import annotations

import hashlib
import json
import logging
from dataclasses import replace
from pathlib import Path

from fpsolve.cases.case import Case
from fpsolve.cases.load import case_from_text, load_case
from fpsolve.errors import CaseError, FpsolveError, Problem
from fpsolve.results import Result
from fpsolve.run.provenance import versions

__all__ = ["case_again", "differences", "identity_of"]

logger = logging.getLogger(__name__)

NUMERIC = ("fpsolve", "python", "numpy", "scipy", "numba")
"""Packages whose versions decide on the last digits."""


def case_again(result: Result, path: Path) -> Case:
    """Make the case of a result again.

    Parameters
    ----------
    result : Result
        What was saved of the run.
    path : Path
        Its file, for messages.

    Returns
    -------
    Case
        With the seed of the run. A case file that has changed since is not taken; the log tells what has.

    Raises
    ------
    CaseError
        This version of fpsolve reads another case out of the text, or packages that make the numbers have other
        versions: going on would mix results. The message says which.
    """
    made_by, now = result.provenance.versions, versions()
    other = [f"{name} {made_by[name]} → {now[name]}" for name in NUMERIC if made_by.get(name, now[name]) != now[name]]
    if other:
        msg = f"the run was begun with other versions ({', '.join(other)}), and results must not be mixed; run it anew"
        raise CaseError([Problem("", msg, str(path))])
    file = Path(result.case_file) if result.case_file else None
    case = case_from_text(result.case_text, path=file, overrides=result.overrides)
    case = replace(case, seed=result.provenance.seed)
    changed = differences(json.loads(result.resolved), json.loads(json.dumps(case.resolved())))
    if changed:
        msg = f"this version of fpsolve reads another case out of its text ({', '.join(changed[:3])}); run it anew"
        raise CaseError([Problem("", msg, str(path))])
    _tell_changes(case)
    return case


def identity_of(case: Case) -> str:
    """Return a text that is equal for runs that give the same numbers: of the case with its seed and the versions."""
    made_of = [case.resolved(), {name: versions()[name] for name in NUMERIC}]
    return hashlib.sha256(json.dumps(made_of, sort_keys=True).encode()).hexdigest()


def differences(was: object, now: object, path: str = "") -> list[str]:
    """Dotted keys whose values differ."""
    if isinstance(was, dict) and isinstance(now, dict):
        keys = [*was, *(key for key in now if key not in was)]
        return [
            name for key in keys for name in differences(was.get(key), now.get(key), f"{path}.{key}" if path else key)
        ]
    return [] if was == now else [path]


def _tell_changes(case: Case) -> None:
    """Warn where the case file says something else by now."""
    if case.path is None or not case.path.is_file():
        return
    try:
        now = load_case(case.path, overrides=case.overrides)
    except FpsolveError:
        logger.warning("%s has changed and is no valid case any more; the case as it was is continued", case.path)
        return
    if now.seed is None:
        now = replace(now, seed=case.seed)
    changed = differences(case.resolved(), now.resolved())
    if changed:
        logger.warning("%s has changed (%s); the case as it was is continued", case.path, ", ".join(changed))
