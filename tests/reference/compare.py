"""How far the levels of an evolution are from the trajectories tabulated in a reference."""

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np

TEN_LEVELS = Path(__file__).with_name("ten_levels.json")


@dataclass(frozen=True)
class Reference:
    """The table that make_ten_levels.py wrote; arrays begin with the axes (time, level) or (time, pair)."""

    table: dict

    @property
    def times(self):
        return np.array(self.table["times"])

    def array(self, *keys):
        entry = self.table
        for key in keys:
            entry = entry[key]
        return np.array(entry)

    def edges(self, histogram):
        """Bin edges in x of every level: the bins are uniform in √x."""
        low, high, bins = (self.array(histogram, key) for key in ("low", "high", "counts"))
        return np.linspace(low, high, bins.shape[2] + 1, axis=2) ** 2

    def masses(self, histogram):
        """Share of the trajectories in every bin."""
        return self.array(histogram, "counts") / self.table["trajectories"]

    def adjacent(self, key):
        """Entries (i, i + 1) of a table of matrices, shape (time, pair)."""
        return np.diagonal(self.array(key), offset=1, axis1=1, axis2=2)


@dataclass(frozen=True)
class Deviation:
    """An evolution minus the reference.

    times : (time,)
    variation : total variation of every marginal minus its sampling floor, by histogram, each (time, level)
    mean, std : difference over the standard deviation of the reference, (time, level)
    mean_error, std_error : standard errors of these, (time, level)
    correlation : difference for adjacent levels, (time, pair), or None
    correlation_error : its standard error, (time, pair)
    """

    times: np.ndarray
    variation: dict
    mean: np.ndarray
    std: np.ndarray
    mean_error: np.ndarray
    std_error: np.ndarray
    correlation: np.ndarray | None
    correlation_error: np.ndarray

    def moments_beyond(self, share):
        """By how much the worst mean or std differs by more than `share` of the std plus three standard errors."""
        excess = [abs(self.mean) - 3.0 * self.mean_error, abs(self.std) - 3.0 * self.std_error]
        return float(np.max(excess) - share)

    def __str__(self):
        """One row a time, the worst level in every column."""
        names = [f"TV {name} - floor" for name in self.variation]
        heads = ["t", *names, "d mean/std", "d std/std", "d corr"]
        rows = ["  ".join(f"{head:>17}" for head in heads)]
        for k, time in enumerate(self.times):
            worst = [np.nan if self.correlation is None else abs(self.correlation[k]).max()]
            worst = [abs(self.mean[k]).max(), abs(self.std[k]).max(), *worst]
            numbers = [*(table[k].max() for table in self.variation.values()), *worst]
            rows.append("  ".join([f"{time:17g}", *(f"{number:17.4f}" for number in numbers)]))
        return "\n".join(rows)


def load(path=TEN_LEVELS):
    """Read a reference."""
    return Reference(json.loads(Path(path).read_text(encoding="utf-8")))


def deviation(evolution, reference):
    """Compare an evolution whose output times are among those of the reference."""
    rows = np.searchsorted(reference.times, evolution.times)
    if not np.array_equal(reference.times[rows], evolution.times):
        msg = f"the reference has the times {reference.times}, not {evolution.times}"
        raise ValueError(msg)
    variation = {name: _variation(evolution, reference, name, rows) for name in ("common", "own")}
    std = reference.array("std")[rows]
    correlation = None
    if evolution.correlation is not None:
        correlation = evolution.correlation - reference.adjacent("correlation")[rows]
    return Deviation(
        times=evolution.times,
        variation=variation,
        mean=(evolution.mean - reference.array("mean")[rows]) / std,
        std=evolution.std / std - 1.0,
        mean_error=reference.array("mean_error")[rows] / std,
        std_error=reference.array("std_error")[rows] / std,
        correlation=correlation,
        correlation_error=reference.adjacent("correlation_error")[rows],
    )


def _variation(evolution, reference, name, rows):
    """Total variation of every level's histogram minus the sampling floor, shape (time, level)."""
    edges, masses, floor = reference.edges(name), reference.masses(name), reference.array(name, "floor")
    found = np.array(
        [
            [evolution.law(k, level).bin_masses(edges[row, level]) for level in range(edges.shape[1])]
            for k, row in enumerate(rows)
        ]
    )
    return 0.5 * np.abs(found - masses[rows]).sum(axis=2) - floor[rows]
