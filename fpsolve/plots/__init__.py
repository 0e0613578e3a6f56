"""Figures of results. No function touches pyplot, so they work without a display and leave no global state."""

from __future__ import annotations

from fpsolve.plots.alignment import plot_alignment
from fpsolve.plots.band import plot_band
from fpsolve.plots.correlation import plot_correlation
from fpsolve.plots.density import plot_density, plot_stationary
from fpsolve.plots.figures import CAPTIONS, figures_of, save_figures
from fpsolve.plots.histogram import plot_histogram
from fpsolve.plots.joint import plot_pairs
from fpsolve.plots.moments import plot_moments
from fpsolve.plots.saving import render
from fpsolve.plots.spacing import plot_spacing
from fpsolve.plots.species_density import plot_species_density
from fpsolve.plots.spectrum import plot_spectrum
from fpsolve.plots.style import with_style
from fpsolve.plots.survival import plot_survival
from fpsolve.plots.sweep_figures import SWEEP_CAPTIONS, save_sweep_figures, sweep_figures_of
from fpsolve.plots.sweep_scalars import plot_scalars
from fpsolve.plots.tail import plot_tail
from fpsolve.plots.training_curves import plot_training_curves
from fpsolve.plots.waterfall import plot_waterfall

__all__ = [
    "CAPTIONS",
    "SWEEP_CAPTIONS",
    "figures_of",
    "plot_alignment",
    "plot_band",
    "plot_correlation",
    "plot_density",
    "plot_histogram",
    "plot_moments",
    "plot_pairs",
    "plot_scalars",
    "plot_spacing",
    "plot_species_density",
    "plot_spectrum",
    "plot_stationary",
    "plot_survival",
    "plot_tail",
    "plot_training_curves",
    "plot_waterfall",
    "render",
    "save_figures",
    "save_sweep_figures",
    "sweep_figures_of",
    "with_style",
]
