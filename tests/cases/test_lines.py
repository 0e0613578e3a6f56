"""Lines of keys, held against the standard parser's idea of which keys there are."""

from __future__ import annotations

import tomllib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fpsolve.cases.catalogue import shipped_case, shipped_names
from fpsolve.cases.lines import key_lines

TRICKY = """\
# [not.a.table]
schema = 1   # = 2
title = "a # b = c [d]"
'quoted key' = 'it''s' # tomllib reads this as two strings, so it is replaced below
"with.dot" = 1
a.b.c = 1
a . b . "d e" = 2
text = \"\"\"
[model]
x = 1 \\\"\"\" still text
\"\"\"
raw = '''
[evolve]
'''
numbers = [
  1.0,   # first
  [2.0,
   3.0],

  4.0,
]
inline = { p = 1, q = { r = [1, 2], "s" = "}" }, t = "," }

[ model ]
kind = "rbm"
  mu2 = 2

[model.noise]
kind = "pcd"

[[points]]
x = 1
[[points]]
x = 2
[points.inner]
y = 3
""".replace("'it''s' # tomllib reads this as two strings, so it is replaced below", "'[it]'")


def paths(tables, path=()):
    if path:
        yield path
    if isinstance(tables, dict):
        for key, value in tables.items():
            yield from paths(value, (*path, key))
    elif isinstance(tables, list):
        for index, value in enumerate(tables):
            yield from paths(value, (*path, index))


@pytest.mark.parametrize(
    ("path", "line"),
    [
        (("schema",), 2),
        (("title",), 3),
        (("quoted key",), 4),
        (("with.dot",), 5),
        (("a",), 6),
        (("a", "b", "c"), 6),
        (("a", "b", "d e"), 7),
        (("text",), 8),
        (("raw",), 12),
        (("numbers",), 15),
        (("numbers", 0), 16),
        (("numbers", 1), 17),
        (("numbers", 1, 1), 18),
        (("numbers", 2), 20),
        (("inline", "q", "r"), 22),
        (("inline", "q", "s"), 22),
        (("inline", "t"), 22),
        (("model",), 24),
        (("model", "mu2"), 26),
        (("model", "noise"), 28),
        (("model", "noise", "kind"), 29),
        (("points", 0), 31),
        (("points", 1, "x"), 34),
        (("points", 1, "inner", "y"), 36),
    ],
)
def test_tricky_text(path, line):
    assert key_lines(TRICKY)[path] == line


def test_strings_and_comments_hide_no_keys():
    assert set(key_lines(TRICKY)) == set(paths(tomllib.loads(TRICKY)))


@pytest.mark.parametrize("name", shipped_names())
def test_every_key_of_a_shipped_case_has_the_line_it_stands_on(name):
    text = shipped_case(name).read_text()
    rows = text.split("\n")
    lines = key_lines(text)
    found = list(paths(tomllib.loads(text)))
    assert set(found) == set(lines)
    for path in found:
        if isinstance(path[-1], str):
            assert path[-1] in rows[lines[path] - 1]


bare = st.text("ab1-_", min_size=1, max_size=3)
quoted = st.text("a.b# =[]", max_size=4).map(lambda word: f'"{word}"')
keys = st.lists(st.one_of(bare, quoted), min_size=1, max_size=3).map(".".join)
leaves = st.sampled_from(
    ["1", "-2.5e-3", '"x = [1] # "', "'\"'", "true", "1979-05-27", '"""\n[a]\nb = 1\n"""', "'''\n#\n'''"]
)
data = st.recursive(
    leaves,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3).map(lambda items: "[\n" + ",\n".join(items) + "\n]"),
        st.dictionaries(bare, inner, max_size=2).map(
            lambda table: "{" + ", ".join(f"{key} = {value}" for key, value in table.items()) + "}"
        ),
    ),
    max_leaves=5,
)
rows = st.one_of(
    st.tuples(keys, data).map(" = ".join),
    keys.map("[{}]".format),
    keys.map("[[{}]]".format),
    st.sampled_from(["# a = 1", "", "   "]),
)


@settings(max_examples=300, deadline=None)
@given(st.lists(rows, max_size=8))
def test_the_paths_are_those_of_the_standard_parser(document):
    text = "\n".join(document)
    try:
        tables = tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return
    lines = key_lines(text)
    assert set(paths(tables)) == set(lines)
