"""Levels of W and how far their eigenvectors have turned into the eigenspaces of the target."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["levels_and_alignment", "target_spaces"]

Array = NDArray[np.float64]

# Computed κ of one degenerate group differ by rounding errors of this relative size at most.
DEGENERATE = 1e-9


def target_spaces(kappa: Array, levels: int) -> NDArray[np.bool_]:
    """Mark the modes of the target that share κ with the mode that each level tends to.

    Parameters
    ----------
    kappa : ndarray, shape (visible,)
        κ of the modes, descending; the fixed points μ² − κ ascend.
    levels : int
        Levels of W. With fewer than modes they are those of the smallest κ.

    Returns
    -------
    ndarray of bool, shape (visible, level)
        Column i is the projector P_g(i) of level i in the eigenbasis of the target, a diagonal of zeros and ones; modes
        of the group that W has no level for belong to it, too.
    """
    own = kappa[kappa.size - levels :]
    return np.asarray(np.abs(kappa[:, None] - own) <= DEGENERATE * kappa.max())


def levels_and_alignment(weights: Array, spaces: NDArray[np.bool_]) -> tuple[Array, Array]:
    """Squared singular values x_i of every W, ascending, and a_i = |P_g(i) u_i|² with W Wᵀ u_i = x_i u_i.

    Parameters
    ----------
    weights : ndarray, shape (visible, hidden, lane)
        W of every replica in the eigenbasis of the target.
    spaces : ndarray of bool, shape (visible, level)
        From `target_spaces`.

    Returns
    -------
    levels, alignment : ndarray, shape (lane, level)
    """
    if weights.shape[0] == 1:
        # One direction only: nothing can turn.
        levels = np.asarray((weights**2).sum(axis=(0, 1))[:, None])
        return levels, np.ones_like(levels)
    vectors, values, _ = np.linalg.svd(np.moveaxis(weights, -1, 0), full_matrices=False)
    inside = vectors[:, :, ::-1] ** 2 * spaces
    # Mode by mode, so that a replica's sum does not depend on how many there are; rounding may exceed 1.
    alignment = np.zeros((inside.shape[0], inside.shape[2]))
    for mode in range(inside.shape[1]):
        alignment += inside[:, mode]
    return np.asarray(values[:, ::-1] ** 2), np.minimum(alignment, 1.0)
