"""Ensembles of linear students: reproducibility, starts, data, published numbers, independent simulation."""

import numpy as np
import pytest
from scipy.stats import ks_2samp

from fpsolve.errors import ModelError, TrainingError
from fpsolve.kernels.normals import fill_normals
from fpsolve.parallel.seeds import replica_keys
from fpsolve.sgd import teacher_student
from fpsolve.sgd.linear_network import train_linear_network
from fpsolve.sgd.teacher_student import train_teacher_student
from fpsolve.sgd.teacher_student_settings import DATA_SET

Z = np.array([[1.0, 0.5], [0.0, 1.5], [0.7, -0.2]])


def train(**changes):
    settings = {
        "teacher": [1.0, 2.0, 2.0], "learning_rate": 0.1, "batch_size": 8, "steps": 20, "gradient_noise": 0.2,
        "label_noise": 0.1, "second_layer": [0.5, 1.0, 2.0], "replicas": 20, "rng": 7,
    }  # fmt: skip
    return train_teacher_student(**(settings | changes))


def simulate(
    rng, weights, teacher, z_layer, steps, *, alpha, batch, gradient=0.0, label=0.0, symmetric=True, data=None
):
    """The update as it is written down, sample by sample: W (replica, row, column), data (epoch batch, B, column)."""
    replicas, rows, columns = weights.shape
    for n in range(steps):
        shape = (replicas, batch, columns)
        x = rng.standard_normal(shape) if data is None else np.broadcast_to(data[n % len(data)], shape)
        y = np.einsum("oi,ij,rbj->rbo", z_layer, teacher, x)
        y = y + label * rng.standard_normal(y.shape)
        residual = np.einsum("oi,rij,rbj->rbo", z_layer, weights, x) - y
        grad = np.einsum("oi,rbo,rbj->rij", z_layer, residual, x) / batch
        noise = rng.standard_normal((replicas, batch, rows, columns))
        if symmetric:
            noise = (noise + noise.transpose(0, 1, 3, 2)) / np.sqrt(2)
        weights = weights - alpha * (grad + gradient * noise.mean(axis=1))
    return weights


def squared(weights):
    return np.linalg.svd(weights, compute_uv=False)[:, ::-1] ** 2


def test_sample_says_what_it_holds():
    seed = np.random.SeedSequence(11, spawn_key=(3,))
    sample = train(record_at=[0, 5, 20], rng=seed, learning_rate=np.r_[np.full(5, 0.1), np.full(15, 0.01)])
    assert sample.levels.shape == (20, 3, 3)
    assert np.all(np.diff(sample.levels, axis=2) >= 0.0)
    np.testing.assert_allclose(sample.times, [0.0, 0.5, 0.65], rtol=1e-14)
    assert sample.steps.tolist() == [0, 5, 20]
    assert (sample.seed, sample.spawn_key.tolist(), sample.label) == (11, [3], "teacher_student")
    assert sample.seconds > 0.0
    assert not sample.correlated


@pytest.mark.parametrize("data", ["batch", "fixed"])
def test_levels_do_not_depend_on_workers(data):
    whole = train(data=data, replicas=37, record_at=[3, 20])
    assert np.array_equal(train(data=data, replicas=37, record_at=[3, 20], workers=2).levels, whole.levels)


@pytest.mark.parametrize("init", ["aligned", "gaussian"])
def test_levels_depend_on_seed_and_replica_only(init, monkeypatch):
    whole = train(init=init, replicas=37, record_at=[3, 20])
    assert np.array_equal(train(init=init, replicas=1, record_at=[20]).levels, whole.levels[:1, 1:])
    monkeypatch.setattr(teacher_student, "block_size", lambda *_: 5)
    monkeypatch.setattr("fpsolve.sgd.teacher_student_block.CALL_SECONDS", 1e-9)
    assert np.array_equal(train(init=init, replicas=11, record_at=[3, 20]).levels, whole.levels[:11])
    assert not np.any(train(init=init, replicas=37, rng=8, record_at=[20]).levels == whole.levels[:, 1:])


def test_progress_counts_blocks_to_the_end():
    seen = []
    train(replicas=40, progress=lambda done, total: seen.append((done, total)))
    assert [done for done, _ in seen] == list(range(1, len(seen) + 1))
    assert seen[-1][0] == seen[-1][1] > 1


def test_starts():
    start = train(record_at=[0], init="aligned").levels[:, 0]
    np.testing.assert_allclose(start, np.broadcast_to([1.0, 4.0, 4.0], start.shape), rtol=1e-14)
    given = np.sort(np.random.default_rng(1).uniform(0.5, 6.0, (20, 3)), axis=1)
    matrix = np.random.default_rng(2).standard_normal((3, 3))
    for teacher in ([1.0, -2.0, 2.0], matrix):
        start = train(teacher=teacher, record_at=[0], init="aligned", initial=given).levels[:, 0]
        np.testing.assert_allclose(start, given, rtol=1e-12)
    own = train(teacher=matrix, record_at=[0], init="aligned", observable="symmetric").levels[0, 0]
    np.testing.assert_allclose(own, np.linalg.eigvalsh((matrix + matrix.T) / 2), rtol=1e-12)
    gaussian = train(record_at=[0], variance=0.3, replicas=4000).levels[:, 0].sum(axis=1)
    assert abs(gaussian.mean() / 0.3 - 9) < 4.5 * np.sqrt(18 / 4000)
    default = train(record_at=[0], replicas=4000).levels[:, 0].sum(axis=1)
    assert abs(default.mean() / 0.01 - 9) < 4.5 * np.sqrt(18 / 4000)


def test_an_aligned_start_keeps_levels_with_their_species():
    # Exact inputs, no noise: W_ii = 2 + (√x_i − 2)(1 − α z_i)^n, also when Z comes as a matrix with these eigenvalues.
    settings = {
        "data": "exact", "gradient_noise": 0.0, "label_noise": 0.0, "replicas": 1, "init": "aligned", "initial": [0.0, 1.0],
        "teacher": [2.0, 2.0], "record_at": [7, 20],
    }  # fmt: skip
    expected = [[(2 - 2 * (1 - 0.1 * 0.5) ** n) ** 2, (2 - (1 - 0.1 * 3.0) ** n) ** 2] for n in (7, 20)]
    for second_layer in ([0.5, 3.0], np.diag(np.sqrt([0.5, 3.0])), np.diag(np.sqrt([0.5, 3.0]))[::-1]):
        levels = train(second_layer=second_layer, **settings).levels[0]
        np.testing.assert_allclose(levels, np.sort(expected, axis=1), rtol=1e-12)


def test_observables_of_one_training():
    squares, singular = train().levels, train(observable="singular").levels
    np.testing.assert_allclose(singular**2, squares, rtol=1e-13)
    near = {"teacher": [1.0, 2.0, 3.0], "init": "aligned", "gradient_noise": 1e-5, "label_noise": 0.0}
    symmetric, singular = train(observable="symmetric", **near).levels, train(observable="singular", **near).levels
    # Singular values of 1 + δ differ from those of the symmetric part at second order.
    assert np.abs(symmetric - singular).max() < 1e-9
    assert np.abs(singular - [1.0, 2.0, 3.0]).max() > 1e-6


@pytest.mark.parametrize(
    ("batch", "gradient", "label", "symmetric"), [(2, 0.3, 0.0, True), (2, 0.0, 0.5, True), (5, 0.3, 0.2, False)]
)
def test_law_of_the_levels_is_that_of_the_update_as_written(batch, gradient, label, symmetric):
    # A full matrix Z, a full teacher, learning off equilibrium, and fewer samples than inputs.
    teacher = np.array([[1.0, 0.4, 0.0], [-0.3, 1.2, 0.5], [0.2, 0.0, 0.9]])
    z_layer = np.array([[0.9, 0.2, 0.0], [0.0, 0.6, -0.3], [0.1, 0.0, 0.8], [0.5, 0.5, 0.5]])
    replicas, alpha, records = 4000, 0.15, [2, 8, 25]
    sample = train_teacher_student(
        teacher, second_layer=z_layer, learning_rate=alpha, batch_size=batch, steps=25, gradient_noise=gradient,
        label_noise=label, noise_shape="symmetric" if symmetric else "independent", variance=0.04, replicas=replicas,
        record_at=records, rng=3,
    )  # fmt: skip
    rng = np.random.default_rng(4)
    weights = 0.2 * rng.standard_normal((replicas, 3, 3))
    for index, steps in enumerate(np.diff([0, *records])):
        weights = simulate(
            rng, weights, teacher, z_layer, steps, alpha=alpha, batch=batch, gradient=gradient, label=label,
            symmetric=symmetric,
        )  # fmt: skip
        for level, values in enumerate(squared(weights).T):
            assert ks_2samp(sample.levels[:, index, level], values).pvalue > 1e-3


def test_rectangular_student():
    teacher = np.random.default_rng(5).standard_normal((2, 4))
    sample = train_teacher_student(
        teacher, learning_rate=0.2, batch_size=3, steps=6, gradient_noise=0.3, noise_shape="independent", replicas=4000,
        second_layer=[1.0, 0.3], variance=0.25, rng=6,
    )  # fmt: skip
    rng = np.random.default_rng(7)
    weights = 0.5 * rng.standard_normal((4000, 2, 4))
    z_layer = np.diag(np.sqrt([1.0, 0.3]))
    weights = simulate(rng, weights, teacher, z_layer, 6, alpha=0.2, batch=3, gradient=0.3, symmetric=False)
    assert sample.levels.shape == (4000, 1, 2)
    for level, values in enumerate(squared(weights).T):
        assert ks_2samp(sample.levels[:, 0, level], values).pvalue > 1e-3


def test_fixed_data_set_is_used_in_order():
    # Without noise the training is deterministic; the data set is the stream that belongs to the whole ensemble.
    batch, number, steps = 4, 3, 8
    values = np.empty((number * batch * 2, 1))
    fill_normals(replica_keys(np.random.SeedSequence(9), DATA_SET, 1), 0, values)
    data = values.reshape(number, batch, 2)
    sample = train_linear_network(
        Z, [2.0, 2.0], learning_rate=0.1, batch_size=batch, steps=steps, data="fixed", samples=number * batch,
        init="aligned", initial=[0.25, 1.0], replicas=3, rng=9,
    )  # fmt: skip
    assert sample.correlated
    assert sample.label == "linear_network"
    # W is turned on both sides into the eigenbasis of Z^T Z, in which the data set is drawn.
    frame = np.linalg.svd(Z)[2].T
    weights = simulate(
        np.random.default_rng(0), np.diag([0.5, 1.0])[None], np.diag([2.0, 2.0]), Z, steps, alpha=0.1, batch=batch,
        data=data @ frame.T,
    )  # fmt: skip
    np.testing.assert_allclose(sample.levels[:, 0], np.repeat(squared(weights), 3, axis=0), rtol=1e-12)


def spacing(alpha, batch, noise, *, steps, replicas, rng, **changes):
    sample = train_teacher_student(
        [2.0, 2.0], learning_rate=alpha, batch_size=batch, steps=steps, gradient_noise=noise, observable="singular",
        replicas=replicas, rng=rng, **changes,
    )  # fmt: skip
    values = sample.levels[:, 0, 1] - sample.levels[:, 0, 0]
    return values.mean(), values.std() / np.sqrt(replicas)


@pytest.mark.parametrize(("alpha", "batch", "steps"), [(0.1, 16, 120), (0.1, 4, 120), (0.5, 16, 30)])
def test_mean_spacing_of_the_degenerate_pair(alpha, batch, steps):
    """σ² = (αε²/B)/[1 − (α/2)(1 + 2/B)] for the traceless part that makes the spacing, ⟨S⟩ = √π σ."""
    mean, error = spacing(alpha, batch, 0.1, steps=steps, replicas=20000, rng=1)
    sigma = np.sqrt(alpha * 0.01 / batch / (1 - 0.5 * alpha * (1 + 2 / batch)))
    # Beyond it: singular values against eigenvalues, of relative size σ²/2 ~ 1e-4, and the trace mixed in, 0.2 %.
    assert abs(mean - np.sqrt(np.pi) * sigma) < 4.5 * error + 0.003 * mean
    # Wrong by 5 %: without the finite step, or with the noise of one sample more or less, this is rejected.
    assert error < 0.005 * mean


def test_published_spacings_lie_within_the_scatter_of_data_sets():
    """⟨S⟩ at α = 0.1, ε = 0.1 from one data set shared by all seeds (data release of arXiv:2407.16427)."""
    for batch, published in [(4, 0.0322), (16, 0.01434), (64, 0.00725)]:
        # The memory is ten updates: a data set of 100 batches has the law of one of 500.
        means = [
            spacing(0.1, batch, 0.1, steps=100, replicas=512, rng=seed, data="fixed", samples=100 * batch)[0]
            for seed in range(16)
        ]
        fresh = spacing(0.1, batch, 0.1, steps=100, replicas=8192, rng=5)[0]
        assert abs(np.mean(means) - fresh) < 4.5 * np.std(means) / 4
        assert abs(published - fresh) < 3.0 * np.std(means), (batch, published, fresh, np.std(means))


def test_two_species_variances():
    """Diagonal entries: αA/(B z_i) from gradient noise and ασ_e²/(2B) from label noise, 1 − αz_i/2 for the step."""
    alpha, batch, z, noise = 0.05, 16, np.array([0.5, 2.0]), 0.1
    settings = {
        "learning_rate": alpha, "batch_size": batch, "steps": 300, "second_layer": z, "data": "exact", "init": "aligned",
        "replicas": 8192, "observable": "symmetric",
    }  # fmt: skip
    # Levels far apart: second-order shifts are 1e-4 of the distance, and each eigenvalue is its diagonal entry.
    additive = train_teacher_student([3.0, 1.0], gradient_noise=noise, rng=1, **settings).levels[:, 0, ::-1]
    labels = train_teacher_student([3.0, 1.0], label_noise=noise, rng=2, **settings).levels[:, 0, ::-1]
    step = 1 - alpha * z / 2
    tolerance = 4.5 * np.sqrt(2 / 8192)
    np.testing.assert_allclose(additive.var(axis=0), alpha * noise**2 / (batch * z) / step, rtol=tolerance)
    np.testing.assert_allclose(labels.var(axis=0), alpha * noise**2 / (2 * batch) / step, rtol=tolerance)


def test_training_curves_of_twenty_networks():
    """Mean of the entries: ξ_i(n) = κ + (ξ_i(0) − κ)(1 − αz_i)^n, the exponential approach of the squared levels."""
    alpha, z, records = 0.02, np.array([1.0, 0.25]), np.arange(0, 200, 20)
    sample = train_linear_network(
        z, [1.5, 1.5], learning_rate=alpha, batch_size=64, steps=200, label_noise=0.05, replicas=500,
        init="aligned", initial=[0.04, 0.04], record_at=records, rng=4,
    )  # fmt: skip
    xi = 1.5 + (0.2 - 1.5) * (1 - alpha * z) ** records[:, None]
    mean = sample.levels.mean(axis=0)
    np.testing.assert_allclose(mean, np.sort(xi**2, axis=1), rtol=0.02, atol=2e-3)


def test_divergence_says_when_and_what_to_lower():
    with pytest.raises(TrainingError, match=r"non-finite at update \d+ with learning_rate = 40 .* lower learning_rate"):
        train(learning_rate=40.0, steps=2000)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"teacher": [np.nan, 1.0, 1.0]}, "teacher must be a list of finite numbers"),
        ({"teacher": np.zeros((1, 1, 1))}, "teacher must be a list of finite numbers"),
        ({"second_layer": [1.0, 2.0]}, r"second_layer has shape \(2,\): give 3 eigenvalues"),
        ({"second_layer": np.ones((3, 2))}, "matrix Z of finite numbers with 3 columns"),
        ({"second_layer": [1.0, -2.0, 1.0]}, "must not be negative, but the smallest is -2"),
        ({"learning_rate": -0.1}, r"learning_rate\[0\] must not be negative"),
        ({"learning_rate": [0.1, 0.2]}, "learning_rate has shape .* each of the 20 updates"),
        ({"batch_size": 0}, r"batch_size\[0\] must be a whole number of at least 1"),
        ({"gradient_noise": -1.0}, "gradient_noise must not be negative"),
        ({"label_noise": np.inf}, "label_noise must be a finite number"),
        ({"data": "both"}, "data must be 'batch' or 'exact' or 'fixed', not 'both'"),
        ({"samples": 80}, 'samples belongs to data="fixed"'),
        ({"data": "fixed", "samples": 81}, "samples = 81 is not a multiple of batch_size = 8"),
        ({"data": "fixed", "batch_size": np.r_[np.full(19, 8), 4]}, "one batch_size for all updates"),
        ({"observable": "trace"}, "observable must be 'squared' or 'singular' or 'symmetric'"),
        ({"noise_shape": "round"}, "noise_shape must be 'symmetric' or 'independent'"),
        ({"teacher": np.ones((3, 2))}, 'square teacher, not 3 x 2; take noise_shape="independent"'),
        ({"teacher": np.ones((3, 2)), "gradient_noise": 0.0, "observable": "symmetric"}, "needs a square teacher"),
        ({"steps": 0}, "steps must be a whole number"),
        ({"replicas": 0}, "replicas must be a whole number"),
        ({"init": "zero"}, "init must be 'gaussian' or 'aligned', not 'zero'"),
        ({"record_at": [21]}, "at most 20"),
        ({"init": "aligned", "variance": 0.1}, 'variance belongs to init="gaussian"'),
        ({"initial": np.ones(3)}, 'belong to init="aligned"'),
        ({"init": "aligned", "initial": np.ones(2)}, r"initial has shape \(2,\), expected \(3,\) or \(20, 3\)"),
        ({"init": "aligned", "initial": -np.ones(3)}, "initial levels must be finite and not negative"),
    ],
)
def test_what_cannot_be_trained_is_refused(changes, message):
    with pytest.raises(ModelError, match=message):
        train(**changes)
