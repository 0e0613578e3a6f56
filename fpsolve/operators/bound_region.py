"""Where the lowest bound states of a level live, from the semiclassical action of the Fokker–Planck Hamiltonian."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fpsolve.errors import GridError, ModelError
from fpsolve.models.level_gas import OneBody
from fpsolve.operators.wall_law import WallLaw, wall_law

__all__ = ["BoundRegion", "bound_region", "hamiltonian_potential"]

Array = NDArray[np.float64]

# |ψ| has fallen by e^{-20} = 2e-9 at a cut; energies feel its square, 4e-18.
_DECAY = 20.0
# Above a wall at which the wavefunctions have died out, y = ln(x − wall) is used if they span more than this factor.
_DECADES = 50.0
# A power of the distance from a wall is kept as a wall if the cut would lie closer than this part of the width.
_KEEP_WALL = 0.02
_INSIDE = np.linspace(0.0, 1.0, 201)[1:-1]
_AROUND = np.linspace(-10.0, 10.0, 61)
# Distances from a finite wall in units of the width; further in where D ~ distance², so that the wall is never reached.
_TO_WALL: Array = np.power(10.0, -np.arange(1.75, 9.1, 0.25))
_TO_HORIZON: Array = np.power(10.0, -np.arange(1.75, 40.1, 0.25))
_OUTWARD: Array = 0.01 * np.power(1.2, np.arange(300.0))


@dataclass(frozen=True)
class BoundRegion:
    """The interval that holds the wavefunctions, and what happens at its ends.

    Attributes
    ----------
    lower, upper : float
        The ends in x.
    cut : tuple of bool
        Per end: True where the wavefunctions have died out, False where they reach a wall.
    decay : tuple of float
        Per end: ∫√(2(U − E)/D) dx from the outermost turning point: |ψ| has fallen by e^−decay there.
    exponents : tuple of float
        Per end: ν such that √P_s ~ distance^ν at a wall; 0 at a regular wall and at a cut.
    energy : float
        The energy for which the wavefunctions have died out at the cuts.
    origin : float or None
        The lower wall if ln(x − origin) is the better coordinate, because the wavefunctions span decades above it.
    wavenumber : float
        Largest local wavenumber of the wavefunctions, tails included, in the angle θ of y = middle − half width cos θ
        (y = x, or the logarithm): about as many polynomials in y are needed.
    """

    lower: float
    upper: float
    cut: tuple[bool, bool]
    decay: tuple[float, float]
    exponents: tuple[float, float]
    energy: float
    origin: float | None
    wavenumber: float


@dataclass(frozen=True)
class _Scan:
    """Samples between two walls: the semiclassical potential, √(2/D), and the largest |D Φ''| at an extremum of Φ."""

    x: Array
    potential: Array
    root: Array
    rate: float


def hamiltonian_potential(body: OneBody, x: Array) -> Array:
    """U(x) = D Φ'²/8 − (D Φ')'/4 of H = −½ ∂ D ∂ + U; V'²/(8g²) − V''/4 for constant g² (arXiv:2407.16427).

    Overflow next to a wall gives +inf.
    """
    with np.errstate(all="ignore"):
        slope = body.confinement_slope(x)
        diffusion = body.diffusion(x)
        mixed = body.diffusion_slope(x) * slope + diffusion * body.confinement_curvature(x)
        values = 0.125 * diffusion * slope * slope - 0.25 * mixed
    return np.asarray(np.where(np.isnan(values), np.inf, values))


def bound_region(
    body: OneBody, *, states: int, domain: tuple[float, float] | None = None, energy: float | None = None
) -> BoundRegion:
    """Find the interval outside of which the lowest `states` wavefunctions are negligible.

    U is scanned between the walls. The number of states below E is estimated as (1/π)∫√(2(E − U)₊/D) dx; outwards
    from the outermost turning points the interval ends where the decay ∫√(2(U − E)/D) dx has reached 20, or at a wall.

    Parameters
    ----------
    body : OneBody
    states : int
        Number of states wanted, E_0 included.
    domain : pair of float, optional
        Ends, not outside the walls, that replace the search; they act as reflecting walls.
    energy : float, optional
        Replaces the estimate of the highest energy (after a solve has shown that it was too low).

    Raises
    ------
    GridError
        If `domain` is not increasing or leaves the walls.
    ModelError
        If wavefunctions do not die out towards an open side: fewer states are bound than were asked for.
    """
    walls = body.walls if domain is None else _checked(domain, body.walls)
    laws = (wall_law(body, walls, 0), wall_law(body, walls, 1))
    scan = _scan(body, walls, laws)
    top = _energy_of(scan, float(states)) if energy is None else energy
    dead, decay = _dead(scan, top)
    span = _or_wall(dead[1], walls[1]) - _or_wall(dead[0], walls[0])
    ends, cuts, exponents = [], [], []
    for place, wall, law in zip(dead, walls, laws, strict=True):
        # A low power of the distance is resolved by modes with that power, not by cutting close to the wall; a wall
        # where D diverges is better cut off, for the norm of L grows with D.
        kept = law.power and law.kinetic >= 0.0 and place is not None and abs(place - wall) < _KEEP_WALL * span
        at_wall = place is None or kept
        if at_wall and not (np.isfinite(wall) and np.isfinite(law.exponent)):
            raise ModelError(_unbound(states, wall))
        ends.append(wall if at_wall or domain is not None else _or_wall(place, wall))
        cuts.append(not at_wall)
        exponents.append(law.exponent if at_wall else 0.0)
    lower, upper = ends
    origin = walls[0] if lower > walls[0] and upper - walls[0] > _DECADES * (lower - walls[0]) else None
    speed = _wavenumber(scan, (lower, upper), top, origin)
    return BoundRegion(lower, upper, (cuts[0], cuts[1]), decay, (exponents[0], exponents[1]), top, origin, speed)


def _or_wall(place: float | None, wall: float) -> float:
    return wall if place is None else place


def _checked(domain: tuple[float, float], walls: tuple[float, float]) -> tuple[float, float]:
    """GridError unless `domain` increases and stays between the walls."""
    lower, upper = float(domain[0]), float(domain[1])
    if not (np.isfinite(upper - lower) and lower < upper):
        msg = f"domain must be two finite increasing numbers, not [{lower:g}, {upper:g}]"
        raise GridError(msg)
    if lower < walls[0] or upper > walls[1]:
        msg = f"domain [{lower:g}, {upper:g}] leaves the walls [{walls[0]:g}, {walls[1]:g}] of the level"
        raise GridError(msg)
    return lower, upper


def _unbound(states: int, side: float) -> str:
    return (
        f"fewer than {states} states are bound: wavefunctions do not die out towards x = {side:g}, where the spectrum "
        f"is continuous; ask for fewer states"
    )


def _dead(scan: _Scan, energy: float) -> tuple[tuple[float | None, float | None], tuple[float, float]]:
    """Points below and above the turning points by which wavefunctions of `energy` have died out (None if they do not).

    The second pair is the decay reached at both ends of the scan.
    """
    inside = np.flatnonzero(scan.potential < energy)
    first, last = int(inside[0]), int(inside[-1])
    with np.errstate(invalid="ignore", over="ignore"):
        decay = np.minimum(scan.root * np.sqrt(np.maximum(scan.potential - energy, 0.0)), 1e150)
    steps = np.minimum(decay[1:], decay[:-1]) * np.diff(scan.x)
    places: list[float | None] = []
    totals: list[float] = []
    for x, way in ((scan.x[first::-1], steps[:first][::-1]), (scan.x[last:], steps[last:])):
        action = np.cumsum(way)
        totals.append(float(action[-1]) if action.size else 0.0)
        places.append(None if totals[-1] < _DECAY else float(x[1 + int(np.argmax(action >= _DECAY))]))
    return (places[0], places[1]), (totals[0], totals[1])


def _scan(body: OneBody, walls: tuple[float, float], laws: tuple[WallLaw, WallLaw]) -> _Scan:
    """Sample densely near walls, near the seats of mass and near every extremum of Φ, geometrically outwards."""
    anchors = body.anchors[:8]
    low, high = walls
    left = low if np.isfinite(low) else min(c - 12.0 * s for c, s in anchors)
    right = high if np.isfinite(high) else max(c + 12.0 * s for c, s in anchors)
    if right <= left:
        left, right = (left, left + 24.0 * anchors[0][1]) if np.isfinite(low) else (right - 24.0 * anchors[0][1], right)
    width = right - left
    parts = [left + width * _INSIDE, *(c + s * _AROUND for c, s in anchors)]
    parts.append(left + width * _steps(low, laws[0]))
    parts.append(right - width * _steps(high, laws[1]))
    x = _sorted_inside(parts, walls)
    with np.errstate(all="ignore"):
        slope = body.confinement_slope(x)
    turns = np.flatnonzero((slope[1:] > 0.0) != (slope[:-1] > 0.0))
    places = x[turns] - slope[turns] * (x[turns + 1] - x[turns]) / (slope[turns + 1] - slope[turns])
    rate = 0.0
    if places.size:
        curvature = np.abs(body.confinement_curvature(places))
        rate = float(np.max(body.diffusion(places) * curvature))
        widths = 1.0 / np.sqrt(np.maximum(curvature, 1.0 / width**2))
        x = _sorted_inside([x, (places[:64, None] + widths[:64, None] * _AROUND).ravel()], walls)
    return _Scan(x, *_normal_form(body, x, walls, laws), rate)


def _normal_form(
    body: OneBody, x: Array, walls: tuple[float, float], laws: tuple[WallLaw, WallLaw]
) -> tuple[Array, Array]:
    """Semiclassical potential and √(2/D).

    In z = ∫dx/√D the Hamiltonian is −½∂_z² + U + D''/8 − D'²/(32D). At a singular wall that potential may fall like
    −1/z² and yet bind nothing: Langer's term 1/(8z²), with z from the wall, is added there (Phys. Rev. 51, 669 (1937)).
    """
    potential = hamiltonian_potential(body, x)
    distances = [np.abs(x - wall) for wall in walls]
    with np.errstate(all="ignore"):
        diffusion, slope = body.diffusion(x), body.diffusion_slope(x)
        root = np.nan_to_num(np.sqrt(2.0 / diffusion), posinf=1e150)
        if np.any(slope != 0.0):
            step = 1e-4 * np.minimum(np.minimum(*distances), np.abs(x) + body.anchors[0][1])
            curvature = (body.diffusion_slope(x + step) - body.diffusion_slope(x - step)) / (2.0 * step)
            extra = curvature / 8.0 - slope**2 / (32.0 * diffusion)
            potential = potential + np.where(np.isfinite(extra), extra, 0.0)
        for distance, law in zip(distances, laws, strict=True):
            if law.power:
                potential = potential + (1.0 - 0.5 * law.kinetic) ** 2 * diffusion / (8.0 * distance**2)
    return potential, root


def _steps(wall: float, law: WallLaw) -> Array:
    """Signed distances from an end of the sampled interval: into it from a wall, outwards from an open end."""
    if not np.isfinite(wall):
        return -_OUTWARD
    # Floats resolve tiny distances only next to a wall at 0.
    return _TO_HORIZON if wall == 0.0 and law.kinetic > 1.9 else _TO_WALL


def _sorted_inside(parts: list[Array], walls: tuple[float, float]) -> Array:
    """Sort the points strictly between the walls, each once."""
    x = np.sort(np.concatenate(parts))
    keep = (x > walls[0]) & (x < walls[1])
    keep[1:] &= x[1:] > x[:-1]
    return x[keep]


def _energy_of(scan: _Scan, states: float) -> float:
    """Energy below which the semiclassical count of states, (1/π)∫√(2(E − U)₊/D) dx, is `states`."""
    finite = np.sort(scan.potential[np.isfinite(scan.potential)])
    weights = 0.5 * (scan.root[1:] + scan.root[:-1]) * np.diff(scan.x) / np.pi
    middle = 0.5 * (scan.potential[1:] + scan.potential[:-1])
    # A flat box holds states too: above U the count grows like √E.
    box = (states / float(weights.sum())) ** 2
    energies = np.concatenate([finite[:: max(1, finite.size // 8)], finite[0] + box * 4.0 ** np.arange(6)])
    energies = np.append(np.sort(energies), finite[-1] + box)
    for _ in range(2):
        counts = np.sqrt(np.maximum(energies[:, None] - middle, 0.0)) @ weights
        above = int(np.argmax(counts >= states)) or energies.size - 1
        energies = np.linspace(energies[above - 1], energies[above], 8)
    part = (states - counts[above - 1]) / (counts[above] - counts[above - 1])
    return float(energies[0] + part * (energies[-1] - energies[0]))


def _wavenumber(scan: _Scan, ends: tuple[float, float], top: float, origin: float | None) -> float:
    """Largest √((y − a)(b − y)) √(2(E − U)/D_y) with E so high that states and tails have died out beyond."""
    ceiling = top + 0.5 * _DECAY * scan.rate
    inside = (scan.x > ends[0]) & (scan.x < ends[1])
    y, (a, b), root = scan.x[inside], ends, scan.root[inside]
    if origin is not None:
        root = root * (y - origin)
        y, a, b = np.log(y - origin), float(np.log(a - origin)), float(np.log(b - origin))
    kinetic = np.maximum(ceiling - scan.potential[inside], 0.0)
    return float(np.max(root * np.sqrt((y - a) * (b - y) * kinetic), initial=0.0))
