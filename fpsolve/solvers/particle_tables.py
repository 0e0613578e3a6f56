"""What the trajectories of a level gas need to know of it, as tables for the kernel."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import CubicSpline

from fpsolve.errors import MethodError
from fpsolve.kernels.particle_forces import (
    GRADED,
    HIGH0,
    HIGH1,
    INVERSE_STEP,
    LOW0,
    LOW1,
    LOWER,
    SCALE,
    START,
    UPPER,
)
from fpsolve.models.level_gas import LevelGas, OneBody
from fpsolve.operators.unit_noise import UnitNoise, reach

__all__ = ["ParticleTables", "particle_tables"]

Array = NDArray[np.float64]

FEWEST, MOST = 128, 16384
TOLERANCE = 1e-7  # of the force, relative to its size and to the root of the relaxation rate


@dataclass(frozen=True)
class ParticleTables:
    """A level gas in coordinates with constant noise; the arrays are explained in `fpsolve.kernels.particle_forces`.

    Attributes
    ----------
    frame : ndarray, shape (level, 10)
    place, own, noisy : ndarray, shape (level, cell, 4)
        Cubics of x(y), of the force and of its change with the noise factor.
    shared : ndarray of bool, shape (level + 1,)
    beta : float
    maps : tuple of UnitNoise
        The coordinate of every level.
    error : float
        Largest error of a tabulated force between the nodes, relative to the force plus the root of the rate at which
        the level relaxes.
    """

    frame: Array
    place: Array
    own: Array
    noisy: Array
    shared: NDArray[np.bool_]
    beta: float
    maps: tuple[UnitNoise, ...]
    error: float

    def to_y(self, x: Array) -> Array:
        """Coordinates of levels x, shape (replica, level)."""
        return np.column_stack([level.to_y(x[:, i]) for i, level in enumerate(self.maps)])


def particle_tables(model: LevelGas, start: Array) -> ParticleTables:
    """Tabulate a level gas.

    Parameters
    ----------
    model : LevelGas
        Any number of levels, any β ≥ 0, any D(x) > 0.
    start : ndarray, shape (replica, level)
        Where the trajectories begin; the tables reach at least that far.

    Raises
    ------
    MethodError
        The density diverges at a wall so strongly that the level sticks to it (e^{−Φ} ~ distance^p with p < −1/2 for
        D ~ distance), or the noise of the schedule does not enter the drift linearly.
    """
    factors = _factors(model)
    bodies: list[OneBody] = []
    for body in model.levels:
        if body not in bodies:
            bodies.append(body)
    numbers = [bodies.index(body) for body in model.levels]
    push = model.beta * (model.n - 1)
    ends = []
    for i, body in enumerate(model.levels):
        noises = [body.with_noise(f) for f in (min(factors), max(factors))] if model.schedule else [body]
        ends.append(reach(noises, push, (float(start[:, i].min()), float(start[:, i].max()))))
    low, high = min(end[0] for end in ends), max(end[1] for end in ends)
    made = [_level(body, (low, high), scheduled=model.schedule is not None) for body in bodies]
    linear = all(entry.map.linear for entry in made)
    cells = max(entry.cells for entry in made)
    tables = [entry.tables(cells) for entry in made]
    empty = np.zeros((len(made), 0, 4))
    place, own, noisy = (np.stack([table[k] for table in tables]) for k in range(3))
    place = empty if linear else place
    noisy = noisy if model.schedule is not None else empty
    shared = np.zeros(model.n + 1, dtype=np.bool_)
    for k in range(1, model.n):
        a, b = made[numbers[k - 1]].map, made[numbers[k]].map
        shared[k] = not linear and a.same_noise(b)
    return ParticleTables(
        frame=np.stack([entry.frame(cells) for entry in made])[numbers],
        place=place[numbers],
        own=own[numbers],
        noisy=noisy[numbers],
        shared=shared,
        beta=model.beta,
        maps=tuple(made[number].map for number in numbers),
        error=max(entry.error for entry in made),
    )


def _factors(model: LevelGas) -> list[float]:
    schedule = model.schedule
    if schedule is None:
        return [1.0]
    knots = schedule.breakpoints
    fine = np.concatenate([knots, *(np.linspace(a, b, 33) for a, b in pairwise(knots))])
    return [schedule.noise_factor(float(time)) for time in fine]


@dataclass(frozen=True)
class _Level:
    """One kind of level: its map, the poles of its force (per power of the noise factor), and the cells it needs."""

    map: UnitNoise
    doubled: OneBody | None
    poles: Array
    cells: int
    error: float

    @property
    def graded(self) -> int:
        """The side, -1 or 1, of a wall beside which the force is no smooth function of y; 0 if there is none.

        With D ~ distance^m the force has powers of y^{2/(2 − m)}, smooth for m = 0 and m = 1.
        """
        for side, law in ((-1, self.map.walls[0]), (1, self.map.walls[1])):
            if law is not None and law.kinetic not in (0.0, 1.0):
                return side
        return 0

    def at(self, places: Array) -> Array:
        """Return y at places of the table from 0 to 1."""
        low, high = self.map.ends
        if self.graded == 0:
            return np.asarray(low + (high - low) * places)
        start, stop = (high, low) if self.graded == 1 else (low, high)
        return np.asarray(start + (stop - start) * places**4)

    def values(self, y: Array, x: Array) -> tuple[Array, Array]:
        """Force without its poles at noise factor 0, and per factor."""
        low, high = self.map.ends
        force = self.map.force(x)
        parts = []
        with np.errstate(all="ignore"):
            change = self.map.force(x, self.doubled) - force if self.doubled is not None else np.zeros_like(force)
            for power, value in ((0, force - change), (1, change)):
                lower, upper = self.poles[power]
                value = value - (lower / (y - low) if lower else 0.0)
                value = value + (upper / (high - y) if upper else 0.0)
                # Nearer than this to a wall y cannot tell the distance well enough to subtract a pole.
                beside = np.minimum(y - low, high - y) < 1e-10 * (high - low)
                parts.append(np.where(beside & (self.graded != 0), np.nan, value))
        return _mended(parts[0]), _mended(parts[1])

    def splines(self, cells: int) -> list[CubicSpline]:
        """Splines of x, of the force and of its change over the places 0 … 1, with a node at every edge of `cells` cells."""
        places = np.linspace(0.0, 1.0, cells + 1)
        y = self.at(places)
        x = self.map.to_x(y)
        return [CubicSpline(places, values) for values in (x, *self.values(y, x))]

    def tables(self, cells: int) -> list[Array]:
        """Cubics in cells of x, of the force and of its change, shape (cell, 4), lowest power first."""
        powers = (1.0 / cells) ** np.arange(4)
        return [np.ascontiguousarray(spline.c[::-1].T * powers) for spline in self.splines(cells)]

    def misfit(self, cells: int) -> float:
        """Largest error half-way between the nodes, where there is weight to speak of."""
        middle = (np.arange(cells) + 0.5) / cells
        y = self.at(middle)
        x = self.map.to_x(y)
        body, (centre, width) = self.map.body, self.map.body.anchors[0]
        at = np.array([centre])
        with np.errstate(all="ignore"):
            depth = body.confinement(x) + 0.5 * np.log(body.diffusion(x))
            core = depth - depth.min() < 40.0
            if self.graded != 0:
                core &= middle > 0.03
            spread = width / np.sqrt(body.diffusion(at))[0]
            slope = np.sqrt(body.diffusion(x))
        place, own, noisy = self.splines(cells)
        worst = 0.0
        if not self.map.linear:
            worst = float(np.max(np.abs(place(middle) - x)[core] / (slope[core] * spread)))
        for spline, exact in zip((own, noisy), self.values(y, x), strict=True):
            error = np.abs(spline(middle) - exact)[core] / (np.abs(exact[core]) + 1.0 / spread)
            worst = max(worst, float(np.max(error)))
        return worst

    def frame(self, cells: int) -> Array:
        """The row of this level in `frame`."""
        row = np.zeros(10)
        low, high = self.map.ends
        row[START], row[INVERSE_STEP], row[GRADED] = low, cells / (high - low), self.graded
        if self.graded != 0:
            row[START], row[INVERSE_STEP] = high if self.graded == 1 else low, cells**4 / (high - low)
        row[SCALE] = self.map.scale if self.map.linear else 0.0
        row[LOWER] = low if self.map.walls[0] is not None else -np.inf
        row[UPPER] = high if self.map.walls[1] is not None else np.inf
        (row[LOW0], row[HIGH0]), (row[LOW1], row[HIGH1]) = self.poles
        return row


def _level(body: OneBody, interval: tuple[float, float], *, scheduled: bool) -> _Level:
    """Choose the number of cells by doubling until the tables are as accurate as asked for."""
    lower, upper = body.walls
    coordinate = UnitNoise(body, (max(interval[0], lower), min(interval[1], upper)))
    poles = np.zeros((2, 2))
    poles[0] = coordinate.poles
    doubled = None
    if scheduled:
        doubled = body.with_noise(2.0)
        twice = 2.0 * np.array(UnitNoise(doubled, coordinate.interval).poles)
        poles[1] = twice - poles[0]
        poles[0] -= poles[1]
        poles[np.abs(poles) < 1e-9] = 0.0  # rounding of exponents that are differences
        _check_linear(coordinate, doubled)
    if np.any(poles.sum(axis=0) < 0.0):
        msg = (
            "trajectories stick to a wall at which the density diverges this strongly; the method takes densities "
            "that fall at the wall in the coordinate with constant noise, or stay finite there"
        )
        raise MethodError(msg)
    level, cells = _Level(coordinate, doubled, poles, FEWEST, 0.0), FEWEST
    errors = {cells: level.misfit(cells)}
    while errors[cells] > TOLERANCE and cells < MOST:
        cells *= 2
        errors[cells] = level.misfit(cells)
    # Rounding next to a pole grows with the number of cells, so the last is not always the best.
    best = min(errors, key=errors.__getitem__)
    return _Level(coordinate, doubled, poles, best, errors[best])


def _check_linear(coordinate: UnitNoise, doubled: OneBody) -> None:
    """MethodError unless the drift is b_0 + f b_1 in the noise factor f, as every model of a trained level is."""
    low, high = coordinate.interval
    x = low + (high - low) * np.linspace(0.01, 0.99, 99)
    one, two = coordinate.force(x), coordinate.force(x, doubled)
    three = coordinate.force(x, coordinate.body.with_noise(3.0))
    if not np.allclose(three - two, two - one, rtol=1e-9, atol=1e-9 * float(np.max(np.abs(one)))):
        msg = "the drift of this model does not depend linearly on the noise, so its schedule cannot be followed"
        raise MethodError(msg)


def _mended(values: Array) -> Array:
    """Replace what is not finite at the ends, where a pole was subtracted.

    One value is extrapolated from six neighbours; a longer run, next to which the force has no limit, is held constant.
    """
    values = np.array(values)
    binomials = np.array([6.0, -15.0, 20.0, -15.0, 6.0, -1.0])
    good = np.flatnonzero(np.isfinite(values))
    first, last = int(good[0]), int(good[-1])
    values[:first] = binomials @ values[1:7] if first == 1 else values[first]
    values[last + 1 :] = binomials @ values[-2:-8:-1] if last == values.size - 2 else values[last]
    return values
