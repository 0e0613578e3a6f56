"""The published training: ten levels, κ of a ring with m² = 4, μ² = 9, k = 3, exact data term, B = 16.

Predictions are the eigenvalues and eigenvectors of the Gaussian matrix around the fixed point; nothing is fitted.
"""

import numpy as np
import pytest

from fpsolve.exact import GaussianRbm
from fpsolve.exact.gaussian_matrix_rbm import rbm_matrix_law
from fpsolve.models.lattice import lattice_scalar_1d
from fpsolve.sgd import train_rbm

MU2, SWEEPS, BATCH = 9.0, 3, 16
KAPPA = np.array(lattice_scalar_1d(10, mass2=4.0).kappa)
DIMENSION = np.array([1, 2, 2, 2, 2, 2, 2, 2, 2, 1])
LOWER_OF_PAIR = [1, 3, 5, 7]


def published(**settings):
    return train_rbm(KAPPA, MU2, batch_size=BATCH, sweeps=SWEEPS, data="exact", **settings)


def predicted(learning_rate, number):
    """Levels and alignment of matrices drawn from the Gaussian law, both of shape (number, level)."""
    settings = {"learning_rate": learning_rate, "batch_size": BATCH, "sweeps": SWEEPS, "data": "exact"}
    law = rbm_matrix_law(GaussianRbm(kappa=tuple(KAPPA), mu2=MU2, **settings))
    rng = np.random.default_rng(3)
    row, column = np.triu_indices(10, 1)
    matrices = np.zeros((number, 10, 10))
    matrices[:, column, row] = rng.standard_normal((number, row.size)) * np.sqrt(law.variance[row, column])
    diagonal = rng.multivariate_normal(law.centre, law.covariance, number)
    matrices[:, np.arange(10), np.arange(10)] = diagonal
    levels, vectors = np.linalg.eigh(matrices)
    same = np.abs(KAPPA[:, None] - KAPPA) < 1e-9
    return levels, np.einsum("rai,ai->ri", vectors**2, same)


def test_published_settings_run_as_one_call():
    for rate, batch, data in ((0.01, 16, "exact"), (0.1, 4, "exact"), (0.1, 64, "batch")):
        sample = train_rbm(
            KAPPA, MU2, learning_rate=rate, batch_size=batch, steps=50, sweeps=SWEEPS, data=data, init="gaussian",
            variance=0.01, replicas=16, record_at=[0, 50], rng=1,
        )  # fmt: skip
        assert sample.levels.shape == sample.alignment.shape == (16, 2, 10)
        assert np.all(np.isfinite(sample.levels))
        assert sample.times.tolist() == pytest.approx([0.0, 100 * rate])


def random_direction(dimension, number, replicas):
    """Mean alignment of a random direction, and its error: the projection squared is Beta(d/2, (N − d)/2)."""
    variance = 2 * dimension * (number - dimension) / (number**2 * (number + 2))
    return dimension / number, np.sqrt(variance / replicas)


def test_gaussian_start_turns_into_the_target():
    # The slowest mode grows by 2α(1/8 − 1/9) = 0.0028 per update: 3000 updates lift it far above its start. At this
    # α/B the top three levels, of two groups, stay mixed for good.
    settings = {"learning_rate": 0.1, "steps": 4000, "record_at": [0, 40, 400, 3000, 3500, 4000]}
    alignment = published(init="gaussian", replicas=96, rng=5, **settings).alignment
    mean, error = random_direction(DIMENSION, 10, 96)
    assert np.all(np.abs(alignment[:, 0].mean(axis=0) - mean) < 4.5 * error)
    learned = alignment[:, 3:].mean(axis=(0, 1))
    np.testing.assert_allclose(learned, predicted(0.1, 4000)[1].mean(axis=0), atol=0.07)
    # Large levels learn first: by update 400 the middle ones have turned, the smallest have not.
    assert np.all(alignment[:, 1].mean(axis=0) < 0.5)
    turned = alignment[:, 2].mean(axis=0) / learned
    assert np.all(turned[4:] > 0.8)
    assert np.all(turned[:3] < 0.75)


def test_groups_far_apart_end_aligned():
    kappa, dimension = np.array(lattice_scalar_1d(4, mass2=4.0).kappa), np.array([1, 2, 2, 1])
    sample = train_rbm(
        kappa, MU2, learning_rate=0.1, batch_size=BATCH, sweeps=SWEEPS, data="exact", init="gaussian", steps=4000,
        replicas=192, record_at=[0, 3000, 4000], rng=6,
    )  # fmt: skip
    mean, error = random_direction(dimension, 4, 192)
    assert np.all(np.abs(sample.alignment[:, 0].mean(axis=0) - mean) < 4.5 * error)
    # The gaps are 2: second order in ξ gives 1 − a = Σ V_ij/4 = 0.01 for the levels in the middle.
    assert np.all(sample.alignment[:, 1:].mean(axis=(0, 1)) > 0.96)


@pytest.mark.slow
def test_mean_spacings_and_alignment_of_the_gaussian_matrix():
    # The slowest pair relaxes by exp(-4.8e-4) per update: 6500 updates leave 0.1 % of its mean spacing to come.
    sample = published(
        learning_rate=0.01, steps=11500, replicas=768, record_at=np.arange(6500, 11501, 1000), rng=11, workers=2
    )
    levels, alignment = predicted(0.01, 100_000)
    # Records of one replica are correlated, replicas are not.
    found = np.diff(sample.levels)[:, :, LOWER_OF_PAIR].mean(axis=1)
    expected = np.diff(levels)[:, LOWER_OF_PAIR].mean(axis=0)
    error = found.std(axis=0, ddof=1) / np.sqrt(found.shape[0]) / expected
    deviation = found.mean(axis=0) / expected - 1.0
    assert np.all(error < 0.012), error
    assert np.all(np.abs(deviation) < 0.02), (deviation, error)
    aligned = sample.alignment.mean(axis=1)
    spread = aligned.std(axis=0, ddof=1) / np.sqrt(aligned.shape[0])
    # 1 − a_i is of order α/B; what the leading order leaves out is a few per cent of it.
    expected = alignment.mean(axis=0)
    difference = np.abs(aligned.mean(axis=0) - expected)
    assert np.all(difference < 4.0 * spread + 0.05 * (1.0 - expected)), (difference, spread)
    assert np.all(aligned.mean(axis=0) > 0.94)
