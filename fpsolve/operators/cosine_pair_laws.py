"""What goes into a pair of equal levels in cosines, and what comes out: starts, masses of cells, moments."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy.special import roots_jacobi

from fpsolve.errors import MethodError
from fpsolve.grids.axis import Axis
from fpsolve.models.initial_gaussian import GaussianLaw
from fpsolve.models.initial_law import InitialLaw
from fpsolve.models.initial_pair import PairLaw
from fpsolve.models.initial_truncated import TruncatedLaw
from fpsolve.models.initial_wishart import WishartLaw
from fpsolve.models.laguerre import laguerre
from fpsolve.models.level_gas import LevelGas
from fpsolve.operators.chamber_axis import stationary_span
from fpsolve.operators.cosine_pair import CosinePair

__all__ = ["PairCells", "pair_interval", "pair_start"]

Array = NDArray[np.float64]
Interval = tuple[float, float]

_SAFETY = 7.0  # the stationary weight is e^−7 of the tolerance at the ends of the interval
_TOUCHING = 1e-12
_GAUSS = 4


def pair_interval(model: LevelGas, law: InitialLaw | None, axis: Axis, *, rtol: float, keep: bool) -> Interval:
    """Where the pair lives at all times, up to a mass of `rtol`.

    Parameters
    ----------
    model : LevelGas
    law : InitialLaw or None
        The start; None for the stationary law.
    axis : Axis
        Cells of the output.
    rtol : float
    keep : bool
        True if the user has chosen the ends of the axis.
    """
    if keep:
        return axis.lower, axis.upper
    drop = _SAFETY - np.log(rtol)
    spans = [stationary_span(model, level, drop=drop) for level in range(2)]
    if isinstance(law, WishartLaw):
        # A random matrix is the stationary law of a Laguerre gas.
        gas = laguerre(rows=law.rows, levels=2, temperature=law.variance, weight_decay=1.0)
        spans += [stationary_span(gas, level, drop=drop) for level in range(2)]
    elif law is not None:
        spans += [law.support(level) for level in range(2)]
    lower, upper = min(span[0] for span in spans), max(span[1] for span in spans)
    return max(lower, model.walls[0]), min(upper, model.walls[1])


def pair_start(operator: CosinePair, law: InitialLaw) -> Array:
    """Q at the points for an initial law, up to a factor that does not depend on the points.

    Raises
    ------
    MethodError
        A law that is not |x_1 − x_2|^β times a smooth function with known values; the message tells what is.
    """
    beta = operator.model.beta
    x = operator.x
    base = np.log(operator.slope) - operator.log_wall_weight(operator.u)
    if isinstance(law, TruncatedLaw):
        law = law.law
    if isinstance(law, PairLaw) and beta == 1.0:
        log = base - 0.5 * ((x - law.centre) / law.width) ** 2
        return np.exp(log[:, None] + log[None, :])
    if isinstance(law, WishartLaw) and beta == 1.0:
        log = base + 0.5 * (law.rows - law.levels - 1) * np.log(x) - 0.5 * x / law.variance
        return np.exp(log[:, None] + log[None, :])
    if isinstance(law, GaussianLaw) and (beta > 0.0 or law.means[0] == law.means[1]):
        one, two = (base - 0.5 * ((x - m) / s) ** 2 for m, s in zip(law.means, law.stds, strict=True))
        i = np.arange(x.size)
        weight = np.exp(one[np.minimum.outer(i, i)] + two[np.maximum.outer(i, i)])
        touching = float(np.diagonal(weight).max() / weight.max())
        if beta == 0.0 or touching < _TOUCHING:
            gap = np.abs(x[:, None] - x[None, :])
            np.fill_diagonal(gap, np.inf if beta > 0.0 else 1.0)
            return np.asarray(weight / gap**beta)
    msg = (
        'the method "legendre" takes two levels from a start that is |x_1 − x_2|^beta times a smooth function: "pair" and '
        '"marchenko_pastur" with beta = 1, "stationary", or "gaussian" levels that do not touch; what remains: chamber'
    )
    raise MethodError(msg)


@dataclass(frozen=True)
class PairCells:
    """Masses of pairs of cells and moments from Q, by Gauss rules inside every cell.

    Attributes
    ----------
    operator : CosinePair
    axis : Axis
        Cells; what lies outside the interval of the operator holds no mass.
    """

    operator: CosinePair
    axis: Axis

    @cached_property
    def _edges(self) -> Array:
        """Cell edges as distances from the lower end in u."""
        noise = self.operator.noise
        inside = np.clip(self.axis.edges, *self.operator.interval)
        return np.clip(noise.to_y(inside) - noise.ends[0], 0.0, self.operator.length)

    @cached_property
    def _nodes(self) -> tuple[Array, Array]:
        """Gauss points in every cell (distance in u), and weights that hold w(u); shapes (cell, point)."""
        nodes, weights = np.polynomial.legendre.leggauss(_GAUSS)
        widths = np.diff(self._edges)[:, None]
        u = self._edges[:-1, None] + 0.5 * widths * (1.0 + nodes)
        rule = 0.5 * widths * weights * np.exp(self.operator.log_wall_weight(u))
        # The cells at a wall have a rule for the power of the distance from it.
        for side, power in enumerate(self.operator.noise.poles):
            cell = -side
            at_wall = self._edges[0] == 0.0 if side == 0 else self._edges[-1] == self.operator.length
            if power == 0.0 or not at_wall:
                continue
            nodes, weights = roots_jacobi(_GAUSS, 0.0, power) if side == 0 else roots_jacobi(_GAUSS, power, 0.0)
            u[cell] = self._edges[:-1][cell] + 0.5 * widths[cell] * (1.0 + nodes)
            distance = u[cell] if side == 0 else self.operator.length - u[cell]
            rest = np.exp(self.operator.log_wall_weight(u[cell])) / distance**power
            rule[cell] = weights * (0.5 * widths[cell]) ** (power + 1.0) * rest
        return u, rule

    def _to_x(self, u: Array) -> Array:
        noise = self.operator.noise
        return noise.to_x(noise.ends[0] + u)

    @cached_property
    def _square(self) -> tuple[Array, Array, Array]:
        """Interpolation to all Gauss points, their x, and weights of pairs of points in different cells."""
        u, rule = self._nodes
        x = self._to_x(u.ravel())
        weight = np.abs(x[:, None] - x[None, :]) ** self.operator.model.beta * np.outer(rule, rule)
        cell = np.repeat(np.arange(self.axis.cells), _GAUSS)
        return self.operator.interpolation(u.ravel()), x, weight * (cell[:, None] < cell[None, :])

    @cached_property
    def _triangle(self) -> tuple[Array, Array, Array, Array, Array]:
        """Pairs of points in one cell: interpolations of both levels, both x, weights; first axes (cell, i) and (cell, i, j).

        u_2 = bottom + h s and u_1 = bottom + h s t with Gauss points s and Gauss–Jacobi points t for (1 − t)^β.
        """
        beta = self.operator.model.beta
        s, s_weight = np.polynomial.legendre.leggauss(_GAUSS)
        t, t_weight = roots_jacobi(_GAUSS, beta, 0.0)
        s, t = 0.5 * (1.0 + s), 0.5 * (1.0 + t)
        bottom, width = self._edges[:-1, None], np.diff(self._edges)[:, None]
        upper = bottom + width * s
        lower = bottom[..., None] + (width * s)[..., None] * t
        gap = self._to_x(upper)[..., None] - self._to_x(lower)
        apart = upper[..., None] - lower
        ratio = np.divide(gap, apart, out=np.zeros_like(gap), where=apart > 0.0)
        weight = (0.5 * s_weight * s ** (1.0 + beta))[:, None] * t_weight * 0.5 ** (1.0 + beta)
        weight = weight * (width[..., None] ** (2.0 + beta)) * ratio**beta
        wall = self.operator.log_wall_weight
        weight = weight * np.exp(wall(upper)[..., None] + wall(lower))
        tables = [self.operator.interpolation(u.ravel()).reshape(*u.shape, -1) for u in (upper, lower)]
        return tables[0], tables[1], self._to_x(upper), self._to_x(lower), weight

    def read(self, q: Array) -> tuple[Array, Array]:
        """Masses of pairs of cells, shape (cell, cell), and raw moments ∫(1, x_1, x_2, x_1², x_2², x_1x_2) P, shape (6,)."""
        cells = self.axis.cells
        table, x, weight = self._square
        apart = weight * (table @ q @ table.T)
        masses = apart.reshape(cells, _GAUSS, cells, _GAUSS).sum(axis=(1, 3))
        upper, lower, x_upper, x_lower, tie = self._triangle
        together = tie * np.einsum("cin,cijn->cij", upper @ q, lower)
        masses[np.diag_indices(cells)] = together.sum(axis=(1, 2))
        low, high = apart.sum(axis=1), apart.sum(axis=0)
        top = x_upper[..., None]
        moments = [
            np.array([low.sum(), low @ x, high @ x, low @ x**2, high @ x**2, x @ apart @ x]),
            np.array([np.sum(together * f) for f in (1.0, x_lower, top, x_lower**2, top**2, x_lower * top)]),
        ]
        return masses, moments[0] + moments[1]
