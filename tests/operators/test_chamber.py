"""The generator of several levels: identities at rounding, limits that other formulas give, weights by quadrature."""

import numpy as np
import pytest
from scipy.integrate import dblquad, tplquad
from scipy.linalg import expm

from fpsolve import models
from fpsolve.errors import GridError, MethodError
from fpsolve.grids.axis import Axis
from fpsolve.grids.chamber import ChamberGrid
from fpsolve.models import initial
from fpsolve.operators.chamber import chamber_generator, log_chamber_weights
from fpsolve.operators.chamber_axis import chamber_axis, refuse_too_large
from fpsolve.operators.chamber_start import chamber_start
from fpsolve.operators.scharfetter_gummel import scharfetter_gummel

GASES = {
    "dyson": lambda n, beta: models.dyson(
        levels=n, g2=np.linspace(0.01, 0.02, n).tolist(), centre=np.linspace(0.0, 0.1, n).tolist(), beta=beta
    ),
    "laguerre": lambda n, beta: models.laguerre(rows=n + 2, levels=n, temperature=0.1, beta=beta or 0.3),
    "rbm": lambda n, beta: models.rbm(kappa=np.linspace(1.3, 1.0, n).tolist(), mu2=2.0, g2=0.02, beta=beta),
}


def operator(name, levels, beta, cells=7):
    model = GASES[name](levels, beta)
    return chamber_generator(model, ChamberGrid(chamber_axis(model, None, cells=cells), levels))


@pytest.mark.parametrize("name", list(GASES))
@pytest.mark.parametrize("beta", [0.0, 0.5, 1.0, 2.0, 4.0])
@pytest.mark.parametrize("levels", [1, 2, 3, 4])
def test_identities(name, beta, levels):
    generator = operator(name, levels, beta)
    matrix = generator.matrix().toarray()
    scale = np.abs(matrix).max()
    np.testing.assert_allclose(matrix.sum(axis=0), 0.0, atol=1e-13 * scale)
    assert matrix[~np.eye(len(matrix), dtype=bool)].min() >= 0.0
    stationary = generator.stationary_mass
    flows = matrix * stationary
    np.testing.assert_allclose(flows, flows.T, atol=1e-14 * np.abs(flows).max())
    eigenvalues = np.linalg.eigvals(matrix)
    assert -generator.radius <= eigenvalues.real.min()
    assert eigenvalues.real.max() <= 1e-12 * scale


@pytest.mark.parametrize("levels", [1, 2, 3, 4])
def test_kernel_applies_the_matrix(levels):
    generator = operator("dyson", levels, 1.0, cells=11)
    rng = np.random.default_rng(1)
    now, before, total = rng.random((3, generator.grid.size))
    expected = 0.3 * (generator.matrix() @ now) + 1.7 * now - before
    expected_total = total + 0.2 * expected
    generator.term(0.3, 1.7, 0.2, now, total, before)
    np.testing.assert_allclose(before, expected, rtol=1e-12, atol=1e-12)
    np.testing.assert_allclose(total, expected_total, rtol=1e-12, atol=1e-12)


def test_symmetric_form_is_similar_to_the_generator():
    generator = operator("dyson", 3, 2.0, cells=8)
    below, above = generator.symmetric()
    symmetric = type(generator)(generator.grid, below, above, generator.leaving, generator.log_mass).matrix().toarray()
    root = np.sqrt(generator.stationary_mass)
    np.testing.assert_allclose(symmetric, symmetric.T, atol=1e-14)
    np.testing.assert_allclose(symmetric, generator.matrix().toarray() * root / root[:, None], atol=1e-11)


@pytest.mark.parametrize("beta", [0.0, 0.7, 1.0, 2.0, 3.5])
def test_weights_of_a_pair_against_quadrature(beta):
    """In a flat potential masses are ∫∫|x − y|^β over cells in order, and conductances ∫|face − y|^β."""
    flat = models.potential(
        lambda x: 0.0 * x, lambda x: 0.0 * x, lambda x: 0.0 * x, domain=(0.0, 6.0), g2=1.0, levels=2, beta=beta
    )
    generator = chamber_generator(flat, ChamberGrid(Axis(0.0, 6.0, 6), 2))
    mass = np.exp(generator.log_mass)
    for number, (low, high) in enumerate(generator.grid.states().tolist()):
        exact = dblquad(lambda x, y: abs(y - x) ** beta, high, high + 1, low, (lambda y: y) if low == high else low + 1)
        assert mass[number] == pytest.approx(exact[0], rel=1e-6)
    flows = generator.matrix().toarray() * mass
    for low, high in [(0, 0), (0, 1), (1, 3), (2, 2)]:
        here, there = (generator.grid.number(np.array(state)) for state in ((low, high), (low, high + 1)))
        face = high + 1.0
        exact = ((face - low) ** (beta + 1.0) - (face - low - 1.0) ** (beta + 1.0)) / (beta + 1.0)
        assert flows[there, here] == pytest.approx(exact, rel=1e-12)


def test_three_levels_in_one_cell_against_quadrature():
    weights = log_chamber_weights(ChamberGrid(Axis(0.0, 4.0, 4), 3), np.zeros((3, 4)), 1.0)
    exact = tplquad(lambda z, y, x: (y - x) * (z - x) * (z - y), 0, 1, lambda x: x, 1, lambda x, y: y, 1)[0]
    assert np.exp(weights[0]) == pytest.approx(exact, rel=1e-10)


def test_one_level_is_scharfetter_gummel_where_the_potential_is_flat_or_steep():
    for slope, tolerance in ((0.0, 1e-15), (1e4, 1e-3)):
        model = models.potential(
            lambda x, s=slope: s * x,
            lambda x, s=slope: s + 0.0 * x,
            lambda x: 0.0 * x,
            domain=(0.0, 1.0),
            g2=1.0,
        )
        axis = Axis(0.0, 1.0, 20)
        generator = chamber_generator(model, ChamberGrid(axis, 1))
        alone = scharfetter_gummel(model.levels[0], axis)
        np.testing.assert_allclose(generator.matrix().toarray(), alone.matrix().toarray(), rtol=tolerance)
        np.testing.assert_array_equal(generator.stationary_mass, alone.stationary_mass)


def test_one_level_has_the_stationary_law_of_scharfetter_gummel():
    model = models.rbm(kappa=[1.0], mu2=2.0, g2=0.02)
    axis = chamber_axis(model, None, cells=50)
    np.testing.assert_array_equal(
        chamber_generator(model, ChamberGrid(axis, 1)).stationary_mass,
        scharfetter_gummel(model.levels[0], axis).stationary_mass,
    )


@pytest.mark.parametrize("levels", [2, 3, 4])
def test_without_repulsion_equal_levels_are_independent(levels):
    """Sorted independent levels: masses are those of the product times the number of permutations."""
    cells = 7 if levels == 4 else 10
    model = models.dyson(levels=levels, g2=0.02, beta=0.0)
    grid = ChamberGrid(Axis(-0.5, 0.6, cells), levels)
    generator = chamber_generator(model, grid)
    lone = chamber_generator(models.dyson(g2=0.02), ChamberGrid(grid.axis, 1)).matrix().toarray()
    start = np.random.default_rng(2).random(cells)
    start /= start.sum()

    def ordered(alone):
        product = alone
        for _ in range(levels - 1):
            product = np.multiply.outer(product, alone)
        numbers = grid.number(np.sort(np.indices(product.shape).reshape(levels, -1).T, axis=1))
        return np.bincount(numbers, weights=product.ravel(), minlength=grid.size)

    later = expm(0.7 * generator.matrix().toarray()) @ ordered(start)
    np.testing.assert_allclose(later, ordered(expm(0.7 * lone) @ start), atol=1e-13)


def test_start_of_separated_levels_is_the_product():
    law = initial.gaussian([-0.2, 0.3], [0.03, 0.04])
    grid = ChamberGrid(Axis(-0.5, 0.6, 60), 2)
    masses, beyond = chamber_start(law, grid)
    table = np.zeros((60, 60))
    table[tuple(grid.states().T)] = masses
    for level in range(2):
        np.testing.assert_allclose(table.sum(axis=1 - level), law.masses(grid.axis.edges, level), atol=1e-5)
    assert 0.0 <= beyond < 1e-12


def test_start_of_a_pair_has_its_marginals():
    law = initial.pair(0.1, 0.05)
    grid = ChamberGrid(Axis(-0.4, 0.6, 200), 2)
    masses, _ = chamber_start(law, grid)
    table = np.zeros((200, 200))
    table[tuple(grid.states().T)] = masses
    assert np.abs(table.sum(axis=1) - law.masses(grid.axis.edges, 0)).sum() < 1e-3
    assert np.abs(table.sum(axis=0) - law.masses(grid.axis.edges, 1)).sum() < 1e-3


def test_point_start_keeps_the_means():
    grid = ChamberGrid(Axis(0.0, 1.0, 40), 3)
    masses, _ = chamber_start(initial.point([0.2031, 0.5, 0.717]), grid)
    means = masses @ grid.axis.centers[grid.states()]
    np.testing.assert_allclose(means, [0.2031, 0.5, 0.717], rtol=1e-12)


def test_start_from_samples_counts_them():
    law = initial.samples([[0.11, 0.31], [0.12, 0.31], [0.5, 0.51], [0.5, 1.5]])
    grid = ChamberGrid(Axis(0.0, 1.0, 10), 2)
    masses, beyond = chamber_start(law, grid)
    assert masses[grid.number(np.array([1, 3]))] == pytest.approx(2.0 / 3.0)
    assert masses[grid.number(np.array([5, 5]))] == pytest.approx(1.0 / 3.0)
    assert beyond == pytest.approx(0.25)


def test_random_matrix_start_against_draws():
    law = initial.marchenko_pastur(3, 0.2, levels=3)
    grid = ChamberGrid(chamber_axis(models.laguerre(rows=3, levels=3, temperature=0.2), law, cells=60), 3)
    masses, beyond = chamber_start(law, grid)
    draws = law.sample(40_000, 3)
    means = masses @ grid.axis.centers[grid.states()]
    error = draws.std(axis=0) / 200.0
    assert np.all(np.abs(means - draws.mean(axis=0)) < 4.0 * error + 1e-3)
    assert beyond < 1e-3


def test_a_start_outside_the_axis_is_refused():
    with pytest.raises(GridError, match="no mass of the initial law"):
        chamber_start(initial.point([2.0, 3.0]), ChamberGrid(Axis(0.0, 1.0, 10), 2))


def test_axis_holds_start_and_stationary_law():
    model = models.dyson(levels=2, g2=0.01)
    axis = chamber_axis(model, initial.pair(0.3, 0.05))
    assert axis.cells == 160
    assert -0.75 < axis.lower < -0.55
    assert 0.6 < axis.upper < 0.75
    narrow = chamber_axis(models.dyson(levels=2, g2=0.01), initial.gaussian([0.0, 5.0], [0.05, 0.05]))
    assert narrow.cells > 160


def test_too_many_states_are_refused_with_what_would_fit():
    with pytest.raises(
        MethodError,
        match=r"a chamber of 6 levels on 200 cells .* unknowns .* GiB are available .* at most \d+ cells fit; what remains: x",
    ):
        refuse_too_large(200, 6, remaining="what remains: x")


def test_walls_and_levels_that_do_not_fit_are_refused():
    model = models.dyson(levels=2, g2=0.01)
    with pytest.raises(MethodError, match="3 levels, the model 2"):
        chamber_generator(model, ChamberGrid(Axis(-1.0, 1.0, 8), 3))
    absorbing = models.potential(
        lambda x: x**2,
        lambda x: 2.0 * x,
        lambda x: 2.0 + 0.0 * x,
        domain=(-1.0, 1.0),
        g2=0.1,
        levels=2,
        boundary="absorbing",
    )
    with pytest.raises(MethodError, match="reflecting"):
        chamber_generator(absorbing, ChamberGrid(Axis(-1.0, 1.0, 8), 2))
