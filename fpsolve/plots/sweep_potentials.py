"""Potentials with their bound states, the points of a sweep side by side."""

from __future__ import annotations

from matplotlib.figure import Figure

from fpsolve.plots.spectrum import WELL_KEY, draw_spectrum
from fpsolve.plots.style import COLUMN, MUTED, with_style
from fpsolve.plots.sweep_points import Points
from fpsolve.results import Spectrum

__all__ = ["can_show_potentials", "plot_potentials"]

_MOST = 6


def can_show_potentials(points: Points) -> bool:
    """True if two to six points have bound states, and two or more those of a Hamiltonian, which has a potential."""
    found = sum("spectrum.energies.0" in point.scalars for point in points.sweep.points)
    return 2 <= found <= _MOST and len(_spectra(points)) >= 2


def plot_potentials(points: Points) -> Figure:
    """Draw U(x) with its bound states for every point, as `plot_spectrum` does for one.

    Parameters
    ----------
    points : Points
        With bound states at two to six points.

    Returns
    -------
    Figure
    """
    spectra = _spectra(points) if can_show_potentials(points) else {}
    if not spectra:
        msg = "this sweep does not hold the bound states of two to six points"
        raise ValueError(msg)
    with with_style():
        across = 2 if len(spectra) != 3 else 3
        rows = -(-len(spectra) // across)
        figure = Figure(figsize=(1.15 * COLUMN * across, 2.9 * rows + 0.3))
        grid = figure.subplots(rows, across, squeeze=False).ravel()
        for spare in grid[len(spectra) :]:
            spare.remove()
        for panel, (index, spectrum) in zip(grid, spectra.items(), strict=False):
            draw_spectrum(panel, spectrum)
            panel.set_title(points.name(index), loc="left")
        limits = [panel.get_xlim() for panel in grid[: len(spectra)]]
        for panel in grid[: len(spectra)]:
            panel.set_xlim(min(low for low, _ in limits), max(high for _, high in limits))
        figure.suptitle(WELL_KEY, x=0.01, ha="left", fontsize=7, color=MUTED)
    return figure


def _spectra(points: Points) -> dict[int, Spectrum]:
    return {
        index: result.spectrum
        for index, result in enumerate(points.results)
        if result is not None and result.spectrum is not None and result.spectrum.method != "one_step"
    }
