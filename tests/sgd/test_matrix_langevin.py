"""Matrix Langevin ensembles: the Laguerre gas in time, targets, heavy tails, reproducibility, refusals."""

import numpy as np
import pytest
from scipy.stats import ks_2samp, kstest

from fpsolve.errors import ModelError, TrainingError
from fpsolve.exact import BetaPrimeLaw, ordered_gas
from fpsolve.models import laguerre
from fpsolve.sgd.matrix_langevin import train_matrix_langevin
from fpsolve.validate.hill import hill


def train(**changes):
    settings = {
        "rows": 4,
        "levels": 3,
        "temperature": 0.5,
        "learning_rate": 0.05,
        "steps": 20,
        "replicas": 20,
        "rng": 7,
    }
    return train_matrix_langevin(**(settings | changes))


def test_sample_says_what_it_holds():
    seed = np.random.SeedSequence(11, spawn_key=(3,))
    sample = train(record_at=[0, 5, 20], rng=seed, learning_rate=np.r_[np.full(5, 0.1), np.full(15, 0.01)])
    assert sample.levels.shape == (20, 3, 3)
    assert np.all(np.diff(sample.levels, axis=2) > 0.0)
    np.testing.assert_allclose(sample.times, [0.0, 0.5, 0.65], rtol=1e-14)
    assert (sample.seed, sample.spawn_key.tolist(), sample.label) == (11, [3], "matrix_langevin")


@pytest.mark.parametrize("multiplicative", [0.0, 0.05])
def test_levels_do_not_depend_on_workers_and_blocks(multiplicative, monkeypatch):
    whole = train(multiplicative=multiplicative, replicas=37, record_at=[3, 20])
    parallel = train(multiplicative=multiplicative, replicas=37, record_at=[3, 20], workers=2)
    assert np.array_equal(parallel.levels, whole.levels)
    monkeypatch.setattr("fpsolve.sgd.matrix_langevin.lanes_per_block", lambda *_: 5)
    monkeypatch.setattr("fpsolve.sgd.matrix_langevin_block.CALL_SECONDS", 1e-9)
    few = train(multiplicative=multiplicative, replicas=11, record_at=[3, 20])
    assert np.array_equal(few.levels, whole.levels[:11])
    assert not np.any(train(rng=8, multiplicative=multiplicative, replicas=37).levels == whole.levels[:, 1:])


def test_laguerre_gas_at_three_times_from_a_hot_start():
    """12×6 from entries of variance 2 towards T/c = 0.5: W(t) is Gaussian, its levels are the Laguerre gas at all t."""
    temperature, decay, start, replicas = 0.75, 1.5, 2.0, 60000
    records, rate = [1, 4, 40], 0.05
    sample = train_matrix_langevin(
        12, 6, temperature=temperature, weight_decay=decay, learning_rate=rate, steps=40, variance=start,
        record_at=records, replicas=replicas, rng=3,
    )  # fmt: skip
    for index, record in enumerate(records):
        forgotten = np.exp(-2 * decay * rate * record)
        variance = start * forgotten + temperature / decay * (1 - forgotten)
        gas = ordered_gas(laguerre(rows=12, levels=6, temperature=variance).levels)
        levels = sample.levels[:, index]
        np.testing.assert_allclose(levels.mean(axis=0), gas.mean, rtol=0.005)
        for values, law in zip(levels.T, gas.laws, strict=True):
            assert kstest(values, law.cdf).pvalue > 1e-3


def test_noncentral_levels_from_an_aligned_start_and_towards_a_target():
    """W(t) = W_* + (W_0 − W_*)e^{−ct} + Gaussian, drawn with NumPy."""
    temperature, decay, replicas = 0.2, 0.7, 20000
    first, target = np.array([0.5, 2.0, 6.0]), np.array([2.0, 1.0, -0.5])
    sample = train_matrix_langevin(
        5, 3, temperature=temperature, weight_decay=decay, learning_rate=[0.1, 0.3, 2.0], steps=3, target=target,
        init="aligned", initial=first, record_at=[1, 2, 3], replicas=replicas, rng=4,
    )  # fmt: skip
    np.testing.assert_allclose(sample.times, [0.1, 0.4, 2.4])
    rng = np.random.default_rng(5)
    # Levels ascend with the target's singular values 0.5, 1, 2, and keep the signs of its vectors.
    begin, end = np.zeros((5, 3)), np.zeros((5, 3))
    begin[[0, 1, 2], [0, 1, 2]], end[[0, 1, 2], [0, 1, 2]] = np.sqrt(first[::-1]) * [1, 1, -1], target
    for index, t in enumerate(sample.times):
        keep = np.exp(-decay * t)
        spread = np.sqrt(temperature / decay * (1 - keep**2))
        weights = end + (begin - end) * keep + spread * rng.standard_normal((replicas, 5, 3))
        for level, values in enumerate(np.linalg.svd(weights, compute_uv=False)[:, ::-1].T ** 2):
            assert ks_2samp(sample.levels[:, index, level], values).pvalue > 1e-3


def test_multiplicative_noise_in_time_against_small_steps():
    """A 3×2 matrix on its way against Euler–Maruyama steps of 1/400, which need no splitting."""
    decay, additive, multiplicative, replicas = 2.0, 0.3, 0.15, 4000
    sample = train_matrix_langevin(
        3, 2, temperature=additive, weight_decay=decay, multiplicative=multiplicative, learning_rate=0.05, steps=8,
        init="aligned", initial=[0.5, 4.0], replicas=replicas, record_at=[2, 8], rng=6,
    )  # fmt: skip
    rng = np.random.default_rng(7)
    weights = np.zeros((replicas, 3, 2))
    weights[:, [0, 1], [0, 1]] = np.sqrt([0.5, 4.0])
    h = 1 / 400
    for index, steps in enumerate((40, 120)):
        for _ in range(steps):
            diffusion = additive + multiplicative * (weights**2).sum(axis=(1, 2), keepdims=True)
            weights += -h * decay * weights + np.sqrt(2 * h * diffusion) * rng.standard_normal(weights.shape)
        for level, values in enumerate(np.linalg.svd(weights, compute_uv=False)[:, ::-1].T ** 2):
            assert ks_2samp(sample.levels[:, index, level], values).pvalue > 1e-3


def test_power_law_tail_of_multiplicative_noise():
    """m = 3, one level: beta-prime law with b = 1.5, and Hill's estimate of it."""
    law = BetaPrimeLaw.from_noise(3, decay=2.0, additive=0.5, multiplicative=0.5)
    assert law.b == 1.5
    sample = train_matrix_langevin(
        3, 1, temperature=0.5, weight_decay=2.0, multiplicative=0.5, learning_rate=0.05, steps=160, variance=1.0,
        replicas=40000, rng=8,
    )  # fmt: skip
    values = sample.levels.ravel()
    assert kstest(values, law.cdf).pvalue > 1e-3
    estimate = hill(values, 400)
    # Above the quantile 0.99 the local exponent −d ln(1 − cdf)/d ln x is still 2 % below its limit.
    assert abs(estimate.exponent - 1.5) < 3 * estimate.error + 0.03


def test_observables():
    squares = train(rows=3).levels
    np.testing.assert_allclose(train(rows=3, observable="singular").levels ** 2, squares, rtol=1e-12)
    symmetric = train(rows=3, observable="symmetric", replicas=4000, learning_rate=1.0).levels[:, 0]
    # Symmetric part of entries of variance T/c: trace of variance N T/c.
    assert abs(symmetric.sum(axis=1).var() / 1.5 - 1) < 4.5 * np.sqrt(2 / 4000)


def test_noise_without_an_end_is_reported():
    with pytest.raises(TrainingError, match=r"non-finite at update \d+.* raise weight_decay or lower multiplicative"):
        train(multiplicative=400.0, steps=4000)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"rows": 2}, "a matrix of 2 rows has at most 2 levels, not 3"),
        ({"levels": 0}, "levels must be a whole number"),
        ({"temperature": -0.1}, "temperature must not be negative"),
        ({"weight_decay": 0.0}, "weight_decay must be positive"),
        ({"multiplicative": -1.0}, "multiplicative must not be negative"),
        ({"learning_rate": -0.1}, "must not be negative"),
        ({"observable": "symmetric"}, "needs a square matrix, not 4 x 3"),
        ({"observable": "all"}, "observable must be"),
        ({"target": np.ones((3, 3))}, r"target has shape \(3, 3\), expected \(3,\) or \(4, 3\)"),
        ({"target": [1.0, 2.0]}, "target has shape"),
        ({"init": "aligned", "variance": 0.1}, 'variance belongs to init="gaussian"'),
        ({"initial": np.ones(3)}, 'belong to init="aligned"'),
        ({"record_at": [21]}, "at most 20"),
    ],
)
def test_what_has_no_meaning_is_refused(changes, message):
    with pytest.raises(ModelError, match=message):
        train(**changes)
