"""Results made from closed formulas and from dense linear algebra, without any solver of the package."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
from scipy.linalg import eigh_tridiagonal, expm
from scipy.special import erfc

from fpsolve.results import (
    AdjacentPairs,
    Evolution,
    Provenance,
    Report,
    Result,
    Sample,
    Spectrum,
    Stationary,
    Statistic,
    Sweep,
    SweepPoint,
)

CASE = """schema = 1
title = "One RBM level <κ = 1>"
seed = 20240723

[model]
kind = "rbm"
mu2 = 2.0
kappa = [1.0]
noise = { kind = "constant", g2 = 0.01 }
"""
RESOLVED = {
    "schema": 1,
    "title": "One RBM level <κ = 1>",
    "seed": 20240723,
    "model": {"kind": "rbm", "mu2": 2.0, "kappa": [1.0], "noise": {"kind": "constant", "g2": 0.01}, "beta": 1.0},
    "initial": {"kind": "gaussian", "mean": 0.2, "std": 0.05},
    "evolve": {"method": "scharfetter_gummel", "times": [1.0, 4.0, 400.0], "rtol": 1e-08},
    "validate": {"against": ["stationary", "evolve"], "statistics": ["ks"], "fail_if": {"ks": 0.05}},
}


def provenance(seed=20240723):
    return Provenance(
        created_at="2026-03-01T12:00:00+00:00",
        command="fpsolve run rbm_one_level.toml --set 'grid.cells=400'",
        versions={"fpsolve": "0.1.0", "python": "3.11.9", "numpy": "2.4.6", "h5py": "3.16.0"},
        platform="Linux x86_64",
        git="0123abc",
        seed=seed,
    )


class Chain:
    """Nearest-neighbour jumps on midpoints that leave exp(-V/g2) alone: enough for realistic figures."""

    def __init__(self, potential, edges, g2):
        self.edges, self.g2 = edges, g2
        self.x = 0.5 * (edges[1:] + edges[:-1])
        self.h = edges[1] - edges[0]
        phi = potential(self.x) / g2
        jump = np.diff(phi)
        rate = g2 / self.h**2
        self.up = rate * bernoulli(jump)
        self.down = rate * bernoulli(-jump)
        weight = np.exp(-(phi - phi.min()))
        self.law = weight / (weight.sum() * self.h)

    def spread(self, start, times):
        a = np.diag(np.r_[-self.up, 0.0] + np.r_[0.0, -self.down]) + np.diag(self.up, -1) + np.diag(self.down, 1)
        return np.array([np.maximum(expm(a * t) @ start, 0.0) for t in times])

    def states(self, n):
        diagonal = np.r_[self.up, 0.0] + np.r_[0.0, self.down]
        rates, vectors = eigh_tridiagonal(diagonal, -np.sqrt(self.up * self.down), select="i", select_range=(0, n - 1))
        psi = vectors.T / np.sqrt(self.h)
        last = np.array([row[np.abs(row) > 1e-3 * np.abs(row).max()][-1] for row in psi])
        return 0.5 * rates, psi * np.sign(last)[:, None]


def bernoulli(z):
    z = np.clip(z, -600.0, 600.0)
    return np.where(np.abs(z) < 1e-12, 1.0 - 0.5 * z, z / np.where(np.abs(z) < 1e-12, 1.0, np.expm1(z)))


def rbm_potential(x, mu2=2.0, kappa=1.0):
    return -x * x / (2 * kappa) - x - mu2 * np.log(mu2 - x)


def rbm_schroedinger(x, g2, mu2=2.0, kappa=1.0):
    drift = (1 / kappa - 1 / (mu2 - x)) * x
    curvature = -(1 / kappa - 1 / (mu2 - x)) + x / (mu2 - x) ** 2
    return drift**2 / (8 * g2) - curvature / 4


def gaussian(x, mean, std):
    return np.exp(-0.5 * ((x - mean) / std) ** 2) / (std * np.sqrt(2 * np.pi))


def evolution_of(edges, density, times, **more):
    """Record with moments of the table; edges (level, cell+1), density (time, level, cell)."""
    x, widths = 0.5 * (edges[:, 1:] + edges[:, :-1]), np.diff(edges)
    mass = np.sum(density * widths, axis=2)
    mean = np.sum(density * widths * x, axis=2) / mass
    std = np.sqrt(np.sum(density * widths * (x - mean[:, :, None]) ** 2, axis=2) / mass)
    return Evolution(
        method="scharfetter_gummel",
        times=np.asarray(times, dtype=float),
        edges=edges,
        density=density,
        mass=mass[:, 0],
        minimum=density.min(axis=(1, 2)),
        mean=mean,
        std=std,
        unknowns=edges.shape[1] - 1,
        steps=41,
        seconds=0.0125,
        error_estimate=3.1e-9,
        **more,
    )


def rbm_result(g2=0.01, cells=300, replicas=4000, seed=1):
    """Everything the one-level case has: evolution, spectrum, stationary law, sample, verdict."""
    rng = np.random.default_rng(seed)
    edges = np.linspace(0.0, 2.0, cells + 1)
    chain = Chain(rbm_potential, edges, g2)
    start = gaussian(chain.x, 0.2, 0.05)
    start /= start.sum() * chain.h
    times = np.array([1.0, 4.0, 400.0])
    density = chain.spread(start, times)[:, None, :]
    evolution = evolution_of(edges[None, :], density, times, initial_density=start[None, :], beyond=3.2e-5)
    energies, psi = chain.states(6)
    spectrum = Spectrum(
        method="legendre",
        energies=energies,
        residuals=np.full(6, 3e-15),
        x=chain.x,
        psi=psi,
        potential=rbm_schroedinger(chain.x, g2),
        ground_state_error=2.5e-13,
        unknowns=96,
        seconds=0.0011,
    )
    mean = float(np.sum(chain.law * chain.x) * chain.h)
    std = float(np.sqrt(np.sum(chain.law * (chain.x - mean) ** 2) * chain.h))
    stationary = Stationary(
        method="exact",
        edges=edges[None, :],
        density=chain.law[None, :],
        mean=np.array([mean]),
        std=np.array([std]),
        log_partition_function=-3.25,
        seconds=0.002,
    )
    levels = np.stack([draw(rng, edges, row[0], replicas) for row in density], axis=1)[:, :, None]
    sample = Sample(
        levels=levels,
        steps=np.array([50, 200, 20000]),
        times=times,
        label="rbm",
        seconds=12.5,
        seed=2**90 + 7,
        spawn_key=np.array([3], dtype=np.int64),
        alignment=np.ones_like(levels),
    )
    return Result(
        title="One RBM level <κ = 1>",
        kind="rbm",
        provenance=provenance(),
        case_text=CASE,
        resolved=json.dumps(RESOLVED, ensure_ascii=False),
        overrides=("grid.cells=400",),
        evolution=evolution,
        spectrum=spectrum,
        stationary=stationary,
        sample=sample,
        report=report_of(sample, evolution, stationary),
        expectations=(
            {
                "key": "spectrum.energies",
                "value": [0.0, 0.2109931076758],
                "found": [1e-18, 0.2109931],
                "tolerance": "rtol 1e-10, atol 1e-12",
                "source": "Chebyshev collocation, n=180",
                "passed": True,
            },
        ),
    )


def draw(rng, edges, density, n):
    """Samples of a piecewise constant density."""
    cumulative = np.concatenate([[0.0], np.cumsum(density * np.diff(edges))])
    return np.interp(rng.random(n) * cumulative[-1], cumulative, edges)


def report_of(sample, evolution, stationary):
    histograms = []
    pairs = [("evolve", k, evolution.law(k)) for k in range(evolution.times.size)]
    for against, record, law in [*pairs, ("stationary", 2, stationary.law())]:
        values = sample.levels[:, record, 0]
        edges = np.histogram_bin_edges(values, bins="fd")
        histograms.append(
            {
                "against": against,
                "time": float(sample.times[record]),
                "step": int(sample.steps[record]),
                "levels": [0],
                "label": f"level 0 {'stationary' if against == 'stationary' else f'at t = {sample.times[record]:g}'}",
                "edges": edges,
                "counts": np.histogram(values, edges)[0].astype(np.int64),
                "expected": values.size * law.bin_masses(edges),
                "n_effective": float(values.size),
                "below": [0, values.size * float(law.cdf(edges[0]))],
                "above": [0, values.size * float(1 - law.cdf(edges[-1]))],
            }
        )
    details = tuple(
        {
            "against": entry["against"],
            "time": entry["time"],
            "step": entry["step"],
            "levels": [0],
            "value": 0.01 + 0.001 * index,
            "p_value": 0.6 - 0.1 * index,
            "n_effective": 4000.0,
            "mean": 0.1 / 3,
        }
        for index, entry in enumerate(histograms)
    )
    ks = Statistic("ks", 0.013, 0.05, 0.3, 4000.0, details, p_threshold=0.001)
    wasserstein = Statistic("wasserstein", 0.0213, None, None, 4000.0, details[:1])
    return Report(statistics=(ks, wasserstein), histograms=tuple(histograms))


def pair_density(x, sigma):
    """Marginals of the ordered pair of two equal levels around 0, lower and upper."""
    tail = np.sqrt(np.pi / 2) * (x / sigma) * erfc(x / (np.sqrt(2) * sigma))
    lower = np.exp(-(x**2) / (2 * sigma**2)) * (np.exp(-(x**2) / (2 * sigma**2)) - tail)
    return lower, lower[::-1]


def pair_result(n_times=12):
    """Two Dyson levels with different cells, many times, and nothing else."""
    edges = np.stack([np.linspace(-4.0, 2.5, 161), np.linspace(-2.5, 4.0, 161)])
    times = np.geomspace(0.01, 10.0, n_times)
    density = np.zeros((n_times, 2, 160))
    for k, t in enumerate(times):
        sigma = np.sqrt(1.0 - 0.9 * np.exp(-2 * t))
        for level in (0, 1):
            x = 0.5 * (edges[level, 1:] + edges[level, :-1])
            row = pair_density(x if level == 0 else -x, sigma)[0]
            density[k, level] = row / np.sum(row * np.diff(edges[level]))
    stationary = Stationary(
        "exact", edges, density[-1], np.array([-0.886, 0.886]), np.array([0.8, 0.8]), float("nan"), 0.01
    )
    return Result(
        title="",
        kind="dyson",
        provenance=provenance(seed=None),
        evolution=evolution_of(edges, density, times),
        stationary=stationary,
    )


def sampled_pair_result(n_times=2, cells=12):
    """The pair again with everything that only several levels or trajectories have."""
    base = pair_result(n_times)
    evolution = base.evolution
    n, levels = evolution.times.size, evolution.edges.shape[0]
    width = evolution.density.shape[2]
    rng = np.random.default_rng(3)
    evolution = Evolution(
        **{
            **vars(evolution),
            "density_error": rng.random((n, levels, width)),
            "mean_error": rng.random((n, levels)),
            "std_error": rng.random((n, levels)),
            "correlation": rng.random((n, levels - 1)),
            "correlation_error": rng.random((n, levels - 1)),
            "pair_density": rng.random((n, levels - 1, cells, cells)),
            "exchanges": 3,
            "grid_error": np.full(n, 1e-4),
        }
    )
    moving = AdjacentPairs(
        edges=np.sort(rng.random((1, 2, cells + 1)), axis=2),
        density=rng.random((n, 1, cells, cells)),
        spacing_edges=np.linspace(0.0, 2.0, cells + 1)[None, :],
        spacing_density=np.full((n, 1, cells), 0.5),
        correlation=rng.random((n, 1)),
    )
    evolution = replace(evolution, pairs=moving)
    pairs = AdjacentPairs(
        edges=np.sort(rng.random((1, 2, cells + 1)), axis=2),
        density=rng.random((1, cells, cells)),
        spacing_edges=np.linspace(0.0, 1.0, cells + 1)[None, :],
        spacing_density=np.ones((1, cells)),
        correlation=np.array([0.4]),
    )
    edges = np.linspace(0.0, 1.0, cells + 1)
    stationary = Stationary(
        method="exact",
        edges=np.tile(edges, (2, 1)),
        density=np.ones((2, cells)),
        mean=np.array([0.4, 0.6]),
        std=np.array([0.1, 0.1]),
        log_partition_function=-1.5,
        error_estimate=1e-12,
        total_edges=edges,
        total_density=np.ones(cells),
        pairs=pairs,
        tail=1.5,
    )
    return Result(title="Pair", kind="dyson", provenance=provenance(), evolution=evolution, stationary=stationary)


def absorbing_result(n_times=9, cells=100):
    """Brownian motion with D = 1/2, reflected at 0 and absorbed at 1, from the exact cosine series."""
    edges = np.linspace(0.0, 1.0, cells + 1)
    x = 0.5 * (edges[1:] + edges[:-1])
    k = (np.arange(60) + 0.5) * np.pi
    times = np.linspace(0.1, 2.5, n_times)
    decay = np.exp(-0.5 * k**2 * times[:, None])
    weight = 2 * np.cos(0.2 * k)
    density = np.maximum((decay * weight) @ np.cos(np.outer(k, x)), 0.0)[:, None, :]
    survival = (decay * weight) @ (np.sin(k) / k)
    outflow = 0.5 * ((decay * weight) @ (k * np.sin(k)))
    gone = np.stack([np.zeros(n_times), 1.0 - survival], axis=1)
    flow = np.stack([np.zeros(n_times), outflow], axis=1)
    evolution = evolution_of(edges[None, :], density, times, first_passage=flow, absorbed=gone)
    evolution = Evolution(**{**vars(evolution), "mass": survival})
    return Result(title="Escape", kind="potential", provenance=provenance(), evolution=evolution)


def oscillator_result(states=5):
    """Ornstein–Uhlenbeck: harmonic-oscillator wavefunctions, E_n = n/2 at Omega = 1, sigma = 1."""
    x = np.linspace(-6.0, 6.0, 601)
    hermite = np.polynomial.hermite_e.hermeval
    psi = np.array([hermite(x, [0] * n + [1]) for n in range(states)]) * np.exp(-(x**2) / 4)
    psi /= np.sqrt(np.trapezoid(psi**2, x, axis=1))[:, None]
    spectrum = Spectrum(
        method="bidiagonal",
        energies=np.arange(states) / 2.0,
        residuals=np.full(states, 1e-15),
        x=x,
        psi=psi,
        potential=x**2 / 8 - 0.25,
        ground_state_error=1e-14,
        unknowns=600,
        seconds=0.001,
    )
    return Result(title="Oscillator", kind="dyson", provenance=provenance(), spectrum=spectrum)


def bistable_result(g2=0.01, states=6):
    """V = x**4/4 - x**2/2: two wells whose levels come in pairs too close to tell apart in a figure."""
    edges = np.linspace(-1.8, 1.8, 801)
    chain = Chain(lambda x: x**4 / 4 - x**2 / 2, edges, g2)
    energies, psi = chain.states(states)
    energies = np.maximum(energies, 0.0)
    potential = (chain.x**3 - chain.x) ** 2 / (8 * g2) - (3 * chain.x**2 - 1) / 4
    spectrum = Spectrum(
        "bidiagonal", energies, np.full(states, 1e-15), chain.x, psi, potential, 1e-13, 800, 0.003,
        kramers=np.array([0.225 * np.exp(-1 / (4 * g2))]),
    )  # fmt: skip
    return Result(title="Two wells", kind="potential", provenance=provenance(), spectrum=spectrum)


def bare_result():
    """A result with nothing computed."""
    return Result(title="nothing", kind="rbm", provenance=provenance(seed=None))


def rbm_report(entry):
    """A verdict with one histogram and no statistic."""
    return Report(statistics=(), histograms=(entry,))


def sweep_index():
    """An index with a complete, a failed and a pending point."""
    axes = {"model.mu2": (2.0, 3, 4.0), "sgd.data": ("batch", "exact", "batch")}
    values = [dict(zip(axes, row, strict=True)) for row in zip(*axes.values(), strict=True)]
    return Sweep(
        title="A scan of μ²",
        mode="zip",
        axes=axes,
        points=(
            SweepPoint(
                values[0], "complete", 1.5, "", "scan/point_00000.h5", {"sgd.replicas": 40.0, "a.b.0": -0.1}, 7, 1
            ),
            SweepPoint(values[1], "failed", 0.25, "training diverged: «W»\nat update 5", "", {}, 8, 2),
            SweepPoint(values[2], seed=2**63 - 1),
        ),
        provenance=bare_result().provenance,
        case_text=CASE,
        resolved=json.dumps(RESOLVED),
        overrides=("seed=5",),
        case_file="/somewhere/scan.toml",
    )
