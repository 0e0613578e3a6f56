"""Which record of a sample is held against which predicted law."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from fpsolve.errors import MethodError, SampleError
from fpsolve.exact.tabulated import TabulatedLaw
from fpsolve.results import Evolution, Sample, Stationary
from fpsolve.results.pairs import AdjacentPairs
from fpsolve.validate.comparison import Comparison
from fpsolve.validate.groups import check_groups
from fpsolve.validate.laws import mixture, tabulate

__all__ = ["Against", "Prediction", "plan"]

Array = NDArray[np.float64]
Against = Literal["stationary", "evolve"]
Prediction: TypeAlias = Stationary | Evolution | TabulatedLaw | Callable[[Array], Array]

_FEWEST = 8  # below this no statistic says anything


def plan(
    sample: Sample,
    predictions: Sequence[Prediction],
    *,
    groups: Sequence[Sequence[int]] | None,
    against: Sequence[Against] | None,
) -> tuple[Comparison, ...]:
    """Every (record, group, law) of a validation, in the order of the predictions, then of time, then of the levels.

    A stationary law is compared with the last record, an evolution with every record after t = 0 at its own time. A
    sample that is one correlated chain (a single replica, ``correlated``) gives all its records to the stationary law.

    Raises
    ------
    MethodError
        If a prediction is of no known kind, `against` names one that was not given, or the groups are no groups.
    SampleError
        If the sample has other levels than the prediction, no clock, a time at which the evolution was not asked for,
        values that are not finite, or fewer than 8 values.
    """
    if not np.all(np.isfinite(sample.levels)):
        msg = "the sample holds levels that are not finite"
        raise SampleError(msg)
    clean = check_groups(groups, sample.levels.shape[2])
    chosen = _chosen(predictions, against)
    comparisons: list[Comparison] = []
    for prediction in chosen:
        if isinstance(prediction, Evolution):
            comparisons.extend(_evolving(sample, prediction, clean))
        else:
            comparisons.extend(_stationary(sample, prediction, clean))
    for comparison in comparisons:
        if len(comparison.values) < _FEWEST:
            msg = f"{len(comparison.values)} replicas cannot be compared with a law: at least {_FEWEST} are needed"
            raise SampleError(msg)
    return tuple(comparisons)


def _kind(prediction: object) -> Against:
    if isinstance(prediction, Evolution):
        return "evolve"
    if isinstance(prediction, Stationary | TabulatedLaw) or callable(prediction):
        return "stationary"
    msg = (
        "a prediction is a Stationary, an Evolution, a TabulatedLaw or a distribution function, "
        f"not {type(prediction).__name__}"
    )
    raise MethodError(msg)


def _chosen(predictions: Sequence[Prediction], against: Sequence[Against] | None) -> list[Prediction]:
    kinds = [_kind(prediction) for prediction in predictions]
    if against is None:
        wanted: Iterable[str] = dict.fromkeys(kinds)
    else:
        wanted = dict.fromkeys(against)
    for name in wanted:
        if name not in kinds:
            known = "stationary (a Stationary or a law) or evolve (an Evolution)"
            msg = f"against = {name!r}, but no such prediction was given; it may be {known}"
            raise MethodError(msg)
    if not predictions:
        msg = "there is no prediction to compare the sample with"
        raise MethodError(msg)
    return [prediction for prediction, kind in zip(predictions, kinds, strict=True) if kind in wanted]


def _stationary(
    sample: Sample,
    prediction: Stationary | TabulatedLaw | Callable[[Array], Array],
    groups: tuple[tuple[int, ...], ...],
) -> list[Comparison]:
    chain = sample.correlated and sample.levels.shape[0] == 1
    levels = sample.levels[0] if chain else sample.levels[:, -1]
    spacings: list[TabulatedLaw | None] = [None] * len(groups)
    means: list[tuple[float, ...]] = [()] * len(groups)
    exponent = prediction.tail if isinstance(prediction, Stationary) else None
    if isinstance(prediction, Stationary):
        _check_levels(sample, prediction.edges.shape[0])
        laws = [mixture([prediction.law(level) for level in group]) for group in groups]
        spacings = [_spacing_law(prediction.pairs, group) for group in groups]
        means = [tuple(prediction.mean[list(group)].tolist()) for group in groups]
    else:
        if len(groups) != 1:
            msg = (
                f"one law for {len(groups)} groups of levels: give a Stationary with one law per level, "
                "or pool the levels it belongs to with groups = [[0, 1, …]]"
            )
            raise MethodError(msg)
        law = prediction if isinstance(prediction, TabulatedLaw) else tabulate(prediction, levels[:, list(groups[0])])
        laws = [law]
    return [
        Comparison(
            against="stationary",
            step=int(sample.steps[-1]),
            time=_clock(float(sample.times[-1])),
            levels=group,
            values=np.ascontiguousarray(levels[:, list(group)]),
            law=law,
            independent=not sample.correlated,
            last=True,
            spacing_law=spacing,
            means=own,
            # The tail of a gas is that of its highest level.
            tail=exponent if sample.levels.shape[2] - 1 in group else None,
        )
        for group, law, spacing, own in zip(groups, laws, spacings, means, strict=True)
    ]


def _evolving(sample: Sample, prediction: Evolution, groups: tuple[tuple[int, ...], ...]) -> list[Comparison]:
    _check_levels(sample, prediction.edges.shape[0])
    comparisons: list[Comparison] = []
    for record, time in enumerate(sample.times):
        if time == 0.0:
            continue  # the start is given, not predicted; a point start has no law to compare with
        index = _output_of(prediction, float(time), int(sample.steps[record]))
        comparisons += [
            Comparison(
                against="evolve",
                step=int(sample.steps[record]),
                time=float(time),
                levels=group,
                values=np.ascontiguousarray(sample.levels[:, record, list(group)]),
                law=mixture([prediction.law(index, level) for level in group]),
                independent=not sample.correlated,
                last=record == sample.times.size - 1,
                spacing_law=_spacing_law(prediction.pairs, group, index),
                means=tuple(prediction.mean[index, list(group)].tolist()),
            )
            for group in groups
        ]
    if not comparisons:
        msg = "the sample has no record after t = 0 to compare the evolution with"
        raise SampleError(msg)
    return comparisons


def _spacing_law(
    pairs: AdjacentPairs | None, group: tuple[int, ...], time_index: int | None = None
) -> TabulatedLaw | None:
    """Law of the spacing of a group of two neighbouring levels, where the prediction has joint laws."""
    if pairs is None or len(group) != 2 or group[1] != group[0] + 1:
        return None
    return pairs.spacing(group[0], time_index)


def _check_levels(sample: Sample, predicted: int) -> None:
    if predicted != sample.levels.shape[2]:
        msg = f"the sample holds {sample.levels.shape[2]} levels, the prediction {predicted}"
        raise SampleError(msg)


def _clock(time: float) -> float | None:
    return time if np.isfinite(time) else None


def _output_of(prediction: Evolution, time: float, step: int) -> int:
    """Index of the output at `time`."""
    if not np.isfinite(time):
        msg = f"the record at step {step} has no Fokker–Planck time; give the sample its times to compare it with an evolution"
        raise SampleError(msg)
    index = int(np.argmin(np.abs(prediction.times - time)))
    found = float(prediction.times[index])
    if abs(found - time) > 1e-9 * max(abs(time), abs(found)):
        msg = (
            f"the record at step {step} was taken at t = {time:.12g}, but the evolution has no output there "
            f"(the nearest is {found:.12g}); add {time:.12g} to its times"
        )
        raise SampleError(msg)
    return index
