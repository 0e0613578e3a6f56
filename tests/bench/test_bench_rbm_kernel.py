"""Speed of the RBM kernel and of its normals, as ratios to NumPy in the same process."""

import time

import numpy as np
import pytest

from fpsolve.kernels.normals import fill_normals
from fpsolve.kernels.rbm_pcd import advance_rbm

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


def batched_numpy(rng, weights, chains, steps, rate, kappa, mu2):
    """The same algorithm over a batch of replicas: W (replica, visible, hidden), φ (replica, chain, visible)."""
    for _ in range(steps):
        hidden = chains @ weights
        hidden += rng.standard_normal(hidden.shape)
        chains = hidden @ weights.transpose(0, 2, 1)
        chains /= mu2
        chains += rng.standard_normal(chains.shape) / np.sqrt(mu2)
        data = rng.standard_normal(chains.shape)
        data /= np.sqrt(kappa)
        gradient = (data.transpose(0, 2, 1) @ data - chains.transpose(0, 2, 1) @ chains) / chains.shape[1]
        weights = weights + rate * (gradient @ weights)
    return weights


@pytest.mark.parametrize(("units", "replicas", "lanes", "steps"), [(10, 256, 32, 40), (1, 4096, 128, 200)])
def test_update_against_batched_numpy(units, replicas, lanes, steps):
    batch, mu2, rate = 16, 9.0, 0.01
    kappa = 6.0 - 2.0 * np.cos(2 * np.pi * np.arange(units) / units)
    rng = np.random.default_rng(1)
    start = np.diag(np.sqrt(mu2 - kappa))
    keys = rng.integers(0, 2**64, size=(2, lanes), dtype=np.uint64)
    weights = np.repeat(start[:, :, None] / np.sqrt(mu2), lanes, axis=2)
    chains = rng.standard_normal((batch, units, lanes))
    rates, batches = np.full(steps, rate / mu2), np.full(steps, batch)
    stacked, stacked_chains = np.repeat(start[None], replicas, axis=0), rng.standard_normal((replicas, batch, units))
    numpy_steps = 4
    seconds = rounds_of(
        lambda: batched_numpy(rng, stacked, stacked_chains, numpy_steps, rate, kappa, mu2),
        lambda: advance_rbm(keys, 0, rates, batches, 1, True, mu2 / kappa, weights, chains),
    )
    each = 1e6 * seconds / [numpy_steps * replicas, steps * lanes]
    ratio = float(np.median(each[:, 0] / each[:, 1]))
    plain, compiled = np.median(each, axis=0)
    print(
        f"\nN = {units}, B = {batch}, us per update and replica: numpy {plain:.3f}, kernel {compiled:.3f}, ratio {ratio:.2f}"
    )
    assert ratio >= 1.5


def test_normals_against_numpy():
    rng = np.random.default_rng(2)
    keys = rng.integers(0, 2**64, size=(2, 32), dtype=np.uint64)
    out = np.empty((480, 32))
    seconds = rounds_of(
        lambda: [rng.standard_normal(out=out) for _ in range(40)],
        lambda: [fill_normals(keys, slot, out) for slot in range(40)],
    )
    each = 1e9 * seconds / (40 * out.size)
    ratio = float(np.median(each[:, 0] / each[:, 1]))
    plain, compiled = np.median(each, axis=0)
    print(f"\nns per normal: numpy {plain:.2f}, kernel {compiled:.2f}, ratio {ratio:.2f}")
    assert ratio >= 1.5
