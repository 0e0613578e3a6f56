"""The Markov log-gas closure against random matrices, the chamber, sums over all configurations, and identities."""

import sys
from pathlib import Path

import numpy as np
import pytest

from fpsolve.errors import ConvergenceError, GridError, MethodError, ModelError
from fpsolve.exact.coulomb_gas import ordered_gas
from fpsolve.models.dyson import dyson
from fpsolve.models.initial import gaussian, marchenko_pastur, pair, point, samples
from fpsolve.models.laguerre import laguerre
from fpsolve.models.lattice import lattice_scalar_1d
from fpsolve.models.rbm import rbm
from fpsolve.models.schedule import Schedule
from fpsolve.solvers.evolve import evolve
from fpsolve.solvers.log_gas_flow import Drift
from fpsolve.solvers.log_gas_grid import LogGasGrid
from fpsolve.solvers.log_gas_start import start_of
from fpsolve.solvers.markov_log_gas import solve_on_cells
from fpsolve.solvers.markov_log_gas_family import FORCES, MarkovFamily
from fpsolve.solvers.markov_log_gas_flow import moved
from fpsolve.solvers.markov_log_gas_start import start_pairs
from fpsolve.solvers.methods import choose_method, fitting_methods

METHOD = "markov_log_gas"
MIXED = rbm(kappa=[1.6, 1.0, 1.0, 0.7], mu2=2.0, g2=[0.004, 0.01, 0.01, 0.02])


def cell_masses(evolution):
    return evolution.density * np.diff(evolution.edges, axis=1)


def dyson_samples(start, time, g2, rng):
    """Eigenvalues of a symmetric Ornstein–Uhlenbeck matrix (stiffness 1) that was diagonal at time 0."""
    replicas, n = start.shape
    variance = g2 * (1.0 - np.exp(-2.0 * time))
    noise = np.sqrt(0.5 * variance) * rng.standard_normal((replicas, n, n))
    matrices = (noise + noise.transpose(0, 2, 1)) / np.sqrt(2.0)
    matrices[:, range(n), range(n)] += np.exp(-time) * start
    return np.linalg.eigvalsh(matrices)


class TestPair:
    """Two levels are not closed: from the eigenvalues of a random 2×2 matrix the law stays one, v' = 2g² − 2v."""

    MODEL, START, TIMES = dyson(levels=2, g2=0.01), pair(0.3, 0.05), np.array([0.3, 1.0])

    @staticmethod
    def exact(time):
        return pair(0.3 * np.exp(-time), np.sqrt(0.01 + (0.05**2 - 0.01) * np.exp(-2.0 * time)))

    def test_second_order_and_limit(self):
        errors = []
        for cells in (60, 120, 240):
            grid = LogGasGrid(-0.7, 0.7, cells)
            found = solve_on_cells(self.MODEL, start_of(self.MODEL, self.START), grid, times=self.TIMES, rtol=1e-4)
            errors.append(
                [
                    max(np.abs(cell_masses(found)[k, i] - self.exact(t).masses(grid.edges, i)).sum() for i in (0, 1))
                    for k, t in enumerate(self.TIMES)
                ]
            )
        errors = np.array(errors)
        orders = np.log2(errors[:-1] / errors[1:])
        assert np.all(np.abs(orders - 2.0) < 0.1), (errors, orders)
        assert errors[-1].max() < 3e-3, errors

    def test_what_is_left_after_extrapolation(self):
        errors = []
        for cells in (80, 160):
            found = evolve(
                self.MODEL, self.START, times=self.TIMES, method=METHOD, cells=cells, domain=(-0.7, 0.7), rtol=1e-4
            )
            shifts = [
                [found.mean[k] / exact.std - exact.mean / exact.std, found.std[k] / exact.std - 1.0]
                for k, exact in enumerate(map(self.exact, self.TIMES))
            ]
            errors.append(np.abs(shifts).max())
        assert np.log2(errors[0] / errors[1]) > 3.5, errors
        assert errors[1] < 3e-4, errors
        wanted = np.array([self.exact(1.0).masses(found.edges[0], i) for i in (0, 1)])
        assert np.abs(cell_masses(found)[1] - wanted).sum(axis=1).max() < 1e-3
        # What was cancelled is stated: the error of the cells without extrapolation, which falls with order 2.
        grid = LogGasGrid(-0.7, 0.7, 160)
        plain = solve_on_cells(self.MODEL, start_of(self.MODEL, self.START), grid, times=self.TIMES, rtol=1e-4)
        error = np.abs(cell_masses(plain)[1] - wanted).sum(axis=1).max()
        assert found.grid_error[1] == pytest.approx(error, rel=0.1)

    def test_correlation_and_spacing(self):
        found = evolve(self.MODEL, self.START, times=[1.0], method=METHOD, cells=160, domain=(-0.7, 0.7))
        exact = self.exact(1.0)
        # x1 + x2 has the variance 2 s² of the trace, x2 − x1 the mean √π s of the surmise.
        variance = exact.width**2
        correlation = (2.0 * variance - 2.0 * exact.std[0] ** 2) / (2.0 * exact.std[0] ** 2)
        assert found.correlation[0, 0] == pytest.approx(correlation, abs=2e-4)
        edges, density = found.pairs.spacing_edges[0], found.pairs.spacing_density[0, 0]
        surmise = -np.diff(np.exp(-(edges**2) / (4.0 * variance)))
        assert np.abs(density * np.diff(edges) - surmise).sum() < 0.02

    def test_steps_in_the_noise(self):
        schedule = Schedule(learning_rate=((0.0, 0.01), (0.5, 0.002)), kind="piecewise")
        model = dyson(levels=2, g2=0.05, schedule=schedule)
        found = evolve(model, pair(0.3, 0.4), times=[0.5, 1.0], method=METHOD, cells=400, rtol=1e-3)
        variance = 0.16
        for k, g2 in enumerate([0.05, 0.01]):
            variance = g2 + (variance - g2) * np.exp(-1.0)
            exact = pair(0.3 * np.exp(-0.5 * (k + 1)), np.sqrt(variance))
            np.testing.assert_allclose(found.mean[k], exact.mean, atol=1e-3 * exact.std[0])
            np.testing.assert_allclose(found.std[k], exact.std, rtol=1e-3)


class TestManyLevels:
    def test_four_levels_against_matrices(self):
        """2e5 samples: standard errors of 0.0022 and 0.0016 in units of the standard deviation."""
        start, times = gaussian([0.3, 0.8, 1.3, 1.8], 0.1), [0.3, 1.0, 3.0]
        found = evolve(dyson(levels=4, g2=0.05), start, times=times, method=METHOD)
        rng = np.random.default_rng(11)
        replicas = start.sample(200_000, rng)
        for k, time in enumerate(times):
            levels = dyson_samples(replicas, time, 0.05, rng)
            mean, std = levels.mean(axis=0), levels.std(axis=0)
            shifts, widths = (found.mean[k] - mean) / std, found.std[k] / std - 1.0
            assert np.all(np.abs(shifts) < 0.01), (time, shifts)
            assert np.all(np.abs(widths) < 0.01), (time, widths)
            correlation = np.corrcoef(levels.T)[range(3), range(1, 4)]
            np.testing.assert_allclose(found.correlation[k], correlation, atol=0.02)

    def test_random_weights_stay_random_weights(self):
        """Entries of W are Ornstein–Uhlenbeck processes: a law of the closure at all times, singular at the wall."""
        model = laguerre(rows=7, levels=4, temperature=0.1, weight_decay=1.0)
        found = evolve(model, marchenko_pastur(7, 0.4, levels=4), times=[0.2, 1.0], method=METHOD, cells=200, rtol=2e-3)
        for k, time in enumerate(found.times):
            variance = 0.1 + 0.3 * np.exp(-2.0 * time)
            exact = ordered_gas(laguerre(rows=7, levels=4, temperature=variance).levels)
            assert np.abs((found.mean[k] - exact.mean) / exact.std).max() < 1e-3
            np.testing.assert_allclose(found.std[k], exact.std, rtol=1e-3)
            np.testing.assert_allclose(found.correlation[k], exact.correlations, atol=1e-3)

    def test_mixed_noise_against_the_chamber(self):
        """Three levels with noises that differ fivefold; the chamber knows the law of all three."""
        model = rbm(kappa=[1.6, 1.0, 0.7], mu2=2.0, g2=[0.004, 0.01, 0.02])
        start = gaussian([0.2, 0.7, 1.2], 0.08)
        found = evolve(model, start, times=[1.0, 4.0], method=METHOD, cells=160)
        exact = evolve(model, start, times=[1.0, 4.0], method="chamber", cells=72, richardson=True, rtol=1e-4)
        assert np.abs((found.mean - exact.mean) / exact.std).max() < 0.01
        np.testing.assert_allclose(found.std, exact.std, rtol=0.01)
        np.testing.assert_allclose(found.correlation, exact.correlation, atol=0.015)

    def test_everything_ends_in_the_exact_gas(self):
        exact = ordered_gas(MIXED.levels)
        start = gaussian([0.2, 0.5, 0.9, 1.4], 0.05)
        found = evolve(MIXED, start, times=[400.0], cells=128, method=METHOD)
        assert np.abs((found.mean[0] - exact.mean) / exact.std).max() < 3e-3
        np.testing.assert_allclose(found.std[0], exact.std, rtol=3e-3)
        np.testing.assert_allclose(found.correlation[0], exact.correlations, atol=3e-3)

    def test_nothing_is_lost_and_nothing_is_negative(self):
        found = evolve(MIXED, gaussian([0.2, 0.5, 0.9, 1.4], 0.05), times=[0.1, 3.0], cells=120, method=METHOD)
        np.testing.assert_allclose(cell_masses(found).sum(axis=2), 1.0, rtol=1e-13)
        np.testing.assert_allclose(found.mass, 1.0, rtol=1e-13)
        assert np.all(found.minimum >= 0.0)
        assert 0.0 < found.error_estimate <= 0.05


class TestStarts:
    def test_stationary_start_stays(self):
        found = evolve(MIXED, "stationary", times=[0.1, 20.0], cells=120, method=METHOD)
        change = np.abs(found.density[1] - found.density[0]) * np.diff(found.edges, axis=1)
        assert change.sum(axis=1).max() < 1e-8

    def test_no_time_no_change(self):
        """Random weights are a log-gas: both closures start from the same law, on the same cells."""
        model, start = laguerre(rows=7, levels=4, temperature=0.1), marchenko_pastur(7, 0.4, levels=4)
        grid = {"domain": (0.0, 25.0), "grading": "sqrt", "cells": 120}
        found = evolve(model, start, times=[1e-12], method=METHOD, **grid)
        other = evolve(model, start, times=[1e-12], method="log_gas", **grid)
        widths = np.diff(found.edges, axis=1)
        assert (np.abs(found.initial_density - other.initial_density) * widths).sum(axis=1).max() < 1e-9
        grid = LogGasGrid(0.0, 25.0, 120, np.inf)
        plain = solve_on_cells(model, start_of(model, start), grid, times=np.array([1e-12]), rtol=0.05)
        assert (np.abs(plain.density[0] - plain.initial_density) * widths).sum(axis=1).max() < 1e-8

    def test_draws(self):
        start = gaussian([0.3, 0.8, 1.3], 0.1)
        drawn = samples(start.sample(50_000, np.random.default_rng(5)))
        model = dyson(levels=3, g2=0.05)
        smooth, rough = (evolve(model, law, times=[0.5], cells=120, method=METHOD) for law in (start, drawn))
        np.testing.assert_allclose(rough.mean, smooth.mean, atol=0.02 * smooth.std.min())
        np.testing.assert_allclose(rough.std, smooth.std, rtol=0.02)

    def test_gaussian_levels_that_meet(self):
        """Conditioned on their order they share cells: masses of ties are moved by half a cell, an error of second order."""
        start = gaussian([0.0, 0.1], 0.1)
        model = dyson(levels=2, g2=0.05)
        found = evolve(model, start, times=[0.2], cells=160, method=METHOD, rtol=1e-3)
        exact = evolve(model, start, times=[0.2], cells=160, method="chamber", richardson=True)
        np.testing.assert_allclose(found.mean, exact.mean, atol=2e-3 * exact.std.min())
        np.testing.assert_allclose(found.std, exact.std, rtol=2e-3)

    def test_points(self):
        model = dyson(levels=3, g2=0.05)
        found = evolve(model, point([-1.0, 0.0, 1.0]), times=[0.5], method=METHOD)
        levels = dyson_samples(np.tile([-1.0, 0.0, 1.0], (200_000, 1)), 0.5, 0.05, np.random.default_rng(2))
        assert np.abs((found.mean[0] - levels.mean(axis=0)) / levels.std(axis=0)).max() < 0.01
        np.testing.assert_allclose(found.std[0], levels.std(axis=0), rtol=0.015)


class TestFamily:
    GRID = LogGasGrid(0.0, 2.0, 17, 0.3)
    WINDOWS = np.tile([[0, 17]], (3, 1))

    def joint(self):
        """All ordered configurations of three levels with random weights of neighbours."""
        rng, x = np.random.default_rng(3), self.GRID.x
        a, b, c = np.meshgrid(x, x, x, indexing="ij")
        weights = rng.uniform(0.5, 1.5, (17, 17, 1)) * rng.uniform(0.5, 1.5, (1, 17, 17))
        ordered = (a < b) & (b < c)
        joint = np.where(ordered, (b - a) * (c - a) * (c - b), 0.0) * weights
        return joint / joint.sum(), weights * ordered, (a, b, c)

    def fitted(self, joint):
        masses = joint.sum(axis=2), joint.sum(axis=0)
        guess = tuple(np.zeros((17, 17)) for _ in masses)
        return masses, MarkovFamily(self.GRID, 3).fitted(masses, self.WINDOWS, guess, tolerance=1e-13)

    def test_forces_against_sums_over_all_configurations(self):
        """The pairs determine the law; its conditional means of V(face)/V(cell) are sums over the third level."""
        joint, weights, (a, b, c) = self.joint()
        masses, law = self.fitted(joint)
        x, edges = self.GRID.x, self.GRID.edges
        cell = np.arange(17)
        free = cell[:, None, None] + 1 < cell[None, :, None]  # the lower of two levels can go up
        free_above = (cell[:, None] + 1 < cell)[None]
        scale = joint.sum() / (weights * (b - a) * (c - a) * (c - b)).sum()
        flows = {
            (0, 0): weights * free * (b - edges[1:, None, None]) * (c - edges[1:, None, None]) * (c - b),
            (0, 1): weights * (b - edges[:-1, None, None]) * (c - edges[:-1, None, None]) * (c - b),
            (0, 2): weights * free_above * (edges[1:, None] - a) * (c - a) * (c - edges[1:, None]),
            (0, 3): weights * free * (edges[:-1, None] - a) * (c - a) * (c - edges[:-1, None]),
            (1, 0): weights * free_above * (edges[1:, None] - a) * (c - a) * (c - edges[1:, None]),
            (1, 1): weights * free * (edges[:-1, None] - a) * (c - a) * (c - edges[:-1, None]),
            (1, 2): weights * (b - a) * (edges[1:] - a) * (edges[1:] - b),
            (1, 3): weights * free_above * (b - a) * (edges[:-1] - a) * (edges[:-1] - b),
        }
        lower, upper = x[:, None], x[None, :]
        ends = [(edges[1:, None], upper), (edges[:-1, None], upper), (lower, edges[1:]), (lower, edges[:-1])]
        for (i, k), flow in flows.items():
            low, high = ends[k]
            own = (high - low) / np.where(upper > lower, upper - lower, 1.0)
            wanted = flow.sum(axis=2 - 2 * i) * scale
            found = masses[i] * np.exp(law.fields[i][FORCES][k]) * own
            # A pair on neighbouring cells cannot come closer; its rate is 0 and its force is not used.
            apart = cell[:, None] + (2 if k in (0, 3) else 1) <= cell
            np.testing.assert_allclose(found[apart & (wanted > 0.0)], wanted[apart & (wanted > 0.0)], rtol=1e-8)

    def test_both_pairs_move_their_common_level_alike(self):
        """The flow of a marginal is the same from the pair below and from the pair above."""
        model = MIXED
        grid = LogGasGrid(0.0, 1.9, 64)
        start = start_of(model, gaussian([0.2, 0.5, 0.9, 1.4], 0.08))
        family = MarkovFamily(grid, 4)
        windows, masses, guess, _ = start_pairs(start, family)
        law = family.fitted(masses, windows, guess, tolerance=1e-12)
        length = 1e-7
        after = moved(grid, windows, Drift.of(model, grid), law.fields, length, masses)
        rates = [[(new - old).sum(axis=k) / length for k in (0, 1)] for new, old in zip(after, masses, strict=True)]
        for i in (0, 1):
            size = np.abs(rates[i][0]).sum()
            assert size > 0.1
            assert np.abs(rates[i][0] - rates[i + 1][1]).sum() < 1e-5 * size

    def test_laws_that_do_not_fit_together(self):
        joint = self.joint()[0]
        masses = joint.sum(axis=2), np.roll(joint.sum(axis=0), (2, 2), axis=(0, 1))
        guess = tuple(np.zeros((17, 17)) for _ in masses)
        with pytest.raises(ConvergenceError, match="no law of the closure"):
            MarkovFamily(self.GRID, 3).fitted(masses, self.WINDOWS, guess, tolerance=1e-9)


class TestRefusals:
    def test_what_it_takes(self):
        assert METHOD in fitting_methods("evolve", dyson(levels=12, g2=0.1))
        assert METHOD not in fitting_methods("evolve", dyson(levels=4, g2=0.1, beta=2.0))
        assert choose_method("evolve", dyson(levels=5, g2=0.1), None) == "log_gas"
        with pytest.raises(MethodError, match="2 to 12 levels"):
            choose_method("evolve", dyson(levels=13, g2=0.1), METHOD)

    def test_options_and_starts(self):
        model = dyson(levels=3, g2=0.1)
        with pytest.raises(MethodError, match="modes is an option"):
            evolve(model, "stationary", times=[1.0], modes=8, method=METHOD)
        with pytest.raises(GridError, match="even number of cells"):
            evolve(model, "stationary", times=[1.0], cells=101, method=METHOD)
        with pytest.raises(GridError, match="start at the same place"):
            evolve(model, point([0.0, 0.0, 1.0]), times=[1.0], method=METHOD)
        with pytest.raises(GridError, match="no mass"):
            evolve(model, gaussian([5.0, 6.0, 7.0], 0.1), times=[1.0], domain=(-3.0, 3.0), method=METHOD)
        with pytest.raises(ModelError, match="has 2 levels"):
            evolve(model, pair(0.0, 1.0), times=[1.0], method=METHOD)

    def test_largest_step(self):
        start = gaussian([0.3, 0.8, 1.3], 0.1)
        assert evolve(dyson(levels=3, g2=0.05), start, times=[0.5], cells=64, method=METHOD, step=0.02).steps >= 25


@pytest.mark.slow
def test_ten_levels_against_trajectories():
    """A lattice field is learned: the trajectories of the reference table, in the time in which correlations matter most."""
    sys.path.insert(0, str(Path(__file__).parents[1] / "reference"))
    from compare import deviation, load

    target = lattice_scalar_1d(10, mass2=4.0)
    fixed = 9.0 - np.array(target.kappa)
    overlap = (fixed / 9.0) ** 2
    strength = 2.0 * 0.01 / 16.0 * (fixed / target.kappa) ** 2 * ((1.0 + overlap) / (1.0 - overlap) + 1.0)
    model = rbm(target=target, mu2=9.0, g2=list(strength))
    found = evolve(model, marchenko_pastur(10, 0.1, levels=10), times=[2.0, 10.0, 30.0], method=METHOD)
    deviations = deviation(found, load())
    assert deviations.moments_beyond(0.01) <= 0.0, deviations
    excess = np.abs(deviations.correlation) - 3.0 * deviations.correlation_error
    assert excess.max() <= 0.03, deviations
