"""Choice of Gauss panels for an ordered gas: as few as resolve every weight, graded at walls."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from fpsolve.errors import ConvergenceError
from fpsolve.exact.gas_level import GasLevel, wall_power
from fpsolve.exact.gas_panels import HIGH_COEFFICIENTS, GasPanels
from fpsolve.exact.gas_scan import GasScan
from fpsolve.exact.gas_weights import local_log_weights

__all__ = ["cardinal_basis", "gas_mesh", "windows_on"]

Array = NDArray[np.float64]

_TOLERANCE = 1e-12
_NEAR = 0.02
_BISECTIONS = 60
_MAX_PANELS = 4000
_CENTRES = 2
_FAR = 1e4
# Where the nodes see e^{−1.5} less than there is, the mass lies between them.
_OVERLOOKED = 1.5


def cardinal_basis(centres: Array, x: Array) -> tuple[Array, Array]:
    """Lagrange cardinal polynomials p_k of the centres at x, and the logarithm of their common scale.

    Returns
    -------
    basis : ndarray, shape (level,) + x.shape
        p_k(x)/s(x), where s = max_k |p_k|.
    log_scale : ndarray, shape of x
        ln s(x).
    """
    difference = x - centres.reshape((-1,) + (1,) * x.ndim)
    basis = np.empty_like(difference)
    for k in range(centres.size):
        factors = [difference[j] / (centres[k] - centres[j]) for j in range(centres.size) if j != k]
        basis[k] = np.prod(factors, axis=0) if factors else 1.0
    scale = np.max(np.abs(basis), axis=0)
    return basis / scale, np.log(scale)


def windows_on(panels: GasPanels, windows: Array) -> NDArray[np.int64]:
    """First panel and one past the last that meet every interval, shape (level, 2)."""
    first = np.searchsorted(panels.upper, windows[:, 0], side="right")
    last = np.searchsorted(panels.lower, windows[:, 1], side="left")
    return np.stack([np.minimum(first, panels.size - 1), np.maximum(last, first + 1)], axis=1)


def gas_mesh(levels: Sequence[GasLevel], scan: GasScan) -> GasPanels:
    """Panels over the union of all windows, joined as long as 16 points resolve all weights times all polynomials."""
    test = _Resolution(levels, scan)
    pieces: list[GasPanels] = []
    for low, high in _islands(scan.windows):
        cuts = [low, *sorted({w for level in levels for w in level.walls if low < w < high}), high]
        for start, end in pairwise(cuts):
            pieces += _interval(levels, scan, (start, end), test)
    return GasPanels.joined(pieces)


def _islands(windows: Array) -> list[tuple[float, float]]:
    """Disjoint intervals that make up the union of the windows."""
    islands = [tuple(windows[0])]
    for low, high in windows[1:]:
        if low < islands[-1][1]:
            islands[-1] = (islands[-1][0], max(islands[-1][1], high))
        else:
            islands.append((low, high))
    return islands


def _interval(
    levels: Sequence[GasLevel], scan: GasScan, ends: tuple[float, float], test: _Resolution
) -> list[GasPanels]:
    """Panels of one interval without walls inside: zones with their own coordinates at singular ends, plain between."""
    low, high = ends
    powers = []
    for side in (0, 1):
        near = [k for k, level in enumerate(levels) if abs(level.walls[side] - ends[side]) <= _NEAR * (high - low)]
        wall = levels[near[0]].walls[side] if near else np.nan
        near = [k for k in near if levels[k].walls[side] == wall]
        powers.append(_root_at_wall([levels[k] for k in near], side) if near else 0.0)
        if powers[side] > 0.0:
            low, high = (wall, high) if side == 0 else (low, wall)
    marks = np.concatenate([[low], scan.marks[(scan.marks > low) & (scan.marks < high)], [high]])
    middle = scan.centres[np.argmin(np.abs(scan.centres - low))], scan.centres[np.argmin(np.abs(scan.centres - high))]
    zones = []
    begin, end = 0, marks.size - 1
    if powers[0] > 1.0:
        begin = int(np.clip(np.searchsorted(marks, middle[0]), 1, marks.size - 1))
        zones.append((marks[: begin + 1], (low, powers[0], 1.0)))
    if powers[1] > 1.0:
        end = int(np.clip(np.searchsorted(marks, middle[1]), begin, marks.size - 2))
    if end > begin:
        zones.append((marks[begin : end + 1], (0.0, 1.0, 1.0)))
    if powers[1] > 1.0:
        zones.append((marks[end:], (high, powers[1], -1.0)))
    return [_zone(points, rule, test) for points, rule in zones]


def _root_at_wall(levels: Sequence[GasLevel], side: int) -> float:
    """Power r such that the law is smooth in y, distance = y^r; 1 if it is in x, 0 if no mass reaches the wall.

    e^{−Φ} ~ distance^p: half-integer p needs a square root, any other broken p a root so high that y^{r(p+1)} is tame
    (panels that shrink towards the wall do the rest).
    """
    powers = [power for power in (wall_power(level, side) for level in levels) if np.isfinite(power)]
    if not powers:
        return 0.0
    if all(power == int(power) for power in powers):
        return 1.0
    if all(2.0 * power == int(2.0 * power) for power in powers):
        return 2.0
    return float(np.ceil(max(2.0, 2.0 / (1.0 + min(powers)) - 1e-6)))


def _zone(points: Array, rule: tuple[float, float, float], test: _Resolution) -> GasPanels:
    """Bisect the intervals between the points until they are resolved, then join neighbours that may be joined."""
    origin, power, sign = rule
    y = np.maximum(sign * (points - origin), 0.0) ** (1.0 / power) if power != 1.0 else points
    for _ in range(_BISECTIONS):
        if y.size > _MAX_PANELS:
            msg = "the weight of a level cannot be resolved by Gauss panels"
            raise ConvergenceError(msg, iterations=_BISECTIONS, residual=np.inf, tolerance=_TOLERANCE)
        middle = 0.5 * (y[1:] + y[:-1])
        rough = ~test(_between(y, rule)) & (np.abs(y[1:] - y[:-1]) > 1e-13 * np.abs(middle))
        if not rough.any():
            break
        y = np.insert(y, np.flatnonzero(rough) + 1, middle[rough])
    parity, idle = 0, 0
    while idle < 2 and y.size > 2:
        # Every second inner end is taken away where the two panels that meet there are resolved as one.
        inner = np.arange(1 + parity, y.size - 1, 2)
        wide = GasPanels.joined([_between(y[[k - 1, k + 1]], rule) for k in inner]) if inner.size else None
        gone = inner[test(wide)] if wide is not None else inner
        y = np.delete(y, gone)
        idle = 0 if gone.size else idle + 1
        parity = 1 - parity
    return _between(y, rule)


def _between(y: Array, rule: tuple[float, float, float]) -> GasPanels:
    """Panels between consecutive y."""
    return GasPanels(y[:-1], y[1:], *(np.full(y.size - 1, value) for value in rule))


class _Resolution:
    """Whether 16 points on a panel resolve w_i(x) p_k(x) of all levels i that live there, up to negligible mass."""

    def __init__(self, levels: Sequence[GasLevel], scan: GasScan) -> None:
        self._levels = levels
        self._scan = scan

    def __call__(self, panels: GasPanels) -> NDArray[np.bool_]:
        """One answer per panel."""
        scan, levels = self._scan, self._levels
        basis, log_scale = cardinal_basis(scan.centres, panels.x)
        # The minors of s levels are of higher degree than the polynomials they are made of.
        inside = np.searchsorted(scan.centres, panels.upper) - np.searchsorted(scan.centres, panels.lower)
        resolved = inside <= _CENTRES
        for i in range(len(levels)):
            here = np.flatnonzero((scan.windows[i, 0] < panels.upper) & (scan.windows[i, 1] > panels.lower))
            part = panels.part(here)
            weight = local_log_weights(levels[i], part)
            weight = weight + log_scale[here] + np.log(np.abs(part.slope))
            peak = np.max(weight, axis=1, keepdims=True)
            # The mass that the panel can hold tells how much accuracy is due.
            nodes, between = self._heights(part, i)
            # ... and the second moment, which a tail like a power carries far out.
            far = np.max(np.abs(part.x - scan.centres[i]), axis=1) / scan.spreads[i]
            mass = np.exp(np.minimum(np.maximum(nodes, between) + 2.0 * np.log1p(np.minimum(far, _FAR)), 0.0))
            seen = (nodes > between - _OVERLOOKED) | (mass < _TOLERANCE)
            with np.errstate(invalid="ignore"):
                shape = np.nan_to_num(np.exp(weight - peak), nan=0.0)
            rest = np.abs((shape * basis[:, here]) @ HIGH_COEFFICIENTS.T).max(axis=(0, 2))
            resolved[here] &= seen & (rest * mass <= _TOLERANCE)
        return resolved

    def _heights(self, panels: GasPanels, level: int) -> tuple[Array, Array]:
        """Largest approximate density of u = −1 … 1 at the nodes, and at all points of the scan; logarithms."""
        scan = self._scan
        log_slope = np.log(np.abs(panels.slope))
        ends = np.stack([panels.lower, panels.upper], axis=1)
        where, values, at = scan.x, scan.log_density[level], panels.x
        half = np.log(np.abs(0.5 * (panels.end - panels.start)))
        stretch = np.zeros_like(where)
        if panels.size and panels.power[0] != 1.0:
            # All panels of one call share origin, power and sign; the law goes on as a power where the scan ends.
            origin, power, sign = panels.origin[0], panels.power[0], panels.sign[0]
            where = np.log(np.maximum(sign * (scan.x - origin), np.finfo(float).tiny))[:: int(sign)]
            values = values[:: int(sign)]
            keep = np.isfinite(values) & (where > -700.0)
            where, values = where[keep], values[keep]
            where, first = np.insert(where, 0, -700.0), (values[1] - values[0]) / (where[1] - where[0])
            values = np.insert(values, 0, values[0] + first * (-700.0 - where[1]))
            stretch = (1.0 - 1.0 / power) * where + np.log(power)
            at = power * np.log(np.abs(panels.y))
            ends = power * np.log(np.maximum(np.sort(np.stack([panels.start, panels.end], axis=1)), 1e-300))
        nodes = np.interp(at, where, values) + log_slope
        order = np.searchsorted(where, ends)
        heights = np.append(values + stretch, -np.inf)
        peaks = np.maximum.reduceat(heights, order.ravel())[::2] if order.size else np.zeros(0)
        return nodes.max(axis=1), np.where(order[:, 0] < order[:, 1], peaks + half, -np.inf)
