"""Speed of the RBM kernel and of its normals, as ratios to NumPy in the same process."""

import time
from importlib.util import find_spec

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


def batched_numpy(rng, weights, chains, steps, rate, kappa, mu2, *, sweeps=1, fresh=True):
    """The same algorithm over a batch of replicas: W (replica, visible, hidden), φ (replica, chain, visible)."""
    exact = np.diag(1.0 / kappa)
    for _ in range(steps):
        for _ in range(sweeps):
            hidden = chains @ weights
            hidden += rng.standard_normal(hidden.shape)
            chains = hidden @ weights.transpose(0, 2, 1)
            chains /= mu2
            chains += rng.standard_normal(chains.shape) / np.sqrt(mu2)
        count = chains.shape[1]
        gradient = -(chains.transpose(0, 2, 1) @ chains) / count
        if fresh:
            data = rng.standard_normal(chains.shape)
            data /= np.sqrt(kappa)
            gradient += (data.transpose(0, 2, 1) @ data) / count
        else:
            gradient += exact
        weights = weights + rate * (gradient @ weights)
    return weights


def batched_torch(weights, chains, steps, rate, kappa, mu2, *, sweeps=1, fresh=True):
    """The same in PyTorch on one thread of the CPU, in double precision and without gradients."""
    import torch

    torch.set_num_threads(1)
    weights, chains, scale = (torch.from_numpy(array) for array in (weights, chains, 1.0 / np.sqrt(kappa)))
    exact = torch.diag(scale**2)
    with torch.no_grad():
        for _ in range(steps):
            for _ in range(sweeps):
                hidden = torch.bmm(chains, weights)
                hidden += torch.randn_like(hidden)
                chains = torch.bmm(hidden, weights.transpose(1, 2)) / mu2
                chains += torch.randn_like(chains) / mu2**0.5
            count = chains.shape[1]
            gradient = torch.bmm(chains.transpose(1, 2), chains) / -count
            if fresh:
                data = torch.randn_like(chains) * scale
                gradient += torch.bmm(data.transpose(1, 2), data) / count
            else:
                gradient += exact
            weights = weights + rate * torch.bmm(gradient, weights)
    return weights


@pytest.mark.parametrize(
    ("units", "sweeps", "fresh"),
    [(10, 1, True), (10, 1, False), (10, 3, True), (10, 3, False), (1, 1, True)],
    ids=["10 k=1 batch", "10 k=1 exact", "10 k=3 batch", "10 k=3 exact", "1 k=1 batch"],
)
def test_update_against_batched_numpy(units, sweeps, fresh):
    """B = 16; PyTorch is a further ratio where it is installed, and is not needed."""
    replicas, lanes, steps = (256, 32, 40) if units > 1 else (4096, 128, 200)
    batch, mu2, rate = 16, 9.0, 0.01
    kappa = 6.0 - 2.0 * np.cos(2 * np.pi * np.arange(units) / units)
    rng = np.random.default_rng(1)
    start = np.diag(np.sqrt(mu2 - kappa))
    keys = rng.integers(0, 2**64, size=(2, lanes), dtype=np.uint64)
    weights = np.repeat(start[:, :, None] / np.sqrt(mu2), lanes, axis=2)
    chains = rng.standard_normal((batch, units, lanes))
    rates, batches = np.full(steps, rate / mu2), np.full(steps, batch)
    stacked, stacked_chains = np.repeat(start[None], replicas, axis=0), rng.standard_normal((replicas, batch, units))
    plain_steps, settings = 4, {"sweeps": sweeps, "fresh": fresh}
    functions = [
        lambda: advance_rbm(keys, 0, rates, batches, sweeps, fresh, mu2 / kappa, weights, chains),
        lambda: batched_numpy(rng, stacked, stacked_chains, plain_steps, rate, kappa, mu2, **settings),
    ]
    names = ["kernel", "numpy"]
    if find_spec("torch") is not None:
        functions.append(lambda: batched_torch(stacked, stacked_chains, plain_steps, rate, kappa, mu2, **settings))
        names.append("torch")
    seconds = rounds_of(*functions)
    each = 1e6 * seconds / [steps * lanes, *[plain_steps * replicas] * (len(names) - 1)]
    ratios = np.median(each[:, 1:] / each[:, :1], axis=0)
    found = ", ".join(f"{name} {value:.3f}" for name, value in zip(names, np.median(each, axis=0), strict=True))
    told = ", ".join(f"{name} {value:.2f}" for name, value in zip(names[1:], ratios, strict=True))
    data = "batch" if fresh else "exact"
    print(f"\nN = {units}, B = {batch}, k = {sweeps}, {data} data, us per update and replica: {found}; ratios: {told}")
    assert ratios[0] >= 2.5


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
