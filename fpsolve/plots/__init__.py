"""Figures of results. No function touches pyplot, so they work without a display and leave no global state."""

from __future__ import annotations

from fpsolve.plots.band import plot_band
from fpsolve.plots.correlation import plot_correlation
from fpsolve.plots.density import plot_density, plot_stationary
from fpsolve.plots.figures import CAPTIONS, figures_of, render, save_figures
from fpsolve.plots.histogram import plot_histogram
from fpsolve.plots.joint import plot_pairs
from fpsolve.plots.moments import plot_moments
from fpsolve.plots.spacing import plot_spacing
from fpsolve.plots.spectrum import plot_spectrum
from fpsolve.plots.style import with_style
from fpsolve.plots.survival import plot_survival
from fpsolve.plots.waterfall import plot_waterfall

__all__ = [
    "CAPTIONS",
    "figures_of",
    "plot_band",
    "plot_correlation",
    "plot_density",
    "plot_histogram",
    "plot_moments",
    "plot_pairs",
    "plot_spacing",
    "plot_spectrum",
    "plot_stationary",
    "plot_survival",
    "plot_waterfall",
    "render",
    "save_figures",
    "with_style",
]
