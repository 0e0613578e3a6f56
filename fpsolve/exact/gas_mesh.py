"""Choice of Gauss panels for an ordered gas: as few as resolve every weight, graded at walls."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from fpsolve.exact.gas_level import GasLevel, log_weights
from fpsolve.exact.gas_panels import HIGH_COEFFICIENTS, GasPanels
from fpsolve.exact.gas_scan import GasScan
from fpsolve.exact.gas_weights import local_log_weights

__all__ = ["cardinal_basis", "gas_mesh", "windows_on"]

Array = NDArray[np.float64]

_TOLERANCE = 1e-12
_NEAR = 0.02
_BISECTIONS = 60
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
        for start, end in zip(cuts[:-1], cuts[1:], strict=True):
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
        powers.append(root_at_wall([levels[k] for k in near], side, scale=high - low) if near else 0.0)
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


def root_at_wall(levels: Sequence[GasLevel], side: int, *, scale: float) -> float:
    """Power r such that the law is smooth in y, distance = y^r; 1 if it is in x, 0 if no mass reaches the wall.

    e^{−Φ} ~ distance^p: half-integer p needs a square root, any other broken p a root so high that y^{r(p+1)} is tame
    (panels that shrink towards the wall do the rest).
    """
    powers = []
    for level in levels:
        wall = level.walls[side]
        x = wall + (1.0 - 2.0 * side) * scale * 1e-8 * np.array([1.0, 2.0, 4.0])
        slopes = np.diff(log_weights([level], x)[0]) / np.log(2.0)
        if not np.all(np.isfinite(slopes)) or abs(slopes[1] - slopes[0]) > 0.01 * (1.0 + abs(slopes[0])):
            continue
        quarter = round(4.0 * slopes[0]) / 4.0
        powers.append(quarter if abs(slopes[0] - quarter) < 1e-5 else float(slopes[0]))
    powers = [power for power in powers if power < 20.0]
    if not powers:
        return 0.0
    if all(power == int(power) for power in powers):
        return 1.0
    if all(2.0 * power == int(2.0 * power) for power in powers):
        return 2.0
    return float(np.ceil(max(2.0, 2.0 / (1.0 + min(powers)))))


def _zone(points: Array, rule: tuple[float, float, float], test: _Resolution) -> GasPanels:
    """Bisect the intervals between the points until they are resolved, then join neighbours that may be joined."""
    origin, power, sign = rule
    y = np.maximum(sign * (points - origin), 0.0) ** (1.0 / power) if power != 1.0 else points
    for _ in range(_BISECTIONS):
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
        resolved = np.ones(panels.size, dtype=bool)
        for i in range(len(levels)):
            here = np.flatnonzero((scan.windows[i, 0] < panels.upper) & (scan.windows[i, 1] > panels.lower))
            part = panels.part(here)
            weight = local_log_weights(levels[i], part)
            weight = weight + log_scale[here] + np.log(np.abs(part.slope))
            peak = np.max(weight, axis=1, keepdims=True)
            # The mass that the panel can hold tells how much accuracy is due.
            nodes, between = self._heights(part, i)
            mass = np.exp(np.minimum(between, 0.0))
            seen = (nodes > between - _OVERLOOKED) | (mass < _TOLERANCE)
            with np.errstate(invalid="ignore"):
                shape = np.nan_to_num(np.exp(weight - peak), nan=0.0)
            rest = np.abs((shape * basis[:, here]) @ HIGH_COEFFICIENTS.T).max(axis=(0, 2))
            resolved[here] &= seen & (rest * mass <= _TOLERANCE)
        return resolved

    def _heights(self, panels: GasPanels, level: int) -> tuple[Array, Array]:
        """Largest approximate density of u = −1 … 1 at the nodes, and at all points of the scan; logarithms."""
        scan = self._scan
        nodes = np.interp(panels.x, scan.x, scan.log_density[level]) + np.log(np.abs(panels.slope))
        # All panels of one call share origin, power and sign.
        origin, power, sign = panels.origin[:1], panels.power[:1], panels.sign[:1]
        y = np.maximum(sign * (scan.x - origin), np.finfo(float).tiny) if power.size and power[0] != 1.0 else scan.x
        stretch = (1.0 - 1.0 / power[0]) * np.log(y) + np.log(power[0]) if power.size and power[0] != 1.0 else 0.0
        values = np.append(scan.log_density[level] + stretch, -np.inf)
        ends = np.searchsorted(scan.x, np.stack([panels.lower, panels.upper], axis=1))
        peaks = np.maximum.reduceat(values, ends.ravel())[::2] if ends.size else np.zeros(0)
        return nodes.max(axis=1), peaks + np.log(np.abs(0.5 * (panels.end - panels.start)))
