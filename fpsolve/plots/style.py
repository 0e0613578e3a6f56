"""How figures look: sizes, fonts and colours that stay readable in one column of a journal."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.axis import Axis
from matplotlib.colors import Colormap, LinearSegmentedColormap
from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

__all__ = [
    "COLUMN",
    "DATA",
    "DENSITY",
    "DIVERGING",
    "INK",
    "MUTED",
    "PREDICTION",
    "STATES",
    "TIMES",
    "plain_log_ticks",
    "short_number",
    "time_label",
    "with_style",
]

COLUMN = 3.4
"""Width of a journal column in inches; every figure is a whole number of these wide."""

PREDICTION = "#0072b2"
DATA = "#d55e00"
MUTED = "#5f6b76"
INK = "#24292e"
STATES = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#a6761d", "#3f3f9e", "#56b4e9", "#7a5195")
"""Colours of bound states; the first six differ for every kind of colour vision (Okabe and Ito)."""

TIMES: Colormap = LinearSegmentedColormap.from_list(
    "fpsolve_times", mpl.colormaps["viridis"](np.linspace(0.0, 0.82, 64))
)
"""Early times dark, late times light; the palest end is left out, as it vanishes on paper."""

DENSITY: Colormap = LinearSegmentedColormap.from_list(
    "fpsolve_density", ["white", *mpl.colormaps["Blues"](np.array([0.25, 0.55, 0.85]))]
)
"""Joint densities: white where there is nothing."""

DIVERGING = "RdBu_r"
"""Correlations: blue below and red above 0, told apart by every kind of colour vision."""

_STYLE: dict[Any, object] = {
    "axes.axisbelow": True,
    "axes.edgecolor": "#3a3f44",
    "axes.labelsize": 8,
    "axes.linewidth": 0.7,
    "axes.spines.right": False,
    "axes.spines.top": False,
    "axes.titlesize": 8,
    "figure.constrained_layout.use": True,
    "figure.dpi": 150,
    "figure.facecolor": "white",
    "font.family": "sans-serif",
    "font.sans-serif": ["DejaVu Sans"],
    "font.size": 8,
    "legend.fontsize": 7,
    "legend.edgecolor": "none",
    "legend.framealpha": 0.75,
    "legend.handlelength": 1.6,
    "lines.linewidth": 1.3,
    "mathtext.fontset": "dejavusans",
    "pdf.fonttype": 42,
    "savefig.dpi": 300,
    "svg.hashsalt": "fpsolve",
    "xtick.labelsize": 7,
    "xtick.major.width": 0.7,
    "ytick.labelsize": 7,
    "ytick.major.width": 0.7,
}


def with_style() -> AbstractContextManager[None]:
    """Use the package's style inside a ``with`` block; the user's own settings come back afterwards.

    Nothing of the user's matplotlibrc enters, so that the figures look the same everywhere.
    """
    settings: dict[Any, object] = dict(mpl.rcParamsDefault)
    return mpl.rc_context({**settings, **_STYLE, "backend": mpl.rcParams["backend"]})


def plain_log_ticks(axis: Axis, first: float, last: float) -> None:
    """Write the ticks of a logarithmic axis as plain numbers, 1, 2 and 5 of a decade where it has fewer than two."""
    axis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0) if last < 100.0 * first else (1.0,)))
    axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    axis.set_minor_formatter(NullFormatter())


def time_label(time: float) -> str:
    """Write a time as a legend shows it, with up to four digits."""
    return f"t = {time:.4g}"


def short_number(value: float) -> str:
    """Write a number with three digits, without an exponent below a million."""
    return f"{value:.0f}" if 100.0 <= value < 1e6 else f"{value:.3g}"
