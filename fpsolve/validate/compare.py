"""The verdict: a sample against a prediction."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import cast

import numpy as np

from fpsolve.errors import MethodError
from fpsolve.results import Report, Sample, Statistic
from fpsolve.validate.binder import binder
from fpsolve.validate.comparison import Comparison, Finding
from fpsolve.validate.cramer_von_mises import cramervonmises
from fpsolve.validate.histogram import histogram
from fpsolve.validate.kolmogorov_smirnov import ks
from fpsolve.validate.mean_spacing import mean_spacing
from fpsolve.validate.moments import moments
from fpsolve.validate.plan import Against, Prediction, plan
from fpsolve.validate.semicircle import semicircle
from fpsolve.validate.spacing import spacing
from fpsolve.validate.surmise import surmise
from fpsolve.validate.surmise_predicted import surmise_predicted
from fpsolve.validate.tail import tail
from fpsolve.validate.target_ratio import ratio
from fpsolve.validate.theory import LevelTheory
from fpsolve.validate.thresholds import Limits, check_names, parse_limits
from fpsolve.validate.total_variation import total_variation
from fpsolve.validate.variance import variance
from fpsolve.validate.wasserstein import wasserstein
from fpsolve.validate.width import width

__all__ = ["PAIR_STATISTICS", "STATISTICS", "compare"]

STATISTICS: dict[str, Callable[[Comparison], Finding]] = {
    "ks": ks,
    "cramervonmises": cramervonmises,
    "wasserstein": wasserstein,
    "total_variation": total_variation,
    "moments": moments,
    "variance": variance,
    "ratio": ratio,
    "surmise": surmise,
    "semicircle": semicircle,
    "binder": binder,
    "spacing": spacing,
    "surmise_predicted": surmise_predicted,
    "mean_spacing": mean_spacing,
    "width": width,
    "tail": tail,
}
"""Every statistic by its name in a case file."""

PAIR_STATISTICS = ("surmise", "semicircle", "binder")
"""Those that hold a degenerate pair against a universal law."""

_OF_LAST_PAIRS = (*PAIR_STATISTICS, "surmise_predicted", "mean_spacing", "width")
_OF_PAIRS = (*_OF_LAST_PAIRS, "spacing")
_WITH_P_VALUE = ("ks", "cramervonmises", "variance", "ratio", "tail", *_OF_PAIRS)


def compare(
    sample: Sample,
    prediction: Prediction | Sequence[Prediction],
    *,
    statistics: Sequence[str] = ("ks", "wasserstein"),
    fail_if: Mapping[str, float] | None = None,
    groups: Sequence[Sequence[int]] | None = None,
    pairs: Sequence[Sequence[int]] | None = None,
    theory: LevelTheory | None = None,
    tail_of_steps: float | None = None,
    against: Against | Sequence[Against] | None = None,
) -> Report:
    """Hold trained levels against predicted laws.

    A stationary law is compared with the last record, an evolution with every record at its own Fokker–Planck time (but
    for t = 0, which is given and not predicted). Each statistic is computed for every group of levels and every record; its value is the worst of them, its p-value the
    smallest, and `details` lists all, each with the standard error of the value as a measure of the distance between the true
    and the predicted law (`value_error`; none for moments, whose value counts errors). With m comparisons behind one p-value a true prediction falls below p with
    probability up to m·p: `p_bonferroni` = min(1, m·p) in the details accounts for that, a ``_p`` threshold does not.

    Replicas are taken as independent runs. The levels of one replica are not independent, so a group's `n_effective`
    is estimated from the scatter of the replicas (see `pooled_size`). For a sample marked ``correlated`` the replicas (or,
    if there is one replica, its records) are a chain in that order: n_effective is divided by its autocorrelation time
    and no p-value is claimed.

    Parameters
    ----------
    sample : Sample
        levels(replica, step, level) of a training, or your own by `Sample.from_array`.
    prediction : Stationary, Evolution, TabulatedLaw or callable, or a sequence of them
        A TabulatedLaw or a distribution function F(x) is taken as the stationary law of a single group of levels.
    statistics : sequence of str
        Of ks, cramervonmises, wasserstein (divided by the prediction's std), total_variation, moments, variance, ratio (to
        the targets of `theory`), and for degenerate pairs in the last record surmise, semicircle, binder,
        surmise_predicted (with σ of `theory`), mean_spacing and width; spacing, for groups of two neighbouring levels whose
        joint law the prediction has, in every record; tail, for a stationary law with a power-law tail.
    fail_if : mapping, optional
        Thresholds: ``{"wasserstein": 0.05}`` rejects where the value is 0.05 or more, ``{"ks_p": 0.001}`` where the
        p-value is 0.001 or less. Statistics named here are computed too.
    groups : sequence of sequence of int, optional
        Levels that are histogrammed together, e.g. ``groups_of(kappa)``; a group's law is the mixture of its levels'
        marginals. Every level alone if not given; levels in no group are left out.
    pairs : sequence of sequence of int, optional
        The degenerate pairs, where `groups` does not hold them (because every level is judged by itself); groups of other
        than two levels are passed over.
    theory : LevelTheory, optional
        Targets and widths of the levels in closed form; needed by ratio and surmise_predicted.
    tail_of_steps : float, optional
        Exponent b of the tail P(X > x) ~ x^{−b} that the discrete steps of the training lead to (half the exponent of
        `KestenTail` for a squared length); `tail` tells it beside the predicted one.
    against : {"stationary", "evolve"} or sequence of them, optional
        Which of the predictions to use; all if not given.

    Returns
    -------
    Report
        With one histogram per comparison: counts beside n times the bin integrals of the prediction.

    Raises
    ------
    MethodError
        Unknown statistic or threshold, a pair statistic without a degenerate pair, a prediction that does not fit.
    SampleError
        A sample that does not fit the prediction: other levels, no clock, too few replicas.
    """
    limits = parse_limits(
        fail_if or {}, known=STATISTICS, with_p_value=_WITH_P_VALUE, independent=not sample.correlated
    )
    check_names(statistics, STATISTICS)
    names = tuple(dict.fromkeys([*statistics, *limits]))
    predictions = _as_list(prediction)
    wanted = cast("Sequence[Against] | None", [against] if isinstance(against, str) else against)
    comparisons = _explained(plan(sample, predictions, groups=groups, against=wanted), theory)
    comparisons = tuple(replace(comparison, tail_of_steps=tail_of_steps) for comparison in comparisons)
    of_pairs = comparisons
    degenerate = [group for group in pairs or () if len(group) == 2]
    if degenerate and any(name in _OF_PAIRS for name in names):
        of_pairs = _explained(plan(sample, predictions, groups=degenerate, against=wanted), theory)
    results = [
        _judge(name, _subject(name, of_pairs if name in _OF_PAIRS else comparisons), limits.get(name, Limits()))
        for name in names
    ]
    return Report(statistics=tuple(results), histograms=tuple(histogram(comparison) for comparison in comparisons))


def _explained(comparisons: Sequence[Comparison], theory: LevelTheory | None) -> tuple[Comparison, ...]:
    """Give every comparison the theory of its levels."""
    if theory is None:
        return tuple(comparisons)
    reach = max(max(comparison.levels) for comparison in comparisons)
    if reach >= theory.target.size:
        msg = f"the theory is one of {theory.target.size} levels, the comparison reaches level {reach}"
        raise MethodError(msg)
    return tuple(replace(comparison, theory=theory.of(comparison.levels)) for comparison in comparisons)


def _as_list(prediction: object) -> list[Prediction]:
    """Wrap a single prediction; `plan` refuses what is none."""
    return cast("list[Prediction]", list(prediction) if isinstance(prediction, list | tuple) else [prediction])


def _subject(name: str, comparisons: Sequence[Comparison]) -> Sequence[Comparison]:
    """Select the comparisons that a statistic applies to.

    All; those of two levels whose spacing is predicted; those with a power-law tail; or each degenerate pair of the last
    record once.
    """
    if name == "spacing":
        predicted = [comparison for comparison in comparisons if comparison.spacing_law is not None]
        if not predicted:
            msg = (
                "spacing needs a group of two neighbouring levels and a prediction with their joint law "
                "(pairs of a Stationary or an Evolution); surmise holds a degenerate pair against its universal law"
            )
            raise MethodError(msg)
        return predicted
    if name == "tail":
        falling = [comparison for comparison in comparisons if comparison.tail is not None]
        if not falling:
            msg = "tail needs a stationary law with a power-law tail, and none of the predictions has one"
            raise MethodError(msg)
        return falling
    if name not in _OF_LAST_PAIRS:
        return comparisons
    pairs = {comparison.levels: comparison for comparison in reversed(comparisons) if comparison.last}
    pairs = {levels: pairs[levels] for levels in sorted(pairs) if len(levels) == 2}
    if not pairs:
        msg = (
            f"{name} needs a degenerate pair, and no group of the last record has two levels; "
            f"without one: {', '.join(other for other in STATISTICS if other not in _OF_PAIRS)}"
        )
        raise MethodError(msg)
    return tuple(pairs.values())


def _judge(name: str, comparisons: Sequence[Comparison], limits: Limits) -> Statistic:
    findings = [STATISTICS[name](comparison) for comparison in comparisons]
    p_values = [finding.p_value for finding in findings if finding.p_value is not None]
    # A value that is not a number is the worst one (argmax finds it first), and rejects.
    worst = findings[int(np.argmax([finding.value for finding in findings]))]
    smallest = float(np.min(p_values)) if p_values else None
    value_kept = limits.value is None or worst.value < limits.value
    p_kept = limits.p_value is None or (smallest is not None and smallest > limits.p_value)
    return Statistic(
        name=name,
        value=worst.value,
        threshold=limits.value,
        p_threshold=limits.p_value,
        p_value=smallest,
        n_effective=worst.n_effective,
        details=tuple(
            _detail(comparison, finding, len(p_values))
            for comparison, finding in zip(comparisons, findings, strict=True)
        ),
        passed=value_kept and p_kept,
    )


def _detail(comparison: Comparison, finding: Finding, tests: int) -> dict[str, object]:
    detail: dict[str, object] = {
        "against": comparison.against,
        "step": comparison.step,
        "time": comparison.time,
        "levels": list(comparison.levels),
        "value": finding.value,
        "p_value": finding.p_value,
        "n_effective": finding.n_effective,
    }
    if finding.p_value is not None:
        detail["p_bonferroni"] = min(1.0, tests * finding.p_value)
    return detail | finding.extra
