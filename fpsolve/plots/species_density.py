"""The pooled density of two levels of different species, and three laws drawn on it."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any, cast

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from fpsolve.exact import TwoLevelSemicircle, TwoSpeciesGas
from fpsolve.plots.bins import freedman_diaconis, pooled_heights
from fpsolve.plots.style import COLUMN, DATA, MUTED, PREDICTION, STATES, with_style
from fpsolve.plots.training_curves import level_name
from fpsolve.results import Result

__all__ = ["has_species_density", "plot_species_density"]

Array = NDArray[np.float64]
Detail = Mapping[str, Any]

_DRAWN = {"two-species gas": (STATES[2], "-."), "single semicircle, fit": (STATES[3], "--")}
_POINTS = 601
_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(6)


def has_species_density(result: Result) -> bool:
    """Whether a verdict has other laws of a pair beside the stationary law."""
    return result.sample is not None and result.stationary is not None and bool(_details(result))


def plot_species_density(result: Result) -> Figure:
    """Draw both levels of every pair pooled; below what is left after the predicted law has been subtracted.

    Points are bin averages of the trained levels with standard errors. Line: the predicted law (of the trained matrix, if
    [stationary] has that method). Dash-dotted: the two-species gas with its predicted widths. Dashed: the best single
    semicircle, the only curve that is fitted. Numbers are total variations from the trained levels.

    Parameters
    ----------
    result : Result
        With a sample, a stationary law and a verdict that has "alternatives".

    Returns
    -------
    Figure
    """
    by_pair: dict[tuple[int, ...], list[Detail]] = {}
    for entry in _details(result):
        by_pair.setdefault(tuple(entry["levels"]), []).append(entry)
    if not by_pair or result.sample is None or result.stationary is None:
        msg = "this result holds no pair with alternative laws to draw"
        raise ValueError(msg)
    with with_style():
        figure = Figure(figsize=(1.45 * COLUMN * len(by_pair), 4.1))
        panels = figure.subplots(
            2, len(by_pair), sharex="col", squeeze=False, gridspec_kw={"height_ratios": [2.2, 1.0]}
        )
        for column, (pair, details) in enumerate(by_pair.items()):
            _draw_pair(panels[0, column], panels[1, column], result, pair, details)
    return figure


def _draw_pair(above: Axes, below: Axes, result: Result, pair: tuple[int, ...], details: list[Detail]) -> None:
    sample, law = result.sample, result.stationary
    if sample is None or law is None:
        return
    values = sample.levels[:, -1, list(pair)]
    edges = freedman_diaconis(values.ravel())
    widths, middle = np.diff(edges), 0.5 * (edges[1:] + edges[:-1])
    height, error = pooled_heights(values, edges)
    expected = np.mean([law.law(level).bin_masses(edges) for level in pair], axis=0) / widths
    fine = np.linspace(edges[0], edges[-1], _POINTS)
    line = np.mean([law.law(level).bin_masses(fine) for level in pair], axis=0) / np.diff(fine)
    told = _variation(result, pair)
    name = "law of the trained matrix" if law.method == "gaussian_matrix" else "predicted law"
    above.plot(0.5 * (fine[1:] + fine[:-1]), line, color=PREDICTION, linewidth=1.4, label=f"{name}, not fitted{told}")
    below.axhline(0.0, color=PREDICTION, linewidth=1.2)
    squared = _squared(result)
    for entry in details:
        if entry["law"] in _DRAWN:
            colour, style = _DRAWN[entry["law"]]
            density = _density(entry, squared=squared)
            label = f"{entry['law']}{'' if 'fit' in entry['law'] else ', not fitted'}: {entry['value']:.3f}"
            above.plot(fine, density(fine), color=colour, linestyle=style, linewidth=1.1, label=label)
            below.plot(middle, _averages(density, edges) - expected, color=colour, linestyle=style, linewidth=1.1)
    dots: dict[str, Any] = {"fmt": "o", "color": DATA, "markersize": 2.0, "elinewidth": 0.7, "zorder": 4}
    floor = f", floor {details[0]['floor']:.3f}"
    above.errorbar(middle, height, error, label=f"{values.shape[0]} trained pairs{floor}", **dots)
    below.errorbar(middle, height - expected, error, **dots)
    above.set_ylim(0.0, 1.5 * float(height.max()))
    above.set_title(
        f"levels {pair[0]}, {pair[1]} pooled; numbers: total variation", loc="left", fontsize=7.5, color=MUTED
    )
    above.legend(loc="upper left", borderaxespad=0.1)
    above.set_ylabel("density of x (integral over x = 1)")
    below.set_ylabel("minus the law")
    below.set_xlabel(level_name(result))


def _details(result: Result) -> tuple[Detail, ...]:
    if result.report is None:
        return ()
    found = [entry for entry in result.report.statistics if entry.name == "alternatives"]
    return cast("tuple[Detail, ...]", found[0].details) if found else ()


def _variation(result: Result, pair: tuple[int, ...]) -> str:
    """Total variation of the prediction itself, if the verdict has it."""
    if result.report is None:
        return ""
    for statistic in result.report.statistics:
        for entry in statistic.details if statistic.name == "total_variation" else ():
            if entry["against"] == "stationary" and tuple(cast("Any", entry["levels"])) == pair:
                return f": {float(cast('Any', entry['value'])):.3f}"
    return ""


def _squared(result: Result) -> bool:
    try:
        return bool(json.loads(result.resolved)["model"]["observable"] == "squared")
    except (ValueError, TypeError, KeyError):
        return False


def _density(entry: Detail, *, squared: bool) -> Callable[[Array], Array]:
    """Density of x from the parameters of a law; the two species are levels of W also where x is a square."""
    if entry["law"] != "two-species gas":
        return TwoLevelSemicircle(float(entry["centre"][0]), float(entry["width"][0])).pdf
    (first, second), (narrow, wide) = entry["centre"], entry["width"]
    gas = TwoSpeciesGas((float(first), float(second)), (float(narrow), float(wide)))
    if not squared:
        return gas.pdf

    def of_square(x: Array) -> Array:
        """p(√x)/(2√x)."""
        root = np.sqrt(np.maximum(x, 1e-300))
        return np.asarray(gas.pdf(root) / (2.0 * root))

    return of_square


def _averages(density: Callable[[Array], Array], edges: Array) -> Array:
    """Bin averages by Gauss points."""
    half = 0.5 * np.diff(edges)[:, None]
    return np.asarray(np.sum(0.5 * _WEIGHTS * density(edges[:-1, None] + half * (_NODES + 1.0)), axis=1))
