"""The Fokker–Planck Hamiltonian on a grid, from the stencils of findiff."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix, diags_array

from fpsolve.models.level_gas import OneBody
from fpsolve.operators.bound_region import hamiltonian_potential

__all__ = ["End", "FindiffHamiltonian", "assemble_findiff"]

Array = NDArray[np.float64]
End = Literal["vanishing", "even", "odd", "ring"]


@dataclass(frozen=True)
class FindiffHamiltonian:
    """H = −½ ∂ D ∂ + U at cell midpoints.

    Attributes
    ----------
    x : ndarray, shape (point,)
        Midpoints of equal cells.
    step : float
        Their distance.
    matrix : csr_matrix, shape (point, point)
        Symmetric; order/2 bands on either side (and the corners on a ring).
    """

    x: Array
    step: float
    matrix: csr_matrix


def assemble_findiff(
    body: OneBody, interval: tuple[float, float], *, points: int, order: int, ends: tuple[End, End]
) -> FindiffHamiltonian:
    """Build H from the central stencil of the second derivative, symmetric to rounding.

    A matrix taken from findiff as it is has one-sided rows at the ends: it is not symmetric and has spurious negative
    eigenvalues. Here the stencil is taken on a grid padded by order/2 points, and what it finds in the padding is

    - "vanishing": dropped, where wavefunctions have died out: the order of the stencil is kept;
    - "even": the mirror image, at a reflecting wall with Φ' = D' = 0; "odd": minus the mirror image, at an absorbing
      wall. Higher derivatives of the wavefunction jump there unless the potential is even as well, so in general the
      order at such a wall is 2 whatever the stencil, with a small constant;
    - "ring": the other end.

    For D(x) the kinetic term is −½√D ∂² √D + D''/4 − D'²/(8D), the same operator with one second derivative.

    Parameters
    ----------
    body : OneBody
    interval : pair of float
        Ends in x.
    points : int
        Number of midpoints, at least twice the order.
    order : {2, 4, 6, 8}
        Order of the stencil.
    ends : pair of {"vanishing", "even", "odd", "ring"}
    """
    from findiff import Diff

    step = (interval[1] - interval[0]) / points
    x: Array = interval[0] + step * (np.arange(float(points)) + 0.5)
    second = _folded(Diff(0, step, acc=order) ** 2, points, order // 2, ends)
    diffusion, diffusion_slope = body.diffusion(x), body.diffusion_slope(x)
    local = hamiltonian_potential(body, x) - diffusion_slope**2 / (8.0 * diffusion)
    if np.any(diffusion_slope != 0.0):
        local += 0.25 * Diff(0, step, acc=order)(diffusion_slope)
    root = diags_array(np.sqrt(diffusion))
    kinetic = -0.5 * (root @ second @ root)
    return FindiffHamiltonian(x, step, csr_matrix(kinetic + diags_array(local)))


def _folded(derivative: object, points: int, padding: int, ends: tuple[End, End]) -> csr_matrix:
    """Rows of the central stencil on the padded grid, the padding's columns folded back into the grid."""
    whole = points + 2 * padding
    rows = csr_matrix(derivative.matrix((whole,)))[padding : padding + points]  # type: ignore[attr-defined]
    inside = np.arange(points)
    pad = np.arange(padding)
    target = {"even": (pad[::-1], points - 1 - pad), "ring": (points - padding + pad, pad)}
    target["odd"] = target["even"]
    row, column, value = [padding + inside], [inside], [np.ones(points)]
    for side, end in enumerate(ends):
        if end != "vanishing":
            row.append(pad if side == 0 else padding + points + pad)
            column.append(target[end][side])
            value.append(np.full(padding, -1.0 if end == "odd" else 1.0))
    entries = (np.concatenate(value), (np.concatenate(row), np.concatenate(column)))
    return csr_matrix(rows @ csr_matrix(entries, shape=(whole, points)))
