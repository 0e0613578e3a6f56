"""The log-gas closure against laws that are known exactly: random matrices, Laguerre and Dyson gases, the stationary gas."""

import numpy as np
import pytest

from fpsolve.errors import ConvergenceError, GridError, MethodError, ModelError
from fpsolve.exact.coulomb_gas import ordered_gas
from fpsolve.models.dyson import dyson
from fpsolve.models.initial import gaussian, marchenko_pastur, pair, point, samples, truncated
from fpsolve.models.laguerre import laguerre
from fpsolve.models.lattice import lattice_scalar_1d
from fpsolve.models.rbm import rbm
from fpsolve.models.schedule import Schedule
from fpsolve.solvers.evolve import evolve
from fpsolve.solvers.log_gas_family import LogGasFamily
from fpsolve.solvers.log_gas_grid import LogGasGrid
from fpsolve.solvers.methods import choose_method, fitting_methods

ROWS, LEVELS, DECAY, TEMPERATURE, VARIANCE = 7, 4, 1.0, 0.1, 0.4


def cell_masses(evolution):
    return evolution.density * np.diff(evolution.edges, axis=1)


def l1_errors(masses, edges, gas):
    """L1 distance of every level's cell masses to those of an exact gas."""
    return [np.abs(row - np.diff(law.cdf(edges))).sum() for row, law in zip(masses, gas.laws, strict=True)]


def wishart_gas(variance):
    return ordered_gas(laguerre(rows=ROWS, levels=LEVELS, temperature=variance).levels)


def solve_laguerre(cells, **options):
    model = laguerre(rows=ROWS, levels=LEVELS, temperature=TEMPERATURE, weight_decay=DECAY)
    start = marchenko_pastur(ROWS, VARIANCE, levels=LEVELS)
    grid = {"domain": (0.0, 25.0), "grading": "sqrt", "cells": cells}
    return evolve(model, start, times=[0.2, 1.0], method="log_gas", **grid, **options)


class TestLaguerre:
    """Entries of W are Ornstein–Uhlenbeck processes, so the law stays that of a random matrix: no closure error."""

    @staticmethod
    def exact(time):
        decay = np.exp(-2.0 * DECAY * time)
        return wishart_gas(VARIANCE * decay + TEMPERATURE / DECAY * (1.0 - decay))

    def test_second_order_and_limit(self):
        errors = []
        for cells in (60, 120, 240):
            evolution = solve_laguerre(cells, rtol=1e-4)
            masses = cell_masses(evolution)
            errors.append(
                [max(l1_errors(masses[k], evolution.edges[0], self.exact(t))) for k, t in enumerate([0.2, 1.0])]
            )
        errors = np.array(errors)
        orders = np.log2(errors[:-1] / errors[1:])
        assert np.all(np.abs(orders[-1] - 2.0) < 0.1), (errors, orders)
        assert errors[-1].max() < 3e-3, errors

    def test_start_is_the_law_of_a_random_matrix(self):
        errors = []
        for cells in (60, 120):
            evolution = solve_laguerre(cells, rtol=0.1)
            masses = evolution.initial_density * np.diff(evolution.edges, axis=1)
            errors.append(max(l1_errors(masses, evolution.edges[0], wishart_gas(VARIANCE))))
        assert abs(np.log2(errors[0] / errors[1]) - 2.0) < 0.1, errors
        assert errors[1] < 2e-3, errors

    def test_extrapolation_in_the_cells(self):
        plain, better = solve_laguerre(120, rtol=1e-4), solve_laguerre(120, rtol=1e-4, richardson=True)
        exact = self.exact(1.0)
        errors = [np.max(np.abs(e.mean[1] - exact.mean) / exact.std) for e in (plain, better)]
        assert errors[1] < 0.05 * errors[0], errors
        np.testing.assert_allclose(better.std[1], exact.std, rtol=1e-3)
        assert better.grid_error is not None
        error = max(l1_errors(cell_masses(plain)[1], plain.edges[0], exact))
        assert better.grid_error[1] == pytest.approx(0.25 * error, rel=0.1)

    def test_error_of_the_steps_is_bounded_by_the_estimate(self):
        fine = solve_laguerre(60, rtol=2e-5)
        for rtol in (0.1, 0.01, 1e-3):
            rough = solve_laguerre(60, rtol=rtol)
            error = np.abs(cell_masses(rough) - cell_masses(fine)).sum(axis=2).max()
            assert error < rough.error_estimate <= rtol, (rtol, error, rough.error_estimate)
        assert fine.steps > 4 * rough.steps

    def test_nothing_is_lost_and_nothing_is_negative(self):
        evolution = solve_laguerre(60)
        np.testing.assert_allclose(cell_masses(evolution).sum(axis=2), 1.0, rtol=1e-13)
        np.testing.assert_allclose(evolution.mass, 1.0, rtol=1e-13)
        assert np.all(evolution.minimum >= 0.0)

    def test_largest_step(self):
        assert solve_laguerre(60, step=0.02).steps >= 50


def dyson_samples(start, time, g2, rng):
    """Eigenvalues of a symmetric Ornstein–Uhlenbeck matrix (stiffness 1) that was diagonal at time 0."""
    replicas, n = start.shape
    variance = g2 * (1.0 - np.exp(-2.0 * time))
    noise = np.sqrt(0.5 * variance) * rng.standard_normal((replicas, n, n))
    matrices = (noise + noise.transpose(0, 2, 1)) / np.sqrt(2.0)
    matrices[:, range(n), range(n)] += np.exp(-time) * start
    return np.linalg.eigvalsh(matrices)


class TestDyson:
    def test_four_levels_against_matrices(self):
        """2e5 samples: standard errors of 0.002 in units of the standard deviation."""
        start = gaussian([0.3, 0.8, 1.3, 1.8], 0.1)
        times = [0.3, 1.0, 3.0]
        evolution = evolve(dyson(levels=4, g2=0.05), start, times=times, cells=320)
        assert evolution.method == "log_gas"
        rng = np.random.default_rng(11)
        replicas = start.sample(200_000, rng)
        for k, time in enumerate(times):
            levels = dyson_samples(replicas, time, 0.05, rng)
            mean, std = levels.mean(axis=0), levels.std(axis=0)
            shifts, widths = (evolution.mean[k] - mean) / std, evolution.std[k] / std - 1.0
            assert np.all(np.abs(shifts) < 0.025), (time, shifts)
            assert np.all(np.abs(widths) < 0.05), (time, widths)
        correlation = np.corrcoef(levels.T)[range(3), range(1, 4)]
        np.testing.assert_allclose(evolution.correlation[2], correlation, atol=0.03)

    def test_pair_with_steps_in_the_noise(self):
        """From the eigenvalues of a random 2×2 matrix the law stays one, of variance v with v' = 2g²(t) − 2v."""
        schedule = Schedule(learning_rate=((0.0, 0.01), (0.5, 0.002)), kind="piecewise")
        model = dyson(levels=2, g2=0.05, schedule=schedule)
        evolution = evolve(
            model, pair(0.3, 0.4), times=[0.5, 1.0], method="log_gas", cells=200, richardson=True, rtol=1e-4
        )
        variance = 0.16
        for k, g2 in enumerate([0.05, 0.01]):
            decay = np.exp(-1.0)
            variance = variance * decay + g2 * (1.0 - decay)
            exact = pair(0.3 * np.exp(-0.5 * (k + 1)), np.sqrt(variance))
            np.testing.assert_allclose(evolution.mean[k], exact.mean, atol=1e-3 * exact.std[0])
            np.testing.assert_allclose(evolution.std[k], exact.std, rtol=1e-3)

    def test_start_from_samples(self):
        start = gaussian([0.3, 0.8, 1.3], 0.1)
        drawn = samples(start.sample(50_000, np.random.default_rng(5)))
        model = dyson(levels=3, g2=0.05)
        smooth, rough = (evolve(model, law, times=[0.5], cells=160, method="log_gas") for law in (start, drawn))
        np.testing.assert_allclose(rough.mean, smooth.mean, atol=0.02 * smooth.std.min())
        np.testing.assert_allclose(rough.std, smooth.std, rtol=0.02)


class TestStationary:
    MODEL = rbm(kappa=[1.6, 1.0, 1.0, 0.7], mu2=2.0, g2=[0.004, 0.01, 0.01, 0.02])

    def test_exact_gas_is_the_fixed_point(self):
        exact = ordered_gas(self.MODEL.levels)
        errors = []
        for cells in (100, 200, 400):
            evolution = evolve(self.MODEL, "stationary", times=[0.1, 20.0], cells=cells, method="log_gas")
            settled = evolution.initial_density
            change = np.abs(cell_masses(evolution)[1] - settled * np.diff(evolution.edges, axis=1)).sum(axis=1)
            assert change.max() < 1e-11, change
            errors.append(max(l1_errors(cell_masses(evolution)[1], evolution.edges[0], exact)))
        orders = np.log2(np.array(errors[:-1]) / errors[1:])
        assert abs(orders[-1] - 2.0) < 0.1, (errors, orders)
        assert errors[-1] < 2e-3, errors
        np.testing.assert_allclose(evolution.correlation[1], exact.correlations, atol=2e-3)

    def test_everything_ends_there(self):
        exact = ordered_gas(self.MODEL.levels)
        start = gaussian([0.2, 0.5, 0.9, 1.4], [0.05, 0.05, 0.05, 0.05])
        evolution = evolve(self.MODEL, start, times=[400.0], cells=240, method="log_gas")
        np.testing.assert_allclose(evolution.mean[0], exact.mean, atol=2e-3 * exact.std.min())
        np.testing.assert_allclose(evolution.std[0], exact.std, rtol=2e-3)


class TestFamily:
    def test_fit_returns_the_weights(self):
        """Marginals of a known log-gas are fitted by its own weights, up to a factor per level."""
        grid = LogGasGrid(-3.0, 4.0, 100)
        family = LogGasFamily(grid, 3)
        log_weights = -0.5 * (grid.x - np.array([[-0.5], [0.2], [1.0]])) ** 2 / 0.3
        _, masses = family.member(log_weights, np.array([-0.8, 0.2, 1.2]))
        fitted = family.fitted(masses, np.zeros_like(masses), tolerance=1e-13)
        for wanted, found, weight in zip(log_weights, fitted.weights, masses, strict=True):
            bulk = weight > 1e-6
            difference = np.log(found[bulk]) - wanted[bulk]
            assert np.ptp(difference) < 1e-6

    def test_against_sums_over_all_configurations(self):
        """Marginals and correlations of three levels on 17 cells: sums over all triples with half ties."""
        grid = LogGasGrid(0.0, 2.0, 17, 0.3)
        family = LogGasFamily(grid, 3)
        weights = np.random.default_rng(3).uniform(0.5, 1.5, (3, 17))
        law, masses = family.member(np.log(weights), np.array([0.4, 0.8, 1.4]))
        x = grid.x
        a, b, c = np.meshgrid(x, x, x, indexing="ij")
        joint = np.where((a < b) & (b < c), (b - a) * (c - a) * (c - b), 0.0)
        joint *= weights[0][:, None, None] * weights[1][:, None] * weights[2]
        joint /= joint.sum()
        for level, others in enumerate([(1, 2), (0, 2), (0, 1)]):
            np.testing.assert_allclose(masses[level], joint.sum(axis=others), atol=1e-14)
        for i, (low, high) in enumerate([(a, b), (b, c)]):
            means = [np.sum(joint * value) for value in (low, high)]
            stds = [
                np.sqrt(np.sum(joint * (value - mean) ** 2)) for value, mean in zip((low, high), means, strict=True)
            ]
            expected = np.sum(joint * (low - means[0]) * (high - means[1])) / np.prod(stds)
            found = family.adjacent(law, i)
            # Midpoints of cells in x, which the grading moves in second order.
            assert found.correlation == pytest.approx(expected, abs=1e-4)
            np.testing.assert_allclose(found.masses, joint.sum(axis=2 - 2 * i), atol=1e-14)

    def test_marginals_of_no_log_gas(self):
        """Two levels in the wrong order share no configuration."""
        grid = LogGasGrid(0.0, 1.0, 32)
        masses = np.zeros((2, 32))
        masses[0, 20:24] = masses[1, 8:12] = 0.25
        with pytest.raises(ConvergenceError, match="no log-gas"):
            LogGasFamily(grid, 2).fitted(masses, np.zeros_like(masses), tolerance=1e-9)


class TestRefusals:
    def test_default_for_more_than_two_levels(self):
        assert choose_method("evolve", dyson(levels=3, g2=0.1), None) == "log_gas"
        assert choose_method("evolve", dyson(levels=12, g2=0.1), None) == "log_gas"

    def test_other_repulsions_and_too_many_levels(self):
        assert "log_gas" not in fitting_methods("evolve", dyson(levels=4, g2=0.1, beta=2.0))
        with pytest.raises(MethodError, match="beta = 1, the model has 2"):
            choose_method("evolve", dyson(levels=4, g2=0.1, beta=2.0), "log_gas")
        with pytest.raises(MethodError, match=r"2 to 16 levels.*what remains: particles"):
            choose_method("evolve", dyson(levels=17, g2=0.1), "log_gas")

    def test_options_of_other_methods(self):
        with pytest.raises(MethodError, match="modes is an option"):
            evolve(dyson(levels=3, g2=0.1), "stationary", times=[1.0], modes=8)
        with pytest.raises(MethodError, match="trajectories is an option"):
            evolve(dyson(levels=3, g2=0.1), "stationary", times=[1.0], trajectories=8)

    def test_starts_that_do_not_fit(self):
        model = dyson(levels=3, g2=0.1)
        with pytest.raises(GridError, match="start at the same place"):
            evolve(model, point([0.0, 0.0, 1.0]), times=[1.0], method="log_gas")
        with pytest.raises(ModelError, match="has 2 levels"):
            evolve(model, pair(0.0, 1.0), times=[1.0], method="log_gas")
        with pytest.raises(GridError, match="no mass"):
            evolve(model, gaussian([5.0, 6.0, 7.0], 0.1), times=[1.0], domain=(-3.0, 3.0), method="log_gas")
        with pytest.raises(GridError, match="within the walls"):
            evolve(laguerre(rows=4, levels=3, temperature=1.0), "stationary", times=[1.0], domain=(-1.0, 3.0))

    @pytest.mark.parametrize("method", ["log_gas", "markov_log_gas"])
    def test_a_start_of_which_the_walls_leave_less_than_half(self, method):
        """The lower level is cut to 0.37 of its law; two levels so far apart start independently."""
        model = rbm(kappa=[6.0, 4.0], mu2=9.0, g2=0.1)
        start = truncated(gaussian([-0.1, 2.0], 0.3), 0.0, 9.0)
        found, exact = (evolve(model, start, times=[0.01], method=name) for name in (method, "chamber"))
        np.testing.assert_allclose(found.mean, exact.mean, atol=0.004)
        np.testing.assert_allclose(found.mass, 1.0, atol=1e-4)

    def test_points_that_are_apart(self):
        evolution = evolve(dyson(levels=3, g2=0.05), point([-1.0, 0.0, 1.0]), times=[4.0], method="log_gas")
        exact = ordered_gas(dyson(levels=3, g2=0.05).levels)
        np.testing.assert_allclose(evolution.std[0], exact.std, rtol=0.01)


@pytest.mark.slow
def test_ten_levels_against_trajectories():
    """A lattice field is learned: total variation (48 bins in √x) at most 0.025 above what sampling explains."""
    target = lattice_scalar_1d(10, mass2=4.0)
    fixed = 9.0 - np.array(target.kappa)
    overlap = (fixed / 9.0) ** 2
    strength = 2.0 * 0.01 / 16.0 * (fixed / target.kappa) ** 2 * ((1.0 + overlap) / (1.0 - overlap) + 1.0)
    model = rbm(target=target, mu2=9.0, g2=list(strength))
    start = marchenko_pastur(10, 0.1, levels=10)
    times = [2.0, 10.0, 30.0]
    evolution = evolve(model, start, times=times, cells=400)
    trajectories = evolve(model, start, times=times, method="particles", trajectories=4000, rng=7, cells=400)
    bins = np.linspace(0.0, 3.0, 49) ** 2
    for k in range(len(times)):
        shifts = (evolution.mean[k] - trajectories.mean[k]) / trajectories.std[k]
        assert np.all(np.abs(shifts) < 0.03 + 4.0 / np.sqrt(4000)), shifts
        assert np.all(np.abs(evolution.std[k] / trajectories.std[k] - 1.0) < 0.05 + 4.0 / np.sqrt(8000))
        for level in range(10):
            shares = [np.diff(run.law(k, level).cdf(bins)) for run in (evolution, trajectories)]
            sampling = np.sum(np.sqrt(shares[0] * (1.0 - shares[0]) / 4000)) / np.sqrt(2.0 * np.pi)
            assert 0.5 * np.abs(shares[0] - shares[1]).sum() < 0.025 + 1.3 * sampling, (k, level)
