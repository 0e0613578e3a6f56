"""Cells for one level: a domain that holds the law at all times, and a width that resolves it."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from fpsolve.errors import GridError, ModelError
from fpsolve.grids.axis import Axis, Grading
from fpsolve.models.initial_law import InitialLaw
from fpsolve.models.level_gas import LevelGas, OneBody

__all__ = ["MAX_CELLS", "MIN_CELLS", "default_axis", "in_coordinate"]

Array = NDArray[np.float64]
Interval = tuple[float, float]

MIN_CELLS = 400
MAX_CELLS = 50_000
CELLS_PER_STD = 8.0
REACH = 10.0  # anchors keep so many standard deviations to each side
SENSIBLE = 4.0  # a wall farther away than so many widths of the law is not worth the cells
DECAYED = 37.0  # e^−37 = 1e-16


def default_axis(
    model: LevelGas,
    initial: InitialLaw | None,
    *,
    cells: int | None = None,
    domain: Interval | None = None,
    grading: Grading | None = None,
    level: int = 0,
) -> Axis:
    """Choose what the user left open of the cells for one level.

    The domain holds the support of the start and ten standard deviations around every seat of stationary mass, at all
    noises of the schedule; a finite wall is an end of the domain unless it lies absurdly far away. Where there is no
    wall the end moves out until e^{−Φ} has fallen by 1e-16, but not to more than five times the width: a power law
    keeps what its anchors ask for. There are 8 cells per standard deviation of the narrowest of these laws (a Gaussian
    then has an L1 error of about 1e-3, two extrapolated grids 1e-6), and at least 400.

    Parameters
    ----------
    model : LevelGas
        Its walls, boundary, anchors, grading and schedule are used.
    initial : InitialLaw or None
        The start; None for the stationary law.
    cells : int, optional
        Number of cells.
    domain : pair of float, optional
        Ends of the axis; inside the walls.
    grading : {"uniform", "sqrt"}, optional
        Coordinate; by default the one in which the model is regular at its lower wall.
    level : int
        Which level, counted from 0 upwards.

    Raises
    ------
    GridError
        An initial law outside the walls; a domain that is not increasing and finite, leaves the walls, or does not end
        at an absorbing or periodic wall; more than 50000 cells needed and none given; fewer than 4 cells.
    ModelError
        An initial law for another number of levels.
    """
    if initial is not None and initial.n != model.n:
        msg = f"the initial law has {initial.n} levels, but the model has {model.n}"
        raise ModelError(msg)
    bodies = [gas.levels[level] for gas in model.noises]
    if domain is None:
        lower, upper = _domain(model, bodies, initial, level)
    else:
        lower, upper = _checked(model, bodies[0].walls, domain)
    if grading is None:
        at_wall = lower == bodies[0].walls[0] and model.boundary[0] == "reflecting"
        grading = bodies[0].grading if at_wall else "uniform"
    if cells is None:
        cells = _cells(bodies, initial, level, (lower, upper), grading)
    return Axis(lower, upper, int(cells), grading)


def in_coordinate(center: Array, std: Array, *, domain: Interval, grading: Grading) -> tuple[Array, float]:
    """Standard deviations of laws and the width of the domain, both measured in the coordinate of the cells."""
    lower, upper = domain
    if grading == "uniform":
        return std, upper - lower
    high, low = np.maximum(center + std - lower, 0.0), np.maximum(center - std - lower, 0.0)
    return 0.5 * (np.sqrt(high) - np.sqrt(low)), math.sqrt(upper - lower)


def _domain(model: LevelGas, bodies: list[OneBody], initial: InitialLaw | None, level: int) -> Interval:
    """Hull of the start and of all anchors, stretched to the walls that are near."""
    low, high = initial.support(level) if initial is not None else (np.inf, -np.inf)
    walls = bodies[0].walls
    if initial is not None and not (low <= walls[1] and high >= walls[0]):
        msg = f"the initial law lies outside the walls [{walls[0]:g}, {walls[1]:g}]"
        raise GridError(msg)
    for body in bodies:
        for center, std in body.anchors:
            low, high = min(low, center - REACH * std), max(high, center + REACH * std)
    low, high = max(low, walls[0]), min(high, walls[1])
    low, high = _decayed(bodies, low, high, -1.0), _decayed(bodies, low, high, 1.0)
    width = high - low
    if np.isfinite(walls[0]) and (low - walls[0] <= SENSIBLE * width or model.boundary[0] != "reflecting"):
        low = walls[0]
    if np.isfinite(walls[1]) and (walls[1] - high <= SENSIBLE * width or model.boundary[1] != "reflecting"):
        high = walls[1]
    return float(low), float(high)


def _decayed(bodies: list[OneBody], low: float, high: float, side: float) -> float:
    """Where on one side of [low, high] every e^{−Φ} has fallen by 1e-16; the end itself if that is too far out."""
    width = high - low
    end = high if side > 0.0 else low
    x = end + side * width * np.linspace(0.0, SENSIBLE, 401)
    x = x[(x > bodies[0].walls[0]) & (x < bodies[0].walls[1])]
    reached = end
    for body in bodies:
        seats = np.array([center for center, _ in body.anchors])
        far = np.flatnonzero(body.confinement(x) - np.min(body.confinement(seats)) >= DECAYED)
        if far.size:
            reached = side * max(side * reached, side * float(x[far[0]]))
    return reached


def _checked(model: LevelGas, walls: Interval, domain: Interval) -> Interval:
    """Return the user's domain; GridError unless it lies inside the walls and ends where something must happen."""
    lower, upper = float(domain[0]), float(domain[1])
    if not (np.isfinite(lower) and np.isfinite(upper) and lower < upper):
        msg = f"domain must be two finite increasing numbers, not [{lower:g}, {upper:g}]"
        raise GridError(msg)
    if lower < walls[0] or upper > walls[1]:
        msg = f"domain [{lower:g}, {upper:g}] leaves the walls of the model, [{walls[0]:g}, {walls[1]:g}]"
        raise GridError(msg)
    for end, wall, kind in zip((lower, upper), walls, model.boundary, strict=True):
        if kind != "reflecting" and end != wall:
            msg = f"domain [{lower:g}, {upper:g}] cuts off the {kind} wall at {wall:g}; let it end there"
            raise GridError(msg)
    return lower, upper


def _cells(bodies: list[OneBody], initial: InitialLaw | None, level: int, domain: Interval, grading: Grading) -> int:
    """Eight cells per standard deviation of the narrowest law, measured in the coordinate of the cells."""
    laws = [anchor for body in bodies for anchor in body.anchors]
    if initial is not None and initial.std[level] > 0.0:
        laws.append((float(initial.mean[level]), float(initial.std[level])))
    center, std = np.array(laws).T
    lower, upper = domain
    std, width = in_coordinate(center, std, domain=domain, grading=grading)
    std = std[std > 0.0]
    need = math.ceil(CELLS_PER_STD * width / float(std.min())) if std.size else MIN_CELLS
    if need > MAX_CELLS:
        msg = (
            f"resolving the narrowest law (standard deviation {std.min():.3g}) on [{lower:g}, {upper:g}] takes "
            f"{need} cells, more than the {MAX_CELLS} chosen by default: give cells, or a narrower domain"
        )
        raise GridError(msg)
    return max(need, MIN_CELLS)
