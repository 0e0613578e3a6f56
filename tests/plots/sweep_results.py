"""Sweeps made from closed formulas, without any solver of the package."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np

from fpsolve.results import Provenance, Result, Sample, Spectrum, Stationary, Sweep, SweepPoint

TARGETS = {(1, 2): 1.382, (3, 4): 2.382, (5, 6): 3.618, (7, 8): 4.618}
MU2 = 9.0


def provenance():
    return Provenance("2026-03-01T12:00:00+00:00", "python", {"fpsolve": "0.1.0"}, "Linux", "", 1)


def sweep_of(axes, points, *, mode="grid", resolved=None, status=None):
    states = status or ["complete"] * len(points)
    entries = tuple(
        SweepPoint(values=values, status=state, seconds=1.0, scalars=scalars)
        for (values, scalars), state in zip(points, states, strict=True)
    )
    return Sweep("A sweep", mode, axes, entries, provenance(), resolved=json.dumps(resolved or {"schema": 1}))


def sigma_of(ratio, target):
    """σ of σ² = (2α/B)x."""
    return np.sqrt(2.0 * ratio * target)


def pair_scalars(alpha, batch):
    """Scalars of four pairs: measured values 1 % above what is predicted, and a little noise in the cumulant."""
    ratio, out = alpha / batch, {}
    for k, (levels, target) in enumerate(TARGETS.items()):
        sigma = float(sigma_of(ratio, target))
        spacing = float(np.sqrt(np.pi)) * sigma
        entries = {
            "mean_spacing": {
                "mean": 1.01 * spacing,
                "error": 0.005 * spacing,
                "predicted": spacing,
                "one_level": spacing,
            },
            "width": {
                "sigma": 1.02 * sigma,
                "sigma_error": 0.004 * sigma,
                "sigma_predicted": sigma,
                "sigma_spacing": 1.01 * sigma,
                "sigma_spacing_error": 0.005 * sigma,
                "sigma_difference": 0.01 * sigma,
                "sigma_difference_error": 0.003 * sigma,
                "one_level": sigma,
            },
            "binder": {"u4": -4 / 27 + 0.01 * k, "u4_error": 0.006, "u4_law": -4 / 27 + 0.2 * ratio},
            "ratio": {
                "ratio": 1.0 - 2.0 * ratio,
                "error": 1e-3,
                "predicted": 1.0 - 1.9 * ratio,
                "lowest": 1.0 - 0.5 * spacing / target,
                "lowest_predicted": 1.0 - 0.5 * spacing / target,
                "highest": 1.0 + 0.5 * spacing / target,
                "highest_predicted": 1.0 + 0.5 * spacing / target,
            },
        }
        for statistic, entry in entries.items():
            prefix = f"validate.statistics.{statistic}.details.{k}"
            common = {"step": 1000.0} if statistic == "binder" else {"target": target, "step": 1000.0}
            out |= {f"{prefix}.{name}": float(value) for name, value in (entry | common).items()}
            out |= {f"{prefix}.levels.{place}": float(level) for place, level in enumerate(levels)}
    return out


def pair_sweep():
    """α from 0.01 to 0.1 at B = 16, and B = 4 and 64 at α = 0.1."""
    settings = [(0.04, 16), (0.01, 16), (0.1, 16), (0.1, 4), (0.1, 64)]
    points = [
        ({"sgd.learning_rate": alpha, "sgd.batch_size": batch}, pair_scalars(alpha, batch)) for alpha, batch in settings
    ]
    axes = {"sgd.learning_rate": (0.04, 0.01, 0.1), "sgd.batch_size": (16, 4, 64)}
    return sweep_of(axes, points, mode="list", resolved={"model": {"kind": "rbm", "mu2": MU2}})


def normal_law(mean, std):
    from scipy.special import ndtr

    edges = np.linspace(mean - 6 * std, mean + 6 * std, 241)
    density = np.diff(ndtr((edges - mean) / std)) / np.diff(edges)
    return Stationary("exact", edges[None], density[None], np.array([mean]), np.array([std]), 0.0)


def result_of(stationary=None, *, sample=None, spectrum=None, sgd=None, kind="pcd"):
    case = {"model": {"kind": "rbm", "mu2": MU2, "kappa": [4.0], "noise": {"kind": kind}}, "sgd": sgd}
    return Result(
        "A point",
        "rbm",
        provenance(),
        resolved=json.dumps(case),
        stationary=stationary,
        sample=sample,
        spectrum=spectrum,
    )


def noise_sweep(*, replicas=3000):
    """One level at two batch sizes under two laws, the same training behind both."""
    points, results = [], []
    for batch in (16, 4):
        std = float(sigma_of(0.1 / batch, 5.0))
        for shift, kind in ((0.0, "pcd_constant"), (0.1 * std, "pcd")):
            rng = np.random.default_rng([batch, len(points)])
            sample = Sample.from_array(rng.normal(5.0, std, size=replicas), [100])
            law = normal_law(5.0 + shift, std)
            scalars = {
                "stationary.levels.mean.0": 5.0 + shift,
                "stationary.levels.std.0": std,
                "sgd.levels.0.mean.0": float(sample.levels.mean()),
                "sgd.levels.0.std.0": float(sample.levels.std()),
                "sgd.replicas": float(replicas),
                "validate.statistics.ks.value": 0.01,
            }
            points.append(({"sgd.batch_size": batch, "model.noise.kind": kind}, scalars))
            results.append(result_of(law, sample=sample, sgd={"batch_size": batch}, kind=kind))
    axes = {"sgd.batch_size": (16, 4), "model.noise.kind": ("pcd_constant", "pcd")}
    return sweep_of(axes, points), results


def oscillator(omega, *, cells=200):
    """Bound states n Ω/2 of an oscillator with σ = 1, as Hermite functions."""
    x = np.linspace(-6.0, 6.0, cells)
    ground = np.exp(-(x**2) / 4) / (2 * np.pi) ** 0.25
    psi = np.array([ground, x * ground])
    potential = omega * (x**2 / 8 - 0.25)
    energies = np.array([0.0, 0.5 * omega])
    return Spectrum("legendre", energies, np.zeros(2), x, psi, potential, 0.0, 2, 0.1)


def well_sweep():
    strengths = (1.0, 0.25)
    points, results = [], []
    for omega in strengths:
        spectrum = oscillator(omega)
        scalars = {f"spectrum.energies.{n}": float(energy) for n, energy in enumerate(spectrum.energies)}
        points.append(({"model.noise.g2": omega}, scalars))
        results.append(result_of(spectrum=spectrum))
    return sweep_of({"model.noise.g2": strengths}, points), results


def wishart_sweep(levels=3):
    """Squares of normal weights: χ² laws of one, two and three numbers in the place of levels, pooled by hand."""
    from scipy.special import gammainc

    points, results = [], []
    edges = np.linspace(0.0, np.sqrt(8.0), 300) ** 2
    for rows in (levels, 2 * levels):
        law = np.array(
            [np.diff(gammainc(0.5 * (k + rows - levels + 1), edges)) / np.diff(edges) for k in range(levels)]
        )
        law /= np.sum(law * np.diff(edges), axis=1, keepdims=True)
        total = law.mean(axis=0)
        stationary = Stationary(
            "exact",
            np.tile(edges, (levels, 1)),
            law,
            np.arange(levels) + 1.0,
            np.ones(levels),
            0.0,
            total_edges=edges,
            total_density=total,
        )
        model = {"kind": "laguerre", "rows": rows, "levels": levels, "temperature": 1 / rows, "weight_decay": 1.0}
        results.append(replace(result_of(stationary), resolved=json.dumps({"model": model})))
        points.append(({"model.rows": rows}, {f"stationary.levels.mean.{k}": k + 1.0 for k in range(levels)}))
    return sweep_of({"model.rows": (levels, 2 * levels)}, points), results


def student_sweep():
    """Two levels that approach 1 as 1 − e^{−zt}, for two second layers."""
    layers, points, results = ((1.0, 2.0), (0.5, 2.0)), [], []
    times = np.linspace(0.5, 5.0, 10)
    for z in layers:
        noise = np.random.default_rng(3).normal(0.0, 0.01, (40, 10, 2))
        levels = np.sort(1.0 - np.exp(-np.multiply.outer(times, np.array(z))) + noise, axis=2)
        sample = Sample.from_array(levels, np.arange(10), times=times, label="linear_network")
        results.append(result_of(sample=sample))
        means = sample.levels.mean(axis=0)
        scalars = {f"sgd.levels.{k}.mean.{i}": float(means[k, i]) for k in range(times.size) for i in range(2)}
        points.append(({"model.second_layer": z}, scalars))
    return sweep_of({"model.second_layer": layers}, points, mode="list"), results
