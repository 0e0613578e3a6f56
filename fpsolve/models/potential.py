"""Levels in any potential V(x) on an interval, with constant noise."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, partial
from typing import get_args

import numpy as np
from numpy.typing import NDArray

from fpsolve.errors import ModelError
from fpsolve.exact.landscape import Landscape, find_landscape, half_width
from fpsolve.grids.axis import Grading
from fpsolve.models.checks import count, finite, per_level, positive
from fpsolve.models.level_gas import Boundary, LevelGas
from fpsolve.models.potential_function import Callables, PotentialFunction
from fpsolve.models.schedule import Schedule

__all__ = ["PotentialLevel", "potential"]

Array = NDArray[np.float64]
Function = Callable[[Array], Array]


def _spread(values: Array, x: Array) -> Array:
    """`values` in the shape of `x`: a formula without x gives one number."""
    return np.array(np.broadcast_to(np.asarray(values, dtype=np.float64), np.shape(x)))


@dataclass(frozen=True)
class PotentialLevel:
    """One level with dx = −V'(x) dt + √(2g²) dB between two walls; Φ = V/g².

    Attributes
    ----------
    function : PotentialFunction
        V and its derivatives.
    domain : tuple of float
        The walls.
    g2 : float
        Diffusion g² [x²/time].
    periodic : bool
        True if the two walls are one point of a ring.
    """

    function: PotentialFunction
    domain: tuple[float, float]
    g2: float
    periodic: bool = False

    @property
    def walls(self) -> tuple[float, float]:
        """The domain."""
        return self.domain

    @cached_property
    def landscape(self) -> Landscape:
        """All wells of V and the barriers between them."""
        return find_landscape(self.function.slope, self.domain, periodic=self.periodic)

    @property
    def anchors(self) -> tuple[tuple[float, float], ...]:
        """Every minimum of V with the half-width at which V has risen by g²/2 (√(g²/V'') for a parabola)."""
        wells = np.array(self.landscape.wells)
        with np.errstate(all="ignore"):
            # A well at a wall may be bottomless.
            order = np.argsort(_spread(self.function.value(wells), wells), kind="stable")
        width = partial(half_width, self.function.value, rise=0.5 * self.g2, domain=self.domain)
        return tuple((float(x), width(x=float(x))) for x in wells[order])

    @property
    def grading(self) -> Grading:
        """Uniform."""
        return "uniform"

    def diffusion(self, x: Array) -> Array:
        """D = g²."""
        return np.full_like(x, self.g2, dtype=np.float64)

    def diffusion_slope(self, x: Array) -> Array:
        """D' = 0."""
        return np.zeros_like(x, dtype=np.float64)

    def confinement(self, x: Array) -> Array:
        """Φ = V/g²."""
        return _spread(self.function.value(x), x) / self.g2

    def confinement_slope(self, x: Array) -> Array:
        """Φ' = V'/g²."""
        return _spread(self.function.slope(x), x) / self.g2

    def confinement_curvature(self, x: Array) -> Array:
        """Φ'' = V''/g²."""
        return _spread(self.function.curvature(x), x) / self.g2

    def drift(self, x: Array) -> Array:
        """Itô drift b = −V'."""
        return -_spread(self.function.slope(x), x)

    def with_noise(self, factor: float) -> PotentialLevel:
        """g² times `factor`."""
        return replace(self, g2=self.g2 * factor)


def potential(
    v: PotentialFunction | Function | Sequence[PotentialFunction],
    dv: Function | None = None,
    d2v: Function | None = None,
    *,
    domain: tuple[float, float] | Sequence[float],
    g2: float | Sequence[float],
    boundary: str | Sequence[str] = "reflecting",
    levels: int = 1,
    beta: float = 1.0,
    schedule: Schedule | None = None,
) -> LevelGas:
    """Level gas in the potential V: dx_i = [−V_i'(x_i) + β g_i² Σ_{j≠i} 1/(x_i − x_j)] dt + √(2g_i²) dB_i.

    Parameters
    ----------
    v : callable, PotentialFunction, or a list of PotentialFunction
        V as a function of an array, then `dv` and `d2v` are needed; or an object with value, slope and curvature; or
        one such object per level, lowest level first.
    dv, d2v : callable, optional
        V' and V''.
    domain : pair of float
        The walls, finite and increasing.
    g2 : float or sequence of float
        Diffusion, one number or one per level.
    boundary : str or pair of str
        "reflecting", "absorbing" or "periodic"; one word for both walls, or one per wall.
    levels : int
        Number of levels if `v` is one potential.
    beta : float
        Dyson index.
    schedule : Schedule, optional
        Learning rate and batch size as functions of time.

    Raises
    ------
    ModelError
        A domain that is not two increasing finite numbers, an unknown boundary, V not finite between the walls, V that
        does not close on a periodic domain, a missing derivative, a list of the wrong length.
    """
    walls = _domain(domain)
    sides = _boundary(boundary)
    functions = _functions(v, dv, d2v, levels)
    periodic = sides[0] == "periodic"
    for function in functions:
        _check(function, walls, periodic=periodic)
    strengths = tuple(positive("g2", value) for value in per_level("g2", g2, len(functions)))
    bodies = tuple(
        PotentialLevel(function, walls, g, periodic) for function, g in zip(functions, strengths, strict=True)
    )
    labels: dict[str, object] = {"domain": list(walls), "g2": list(strengths)}
    return LevelGas(kind="potential", levels=bodies, beta=beta, boundary=sides, schedule=schedule, labels=labels)


def _domain(domain: Sequence[float]) -> tuple[float, float]:
    """Return the checked walls."""
    if np.ndim(domain) != 1 or len(domain) != 2:
        msg = f"domain must be two numbers, the lower and the upper wall, not {domain!r}"
        raise ModelError(msg)
    lower, upper = finite("domain[0]", domain[0]), finite("domain[1]", domain[1])
    if lower >= upper:
        msg = f"domain must increase, not [{lower:g}, {upper:g}]"
        raise ModelError(msg)
    return lower, upper


def _boundary(boundary: str | Sequence[str]) -> tuple[Boundary, Boundary]:
    """Return the checked boundary of both walls; that periodic stands on both sides is checked by `LevelGas`."""
    allowed: dict[str, Boundary] = {name: name for name in get_args(Boundary)}
    words = (boundary, boundary) if isinstance(boundary, str) else tuple(boundary)
    if len(words) != 2 or any(word not in allowed for word in words):
        msg = f"boundary must be one of {', '.join(allowed)}, or one of them per wall, not {boundary!r}"
        raise ModelError(msg)
    return allowed[words[0]], allowed[words[1]]


def _functions(
    v: PotentialFunction | Function | Sequence[PotentialFunction],
    dv: Function | None,
    d2v: Function | None,
    levels: int,
) -> tuple[PotentialFunction, ...]:
    """One potential per level."""
    if isinstance(v, PotentialFunction):
        return (v,) * count("levels", levels)
    if callable(v):
        if dv is None or d2v is None:
            msg = "a potential given as a function needs its first and second derivative: potential(V, dV, d2V, ...)"
            raise ModelError(msg)
        return (Callables(v, dv, d2v),) * count("levels", levels)
    functions = tuple(v)
    if not functions or levels not in (1, len(functions)):
        msg = f"{len(functions)} potentials were given for {levels} levels; give one, or one per level"
        raise ModelError(msg)
    return functions


def _check(function: PotentialFunction, walls: tuple[float, float], *, periodic: bool) -> None:
    """ModelError unless V is finite between the walls and, on a ring, has one value where the ends meet."""
    inside = np.linspace(walls[0], walls[1], 1003)[1:-1]
    for name, part in (("V", function.value), ("V'", function.slope), ("V''", function.curvature)):
        with np.errstate(all="ignore"):
            values = _spread(part(inside), inside)
        if not np.all(np.isfinite(values)):
            where = inside[~np.isfinite(values)][0]
            msg = f"{name} must be finite between the walls {walls[0]:g} and {walls[1]:g}; at x = {where:g} it is not"
            raise ModelError(msg)
    if periodic:
        ends = np.array(walls)
        values = _spread(function.value(ends), ends)
        scale = np.ptp(_spread(function.value(inside), inside)) + np.abs(values).max()
        if abs(values[1] - values[0]) > 1e-9 * scale:
            msg = f"on a periodic domain V must close, but V({walls[0]:g}) = {values[0]:g} and V({walls[1]:g}) = {values[1]:g}"
            raise ModelError(msg)
