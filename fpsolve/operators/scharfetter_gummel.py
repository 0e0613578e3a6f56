"""Scharfetter–Gummel finite volumes: jump rates between cells that have the right stationary law exactly."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from fpsolve.errors import GridError, ModelError
from fpsolve.grids.axis import Axis
from fpsolve.kernels.bernoulli import bernoulli_pair
from fpsolve.models.level_gas import Boundary, OneBody
from fpsolve.operators.generator import Generator

__all__ = ["scharfetter_gummel"]

Array = NDArray[np.float64]

_REFLECTING: tuple[Boundary, Boundary] = ("reflecting", "reflecting")


def scharfetter_gummel(body: OneBody, axis: Axis, *, boundary: tuple[Boundary, Boundary] = _REFLECTING) -> Generator:
    """Discretise ∂_t P = ∂_x[D e^{−Φ} ∂_x(P e^Φ)] on the cells of an axis.

    In the coordinate y of the axis, D_y = D/(dx/dy)² and Φ_y = Φ − ln(dx/dy). With midpoints y_i, faces y_{i+1/2} and
    h the cell width the rates are

        i → i + 1:  D_y(y_{i+1/2})/h² · B(Φ_{i+1} − Φ_i),      i + 1 → i:  D_y(y_{i+1/2})/h² · B(Φ_i − Φ_{i+1}),

    B(z) = z/(e^z − 1) (Scharfetter and Gummel, IEEE Trans. Electron Devices 16, 64, 1969). Masses e^{−Φ_i} are in
    detailed balance with them, whatever h is, and every rate is ≥ 0. The cell averages converge with h², also next to
    an absorbing wall, which is a state of density 0 half a cell beyond the outermost midpoint.

    Parameters
    ----------
    body : OneBody
        D and Φ; they are evaluated strictly inside the walls, at a wall only where it absorbs.
    axis : Axis
        The cells.
    boundary : tuple of {"reflecting", "absorbing", "periodic"}
        At the lower and the upper end of the axis.

    Raises
    ------
    GridError
        A ring or an absorbing wall on an axis whose coordinate is singular there.
    ModelError
        D not positive or Φ not finite at a midpoint; an absorbing wall with Φ → −∞ or D = ∞, where no flux is defined.
    """
    graded = axis.grading != "uniform"
    if graded and (boundary[0] != "reflecting" or boundary[1] == "periodic"):
        msg = f'a {boundary[0]} lower wall needs grading = "uniform", not "{axis.grading}"'
        raise GridError(msg)
    centers, edges, step = axis.y_centers, axis.y_edges, axis.step
    confinement = _confinement(body, axis, centers)
    conductance = _diffusion(body, axis, edges[1:-1]) / step**2
    up, down = np.zeros(axis.cells), np.zeros(axis.cells)
    bernoulli_pair(np.diff(confinement), up[:-1], down[1:])
    up[:-1] *= conductance
    down[1:] *= conductance
    if boundary[0] == "periodic":
        _close_ring(body, axis, confinement, up, down)
    if boundary[0] == "absorbing":
        down[0] = _absorption(body, axis, float(edges[0]), float(centers[0]), confinement[0])
    if boundary[1] == "absorbing":
        up[-1] = _absorption(body, axis, float(edges[-1]), float(centers[-1]), confinement[-1])
    return Generator(axis=axis, up=up, down=down, log_mass=-confinement, periodic=boundary[0] == "periodic")


def _confinement(body: OneBody, axis: Axis, y: Array) -> Array:
    """Φ_y = Φ − ln(dx/dy) at the midpoints."""
    x = axis.to_x(y)
    values = np.asarray(body.confinement(x), dtype=np.float64)
    if not np.all(np.isfinite(values)):
        msg = f"the confinement must be finite inside the walls; at x = {x[~np.isfinite(values)][0]:g} it is not"
        raise ModelError(msg)
    return values if axis.grading == "uniform" else values - np.log(axis.slope(y))


def _diffusion(body: OneBody, axis: Axis, y: Array) -> Array:
    """D_y = D/(dx/dy)² at points strictly inside."""
    x = axis.to_x(y)
    values = np.asarray(body.diffusion(x), dtype=np.float64)
    bad = ~(np.isfinite(values) & (values > 0.0))
    if np.any(bad):
        msg = f"the diffusion must be positive inside the walls; at x = {x[bad][0]:g} it is {values[bad][0]:g}"
        raise ModelError(msg)
    return values if axis.grading == "uniform" else values / axis.slope(y) ** 2


def _close_ring(body: OneBody, axis: Axis, confinement: Array, up: Array, down: Array) -> None:
    """Join the last cell to the first; D at the seam is the mean of both sides."""
    quarter = 0.25 * axis.step
    seam = _diffusion(body, axis, np.array([axis.lower + quarter, axis.upper - quarter])).mean()
    bernoulli_pair(confinement[:1] - confinement[-1:], up[-1:], down[:1])
    up[-1] *= seam / axis.step**2
    down[0] *= seam / axis.step**2


def _absorption(body: OneBody, axis: Axis, wall: float, center: float, confinement: float) -> float:
    """Loss rate of the outermost cell: the flux over half a cell to a state of density 0 on the wall."""
    wall_x = axis.to_x(np.array([wall]))
    with np.errstate(all="ignore"):
        end = float(np.asarray(body.confinement(wall_x))[0])
    if axis.grading != "uniform":
        end -= float(np.log(axis.slope(np.array([wall]))[0]))
    if np.isnan(end) or end == -np.inf:
        msg = f"nothing can be absorbed at x = {wall_x[0]:g}: the confinement is {end:g} there"
        raise ModelError(msg)
    diffusion = _diffusion(body, axis, np.array([0.5 * (wall + center)]))
    forward, backward = np.empty(1), np.empty(1)
    bernoulli_pair(np.array([end - confinement]), forward, backward)
    return float(2.0 * diffusion[0] * forward[0] / axis.step**2)
