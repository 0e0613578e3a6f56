"""Pieces of an HTML page: escaped text, tables, numbers, and the style sheet."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from html import escape

import numpy as np

__all__ = ["STYLE", "block", "fold", "number", "paragraph", "pretty_json", "section", "table"]

STYLE = """
:root { color-scheme: light dark; --ink: #1c2126; --soft: #5b6670; --line: #d9dee3; --paper: #ffffff; --tint: #f4f6f8;
  --good: #0b6b47; --bad: #b3261e; --link: #0a5ea8; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6e9ec; --soft: #9aa6b1; --line: #363d45; --paper: #15191d;
  --tint: #1d2329; --good: #5fd3a2; --bad: #ff8a80; --link: #7ab8f5; } }
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 2rem 1.25rem 4rem; max-width: 60rem; background: var(--paper); color: var(--ink);
  font: 16px/1.55 system-ui, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif; }
h1 { font-size: 1.75rem; line-height: 1.2; margin: 0 0 .35rem; }
h2 { font-size: 1.2rem; margin: 2.6rem 0 .6rem; padding-bottom: .3rem; border-bottom: 1px solid var(--line); }
p { margin: .5rem 0; max-width: 46rem; }
.soft { color: var(--soft); }
a { color: var(--link); }
.verdict { margin: 1.2rem 0; padding: .8rem 1.1rem; border: 1px solid var(--line); border-left: .45rem solid var(--soft);
  background: var(--tint); border-radius: .3rem; }
.verdict.passed { border-left-color: var(--good); } .verdict.rejected { border-left-color: var(--bad); }
.verdict strong { font-size: 1.1rem; }
.passed strong, td.passed { color: var(--good); } .rejected strong, td.rejected { color: var(--bad); font-weight: 600; }
figure { margin: 1.2rem 0 1.8rem; } figure img { display: block; max-width: 100%; height: auto; background: #fff;
  border: 1px solid var(--line); border-radius: .3rem; padding: .4rem; }
figcaption { margin-top: .4rem; color: var(--soft); font-size: .92rem; max-width: 46rem; }
.wide { overflow-x: auto; margin: .7rem 0; }
table { border-collapse: collapse; font-size: .92rem; font-variant-numeric: tabular-nums; }
th, td { text-align: right; padding: .25rem .8rem .25rem 0; border-bottom: 1px solid var(--line); white-space: nowrap;
  vertical-align: top; }
th { font-weight: 600; color: var(--soft); } th:first-child, td:first-child, .words td, .words th { text-align: left; }
.words td { white-space: normal; overflow-wrap: break-word; } .words td:first-child { white-space: nowrap; }
pre { background: var(--tint); border: 1px solid var(--line); border-radius: .3rem; padding: .7rem .9rem; overflow-x: auto;
  font-size: .85rem; line-height: 1.45; }
code, pre { font-family: ui-monospace, "Cascadia Mono", Menlo, Consolas, monospace; }
summary { cursor: pointer; color: var(--link); margin: .6rem 0; }
@media print { body { max-width: none; padding: 0; } details > * { display: block; } }
"""


def number(value: object, *, digits: int = 6) -> str:
    """Write a number, a list of numbers or a text as a reader wants it; a dash for what is missing."""
    if value is None or (isinstance(value, float | np.floating) and np.isnan(value)):
        return "–"
    if isinstance(value, bool | np.bool_):
        return "yes" if value else "no"
    if isinstance(value, float | np.floating):
        return f"{float(value):.{digits}g}".replace("-", "−")
    if isinstance(value, int | np.integer):
        return str(value)
    if isinstance(value, np.ndarray):
        return number(value.tolist(), digits=digits)
    if isinstance(value, list | tuple):
        return ", ".join(number(item, digits=digits) for item in value)
    if isinstance(value, dict):
        return "; ".join(f"{key} = {number(item, digits=digits)}" for key, item in value.items())
    return str(value)


def table(head: Sequence[str], rows: Iterable[Sequence[object]], *, words: bool = False, digits: int = 6) -> str:
    """Write an HTML table; cells are numbers or texts, and everything is escaped.

    Parameters
    ----------
    head : sequence of str
        Column titles; empty for a table without a head.
    rows : iterable of sequences
        "passed" and "rejected" are coloured.
    words : bool
        True for texts that may be long (left-aligned, wrapped).
    digits : int
        Significant digits of floats.
    """
    lines = [f'<div class="wide"><table{" class=words" if words else ""}>']
    if head:
        lines.append("<thead><tr>" + "".join(f"<th>{escape(title)}</th>" for title in head) + "</tr></thead>")
    lines.append("<tbody>")
    for row in rows:
        cells = (escape(number(cell, digits=digits)) for cell in row)
        lines.append("<tr>" + "".join(f"<td{_class_of(cell)}>{cell}</td>" for cell in cells) + "</tr>")
    return "\n".join([*lines, "</tbody></table></div>"])


def paragraph(text: str, *, soft: bool = False) -> str:
    """Write one escaped paragraph."""
    return f"<p{' class=soft' if soft else ''}>{escape(text)}</p>"


def block(text: str, *, title: str = "", opened: bool = True) -> str:
    """Write preformatted, escaped text, behind a title that folds it if there is one."""
    body = f"<pre>{escape(text)}</pre>"
    return fold(title, body, opened=opened) if title else body


def fold(title: str, body: str, *, opened: bool = False) -> str:
    """Hide HTML behind a title that opens it."""
    return f"<details{' open' if opened else ''}><summary>{escape(title)}</summary>{body}</details>"


def section(title: str, *parts: str) -> str:
    """Write a headed section."""
    return "\n".join([f"<section><h2>{escape(title)}</h2>", *parts, "</section>"])


def pretty_json(text: str) -> str:
    """Indent JSON; anything else stays as it is."""
    try:
        return json.dumps(json.loads(text), indent=2, ensure_ascii=False)
    except ValueError:
        return text


def _class_of(cell: str) -> str:
    return f" class={cell}" if cell in {"passed", "rejected"} else ""
