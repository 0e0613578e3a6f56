"""Kernels of the Markov log-gas closure: products, jumps of a pair, gaps filled."""

import numpy as np
import pytest

from fpsolve.kernels.markov_pairs import fill_nearest, pair_rates, pair_term
from fpsolve.kernels.markov_products import add_products


@pytest.mark.parametrize("shape", [(1, 3, 5), (7, 4, 9), (126, 33, 20), (252, 10, 1)])
def test_products(shape):
    terms, rows, columns = shape
    rng = np.random.default_rng(1)
    left, right = rng.standard_normal((terms, rows)), rng.standard_normal((terms, columns))
    out = np.full((rows, columns), np.nan)
    add_products(left, right, out)
    np.testing.assert_allclose(out, left.T @ right, atol=1e-12)


@pytest.mark.parametrize("shift", [-9, -2, 0, 3])
def test_jumps_of_a_pair_keep_its_mass_and_order(shift):
    """Against the generator written out jump by jump; cells of y start `shift` below those of x."""
    rng = np.random.default_rng(2)
    edges = np.arange(20.0) + 10.0
    x_faces, y_faces = edges[:8] + shift, edges[:10]
    x, y = 0.5 * (x_faces[1:] + x_faces[:-1]), 0.5 * (y_faces[1:] + y_faces[:-1])
    lower, upper = rng.uniform(1.0, 2.0, (2, 7)), rng.uniform(1.0, 2.0, (2, 9))
    lower[0, -1] = lower[1, 0] = upper[0, -1] = upper[1, 0] = 0.0
    forces, rates = rng.uniform(-0.5, 0.5, (4, 7, 9)), np.empty((5, 7, 9))
    pair_rates(lower, upper, forces, x, x_faces, y, y_faces, shift, rates)
    ordered = x[:, None] < y
    mass = np.where(ordered, rng.random((7, 9)), 0.0)
    wanted = np.zeros((7, 9))
    for a, b in np.argwhere(ordered):
        steps = [(1, 0, lower[0, a], x_faces[a + 1], y[b]), (-1, 0, lower[1, a], x_faces[a], y[b])]
        steps += [(0, 1, upper[0, b], x[a], y_faces[b + 1]), (0, -1, upper[1, b], x[a], y_faces[b])]
        for k, (i, j, rate, low, high) in enumerate(steps):
            p, q = a + i, b + j
            if rate > 0.0 and ordered[p, q]:
                flow = mass[a, b] * rate * np.exp(forces[k, a, b]) * (high - low) / (y[b] - x[a])
                wanted[a, b] -= flow
                wanted[p, q] += flow
    total, out = np.zeros((7, 9)), np.zeros((7, 9))
    pair_term(rates, shift, 1.0, 0.0, 2.0, mass, total, out)
    np.testing.assert_allclose(out, wanted, atol=1e-13)
    np.testing.assert_allclose(total, 2.0 * wanted, atol=1e-13)
    assert abs(out.sum()) < 1e-12


def test_gaps_are_filled_from_the_nearest_cell():
    nan = np.nan
    table = np.array([[nan] * 5, [nan, 1.0, nan, nan, 2.0], [nan] * 5, [nan] * 5, [nan, nan, 3.0, nan, nan]])
    fill_nearest(~np.isnan(table), table)
    first, last = [1.0, 1.0, 1.0, 2.0, 2.0], [3.0] * 5
    np.testing.assert_array_equal(table, [first, first, first, last, last])
    empty = np.ones((2, 3))
    fill_nearest(np.zeros((2, 3), dtype=bool), empty)
    np.testing.assert_array_equal(empty, np.zeros((2, 3)))
