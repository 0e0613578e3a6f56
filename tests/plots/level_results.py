"""Results of several levels made from closed formulas, without any solver of the package."""

from __future__ import annotations

import json

import numpy as np
from scipy.special import ndtr

from fpsolve.results import AdjacentPairs, Evolution, Provenance, Result, Sample, Stationary

MU2 = 4.0
KAPPA = (3.0, 2.0, 2.0, 1.0)
TARGETS = np.array([1.0, 2.0, 2.0, 3.0])
CENTRES = np.array([1.0, 1.88, 2.12, 3.0])
SIGMA = 0.12
PAIR_SIGMA = 0.24 / np.sqrt(np.pi)
RESOLVED = {
    "schema": 1,
    "model": {"kind": "rbm", "mu2": MU2, "kappa": list(KAPPA), "noise": {"kind": "constant", "g2": 0.01}},
}


def provenance():
    return Provenance("2026-03-01T12:00:00+00:00", "python", {"fpsolve": "0.1.0"}, "Linux", "", 1)


def normal_averages(edges, mean, std):
    """Cell averages of a normal density."""
    return np.diff(ndtr((edges - mean) / std)) / np.diff(edges)


def surmise_masses(edges, sigma):
    """Bin masses of S with the density S/(2σ²) exp(−S²/(4σ²)): 1 − exp(−S²/(4σ²)) differenced."""
    return np.diff(-np.expm1(-(edges**2) / (4 * sigma**2)))


def pair_averages(edges, centre, sigma, cells):
    """Averages over ordered cells of |x − y| exp{−[(x − c)² + (y − c)²]/(2σ²)}/(2√π σ³), by Gauss–Legendre."""
    nodes, weights = np.polynomial.legendre.leggauss(8)
    u = 0.5 * (nodes + 1)
    h = edges[1] - edges[0]
    x = edges[:-1, None] + h * u - centre
    weight = np.exp(-(x**2) / (2 * sigma**2)) * weights / 2
    zeroth, first = weight.sum(axis=1), (weight * x).sum(axis=1)
    density = zeroth[:, None] * first[None, :] - first[:, None] * zeroth[None, :]
    density = np.triu(density, 1)
    for a in range(cells):
        # The half cell y > x: the square folded at its diagonal.
        low = edges[a] - centre + h * u[:, None] * np.ones(8)
        high = low + (edges[a + 1] - centre - low) * u[None, :]
        outer = np.outer(weights / 2 * (1 - u), weights / 2)
        density[a, a] = 2 * np.sum(outer * (high - low) * np.exp(-(low**2 + high**2) / (2 * sigma**2)))
    return density / (2 * np.sqrt(np.pi) * sigma**3)


def evolution(*, n_times=8, cells=200, noisy=False, shift=0.0):
    """Four levels that move from close to the wall at 0 to their targets; correlations and no joint laws."""
    edges = np.linspace(0.0, 4.0, cells + 1) ** 2 / 4.0
    times = np.geomspace(1.0, 300.0, n_times)
    grown = 1.0 - np.exp(-times / 20.0)
    means = 0.02 * np.arange(1, 5) + np.multiply.outer(grown, CENTRES - 0.02 * np.arange(1, 5)) + shift
    stds = 0.006 + np.multiply.outer(grown, np.full(4, SIGMA - 0.006))
    density = np.array(
        [[normal_averages(edges, m, s) for m, s in zip(*row, strict=True)] for row in zip(means, stds, strict=True)]
    )
    start = np.array([normal_averages(edges, 0.02 * k, 0.0035) for k in range(1, 5)])
    errors = {}
    if noisy:
        number = 4000
        rng = np.random.default_rng(5)
        share = density * np.diff(edges)
        counts = rng.binomial(number, np.clip(share, 0, 1))
        density = counts / number / np.diff(edges)
        density /= np.sum(density * np.diff(edges), axis=2, keepdims=True)
        share = (counts + 1) / (number + 2)
        errors = {
            "density_error": np.sqrt(share * (1 - share) / number) / np.diff(edges),
            "mean_error": stds / np.sqrt(number),
            "std_error": stds / np.sqrt(2 * number),
        }
    correlation = np.stack([0.5 / (1 + times), np.full(n_times, 0.4), 0.3 / (1 + times)], axis=1)
    return Evolution(
        method="particles" if noisy else "log_gas",
        times=times,
        edges=np.tile(edges, (4, 1)),
        density=density,
        mass=np.ones(n_times),
        minimum=density.min(axis=(1, 2)),
        mean=means,
        std=stds,
        unknowns=4 * (4000 if noisy else cells),
        steps=77,
        seconds=1.5,
        error_estimate=0.01,
        initial_density=start,
        correlation=correlation,
        **errors,
    )


def stationary(cells=300, spacings=80):
    """Normal marginals; neighbours independent but for the pair 1, 2, whose spacing is the Wigner surmise."""
    edges = np.array([np.linspace(m - 1.0, m + 1.0, cells + 1) for m in CENTRES])
    density = np.array([normal_averages(row, m, SIGMA) for row, m in zip(edges, CENTRES, strict=True)])
    total_edges = np.linspace(0.0, 4.0, 2 * cells + 1)
    pair_edges = np.array(
        [[np.linspace(CENTRES[i + k] - 0.5, CENTRES[i + k] + 0.5, 49) for k in (0, 1)] for i in range(3)]
    )
    joint = [
        np.outer(*(normal_averages(e, CENTRES[i + k], SIGMA) for k, e in enumerate(pair_edges[i]))) for i in range(3)
    ]
    pair_edges[1] = np.linspace(1.5, 2.5, 49)
    halves = 1.0 - 0.5 * np.eye(48)
    joint[1] = pair_averages(pair_edges[1, 0], 2.0, PAIR_SIGMA, 48) * halves
    spacing_edges = np.array([np.linspace(0.0, reach, spacings + 1) for reach in (2.0, 1.0, 2.0)])
    gaps = [normal_averages(spacing_edges[i], CENTRES[i + 1] - CENTRES[i], SIGMA * np.sqrt(2)) for i in range(3)]
    gaps[1] = surmise_masses(spacing_edges[1], PAIR_SIGMA) / np.diff(spacing_edges[1])
    return Stationary(
        method="exact",
        edges=edges,
        density=density,
        mean=CENTRES,
        std=np.full(4, SIGMA),
        log_partition_function=-3.5,
        error_estimate=1e-13,
        total_edges=total_edges,
        total_density=np.mean([normal_averages(total_edges, m, SIGMA) for m in CENTRES], axis=0),
        pairs=AdjacentPairs(pair_edges, np.array(joint), spacing_edges, np.array(gaps), np.array([0.0, 0.4, 0.0])),
    )


def sample(evolved, replicas=400, seed=2):
    """Independent normal levels with the moments of the evolution, sorted, at three of its times and one other."""
    rng = np.random.default_rng(seed)
    records = [0, 3, evolved.times.size - 1]
    values = evolved.mean[records] + evolved.std[records] * rng.standard_normal((replicas, 3, 4))
    levels = np.sort(np.abs(values), axis=2)
    other = np.concatenate([levels, levels[:, -1:]], axis=1)
    times = np.append(evolved.times[records], 2 * evolved.times[-1])
    return Sample(levels=other, steps=np.array([50, 2000, 15000, 30000]), times=times, label="rbm", seed=4)


def four_levels(**parts):
    """The whole result."""
    whole = {"evolution": evolution(), "stationary": stationary()} | parts
    return Result(title="Four levels", kind="rbm", provenance=provenance(), resolved=json.dumps(RESOLVED), **whole)


def pair_evolution(cells=80, n_times=8):
    """Two Dyson levels with the exact joint law of equal centres, its width growing, with `pair_density` and `pairs`."""
    edges = np.linspace(-4.0, 4.0, cells + 1)
    times = np.geomspace(0.05, 5.0, n_times)
    sigmas = 0.4 + 0.4 * (1 - np.exp(-times))
    joint = np.array([pair_averages(edges, 0.0, s, cells)[None] for s in sigmas])
    h = edges[1] - edges[0]
    masses = joint[:, 0] * h * h * (1 - 0.5 * np.eye(cells))
    density = np.stack([masses.sum(axis=2), masses.sum(axis=1)], axis=1) / h
    x = 0.5 * (edges[1:] + edges[:-1])
    mean = density @ x * h
    std = np.sqrt(density @ x**2 * h - mean**2)
    correlation = np.full((n_times, 1), 0.467)
    spacing_edges = np.linspace(0.0, 8.0, 513)
    pairs = AdjacentPairs(
        edges=np.tile(edges, (1, 2, 1)),
        density=joint * (1 - 0.5 * np.eye(cells)),
        spacing_edges=spacing_edges[None],
        spacing_density=np.array([surmise_masses(spacing_edges, s) / np.diff(spacing_edges) for s in sigmas])[:, None],
        correlation=correlation,
    )
    evolved = Evolution(
        method="chamber",
        times=times,
        edges=np.tile(edges, (2, 1)),
        density=density,
        mass=masses.sum(axis=(1, 2)),
        minimum=density.min(axis=(1, 2)),
        mean=mean,
        std=std,
        unknowns=cells * (cells + 1) // 2,
        steps=9,
        seconds=0.1,
        error_estimate=1e-7,
        correlation=correlation,
        pair_density=joint,
        pairs=pairs,
    )
    model = {"kind": "dyson", "levels": 2, "stiffness": 1.0, "centre": 0.0, "noise": {"kind": "constant", "g2": 0.5}}
    return sigmas, Result(
        title="Pair", kind="dyson", provenance=provenance(), resolved=json.dumps({"model": model}), evolution=evolved
    )
