"""Where the lowest bound states of a level live, from the semiclassical action of the Fokker–Planck Hamiltonian."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fpsolve.errors import GridError, ModelError
from fpsolve.models.level_gas import OneBody

__all__ = ["BoundRegion", "bound_region", "hamiltonian_potential"]

Array = NDArray[np.float64]

# |ψ| has fallen by e^{-22} = 3e-10 at a cut; energies feel its square, 1e-19.
_DECAY = 22.0
# A power of the distance from a wall is kept as a wall if the cut would lie closer than this part of the width.
_KEEP_WALL = 0.1
_INSIDE = np.linspace(0.0, 1.0, 321)[1:-1]
_AROUND = np.linspace(-10.0, 10.0, 81)
# Distances from a finite wall in units of the width; floats resolve smaller ones only next to a wall at 0.
_TO_WALL = 10.0 ** -np.arange(1.75, 13.1, 0.25)
_TO_ORIGIN = 10.0 ** -np.arange(1.75, 40.1, 0.25)
_OUTWARD = 0.01 * 1.15 ** np.arange(240)


@dataclass(frozen=True)
class BoundRegion:
    """The interval that holds the wavefunctions, and what happens at its ends.

    Attributes
    ----------
    lower, upper : float
        The ends in x.
    cut : tuple of bool
        Per end: True where the wavefunctions have died out, False where they reach a wall.
    exponents : tuple of float
        Per end: ν such that √P_s ~ distance^ν at a wall; 0 at a regular wall and at a cut.
    energy : float
        The energy for which the wavefunctions have died out at the cuts.
    wavenumber : float
        Largest local wavenumber of the wavefunctions, tails included, in the angle θ of x = middle − half width cos θ:
        about as many polynomials are needed.
    """

    lower: float
    upper: float
    cut: tuple[bool, bool]
    exponents: tuple[float, float]
    energy: float
    wavenumber: float


@dataclass(frozen=True)
class _Scan:
    """Samples between two walls: U and √(2/D) at x, and the fastest relaxation rate |D Φ''| at the extrema of Φ."""

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
    from the outermost turning points the interval ends where the decay ∫√(2(U − E)/D) dx has reached 22, or at a wall.

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
    scan = _scan(body, walls)
    top = _energy_of(scan, states + 1.0) if energy is None else energy
    inside = np.flatnonzero(scan.potential < top)
    with np.errstate(invalid="ignore", over="ignore"):
        decay = np.minimum(scan.root * np.sqrt(np.maximum(scan.potential - top, 0.0)), 1e150)
    steps = np.minimum(decay[1:], decay[:-1]) * np.diff(scan.x)
    first, last = int(inside[0]), int(inside[-1])
    dead = (_where_dead(scan.x[first::-1], steps[:first][::-1]), _where_dead(scan.x[last:], steps[last:]))
    low, high = (wall if place is None else place for wall, place in zip(walls, dead, strict=True))
    if not np.isfinite(high - low):
        raise ModelError(_unbound(states, top, low if np.isinf(low) else high))
    if domain is not None:
        exponents = [
            0.0 if place is not None or wall != own else _exponent(body, wall, span)
            for place, wall, own, span in zip(dead, walls, body.walls, (high - low, low - high), strict=True)
        ]
        cut = (dead[0] is not None, dead[1] is not None)
        return BoundRegion(walls[0], walls[1], cut, (exponents[0], exponents[1]), top, _wavenumber(scan, walls, top))
    ends = [
        _end(body, wall, place, span)
        for wall, place, span in zip(walls, dead, (high - low, low - high), strict=True)
    ]
    for place, _, exponent in ends:
        if np.isinf(exponent):
            raise ModelError(_unbound(states, top, place))
    (lower, cut_low, nu_low), (upper, cut_high, nu_high) = ends
    speed = _wavenumber(scan, (lower, upper), top)
    return BoundRegion(lower, upper, (cut_low, cut_high), (nu_low, nu_high), top, speed)


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


def _unbound(states: int, energy: float, side: float) -> str:
    return (
        f"fewer than {states} states are bound: wavefunctions of energy {energy:.4g} do not die out towards "
        f"x = {side:g}, where the spectrum is continuous; ask for fewer states"
    )


def _scan(body: OneBody, walls: tuple[float, float]) -> _Scan:
    """Sample densely near walls, near the seats of mass and near every extremum of Φ, geometrically outwards."""
    anchors = body.anchors[:8]
    low, high = walls
    left = low if np.isfinite(low) else min(c - 12.0 * s for c, s in anchors)
    right = high if np.isfinite(high) else max(c + 12.0 * s for c, s in anchors)
    if right <= left:
        left, right = (left, left + 24.0 * anchors[0][1]) if np.isfinite(low) else (right - 24.0 * anchors[0][1], right)
    width = right - left
    parts = [left + width * _INSIDE, *(c + s * _AROUND for c, s in anchors)]
    parts.append(left + width * (_inward(left) if np.isfinite(low) else -_OUTWARD))
    parts.append(right - width * (_inward(right) if np.isfinite(high) else -_OUTWARD))
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
    with np.errstate(all="ignore"):
        root = np.sqrt(2.0 / body.diffusion(x))
    return _Scan(x, hamiltonian_potential(body, x), np.nan_to_num(root, posinf=1e150), rate)


def _inward(wall: float) -> Array:
    return np.asarray(_TO_ORIGIN if wall == 0.0 else _TO_WALL, dtype=np.float64)


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
    # A flat box holds states too: above all of U the count grows like √E.
    energies = np.append(finite[:: max(1, finite.size // 8)], finite[-1] + (states / float(weights.sum())) ** 2)
    for _ in range(2):
        counts = np.sqrt(np.maximum(energies[:, None] - middle, 0.0)) @ weights
        above = int(np.argmax(counts >= states)) or energies.size - 1
        energies = np.linspace(energies[above - 1], energies[above], 8)
    part = (states - counts[above - 1]) / (counts[above] - counts[above - 1])
    return float(energies[0] + part * (energies[-1] - energies[0]))


def _where_dead(x: Array, steps: Array) -> float | None:
    """First of the points x, going outwards, by which the action has reached the decay asked for; None if never."""
    action = np.cumsum(steps)
    if action.size == 0 or action[-1] < _DECAY:
        return None
    return float(x[1 + int(np.argmax(action >= _DECAY))])


def _exponent(body: OneBody, wall: float, span: float) -> float:
    """ν of √P_s ~ distance^ν at a wall; inf where P_s vanishes faster or the wall is never reached (D ~ distance²)."""
    distance = 1e-9 * span * np.array([1.0, 0.5])
    x = wall + distance
    distance = x - wall
    with np.errstate(all="ignore"):
        powers = distance * body.confinement_slope(x)
        kinetic = distance * body.diffusion_slope(x) / body.diffusion(x)
    if not np.isfinite(powers).all() or abs(powers[1] - powers[0]) > 0.01 * (1.0 + abs(powers[0])) or kinetic[1] > 1.9:
        return np.inf
    nu = -0.5 * float(2.0 * powers[1] - powers[0])
    # Powers of random-matrix laws are multiples of 1/4; rounding errors of the limit are taken away.
    quarters = round(4.0 * nu) / 4.0
    return quarters if abs(nu - quarters) < 1e-6 else nu


def _end(body: OneBody, wall: float, dead: float | None, span: float) -> tuple[float, bool, float]:
    """Place, cut or not, and wall exponent of one end."""
    if not np.isfinite(wall):
        return float(dead if dead is not None else wall), True, 0.0
    exponent = _exponent(body, wall, span)
    if dead is None:
        return wall, False, exponent
    singular = np.isfinite(exponent) and exponent != 0.0
    if singular and abs(dead - wall) < _KEEP_WALL * abs(span):
        return wall, False, exponent
    return dead, True, 0.0


def _wavenumber(scan: _Scan, ends: tuple[float, float], top: float) -> float:
    """Largest √((x − a)(b − x)) √(2(E − U)/D) with E so high that states and tails have died out beyond."""
    ceiling = top + 0.5 * _DECAY * scan.rate
    lever = np.maximum((scan.x - ends[0]) * (ends[1] - scan.x), 0.0)
    kinetic = np.maximum(ceiling - scan.potential, 0.0)
    return float(np.max(scan.root * np.sqrt(lever) * np.sqrt(kinetic)))
