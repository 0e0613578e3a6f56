"""Cells for several levels: one axis that holds the laws of all of them, as tightly as accuracy allows."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from fpsolve.errors import GridError, MethodError, ModelError
from fpsolve.exact.memory import usable_memory
from fpsolve.grids.axis import Axis, Grading
from fpsolve.grids.chamber import VECTORS, chamber_bytes, chamber_cells_within, chamber_unknowns
from fpsolve.models.initial_law import InitialLaw
from fpsolve.models.level_gas import LevelGas
from fpsolve.operators.default_axis import default_axis, in_coordinate

__all__ = ["CHAMBER_CELLS", "chamber_axis", "refuse_too_large", "stationary_span"]

Array = NDArray[np.float64]
Interval = tuple[float, float]

CHAMBER_CELLS = {1: 400, 2: 160, 3: 72, 4: 64, 5: 28, 6: 20}
"""Default number of cells by number of levels."""

_TAIL = 1e-9  # mass of a level's start that may lie beyond each end: six standard deviations of a Gaussian
_DROP = 18.0  # the stationary weight ends where it has fallen by e^−18, six standard deviations of a Gaussian
_LEAST = 1.5  # cells per standard deviation of the narrowest law
_DRAWS = 20_000
_MARGIN = 0.15
_WIDTHS = (16.0, 32.0, 64.0, 128.0)  # standard deviations within which the end of the stationary law is looked for
# A wall from which a square root is counted is an end of the axis if it is nearer than this part of the width.
_NEAR = 0.5
_ON_THE_WAY = 5.0 / 6.0  # of the six standard deviations of start and stationary law, between them
_MOST = 2_000_000  # unknowns that are taken without being asked for: about ten seconds
_UNRESOLVED = 3.0  # by how much fewer cells than needed may be taken; their error is told


def refuse_too_large(cells: int, levels: int, *, remaining: str = "", vectors: int = VECTORS) -> None:
    """MethodError if a chamber of that size does not fit into memory; the message tells what would.

    Parameters
    ----------
    cells, levels : int
    remaining : str
        What else could be done, for the message.
    vectors : int
        Numbers held per state, see `chamber_bytes`.
    """
    memory = usable_memory()
    need = chamber_bytes(cells, levels, vectors=vectors)
    if need <= memory:
        return
    msg = (
        f"a chamber of {levels} levels on {cells} cells has {chamber_unknowns(cells, levels):.3g} unknowns and takes "
        f"{need / 1024**3:.3g} GiB, but {memory / 1024**3:.3g} GiB are available (80 % of the memory): at most "
        f"{chamber_cells_within(memory, levels, vectors=vectors)} cells fit" + (f"; {remaining}" if remaining else "")
    )
    raise MethodError(msg)


def chamber_axis(
    model: LevelGas,
    initial: InitialLaw | None,
    *,
    cells: int | None = None,
    domain: Interval | None = None,
    grading: Grading | None = None,
    moment: int = 0,
) -> Axis:
    """Choose what the user left open of the cells that N levels share.

    The domain holds each level of the start up to 1e-9 of its mass and, for the largest and the smallest noise of the
    schedule, each level's stationary weight e^{−Φ_i} ∏|x − x_j|^β, the others at their seats, down to e^−18 of its
    maximum: about six standard deviations either way, cut at the walls; and five standard deviations of what lies
    between start and end if a linear force leads from one to the other. With `moment` = n it is the weight times the
    2n-th power of the distance, which reaches further out where the tail is slow. The default number of cells is that of
    `CHAMBER_CELLS`, or more if the narrowest level would have fewer than 1.5 cells per standard deviation, up to 2·10⁶ unknowns.

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
        Coordinate; by default the one in which the model is regular at its lower wall, if the axis begins there.
    moment : int
        0 for the law itself; 1 for excited states, which grow outwards relative to it.

    Raises
    ------
    GridError
        As `default_axis`; or the narrowest level needs more than three times the cells that are chosen by default.
    ModelError
        An initial law for another number of levels.
    """
    if initial is not None and initial.n != model.n:
        msg = f"the initial law has {initial.n} levels, but the model has {model.n}"
        raise ModelError(msg)
    if domain is None:
        domain = _domain(model, initial, moment)
    if grading is None:
        grading = model.levels[0].grading if domain[0] == model.walls[0] else "uniform"
    if cells is None:
        cells = _cells(model, initial, domain, grading)
    return default_axis(model, None, cells=cells, domain=domain, grading=grading)


def _domain(model: LevelGas, initial: InitialLaw | None, moment: int) -> Interval:
    """Hull of the start, of the stationary law and of what lies between them, cut at the walls or stretched to near ones."""
    ends = [[stationary_span(gas, level, moment=moment) for level in range(gas.n)] for gas in model.noises]
    spans = [span for gas in ends for span in gas]
    if initial is not None:
        starts = _start_spans(initial)
        bend = model.walls[0] if model.levels[0].grading == "sqrt" else None
        spans += starts
        spans += [way for gas in ends for pair in zip(starts, gas, strict=True) for way in _way(*pair, bend)]
    low, high = (float(f(span)) for f, span in zip((np.min, np.max), zip(*spans, strict=True), strict=True))
    walls = model.walls
    low, high = max(low, walls[0]), min(high, walls[1])
    if not low < high:
        msg = f"the initial law lies outside the walls [{walls[0]:g}, {walls[1]:g}]"
        raise GridError(msg)
    if model.levels[0].grading == "sqrt" and low - walls[0] <= _NEAR * (high - low):
        # The coordinate begins at the wall, which costs next to nothing.
        low = walls[0]
    return low, high


def stationary_span(gas: LevelGas, level: int, *, moment: int = 0, drop: float = _DROP) -> Interval:
    """Where e^{−Φ_i(x)} ∏_j |x − x_j|^β is more than e^−drop of its maximum, the other levels x_j at their first anchors.

    With a moment n the weight is multiplied by (1 + distance²)^n, in standard deviations from the first anchor.
    """
    body = gas.levels[level]
    centres, stds = np.array(body.anchors).T
    others = np.array([other.anchors[0] for j, other in enumerate(gas.levels) if j != level]).reshape(-1, 2)
    for width in _WIDTHS:
        low = max(float((centres - width * stds).min()), body.walls[0])
        high = min(float((centres + width * stds).max()), body.walls[1])
        grading = body.grading if low == body.walls[0] else "uniform"
        axis = Axis(low, high, min(max(4000, int(20.0 * (high - low) / float(stds.min()))), 400_000), grading)
        x = axis.centers
        weight = np.log(axis.slope(axis.y_centers)) - body.confinement(x)
        for centre, std in others:
            weight += 0.5 * gas.beta * np.log((x - centre) ** 2 + std**2)
        weight += moment * np.log1p(((x - centres[0]) / stds[0]) ** 2)
        inside = np.flatnonzero(weight >= np.nanmax(weight) - drop)
        lower, upper = float(axis.edges[inside[0]]), float(axis.edges[inside[-1] + 1])
        if (lower > low or low == body.walls[0]) and (upper < high or high == body.walls[1]):
            break
    return lower, upper


def _way(start: Interval, end: Interval, wall: float | None) -> Iterator[Interval]:
    """What a level covers on its way from one interval of six standard deviations to another.

    As a linear force moves it: with the centre at a share c of the way back, the variance is c² σ_0² + (1 − c²) σ_∞². A
    narrow start far out so spreads to further than both ends. With a wall, in the square root of the distance from it.
    """

    def to_y(x: float) -> float:
        return x if wall is None else math.sqrt(max(x - wall, 0.0))

    (a, b), (c, d) = ((to_y(low), to_y(high)) for low, high in (start, end))
    for share in np.linspace(0.05, 0.95, 19).tolist():
        centre = 0.5 * (share * (a + b) + (1.0 - share) * (c + d))
        reach = 0.5 * _ON_THE_WAY * math.hypot(share * (b - a), math.sqrt(1.0 - share**2) * (d - c))
        low, high = centre - reach, centre + reach
        yield (low, high) if wall is None else (wall + max(low, 0.0) ** 2, wall + high**2)


def _start_spans(law: InitialLaw) -> list[Interval]:
    """For each level the interval that holds all but 1e-9 of its mass on either side."""
    try:
        return [(_quantile(law, level, _TAIL, side=0), _quantile(law, level, _TAIL, side=1)) for level in range(law.n)]
    except ModelError:
        # No marginals: draws, and somewhat more.
        draws = law.sample(_DRAWS, np.random.default_rng(0))
        margin = _MARGIN * np.ptp(draws)
        return [(float(row.min() - margin), float(row.max() + margin)) for row in draws.T]


def _quantile(law: InitialLaw, level: int, tail: float, *, side: int) -> float:
    """The point beyond which `tail` of a level's mass lies, by bisection between the ends of its support."""
    low, high = law.support(level)
    for _ in range(40):
        middle = 0.5 * (low + high)
        below = float(law.cdf(middle, level))
        inside = below > tail if side == 0 else below >= 1.0 - tail
        low, high = (low, middle) if inside else (middle, high)
    return low if side == 0 else high


def _cells(model: LevelGas, initial: InitialLaw | None, domain: Interval, grading: Grading) -> int:
    """The default number, or as many as the narrowest level needs."""
    laws = [anchor for gas in model.noises for body in gas.levels for anchor in body.anchors]
    if initial is not None:
        try:
            laws += zip(initial.mean.tolist(), initial.std.tolist(), strict=True)
        except ModelError:
            draws = initial.sample(_DRAWS, np.random.default_rng(0))
            laws += zip(draws.mean(axis=0).tolist(), draws.std(axis=0).tolist(), strict=True)
    center, std = np.array(laws).T
    std, width = in_coordinate(center, std, domain=domain, grading=grading)
    usual = CHAMBER_CELLS.get(model.n, CHAMBER_CELLS[6])
    std = std[std > 0.0]
    # Half and a quarter as many cells tell the error.
    need = 4 * math.ceil(0.25 * _LEAST * width / float(std.min())) if std.size else usual
    most = max(usual, _cells_of(_MOST, model.n))
    if need > _UNRESOLVED * most:
        msg = (
            f"resolving the narrowest level (standard deviation {std.min():.3g}) on [{domain[0]:g}, {domain[1]:g}] takes "
            f"{need} cells, but by default a chamber of {model.n} levels has at most {most}: give cells, or a narrower domain"
        )
        raise GridError(msg)
    return min(max(need, usual), most)


def _cells_of(unknowns: int, levels: int) -> int:
    """Largest multiple of four cells that have no more unknowns."""
    cells = 4
    while chamber_unknowns(cells + 4, levels) <= unknowns:
        cells += 4
    return cells
