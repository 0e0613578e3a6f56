"""The start from a stationary Coulomb gas, against the pair whose law is known in closed form."""

import numpy as np
import pytest

from fpsolve.errors import ModelError
from fpsolve.models.dyson import dyson
from fpsolve.models.initial import pair
from fpsolve.models.initial_gas import GasLaw
from fpsolve.models.initial_law import InitialLaw
from fpsolve.models.schedule import Schedule


@pytest.fixture(scope="module")
def gas():
    return GasLaw(dyson(levels=2, stiffness=2.0, centre=0.3, g2=0.08))


def test_two_levels_are_the_pair_law(gas):
    exact = pair(0.3, 0.2)
    assert isinstance(gas, InitialLaw)
    assert gas.n == 2
    np.testing.assert_allclose(gas.mean, exact.mean, rtol=1e-9)
    np.testing.assert_allclose(gas.std, exact.std, rtol=1e-9)
    edges = np.linspace(-0.6, 1.2, 40)
    for level in (0, 1):
        np.testing.assert_allclose(gas.cdf(edges, level), exact.cdf(edges, level), atol=1e-10)
        np.testing.assert_allclose(gas.masses(edges, level), exact.masses(edges, level), atol=1e-10)
        low, high = gas.support(level)
        assert exact.cdf(low, level) < 1e-12
        assert exact.cdf(high, level) > 1.0 - 1e-12


def test_draws_are_of_the_joint_law(gas):
    draws = gas.sample(20_000, 5)
    np.testing.assert_array_equal(draws, gas.sample(20_000, 5))
    spacing = np.diff(draws, axis=1)[:, 0]
    assert np.all(spacing > 0.0)
    # ⟨S⟩ = √π σ, Var S = (4 − π)σ²
    assert spacing.mean() == pytest.approx(np.sqrt(np.pi) * 0.2, abs=5.0 * 0.2 * np.sqrt((4.0 - np.pi) / 20_000))
    assert draws.mean() == pytest.approx(0.3, abs=5.0 * 0.2 / np.sqrt(2.0 * 20_000))


def test_of_a_schedule_the_noise_at_the_start_counts():
    slower = Schedule(learning_rate=((0.0, 0.02), (1.0, 0.01)), kind="piecewise")
    moving = GasLaw(dyson(levels=2, g2=0.04, schedule=slower))
    np.testing.assert_allclose(moving.std, pair(0.0, 0.2).std, rtol=1e-9)


def test_other_repulsions_cannot_be_sampled():
    law = GasLaw(dyson(levels=3, g2=0.1, beta=2.0))
    with pytest.raises(ModelError, match="can be sampled for beta = 1, not 2"):
        law.sample(3, 1)
