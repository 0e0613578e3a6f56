"""Rough picture of an ordered gas before it is computed: where its levels sit and how wide their laws are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fpsolve.errors import ModelError
from fpsolve.exact.gas_level import GasLevel, distinct, log_weights

__all__ = ["GasScan", "scan_gas"]

Array = NDArray[np.float64]

# Windows leave out less than this probability of a level on each side.
NEGLIGIBLE = 1e-25
_QUANTILES = np.array([1e-16, 1e-11, 1e-7, 1e-4, 0.02, 0.16, 0.5])
_SCANS, _RESCANNED = 4, 16
_POINTS_A_LEVEL = 12
_POINTS_A_GAP = 2


@dataclass(frozen=True)
class GasScan:
    """Approximate marginals on common points.

    Attributes
    ----------
    x : ndarray, shape (point,)
        Increasing points inside the walls.
    log_density : ndarray, shape (level, point)
        Logarithm of the approximate marginal, normalised.
    centres : ndarray, shape (level,)
        Approximate medians; increasing.
    spreads : ndarray, shape (level,)
        Approximate distances between the 16 % and 84 % quantiles.
    windows : ndarray, shape (level, 2)
        Interval that holds all but 1e-25 of the level on each side; both ends do not decrease with the level.
    marks : ndarray, shape (mark,)
        Increasing places (quantiles of the levels) that follow the law into its tails.
    """

    x: Array
    log_density: Array
    centres: Array
    spreads: Array
    windows: Array
    marks: Array


def scan_gas(levels: Sequence[GasLevel], *, sweeps: int = 60) -> GasScan:
    """Estimate all marginals of the ordered gas with β = 1.

    Neighbouring levels repel as they should, ∏(x_{i+1} − x_i), which makes a Markov chain; all other levels stand at their
    medians, which are iterated until they settle. Everything is done in logarithms: no confinement is too steep.

    Parameters
    ----------
    levels : sequence of GasLevel
        Ascending in x.
    sweeps : int
        Largest number of iterations of the medians on one set of points.

    Raises
    ------
    ModelError
        If the levels leave no room for an ordered gas (walls exclude each other, or a weight vanishes everywhere).
    """
    x = _points(levels)
    for _ in range(_SCANS if len(levels) <= _RESCANNED else 1):
        scan = _settled(levels, x, sweeps)
        bulks = [_bulk(scan, k) for k in range(len(levels))]
        coarse = [k for k, (low, high) in enumerate(bulks) if np.sum((x > low) & (x < high)) < _POINTS_A_LEVEL]
        # Levels pressed together by their potentials move in pairs: the gap may be much narrower than the law.
        close = np.diff(np.searchsorted(x, scan.centres)) < _POINTS_A_GAP
        coarse += [k for k in range(len(levels)) if np.any(close[max(k - 1, 0) : k + 1])]
        if not coarse:
            break
        x = np.union1d(x, np.concatenate([np.linspace(*bulks[k], 16 * _POINTS_A_LEVEL) for k in set(coarse)]))
    return scan


def _bulk(scan: GasScan, level: int) -> tuple[float, float]:
    """Points of the scan just outside of the 2 % quantiles of a level."""
    widths = _widths(scan.x)
    rise = np.cumsum(np.exp(scan.log_density[level]) * widths)
    first, last = np.searchsorted(rise, [0.02, 0.98])
    return float(scan.x[max(first - 1, 0)]), float(scan.x[min(last + 1, scan.x.size - 1)])


def _widths(x: Array) -> Array:
    """Width that belongs to every point."""
    return np.diff(np.concatenate([[x[0]], 0.5 * (x[1:] + x[:-1]), [x[-1]]]))


def _settled(levels: Sequence[GasLevel], x: Array, sweeps: int) -> GasScan:
    """Iterate the medians on given points."""
    log_dx = np.log(_widths(x))
    weights = log_weights(levels, x)
    far = np.zeros_like(weights)
    centres = np.zeros(len(levels))
    for sweep in range(sweeps):
        log_density = _chain(weights + far, log_dx)
        fall = np.logaddexp.accumulate((log_density + log_dx)[:, ::-1], axis=1)[:, ::-1]
        rise = np.logaddexp.accumulate(log_density + log_dx, axis=1)
        moved = np.array([np.interp(0.0, a - b, x) for a, b in zip(rise, fall, strict=True)])
        spread = np.array([np.ptp(np.interp([np.log(0.16), np.log(0.84)], a, x)) for a in rise])
        # On points too coarse for the gaps two medians may coincide.
        moved = np.maximum.accumulate(moved) + 1e-6 * spread.max() * np.arange(len(levels))
        settled = sweep > 0 and bool(np.all(np.abs(moved - centres) <= 0.03 * spread))
        # The full step swings between a gas that is too narrow and one that is too wide.
        centres = moved if sweep == 0 else 0.5 * (centres + moved)
        if settled or len(levels) < 3:
            break
        far = _far_field(x, centres)
    walls = np.array([level.walls for level in levels])
    return _picture(x, log_density, (rise, fall), (centres, spread), walls)


def _points(levels: Sequence[GasLevel]) -> Array:
    """Scan points of all levels: dense around the anchors, geometric towards walls and outwards, uniform in between."""
    found, _ = distinct(levels)
    anchors = [anchor for level in found for anchor in level.anchors]
    middle = float(np.median([centre for centre, _ in anchors]))
    parts: list[Array] = []
    for level in found:
        begin = len(parts)
        low, high = level.walls
        for centre, width in level.anchors:
            parts.append(centre + width * np.linspace(-12.0, 12.0, 97))
            outward = 12.0 * width * 1.25 ** np.arange(220.0)
            parts += [centre + outward, centre - outward]
            for wall in (low, high):
                if np.isfinite(wall):
                    parts.append(wall + (centre - wall) * 2.0 ** (-0.5 * np.arange(1.0, 101.0)))
        if np.isfinite(high - low):
            parts.append(np.linspace(low, high, 401))
        near = np.unique(np.concatenate(parts[begin:]))
        near = near[(near > low) & (near < high)]
        # The others push a level outwards at most like |x|^(N − 1).
        bound = log_weights([level], near)[0] + (len(levels) - 1) * np.log1p(np.abs(near - middle) / anchors[0][1])
        inside = near[bound > np.max(bound) - 80.0]
        parts.append(np.linspace(inside[0], inside[-1], 401))
    x = np.unique(np.concatenate(parts))
    walls = np.array([level.walls for level in found])
    x = x[(x > walls[:, 0].min()) & (x < walls[:, 1].max()) & (np.abs(x) < 1e30)]
    # Points closer than rounding errors of the widths are one point.
    apart = np.diff(x) > 1e-14 * np.abs(x[1:])
    return np.asarray(x[np.concatenate([[True], apart])])


def _chain(weights: Array, log_dx: Array) -> Array:
    """Marginals of ∏ w_i(x_i) ∏ (x_{i+1} − x_i) on x_1 < x_2 < …, normalised logarithms, shape (level, point).

    ∫^x (x − y) w(y) A(y) dy is a double integral, so nothing is subtracted.
    """
    n = weights.shape[0]
    left, right = np.zeros_like(weights), np.zeros_like(weights)
    for i in range(1, n):
        inner = np.logaddexp.accumulate(weights[i - 1] + left[i - 1] + log_dx)
        left[i] = np.logaddexp.accumulate(inner + log_dx)
        j = n - 1 - i
        inner = np.logaddexp.accumulate((weights[j + 1] + right[j + 1] + log_dx)[::-1])
        right[j] = np.logaddexp.accumulate(inner + log_dx[::-1])[::-1]
    joint = weights + left + right
    total = np.logaddexp.reduce(joint + log_dx, axis=1, keepdims=True)
    if not np.all(np.isfinite(total)):
        msg = "there is no stationary law: the walls and potentials of the levels leave no room for ordered levels"
        raise ModelError(msg)
    return np.asarray(joint - total)


def _far_field(x: Array, centres: Array) -> Array:
    """Σ ln|x − c_j| over all levels but the two neighbours, shape (level, point)."""
    gaps = np.diff(centres)
    # Within half a gap of a level that is not a neighbour the chain has no business.
    size = 0.5 * np.minimum(np.concatenate([gaps[:1], gaps]), np.concatenate([gaps, gaps[-1:]]))
    logs = np.log(np.maximum(np.abs(x - centres[:, None]), size[:, None]))
    total = logs.sum(axis=0)
    near = np.zeros((centres.size, x.size))
    for i in range(centres.size):
        near[i] = logs[max(i - 1, 0) : i + 2].sum(axis=0)
    return np.asarray(total - near)


def _picture(
    x: Array, log_density: Array, integrals: tuple[Array, Array], bulk: tuple[Array, Array], walls: Array
) -> GasScan:
    """Windows and marks from the distribution functions of the last sweep."""
    log_quantiles = np.log(np.concatenate([[NEGLIGIBLE], _QUANTILES]))
    # Where even the first point has mass below it, the window starts at the wall.
    padded = np.concatenate([[-np.inf], x, [np.inf]])
    lower = np.array([padded[np.searchsorted(row, log_quantiles)] for row in integrals[0]])
    upper = np.array([padded[x.size + 1 - np.searchsorted(row[::-1], log_quantiles)] for row in integrals[1]])
    ends = np.where(np.isfinite(walls), walls, x[[0, -1]])
    lower, upper = np.maximum(lower, ends[:, :1]), np.minimum(upper, ends[:, 1:])
    windows = np.stack([lower[:, 0], upper[:, 0]], axis=1)
    windows[:, 0] = np.minimum.accumulate(windows[::-1, 0])[::-1]
    windows[:, 1] = np.maximum.accumulate(windows[:, 1])
    marks = np.unique(np.concatenate([lower.ravel(), upper.ravel()]))
    return GasScan(x, log_density, *bulk, windows, marks)
