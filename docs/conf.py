"""Sphinx configuration, and the parts of the manual that are generated from the code.

``sphinx-build -W -q -b html docs OUT`` builds the site. Formulas are set by MathJax, which the reader's browser loads
from a CDN; for a copy that works offline give its place: ``-D mathjax_path=PATH/tex-mml-chtml.js``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

import fpsolve

project = "fpsolve"
author = "The fpsolve developers"
copyright = "2026, The fpsolve developers"
release = fpsolve.__version__

extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.mathjax", "sphinx.ext.napoleon"]
myst_enable_extensions = ["dollarmath", "colon_fence", "deflist"]
smartquotes = False  # keys, options and values are to be copied
myst_heading_anchors = 3
exclude_patterns = ["_build"]
html_theme = "furo"
html_title = f"fpsolve {release}"
autodoc_typehints = "none"
autodoc_member_order = "bysource"
napoleon_google_docstring = False
napoleon_use_rtype = False
# Words of a type such as "shape (level,)" are looked up as names, and found in several classes.
suppress_warnings = ["ref.python"]
nitpicky = False


def case_reference() -> str:
    """Every section and key of a case file, from the schema."""
    from fpsolve.cases.reference import reference

    # The page has a title of its own.
    return reference().partition("\n")[2]


def method_table() -> str:
    """Which method takes which problem, from the table that the solvers consult."""
    from fpsolve.solvers.methods import METHODS

    lines = []
    for task in dict.fromkeys(method.task for method in METHODS):
        rows = [method for method in METHODS if method.task == task]
        lines += [
            f"Methods of `[{task}]`:",
            "",
            "| method | levels | β | walls | schedule | D(x) |",
            "|---|---|---|---|---|---|",
        ]
        lines += [
            f"| `{row.name}` | {_range(row.levels)} | {row.beta.replace('-', '–')} | {', '.join(row.boundaries)} "
            f"| {'yes' if row.schedules else 'no'} | {row.diffusion} |"
            for row in rows
        ]
        lines += ["", *(f"- `{row.name}`: {row.note}." for row in rows), ""]
    return "\n".join(lines)


def _range(levels: tuple[int, int | None]) -> str:
    low, high = levels
    if low == high:
        return str(low)
    return f"≥ {low}" if high is None else f"{low}–{high}"


GENERATED: dict[str, Callable[[], str]] = {"case reference": case_reference, "methods": method_table}
"""What replaces the comment ``<!-- generated: NAME -->`` in a page."""


def fill_in(app: object, page: str, source: list[str]) -> None:  # noqa: ARG001 - Sphinx's signature
    """Replace the comments of one page by what they name."""
    for name, make in GENERATED.items():
        comment = f"<!-- generated: {name} -->"
        if comment in source[0]:
            source[0] = source[0].replace(comment, make())


def outdated(app: object, env: object, *changes: Iterable[str]) -> list[str]:  # noqa: ARG001 - Sphinx's signature
    """Pages with generated parts are read again at every build: the code may have changed."""
    pages = Path(__file__).parent.glob("*.md")
    return [page.stem for page in pages if "<!-- generated: " in page.read_text(encoding="utf-8")]


def bars(app: object, what: str, name: str, thing: object, options: object, lines: list[str]) -> None:  # noqa: ARG001
    """Escape bars in docstrings: they are absolute values there, and reStructuredText would take them for names."""
    lines[:] = [line if "``" in line else line.replace("|", "\\|") for line in lines]


def setup(app: object) -> dict[str, bool]:
    """Register the functions above."""
    app.connect("autodoc-process-docstring", bars)  # type: ignore[attr-defined]
    app.connect("source-read", fill_in)  # type: ignore[attr-defined]
    app.connect("env-get-outdated", outdated)  # type: ignore[attr-defined]
    return {"parallel_read_safe": True}
