"""Multiplicative noise in time: moments obey closed equations, and the end is a beta-prime law."""

import numpy as np
import pytest
from scipy.linalg import expm

import fpsolve as fp
from fpsolve.exact import BetaPrimeLaw
from fpsolve.models import Schedule, laguerre

DECAY, ADDITIVE, MULTIPLICATIVE, ROWS = 2.0, 0.3, 0.1, 3
MODEL = laguerre(rows=ROWS, temperature=ADDITIVE, weight_decay=DECAY, multiplicative=MULTIPLICATIVE)
LAW = BetaPrimeLaw.from_noise(ROWS, decay=DECAY, additive=ADDITIVE, multiplicative=MULTIPLICATIVE)
TIMES = [0.1, 0.5, 2.0]


def moments(first, second, times, noise=1.0):
    """⟨x⟩ and ⟨x²⟩: d⟨x^n⟩/dt = n⟨x^{n−1}b⟩ + n(n − 1)⟨x^{n−2}D⟩, which closes as b is linear and D quadratic in x."""
    half, d0, d1 = 0.5 * ROWS, noise * ADDITIVE, noise * MULTIPLICATIVE
    flow = np.zeros((3, 3))
    for n in (1, 2):
        flow[n, n - 1] = 4 * n * (half + n - 1) * d0
        flow[n, n] = 4 * n * (half + n - 1) * d1 - 2 * n * DECAY
    state = np.array([[1.0, first, second] @ expm(flow * t).T for t in times])
    return state[:, 1], np.sqrt(state[:, 2] - state[:, 1] ** 2)


@pytest.mark.parametrize("method", ["scharfetter_gummel", "legendre"])
def test_moments_in_time(method):
    evolution = fp.evolve(MODEL, fp.initial.gaussian(1.0, 0.1), times=TIMES, method=method)
    mean, std = moments(1.0, 1.01, TIMES)
    np.testing.assert_allclose(evolution.mean[:, 0], mean, rtol=3e-5)
    # At t = 2 the tail beyond the cells, P(X > x) ~ x^{−9.5}, is left out.
    np.testing.assert_allclose(evolution.std[:, 0], std, rtol=3e-4)
    np.testing.assert_allclose(evolution.mass, 1.0, atol=1e-10)
    assert evolution.minimum.min() >= -1e-10


def test_moments_by_trajectories():
    evolution = fp.evolve(
        MODEL, fp.initial.gaussian(1.0, 0.1), times=TIMES, method="particles", trajectories=10000, rng=2
    )
    mean, _ = moments(1.0, 1.01, TIMES)
    assert np.all(np.abs(evolution.mean[:, 0] - mean) < 4.5 * evolution.mean_error[:, 0])


def test_second_order_in_the_cells():
    mean, _ = moments(1.0, 1.01, [0.5])
    errors = np.array(
        [
            fp.evolve(MODEL, fp.initial.gaussian(1.0, 0.1), times=[0.5], cells=cells, domain=(0.0, 60.0)).mean[0, 0]
            - mean[0]
            for cells in (500, 1000, 2000)
        ]
    )
    np.testing.assert_allclose(np.log2(errors[:-1] / errors[1:]), 2.0, atol=0.1, err_msg=f"errors {errors}")
    assert abs(errors[-1]) < 1e-5


def test_it_ends_in_the_beta_prime_law():
    evolution = fp.evolve(MODEL, fp.initial.marchenko_pastur(ROWS, 0.05), times=[12.0])
    x = np.linspace(0.0, 4.0, 60)
    assert np.max(np.abs(evolution.law(0).cdf(x) - LAW.cdf(x))) < 1e-4
    stationary = fp.stationary(MODEL)
    assert np.max(np.abs(stationary.law().cdf(x) - LAW.cdf(x))) < 1e-4
    assert stationary.mean[0] == pytest.approx(LAW.mean, rel=1e-10)
    assert stationary.tail == pytest.approx(LAW.b, rel=1e-12)


@pytest.mark.parametrize(("rows", "multiplicative"), [(1, 0.3), (2, 0.6), (9, 0.1)])
def test_stationary_laws_with_heavy_tails(rows, multiplicative):
    law = BetaPrimeLaw.from_noise(rows, decay=1.0, additive=0.2, multiplicative=multiplicative)
    found = fp.stationary(laguerre(rows=rows, temperature=0.2, multiplicative=multiplicative)).law()
    # The table is normalised: it ends where a probability of 1e-6 is left, or at 1e5 medians.
    left = 1.0 - law.cdf(found.edges[-1])
    assert np.max(np.abs(found.cumulative - law.cdf(found.edges))) < left + 1e-9
    assert left < 2e-6 or found.edges[-1] > 1e5 * law.scale
    x = law.scale * np.geomspace(1e-3, 1e3, 60)
    # Between its edges the distribution function is interpolated; at the wall that of one row is a square root.
    assert np.max(np.abs(found.cdf(x) - law.cdf(x))) < (2e-3 if rows == 1 else 5e-4)


def test_a_schedule_scales_both_noises():
    schedule = Schedule(learning_rate=((0.0, 0.1), (0.3, 0.05)), kind="piecewise")
    model = laguerre(
        rows=ROWS, temperature=ADDITIVE, weight_decay=DECAY, multiplicative=MULTIPLICATIVE, schedule=schedule
    )
    evolution = fp.evolve(model, fp.initial.gaussian(1.0, 0.1), times=[0.3, 0.8])
    mean, std = moments(1.0, 1.01, [0.3])
    np.testing.assert_allclose(evolution.mean[0], mean, rtol=1e-4)
    later, _ = moments(mean[0], mean[0] ** 2 + std[0] ** 2, [0.5], noise=0.5)
    np.testing.assert_allclose(evolution.mean[1], later, rtol=1e-4)
