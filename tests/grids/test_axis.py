"""The axis of cells: maps, edges, errors."""

import numpy as np
import pytest

from fpsolve.errors import GridError
from fpsolve.grids.axis import Axis


@pytest.mark.parametrize("grading", ["uniform", "sqrt"])
def test_maps_are_consistent(grading: str) -> None:
    axis = Axis(0.3, 2.0, 50, grading)
    assert axis.edges[0] == 0.3
    assert axis.edges[-1] == 2.0
    np.testing.assert_allclose(axis.to_x(axis.y_edges), axis.edges, rtol=1e-15)
    np.testing.assert_allclose(np.diff(axis.y_edges), axis.step, rtol=1e-12)
    assert np.all((axis.centers > axis.edges[:-1]) & (axis.centers < axis.edges[1:]))
    y, small = axis.y_centers, 1e-6
    np.testing.assert_allclose((axis.to_x(y + small) - axis.to_x(y - small)) / (2 * small), axis.slope(y), rtol=1e-8)
    assert axis.widths.sum() == pytest.approx(1.7, rel=1e-14)


def test_square_root_cells_are_finest_at_the_lower_end() -> None:
    widths = Axis(1.0, 5.0, 10, "sqrt").widths
    np.testing.assert_allclose(widths, 4.0 * (2.0 * np.arange(10) + 1.0) / 100.0, rtol=1e-13)


@pytest.mark.parametrize(
    ("lower", "upper", "cells", "words"),
    [
        (1.0, 1.0, 10, "increasing order"),
        (2.0, 1.0, 10, "increasing order"),
        (0.0, np.inf, 10, "finite"),
        (np.nan, 1.0, 10, "finite"),
        (0.0, 1.0, 3, "at least 4 cells"),
    ],
)
def test_refusals(lower: float, upper: float, cells: int, words: str) -> None:
    with pytest.raises(GridError, match=words):
        Axis(lower, upper, cells)
