"""Training of RBM ensembles: reproducibility, starts, schedules, errors, and the law of the levels."""

import numpy as np
import pytest
from scipy.linalg import solve_discrete_lyapunov

from fpsolve.errors import ModelError, TrainingError
from fpsolve.sgd import rbm, train_rbm
from fpsolve.sgd.rbm_block import Block, _initial_weights, _stationary_chains, block_size
from fpsolve.sgd.rbm_settings import Training

LATTICE = 4.0 + 2.0 - 2.0 * np.cos(2 * np.pi * np.arange(6) / 6)


def train(**changes):
    settings = {
        "kappa": LATTICE, "mu2": 9.0, "learning_rate": 0.05, "batch_size": 8, "steps": 20, "replicas": 20, "rng": 7
    }  # fmt: skip
    return train_rbm(**(settings | changes))


def make_training(**changes):
    settings = {
        "kappa": np.sort(LATTICE)[::-1], "mu2": 9.0, "hidden": 6, "learning_rate": np.array([0.05]),
        "batch_size": np.array([8]), "sweeps": 1, "fresh": True, "steps": 20, "record_at": np.array([20]),
        "variance": None, "seed": np.random.SeedSequence(7),
    }  # fmt: skip
    return Training(**(settings | changes))


def test_sample_says_what_it_holds():
    seed = np.random.SeedSequence(11, spawn_key=(3,))
    sample = train(record_at=[0, 5, 20], rng=seed, learning_rate=np.r_[np.full(5, 0.05), np.full(15, 0.01)])
    assert sample.levels.shape == (20, 3, 6)
    assert np.all(np.diff(sample.levels, axis=2) >= 0.0)
    np.testing.assert_allclose(sample.times, [0.0, 0.5, 0.8], rtol=1e-14)
    assert sample.steps.tolist() == [0, 5, 20]
    assert (sample.seed, sample.spawn_key.tolist(), sample.label) == (11, [3], "rbm")
    assert sample.seconds > 0.0


def test_levels_do_not_depend_on_workers():
    whole = train(init="gaussian", replicas=37, record_at=[3, 20])
    shared = train(init="gaussian", replicas=37, record_at=[3, 20], workers=2)
    assert np.array_equal(shared.levels, whole.levels)
    assert np.array_equal(shared.alignment, whole.alignment)


@pytest.mark.parametrize("init", ["aligned", "gaussian"])
def test_levels_depend_on_seed_and_replica_only(init, monkeypatch):
    whole = train(init=init, replicas=37, record_at=[3, 20])
    assert np.array_equal(train(init=init, replicas=1, record_at=[20]).levels, whole.levels[:1, 1:])
    monkeypatch.setattr(rbm, "block_size", lambda *_: 5)
    monkeypatch.setattr("fpsolve.sgd.rbm_block.CALL_SECONDS", 1e-9)
    assert np.array_equal(train(init=init, replicas=11, record_at=[3, 20]).levels, whole.levels[:11])
    assert not np.any(train(init=init, replicas=37, rng=8, record_at=[3, 20]).levels == whole.levels)


def test_seed_may_be_a_generator_or_absent():
    generator = np.random.default_rng(5)
    first, second = train(rng=generator), train(rng=generator)
    assert not np.any(first.levels == second.levels)
    again = train(rng=np.random.SeedSequence(5, spawn_key=(1,)))
    assert np.array_equal(again.levels, second.levels)
    assert train(rng=None).seed != train(rng=None).seed


def test_blocks_fill_vectors_and_workers():
    training = make_training()
    for replicas, workers in [(1, 1), (20, 2), (256, 2), (256, 64), (100000, 2)]:
        size = block_size(training, replicas, workers)
        assert size == 8 or size % 16 == 0
        assert size <= 128
    assert block_size(training, 1024, 2) * 8 <= 1024
    huge = make_training(kappa=np.full(784, 4.0), hidden=784)
    assert block_size(huge, 1024, 1) == 8


def test_progress_counts_blocks_to_the_end():
    seen = []
    train(replicas=40, progress=lambda done, total: seen.append((done, total)))
    assert [done for done, _ in seen] == list(range(1, len(seen) + 1))
    assert seen[-1][0] == seen[-1][1] > 1


@pytest.mark.parametrize("hidden", [None, 4, 9])
def test_aligned_start_has_the_levels_asked_for(hidden):
    number = 6 if hidden is None else min(hidden, 6)
    start = train(hidden=hidden, record_at=[0]).levels
    np.testing.assert_allclose(start, np.broadcast_to(np.sort(9.0 - LATTICE)[6 - number :], start.shape), rtol=1e-14)
    given = np.random.default_rng(1).uniform(0.5, 6.0, (20, number))
    start = train(hidden=hidden, record_at=[0], initial=given).levels[:, 0]
    np.testing.assert_allclose(start, np.sort(given, axis=1), rtol=1e-14)
    assert train(hidden=hidden).levels.shape == (20, 1, number)


def test_few_hidden_units_start_at_the_smallest_kappa():
    # At its own fixed point the level stays; on the mode with kappa = 6 it would move to 3.
    sample = train_rbm([4.0, 6.0], 9.0, hidden=1, learning_rate=0.05, batch_size=64, steps=150, replicas=64, rng=2)
    assert sample.levels.mean() == pytest.approx(5.0, abs=0.2)


def test_gaussian_start_has_the_variance_asked_for():
    start = train(init="gaussian", variance=0.02, hidden=8, replicas=2000, record_at=[0]).levels[:, 0]
    trace = start.sum(axis=1)  # 0.02 times a chi-squared variable with 48 degrees of freedom
    assert abs(trace.mean() / 0.02 - 48) < 4.5 * np.sqrt(96 / 2000)
    assert abs(trace.var() / 0.02**2 - 96) < 4.5 * np.sqrt((2 + 12 / 48) / 2000) * 96
    default = train(init="gaussian", replicas=2000, record_at=[0]).levels[:, 0]
    assert abs(default.sum(axis=1).mean() / 0.01 - 36) < 4.5 * np.sqrt(72 / 2000)


@pytest.mark.parametrize("variance", [None, 0.3])
def test_chains_start_stationary(variance):
    # One W for all lanes, so that the chains of all replicas share one covariance, (1 - W W^T)^{-1}.
    training = make_training(batch_size=np.array([40]), variance=variance, hidden=4)
    lanes = 500
    keys = np.random.default_rng(2).integers(0, 2**64, (2, lanes), dtype=np.uint64)
    block = Block(training, 0, lanes, np.full((lanes, 4), 3.0))
    weights = np.repeat(_initial_weights(block, keys)[..., :1], lanes, axis=2)
    chains = _stationary_chains(block, keys, weights).transpose(0, 2, 1).reshape(-1, 6)
    exact = np.linalg.inv(np.eye(6) - weights[..., 0] @ weights[..., 0].T)
    error = np.sqrt((np.outer(np.diag(exact), np.diag(exact)) + exact**2) / chains.shape[0])
    assert np.all(np.abs(chains.T @ chains / chains.shape[0] - exact) < 4.5 * error)


def test_first_update_has_the_mean_of_the_gradient():
    alpha, kappa, mu2, x = 0.01, 1.0, 2.0, 0.4
    settings = {"learning_rate": alpha, "batch_size": 16, "steps": 1, "replicas": 20000, "rng": 3}
    change = train_rbm(kappa, mu2, initial=[x], **settings).levels[:, 0, 0] - x
    expected = 2 * alpha * x * (1 / kappa - 1 / (mu2 - x))
    assert abs(change.mean() - expected) < 4.5 * change.std() / np.sqrt(change.size) + 2e-2 * alpha**2


def test_constant_schedules_equal_numbers():
    same = train(learning_rate=np.full(20, 0.05), batch_size=np.full(20, 8))
    assert np.array_equal(same.levels, train().levels)


def test_schedules_act_at_their_updates():
    # The same 8 chains persist; from update 10 on only 3 of them, or a tenth of the learning rate, enter.
    whole = train(record_at=[10, 20]).levels
    batches = train(batch_size=np.r_[np.full(10, 8), np.full(10, 3)], record_at=[10, 20]).levels
    rates = train(learning_rate=np.r_[np.full(10, 0.05), np.zeros(10)], record_at=[10, 20]).levels
    assert np.array_equal(batches[:, 0], whole[:, 0])
    assert not np.any(batches[:, 1] == whole[:, 1])
    assert np.array_equal(rates[:, 0], whole[:, 0])
    assert np.array_equal(rates[:, 1], whole[:, 0])


def linear_response_variance(alpha, batch, kappa, mu2, sweeps, chi):
    """Stationary variance of one level from the linearised pair (level, second moment of the chains), any α.

    m' = ρ²m + (1 − ρ²)(1/κ + δx/κ²) + η,  x' = x + 2αx_s(1/κ + ζ − m'),  Var η = 2(1 − ρ⁴)/(κ²B), Var ζ = 2χ_d/(κ²B).
    """
    x = mu2 - kappa
    r = (x / mu2) ** (2 * sweeps)
    gain = 2 * alpha * x
    step = np.array([[1 - gain * (1 - r) / kappa**2, -gain * r], [(1 - r) / kappa**2, r]])
    chain, data = 2 * (1 - r**2) / (kappa**2 * batch), 2 * chi / (kappa**2 * batch)
    noise = np.array([[gain**2 * (chain + data), -gain * chain], [-gain * chain, chain]])
    return solve_discrete_lyapunov(step, noise)[0, 0]


@pytest.mark.parametrize("sweeps", [1, 3])
@pytest.mark.parametrize(("data", "chi"), [("exact", 0), ("batch", 1)])
def test_linear_response_reproduces_the_closed_forms(sweeps, data, chi):
    kappa, mu2, batch = 1.0, 2.0, 16
    x, rho = mu2 - kappa, ((mu2 - kappa) / mu2) ** sweeps
    integral = (1 + rho**2) / (1 - rho**2)
    small = linear_response_variance(1e-6, batch, kappa, mu2, sweeps, chi)
    assert small == pytest.approx(2e-6 / batch * x * (integral + chi), rel=1e-5)
    if chi == 0:
        finite = linear_response_variance(0.2, batch, kappa, mu2, sweeps, 0)
        assert finite == pytest.approx(0.4 / batch * x * integral / (1 - 0.2 * x / kappa**2 / integral), rel=1e-12)


@pytest.mark.parametrize("sweeps", [1, 3])
@pytest.mark.parametrize(("data", "chi"), [("exact", 0), ("batch", 1)])
def test_variance_at_a_large_step(sweeps, data, chi):
    # α = 0.2 makes the correction for the finite step 7 to 19 %; B = 512 keeps the level in the linear regime.
    records = np.arange(40, 340, 10)
    sample = train_rbm(
        1.0, 2.0, learning_rate=0.2, batch_size=512, steps=330, sweeps=sweeps, data=data, replicas=384,
        record_at=records, rng=5,
    )  # fmt: skip
    levels = sample.levels[..., 0]
    theory = linear_response_variance(0.2, 512, 1.0, 2.0, sweeps, chi)
    statistical = np.sqrt(2 / levels.size)
    assert levels.var() == pytest.approx(theory, rel=4 * statistical + 0.01)


@pytest.mark.slow
@pytest.mark.parametrize("sweeps", [1, 3])
@pytest.mark.parametrize(("data", "chi"), [("exact", 0), ("batch", 1)])
def test_variance_at_a_small_step(sweeps, data, chi):
    sample = train_rbm(
        1.0, 2.0, learning_rate=0.01, batch_size=64, steps=2400, sweeps=sweeps, data=data, replicas=2048,
        record_at=np.arange(400, 2401, 200), rng=6,
    )  # fmt: skip
    levels = sample.levels[..., 0]
    theory = linear_response_variance(0.01, 64, 1.0, 2.0, sweeps, chi)
    # 22528 records, neighbours correlated by exp(-8); nonlinear terms are of order α/B/x.
    assert levels.var() == pytest.approx(theory, rel=4 * np.sqrt(2 / levels.size) + 0.005)


def test_divergence_says_when_and_what_to_lower():
    with pytest.raises(TrainingError, match=r"non-finite at update \d+ with learning_rate = 40 .* lower learning_rate"):
        train(learning_rate=40.0, batch_size=4, steps=2000)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"kappa": [1.0, -2.0]}, r"kappa\[1\] must be positive, not -2"),
        ({"kappa": [[1.0]]}, "kappa must be a list of numbers"),
        ({"kappa": [9.5, 4.0]}, "kappa = 9.5 is not below mu2 = 9.*give `initial` levels"),
        ({"mu2": 0.0}, "mu2 must be positive"),
        ({"learning_rate": -0.1}, r"learning_rate\[0\] must not be negative"),
        ({"learning_rate": np.r_[np.ones(19), np.nan]}, r"learning_rate\[19\] must be a finite number"),
        ({"learning_rate": [0.1, 0.2]}, "learning_rate has shape .* each of the 20 updates"),
        ({"batch_size": 0}, r"batch_size\[0\] must be a whole number of at least 1"),
        ({"batch_size": 2.5}, r"batch_size\[0\] must be a whole number"),
        ({"sweeps": 0}, "sweeps must be a whole number"),
        ({"steps": 0}, "steps must be a whole number"),
        ({"replicas": 0}, "replicas must be a whole number"),
        ({"hidden": 0}, "hidden must be a whole number"),
        ({"data": "both"}, "data must be 'batch' or 'exact', not 'both'"),
        ({"init": "zero"}, "init must be 'aligned' or 'gaussian', not 'zero'"),
        ({"record_at": [5, 5]}, "record_at must be whole numbers that increase strictly"),
        ({"record_at": [21]}, "at most 20"),
        ({"record_at": [1.5]}, "record_at must be whole numbers"),
        ({"record_at": []}, "record_at must be whole numbers"),
        ({"variance": 0.1}, 'variance belongs to init="gaussian"'),
        ({"init": "gaussian", "initial": np.ones(6)}, 'belong to init="aligned"'),
        ({"init": "gaussian", "variance": 2.0}, r"replica \d+ starts with a level x = .* lower `variance`"),
        ({"initial": np.ones(5)}, r"initial has shape \(5,\), expected \(6,\) or \(20, 6\)"),
        ({"initial": np.full(6, 9.0)}, "replica 0 starts with a level x = 9, at or above mu2 = 9"),
        ({"initial": np.full(6, -1.0)}, "initial levels must be finite and not negative"),
    ],
)
def test_what_cannot_be_trained_is_refused(changes, message):
    with pytest.raises(ModelError, match=message):
        train(**changes)
