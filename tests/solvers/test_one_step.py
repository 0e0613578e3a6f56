"""The discrete training of one level: linear response, Fokker–Planck limit, published simulations, trained machines."""

import numpy as np
import pytest
from scipy import stats

import fpsolve as fp
from fpsolve import models
from fpsolve.errors import ConvergenceError, GridError, MethodError
from fpsolve.exact import GaussianRbm
from fpsolve.exact.third_cumulant import ThirdCumulantLaw, leading_skewness, third_cumulant_skewness
from fpsolve.models.rbm_pcd import PcdNoise
from fpsolve.sgd import train_rbm
from fpsolve.solvers.derived_noise import trained_rbm
from fpsolve.solvers.one_step import one_step
from fpsolve.solvers.one_step_operator import one_step_operator


def machine(alpha, batch=16, sweeps=1, data="exact", kappa=1.0, mu2=2.0):
    return models.rbm(mu2=mu2, kappa=[kappa], noise=PcdNoise(alpha, batch, sweeps, data))


@pytest.mark.parametrize("data", ["exact", "batch"])
@pytest.mark.parametrize("alpha", [0.02, 0.2])
def test_little_noise_is_the_linear_chain(alpha, data):
    """B → ∞: variance and eigenvalues of y' = ry + (1 − r)δ/κ², δ' = δ − a y' (a pair of complex ones at α = 0.2)."""
    r, a = 0.25, 2 * alpha
    linear = np.linalg.eigvals(np.array([[1 - a * (1 - r), -a * r], [1 - r, r]]))
    linear = linear[np.argsort(-np.abs(linear), kind="stable")]
    errors = []
    seen = 0
    for batch in (10**4, 10**5):
        chain = one_step(machine(alpha, batch=batch, data=data), states=2 if batch == 10**4 else 1)
        truth = GaussianRbm((1.0,), 2.0, alpha, batch, 1, data).finite_step_variance[0]
        errors.append(chain.stationary.std[0] ** 2 / truth - 1.0)
        if chain.eigenvalues.size > 1:
            assert np.min(np.abs(linear - chain.eigenvalues[1])) < 30 * alpha / batch
            seen += 1
    assert seen == 1
    # What is left is of order α/B.
    assert abs(errors[0]) < 3e-4 * alpha
    assert abs(errors[1]) < 0.2 * abs(errors[0])


@pytest.mark.parametrize("data", ["exact", "batch"])
def test_rates_and_mean_tend_to_those_of_the_fokker_planck_equation(data):
    """α/B fixed at 1/1600, α → 0: first order in α, to the limit 2E_n; convergence is exact in α/B only there."""
    rates = fp.bound_states(machine(0.01, 16, data=data), states=3, vectors=False).rates[1:]
    found = []
    for batch in (4, 8, 16):
        chain = one_step(machine(batch / 1600, batch, data=data), states=3)
        found.append(chain.rates[1:])
    # Richardson twice: what is left at α = 0 is the third cumulant, of order (α/B).
    once = [2 * found[0] - found[1], 2 * found[1] - found[2]]
    limit = (4 * once[0] - once[1]) / 3
    np.testing.assert_allclose(limit, rates, rtol=0.01)
    order = np.log2((found[2] - limit) / (found[1] - limit))
    np.testing.assert_allclose(order, 1.0, atol=0.1), (found, limit)
    assert np.all(np.abs(found[2] - rates) > 0.01 * rates) or data == "batch"


def test_published_white_noise_simulation():
    """κ = 4, μ² = 9, B = 16, white model noise, simulated: mean shift −0.0023, −0.0113, −0.0232, skewness 0.0192, 0.064."""
    for alpha, shift, error, skewness in (
        (0.01, -0.0023, 2e-4, 0.0192),
        (0.05, -0.0113, 4e-4, None),
        (0.1, -0.0232, 7e-4, 0.064),
    ):
        model = machine(alpha, kappa=4.0, mu2=9.0, sweeps=3)
        chain = one_step(model, states=1, chains="fresh")
        assert chain.stationary.mean[0] - 5.0 == pytest.approx(shift, abs=error)
        if skewness is not None:
            assert chain.skewness == pytest.approx(skewness, abs=0.004)
    # Many sweeps make persistent chains fresh.
    same = one_step(machine(0.1, kappa=4.0, mu2=9.0, sweeps=60), states=2)
    fresh = one_step(machine(0.1, kappa=4.0, mu2=9.0, sweeps=60), states=2, chains="fresh")
    assert same.stationary.mean[0] == pytest.approx(fresh.stationary.mean[0], abs=1e-8)
    assert same.stationary.std[0] == pytest.approx(fresh.stationary.std[0], rel=1e-7)
    np.testing.assert_allclose(same.rates, fresh.rates, atol=1e-6)


@pytest.mark.parametrize("data", ["exact", "batch"])
@pytest.mark.parametrize(("kappa", "mu2", "sweeps"), [(1.0, 2.0, 1), (4.0, 9.0, 3)])
def test_skewness_needs_the_third_cumulant(kappa, mu2, sweeps, data):
    """Leading order holds with an error of order α; the Fokker–Planck law alone is wrong at leading order."""
    errors = []
    for alpha in (0.0005, 0.001, 0.002):
        model = machine(alpha, sweeps=sweeps, data=data, kappa=kappa, mu2=mu2)
        theory = trained_rbm(model)
        found = one_step(model, states=1).skewness
        errors.append(abs(leading_skewness(theory)[0] / found - 1.0))
        assert abs(third_cumulant_skewness(theory)[0]) > 0.05 * found
    order = np.log2(np.array(errors[1:]) / np.array(errors[:-1]))
    np.testing.assert_allclose(order, 1.0, atol=0.1), errors
    assert errors[0] < 1e-3


@pytest.mark.parametrize(
    ("alpha", "data", "gain"), [(0.004, "exact", 9.0), (0.016, "exact", 4.0), (0.004, "batch", 3.0)]
)
def test_corrected_law_is_nearer_to_the_chain(alpha, data, gain):
    model = machine(alpha, data=data)
    level, law = model.levels[0], one_step(model, states=1).stationary
    powers = (level.exponent, 2.0)
    x, chain = law.edges[0], law.law().cdf(law.edges[0])
    shift = third_cumulant_skewness(trained_rbm(model))[0]
    plain = np.max(np.abs(ThirdCumulantLaw(level, 0.0, powers).cdf(x) - chain))
    corrected = np.max(np.abs(ThirdCumulantLaw(level, shift, powers).cdf(x) - chain))
    assert corrected < plain / gain
    assert corrected < 0.2 * alpha


@pytest.mark.parametrize(
    ("alpha", "batch", "data"), [(0.1, 16, "exact"), (0.1, 16, "batch"), (0.03, 2, "exact"), (0.01, 1, "batch")]
)
def test_trained_machines_follow_the_chain_and_not_its_limit(alpha, batch, data):
    """20000 replicas of real training; the Fokker–Planck law is rejected where the chain's is accepted."""
    model = machine(alpha, batch, data=data)
    law = fp.stationary(model, method="one_step")
    trained = train_rbm(
        [1.0], 2.0, learning_rate=alpha, batch_size=batch, data=data, steps=round(6 / alpha), replicas=20_000, rng=17
    ).levels[:, -1, 0]
    assert stats.kstest(trained, law.law().cdf).pvalue > 1e-3
    assert trained.mean() == pytest.approx(law.mean[0], abs=4 * law.std[0] / np.sqrt(20_000))
    assert trained.std() == pytest.approx(law.std[0], rel=0.025)
    assert stats.kstest(trained, fp.stationary(model).law().cdf).pvalue < 1e-3


def test_correlations_of_trained_machines_decay_with_the_rate_of_the_chain():
    """α = 0.1: the chain relaxes with 1.262, the Fokker–Planck equation with 1.003."""
    model = machine(0.1)
    chain = one_step(model, states=2)
    assert fp.bound_states(model, states=2, vectors=False).rates[1] == pytest.approx(1.0033, abs=1e-3)
    records = [60, 63, 67]
    levels = train_rbm(
        [1.0],
        2.0,
        learning_rate=0.1,
        batch_size=16,
        data="exact",
        steps=67,
        record_at=records,
        replicas=60_000,
        rng=18,
    ).levels[:, :, 0]
    near, far = (np.corrcoef(levels[:, 0], levels[:, k])[0, 1] for k in (1, 2))
    measured = np.log(near / far) / (4 * 0.2)
    error = 1.0 / np.sqrt(60_000) / far / 0.8
    assert error < 0.04
    assert measured == pytest.approx(chain.rates[1], abs=3 * error)
    assert abs(measured - 1.0033) > 5 * error


def test_size_of_the_operator_does_not_matter():
    """Spectral convergence in the points and in the modes."""
    model = machine(0.02, data="batch")
    truth = one_step(model, states=3, modes=10)
    theory = trained_rbm(model)

    def shape(points, modes):
        operator = one_step_operator(theory, (0.38, 1.7), points=points, modes=modes, chains="persistent")
        weights, x = operator.level_weights, operator.x - operator.level_weights @ operator.x
        return np.array([weights @ x**k for k in (3, 4)]) / (weights @ x**2) ** np.array([1.5, 2.0])

    best = shape(52, 9)
    assert best[0] == pytest.approx(truth.skewness, abs=1e-5)
    errors = np.array([np.max(np.abs(shape(points, 8) - best)) for points in (24, 32, 40)])
    assert np.all(errors[1:] < 0.1 * errors[:-1]), errors
    assert errors[-1] < 1e-5, errors
    errors = np.array([np.max(np.abs(shape(52, modes) - best)) for modes in (3, 4, 5, 6)])
    assert np.all(errors[1:] < 0.1 * errors[:-1]), errors
    found = one_step(model, states=3, modes=6)
    np.testing.assert_allclose(found.rates, truth.rates, rtol=1e-5, atol=1e-9)
    assert found.skewness == pytest.approx(truth.skewness, rel=1e-5)
    assert found.unknowns == 48 * 6
    assert truth.leak < 1e-7
    assert truth.stationary.error_estimate < 1e-4


def test_table_of_the_law():
    chain = one_step(machine(0.05), states=1, cells=200, domain=(0.4, 1.6))
    law = chain.stationary
    assert law.edges.shape == (1, 201)
    assert np.sum(law.density * np.diff(law.edges)) == pytest.approx(1.0, rel=1e-12)
    assert law.law().mean == pytest.approx(law.mean[0], abs=1e-3 * law.std[0])
    assert law.law().std == pytest.approx(law.std[0], rel=5e-3)
    assert chain.eigenvalues.size == 1


def test_refusals():
    with pytest.raises(MethodError, match="one level"):
        one_step(models.rbm(mu2=2.0, kappa=[1.0, 0.9], noise=PcdNoise(0.01, 16)))
    with pytest.raises(MethodError, match="one level"):
        fp.stationary(models.rbm(mu2=2.0, kappa=[1.0, 0.9], noise=PcdNoise(0.01, 16)), method="one_step")
    with pytest.raises(MethodError, match="derived noise"):
        fp.stationary(models.rbm(mu2=2.0, kappa=[1.0], g2=0.01), method="one_step")
    with pytest.raises(MethodError, match="stale"):
        one_step(machine(0.01), chains="stale")
    with pytest.raises(GridError, match="at least 24"):
        one_step(machine(0.01), points=8)
    with pytest.raises(GridError, match="holds nothing"):
        one_step(machine(0.01), domain=(5.0, 6.0))
    with pytest.raises(ConvergenceError, match="too large"):
        one_step(machine(0.4, data="batch"))
