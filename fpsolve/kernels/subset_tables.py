"""Index tables of the subset algebra: which column subsets follow from which, and with what sign."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["MAX_LEVELS", "SubsetTables", "subset_tables"]

Ints = NDArray[np.int32]
Floats = NDArray[np.float64]

MAX_LEVELS = 16
"""Largest number of levels: memory and work grow like 2^N and N 2^N."""


@dataclass(frozen=True)
class SubsetTables:
    """All subsets of the columns 0 … N−1 by size; within a size they are numbered by ascending bit mask.

    Attributes
    ----------
    members : tuple of ndarray, shape (C(N, s), s), for s = 0 … N
        Columns of every subset of size s, ascending.
    children : tuple of ndarray, shape (C(N, s), s), for s = 0 … N
        Number (among size s − 1) of the subset without its r-th member.
    complement : tuple of ndarray, shape (C(N, s),), for s = 0 … N
        Number (among size N − s) of the columns left out.
    sign : tuple of ndarray, shape (C(N, s),), for s = 0 … N
        (−1)^{number of pairs a in S, b outside with a > b}: the sign of the minor in a Laplace expansion in which the
        rows of S stand first.
    """

    members: tuple[Ints, ...]
    children: tuple[Ints, ...]
    complement: tuple[Ints, ...]
    sign: tuple[Floats, ...]


def subset_tables(levels: int) -> SubsetTables:
    """Build the tables for 1 ≤ N ≤ 16 columns; 8 N 2^N bytes."""
    masks = np.arange(1 << levels)
    bits = (masks[:, None] >> np.arange(levels)) & 1
    sizes = bits.sum(axis=1)
    number = np.zeros(masks.size, dtype=np.int32)
    groups = [masks[sizes == size] for size in range(levels + 1)]
    for group in groups:
        number[group] = np.arange(group.size)
    members, children = [], []
    for size, group in enumerate(groups):
        columns = np.nonzero(bits[group])[1].reshape(group.size, size)
        members.append(columns.astype(np.int32))
        children.append(number[group[:, None] & ~(1 << columns)])
    # Member a, the r-th of S, has a − r smaller columns outside of S.
    inversions = [group.sum(axis=1) - size * (size - 1) // 2 for size, group in enumerate(members)]
    return SubsetTables(
        members=tuple(members),
        children=tuple(children),
        complement=tuple(number[masks[-1] ^ group] for group in groups),
        sign=tuple(1.0 - 2.0 * (count % 2) for count in inversions),
    )
