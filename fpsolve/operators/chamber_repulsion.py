"""The repulsion ∏|x_a − x_b|^β between levels, averaged over cells and over the faces between them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaln

from fpsolve.grids.chamber import ChamberGrid

__all__ = ["ChamberRepulsion"]

Array = NDArray[np.float64]


@dataclass(frozen=True)
class ChamberRepulsion:
    """∏|x_a − x_b|^β of pairs, averaged over cells and over faces, in units of the cell width.

    With |x_a − x_b| = |y_a − y_b| G(y_a, y_b) in the coordinate y of equal cells, the singular first factor is integrated
    exactly for a pair (k cells apart) and for any number of levels in one cell, and the smooth second one is taken at the
    midpoints, or at the face.
    """

    beta: float
    grid: ChamberGrid

    def apart(self, k: Array) -> Array:
        """∫∫|k + u − v|^β du dv over two unit cells k ≥ 1 apart: [(k+1)^{β+2} − 2k^{β+2} + (k−1)^{β+2}]/((β+1)(β+2))."""
        p = self.beta + 2.0
        return np.asarray(((k + 1.0) ** p - 2.0 * k**p + (k - 1.0) ** p) / (p * (p - 1.0)))

    def from_face(self, m: Array) -> Array:
        """∫(m + u)^β du over a unit cell m ≥ 0 away from a face: [(m+1)^{β+1} − m^{β+1}]/(β+1)."""
        p = self.beta + 1.0
        return np.asarray(((m + 1.0) ** p - m**p) / p)

    def together(self, *, face: bool) -> Array:
        """∫∏|u_a − u_b|^β over m ordered levels in one unit cell; with `face` times ∏ u_a^β; shape (level + 1,).

        Selberg's integral S_m(1, 1, β/2)/m!, or S_m(1 + β, 1, β/2)/m!.
        """
        gamma, first = 0.5 * self.beta, 1.0 + self.beta * face
        found = np.zeros(self.grid.levels + 1)
        for m in range(1, self.grid.levels + 1):
            j = np.arange(m)
            found[m] = np.sum(
                gammaln(first + j * gamma)
                + gammaln(1.0 + j * gamma)
                + gammaln(1.0 + (j + 1.0) * gamma)
                - gammaln(first + 1.0 + (m + j - 1.0) * gamma)
                - gammaln(1.0 + gamma)
            ) - gammaln(m + 1.0)
        return np.exp(found)

    def stretch(self, y: Array) -> Array:
        """Logarithm of G(y_a, y_b) between the points y and all midpoints, shape (point, cell)."""
        axis = self.grid.axis
        if axis.grading == "uniform":
            return np.zeros((y.size, axis.cells))
        a, b = y[:, None], axis.y_centers[None, :]
        gap = a - b
        same = gap == 0.0
        with np.errstate(invalid="ignore", divide="ignore"):
            ratio = np.where(same, axis.slope(a + 0.0 * b), (axis.to_x(a) - axis.to_x(b)) / gap)
        return np.asarray(np.log(ratio))

    def jump_factors(self) -> tuple[Array, Array]:
        """What a level in cell b does to the rate of one in cell a going up, and going down; shapes (cell, cell)."""
        axis, cells = self.grid.axis, self.grid.cells
        own, other = np.arange(cells)[:, None], np.arange(cells)[None, :]
        distance = np.abs(own - other).astype(np.float64)
        centre = self.stretch(axis.y_centers)
        factors = []
        for step in (1, -1):
            ahead = (other - own) * step
            away = np.where(ahead > 0, ahead - 1.0, distance)
            # Levels in the cells on both sides of the face are counted by `leave` and `enter`.
            near = (ahead == 0) | (ahead == 1)
            with np.errstate(divide="ignore", invalid="ignore"):
                ratio = np.where(near, 1.0, self.from_face(away) / self.apart(np.maximum(distance, 1.0)))
            faces = axis.y_edges[1:] if step == 1 else axis.y_edges[:-1]
            smooth = self.stretch(faces) - centre
            factors.append(ratio * np.exp(self.beta * smooth))
        return factors[0], factors[1]

    def crowd_factors(self) -> tuple[Array, Array]:
        """Factors for leaving a cell of m levels and for entering one that holds m; shapes (level + 1,)."""
        whole, face = self.together(face=False), self.together(face=True)
        leave = np.ones_like(whole)
        leave[1:] = face[:-1] / whole[1:]
        power = self.apart(np.array(1.0)) ** np.arange(whole.size)
        return leave, face / (whole * power)
