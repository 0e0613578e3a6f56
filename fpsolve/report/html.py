"""One self-contained HTML page that tells a stranger what was computed and how well it holds."""

from __future__ import annotations

import base64
import os
from collections.abc import Callable, Mapping
from html import escape

from matplotlib.figure import Figure

from fpsolve.plots.figures import caption_of
from fpsolve.plots.saving import render
from fpsolve.report.page import STYLE, paragraph, section
from fpsolve.report.sections import problem_section, reproduce_section, results_sections
from fpsolve.report.verdict import expectation_section, validation_section, verdict_box
from fpsolve.results import Result
from fpsolve.store.atomic import write_atomically

__all__ = ["html_page", "write_report"]

_DPI = 220  # sharp on a dense screen, and half the size of what is saved for print
_POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'"

Draw = Callable[[], Figure]


def write_report(result: Result, figures: Mapping[str, Draw], path: str | os.PathLike[str]) -> None:
    """Write the report of a result; an earlier report of that name is replaced.

    Parameters
    ----------
    result : Result
    figures : mapping
        Figures by name, as `figures_of(result)` gives them.
    path : path
        Usually report.html in the folder of figures.

    Raises
    ------
    StorageError
        The file cannot be written.
    """
    write_atomically(path, html_page(result, figures).encode("utf-8"), overwrite=True)


def html_page(result: Result, figures: Mapping[str, Draw]) -> str:
    """Compose the page: verdict, problem, figures, tables, the way to repeat it. It loads nothing from anywhere.

    Parameters
    ----------
    result : Result
    figures : mapping
        Figures by name; they are embedded as PNG.
    """
    title = result.title or f"{result.kind} case"
    version = result.provenance.versions.get("fpsolve", "")
    validation = "" if result.report is None else validation_section(result.report)
    body = [
        f"<header><h1>{escape(title)}</h1>",
        paragraph(f"Model {result.kind} · fpsolve {version} · {result.provenance.created_at}", soft=True) + "</header>",
        verdict_box(result),
        problem_section(result),
        _figures(result, figures),
        validation,
        expectation_section(result),
        results_sections(result),
        reproduce_section(result),
    ]
    return "\n".join(
        [
            "<!DOCTYPE html>",
            '<html lang="en"><head><meta charset="utf-8">',
            f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            f"<title>{escape(title)} · fpsolve</title>",
            f"<style>{STYLE}</style></head><body>",
            *(part for part in body if part),
            "</body></html>",
            "",
        ]
    )


def _figures(result: Result, figures: Mapping[str, Draw]) -> str:
    if not figures:
        return ""
    parts = []
    for name, draw in figures.items():
        figure = draw()
        width = round(96 * figure.get_figwidth() * 1.35)
        data = base64.b64encode(render(figure, "png", dpi=_DPI)).decode("ascii")
        caption = caption_of(name, result)
        parts.append(
            f'<figure id="{escape(name)}"><img alt="{escape(caption)}" width="{width}" '
            f'src="data:image/png;base64,{data}"><figcaption>{escape(caption)}</figcaption></figure>'
        )
    return section("Figures", *parts)
