"""Kramers escape between the wells of a potential: the slow bound-state energies without solving for them."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from scipy.special import erfcx, logsumexp

from fpsolve.exact.landscape import Landscape
from fpsolve.kernels.lapack import bidiagonal_singular_values

__all__ = ["flux_over_population_energies", "kramers_energies"]

Array = NDArray[np.float64]
Function = Callable[[Array], Array]


def kramers_energies(value: Function, slope: Function, curvature: Function, landscape: Landscape, g2: float) -> Array:
    """Kramers energies E = rate/2 of dx = −V' dt + √(2g²) dB for g² far below the barriers.

    Every well and barrier is replaced by its parabola, so that the escape rate from well a over barrier b is

        k = √(V''(a) |V''(b)|)/(2π) exp{−[V(b) − V(a)]/g²};

    a well at a wall keeps its one-sided integral. With several wells, E_n are half the non-zero relaxation rates of the
    jump process between neighbouring wells (H. A. Kramers, Physica 7 (1940) 284; P. Hänggi, P. Talkner and M. Borkovec,
    Rev. Mod. Phys. 62 (1990) 251, eqs. 2.15 and 4.56). The relative error is O(g²).

    Parameters
    ----------
    value, slope, curvature : callable
        V, V' and V'' of an array.
    landscape : Landscape
        From `find_landscape`.
    g2 : float
        Diffusion g² [x²/time].

    Returns
    -------
    ndarray, shape (wells − 1,)
        Ascending; empty for one well. nan where a well or a barrier is no parabola over the reach √(g²/|V''|) of the
        noise: a flat bottom or top, or a barrier lower than g².
    """
    wells, barriers = np.array(landscape.wells), np.array(landscape.barriers)
    if wells.size < 2:
        return np.zeros(0)
    widths = _well_widths(wells, slope(wells), curvature(wells), landscape, g2)
    with np.errstate(invalid="ignore", divide="ignore"):
        tops = np.sqrt(2.0 * np.pi * g2 / -np.broadcast_to(curvature(barriers), barriers.shape))
    room = _room(wells, barriers, landscape)
    if not np.all(np.concatenate([widths, tops]) < np.sqrt(2.0 * np.pi) * room):
        return np.full(wells.size - 1, np.nan)
    log_well, log_barrier = np.log(widths) - value(wells) / g2, np.log(tops) + value(barriers) / g2
    return _energies(log_well, log_barrier, g2, periodic=landscape.periodic)


def flux_over_population_energies(value: Function, landscape: Landscape, g2: float) -> Array:
    """Escape energies with the integrals over wells and barriers in place of parabolas.

    k = g²/(∫_well e^{−V/g²} dx · ∫_barrier e^{V/g²} dx), a well reaching from barrier to barrier and a barrier from
    minimum to minimum. For two wells the relative error falls exponentially with the barrier (times 1/g²), so it is a truth for gaps too
    small for an eigenvalue solver.

    Parameters and result as in `kramers_energies`, with no condition on the curvature.
    """
    wells, barriers = np.array(landscape.wells), np.array(landscape.barriers)
    if wells.size < 2:
        return np.zeros(0)
    lower, upper = landscape.domain
    span = upper - lower
    if landscape.periodic:
        right = np.where(barriers < wells, barriers + span, barriers)
        basins = np.column_stack([np.concatenate([[right[-1] - span], right[:-1]]), right])
        passes = np.column_stack([wells, np.concatenate([wells[1:], [wells[0] + span]])])
    else:
        ends = np.concatenate([[lower], barriers, [upper]])
        basins, passes = np.column_stack([ends[:-1], ends[1:]]), np.column_stack([wells[:-1], wells[1:]])

    def on_ring(x: Array) -> Array:
        return value(lower + np.mod(x - lower, span)) if landscape.periodic else value(x)

    log_well = np.array([_log_integral(on_ring, a, b, -1.0 / g2) for a, b in basins])
    log_barrier = np.array([_log_integral(on_ring, a, b, 1.0 / g2) for a, b in passes])
    return _energies(log_well, log_barrier, g2, periodic=landscape.periodic)


def _well_widths(wells: Array, slope: Array, curvature: Array, landscape: Landscape, g2: float) -> Array:
    """∫ e^{−(V − V_min)/g²} in the parabolic approximation; half a parabola, tilted, for a well at a wall."""
    slope, curvature = np.broadcast_to(slope, wells.shape), np.broadcast_to(curvature, wells.shape)
    with np.errstate(invalid="ignore", divide="ignore"):
        widths = np.sqrt(2.0 * np.pi * g2 / curvature)
        tilted = np.where(
            curvature > 0.0,
            0.5 * widths * erfcx(np.abs(slope) / np.sqrt(2.0 * np.maximum(curvature, 1e-300) * g2)),
            g2 / np.abs(slope),
        )
    at_wall = np.isin(wells, landscape.domain) & (not landscape.periodic)
    return np.where(at_wall, tilted, widths)


def _room(wells: Array, barriers: Array, landscape: Landscape) -> Array:
    """Distance of every well, then of every barrier, to the nearest extremum of the other kind."""
    gap = np.abs(wells[:, None] - barriers)
    if landscape.periodic:
        gap = np.minimum(gap, landscape.domain[1] - landscape.domain[0] - gap)
    return np.concatenate([gap.min(axis=1), gap.min(axis=0)])


def _log_integral(value: Function, left: float, right: float, factor: float) -> float:
    """Return ln ∫ e^{factor · V} by 16 Gauss points on each of 400 panels."""
    nodes, weights = np.polynomial.legendre.leggauss(16)
    edges = np.linspace(left, right, 401)
    half = 0.5 * np.diff(edges)[:, None]
    x = edges[:-1, None] + half * (nodes + 1.0)
    return float(logsumexp(factor * value(x.ravel()), b=(half * weights).ravel()))


def _energies(log_well: Array, log_barrier: Array, g2: float, *, periodic: bool) -> Array:
    """Half the non-zero rates of the jump process with stationary weights e^log_well and conductances g²e^−log_barrier."""
    if periodic and log_well.size == 2:
        # Two barriers side by side join the same two wells: their conductances add up to those of one.
        log_barrier, periodic = np.array([-logsumexp(-log_barrier)]), False
    if not np.all(np.isfinite(log_barrier)) or not np.all(np.isfinite(log_well)):
        return np.full(log_well.size - 1, np.nan)
    log_conductance = np.log(g2) - log_barrier
    if not periodic:
        # Row b of the factor belongs to barrier b; singular values of a bidiagonal keep their relative accuracy.
        diagonal = np.append(np.exp(0.5 * (log_conductance - log_well[:-1])), 0.0)
        above = -np.exp(0.5 * (log_conductance - log_well[1:]))
        return np.asarray(0.5 * np.sort(bidiagonal_singular_values(diagonal, above))[1:] ** 2)
    size = log_well.size
    factor = np.zeros((size, size))
    for b in range(size):
        left, right = b, (b + 1) % size
        factor[b, left] = np.exp(0.5 * (log_conductance[b] - log_well[left]))
        factor[b, right] = -np.exp(0.5 * (log_conductance[b] - log_well[right]))
    return np.asarray(0.5 * np.sort(np.linalg.svd(factor, compute_uv=False))[1:] ** 2)
