"""Speed of the linear ensembles, as ratios to batched NumPy in the same process."""

import time

import numpy as np
import pytest

from fpsolve.kernels.matrix_levels import fill_squared_singular_values
from fpsolve.kernels.teacher_student import advance_teacher_student
from fpsolve.sgd.matrix_langevin import train_matrix_langevin

pytestmark = pytest.mark.bench


def rounds_of(*functions, repeats=15):
    """Seconds of each function, one row per round; the rounds alternate, so that a busy machine slows all alike."""
    seconds = np.empty((repeats, len(functions)))
    for function in functions:
        function()  # compile and warm up
    for row in seconds:
        for column, function in enumerate(functions):
            start = time.perf_counter()
            function()
            row[column] = time.perf_counter() - start
    return seconds


def plain_numpy(rng, deviation, steps, alpha, batch, noise):
    """δ ← δ − α(δC + a/√B) over a batch of replicas, C from B inputs by matrix products."""
    replicas, n, _ = deviation.shape
    for _ in range(steps):
        x = rng.standard_normal((replicas, n, batch))
        a = rng.standard_normal((replicas, n, n))
        gradient = (deviation @ x) @ x.transpose(0, 2, 1) / batch
        deviation = deviation - alpha * (gradient + noise / np.sqrt(2 * batch) * (a + a.transpose(0, 2, 1)))
    return deviation


def second_moments(rng, replicas, batch):
    """C_00, C_01, C_11 of fresh batches, from their inputs."""
    x = rng.standard_normal((2, batch, replicas))
    return [np.einsum("br,br->r", x[i], x[j]) / batch for i, j in ((0, 0), (0, 1), (1, 1))]


def wishart_moments(rng, replicas, batch):
    """The same numbers in law from the Cholesky factor."""
    first, last = np.sqrt(rng.chisquare(batch, replicas) / batch), rng.chisquare(batch - 1, replicas) / batch
    below = rng.standard_normal(replicas) / np.sqrt(batch)
    return [first * first, first * below, below * below + last]


def entrywise_numpy(rng, deviation, steps, alpha, batch, noise, moments):
    """2×2 written out entry by entry with the replica last."""
    replicas = deviation.shape[-1]
    for _ in range(steps):
        c00, c01, c11 = moments(rng, replicas, batch)
        a = noise / np.sqrt(batch) * rng.standard_normal((3, replicas))
        moved = np.empty_like(deviation)
        moved[0, 0] = deviation[0, 0] * c00 + deviation[0, 1] * c01 + np.sqrt(2.0) * a[0]
        moved[0, 1] = deviation[0, 0] * c01 + deviation[0, 1] * c11 + a[1]
        moved[1, 0] = deviation[1, 0] * c00 + deviation[1, 1] * c01 + a[1]
        moved[1, 1] = deviation[1, 0] * c01 + deviation[1, 1] * c11 + np.sqrt(2.0) * a[2]
        deviation = deviation - alpha * moved
    return deviation


def kernel_run(rng, n, batch, *, lanes=256, steps=100):
    keys = rng.integers(0, 2**64, size=(2, lanes), dtype=np.uint64)
    rates, batches = np.full(steps, 0.1), np.full(steps, batch)
    none, stiffness, state = np.zeros((0, n, n)), np.ones(n), 0.1 * rng.standard_normal((n, n, lanes))
    return lambda: advance_teacher_student(keys, 0, rates, batches, stiffness, none, 0.1, True, 0.0, state)


@pytest.mark.parametrize("batch", [16, 64])
def test_pairs_against_batched_numpy(batch):
    """Matrix products, and entry by entry; the last one also draws C by its factor and is reported only."""
    rng = np.random.default_rng(1)
    state, entries = 0.1 * rng.standard_normal((2048, 2, 2)), 0.1 * rng.standard_normal((2, 2, 4096))
    seconds = rounds_of(
        lambda: plain_numpy(rng, state, 2, 0.1, batch, 0.1),
        lambda: entrywise_numpy(rng, entries, 1, 0.1, batch, 0.1, second_moments),
        lambda: entrywise_numpy(rng, entries, 2, 0.1, batch, 0.1, wishart_moments),
        kernel_run(rng, 2, batch),
        repeats=25,
    )
    each = 1e9 * seconds / [4096, 4096, 8192, 25600]
    plain, entrywise, wishart, compiled = np.median(each, axis=0)
    ratios = np.median(each[:, :3] / each[:, 3:], axis=0)
    print(
        f"\n2 x 2, B = {batch}, ns per update and replica: numpy products {plain:.0f}, entry by entry {entrywise:.0f}, "
        f"with Wishart factors {wishart:.0f}, kernel {compiled:.0f}; ratios {ratios[0]:.2f} {ratios[1]:.2f} {ratios[2]:.2f}"
    )
    assert ratios[:2].min() >= 3.0


def test_ten_levels_against_batched_numpy():
    rng = np.random.default_rng(1)
    state = 0.1 * rng.standard_normal((512, 10, 10))
    seconds = rounds_of(lambda: plain_numpy(rng, state, 4, 0.1, 16, 0.1), kernel_run(rng, 10, 16, steps=20))
    each = 1e9 * seconds / [2048, 5120]
    plain, compiled = np.median(each, axis=0)
    ratio = float(np.median(each[:, 0] / each[:, 1]))
    print(f"\n10 x 10, B = 16, ns per update and replica: numpy {plain:.0f}, kernel {compiled:.0f}, ratio {ratio:.2f}")
    assert ratio >= 1.5


def test_singular_values_of_pairs_against_lapack():
    matrices = np.random.default_rng(2).standard_normal((2, 2, 4096))
    out = np.empty((4096, 2))
    stacked = np.ascontiguousarray(np.moveaxis(matrices, -1, 0))
    seconds = rounds_of(
        lambda: np.linalg.svd(stacked, compute_uv=False), lambda: fill_squared_singular_values(matrices, out)
    )
    plain, compiled = 1e9 * np.median(seconds, axis=0) / 4096
    ratio = float(np.median(seconds[:, 0] / seconds[:, 1]))
    print(f"\n2 x 2, ns per matrix: LAPACK {plain:.0f}, kernel {compiled:.0f}, ratio {ratio:.2f}")
    assert ratio >= 3.0


def test_exact_steps_against_batched_numpy():
    """12×6, twenty records; both draw normals and take singular values by LAPACK."""
    replicas, records = 2048, np.arange(1, 21)

    def plain():
        rng = np.random.default_rng(3)
        weights = rng.standard_normal((replicas, 12, 6))
        for _ in records:
            weights = 0.9 * weights + 0.1 * rng.standard_normal(weights.shape)
            np.linalg.svd(weights, compute_uv=False)

    seconds = rounds_of(
        plain,
        lambda: train_matrix_langevin(
            12, 6, temperature=0.5, learning_rate=0.1, steps=20, record_at=records, replicas=replicas, rng=4
        ),
        repeats=5,
    )
    ratio = float(np.median(seconds[:, 0] / seconds[:, 1]))
    print(
        f"\n12 x 6, 20 records: numpy {np.median(seconds[:, 0]):.3f} s, here {np.median(seconds[:, 1]):.3f} s, ratio {ratio:.2f}"
    )
    assert ratio >= 0.8
