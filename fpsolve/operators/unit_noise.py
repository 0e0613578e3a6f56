"""The coordinate in which the noise of a level is constant, and the levels' forces in it as tables."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from fpsolve.models.level_gas import OneBody
from fpsolve.operators.wall_law import WallLaw, wall_law

__all__ = ["UnitNoise", "reach"]

Array = NDArray[np.float64]

NODES, WEIGHTS = np.polynomial.legendre.leggauss(16)
RISE = 45.0  # the weight of a lone level is followed until it has fallen by e^45
DOUBLINGS = 200
UNIFORM_PANELS = 256


def reach(bodies: list[OneBody], push: float, start: tuple[float, float]) -> tuple[float, float]:
    """Interval in x that a level stays in: its walls where they are reached, else as far as weight and start go.

    Parameters
    ----------
    bodies : list of OneBody
        The level under the smallest and the largest noise.
    push : float
        β(N − 1): other levels can at most multiply the weight of this one by distance^push.
    start : tuple of float
        Smallest and largest place at the start.
    """
    ends = []
    for side in (0, 1):
        sign = 2.0 * side - 1.0
        ends.append(sign * max(sign * start[side], *(sign * _end(body, side, push) for body in bodies)))
    lower, upper = bodies[0].walls
    return max(ends[0], lower), min(ends[1], upper)


def _end(body: OneBody, side: int, push: float) -> float:
    """How far one level goes to one side."""
    wall, sign = body.walls[side], 2.0 * side - 1.0
    if np.isfinite(wall) and _is_reached(wall_law(body, body.walls, side)):
        return wall
    centre, width = np.array(body.anchors, dtype=np.float64).T
    outermost = float(centre.max() if side else centre.min())
    steps: Array = np.exp2(np.arange(-4, DOUBLINGS, dtype=np.float64))
    if np.isfinite(wall):
        x = wall + (outermost - wall) / steps[steps >= 1.0]
    else:
        x = outermost + sign * float(width.max()) * steps
    with np.errstate(all="ignore"):
        weight = body.confinement(x) + 0.5 * np.log(body.diffusion(x))
        deepest = np.min(body.confinement(centre) + 0.5 * np.log(body.diffusion(centre)))
        weight -= push * np.log1p(np.abs(x - outermost) / float(width.max()))
    far = np.flatnonzero(~(weight - deepest < RISE))
    return float(x[far[0]] if far.size else x[-1])


def _is_reached(law: WallLaw) -> bool:
    """Whether the wall lies at a finite distance in the coordinate with constant noise, and the law is a power there."""
    return bool(np.isfinite(law.exponent))


@dataclass(frozen=True)
class UnitNoise:
    """y(x) = ∫ dx/√D from the lower end of an interval, for one level.

    With dx = b dt + √(2D) dB the coordinate obeys dy = a dt + √2 dB with a = (b − D'/2)/√D (Itô), and its stationary
    density is e^{−Φ}√D. Where D ~ distance^m and e^{−Φ} ~ distance^p next to a wall, y ~ distance^{1 − m/2} and
    a → A/(y − wall) with A = (p + m/2)/(1 − m/2).

    Attributes
    ----------
    body : OneBody
        The level.
    interval : tuple of float
        Ends in x, at or inside the walls of the level.
    """

    body: OneBody
    interval: tuple[float, float]

    @cached_property
    def linear(self) -> bool:
        """Whether D is constant; y is then x/√D, without an offset."""
        lower, upper = self.interval
        values = self.body.diffusion(lower + (upper - lower) * np.linspace(0.01, 0.99, 51))
        return bool(np.ptp(values) <= 1e-14 * values[0])

    @cached_property
    def scale(self) -> float:
        """√D in the middle; dx/dy of a linear map."""
        return float(np.sqrt(self.body.diffusion(np.array([0.5 * sum(self.interval)]))[0]))

    def same_noise(self, other: UnitNoise) -> bool:
        """Whether both levels have one coordinate in common."""
        if self.interval != other.interval:
            return False
        lower, upper = self.interval
        x = lower + (upper - lower) * np.concatenate([np.geomspace(1e-9, 0.5, 100), np.linspace(0.51, 0.99, 50)])
        return bool(np.allclose(self.body.diffusion(x), other.body.diffusion(x), rtol=1e-13, atol=0.0))

    @cached_property
    def walls(self) -> tuple[WallLaw | None, WallLaw | None]:
        """What is at the two ends; None where the interval ends inside."""
        lower, upper = (
            wall_law(self.body, self.body.walls, side) if self.interval[side] == self.body.walls[side] else None
            for side in (0, 1)
        )
        return lower, upper

    @property
    def poles(self) -> tuple[float, float]:
        """A at the lower and at the upper end; 0 where there is no wall or it only reflects."""
        return _pole(self.walls[0]), _pole(self.walls[1])

    @cached_property
    def ends(self) -> tuple[float, float]:
        """The interval in y."""
        low, high = self.to_y(np.array(self.interval))
        return float(low), float(high)

    def to_y(self, x: Array) -> Array:
        """y(x)."""
        if self.linear:
            return np.asarray(x / self.scale)
        breaks, heights = self._panels
        k = np.clip(np.searchsorted(breaks, x, side="right") - 1, 0, breaks.size - 2)
        inside = heights[k] + _integral(self.body, breaks[k], x)
        lower, upper = self.interval
        if self.walls[0] is not None:
            inside = np.where(k == 0, self._beside_wall(0, x - lower), inside)
        if self.walls[1] is not None:
            inside = np.where(k == breaks.size - 2, heights[-1] - self._beside_wall(1, upper - x), inside)
        return np.asarray(inside)

    def to_x(self, y: Array) -> Array:
        """Inverse of `to_y`, by Newton's method inside the panel."""
        if self.linear:
            return np.asarray(y * self.scale)
        breaks, heights = self._panels
        k = np.clip(np.searchsorted(heights, y, side="right") - 1, 0, breaks.size - 2)
        below, above = breaks[k], breaks[k + 1]
        share = (y - heights[k]) / np.maximum(heights[k + 1] - heights[k], np.finfo(np.float64).tiny)
        x = below + (above - below) * np.clip(share, 1e-9, 1.0 - 1e-9)
        for _ in range(12):
            with np.errstate(all="ignore"):
                better = x - (self.to_y(x) - y) * np.sqrt(self.body.diffusion(x))
            x = np.where(np.isfinite(better), np.clip(better, below, above), x)
        return np.where(y <= heights[0], breaks[0], np.where(y >= heights[-1], breaks[-1], x))

    def force(self, x: Array, body: OneBody | None = None) -> Array:
        """Return a = (b − D'/2)/√D; with a `body` under other noise, its b and D' count, and √D is that of y."""
        body = self.body if body is None else body
        with np.errstate(all="ignore"):
            own = body.drift(x) - 0.5 * body.diffusion_slope(x)
            return np.asarray(own / np.sqrt(self.body.diffusion(x)))

    def _beside_wall(self, side: int, distance: Array) -> Array:
        """y-distance from a wall where D is a pure power."""
        law = self.walls[side]
        power = 0.0 if law is None else law.kinetic
        x = self.interval[side] + (1.0 - 2.0 * side) * distance
        with np.errstate(all="ignore"):
            value = distance / (np.sqrt(self.body.diffusion(x)) * (1.0 - 0.5 * power))
        return np.where(distance > 0.0, value, 0.0)

    @cached_property
    def _panels(self) -> tuple[Array, Array]:
        """Breaks in x, geometric towards every finite wall, and y at them."""
        lower, upper = self.interval
        span = upper - lower
        breaks = [lower + span * np.linspace(0.0, 1.0, UNIFORM_PANELS + 1)]
        for side in (0, 1):
            wall = self.body.walls[side]
            if np.isfinite(wall):
                sign, nearest = 1.0 - 2.0 * side, abs(self.interval[side] - wall)
                # Beside a wall that is not 0 the distance of a Gauss point from it carries a rounding error.
                nearest = max(nearest, 1e-8 * abs(wall), 1e-18 * span)
                count = int(np.ceil(np.log2(span / nearest) * 2.0)) + 1
                breaks.append(wall + sign * np.geomspace(nearest, span, count))
        points = np.concatenate(breaks)
        points = np.unique(points[(points >= lower) & (points <= upper)])
        pieces = _integral(self.body, points[:-1], points[1:])
        if self.walls[0] is not None:
            pieces[0] = self._beside_wall(0, points[1:2] - lower)[0]
        if self.walls[1] is not None:
            pieces[-1] = self._beside_wall(1, upper - points[-2:-1])[0]
        return points, np.concatenate([[0.0], np.cumsum(pieces)])


def _integral(body: OneBody, start: Array, stop: Array) -> Array:
    """∫ dx/√D from `start` to `stop`, one Gauss rule each."""
    half = 0.5 * (stop - start)
    x = (start + half)[..., None] + half[..., None] * NODES
    with np.errstate(all="ignore"):
        return np.asarray(half * np.sum(WEIGHTS / np.sqrt(body.diffusion(x)), axis=-1))


def _pole(law: WallLaw | None) -> float:
    """A = (p + m/2)/(1 − m/2)."""
    if law is None or not _is_reached(law):
        return 0.0
    return (2.0 * law.exponent + 0.5 * law.kinetic) / (1.0 - 0.5 * law.kinetic)
