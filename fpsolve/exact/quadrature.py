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

_POINTS = 16
_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(_POINTS)
_TOLERANCE = 1e-15
# Doublings of the distance from the mass towards an open side; 2^960 is the end of the floats.
_BLOCK, _BLOCKS = 64, 15
_HALVINGS = 12


class NotNormalisableError(ArithmeticError):
    """∫e^{−Φ} diverges; `end` is where."""

    def __init__(self, end: float) -> None:
        self.end = end
        super().__init__(f"the weight cannot be normalised: its integral diverges towards x = {end:g}")


@dataclass(frozen=True)
class PanelQuadrature:
    """Moments of the weight, and panels on which 16 Gauss points integrate it to rounding.

    Attributes
    ----------
    log_total : float
        ln ∫ e^{−Φ} dx between the walls.
    mean, std : float
        Of the normalised weight; inf where the integral diverges.
    edges : ndarray, shape (panel + 1,)
        Increasing panel edges; they end where the weight is negligible or at the walls.
    """

    log_total: float
    mean: float
    std: float
    edges: Array
    _confinement: Function
    _walls: tuple[float, float]
    _powers: tuple[float, float]

    def cell_masses(self, edges: Array) -> Array:
        """Probability of every cell between increasing `edges`, shape (len(edges) − 1,)."""
        inside = self.edges[(self.edges > edges[0]) & (self.edges < edges[-1])]
        points = np.union1d(edges, inside)
        for wall in self._walls:
            # Next to a wall cells may be narrower than the panels: keep neighbouring panels comparable in size.
            near = np.abs(edges[np.abs(edges - wall) > 0.0] - wall).min() if np.isfinite(wall) else np.inf
            if near < np.inf:
                sign = 1.0 if wall == self._walls[0] else -1.0
                extra = wall + sign * near * 2.0 ** np.arange(1, 60)
                points = np.union1d(points, extra[(extra > edges[0]) & (extra < edges[-1])])
        masses = self._panels(points, self.log_total)
        return np.add.reduceat(masses, np.searchsorted(points[:-1], edges[:-1]))

    def _panels(self, points: Array, shift: float) -> Array:
        return _panel_integrals(self._confinement, points, self._walls, self._powers, -shift)[0]


def panel_quadrature(
    confinement: Function,
    walls: tuple[float, float],
    *,
    anchors: tuple[tuple[float, float], ...],
    powers: tuple[float, float] = (0.0, 0.0),
) -> PanelQuadrature:
    """Integrate e^{−Φ} and its first two moments.

    Panels start from the places of mass, double in size towards open sides (so a power-law tail is summed as a
    geometric series) and halve towards walls, where a power of the distance is taken by a Gauss–Jacobi rule; then every
    panel is bisected until its 16-point rule agrees with its halves to 1e-15 of the total.

    Parameters
    ----------
    confinement : callable
        Φ of an array.
    walls : pair of float
        Ends of the range, ±inf where open.
    anchors : tuple of (centre, width)
        Where the mass sits, roughly.
    powers : pair of float
        p > −1 with e^{−Φ} ~ distance^p at each finite wall.

    Raises
    ------
    NotNormalisableError
        If the integral diverges.
    """
    for wall, power in zip(walls, powers, strict=True):
        if power <= -1.0:
            raise NotNormalisableError(wall)
    # A high power vanishes smoothly enough for the plain rule.
    powers = (powers[0] if powers[0] < 4.0 else 0.0, powers[1] if powers[1] < 4.0 else 0.0)
    points = _first_points(walls, anchors)
    with np.errstate(all="ignore"):
        low = np.nanmin(confinement(0.5 * (points[1:] + points[:-1])))
    for side in (0, 1):
        if not np.isfinite(walls[side]):
            points = _outwards(confinement, points, side, float(low))
    points = _refined(confinement, points, walls, powers, float(low))
    total, first, second = _panel_integrals(confinement, points, walls, powers, float(low))
    tails = np.zeros(3)
    for side in (0, 1):
        if not np.isfinite(walls[side]):
            tails += [_tail(values, side, walls[side]) for values in (total, first, second)]
    mass = total.sum() + tails[0]
    if not np.isfinite(mass):
        raise NotNormalisableError(walls[0] if np.isneginf(walls[0]) else walls[1])
    centre = 0.5 * (points[0] + points[-1])
    mean = (first.sum() + tails[1]) / mass
    return PanelQuadrature(0.0, mean + centre, 0.0, points, confinement, walls, powers)
