"""Whatever stands in a case file, the answer is a case or a list of problems."""

from __future__ import annotations

import contextlib
import datetime as dt
import tomllib
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fpsolve.cases.case import Case
from fpsolve.cases.catalogue import library_folder
from fpsolve.cases.expression import Expression, ExpressionError, parse_expression
from fpsolve.cases.lines import key_lines
from fpsolve.cases.load import case_from_tables, case_from_text
from fpsolve.errors import CaseError

TEXTS = [path.read_text() for path in sorted(library_folder().glob("*.toml"))]
TABLES = [tomllib.loads(text) for text in TEXTS]
FEW = settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow])

scalars = st.one_of(
    st.integers(),
    st.integers(-3, 3),
    st.just(10**400),
    st.floats(),
    st.booleans(),
    st.text(max_size=12),
    st.sampled_from(["rbm", "exact", "noise", "kind", "model", "x**2", "stationary", "x" * 300, ""]),
    st.just(dt.date(2024, 7, 23)),
    st.just(dt.time(1, 2)),
)
values = st.recursive(
    scalars,
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.dictionaries(st.sampled_from(["kind", "g2", "n", "value", "rbm", "a.b", ""]), inner, max_size=3),
    ),
    max_leaves=6,
)


def assert_answered(load) -> None:
    problems = ()
    try:
        case = load()
    except CaseError as error:
        problems = error.problems
        case = None
    if case is None:
        assert problems
        assert all(problem.message for problem in problems)
    else:
        assert isinstance(case, Case)
        assert case_from_tables(case.resolved(), path=case.path).resolved() == case.resolved()


def places(tables, path=()):
    yield path
    if isinstance(tables, dict):
        for key, value in tables.items():
            yield from places(value, (*path, key))
    elif isinstance(tables, list):
        for index, value in enumerate(tables):
            yield from places(value, (*path, index))


def replaced(tables, path, value):
    if not path:
        return value
    copy = dict(tables) if isinstance(tables, dict) else list(tables)
    copy[path[0]] = replaced(tables[path[0]], path[1:], value)
    return copy


@FEW
@given(data=st.data())
def test_any_value_anywhere(data):
    tables = data.draw(st.sampled_from(TABLES))
    for _ in range(data.draw(st.integers(1, 3))):
        path = data.draw(st.sampled_from([path for path in places(tables) if path]))
        tables = replaced(tables, path, data.draw(values))
    assert_answered(lambda: case_from_tables(tables, path=Path("fuzz.toml")))


@FEW
@given(data=st.data())
def test_any_key_removed_or_renamed(data):
    tables = data.draw(st.sampled_from(TABLES))
    path = data.draw(st.sampled_from([path for path in places(tables) if path and isinstance(path[-1], str)]))
    inner = tables
    for key in path[:-1]:
        inner = inner[key]
    other = {key: value for key, value in inner.items() if key != path[-1]}
    name = data.draw(st.one_of(st.none(), st.text(max_size=8), st.sampled_from(["kind", "model", "levels", "rbm"])))
    if name is not None:
        other[name] = inner[path[-1]]
    changed = replaced(tables, path[:-1], other)
    assert_answered(lambda: case_from_tables(changed, path=Path("fuzz.toml")))


@FEW
@given(data=st.data())
def test_any_text_cut_and_pasted(data):
    text = data.draw(st.sampled_from(TEXTS))
    for _ in range(data.draw(st.integers(1, 3))):
        start = data.draw(st.integers(0, len(text)))
        stop = data.draw(st.integers(start, min(start + 40, len(text))))
        middle = data.draw(
            st.one_of(st.text(max_size=10), st.sampled_from(["[", "]", '"', "'''", "=", "{", "\n", "\\", "#"]))
        )
        text = text[:start] + middle + text[stop:]
    assert_answered(lambda: case_from_text(text, path=Path("fuzz.toml")))


@FEW
@given(st.text(alphabet="[]{}=.,#'\"\\ab1 \n\r\té", max_size=60))
def test_the_line_scanner_never_fails(text):
    lines = key_lines(text)
    assert all(1 <= line <= text.count("\n") + 1 for line in lines.values())


@settings(max_examples=200, deadline=None)
@given(st.text(alphabet="xpie0123456789.+-*/() sincotanlgqrh_,", max_size=40))
def test_any_expression_is_read_or_refused(text):
    with contextlib.suppress(ExpressionError):
        assert isinstance(parse_expression(text), Expression)
