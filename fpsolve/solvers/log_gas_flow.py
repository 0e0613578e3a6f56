"""Flow of single levels in given mean forces: Scharfetter–Gummel rates and their exponential."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fpsolve.errors import ModelError
from fpsolve.kernels.bernoulli import bernoulli_pair
from fpsolve.kernels.cram import CRAM_POLES, cram_apply, cram_factor
from fpsolve.models.level_gas import LevelGas
from fpsolve.solvers.log_gas_grid import LogGasGrid

__all__ = ["Drift", "Flow"]

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Drift:
    """Confinement and conductances of every level on the cells, at one noise.

    Attributes
    ----------
    confinement : ndarray, shape (level, cell)
        Φ_i − ln(dx/dy).
    conductance : ndarray, shape (level, cell − 1)
        D_i/(h dx/dy)² at the inner faces [1/time].
    """

    confinement: Array
    conductance: Array

    @classmethod
    def of(cls, model: LevelGas, grid: LogGasGrid) -> Drift:
        """Tabulate a model with constant noise.

        Raises
        ------
        ModelError
            D not positive or Φ not finite on the grid.
        """
        stretch = np.log(grid.slope(grid.y))
        metric = (grid.slope(grid.y_edges[1:-1]) * grid.step) ** 2
        confinement = np.array([np.asarray(body.confinement(grid.x)) - stretch for body in model.levels])
        conductance = np.array([np.asarray(body.diffusion(grid.edges[1:-1])) / metric for body in model.levels])
        if not (np.all(np.isfinite(confinement)) and np.all(conductance > 0.0) and np.all(np.isfinite(conductance))):
            msg = (
                f"confinement and diffusion of every level must be finite, and the diffusion positive, "
                f"in [{grid.lower:g}, {grid.upper:g}]"
            )
            raise ModelError(msg)
        return cls(confinement, conductance)

    @classmethod
    def course(cls, model: LevelGas, grid: LogGasGrid) -> Callable[[float], Drift]:
        """Tables as a function of time; made once if the noise is constant.

        Raises
        ------
        ModelError
            As `of`.
        """
        first = cls.of(model.at(0.0), grid)
        return lambda time: first if model.schedule is None else cls.of(model.at(time), grid)


class Flow:
    """e^{τA_i} for every level i, A_i the rates under Φ_i − ln ρ_i.

    The rates B(±Δ(Φ_i − ln ρ_i)) D_i/h² keep the total of a level, and e^{−Φ_i} ρ_i does not move; the exponential is
    the rational one of order 16. Nothing flows through the ends of the cells given.

    Parameters
    ----------
    cells : int
        Of the grid.
    """

    def __init__(self, cells: int) -> None:
        self._scratch = np.empty((4, cells, CRAM_POLES.size))
        self._rates = np.empty((2, cells))

    def __call__(
        self, drift: Drift, log_cavity: Array, reach: NDArray[np.int64], length: float, masses: Array
    ) -> Array:
        """Return the masses after a time `length`, shape (level, cell); 0 outside the cells `reach` of each level."""
        out = np.zeros_like(masses)
        potential = drift.confinement - log_cavity
        for i, (first, last) in enumerate(reach.tolist()):
            cells, faces, size = slice(first, last), slice(first, last - 1), last - first
            up, down = self._rates[:, :size]
            inverse_re, inverse_im, part_re, part_im = self._scratch[:, :size]
            up[-1] = down[0] = 0.0
            bernoulli_pair(np.diff(potential[i, cells]), up[:-1], down[1:])
            up[:-1] *= drift.conductance[i, faces]
            down[1:] *= drift.conductance[i, faces]
            cram_factor(up, down, length, inverse_re, inverse_im)
            cram_apply(up, down, length, inverse_re, inverse_im, masses[i, cells], part_re, part_im, out[i, cells])
        return out
