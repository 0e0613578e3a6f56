"""Kernels of the matrix Langevin equation: exact moments of one step, order of the splitting, small singular values."""

import numpy as np
import pytest
from scipy.stats import kstest

from fpsolve.exact import BetaPrimeLaw
from fpsolve.kernels.matrix_langevin import advance_matrix_langevin
from fpsolve.kernels.matrix_levels import fill_squared_singular_values


def make_keys(lanes, seed=1):
    return np.random.default_rng(seed).integers(0, 2**64, (2, lanes), dtype=np.uint64)


def step_moments(mean, second, h, decay, additive, multiplicative, target):
    """Mean and ⟨w wᵀ⟩ after one split step; under each flow they obey closed linear equations with exact solutions."""

    def ornstein_uhlenbeck(mean, second, t):
        keep = np.exp(-decay * t)
        spread = additive / decay * (1 - keep**2)
        centred = second - np.outer(mean, mean)
        mean = target + keep * (mean - target)
        return mean, keep**2 * centred + np.outer(mean, mean) + spread * np.eye(mean.size)

    mean, second = ornstein_uhlenbeck(mean, second, h / 2)
    d = mean.size
    # d⟨ww^T⟩ = 2 D_1 ⟨|w|²⟩ 1 dt, the mean stays.
    second = second + np.expm1(2 * d * multiplicative * h) * np.trace(second) / d * np.eye(d)
    return ornstein_uhlenbeck(mean, second, h / 2)


@pytest.mark.parametrize("entries", [1, 2, 3, 4, 9])
@pytest.mark.parametrize("steps", [1, 3])
def test_moments_of_a_step(entries, steps):
    lanes, h, decay, additive, multiplicative = 100000, 0.05, 2.0, 0.3, 0.4 / entries
    start = np.linspace(-1.0, 2.0, entries)
    target = np.linspace(0.5, -0.5, entries)
    weights = np.repeat(start[:, None], lanes, axis=1)
    done = advance_matrix_langevin(
        make_keys(lanes), 0, np.full(steps, h), decay, additive, multiplicative, target, weights
    )
    assert done == steps
    mean, second = start, np.outer(start, start)
    for _ in range(steps):
        mean, second = step_moments(mean, second, h, decay, additive, multiplicative, target)
    error = weights.std(axis=1) / np.sqrt(lanes)
    assert np.all(np.abs(weights.mean(axis=1) - mean) < 4.5 * error)
    products = weights[:, None] * weights[None]
    assert np.all(np.abs(products.mean(axis=2) - second) < 4.5 * products.std(axis=2) / np.sqrt(lanes))


def stationary_square(h, lanes, entries, decay, additive, multiplicative):
    weights = np.zeros((entries, lanes))
    steps = int(np.ceil(3.0 / h))
    advance_matrix_langevin(
        make_keys(lanes, 7), 0, np.full(steps, h), decay, additive, multiplicative, np.zeros(entries), weights
    )
    return (weights**2).sum(axis=0)


def test_splitting_is_of_second_order():
    # The moments of a step above, carried on to stationarity, against the equation's own stationary ⟨|w|²⟩.
    entries, noise = 4, (4.0, 1.0, 0.25)
    decay, additive, multiplicative = noise
    limit = entries * additive / (decay - entries * multiplicative)
    squares = {}
    for h in (0.3, 0.1, 0.05, 0.025):
        mean, second = np.zeros(entries), np.zeros((entries, entries))
        for _ in range(int(10 / h)):
            mean, second = step_moments(mean, second, h, *noise, np.zeros(entries))
        squares[h] = np.trace(second)
    errors = np.array([squares[h] - limit for h in (0.1, 0.05, 0.025)])
    assert np.log2(errors[:-1] / errors[1:]) == pytest.approx([2.0, 2.0], abs=0.1), errors
    # The kernel at a long step: its own 3 % error, which the statistics resolve.
    drawn = stationary_square(0.3, 200000, entries, *noise)
    error = drawn.std() / np.sqrt(drawn.size)
    assert abs(drawn.mean() - squares[0.3]) < 4.5 * error
    assert abs(drawn.mean() - limit) > 10 * error


@pytest.mark.parametrize("entries", [1, 3, 8])
def test_stationary_law_is_beta_prime(entries):
    decay, additive, multiplicative = 3.0, 0.5, 0.6
    decay += multiplicative * entries
    law = BetaPrimeLaw.from_noise(entries, decay=decay, additive=additive, multiplicative=multiplicative)
    squares = stationary_square(0.02, 20000, entries, decay, additive, multiplicative)
    assert kstest(squares, law.cdf).pvalue > 1e-3


def test_a_matrix_at_zero_scatters_from_additive_noise_only():
    weights = np.zeros((3, 50))
    advance_matrix_langevin(make_keys(50), 0, np.full(4, 0.1), 1.0, 0.0, 2.0, np.zeros(3), weights)
    assert np.abs(weights).max() < 1e-100


def test_divergence_stops_at_the_step():
    weights = np.ones((4, 8))
    done = advance_matrix_langevin(make_keys(8), 0, np.full(4000, 1.0), 0.1, 0.0, 5.0, np.zeros(4), weights)
    assert done < 4000
    assert not np.all(np.isfinite(weights))


@pytest.mark.parametrize("shape", [(1, 1), (2, 2), (5, 2), (2, 5), (4, 4), (12, 6)])
def test_squared_singular_values(shape):
    matrices = np.random.default_rng(1).standard_normal((*shape, 40))
    out = np.empty((40, min(shape)))
    fill_squared_singular_values(matrices, out)
    expected = np.linalg.svd(np.moveaxis(matrices, -1, 0), compute_uv=False)[:, ::-1] ** 2
    np.testing.assert_allclose(out, expected, rtol=1e-11)


def test_small_singular_values_keep_their_digits():
    # Columns of very different lengths: Demmel and Veselić's case, exact values from det and trace.
    small = 1e-9
    matrices = np.array([[1.0, small], [1.0, -small]])[..., None]
    out = np.empty((1, 2))
    fill_squared_singular_values(matrices, out)
    np.testing.assert_allclose(out[0], [2 * small**2, 2.0], rtol=1e-14)


@pytest.mark.parametrize("matrix", [np.zeros((2, 2)), np.ones((3, 3)), np.diag([0.0, 3.0]), -2.0 * np.eye(2)])
def test_degenerate_matrices(matrix):
    out = np.empty((1, matrix.shape[0]))
    fill_squared_singular_values(matrix[..., None].copy(), out)
    expected = np.linalg.svd(matrix, compute_uv=False)[::-1] ** 2
    np.testing.assert_allclose(out[0], expected, atol=1e-14)
