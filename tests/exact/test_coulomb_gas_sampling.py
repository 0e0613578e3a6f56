"""Exact samples of the ordered gas against its own laws and against eigenvalues of random matrices."""

import numpy as np
import pytest
from scipy import stats

from fpsolve import models
from fpsolve.exact import ordered_gas

WELLS = models.dyson(levels=5, g2=[0.3, 0.8, 0.5, 0.5, 0.1], centre=[-1.0, 0.0, 0.0, 0.3, 1.5])
SQUARE = models.laguerre(rows=6, levels=6, temperature=0.1)


@pytest.mark.parametrize("model", [WELLS, SQUARE], ids=["different wells", "singular wall"])
def test_samples_follow_their_own_marginals(model):
    gas = ordered_gas(model.levels)
    x = gas.sample(4000, rng=20240723)
    assert np.all(np.diff(x, axis=1) > 0.0)
    for level, law in enumerate(gas.laws):
        assert stats.kstest(x[:, level], law.cdf).pvalue > 1e-3
    s = np.linspace(0.0, np.max(np.diff(x, axis=1)), 600)
    for level in range(gas.n - 1):
        table = gas.pair(level).spacing_cdf(s)
        spacing = x[:, level + 1] - x[:, level]
        assert stats.kstest(spacing, lambda value, table=table: np.interp(value, s, table)).pvalue > 1e-3
    found = [np.corrcoef(x[:, k], x[:, k + 1])[0, 1] for k in range(gas.n - 1)]
    np.testing.assert_allclose(found, gas.correlations, atol=4 / np.sqrt(4000))


def test_samples_are_eigenvalues_of_gaussian_matrices():
    rng = np.random.default_rng(5)
    n, count, sigma = 4, 6000, 0.7
    noise = rng.normal(size=(count, n, n)) * sigma
    # (A + Aᵀ)/2 has diagonal variance σ² and off-diagonal variance σ²/2.
    eigenvalues = np.linalg.eigvalsh(0.5 * (noise + noise.transpose(0, 2, 1)))
    gas = ordered_gas(models.dyson(levels=n, g2=sigma**2).levels)
    x = gas.sample(count, rng=np.random.SeedSequence(7))
    for level in range(n):
        assert stats.kstest(eigenvalues[:, level], gas.laws[level].cdf).pvalue > 1e-3
        assert stats.ks_2samp(eigenvalues[:, level], x[:, level]).pvalue > 1e-3
    for power in (np.ptp, lambda rows, axis: rows[:, 1] * rows[:, 2]):
        assert stats.ks_2samp(power(eigenvalues, axis=1), power(x, axis=1)).pvalue > 1e-3


def test_samples_are_squared_singular_values():
    rng = np.random.default_rng(6)
    weights = rng.normal(scale=np.sqrt(0.1), size=(5000, 6, 6))
    eigenvalues = np.linalg.svd(weights, compute_uv=False)[:, ::-1] ** 2
    gas = ordered_gas(SQUARE.levels)
    for level in range(6):
        assert stats.kstest(eigenvalues[:, level], gas.laws[level].cdf).pvalue > 1e-3


def test_samples_repeat_and_do_not_depend_on_the_number_drawn():
    gas = ordered_gas(WELLS.levels)
    x = gas.sample(50, rng=3)
    np.testing.assert_array_equal(x, gas.sample(50, rng=3))
    np.testing.assert_array_equal(x[:20], gas.sample(20, rng=3))
    assert not np.array_equal(x, gas.sample(50, rng=4))


def test_neighbours_in_a_row_are_drawn_jointly():
    """The sum over all levels of a Gaussian ensemble is the trace: normal with variance Nσ²."""
    gas = ordered_gas(models.dyson(levels=6, g2=0.5).levels)
    x = gas.sample(5000, rng=8)
    assert stats.kstest(x.sum(axis=1), stats.norm(0.0, np.sqrt(3.0)).cdf).pvalue > 1e-3
    assert stats.kstest((x**2).sum(axis=1), stats.gamma(21 / 2, scale=1.0).cdf).pvalue > 1e-3
