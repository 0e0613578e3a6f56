"""Which record of a sample belongs to an output time."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from fpsolve.plots.bins import bar_heights, freedman_diaconis, pooled_edges
from fpsolve.plots.coordinate import Coordinate
from fpsolve.results import Evolution, Sample

__all__ = ["record_at", "steps_of"]

Array = NDArray[np.float64]


def record_at(sample: Sample | None, evolution: Evolution, index: int) -> int | None:
    """Find the record of the sample taken at an output time; None where there is none or the levels do not agree."""
    if sample is None or sample.levels.shape[2] != evolution.density.shape[1]:
        return None
    near = np.flatnonzero(np.isclose(sample.times, evolution.times[index], rtol=1e-9, atol=0.0))
    return int(near[0]) if near.size else None


def steps_of(values: Array, coordinate: Coordinate) -> tuple[Array, Array]:
    """Histogram values in a coordinate.

    Parameters
    ----------
    values : ndarray, shape (replica,) or (replica, level)
        Several levels are pooled, in bins that show the narrowest of them.
    coordinate : Coordinate

    Returns
    -------
    edges : ndarray, shape (bin + 1,)
        In x.
    heights : ndarray, shape (bin,)
        Density in the coordinate.
    """
    places = coordinate.place(values)
    single = places.ndim == 1 or places.shape[1] == 1
    placed = freedman_diaconis(places) if single else pooled_edges(places, [[k] for k in range(places.shape[1])])
    heights = bar_heights(np.histogram(places, placed)[0], placed, values.size)
    return (np.maximum(placed, 0.0) ** 2 if coordinate.root else placed), heights
