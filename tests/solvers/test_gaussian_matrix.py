"""fp.stationary(method="gaussian_matrix"): tables, and what it refuses."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.special import ndtr

import fpsolve as fp
from fpsolve import models
from fpsolve.errors import GridError, MethodError, ModelError
from fpsolve.exact import GaussianRbm, TwoLevelSemicircle
from fpsolve.models.rbm_pcd import PcdNoise
from fpsolve.solvers.gaussian_matrix import gaussian_matrix_law, stationary_gaussian_matrix


def machine(kappa, alpha=0.01, data="exact", batch=16, sweeps=3):
    return models.rbm(mu2=9.0, kappa=kappa, noise=PcdNoise(alpha, batch, sweeps, data))


def test_one_level_is_a_gaussian_with_the_finite_step_variance():
    law = fp.stationary(machine([4.0], alpha=0.1), method="gaussian_matrix")
    theory = GaussianRbm((4.0,), 9.0, 0.1, 16.0, 3, "exact")
    assert law.method == "gaussian_matrix"
    assert law.mean[0] == pytest.approx(theory.mean[0], rel=1e-14)
    assert law.std[0] ** 2 == pytest.approx(theory.finite_step_variance[0], rel=1e-14)
    x = np.array([4.5, 5.0, 5.2])
    np.testing.assert_allclose(law.law().cdf(x), ndtr((x - law.mean[0]) / law.std[0]), atol=1e-6)
    assert np.isnan(law.log_partition_function)


def test_a_degenerate_pair_is_the_two_level_semicircle():
    law = fp.stationary(machine([4.0, 4.0], alpha=1e-4), method="gaussian_matrix", cells=300)
    theory = GaussianRbm((4.0, 4.0), 9.0, 1e-4, 16.0, 3, "exact")
    truth = TwoLevelSemicircle(theory.levels[0] + theory.matrix_mean_shift[0], np.sqrt(theory.finite_step_variance[0]))
    np.testing.assert_allclose(law.mean, truth.level_mean, rtol=1e-12)
    for level in (0, 1):
        np.testing.assert_allclose(law.law(level).cdf(law.x[level]), truth.level_cdf(law.x[level], level), atol=1e-5)
    s = np.linspace(0.0, 4.0, 9) * truth.sigma
    np.testing.assert_allclose(law.pairs.spacing().cdf(s), -np.expm1(-((s / truth.sigma) ** 2) / 4), atol=1e-4)
    centres = 0.5 * (law.total_edges[1:] + law.total_edges[:-1])
    np.testing.assert_allclose(law.total_density * truth.sigma, truth.pdf(centres) * truth.sigma, atol=2e-3)
    area = np.diff(law.pairs.edges[0, 0])[:, None] * np.diff(law.pairs.edges[0, 1])
    assert np.sum(law.pairs.density[0] * area) == pytest.approx(1.0, rel=1e-12)


def test_sampled_tables_are_consistent_with_their_error_estimate():
    model = machine([8.0, 6.0, 6.0, 4.0], alpha=0.02)
    law = stationary_gaussian_matrix(model, samples=2**15)
    other = gaussian_matrix_law(model).sample(100_000, rng=3)
    np.testing.assert_allclose(law.mean, other.mean(axis=0), atol=6 * np.max(law.std) * law.error_estimate)
    np.testing.assert_allclose(law.std, other.std(axis=0), rtol=8 * law.error_estimate)
    for level in range(4):
        x = law.edges[level]
        empirical = np.searchsorted(np.sort(other[:, level]), x) / len(other)
        np.testing.assert_allclose(law.law(level).cdf(x), empirical, atol=6 * law.error_estimate + 5e-3)
    assert 1e-4 < law.error_estimate < 0.02
    widths = np.diff(law.edges, axis=1)
    np.testing.assert_allclose(np.sum(law.density * widths, axis=1), 1.0, rtol=1e-12)
    spacing = np.diff(other, axis=1)
    for pair in range(3):
        assert law.pairs.spacing(pair).mean == pytest.approx(spacing[:, pair].mean(), rel=0.02)
        assert law.pairs.correlation[pair] == pytest.approx(np.corrcoef(other[:, pair : pair + 2].T)[0, 1], abs=0.03)
    np.testing.assert_array_equal(law.density, stationary_gaussian_matrix(model, samples=2**15).density)


def test_the_gas_and_the_matrix_agree_inside_a_cluster_and_differ_between_them():
    """Isolated pair: one law as α → 0. Levels of different κ: the matrix shifts by V_ij/(x_i − x_j), the gas by more."""
    pair = machine([4.0, 4.0], alpha=1e-4)
    gas, matrix = fp.stationary(pair), fp.stationary(pair, method="gaussian_matrix")
    np.testing.assert_allclose(gas.mean, matrix.mean, atol=0.01 * matrix.std.max())
    np.testing.assert_allclose(gas.std, matrix.std, rtol=0.01)
    apart = machine([6.0, 4.0], alpha=0.01)
    theory = GaussianRbm((6.0, 4.0), 9.0, 0.01, 16.0, 3, "exact")
    matrix = fp.stationary(apart, method="gaussian_matrix")
    np.testing.assert_allclose(matrix.mean, theory.mean, atol=5e-5)
    assert np.max(np.abs(fp.stationary(apart).mean - theory.mean)) > 1e-3


def test_domain_cells_and_refusals():
    model = machine([6.0, 4.0])
    law = fp.stationary(model, method="gaussian_matrix", cells=50, domain=(2.0, 6.0))
    assert law.edges.shape == (2, 51)
    np.testing.assert_array_equal(law.edges[:, [0, -1]], [[2.0, 6.0]] * 2)
    with pytest.raises(GridError, match="4 cells"):
        fp.stationary(model, method="gaussian_matrix", cells=2)
    with pytest.raises(GridError, match="ascending"):
        fp.stationary(model, method="gaussian_matrix", domain=(3.0, 2.0))
    with pytest.raises(GridError, match="holds nothing"):
        fp.stationary(machine([4.0]), method="gaussian_matrix", domain=(100.0, 200.0))
    with pytest.raises(MethodError, match="derived noise"):
        fp.stationary(models.rbm(mu2=9.0, kappa=[4.0], g2=0.01), method="gaussian_matrix")
    with pytest.raises(MethodError, match="derived noise.*exact"):
        fp.stationary(models.dyson(levels=2, g2=0.1), method="gaussian_matrix")
    with pytest.raises(MethodError, match="beta = 1"):
        fp.stationary(
            models.rbm(mu2=9.0, kappa=[4.0, 4.0], noise=PcdNoise(0.01, 16), beta=2.0), method="gaussian_matrix"
        )
    scaled = replace(model, levels=tuple(level.with_noise(2.0) for level in model.levels))
    with pytest.raises(ModelError, match="scaled"):
        fp.stationary(scaled, method="gaussian_matrix")
