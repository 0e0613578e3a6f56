"""Trajectories against matrices, exact Coulomb gases, closed moments, and themselves."""

from dataclasses import replace

import numpy as np
import pytest
from scipy import stats
from scipy.integrate import solve_ivp

from fpsolve.errors import GridError, MethodError, ModelError
from fpsolve.exact.coulomb_gas import ordered_gas
from fpsolve.exact.ornstein_uhlenbeck import OrnsteinUhlenbeck
from fpsolve.models import PcdNoise, Schedule, dyson, geometric, initial, jacobi, laguerre, potential, rbm
from fpsolve.solvers.evolve import evolve
from fpsolve.solvers.particles import default_step, evolve_particles, particle_ensemble

# Thousands of comparisons are made here with fixed seeds; a correct code stays within this many standard errors.
FAR = 4.5


def in_units_of_noise(sample, mean, std):
    """Deviations of the levels' means and standard deviations in their standard errors, kurtosis included."""
    number = len(sample)
    kurtosis = stats.kurtosis(sample, axis=0, fisher=False)
    mean_z = (sample.mean(axis=0) - mean) / std * np.sqrt(number)
    std_z = (sample.std(axis=0) / std - 1.0) / np.sqrt((kurtosis - 1.0) / (4.0 * number))
    return np.concatenate([np.atleast_1d(mean_z), np.atleast_1d(std_z)])


def assert_same_law(sample, reference):
    """Means and standard deviations of every level within noise, and no KS rejection."""
    both = np.sqrt(1.0 + len(sample) / len(reference))
    z = in_units_of_noise(sample, reference.mean(axis=0), reference.std(axis=0)) / both
    assert np.max(np.abs(z)) < FAR, z
    for level in range(sample.shape[1]):
        assert stats.ks_2samp(sample[:, level], reference[:, level]).pvalue > 1e-4


def symmetric_noise(rng, number, n, variance):
    """Symmetric matrices with diagonal variance `variance` and half of it off the diagonal."""
    a = rng.standard_normal((number, n, n)) * np.sqrt(variance)
    return 0.5 * (a + a.transpose(0, 2, 1))


def test_one_level_is_the_ornstein_uhlenbeck_process():
    law = OrnsteinUhlenbeck(stiffness=1.0, centre=0.2, g2=0.05, initial_mean=1.0, initial_std=0.1)
    evolution = evolve_particles(
        dyson(g2=0.05, centre=0.2), initial.gaussian(1.0, 0.1), times=np.array([0.1, 1.0, 4.0]), rng=1
    )
    for k, time in enumerate(evolution.times):
        assert abs(evolution.mean[k, 0] - law.mean(time)) < FAR * evolution.mean_error[k, 0]
        assert abs(evolution.std[k, 0] - np.sqrt(law.variance(time))) < FAR * evolution.std_error[k, 0]
        probability = np.diff(law.cdf(evolution.edges[0], time))
        expected = 20_000 * probability
        counts = evolution.density[k, 0] * np.diff(evolution.edges[0]) * 20_000
        full = expected > 10.0
        chi2 = np.sum((counts - expected)[full] ** 2 / expected[full])
        assert stats.chi2(full.sum()).sf(chi2) > 1e-4


@pytest.mark.parametrize("n", [2, 4])
def test_dyson_levels_are_eigenvalues_of_a_matrix(n):
    """X(t) = e^{−t} X(0) + noise, X(0) diagonal and out of equilibrium."""
    start, g2, times = np.linspace(-0.5, 1.0, n) ** 3 + 0.3, 0.05, np.array([0.3, 1.0])
    found = particle_ensemble(dyson(g2=g2, levels=n), initial.point(start), times=times, trajectories=10_000, rng=2)
    rng = np.random.default_rng(3)
    for k, time in enumerate(times):
        noise = symmetric_noise(rng, 100_000, n, -g2 * np.expm1(-2.0 * time))
        assert_same_law(found.levels[k], np.linalg.eigvalsh(np.diag(start) * np.exp(-time) + noise))


@pytest.mark.parametrize("rows", [3, 4, 6])
def test_laguerre_levels_are_squared_singular_values(rows):
    """Every entry of W is an Ornstein–Uhlenbeck process; rows = levels lets the lowest level touch its wall."""
    levels, temperature, variance, time = 3, 0.1, 0.02, 0.4
    found = particle_ensemble(
        laguerre(rows=rows, levels=levels, temperature=temperature),
        initial.marchenko_pastur(rows, variance, levels=levels),
        times=np.array([time]),
        trajectories=8000,
        rng=4,
    )
    decay = np.exp(-2.0 * time)
    entry = variance * decay + temperature * (1.0 - decay)
    weights = np.random.default_rng(5).standard_normal((100_000, rows, levels)) * np.sqrt(entry)
    assert_same_law(found.levels[0], np.linalg.svd(weights, compute_uv=False)[:, ::-1] ** 2)


GASES = {
    "jacobi": (jacobi(p=0.5, q=-0.5, levels=3), 0.5),
    "geometric": (geometric(source=1.0, strength=0.3, growth=0.1, saturation=1.0, levels=3), 1.0),
    "laguerre": (laguerre(rows=3, levels=3, temperature=0.1), 0.5),
    "different wells": (dyson(g2=[0.02, 0.05, 0.05], levels=3, centre=[-0.2, 0.0, 0.1], stiffness=[1, 2, 0.5]), 1.0),
    "rbm": (rbm(kappa=[1.0, 0.8], mu2=2.0, g2=0.05), 2.0),
    "rbm, derived noise": (rbm(kappa=[4.0, 3.9, 3.9], mu2=9.0, noise=PcdNoise(0.01, 16)), 5.0),
    "rbm, loud noise": (rbm(kappa=[5.0, 2.0, 2.0], mu2=9.0, noise=PcdNoise(0.02, 4)), 0.5),
}


@pytest.mark.parametrize("name", GASES)
def test_the_coulomb_gas_stays_what_it_is(name):
    model, time = GASES[name]
    found = particle_ensemble(model, "stationary", times=np.array([time]), trajectories=6000, rng=6)
    gas, levels = ordered_gas(model.levels), found.levels[0]
    assert np.max(np.abs(levels - found.start)) > 0.1 * gas.std.max()  # they did move
    z = in_units_of_noise(levels, gas.mean, gas.std)
    assert np.max(np.abs(z)) < FAR, z
    for i in range(model.n - 1):
        correlation = np.corrcoef(levels[:, i], levels[:, i + 1])[0, 1]
        assert abs(correlation - gas.correlations[i]) < FAR / np.sqrt(len(levels))
    assert found.table_error < 1e-6


@pytest.mark.parametrize("beta", [0.0, 0.5, 2.0, 4.0])
def test_second_moment_of_dyson_levels_for_any_repulsion(beta):
    """d⟨Σx²⟩/dt = −2Ω⟨Σx²⟩ + g²[2N + βN(N − 1)]."""
    n, g2, time = 3, 0.05, 0.7
    found = particle_ensemble(
        dyson(g2=g2, levels=n, beta=beta),
        initial.point([-0.3, 0.0, 0.5]),
        times=np.array([time]),
        trajectories=10_000,
        rng=7,
    )
    final = 0.5 * g2 * (2.0 * n + beta * n * (n - 1))
    expected = final + (0.09 + 0.25 - final) * np.exp(-2.0 * time)
    squares = np.sum(found.levels[0] ** 2, axis=1)
    assert abs(squares.mean() - expected) < FAR * squares.std() / np.sqrt(squares.size)


@pytest.mark.parametrize("beta", [0.6, 2.0])
def test_sum_of_laguerre_levels_for_any_repulsion(beta):
    """d⟨Σx⟩/dt = −2λ⟨Σx⟩ + 2TβMN; with β = 0.6 and M = N + 1 the lowest level reaches its wall, χ² with 0.2."""
    rows, n, temperature, time = 3, 2, 0.1, 0.5
    model = laguerre(rows=rows, levels=n, temperature=temperature, beta=beta)
    found = particle_ensemble(model, initial.point([0.1, 0.4]), times=np.array([time]), trajectories=10_000, rng=8)
    final = temperature * beta * rows * n
    sums = found.levels[0].sum(axis=1)
    expected = final + (0.5 - final) * np.exp(-2.0 * time)
    assert abs(sums.mean() - expected) < FAR * sums.std() / np.sqrt(sums.size)


@pytest.mark.parametrize(("start", "number"), [((-0.3, 0.0, 0.3), 8000), ((0.0, 0.0, 0.0), 800)])
def test_without_repulsion_levels_are_sorted_independent_ones(start, number):
    """Then they may even start at one place."""
    model, times = dyson(g2=0.05, levels=3, beta=0.0), np.array([0.5])
    found = particle_ensemble(model, initial.point(start), times=times, trajectories=number, rng=9)
    width = np.sqrt(OrnsteinUhlenbeck(1.0, 0.0, 0.05, 0.0, 0.0).variance(0.5))
    free = np.random.default_rng(10).normal(np.array(start) * np.exp(-0.5), width, (100_000, 3))
    assert_same_law(found.levels[0], np.sort(free, axis=1))


@pytest.mark.parametrize("kind", ["piecewise", "linear"])
def test_schedule_of_the_noise(kind):
    """d⟨Σx²⟩/dt = −2Ω⟨Σx²⟩ + g² f(t) [2N + N(N − 1)], integrated independently."""
    schedule = Schedule(learning_rate=((0.0, 0.01), (0.4, 0.002), (1.1, 0.02)), kind=kind)
    model, times = dyson(g2=0.05, levels=2, schedule=schedule), np.array([0.3, 0.7, 1.5])
    found = particle_ensemble(model, initial.point([-0.2, 0.2]), times=times, trajectories=10_000, rng=11)
    exact = solve_ivp(
        lambda t, y: -2.0 * y + 0.05 * 6.0 * schedule.noise_factor(t), (0.0, 1.5), [0.08], t_eval=times, max_step=1e-3
    ).y[0]
    squares = np.sum(found.levels**2, axis=2)
    z = (squares.mean(axis=1) - exact) / squares.std(axis=1) * 100.0
    assert np.max(np.abs(z)) < FAR, z


def test_schedule_of_a_noise_that_makes_drift():
    """Laguerre: T multiplies the drift too, and the exponent at the wall stays what it is."""
    schedule = Schedule(batch_size=((0.0, 8.0), (0.5, 32.0)), kind="exponential")
    model = laguerre(rows=3, levels=2, temperature=0.1, schedule=schedule)
    found = particle_ensemble(model, initial.point([0.1, 0.4]), times=np.array([0.8]), trajectories=10_000, rng=12)
    exact = solve_ivp(
        lambda t, y: -2.0 * y + 2.0 * 0.1 * schedule.noise_factor(t) * 6.0, (0.0, 0.8), [0.5], max_step=1e-3
    ).y[0, -1]
    sums = found.levels[0].sum(axis=1)
    assert abs(sums.mean() - exact) < FAR * sums.std() / 100.0


def test_second_order_where_noise_vanishes():
    """With hardly any noise the levels obey dx_i = K(x_i) dt + g² Σ 1/(x_i − x_j) dt; the scheme then is of order 2."""
    kappa, mu2, g2 = [1.3, 0.7], 2.0, 1e-12
    start, time = [0.2, 0.5], 2.0
    model = rbm(kappa=kappa, mu2=mu2, g2=g2)

    def drift(_, x):
        return (1.0 / np.array(kappa) - 1.0 / (mu2 - x)) * x

    exact = solve_ivp(drift, (0.0, time), start, rtol=1e-12, atol=1e-13).y[:, -1]
    steps, errors = (0.04, 0.02, 0.01), []
    for step in steps:
        found = particle_ensemble(model, initial.point(start), times=np.array([time]), trajectories=1, step=step, rng=1)
        errors.append(np.max(np.abs(found.levels[0, 0] - exact)))
    orders = np.log2(np.array(errors[:-1]) / errors[1:])
    assert np.all(np.abs(orders - 2.0) < 0.1), (errors, orders)
    assert errors[-1] < 1e-4, errors


def test_two_step_sizes_agree():
    model, times = dyson(g2=0.05, levels=4, centre=[0, 0, 0.5, 0.5]), np.array([0.5, 2.0])
    start = initial.point([-0.4, -0.1, 0.2, 0.9])
    coarse = particle_ensemble(model, start, times=times, trajectories=6000, rng=14)
    fine = particle_ensemble(model, start, times=times, trajectories=6000, step=0.5 * default_step(model), rng=15)
    assert fine.steps > 1.8 * coarse.steps
    for k in range(times.size):
        assert_same_law(coarse.levels[k], fine.levels[k])


def test_levels_keep_their_order_and_hardly_ever_have_to_be_exchanged():
    model = rbm(kappa=[6.0, 5.0, 5.0, 4.0], mu2=9.0, g2=0.005)
    found = particle_ensemble(
        model, initial.marchenko_pastur(4, 0.01, levels=4), times=np.array([1.0, 20.0]), trajectories=1000, rng=16
    )
    assert np.all(np.diff(found.levels, axis=2) > 0.0)
    assert found.levels.min() >= 0.0
    assert found.levels.max() <= 9.0
    assert found.exchanges <= 2e-5 * found.steps


def test_a_start_next_to_a_diverging_drift_does_not_overshoot():
    """From x = 0.9999 μ² the drift is −10⁴; the deterministic path is met to the size of the noise."""
    g2 = 1e-10
    model, times = rbm(kappa=[1.0], mu2=2.0, g2=g2), np.array([0.01, 0.1, 1.0])
    found = particle_ensemble(model, initial.point([1.9998]), times=times, trajectories=4, rng=17)
    exact = solve_ivp(
        lambda t, x: (1.0 - 1.0 / (2.0 - x)) * x, (0.0, 1.0), [1.9998], t_eval=times, rtol=1e-10, method="LSODA"
    ).y[0]
    assert found.levels[:, 0, 0] == pytest.approx(exact, rel=1e-3)


def test_numbers_depend_on_seed_and_trajectory_only():
    model, start, times = dyson(g2=0.05, levels=3), initial.point([-0.5, 0.0, 0.6]), np.array([0.2, 0.5])
    alone = particle_ensemble(model, start, times=times, trajectories=300, rng=18)
    shared = particle_ensemble(model, start, times=times, trajectories=300, rng=18, workers=2)
    fewer = particle_ensemble(model, start, times=times, trajectories=70, rng=18)
    other = particle_ensemble(model, start, times=times, trajectories=70, rng=19)
    assert np.array_equal(alone.levels, shared.levels)
    assert np.array_equal(alone.levels[:, :70], fewer.levels)
    assert not np.any(other.levels == fewer.levels)
    assert (shared.steps, shared.exchanges) == (alone.steps, alone.exchanges)


def test_standard_errors_are_what_repeated_runs_scatter_by():
    model, start, times = dyson(g2=0.05, levels=2), initial.pair(0.3, 0.2), np.array([0.5])
    runs = [evolve_particles(model, start, times=times, trajectories=300, rng=seed) for seed in range(80)]
    for value in ("mean", "std", "correlation"):
        scatter = np.std([getattr(run, value) for run in runs], axis=0)
        stated = np.mean([getattr(run, f"{value}_error") for run in runs], axis=0)
        assert scatter == pytest.approx(stated, rel=4.0 / np.sqrt(2.0 * 80))
    fixed = [
        evolve_particles(model, start, times=times, trajectories=300, rng=seed, cells=8, domain=(-0.5, 1.0))
        for seed in range(80)
    ]
    scatter = np.std([run.density for run in fixed], axis=0)
    stated = np.mean([run.density_error for run in fixed], axis=0)
    often = np.mean([run.density for run in fixed], axis=0) > 0.2
    assert scatter[often] == pytest.approx(stated[often], rel=5.0 / np.sqrt(2.0 * 80))


def test_the_record_of_an_evolution():
    times = np.array([0.5, 1.0, 2.0])
    model = laguerre(rows=4, levels=3, temperature=0.1)
    seen = []
    evolution = evolve(
        model,
        initial.marchenko_pastur(4, 0.02, levels=3),
        times=times,
        method="particles",
        trajectories=2000,
        rng=20,
        progress=lambda done, total: seen.append((done, total)),
    )
    widths = np.diff(evolution.edges, axis=1)
    assert evolution.method == "particles"
    assert evolution.density.shape == (3, 3, widths.shape[1])
    assert np.sum(evolution.density * widths, axis=2) == pytest.approx(1.0, abs=1e-12)
    assert np.sum(evolution.initial_density * widths, axis=1) == pytest.approx(1.0, abs=1e-12)
    assert evolution.mass == pytest.approx(1.0, abs=0.0)
    assert evolution.density_error.shape == evolution.density.shape
    assert evolution.correlation.shape == (3, 2)
    assert evolution.edges.min() >= 0.0
    assert seen[-1][0] == seen[-1][1]
    last = evolution.at(np.array([2]))
    assert np.array_equal(last.correlation, evolution.correlation[2:])
    assert np.array_equal(last.std_error, evolution.std_error[2:])
    binned = np.sum(evolution.density * widths * evolution.x, axis=2)
    assert binned == pytest.approx(evolution.mean, rel=1e-2)


def test_mass_outside_a_given_domain_is_missing():
    model, start = dyson(g2=0.5), initial.point([0.0])
    evolution = evolve_particles(
        model, start, times=np.array([20.0]), trajectories=4000, cells=50, domain=(-0.5, 5.0), rng=21
    )
    expected = stats.norm(0.0, np.sqrt(0.5)).cdf(5.0) - stats.norm(0.0, np.sqrt(0.5)).cdf(-0.5)
    assert evolution.mass[0] == pytest.approx(expected, abs=4.0 * np.sqrt(0.25 / 4000))
    assert evolution.edges[0, [0, -1]].tolist() == [-0.5, 5.0]


PAIR = dyson(g2=0.05, levels=2)


@pytest.mark.parametrize(
    ("model", "start", "options", "error", "words"),
    [
        (PAIR, initial.point([0.5, 0.5]), {}, ModelError, "levels repel"),
        (PAIR, initial.point([0.5]), {}, ModelError, "has 1 levels"),
        (jacobi(p=0.5, q=0.5), initial.point([1.5]), {}, ModelError, "outside the walls"),
        (PAIR, initial.point([0.0, 1.0]), {"trajectories": 0}, ModelError, "trajectories"),
        (PAIR, initial.point([0.0, 1.0]), {"step": -1.0}, ModelError, "step"),
        (PAIR, initial.point([0.0, 1.0]), {"trajectories": 400_000_000}, MethodError, "GiB"),
        (PAIR, initial.point([0.0, 1.0]), {"modes": 20}, MethodError, "modes"),
        (jacobi(p=-0.8, q=0.5), initial.point([0.5]), {}, MethodError, "stick"),
        (dyson(g2=0.05, levels=2, beta=2.0), "stationary", {}, MethodError, "beta = 1"),
        (dyson(g2=0.05), initial.point([0.0]), {"method": "legendre", "trajectories": 10}, MethodError, "particles"),
    ],
)
def test_what_is_refused(model, start, options, error, words):
    with pytest.raises(error, match=words):
        evolve(model, start, times=[1.0], **({"method": "particles"} | options))


@pytest.mark.parametrize("boundary", ["absorbing", "periodic"])
def test_other_walls_are_refused_with_what_remains(boundary):
    model = potential(np.cos, lambda x: -np.sin(x), lambda x: -np.cos(x), domain=(0.0, 2.0 * np.pi), g2=0.1)
    model = replace(model, boundary=(boundary, boundary))
    with pytest.raises(MethodError, match="what remains: scharfetter_gummel"):
        evolve(model, initial.point([3.0]), times=[1.0], method="particles")


def test_steps_are_those_of_one_trajectory():
    """A free level takes equal steps; repelling ones take more, and the mean of the trajectories is rounded up."""
    lone, times = dyson(g2=0.05), np.array([1.0, 2.5])
    ensemble = particle_ensemble(lone, initial.point([0.0]), times=times, trajectories=300, step=0.05, rng=22)
    assert ensemble.steps == 300 * 50
    evolution = evolve_particles(lone, initial.point([0.0]), times=times, trajectories=300, step=0.05, rng=22)
    assert evolution.steps == 50
    start = initial.point([-0.1, 0.0, 0.1])
    pushed = particle_ensemble(dyson(g2=0.05, levels=3), start, times=times, trajectories=77, rng=22)
    evolution = evolve_particles(dyson(g2=0.05, levels=3), start, times=times, trajectories=77, rng=22)
    assert pushed.steps > 77 * 2.5 / default_step(lone)
    assert evolution.steps == -(-pushed.steps // 77)


PAIR_FREE = dyson(g2=0.05)


def test_cells_graded_beside_no_wall_are_refused():
    with pytest.raises(GridError, match="lower wall -inf"):
        evolve(PAIR_FREE, initial.point([0.0]), times=[0.1], method="particles", trajectories=20, grading="sqrt")
    with pytest.raises(GridError, match="begin at the lower wall 0, the levels at -1"):
        evolve(
            laguerre(rows=4, levels=2, temperature=0.1),
            initial.marchenko_pastur(4, 0.02, levels=2),
            times=[0.1],
            method="particles",
            trajectories=20,
            domain=(-1.0, 3.0),
        )
