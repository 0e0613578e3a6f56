"""Integrals of a one-dimensional weight e^{−Φ} by Gauss rules on panels that adapt to it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import roots_jacobi

__all__ = ["NotNormalisableError", "PanelQuadrature", "panel_quadrature"]

Array = NDArray[np.float64]
Function = Callable[[Array], Array]

_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(16)
# Panels towards an open side double in size, in blocks; the squares of the last points are still floats.
_BLOCK, _BLOCKS = 60, 8
_NEGLIGIBLE = 1e-18
_BISECTIONS = 50


class NotNormalisableError(ArithmeticError):
    """∫e^{−Φ} diverges; `end` is where."""

    def __init__(self, end: float) -> None:
        self.end = end
        super().__init__(f"the weight cannot be normalised: its integral diverges towards x = {end:g}")


@dataclass(frozen=True)
class _Weight:
    """e^{shift − Φ(x)} with (x − centre)^k, k = 0, 1, 2, and its powers of the distance at the walls."""

    confinement: Function
    walls: tuple[float, float]
    powers: tuple[float, float]
    centre: float
    shift: float

    def integrals(self, points: Array) -> Array:
        """Moments of every panel between neighbouring `points`, shape (3, panel)."""
        half = 0.5 * np.diff(points)[:, None]
        values = self._moments(points[:-1, None] + half * (_NODES + 1.0), half * _WEIGHTS)
        for side, panel in ((0, 0), (1, -1)):
            wall, power = self.walls[side], self.powers[side]
            if power != 0.0 and points[0 if side == 0 else -1] == wall:
                values[:, panel] = self._wall_panel(wall, power, float(2.0 * half[panel, 0]), 1.0 - 2.0 * side)
        return values

    def _wall_panel(self, wall: float, power: float, width: float, inward: float) -> Array:
        """Gauss–Jacobi rule for distance^power times a smooth function."""
        nodes, weights = roots_jacobi(_NODES.size, 0.0, power)
        x = wall + inward * width * 0.5 * (nodes + 1.0)
        # The distance of the rounded point: the smooth factor does not notice the rounding.
        smooth = np.abs(x - wall) ** -power
        scale = (0.5 * width) ** (power + 1.0)
        return self._moments(x[None, :], (scale * weights * smooth)[None, :])[:, 0]

    def _moments(self, x: Array, weights: Array) -> Array:
        with np.errstate(all="ignore"):
            exponent = self.shift - self.confinement(x)
            distance = x - self.centre
            log_distance = np.log(np.abs(distance))
            # Multiplied in the exponent: far out in a power-law tail the density alone underflows.
            values = [np.exp(exponent), np.exp(exponent + log_distance), np.exp(exponent + 2.0 * log_distance)]
            values[1] = np.copysign(values[1], distance)
            return np.stack([np.nansum(weights * value, axis=1) for value in values])


@dataclass(frozen=True)
class PanelQuadrature:
    """Moments of a weight, and panels on which 16 Gauss points integrate it to rounding.

    Attributes
    ----------
    log_total : float
        ln ∫ e^{−Φ} dx between the walls.
    mean, std : float
        Of the normalised weight; inf where the integral diverges.
    points : ndarray, shape (panel + 1,)
        Increasing panel ends, from wall to wall or to where the weight is negligible.
    weight : object
        The integrand.
    """

    log_total: float
    mean: float
    std: float
    points: Array
    weight: _Weight

    def cell_masses(self, edges: Array) -> Array:
        """Probability of every cell between increasing `edges` inside the walls, shape (len(edges) − 1,)."""
        points = [edges, self.points[(self.points > edges[0]) & (self.points < edges[-1])]]
        for wall in self.weight.walls:
            # Cells next to a wall may be narrower than its panel: neighbours must be comparable in size.
            distances = np.abs(edges - wall)
            if np.isfinite(wall) and distances.min() == 0.0:
                sign = 1.0 if edges[0] == wall else -1.0
                chain = wall + sign * distances[distances > 0.0].min() * 2.0 ** np.arange(1, 50)
                points.append(chain[(chain > edges[0]) & (chain < edges[-1])])
        joined = np.unique(np.concatenate(points))
        masses = self.weight.integrals(joined)[0]
        log_scale = self.weight.shift + self.log_total
        return np.asarray(np.add.reduceat(masses, np.searchsorted(joined, edges[:-1])) * np.exp(-log_scale))


def panel_quadrature(
    confinement: Function,
    walls: tuple[float, float],
    *,
    anchors: tuple[tuple[float, float], ...],
    powers: tuple[float, float] = (0.0, 0.0),
) -> PanelQuadrature:
    """Integrate e^{−Φ} and its first two moments to rounding errors of Φ.

    Panels start from the places of mass and halve towards walls, where a power of the distance is taken by a
    Gauss–Jacobi rule; towards open sides they double, so a power-law tail is summed as a geometric series. Every panel
    is bisected until its 16-point rule agrees with its halves.

    Parameters
    ----------
    confinement : callable
        Φ of an array.
    walls : pair of float
        Ends of the range, ±inf where open.
    anchors : tuple of (centre, width)
        Where the mass sits, roughly.
    powers : pair of float
        p with e^{−Φ} ~ distance^p at each finite wall.

    Raises
    ------
    NotNormalisableError
        If the integral diverges.
    """
    for wall, power in zip(walls, powers, strict=True):
        if np.isfinite(wall) and power <= -1.0:
            raise NotNormalisableError(wall)
    points = _first_points(walls, anchors)
    with np.errstate(all="ignore"):
        shift = float(np.nanmin(confinement(0.5 * (points[1:] + points[:-1]))))
    # High powers vanish smoothly enough for the plain rule.
    low, high = (power if power < 4.0 else 0.0 for power in powers)
    weight = _Weight(confinement, walls, (low, high), anchors[0][0], shift)
    for side in (0, 1):
        if not np.isfinite(walls[side]):
            points = _outwards(weight, points, side)
    finite = np.isfinite(_with_tails(weight, points))
    points = _bisected(weight, points, finite)
    moments = np.where(finite, _with_tails(weight, points), np.inf)
    with np.errstate(invalid="ignore"):
        first, second = moments[1:] / moments[0]
        std = np.sqrt(max(second - first * first, 0.0)) if np.isfinite(second) else np.inf
    log_total = float(np.log(moments[0])) - shift
    return PanelQuadrature(log_total, float(weight.centre + first), float(std), points, weight)


def _first_points(walls: tuple[float, float], anchors: tuple[tuple[float, float], ...]) -> Array:
    """Panel ends around the anchors and, halving, towards finite walls."""
    points = np.concatenate([centre + width * np.arange(-10.0, 10.5) for centre, width in anchors])
    points = points[(points > walls[0]) & (points < walls[1])]
    if points.size == 0:
        points = np.array([0.5 * (walls[0] + walls[1])] if np.isfinite(walls[1] - walls[0]) else [anchors[0][0]])
    parts = [points]
    halvings = np.append(2.0 ** -np.arange(13.0), 0.0)
    if np.isfinite(walls[0]):
        parts.append(walls[0] + (points.min() - walls[0]) * halvings)
    if np.isfinite(walls[1]):
        parts.append(walls[1] - (walls[1] - points.max()) * halvings)
    return np.unique(np.concatenate(parts))


def _outwards(weight: _Weight, points: Array, side: int) -> Array:
    """Add panels that double towards an open side until even the second moment is negligible, or floats end."""
    sign = 2.0 * side - 1.0
    end = points[-1] if side == 1 else points[0]
    unit = 0.1 * float(points[-1] - points[0])
    inner = np.abs(weight.integrals(points)).sum(axis=1)
    steps = np.zeros(1)
    for block in range(_BLOCKS):
        steps = np.append(steps, unit * 2.0 ** np.arange(block * _BLOCK, (block + 1.0) * _BLOCK))
        chain = end + steps if side == 1 else end - steps[::-1]
        values = np.abs(weight.integrals(chain))
        last = values[:, -1] if side == 1 else values[:, 0]
        if np.all(last <= _NEGLIGIBLE * (inner + values.sum(axis=1))):
            break
    return np.unique(np.concatenate([points, end + sign * steps]))


def _bisected(weight: _Weight, points: Array, finite: NDArray[np.bool_]) -> Array:
    """Bisect panels until the rules for the `finite` moments agree with their halves, to the rounding errors of Φ."""
    for _ in range(_BISECTIONS):
        whole = weight.integrals(points)
        middle = 0.5 * (points[1:] + points[:-1])
        halves = weight.integrals(np.sort(np.concatenate([points, middle])))
        error = np.abs(whole - halves[:, ::2] - halves[:, 1::2])
        scale = np.abs(whole).sum(axis=1, keepdims=True)
        # Below rounding: Φ is known relative to its size, and x relative to the width of a panel far from 0.
        with np.errstate(all="ignore"):
            size = np.minimum(np.nan_to_num(np.abs(weight.confinement(middle)), nan=0.0), 1e6)
        relative = 5e-16 * size + 1e-15 * np.abs(middle) / np.diff(points)
        tolerance = 2e-16 * (8.0 + abs(weight.shift)) * scale + relative * np.abs(whole)
        with np.errstate(invalid="ignore"):
            rough = np.any(error[finite] > tolerance[finite], axis=0) & (middle > points[:-1]) & (middle < points[1:])
        if not rough.any():
            break
        points = np.sort(np.concatenate([points, middle[rough]]))
    return points


def _with_tails(weight: _Weight, points: Array) -> Array:
    """Sum of the moments over all panels and beyond the outermost; NotNormalisableError if the first is infinite."""
    values = weight.integrals(points)
    # Moments that diverge on both sides are inf − inf: not finite either.
    with np.errstate(invalid="ignore"):
        moments = values.sum(axis=1)
        for side, sign in ((0, -1.0), (1, 1.0)):
            if not np.isfinite(weight.walls[side]):
                moments = moments + _tail(values[:, :: int(sign)]) * np.array([1.0, sign, 1.0])
                if not np.isfinite(moments[0]):
                    raise NotNormalisableError(weight.walls[side])
    return np.asarray(moments)


def _tail(values: Array) -> Array:
    """What lies beyond the last panel, for panels that double and moments that fall geometrically; inf if not."""
    last, before = np.abs(values[:, -1]), np.abs(values[:, -2])
    total = np.abs(values).sum(axis=1)
    rest = np.zeros(3)
    for k in range(3):
        # Written so that a moment that has overflowed counts as infinite.
        if not last[k] <= _NEGLIGIBLE * total[k] or not np.isfinite(total[k]):
            ratio = last[k] / before[k] if 0.0 < before[k] < np.inf else np.inf
            rest[k] = last[k] * ratio / (1.0 - ratio) if ratio < 1.0 - 1e-9 else np.inf
    return rest
