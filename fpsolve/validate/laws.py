"""Predicted laws for a comparison: tables from a user's distribution function, mixtures, central moments."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from fpsolve.errors import MethodError
from fpsolve.exact.tabulated import TabulatedLaw

__all__ = ["central_moments", "mixture", "panels", "table_error", "tabulate"]

Array = NDArray[np.float64]

_TAIL = 1e-12  # probability left out at either end when a distribution function is tabulated


def tabulate(cdf: Callable[[Array], Array], values: Array) -> TabulatedLaw:
    """Table of a distribution function F with edges at its quantiles.

    The edges are the quantiles of 4001 probabilities, evenly spaced in ln[p/(1 − p)] from 1e-12 to 1 − 1e-12, found by
    bisection; so a law with a singular density or a heavy tail is resolved as well as a Gaussian.

    Parameters
    ----------
    cdf : callable
        F(x), vectorised, not decreasing from 0 to 1.
    values : ndarray
        The sample; tells where to look for the quantiles.

    Raises
    ------
    MethodError
        If F is not finite, leaves [0, 1], decreases, or does not reach 0 and 1.
    """
    middle = float(np.median(values))
    spread = float(np.ptp(values)) or max(abs(middle), 1.0)
    lower, upper = _bracket(cdf, middle, -spread), _bracket(cdf, middle, spread)
    wanted = 1.0 / (1.0 + np.exp(-np.linspace(np.log(_TAIL), -np.log(_TAIL), 4001)))
    low, high = np.full(wanted.shape, lower), np.full(wanted.shape, upper)
    for _ in range(80):
        middles = 0.5 * (low + high)
        below = _checked(cdf, middles) < wanted
        low, high = np.where(below, middles, low), np.where(below, high, middles)
    edges = np.unique(np.concatenate([[lower], high, [upper]]))
    cumulative = _checked(cdf, edges)
    if np.any(np.diff(cumulative) < -1e-12):
        msg = "the prediction is not a distribution function: it decreases"
        raise MethodError(msg)
    return TabulatedLaw.from_masses(edges, np.maximum(np.diff(cumulative), 0.0))


def _checked(cdf: Callable[[Array], Array], x: Array) -> Array:
    values = np.asarray(cdf(x), dtype=np.float64)
    if (
        values.shape != x.shape
        or not np.all(np.isfinite(values))
        or np.any(values < -1e-9)
        or np.any(values > 1.0 + 1e-9)
    ):
        msg = "the prediction is not a distribution function: it must map an array x to probabilities in [0, 1]"
        raise MethodError(msg)
    return values


def _bracket(cdf: Callable[[Array], Array], middle: float, reach: float) -> float:
    """Find a point on the side of `reach` beyond which F leaves no more than 1e-12."""
    for _ in range(400):
        point = np.array([middle + reach])
        value = float(_checked(cdf, point)[0])
        if (value if reach < 0.0 else 1.0 - value) <= _TAIL:
            return float(point[0])
        reach *= 2.0
    msg = "the prediction is not a distribution function: it does not go from 0 to 1"
    raise MethodError(msg)


def mixture(laws: Sequence[TabulatedLaw]) -> TabulatedLaw:
    """Law of one value drawn from a random member: F = mean of F_i, exact at the edges of every member."""
    if len(laws) == 1:
        return laws[0]
    edges = np.unique(np.concatenate([law.edges for law in laws]))
    # Edges that differ by rounding only would make cells whose slope is noise.
    edges = edges[np.concatenate([[True], np.diff(edges) > 1e-12 * (edges[-1] - edges[0])])]
    return TabulatedLaw(edges=edges, cumulative=np.mean([law.cdf(edges) for law in laws], axis=0))


def panels(breaks: Array, points: int) -> tuple[Array, Array]:
    """Gauss nodes and weights on every panel between increasing `breaks`, both of shape (panel, points)."""
    nodes, weights = np.polynomial.legendre.leggauss(points)
    half = 0.5 * np.diff(breaks)[:, None]
    return breaks[:-1, None] + half * (nodes + 1.0), half * weights


def central_moments(law: TabulatedLaw, highest: int) -> Array:
    """⟨(x − ⟨x⟩)^k⟩ for k = 0 … highest, shape (highest + 1,).

    From k ∫_m^∞ y^{k−1}(1 − F) dx − k ∫_{−∞}^m y^{k−1} F dx with y = x − m: neither part cancels inside itself. Exact
    for the cubic pieces of the table up to k = 5.
    """
    mean = law.mean
    breaks = np.unique(np.append(law.edges, mean))
    x, weights = panels(breaks, 4)
    y = x - mean
    distribution = law.cdf(x)
    tail = np.where(y > 0.0, 1.0 - distribution, -distribution)
    powers = [1.0, 0.0]
    powers += [float(np.sum(weights * k * y ** (k - 1) * tail)) for k in range(2, highest + 1)]
    return np.array(powers)


def table_error(law: TabulatedLaw) -> float:
    """Largest change of F at an edge when every second edge is left out of the table.

    Interpolation of the full table is better than this; the discretisation error of the solver that filled the table is
    not in it.
    """
    keep = np.zeros(law.edges.size, dtype=bool)
    keep[::2] = True
    keep[-1] = True
    coarse = TabulatedLaw(edges=law.edges[keep], cumulative=law.cumulative[keep])
    return float(np.max(np.abs(coarse.cdf(law.edges) - law.cumulative)))
