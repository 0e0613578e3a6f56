"""The potential U(x) of the Fokker–Planck Hamiltonian with its bound states drawn in it."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator
from numpy.typing import NDArray

from fpsolve.plots.panels import extent
from fpsolve.plots.style import COLUMN, MUTED, STATES, with_style
from fpsolve.results import Result, Spectrum

__all__ = ["WELL_KEY", "draw_spectrum", "plot_spectrum"]

WELL_KEY = "black: potential U(x); horizontal: energies Eₙ; curves: ψₙ on its Eₙ, one scale for all, ∫ψₙ² dx = 1"
"""What the lines of a potential with bound states are."""

Array = NDArray[np.float64]

_MOST_DRAWN = 10


def plot_spectrum(result: Result) -> Figure:
    """Draw U(x), a line at every energy E_n, and ψ_n on its line, as textbooks draw quantum wells.

    The right axis gives the relaxation rates 2E_n. Levels that cannot be told apart at this scale (tunnelling pairs)
    share one label. At most ten states are drawn. Without wavefunctions the energies are drawn alone.

    Parameters
    ----------
    result : Result
        With a spectrum.

    Returns
    -------
    Figure
    """
    spectrum = result.spectrum
    if spectrum is None:
        msg = "this result holds no spectrum to draw"
        raise ValueError(msg)
    with with_style():
        figure = Figure(figsize=(1.25 * COLUMN, 3.3))
        panel = figure.subplots()
        draw_spectrum(panel, spectrum)
        if spectrum.x.size:
            panel.set_title(WELL_KEY.replace("; curves", "\ncurves"), loc="left", color=MUTED, fontsize=7)
    return figure


def draw_spectrum(panel: Axes, spectrum: Spectrum) -> None:
    """Draw the potential and its bound states into one panel, with a second axis for the rates."""
    energies = spectrum.energies[:_MOST_DRAWN]
    reach = _reach(spectrum.x, spectrum.psi[: energies.size]) if spectrum.x.size else (0.0, 1.0)
    low, high = _energy_range(spectrum, energies, reach)
    panel.set_ylim(low, high)
    if spectrum.x.size:
        _draw_wells(panel, spectrum, energies)
        # The names of the levels stand at the right end, beyond the wall if there is one, where there is no wave.
        panel.set_xlim(reach[0], reach[1] + 0.08 * (reach[1] - reach[0]))
    else:
        panel.set_xticks([])
        for index, energy in enumerate(energies):
            panel.axhline(energy, color=_colour(index), linewidth=1.0)
    _name_levels(panel, energies, high - low)
    panel.set_ylabel("energy E [1/time]")
    rates = panel.secondary_yaxis("right", functions=(_double, _half))
    rates.set_ylabel("relaxation rate 2E [1/time]")
    # Rates are never negative, though the axis goes down to the floor of U.
    ticks = MaxNLocator(6, steps=[1, 2, 2.5, 5, 10]).tick_values(0.0, 2.0 * high)
    rates.set_yticks([tick for tick in ticks if tick <= 2.0 * high])
    rates.spines["right"].set_visible(True)


def _draw_wells(panel: Axes, spectrum: Spectrum, energies: Array) -> None:
    x, psi = spectrum.x, spectrum.psi[: energies.size]
    potential = np.where(np.isfinite(spectrum.potential), spectrum.potential, np.nan)
    high = panel.get_ylim()[1]
    panel.plot(x, potential, color="#24292e", linewidth=1.2, zorder=3)
    # Grey is where a classical particle with the energy of that height could not be: under U and beyond the walls.
    panel.set_facecolor("#eceff2")
    panel.fill_between(x, np.fmin(potential, high), high, color="white", linewidth=0, zorder=0)
    room = min(0.85 * _spacing(energies, high), 0.9 * (high - float(energies[-1])))
    scale = room / float(np.max(np.abs(psi)))
    for index, (energy, wave) in enumerate(zip(energies, psi, strict=True)):
        colour = _colour(index)
        panel.axhline(energy, color=colour, linewidth=0.5, alpha=0.7, zorder=1)
        panel.plot(x, energy + scale * wave, color=colour, linewidth=1.2, zorder=4)
        panel.fill_between(x, energy, energy + scale * wave, color=colour, alpha=0.18, linewidth=0, zorder=2)
    panel.set_xlabel("level x")


def _energy_range(spectrum: Spectrum, energies: Array, reach: tuple[float, float]) -> tuple[float, float]:
    """Find the range from the floor of U, not deeper than the levels reach up, to a little above the highest level."""
    # Four times the kinetic energy of the ground state is the level spacing of a harmonic well: a scale that is there
    # even if all the energies asked for are next to zero. With E_0 = 0 it is minus the mean of U.
    finite = np.isfinite(spectrum.potential)
    ground = spectrum.psi[:1, finite] if spectrum.x.size else np.zeros((1, 0))
    mean_potential = float(np.trapezoid(spectrum.potential[finite] * ground[0] ** 2, spectrum.x[finite]))
    top = max(float(energies[-1]), 4.0 * abs(mean_potential)) or 1.0
    # Where no wave is seen U may fall without end (next to a wall where D diverges): that is no floor.
    seen = finite & (spectrum.x >= reach[0]) & (spectrum.x <= reach[1])
    floor = float(np.min(spectrum.potential[seen], initial=0.0))
    return max(floor, -0.6 * top) - 0.06 * top, top + 1.2 * _spacing(energies, top)


def _spacing(energies: Array, top: float) -> float:
    """Typical distance of levels that can be told apart on an axis that ends at `top`."""
    gaps = np.diff(energies)
    visible = gaps[gaps > 0.02 * top]
    return float(np.median(visible)) if visible.size else 0.4 * top


def _reach(x: Array, psi: Array) -> tuple[float, float]:
    """Find where any wavefunction is visible."""
    middles = 0.5 * (x[1:] + x[:-1])
    edges = np.concatenate([[1.5 * x[0] - 0.5 * x[1]], middles, [1.5 * x[-1] - 0.5 * x[-2]]])
    return extent(edges, psi, share=4e-3)


def _name_levels(panel: Axes, energies: Array, height: float) -> None:
    """Write E_n at the right end of its line; neighbours too close to write apart share one label."""
    groups: list[list[int]] = []
    for index, energy in enumerate(energies):
        if groups and energy - energies[groups[-1][0]] < 0.06 * height:
            groups[-1].append(index)
        else:
            groups.append([index])
    for group in groups:
        joint = ", " if len(group) == 2 else "–"
        names = joint.join(f"E{_subscript(index)}" for index in dict.fromkeys((group[0], group[-1])))
        panel.annotate(
            names,
            (1.0, float(energies[group[-1]])),
            xycoords=("axes fraction", "data"),
            xytext=(-2, 1.5),
            textcoords="offset points",
            ha="right",
            va="bottom",
            fontsize=7,
            color=_colour(group[0]) if len(group) == 1 else MUTED,
            zorder=5,
        )


def _double(energies: Any) -> Any:  # noqa: ANN401 - what matplotlib passes
    return 2.0 * energies


def _half(rates: Any) -> Any:  # noqa: ANN401 - what matplotlib passes
    return 0.5 * rates


def _subscript(index: int) -> str:
    return str(index).translate(str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉"))


def _colour(index: int) -> str:
    return STATES[index % len(STATES)]
