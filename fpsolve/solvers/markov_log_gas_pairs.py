"""Laws of adjacent levels that share a level: windows, marginals, and how two versions of a marginal are made one."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from fpsolve.solvers.markov_log_gas_family import Pairs, Windows

__all__ = ["marginals", "reconciled", "windows_of"]

Array = NDArray[np.float64]

# Marginal masses of cells below this at either end of a level are no part of its law, nor are smaller ones of pairs.
NEGLIGIBLE, NOTHING = 1e-11, 1e-17
# Cells that a window reaches beyond a level, and how many more or fewer these may be until the window is moved.
MARGIN, SLACK = 16, 8
# L1 distance at which two versions of a marginal count as one.
AGREED = 1e-12
SWEEPS = 100


def marginals(masses: Pairs, windows: Windows, cells: int) -> Array:
    """Marginals of all levels on all cells, shape (level, cell); the mean of both where a level is in two pairs."""
    out = np.zeros((windows.shape[0], cells))
    for i, mass in enumerate(masses):
        (a, b), (c, d) = windows[i : i + 2].tolist()
        out[i, a:b] += mass.sum(axis=1) * (0.5 if i > 0 else 1.0)
        out[i + 1, c:d] += mass.sum(axis=0) * (0.5 if i + 2 < windows.shape[0] else 1.0)
    return out


def windows_of(rows: Array, old: Windows | None = None) -> Windows:
    """Windows that hold every level with a margin, shape (level, 2); old ones as long as they still fit.

    Parameters
    ----------
    rows : ndarray, shape (level, cell)
        Marginals.
    old : ndarray, shape (level, 2), optional
    """
    cells = rows.shape[1]
    busy = rows > NEGLIGIBLE
    first = np.argmax(busy, axis=1)
    last = cells - np.argmax(busy[:, ::-1], axis=1)
    fresh = np.stack([np.maximum(first - MARGIN, 0), np.minimum(last + MARGIN, cells)], axis=1)
    if old is None or np.any(np.abs(fresh - old) > SLACK):
        return fresh
    return old


def reconciled(masses: Pairs) -> tuple[Pairs, float]:
    """Make the two marginals of every level the same: their mean, by scaling rows and columns in turn.

    Returns
    -------
    masses : tuple of ndarray
        Not negative, each of sum 1.
    distance : float
        Largest L1 distance of the two marginals of a level, or of masses to what had to be cut off.
    """
    settled, distance = [], 0.0
    for mass in masses:
        kept = np.where(mass > NOTHING, mass, 0.0)
        kept /= kept.sum()
        distance = max(distance, float(np.abs(kept - mass).sum()))
        settled.append(kept)
    lower = [mass.sum(axis=1) for mass in settled]
    upper = [mass.sum(axis=0) for mass in settled]
    for i in range(len(settled) - 1):
        distance = max(distance, float(np.abs(upper[i] - lower[i + 1]).sum()))
        mean = 0.5 * (upper[i] + lower[i + 1])
        # Where one version has nothing, no scaling makes it something.
        mean[(upper[i] == 0.0) | (lower[i + 1] == 0.0)] = 0.0
        upper[i] = lower[i + 1] = mean / mean.sum()
    if len(settled) == 1:
        return tuple(settled), distance
    return tuple(_scaled(*law) for law in zip(settled, lower, upper, strict=True)), distance


def _scaled(mass: Array, lower: Array, upper: Array) -> Array:
    """Scale rows and columns until both marginals are as given."""
    for _ in range(SWEEPS):
        columns = mass.sum(axis=0)
        mass = mass * np.divide(upper, columns, out=np.zeros_like(upper), where=columns > 0.0)
        rows = mass.sum(axis=1)
        if np.abs(rows - lower).sum() < AGREED:
            break
        mass = mass * np.divide(lower, rows, out=np.zeros_like(lower), where=rows > 0.0)[:, None]
    return np.asarray(mass / mass.sum())
