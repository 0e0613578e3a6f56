"""Several levels on a chamber against exact matrix laws, other programs, and identities."""

import runpy
from pathlib import Path

import numpy as np
import pytest
from scipy.linalg import expm
from scipy.special import ive, ndtr

import fpsolve as fp
from fpsolve import models
from fpsolve.errors import MethodError, ModelError
from fpsolve.grids.axis import Axis
from fpsolve.grids.chamber import ChamberGrid
from fpsolve.models import Schedule, initial
from fpsolve.models.initial_point import PointLaw
from fpsolve.operators.chamber import chamber_generator
from fpsolve.operators.chamber_start import chamber_start
from fpsolve.solvers.chamber_march import march_chamber
from fpsolve.solvers.chebyshev import chebyshev_step, chebyshev_weights

PAIR = models.dyson(levels=2, g2=0.01)
START = initial.pair(0.3, 0.05)
PAIR_LAW = runpy.run_path(str(Path(__file__).parents[1] / "reference" / "pair_law.py"))
exact_pair_masses, pair_masses = PAIR_LAW["exact_pair_masses"], PAIR_LAW["pair_masses"]


def exact_ordered_masses(edges, time, at, std, g2=0.01, nodes=3):
    """Cell masses of the eigenvalues of a symmetric OU matrix that starts with independent ones near `at`, in order.

    Centre and gap are independent: the centre is Gaussian, and the gap, √((X_00 − X_11)² + 4X_01²), has Rice's law
    r/(2s) e^{−(r² + r_0²)/(4s)} I_0(r r_0/2s), averaged over the gap r_0 of the start (a truncated Gaussian).
    """
    shrink = np.exp(-time)
    s, distance = g2 * (1.0 - shrink**2), at[1] - at[0]
    z, weight = np.polynomial.legendre.leggauss(24 if std > 0.0 else 1)
    low, high = max(0.0, distance - 8.0 * std), distance + 8.0 * std
    gap = low + (high - low) * 0.5 * (1.0 + z)
    if std > 0.0:
        weight = weight * np.exp(-((gap - distance) ** 2) / (4.0 * std**2))
    weight, gap = weight / weight.sum(), gap * shrink
    spread = 0.5 * s + 0.5 * (shrink * std) ** 2

    def density(x, y):
        r = (y - x)[..., None]
        rice = r / (2.0 * s) * np.exp(-((r - gap) ** 2) / (4.0 * s)) * ive(0, r * gap / (2.0 * s))
        offset = 0.5 * (x + y) - 0.5 * sum(at) * shrink
        return np.exp(-(offset**2) / (2.0 * spread)) / np.sqrt(2.0 * np.pi * spread) * (rice @ weight)

    a, rule = np.polynomial.legendre.leggauss(nodes)
    h = np.diff(edges)[:, None]
    x, area = (edges[:-1, None] + 0.5 * h * (1.0 + a)).ravel(), (0.5 * h * rule).ravel()
    cell = np.repeat(np.arange(h.size), nodes)
    lower, upper = np.nonzero(cell[:, None] < cell[None, :])
    masses = np.zeros((h.size, h.size))
    np.add.at(masses, (cell[lower], cell[upper]), density(x[lower], x[upper]) * area[lower] * area[upper])
    # Both levels in one cell: y = edge + h b, x = edge + h b c
    b, c = 0.5 * (1.0 + a[:, None]), 0.5 * (1.0 + a[None, :])
    y = edges[:-1, None, None] + h[:, None] * b + 0.0 * c
    tie = density(edges[:-1, None, None] + h[:, None] * b * c, y) * h[:, None] ** 2 * b * np.outer(rule, rule) / 4.0
    masses[np.diag_indices(h.size)] = tie.sum(axis=(1, 2))
    return masses


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


def ordered_errors(cells, at, std, times, **options):
    """L1 errors at all times, and the evolution."""
    law = initial.gaussian(at, std) if std > 0.0 else initial.point(at)
    found = fp.evolve(PAIR, law, times=times, method="chamber", cells=cells, **options)
    masses = [exact_ordered_masses(found.edges[0], time, at, std) for time in times]
    return np.array([np.abs(pair_masses(found, k) - exact).sum() for k, exact in enumerate(masses)]), found


def test_the_exact_ordered_masses_agree_with_the_pair_and_sum_to_one():
    edges = np.linspace(-0.6, 0.9, 61)
    masses = exact_ordered_masses(edges, 0.4, (0.2, 0.5), 0.05, nodes=6)
    assert masses.sum() == pytest.approx(1.0, abs=1e-7)
    # From two levels in one place, which is a multiple of the unit matrix, comes the law of a pair of zero width.
    together = exact_ordered_masses(edges, 0.4, (0.3, 0.3), 0.0, nodes=6)
    assert np.abs(together - exact_pair_masses(edges, 0.4, std=0.0)).sum() < 1e-7


def test_ordered_start_converges_with_second_order():
    """Two separate levels that move and spread, against the matrix law."""
    errors = np.array(
        [ordered_errors(cells, (0.2, 0.5), 0.05, [0.3, 1.0], domain=(-0.5, 0.8))[0] for cells in (80, 160)]
    )
    orders = np.log2(errors[0] / errors[1])
    assert np.all(np.abs(orders - 2.0) < 0.1), f"errors {errors.tolist()}, orders {orders.tolist()}"
    assert errors[1, 0] < 5e-3


def test_extrapolated_cells_reach_one_part_in_a_thousand_from_an_ordered_start():
    """160 cells with richardson: positive, the total kept, ten times closer to the matrix law, and the error known."""
    errors, found = ordered_errors(None, (0.2, 0.5), 0.05, [0.1, 0.3, 1.0], richardson=True)
    assert found.edges.shape[1] == 161
    assert errors.max() <= 1e-3
    assert np.all(found.grid_error > 0.5 * errors)
    assert np.all(found.grid_error < 4.0 * errors)
    np.testing.assert_allclose(found.mass, 1.0, atol=1e-12)
    assert min(found.minimum.min(), found.density.min(), found.pair_density.min()) >= 0.0
    np.testing.assert_allclose((found.density * np.diff(found.edges)).sum(axis=2), 1.0, atol=1e-12)
    m = 0.35 * np.exp(-found.times)
    np.testing.assert_allclose(found.mean.mean(axis=1), m, atol=3e-5)


def test_extrapolation_is_of_fourth_order():
    law, options = START, {"times": [0.3, 1.0], "method": "chamber", "domain": (-0.6, 0.7), "richardson": True}
    errors = []
    for cells in (80, 160):
        found = fp.evolve(PAIR, law, cells=cells, **options)
        exact = [exact_pair_masses(found.edges[0], time) for time in found.times]
        errors.append([np.abs(pair_masses(found, k) - masses).sum() for k, masses in enumerate(exact)])
    orders = np.log2(np.array(errors[0]) / errors[1])
    assert np.all(np.abs(orders - 4.0) < 0.25), f"errors {errors}, orders {orders.tolist()}"


def test_default_cells_hold_a_narrow_start_far_out_on_its_way():
    """The point spreads beyond both itself and the stationary law; cells that end there had twice the error."""
    errors, found = ordered_errors(None, (-0.1, 0.6), 0.0, [0.1, 0.3, 1.0])
    assert found.edges[0, -1] > 0.75
    np.testing.assert_allclose(found.grid_error, errors, rtol=0.25)


def test_spacings_and_joined_cells():
    """A pair from a Gaussian start of one centre: P(S) = S/(2s) e^{−S²/(4s)} at all times."""
    found = fp.evolve(PAIR, START, times=[0.5, 2.0], method="chamber", cells=400, richardson=True)
    assert found.pair_density is None
    pairs = found.pairs
    assert max(pairs.density.shape[2:]) <= 160
    areas = np.multiply.outer(*np.diff(pairs.edges[0], axis=1))
    np.testing.assert_allclose((pairs.density[:, 0] * areas).sum(axis=(1, 2)), 1.0, atol=1e-12)
    for k, time in enumerate(found.times):
        s = 0.01 * (1.0 - np.exp(-2.0 * time)) + 0.05**2 * np.exp(-2.0 * time)
        exact = -np.diff(np.exp(-(pairs.spacing_edges[0] ** 2) / (4.0 * s)))
        assert np.abs(pairs.spacing_density[k, 0] * np.diff(pairs.spacing_edges[0]) - exact).sum() < 6e-3
    np.testing.assert_array_equal(pairs.correlation, found.correlation)


def test_tables_of_three_levels():
    model = models.dyson(levels=3, g2=0.01)
    found = fp.evolve(model, initial.gaussian([-0.2, 0.1, 0.3], 0.05), times=[0.2, 5.0], method="chamber", cells=40)
    assert found.pairs.density.shape[:2] == (2, 2)
    spacing = [[found.pairs.spacing(i, k).mean for i in range(2)] for k in range(2)]
    np.testing.assert_allclose(spacing, np.diff(found.mean, axis=1), rtol=0.03)


@pytest.mark.parametrize(("levels", "tolerance"), [(5, 0.02), (6, 0.03)])
def test_five_and_six_levels_run_and_tell_their_error(levels, tolerance):
    """The sum of all levels is an Ornstein–Uhlenbeck process; a coarse chamber has it to a few per cent when extrapolated."""
    model = models.dyson(levels=levels, g2=0.01)
    law = initial.gaussian(np.linspace(-0.1, 0.5, levels).tolist(), 0.1)
    found = fp.evolve(model, law, times=[0.5], method="chamber", cells=24, richardson=True)
    begin = law.sample(200_000, 1).sum(axis=1).mean()
    assert found.mean.sum() == pytest.approx(begin * np.exp(-0.5), rel=tolerance)
    assert 0.01 < found.grid_error[0] < 0.3


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
        states = []
        found = march_chamber(model, grid, start, times, rtol=rtol, read=states.append)
        error = max(np.abs(state - law).sum() for state, law in zip(states, exact, strict=True))
        assert error <= found.error + 1e-12
        assert found.error <= rtol


def test_a_step_that_would_lose_digits_is_given_up():
    model = models.dyson(levels=2, g2=1e-4)
    grid = ChamberGrid(Axis(-0.2, 1.6, 60), 2)
    start, _ = chamber_start(initial.gaussian([1.2, 1.4], 0.05), grid)
    generator = chamber_generator(model, grid)
    whole = chebyshev_step(generator, 3.0, start, allowed=1e-8)
    assert whole.state is None
    assert whole.growth > 1e5
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
    states = []
    march_chamber(moving, grid, start, np.array([0.3, 1.2]), rtol=1e-10, read=states.append)
    first, second = (chamber_generator(moving.at(t), grid).matrix().toarray() for t in (0.0, 0.5))
    np.testing.assert_allclose(states[0], expm(0.3 * first) @ start, atol=1e-10)
    np.testing.assert_allclose(states[1], expm(0.7 * second) @ expm(0.5 * first) @ start, atol=1e-10)


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
    with pytest.raises(MethodError, match=r"takes .* GiB, .* cells fit; what remains: .*particles"):
        fp.evolve(six, initial.gaussian(np.linspace(0, 1, 6).tolist(), 0.05), times=[1.0], method="chamber", cells=400)
    seven = models.dyson(levels=7, g2=0.01)
    with pytest.raises(MethodError, match=r"takes 2 to 6 levels, the model has 7; what remains") as caught:
        fp.evolve(seven, initial.gaussian(np.linspace(0, 1, 7).tolist(), 0.05), times=[1.0], method="chamber")
    assert "log_gas: N one-dimensional densities" in caught.value.__notes__[0]
    assert "particles: minutes" in caught.value.__notes__[0]
    with pytest.raises(MethodError, match="modes is an option"):
        fp.evolve(PAIR, START, times=[1.0], method="chamber", modes=8)
    with pytest.raises(MethodError, match="even number of cells, at least 12, not 33"):
        fp.evolve(PAIR, START, times=[1.0], method="chamber", richardson=True, cells=33)


@pytest.mark.parametrize("method", ["chamber", "legendre"])
def test_points_in_one_place_or_out_of_order_are_refused(method):
    with pytest.raises(ModelError, match=r"levels 0 and 1 both start at 0.3, but with beta = 1 they repel"):
        fp.evolve(PAIR, initial.point([0.3, 0.3]), times=[1.0], method=method)
    with pytest.raises(ModelError, match="level 1 at 0.2 lies below level 0 at 0.3"):
        fp.evolve(PAIR, PointLaw((0.3, 0.2)), times=[1.0], method=method)


def test_levels_that_do_not_repel_may_start_in_one_place():
    found = fp.evolve(
        models.dyson(levels=2, g2=0.01, beta=0.0), initial.point([0.3, 0.3]), times=[0.5], method="chamber", cells=80
    )
    assert found.mean[0].sum() == pytest.approx(0.6 * np.exp(-0.5), rel=1e-2)
