"""Make ten_levels.json: what 200 000 trajectories of ten levels that learn look like at six times.

Command (16 minutes on one core; the table does not depend on the number of processes):

    python tests/reference/make_ten_levels.py

fpsolve 0.1.0, method "particles" with its default step, seed 20250716. The table holds, with standard errors, mean,
standard deviation and correlations, and as counts the histograms of

* every level in 48 bins uniform in √x that are common to all levels and times ("common"),
* every level in 48 bins uniform in √x from its smallest to its largest sample at that time ("own"),
* every spacing of adjacent levels in 48 bins from 0 to its largest sample at that time ("spacing").

"floor" is the total variation to be expected between the 200 000 samples and their own law: half of that between the
histograms of both halves of them.
"""

import json
import platform
import sys
from pathlib import Path

import numba
import numpy as np

import fpsolve
from fpsolve.models.initial import marchenko_pastur
from fpsolve.models.lattice import lattice_scalar_1d
from fpsolve.models.rbm import rbm
from fpsolve.solvers.particles import particle_ensemble

TABLE = Path(__file__).with_name("ten_levels.json")
TIMES = (2.0, 10.0, 30.0, 100.0, 300.0, 1000.0)
TRAJECTORIES, SEED, BINS = 200_000, 20250716, 48
RATE, BATCH, MU2, VARIANCE = 0.01, 16.0, 9.0, 0.1


def ten_levels():
    """A scalar field on a ring of ten sites is learned from random weights: model and start.

    The noise of a level is constant, as large as persistent contrastive divergence has it at the fixed point.
    """
    target = lattice_scalar_1d(10, mass2=4.0)
    fixed = MU2 - np.array(target.kappa)
    overlap = (fixed / MU2) ** 2
    strength = 2.0 * RATE / BATCH * (fixed / target.kappa) ** 2 * ((1.0 + overlap) / (1.0 - overlap) + 1.0)
    return rbm(target=target, mu2=MU2, g2=list(strength)), marchenko_pastur(10, VARIANCE, levels=10)


def histograms(samples, edges):
    """Counts of samples[time, trajectory, column] in edges[time, column, bin edge]; all of them must fit."""
    counts = np.array(
        [
            [np.histogram(record[:, i], bins=row)[0] for i, row in enumerate(rows)]
            for record, rows in zip(samples, edges, strict=True)
        ]
    )
    if np.any(counts.sum(axis=2) != samples.shape[1]):
        msg = "a sample lies outside its histogram"
        raise ValueError(msg)
    return counts


def total_variation_floor(samples, edges):
    """Half the total variation between both halves of the samples, shape (time, column)."""
    middle = samples.shape[1] // 2
    first, second = histograms(samples[:, :middle], edges), histograms(samples[:, middle : 2 * middle], edges)
    return 0.25 * np.abs(first - second).sum(axis=2) / middle


def binned(samples, low, high):
    """Histograms between `low` and `high`, both of shape (time, column)."""
    edges = np.linspace(low, high, BINS + 1, axis=2)
    return {
        "low": low.tolist(),
        "high": high.tolist(),
        "counts": histograms(samples, edges).tolist(),
        "floor": rounded(total_variation_floor(samples, edges), 5),
    }


def rounded(values, digits):
    """Numbers with so many significant digits, as lists."""
    return np.vectorize(lambda value: float(f"{value:.{digits}g}"))(values).tolist()


def correlations(levels):
    """Correlation matrices and their standard errors, both (time, level, level).

    The error of r is the standard deviation of z_i z_j − r (z_i² + z_j²)/2 over √(number), z the standardised levels.
    """
    z = (levels - levels.mean(axis=1, keepdims=True)) / levels.std(axis=1, keepdims=True)
    found = np.array([record.T @ record / len(record) for record in z])
    error = np.zeros_like(found)
    n = found.shape[1]
    for k, record in enumerate(z):
        for i in range(n):
            for j in range(i):
                part = record[:, i] * record[:, j] - 0.5 * found[k, i, j] * (record[:, i] ** 2 + record[:, j] ** 2)
                error[k, i, j] = error[k, j, i] = part.std() / np.sqrt(len(record))
    return found, error


def summary(levels):
    """Everything the table says about levels[time, trajectory, level]."""
    number = levels.shape[1]
    mean, std = levels.mean(axis=1), levels.std(axis=1)
    fourth = np.mean((levels - mean[:, None]) ** 4, axis=1)
    correlation, correlation_error = correlations(levels)
    roots, gaps = np.sqrt(levels), np.diff(levels, axis=2)
    shape = mean.shape
    # The nearest multiple of a bin of 0.05 above the largest root, or more where 48 of them do not reach it.
    top = max(2.4, np.ceil(20.0 * roots.max()) / 20.0)
    return {
        "mean": rounded(mean, 9),
        "mean_error": rounded(std / np.sqrt(number), 4),
        "std": rounded(std, 9),
        "std_error": rounded(np.sqrt((fourth - std**4) / (4.0 * std**2 * number)), 4),
        "correlation": rounded(correlation, 6),
        "correlation_error": rounded(correlation_error, 3),
        "common": binned(roots, np.zeros(shape), np.full(shape, top)),
        "own": binned(roots, roots.min(axis=1), roots.max(axis=1)),
        "spacing": binned(gaps, np.zeros(gaps.min(axis=1).shape), gaps.max(axis=1)),
    }


def main():
    """Run the trajectories and write the table."""
    model, start = ten_levels()
    ensemble = particle_ensemble(
        model,
        start,
        times=np.array(TIMES),
        trajectories=TRAJECTORIES,
        rng=SEED,
        progress=lambda done, total: print(f"\r{done} of {total} blocks", end="", file=sys.stderr, flush=True),
    )
    table = {
        "command": "python tests/reference/make_ten_levels.py",
        "method": "particles",
        "versions": {"fpsolve": fpsolve.__version__, "numpy": np.__version__, "numba": numba.__version__},
        "python": platform.python_version(),
        "seed": SEED,
        "trajectories": TRAJECTORIES,
        "times": list(TIMES),
        "steps_per_trajectory": ensemble.steps / TRAJECTORIES,
        "exchanges": ensemble.exchanges,
        "seconds": round(ensemble.seconds, 1),
        **summary(ensemble.levels),
    }
    rows = [f" {json.dumps(key)}: {json.dumps(value, separators=(',', ':'))}" for key, value in table.items()]
    TABLE.write_text("{\n" + ",\n".join(rows) + "\n}\n", encoding="utf-8")


if __name__ == "__main__":
    main()
