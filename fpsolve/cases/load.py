"""From a case file to a `Case`: all faults of the file are found together, before anything runs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from pydantic import ValidationError

from fpsolve.cases.base import located, read_source, with_first_values
from fpsolve.cases.case import SECTIONS, Case
from fpsolve.cases.check_model import check_model
from fpsolve.cases.check_sweep import check_expect, check_sweep
from fpsolve.cases.check_tasks import check_tasks
from fpsolve.cases.check_training import check_training
from fpsolve.cases.check_validate import check_validate
from fpsolve.cases.faults import PLAIN_KEYS, Fault
from fpsolve.cases.finish import finish
from fpsolve.cases.lines import KeyPath, Toml
from fpsolve.cases.override import apply_overrides
from fpsolve.cases.resolve import share_settings
from fpsolve.cases.schema import SCHEMA_VERSION, Document
from fpsolve.cases.schema_noise import ConstantNoise
from fpsolve.cases.toml_text import freeze, parse_toml, read_text
from fpsolve.cases.translate import faults_of
from fpsolve.errors import CaseError

__all__ = ["case_from_tables", "case_from_text", "load_case", "point_of_sweep"]


def load_case(path: str | Path, *, overrides: Sequence[str] = ()) -> Case:
    """Read, check and complete a case file.

    Parameters
    ----------
    path : path
        A TOML file.
    overrides : sequence of str
        ``dotted.key=value``, put on top of the file in this order.

    Returns
    -------
    Case
        With every default that depends on another section filled in.

    Raises
    ------
    CaseError
        With one `Problem` for every fault, each with file, line, key, and what is allowed.
    """
    file = Path(path)
    return case_from_text(read_text(file), path=file, overrides=overrides)


def case_from_text(text: str, *, path: Path | None = None, overrides: Sequence[str] = ()) -> Case:
    """As `load_case`, from text; `path` names it in messages and anchors relative paths.

    Raises
    ------
    CaseError
        As `load_case`.
    """
    source = read_source(text, path, overrides)
    tables, origins, problems = apply_overrides(source.tables, overrides)
    if problems:
        raise CaseError(problems)
    tables, places = with_first_values(source, tables)
    empty = Case(path, source.text, tuple(overrides), "", None, None, places=places)
    return _read(tables, empty, origins=origins)


def point_of_sweep(case: Case, values: Sequence[str]) -> Case:
    """Return the case of one point of a sweep: the file without [sweep], and more overrides on top of its own.

    Parameters
    ----------
    case : Case
        The sweep.
    values : sequence of str
        ``dotted.key=value`` of the point, applied as ``--set`` applies them.

    Raises
    ------
    CaseError
        As `load_case`; faults that a value makes name it as ``--set dotted.key=value``.
    """
    file = str(case.path) if case.path is not None else ""
    overrides = (*case.overrides, *values)
    tables, origins, problems = apply_overrides(parse_toml(case.text, file), overrides)
    if problems:
        raise CaseError(problems)
    tables.pop("sweep", None)
    empty = Case(case.path, case.text, overrides, "", None, None, places=case.places)
    return _read(tables, empty, origins=origins)


def case_from_tables(tables: Mapping[str, Toml], *, path: Path | None = None) -> Case:
    """As `load_case`, from tables such as `Case.resolved` gives.

    Raises
    ------
    CaseError
        As `load_case`, without lines.
    """
    empty = Case(path, "", (), "", None, None, places=((str(path or ""), {}),))
    return _read(freeze(dict(tables)), empty, origins={})


def _read(
    tables: dict[str, Toml],
    empty: Case,
    *,
    origins: Mapping[KeyPath, str],
) -> Case:
    tables = _joined_expectations(tables)
    parts, faults = _parts(tables)
    case, more = _completed(replace(empty, **parts), present=frozenset(tables))
    faults += more
    faults += _meaning(case, present=frozenset(tables))
    broken = {str(fault.path[0]) for fault in faults}
    if "sgd" in tables and case.sgd is None and not isinstance(getattr(case.model, "noise", None), ConstantNoise):
        # Derived noise may rest on what cannot be read there.
        broken.add("model")
    case, more = finish(case, broken=frozenset(broken))
    faults += more
    if faults:
        raise CaseError(located(faults, case.places, origins))
    return case


def _joined_expectations(tables: dict[str, Toml]) -> dict[str, Toml]:
    """[expect] with every key as one dotted path, also where the dots were written outside quotes."""
    expect = tables.get("expect")
    if not isinstance(expect, dict):
        return tables
    joined: dict[str, Toml] = {}
    for key, value in expect.items():
        while isinstance(value, dict) and "value" not in value and len(value) == 1:
            ((inner, value),) = value.items()
            key = f"{key}.{inner}"
        joined[key] = value
    return {**tables, "expect": joined}


def _parts(tables: dict[str, Toml]) -> tuple[dict[str, Toml], list[Fault]]:
    """Every section on its own, so that a fault in one does not hide those in the others."""
    faults: list[Fault] = []
    if "schema" not in tables:
        faults.append(
            Fault(("schema",), f"is required and missing; write schema = {SCHEMA_VERSION} above all sections")
        )
    parts: dict[str, Toml] = {}
    for key, value in tables.items():
        try:
            document = Document.model_validate({"schema": SCHEMA_VERSION, key: value})
        except ValidationError as error:
            faults += faults_of(error, tables)
            continue
        if key in (*PLAIN_KEYS[1:], *SECTIONS, "expect"):
            parts[key] = document.validate_ if key == "validate" else getattr(document, key)
    if "model" not in tables and "base" not in tables.get("sweep", {}):
        faults.append(
            Fault(("model",), 'the section is required and missing, e.g. kind = "rbm", kappa = [1.0], mu2 = 2.0')
        )
    return parts, faults


def _completed(case: Case, *, present: frozenset[str]) -> tuple[Case, list[Fault]]:
    """Return the case with the defaults that depend on other sections."""
    case = replace(case, title=case.title or case.name)
    if case.model is None:
        return case, []
    shared = share_settings(case.model, case.sgd)
    # What an unreadable [sgd] might have given is not missing.
    unreadable = "sgd" in present and case.sgd is None
    faults = [fault for fault in shared.faults if not (unreadable and fault.path[:2] == ("model", "noise"))]
    return replace(case, model=shared.model, sgd=shared.sgd, warnings=shared.warnings), faults


def _meaning(case: Case, *, present: frozenset[str]) -> list[Fault]:
    faults = list(check_model(case.model)) if case.model is not None else []
    faults += check_tasks(case, present=present)
    faults += check_training(case)
    if case.validate is not None:
        faults += check_validate(case, case.validate, present=present)
    if case.sweep is not None:
        faults += check_sweep(case, case.sweep)
    return [*faults, *check_expect(case, present=present)]
