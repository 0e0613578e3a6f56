"""Groups of levels that are histogrammed together."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from fpsolve.errors import MethodError

__all__ = ["check_groups", "groups_of"]


def groups_of(values: Sequence[float], *, rtol: float = 1e-9) -> tuple[tuple[int, ...], ...]:
    """Group the indices of levels whose parameter is the same, in the order of the levels.

    Which member of a degenerate group is the lower one says nothing about the model, so sorting would bias a comparison
    level by level; the members are put into one histogram instead.

    Parameters
    ----------
    values : sequence of float
        One number per level in ascending order of the level, e.g. κ of an RBM (descending) or the fixed points.
    rtol : float
        Neighbours closer than rtol · max|value| are equal: the κ of a lattice are computed and carry rounding.

    Returns
    -------
    tuple of tuple of int
        E.g. κ = (3, 2, 2, 1) gives ((0,), (1, 2), (3,)).
    """
    numbers = np.asarray(values, dtype=np.float64)
    scale = float(np.max(np.abs(numbers), initial=0.0))
    groups: list[list[int]] = []
    for level, value in enumerate(numbers):
        if groups and abs(value - numbers[groups[-1][0]]) <= rtol * scale:
            groups[-1].append(level)
        else:
            groups.append([level])
    return tuple(tuple(group) for group in groups)


def check_groups(groups: Sequence[Sequence[int]] | None, levels: int) -> tuple[tuple[int, ...], ...]:
    """Return `groups` as sorted tuples; every level alone if None.

    Raises
    ------
    MethodError
        If a group is empty, a level is out of range, or a level stands in two groups.
    """
    if groups is None:
        return tuple((level,) for level in range(levels))
    clean = tuple(tuple(sorted(int(level) for level in group)) for group in groups)
    seen = [level for group in clean for level in group]
    if not clean or any(not group for group in clean):
        msg = "groups must hold at least one level each"
        raise MethodError(msg)
    if len(set(seen)) != len(seen) or min(seen) < 0 or max(seen) >= levels:
        msg = f"groups {[list(group) for group in clean]} must name levels 0 … {levels - 1}, each at most once"
        raise MethodError(msg)
    return clean
