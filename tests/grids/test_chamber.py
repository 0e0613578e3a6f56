"""States of a chamber: numbers, counts, volumes, memory."""

import itertools
import math

import numpy as np
import pytest

from fpsolve.errors import GridError
from fpsolve.grids.axis import Axis
from fpsolve.grids.chamber import ChamberGrid, chamber_bytes, chamber_cells_within, chamber_unknowns


@pytest.mark.parametrize(("cells", "levels"), [(7, 1), (9, 2), (8, 3), (6, 4), (5, 6)])
def test_states_are_the_weakly_increasing_multi_indices(cells, levels):
    grid = ChamberGrid(Axis(0.0, 1.0, cells), levels)
    expected = set(itertools.combinations_with_replacement(range(cells), levels))
    states = grid.states()
    assert {tuple(state) for state in states.tolist()} == expected
    assert grid.size == len(expected) == chamber_unknowns(cells, levels)
    np.testing.assert_array_equal(grid.number(states), np.arange(grid.size))


def test_raising_a_level_moves_the_number_by_a_binomial_coefficient():
    grid = ChamberGrid(Axis(0.0, 1.0, 9), 4)
    for state in grid.states():
        for level in range(4):
            raised = state.copy()
            raised[level] += 1
            if raised[level] < 9 and np.all(np.diff(raised) >= 0):
                assert grid.number(raised) - grid.number(state) == math.comb(state[level] + level, level)


@pytest.mark.parametrize("grading", ["uniform", "sqrt"])
@pytest.mark.parametrize("levels", [1, 2, 3, 4])
def test_volumes_fill_the_ordered_part_of_the_cube(levels, grading):
    grid = ChamberGrid(Axis(0.5, 2.5, 6, grading), levels)
    assert grid.volumes().sum() == pytest.approx(2.0**levels / math.factorial(levels), rel=1e-13)


def test_known_sizes():
    # C(163, 4) and C(66, 4), counted by hand: n(n − 1)(n − 2)(n − 3)/24.
    assert chamber_unknowns(160, 2) == 12_880
    assert chamber_unknowns(63, 4) == 66 * 65 * 64 * 63 // 24
    assert chamber_bytes(160, 2) >= 12_880 * 8 * 5


def test_cells_within_memory_is_the_largest_that_fits():
    for levels in (2, 3, 4, 6):
        cells = chamber_cells_within(10**8, levels)
        assert chamber_bytes(cells, levels) <= 10**8 < chamber_bytes(cells + 1, levels)
    assert chamber_cells_within(8, 3) == 0


def test_no_level_is_refused():
    with pytest.raises(GridError, match="at least one level"):
        ChamberGrid(Axis(0.0, 1.0, 8), 0)
