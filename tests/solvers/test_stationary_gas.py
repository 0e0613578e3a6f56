"""fp.stationary of several levels: tables of the exact gas, and what it refuses."""

import numpy as np
import pytest

import fpsolve as fp
from fpsolve import models
from fpsolve.errors import GridError, MethodError, ModelError
from fpsolve.exact import TwoLevelSemicircle, mehta_log_norm, spacing_cdf
from fpsolve.models.level_gas import LevelGas
from fpsolve.models.schedule import Schedule


def test_degenerate_pair():
    model = models.rbm(kappa=[1.0, 1.0], mu2=2.0, g2=1e-6)
    law = fp.stationary(model)
    # x_s = 1, Ω = 1: σ = 1e-3, and corrections of relative order σ.
    truth = TwoLevelSemicircle(1.0, 1e-3)
    for level in (0, 1):
        np.testing.assert_allclose(law.density[level] * 1e-3, truth.level_pdf(law.x[level], level) * 1e-3, atol=3e-3)
    np.testing.assert_allclose(
        law.pairs.spacing().cdf(np.array([1e-3, 2e-3])), spacing_cdf(np.array([1e-3, 2e-3]), 1e-3), atol=1e-3
    )
    assert law.error_estimate < 1e-10


@pytest.mark.parametrize("beta", [1.0, 2.0])
def test_tables_are_consistent(beta):
    law = fp.stationary(models.laguerre(rows=4, levels=3, temperature=0.3, beta=beta), cells=300)
    assert law.method == "exact"
    widths = np.diff(law.edges, axis=1)
    assert law.edges.shape == (3, 301)
    assert law.edges[0, 0] == 0.0
    np.testing.assert_allclose(np.sum(law.density * widths, axis=1), 1.0, rtol=1e-12)
    assert np.all(law.density >= 0.0)
    np.testing.assert_allclose([law.law(k).mean for k in range(3)], law.mean, rtol=2e-4)
    np.testing.assert_allclose([law.law(k).std for k in range(3)], law.std, rtol=1e-3)
    total = np.diff(law.total_edges) @ law.total_density
    assert total == pytest.approx(1.0, rel=1e-12)
    centres = 0.5 * (law.total_edges[1:] + law.total_edges[:-1])
    pooled = (np.diff(law.total_edges) * law.total_density) @ centres
    assert pooled == pytest.approx(law.mean.mean(), rel=1e-3)
    if beta == 1.0:
        area = np.diff(law.pairs.edges[:, 0], axis=1)[:, :, None] * np.diff(law.pairs.edges[:, 1], axis=1)[:, None, :]
        np.testing.assert_allclose(np.sum(law.pairs.density * area, axis=(1, 2)), 1.0, rtol=1e-12)
        lower = np.sum(law.pairs.density * np.diff(law.pairs.edges[:, 1], axis=1)[:, None, :], axis=2)
        found = [law.law(k).bin_masses(law.pairs.edges[k, 0]) / np.diff(law.pairs.edges[k, 0]) for k in range(2)]
        np.testing.assert_allclose(lower, found, atol=1e-4 * np.max(lower))
        assert np.all((law.pairs.correlation > 0.2) & (law.pairs.correlation < 0.8))
    else:
        assert law.pairs is None


def test_partition_function():
    law = fp.stationary(models.dyson(levels=5, g2=0.5, stiffness=2.0, centre=1.0))
    assert law.log_partition_function == pytest.approx(mehta_log_norm(5, beta=1.0, std=0.5), abs=1e-12)
    law = fp.stationary(models.dyson(levels=5, g2=0.5, stiffness=2.0, centre=1.0, beta=2.0))
    assert law.log_partition_function == pytest.approx(mehta_log_norm(5, beta=2.0, std=0.5), abs=1e-12)


def test_heavy_tails_stay_in_a_sensible_table():
    law = fp.stationary(models.geometric(source=1.0, strength=0.3, levels=2))
    assert np.isinf(law.mean[1])
    assert law.edges[1, -1] < 1e4
    np.testing.assert_allclose(np.sum(law.density * np.diff(law.edges, axis=1), axis=1), 1.0, rtol=1e-12)
    assert np.isnan(law.pairs.correlation[0])


def test_domain_and_cells():
    model = models.dyson(levels=2, g2=1.0)
    law = fp.stationary(model, cells=50, domain=(-2.0, 3.0))
    assert law.edges.shape == (2, 51)
    np.testing.assert_array_equal(law.edges[:, [0, -1]], [[-2.0, 3.0]] * 2)
    with pytest.raises(GridError, match="leaves the walls"):
        fp.stationary(models.rbm(kappa=[1.0, 0.5], mu2=2.0, g2=0.01), domain=(-1.0, 1.0))


def test_refusals():
    gas = models.dyson(levels=3, g2=1.0)
    with pytest.raises(MethodError, match=r"beta = 4.*particles"):
        fp.stationary(models.dyson(levels=3, g2=1.0, beta=4.0))
    with pytest.raises(MethodError, match=r"different potentials.*one potential"):
        fp.stationary(models.dyson(levels=3, g2=1.0, beta=2.0, centre=[0.0, 1.0, 2.0]))
    with pytest.raises(MethodError, match="up to 16 levels"):
        fp.stationary(models.dyson(levels=17, g2=1.0))
    with pytest.raises(MethodError, match="up to 100"):
        fp.stationary(models.dyson(levels=101, g2=1.0, beta=2.0))
    with pytest.raises(MethodError, match="one level"):
        fp.stationary(gas, method="operator")
    with pytest.raises(ModelError, match="absorbing"):
        fp.stationary(LevelGas("test", gas.levels, boundary=("reflecting", "absorbing")))
    with pytest.raises(MethodError, match="ring"):
        fp.stationary(LevelGas("test", gas.levels, boundary=("periodic", "periodic")))
    with pytest.raises(ModelError, match="changes with time"):
        fp.stationary(LevelGas("test", gas.levels, schedule=Schedule(learning_rate=((0.0, 0.1), (1.0, 0.2)))))
