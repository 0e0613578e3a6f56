"""Joint laws and spacings of adjacent levels from trajectories, against the exact gas and against their own marginals."""

import numpy as np
import pytest
from scipy import stats

from fpsolve.exact.coulomb_gas import ordered_gas
from fpsolve.models import dyson, initial
from fpsolve.solvers.particle_statistics import tabulate_ensemble
from fpsolve.solvers.particles import evolve_particles

MODEL = dyson(g2=[0.02, 0.05, 0.05], levels=3, centre=[-0.2, 0.0, 0.1], stiffness=[1, 2, 0.5])


@pytest.fixture(scope="module")
def evolution():
    times = np.array([0.2, 0.5])
    return evolve_particles(MODEL, "stationary", times=times, trajectories=20_000, rng=23)


def test_they_are_those_of_the_gas(evolution):
    gas, pairs, number = ordered_gas(MODEL.levels), evolution.pairs, 20_000
    areas = np.diff(pairs.edges[:, 0], axis=1)[:, :, None] * np.diff(pairs.edges[:, 1], axis=1)[:, None, :]
    for i in range(2):
        law = gas.pair(i)
        expected = {
            "joint": law.bin_masses(*pairs.edges[i]),
            "spacing": np.diff(law.spacing_cdf(pairs.spacing_edges[i])),
        }
        for k in range(2):
            found = {
                "joint": pairs.density[k, i] * areas[i],
                "spacing": pairs.spacing_density[k, i] * np.diff(pairs.spacing_edges[i]),
            }
            for name, masses in expected.items():
                full = number * masses > 10.0
                assert masses[full].sum() > 0.9
                chi2 = np.sum(number * (found[name] - masses)[full] ** 2 / masses[full])
                assert stats.chi2(full.sum()).sf(chi2) > 1e-4, (name, i, k)


def test_they_are_whole_and_ordered(evolution):
    pairs = evolution.pairs
    areas = np.diff(pairs.edges[:, 0], axis=1)[:, :, None] * np.diff(pairs.edges[:, 1], axis=1)[:, None, :]
    assert np.sum(pairs.density * areas, axis=(2, 3)) == pytest.approx(1.0, abs=1e-12)
    assert np.sum(pairs.spacing_density * np.diff(pairs.spacing_edges), axis=2) == pytest.approx(1.0, abs=1e-12)
    assert np.array_equal(pairs.correlation, evolution.correlation)
    wrong = pairs.edges[:, 0, :-1, None] > pairs.edges[:, 1, None, 1:]
    assert np.any(wrong)
    assert np.all(pairs.density[:, wrong] == 0.0)
    # The upper level of one pair is the lower one of the next, on the same cells.
    upper = np.sum(pairs.density[:, 0] * np.diff(pairs.edges[0, 0])[:, None], axis=1)
    lower = np.sum(pairs.density[:, 1] * np.diff(pairs.edges[1, 1]), axis=2)
    assert upper == pytest.approx(lower, rel=1e-12)


def test_one_level_has_none():
    evolution = evolve_particles(dyson(g2=0.05), initial.point([0.0]), times=np.array([0.1]), trajectories=20, rng=1)
    assert evolution.pairs is None
    assert evolution.correlation is None


def test_levels_that_stay_together_have_spacing_zero():
    model = dyson(g2=1e-300, levels=2, beta=0.0)
    evolution = evolve_particles(model, initial.point([0.5, 0.5]), times=np.array([0.1]), trajectories=50, rng=1)
    widths = np.diff(evolution.pairs.spacing_edges[0])
    assert evolution.pairs.spacing_density[0, 0, 0] * widths[0] == pytest.approx(1.0)


def test_standard_error_of_a_strong_correlation():
    """(1 − r²)/√M for normal levels."""
    number, r = 40_000, 0.9
    levels = np.random.default_rng(24).multivariate_normal([-10.0, 10.0], [[1.0, r], [r, 1.0]], (1, number))
    evolution = tabulate_ensemble(
        dyson(g2=1.0, levels=2), levels[0], levels, times=np.ones(1), steps=number, exchanges=0, seconds=0.0
    )
    assert evolution.correlation_error == pytest.approx((1.0 - r**2) / np.sqrt(number), rel=0.03)
    assert abs(evolution.correlation[0, 0] - r) < 4.0 * evolution.correlation_error[0, 0]
