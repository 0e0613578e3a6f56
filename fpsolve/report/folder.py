"""The folder beside a result file: figures and report."""

from __future__ import annotations

import os
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from matplotlib.figure import Figure

from fpsolve.plots.figures import figures_of, save_figures
from fpsolve.plots.saving import FORMATS
from fpsolve.report.html import write_report
from fpsolve.results import Result

__all__ = ["write_folder"]


def write_folder(result: Result, folder: str | os.PathLike[str], *, formats: Sequence[str] = FORMATS) -> Path:
    """Save every figure of a result and report.html into one folder; each figure is drawn once.

    Parameters
    ----------
    result : Result
    folder : path
        Made if it does not exist. Figures of an earlier result are replaced or removed, other files left alone.
    formats : sequence of str
        "png", "pdf", "svg".

    Returns
    -------
    Path
        The report.

    Raises
    ------
    StorageError
        A file cannot be written.
    """
    drawn = {name: partial(_same, draw()) for name, draw in figures_of(result).items()}
    save_figures(result, folder, formats, figures=drawn)
    report = Path(folder) / "report.html"
    write_report(result, drawn, report)
    return report


def _same(figure: Figure) -> Figure:
    return figure
