"""Results as plain JSON objects, with the keys that scripts rely on."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from fpsolve.results import Evolution, Report, Result, Sample, Spectrum, Stationary
from fpsolve.run.multiplets import multiplets
from fpsolve.run.spacings import spacings

__all__ = ["evolution_json", "plain", "report_json", "result_json", "sample_json", "spectrum_json", "stationary_json"]


Array = NDArray[np.float64]


def plain(value: object) -> object:
    """Turn numpy scalars and arrays, tuples and mappings into JSON values; numbers that are not finite become null."""
    if isinstance(value, Mapping):
        return {str(key): plain(entry) for key, entry in value.items()}
    if isinstance(value, np.ndarray):
        return plain(value.tolist())
    if isinstance(value, np.generic):
        return plain(value.item())
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [plain(entry) for entry in value]
    return value


def spectrum_json(spectrum: Spectrum) -> dict[str, object]:
    """Keys energies, rates, residuals, method; kramers and multiplets (of several levels) where they apply."""
    out: dict[str, object] = {
        "energies": spectrum.energies,
        "rates": spectrum.rates,
        "residuals": spectrum.residuals,
        "method": spectrum.method,
        "ground_state_error": spectrum.ground_state_error,
        "unknowns": spectrum.unknowns,
        "seconds": spectrum.seconds,
    }
    if spectrum.kramers is not None:
        out["kramers"] = spectrum.kramers
    if spectrum.method == "chamber":
        out["multiplets"] = [
            {"rate": entry.rate, "states": entry.states, "split": entry.split} for entry in multiplets(spectrum)
        ]
    return out


def evolution_json(evolution: Evolution, output: str | None) -> dict[str, object]:
    """Keys times, mass, minimum, levels, seconds, unknowns, output, and what only some methods know.

    These are first_passage (where a wall absorbs), grid_error, exchanges, of several levels total (mean and std of all
    levels pooled), correlation, spacing and surmise_distance (of each level and the next), and in every entry of levels
    mean_error and std_error (of trajectories).
    """
    known = vars(evolution)
    out: dict[str, object] = {
        "times": evolution.times,
        "mass": evolution.mass,
        "minimum": evolution.minimum,
        "levels": [
            {
                name: values[k]
                for name in ("mean", "std", "mean_error", "std_error")
                if (values := known[name]) is not None
            }
            for k in range(evolution.times.size)
        ],
        "seconds": evolution.seconds,
        "unknowns": evolution.unknowns,
        "method": evolution.method,
        "error_estimate": evolution.error_estimate,
        "output": output,
    }
    for name in ("grid_error", "first_passage", "correlation", "exchanges"):
        if known[name] is not None:
            out[name] = known[name]
    if evolution.mean.shape[1] > 1:
        out["total"] = [_pooled(mean, std) for mean, std in zip(evolution.mean, evolution.std, strict=True)]
    if evolution.pairs is not None:
        out |= spacings(evolution.pairs)
    return out


def _pooled(mean: Array, std: Array) -> dict[str, object]:
    """Moments of a level picked at random."""
    centre = float(np.mean(mean))
    return {"mean": centre, "std": float(np.sqrt(np.mean(std**2 + (mean - centre) ** 2)))}


def stationary_json(stationary: Stationary) -> dict[str, object]:
    """Keys levels, log_partition_function, error_estimate, method, and tail where the law falls like a power.

    Of several levels also total (mean and std of all levels pooled) and, where known, correlation, spacing and
    surmise_distance of each level and the next.
    """
    out: dict[str, object] = {
        "levels": {"mean": stationary.mean, "std": stationary.std, "skewness": _skewness(stationary)},
        "log_partition_function": stationary.log_partition_function,
        "error_estimate": stationary.error_estimate,
        "method": stationary.method,
    }
    if stationary.tail is not None:
        out["tail"] = stationary.tail
    if stationary.pairs is not None:
        out |= {"correlation": stationary.pairs.correlation, **spacings(stationary.pairs)}
    if stationary.mean.size > 1:
        out["total"] = _pooled(stationary.mean, stationary.std)
    return out


def _skewness(stationary: Stationary) -> list[float]:
    """Of every level; nan where a power-law tail leaves no third moment."""
    known = stationary.tail is None or stationary.tail > 3.0
    return [stationary.law(level).skewness if known else math.nan for level in range(stationary.mean.size)]


def sample_json(sample: Sample) -> dict[str, object]:
    """Keys steps, levels, seconds; one entry of levels per record: mean and std over the replicas.

    Where the eigenvectors are known also alignment, one entry per record: mean and std over the replicas, a number per level.
    """
    ddof = 1 if sample.levels.shape[0] > 1 else 0
    means = sample.levels.mean(axis=0)
    stds = sample.levels.std(axis=0, ddof=ddof)
    out: dict[str, object] = {
        "steps": sample.steps,
        "times": sample.times,
        "levels": [{"mean": mean, "std": std} for mean, std in zip(means, stds, strict=True)],
        "replicas": sample.levels.shape[0],
        "seconds": sample.seconds,
        "seed": sample.seed,
    }
    if sample.alignment is not None:
        moments = zip(sample.alignment.mean(axis=0), sample.alignment.std(axis=0, ddof=ddof), strict=True)
        out["alignment"] = [{"mean": mean, "std": std} for mean, std in moments]
    return out


def report_json(report: Report) -> dict[str, object]:
    """Keys passed and statistics, by name."""
    statistics: dict[str, object] = {}
    for statistic in report.statistics:
        entry: dict[str, object] = {
            "value": statistic.value,
            "threshold": statistic.threshold,
            "n_effective": statistic.n_effective,
            "passed": statistic.passed,
            "details": statistic.details,
        }
        if statistic.p_value is not None:
            entry["p_value"] = statistic.p_value
        statistics[statistic.name] = entry
    return {"passed": report.passed, "statistics": statistics}


def result_json(result: Result, output: str | None) -> dict[str, object]:
    """One object per section that was computed, the expectations, and where the result lies."""
    out: dict[str, object] = {"title": result.title, "output": output}
    if result.evolution is not None:
        out["evolve"] = evolution_json(result.evolution, output)
    if result.spectrum is not None:
        out["spectrum"] = spectrum_json(result.spectrum)
    if result.stationary is not None:
        out["stationary"] = stationary_json(result.stationary)
    if result.sample is not None:
        out["sgd"] = sample_json(result.sample)
    if result.report is not None:
        out["validate"] = report_json(result.report)
    if result.expectations:
        out["expect"] = {
            "passed": all(bool(entry["passed"]) for entry in result.expectations),
            "entries": result.expectations,
        }
    return out
