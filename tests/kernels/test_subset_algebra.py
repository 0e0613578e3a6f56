"""The subset recursion against sums over all ordered configurations and minors from determinants."""

from itertools import combinations

import numpy as np
import pytest

from fpsolve.kernels.poisson_binomial import rank_weights
from fpsolve.kernels.subset_algebra import accumulate, join, place
from fpsolve.kernels.subset_sampling import extend_minors
from fpsolve.kernels.subset_tables import subset_tables

POINTS = 4
TIES = np.triu(np.ones((POINTS, POINTS)), 1) + 0.5 * np.eye(POINTS)
NOBODY = (np.zeros((0, 1, POINTS)), np.ones((2, 1)))


@pytest.mark.parametrize("levels", [1, 4, 6])
def test_tables(levels):
    tables = subset_tables(levels)
    for size in range(levels + 1):
        groups = list(combinations(range(levels), size))
        members = [tuple(row) for row in tables.members[size].tolist()]
        assert sorted(members) == groups
        for number, group in enumerate(members):
            rest = tuple(sorted(set(range(levels)) - set(group)))
            other = tables.members[levels - size][tables.complement[size][number]]
            assert tuple(other.tolist()) == rest
            assert tables.sign[size][number] == (-1) ** sum(a > b for a in group for b in rest)
            for r in range(size):
                child = tables.members[size - 1][tables.children[size][number, r]]
                assert tuple(child.tolist()) == group[:r] + group[r + 1 :]


class Cells:
    """A small ordered gas on cells, every level on its own window of blocks."""

    def __init__(self, levels, windows, seed=1):
        rng = np.random.default_rng(seed)
        self.levels, self.windows, self.tables = levels, windows, subset_tables(levels)
        self.blocks = max(last for _, last in windows)
        self.x = np.sort(rng.normal(size=self.blocks * POINTS))
        self.polynomials = rng.normal(size=(levels, self.blocks * POINTS))
        self.masses = np.zeros((levels, self.blocks * POINTS))
        for level, (first, last) in enumerate(windows):
            self.masses[level, first * POINTS : last * POINTS] = rng.random((last - first) * POINTS)

    def blocked(self, values, level):
        first, last = self.windows[level]
        shape = (*values.shape[:-1], self.blocks, POINTS)
        return np.ascontiguousarray(np.moveaxis(values.reshape(shape)[..., first:last, :], -2, 0))

    def placed(self, level, neighbour, from_right):
        size = self.levels - level if from_right else level + 1
        members, children = self.tables.members[size], self.tables.children[size]
        first, values, outside = neighbour
        out = np.empty((self.windows[level][1] - self.windows[level][0], len(members), POINTS))
        offset = self.windows[level][0] - first
        basis, weight = self.blocked(self.polynomials, level), self.blocked(self.masses[level], level)
        place(members, children, basis, weight, values, outside, offset, from_right, out)
        return out

    def layers(self, from_right):
        layers, order = [(0, *NOBODY)], range(self.levels)
        for level in reversed(order) if from_right else order:
            values = self.placed(level, layers[-1], from_right)
            edges = np.empty((values.shape[0] + 1, values.shape[1]))
            ties = np.ascontiguousarray(TIES[::-1, ::-1]) if from_right else TIES
            accumulate(ties, np.ones(POINTS), from_right, edges, values)
            layers.append((self.windows[level][0], values, np.stack([edges[0], edges[-1]])))
        return layers

    def densities(self):
        left, right = self.layers(False), self.layers(True)[::-1]
        for level in range(self.levels):
            placed = self.placed(level, left[level], False)
            first, values, outside = right[level + 1]
            density, magnitude = np.empty((2, placed.shape[0], POINTS))
            offset = self.windows[level][0] - first
            sign = self.tables.sign[level + 1]
            join(self.tables.complement[level + 1], sign, placed, values, outside, offset, magnitude, density)
            assert np.all(magnitude >= np.abs(density) * (1 - 1e-12))
            whole = np.zeros((self.blocks, POINTS))
            whole[slice(*self.windows[level])] = density
            yield whole.ravel()

    def brute_force(self):
        """Sum of det p_k(x_i) ∏ w_i over all ordered configurations, by level and cell."""
        cells = self.x.size
        found = np.zeros((self.levels, cells))
        for places in combinations(range(cells), self.levels):
            weight = np.prod([self.masses[i, m] for i, m in enumerate(places)])
            if weight > 0.0:
                term = weight * np.linalg.det(self.polynomials[:, list(places)].T)
                for i, m in enumerate(places):
                    found[i, m] += term
        return found


@pytest.mark.parametrize(
    ("levels", "windows"),
    [
        (1, [(0, 3)]),
        (2, [(0, 2), (1, 4)]),
        (3, [(0, 3), (0, 3), (0, 3)]),
        (3, [(0, 1), (1, 2), (3, 4)]),
        (4, [(0, 2), (0, 3), (1, 3), (1, 4)]),
    ],
)
def test_cell_masses_against_all_ordered_configurations(levels, windows):
    """Half of the tie cell drops out of every total, because the determinant of two equal rows vanishes."""
    gas = Cells(levels, windows)
    truth = gas.brute_force()
    scale = np.abs(truth).max()
    for level, density in enumerate(gas.densities()):
        np.testing.assert_allclose(density, truth[level], atol=1e-12 * scale)
    left, right = gas.layers(False)[-1][2], gas.layers(True)[-1][2]
    assert left[1, 0] == pytest.approx(truth[0].sum(), rel=1e-11)
    assert right[0, 0] == pytest.approx(truth[0].sum(), rel=1e-11)


def test_minors_of_drawn_rows():
    rng = np.random.default_rng(2)
    tables, rows = subset_tables(5), rng.normal(size=(3, 4, 5))
    minors = np.ones((3, 1))
    for size in range(1, 5):
        longer = np.empty((3, len(tables.members[size])))
        extend_minors(tables.members[size], tables.children[size], rows[:, size - 1].copy(), minors, longer)
        minors = longer
    for sample in range(3):
        truth = np.array([np.linalg.det(rows[sample][:, list(columns)]) for columns in tables.members[4].tolist()])
        np.testing.assert_allclose(minors[sample], truth / np.abs(truth).max(), rtol=1e-11)


def test_rank_weights_against_enumeration():
    rng = np.random.default_rng(3)
    chances, shares = rng.random((2, 1, 5))
    chances[0, :2] = 1e-9, 1.0 - 1e-9
    out = np.empty((1, 5))
    rank_weights(chances, shares, out)
    truth = np.zeros(5)
    for k in range(5):
        others = [chances[0, j] for j in range(5) if j != k]
        for successes in np.ndindex(2, 2, 2, 2):
            truth[sum(successes)] += shares[0, k] * np.prod(
                [chance if s else 1.0 - chance for chance, s in zip(others, successes, strict=True)]
            )
    np.testing.assert_allclose(out[0], truth, rtol=1e-12, atol=1e-16)
