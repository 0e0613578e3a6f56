"""Several levels on a chamber against exact matrix laws, other programs, and identities."""

import numpy as np
import pytest
from scipy.linalg import expm
from scipy.special import ndtr

import fpsolve as fp
from fpsolve import models
from fpsolve.errors import GridError, MethodError
from fpsolve.grids.axis import Axis
from fpsolve.grids.chamber import ChamberGrid
from fpsolve.models import Schedule, initial
from fpsolve.operators.chamber import chamber_generator
from fpsolve.operators.chamber_start import chamber_start
from fpsolve.solvers.chamber_march import march_chamber
from fpsolve.solvers.chebyshev import chebyshev_step, chebyshev_weights

PAIR = models.dyson(levels=2, g2=0.01)
START = initial.pair(0.3, 0.05)


def exact_pair_masses(edges, time, g2=0.01, mean=0.3, std=0.05):
    """Cell masses of |x2 − x1| e^{−Σ(x_i−m)²/(2s)}/(2√π s^{3/2}), x1 < x2: eigenvalues of a symmetric OU matrix (Ω = 1)."""
    m, s = mean * np.exp(-time), g2 * (1.0 - np.exp(-2.0 * time)) + std**2 * np.exp(-2.0 * time)
    z = (edges - m) / np.sqrt(s)
    zeroth = np.sqrt(2.0 * np.pi * s) * np.where(z[:-1] > 0, ndtr(-z[:-1]) - ndtr(-z[1:]), ndtr(z[1:]) - ndtr(z[:-1]))
    first = -s * np.diff(np.exp(-0.5 * z**2))
    masses = np.triu(np.outer(zeroth, first) - np.outer(first, zeroth), 1)
    # Both levels in one cell: x2 = edge + h a, x1 = edge + h a b
    nodes, weights = np.polynomial.legendre.leggauss(12)
    a, b = 0.5 * (1.0 + nodes[:, None]), 0.5 * (1.0 + nodes[None, :])
    h = np.diff(edges)[:, None, None]
    upper, lower = edges[:-1, None, None] + h * a, edges[:-1, None, None] + h * a * b
    tie = (upper - lower) * np.exp(-((upper - m) ** 2 + (lower - m) ** 2) / (2.0 * s)) * h**2 * a
    masses[np.diag_indices(zeroth.size)] = (0.25 * np.outer(weights, weights) * tie).sum(axis=(1, 2))
    return masses / (2.0 * np.sqrt(np.pi) * s**1.5)


def pair_masses(evolution, k):
    """Masses behind the joint density of the lowest two levels at output time k."""
    widths = np.diff(evolution.edges[0])
    area = np.outer(widths, widths)
    np.fill_diagonal(area, 0.5 * widths**2)
    return evolution.pair_density[k, 0] * area


def test_the_exact_masses_sum_to_one():
    for time in (0.0, 0.3, 2.0):
        assert exact_pair_masses(np.linspace(-1.0, 1.0, 81), time).sum() == pytest.approx(1.0, abs=1e-13)


def test_pair_converges_to_the_matrix_law_with_second_order():
    errors = []
    for cells in (40, 80, 160):
        found = fp.evolve(PAIR, START, times=[0.3, 1.0], method="chamber", cells=cells, domain=(-0.7, 0.7))
        errors.append(
            [
                np.abs(pair_masses(found, k) - exact_pair_masses(found.edges[0], t)).sum()
                for k, t in enumerate(found.times)
            ]
        )
    errors = np.array(errors)
    orders = np.log2(errors[:-1] / errors[1:])
    assert np.all(np.abs(orders[1] - 2.0) < 0.1), f"errors {errors.tolist()}, orders {orders.tolist()}"


def test_pair_reaches_one_part_in_a_thousand_with_the_default_cells():
    found = fp.evolve(PAIR, START, times=[1.0], method="chamber")
    assert found.edges.shape == (2, 161)
    error = np.abs(pair_masses(found, 0) - exact_pair_masses(found.edges[0], 1.0)).sum()
    assert error <= 1e-3
    # The stated error is that of the cells, within 20 %.
    assert found.grid_error[0] == pytest.approx(error, rel=0.2)
    s = 0.01 * (1.0 - np.exp(-2.0)) + 0.05**2 * np.exp(-2.0)
    spread = np.sqrt(s * (1.5 - 0.25 * np.pi))
    centre = 0.3 * np.exp(-1.0)
    np.testing.assert_allclose(found.mean[0], centre + np.array([-0.5, 0.5]) * np.sqrt(np.pi * s), atol=1e-3 * spread)
    np.testing.assert_allclose(found.std[0], spread, rtol=1e-3)
    # Var(x1 + x2) = 2s, from the trace of the matrix
    covariance = s - spread**2
    assert found.correlation[0, 0] == pytest.approx(covariance / spread**2, abs=1e-3)


@pytest.mark.parametrize(("levels", "beta"), [(2, 1.0), (3, 2.0), (4, 1.0)])
def test_mass_positivity_and_shapes(levels, beta):
    model = models.dyson(levels=levels, g2=0.01, beta=beta)
    law = initial.gaussian(np.linspace(0.1, 0.4, levels).tolist(), 0.05)
    found = fp.evolve(model, law, times=[0.01, 0.1, 1.0], method="chamber", cells=20)
    np.testing.assert_allclose(found.mass, 1.0, atol=1e-12)
    assert found.minimum.min() >= 0.0
    assert found.density.shape == (3, levels, 20)
    assert found.pair_density.shape == (3, levels - 1, 20, 20)
    assert found.correlation.shape == (3, levels - 1)
    np.testing.assert_allclose((found.density * np.diff(found.edges)).sum(axis=2), 1.0, atol=1e-12)
    assert np.all(np.diff(found.mean, axis=1) > 0.0)
    assert found.at(np.array([1])).pair_density.shape == (1, levels - 1, 20, 20)


@pytest.mark.parametrize("name", ["dyson", "laguerre", "rbm"])
def test_stationary_start_stays(name):
    model = {
        "dyson": models.dyson(levels=3, g2=[0.01, 0.02, 0.01], beta=2.0),
        "laguerre": models.laguerre(rows=3, levels=3, temperature=0.1),
        "rbm": models.rbm(kappa=[1.2, 1.0], mu2=2.0, g2=0.02),
    }[name]
    found = fp.evolve(model, "stationary", times=[0.1, 10.0, 1000.0], method="chamber", cells=24)
    assert np.abs((found.density - found.initial_density) * np.diff(found.edges)).sum(axis=2).max() < 1e-12


def test_error_control_against_expm():
    """A start far out in the tail, down a steep slope: the case that loses digits in symmetrised variables."""
    model = models.dyson(levels=2, g2=0.002, beta=1.0)
    grid = ChamberGrid(Axis(-0.4, 1.6, 30), 2)
    start, _ = chamber_start(initial.gaussian([1.2, 1.4], 0.05), grid)
    matrix = chamber_generator(model, grid).matrix().toarray()
    times = np.array([0.05, 0.5, 3.0])
    exact = [expm(t * matrix) @ start for t in times]
    for rtol in (1e-3, 1e-6, 1e-9, 1e-11):
        found = march_chamber(model, grid, start, times, rtol=rtol)
        error = max(np.abs(state - law).sum() for state, law in zip(found.states, exact, strict=True))
        assert error <= found.error + 1e-12
        assert found.error <= rtol


def test_a_step_that_would_lose_digits_is_given_up():
    model = models.dyson(levels=2, g2=1e-4)
    grid = ChamberGrid(Axis(-0.2, 1.6, 60), 2)
    start, _ = chamber_start(initial.gaussian([1.2, 1.4], 0.05), grid)
    generator = chamber_generator(model, grid)
    whole = chebyshev_step(generator, 3.0, start, allowed=1e-8)
    assert whole.state is None
    assert whole.growth > 1e6
    short = chebyshev_step(generator, 1e-3, start, allowed=1e-8)
    assert short.error <= 1e-8


def test_chebyshev_weights_are_those_of_the_exponential():
    for half in (0.3, 20.0, 3000.0):
        weights, later = chebyshev_weights(half)
        for x in (-1.0, -0.2, 0.9, 1.0):
            series = weights @ np.cos(np.arange(weights.size) * np.arccos(x))
            assert series == pytest.approx(np.exp(half * (x - 1.0)), abs=1e-13)
        assert later[0] == pytest.approx(1.0 - weights[0], abs=1e-12)


def test_equal_levels_without_repulsion_are_sorted_independent_ones():
    """beta = 0: the sum of both marginals is twice the density of a lone Ornstein–Uhlenbeck level."""
    model = models.dyson(levels=2, g2=0.01, beta=0.0)
    found = fp.evolve(model, initial.gaussian([0.2, 0.2], 0.05), times=[0.5], method="chamber", cells=160)
    s = 0.01 * (1.0 - np.exp(-1.0)) + 0.05**2 * np.exp(-1.0)
    masses = 2.0 * np.diff(ndtr((found.edges[0] - 0.2 * np.exp(-0.5)) / np.sqrt(s)))
    total = found.density[0].sum(axis=0) * np.diff(found.edges[0])
    assert np.abs(total - masses).sum() < 4e-3


def test_random_matrix_stays_random_matrix():
    """WᵀW of an entrywise OU process is a Wishart matrix at all times: the Laguerre gas from a Wishart start."""
    model = models.laguerre(rows=3, levels=2, temperature=0.1, weight_decay=1.0)
    found = fp.evolve(model, initial.marchenko_pastur(3, 0.3, levels=2), times=[0.4], method="chamber")
    variance = 0.3 * np.exp(-0.8) + 0.1 * (1.0 - np.exp(-0.8))
    exact = chamber_start(
        initial.marchenko_pastur(3, variance, levels=2),
        ChamberGrid(Axis(found.edges[0, 0], found.edges[0, -1], 160, "sqrt"), 2),
    )[0]
    table = np.zeros((160, 160))
    table[tuple(ChamberGrid(Axis(0.0, 1.0, 160), 2).states().T)] = exact
    assert np.abs(pair_masses(found, 0) - table).sum() < 2e-3
    # E tr WᵀW = rows · levels · variance
    assert found.mean[0].sum() == pytest.approx(6.0 * variance, rel=1e-3)


def test_piecewise_noise_is_two_runs_one_after_the_other():
    schedule = Schedule(learning_rate=((0.0, 0.01), (0.5, 0.002)), kind="piecewise")
    moving = models.dyson(levels=2, g2=0.01, schedule=schedule)
    grid = ChamberGrid(Axis(-0.7, 0.7, 24), 2)
    start, _ = chamber_start(START, grid)
    found = march_chamber(moving, grid, start, np.array([0.3, 1.2]), rtol=1e-10)
    first, second = (chamber_generator(moving.at(t), grid).matrix().toarray() for t in (0.0, 0.5))
    np.testing.assert_allclose(found.states[0], expm(0.3 * first) @ start, atol=1e-10)
    np.testing.assert_allclose(found.states[1], expm(0.7 * second) @ expm(0.5 * first) @ start, atol=1e-10)


def test_noise_that_moves_smoothly_gives_the_variance_of_the_matrix_law():
    """ds/dt = −2s + 2g²(t) for the variance of a matrix OU process under exponential decay of the noise."""
    schedule = Schedule(learning_rate=((0.0, 0.02), (2.0, 0.01)), kind="exponential")
    model = models.dyson(levels=2, g2=0.02, schedule=schedule)
    found = fp.evolve(model, START, times=[1.0], method="chamber", rtol=1e-6)
    rate = 0.5 * np.log(2.0)
    s = 0.05**2 * np.exp(-2.0) + 2.0 * 0.02 * (np.exp(-rate) - np.exp(-2.0)) / (2.0 - rate)
    gap = found.mean[0, 1] - found.mean[0, 0]
    assert gap == pytest.approx(np.sqrt(np.pi * s), rel=1e-3)
    assert found.mean[0].sum() == pytest.approx(0.6 * np.exp(-1.0), rel=1e-3)


def test_progress_and_default_method():
    told = []
    found = fp.evolve(PAIR, START, times=[0.1, 0.2], cells=16, progress=lambda done, total: told.append((done, total)))
    assert found.method == "chamber"
    assert told == [(1, 2), (2, 2)]


def test_what_does_not_fit_is_refused():
    six = models.dyson(levels=6, g2=0.01)
    with pytest.raises(GridError, match=r"takes .* GiB, .* cells fit; what remains: .*particles"):
        fp.evolve(six, initial.gaussian(np.linspace(0, 1, 6).tolist(), 0.05), times=[1.0], method="chamber", cells=400)
    seven = models.dyson(levels=7, g2=0.01)
    with pytest.raises(MethodError, match=r"takes 2 to 6 levels, the model has 7; what remains"):
        fp.evolve(seven, initial.gaussian(np.linspace(0, 1, 7).tolist(), 0.05), times=[1.0], method="chamber")
    with pytest.raises(MethodError, match="modes is an option"):
        fp.evolve(PAIR, START, times=[1.0], method="chamber", modes=8)
    with pytest.raises(MethodError, match="richardson is an option"):
        fp.evolve(PAIR, START, times=[1.0], method="chamber", richardson=True)
