"""What the comparison with training, and with the expectations of the case, came to."""

from __future__ import annotations

from html import escape

from fpsolve.report.page import fold, number, paragraph, section, table
from fpsolve.results import Report, Result, Statistic

__all__ = ["MEANINGS", "expectation_section", "validation_section", "verdict_box"]

MEANINGS = {
    "ks": "largest distance of the two distribution functions (Kolmogorov–Smirnov)",
    "cramervonmises": "n times the mean square distance of the two distribution functions (Cramér–von Mises)",
    "wasserstein": "mean way the levels would have to go (Wasserstein), in standard deviations of the prediction",
    "total_variation": "half the sum over bins of |share counted − share predicted|; a small value is sampling noise",
    "moments": "largest deviation of mean, variance and skewness, in units of their sampling errors",
    "surmise": "Kolmogorov–Smirnov distance of the spacings of a degenerate pair from the Wigner surmise; tests the "
    "shape, the scale is that of the sample",
    "semicircle": "Kolmogorov–Smirnov distance of the pooled levels of a degenerate pair from the two-level semicircle; "
    "tests the shape, centre and width are those of the sample",
    "binder": "deviation of the fourth-moment ratio of a degenerate pair, U₄ = ⟨y⁴⟩/(3⟨y²⟩²) − 1, from its exact value −4/27 "
    "(0 for a Gaussian; the usual Binder cumulant has the opposite sign)",
    "spacing": "Kolmogorov–Smirnov distance of the spacings of two levels from their predicted law; nothing is scaled",
    "surmise_predicted": "the same from the Wigner surmise with the σ that a pair without neighbours would have; tests the scale",
    "mean_spacing": "relative deviation of the mean spacing of a degenerate pair from its prediction",
    "width": "relative deviation of σ of the semicircle fit of a degenerate pair from the same fit of the prediction",
    "variance": "relative deviation of the variance of the pooled levels from its prediction",
    "ratio": "deviation of learned/target, the mean of the levels over where a lone level would rest, from its prediction",
    "tail": "relative deviation of Hill's exponent of the largest levels from the exponent that the predicted law has above the "
    "same threshold",
    "exponential": "relative deviation of the rate of a + b exp(−rt), fitted to the mean training curve, from the predicted rate "
    "of late times",
    "alternatives": "total variation between the trained levels and the nearest of other laws, which are not the prediction",
}
"""What each statistic of a verdict says, by name."""


def verdict_box(result: Result) -> str:
    """Say in one sentence whether the prediction holds."""
    failed = [statistic for statistic in _statistics(result) if not statistic.passed]
    missed = [str(entry.get("key", "")) for entry in result.expectations if not entry.get("passed")]
    judged = [statistic for statistic in _statistics(result) if _is_judged(statistic)]
    if failed or missed:
        reasons = [_reason(statistic) for statistic in failed] + [f"{key} is not as expected" for key in missed]
        return _box("rejected", "Rejected", "; ".join(reasons) + ".")
    parts = []
    if judged:
        parts.append(f"no threshold was reached ({'; '.join(_kept(statistic) for statistic in judged)})")
    if result.expectations:
        count = len(result.expectations)
        parts.append(f"all {count} expected values were met" if count > 1 else "the expected value was met")
    if parts:
        sentence = " and ".join(parts) + "."
        return _box("passed", "Passed", sentence[0].upper() + sentence[1:])
    return _box("", "No verdict", "The case sets no threshold and expects no value.")


def validation_section(report: Report) -> str:
    """Tabulate every statistic, and below it every group of levels and time."""
    rows = [
        (
            statistic.name,
            statistic.value,
            statistic.threshold,
            statistic.p_value,
            statistic.p_threshold,
            statistic.n_effective,
            _outcome(statistic),
        )
        for statistic in report.statistics
    ]
    head = ("statistic", "worst value", "rejected from", "smallest p", "rejected below p", "n effective", "verdict")
    meanings = [(entry.name, MEANINGS[entry.name]) for entry in report.statistics if entry.name in MEANINGS]
    return section(
        "Prediction against training",
        paragraph(
            "The prediction has no fitted parameter. Histograms are compared with integrals of the predicted density over the same bins. "
            "Levels that belong to equal parameters are pooled. n effective counts the independent values behind a "
            "number. A p-value is the probability of a value at least as large if the prediction is true."
        ),
        table(head, rows),
        table(("statistic", "meaning"), meanings, words=True) if meanings else "",
        *(_details(statistic) for statistic in report.statistics if statistic.details),
    )


def expectation_section(result: Result) -> str:
    """Tabulate the expectations of the case; nothing if there are none."""
    if not result.expectations:
        return ""
    rows = [
        (
            entry.get("key"),
            number(entry.get("found"), digits=14),
            number(entry.get("value"), digits=14),
            entry.get("tolerance"),
            entry.get("source"),
            "passed" if entry.get("passed") else "rejected",
        )
        for entry in result.expectations
    ]
    head = ("quantity", "found", "expected", "tolerance", "source", "verdict")
    return section("Expected values", table(head, rows, words=True))


def _statistics(result: Result) -> tuple[Statistic, ...]:
    return result.report.statistics if result.report is not None else ()


def _is_judged(statistic: Statistic) -> bool:
    return statistic.threshold is not None or statistic.p_threshold is not None


def _outcome(statistic: Statistic) -> str:
    if not _is_judged(statistic):
        return "reported only"
    return "passed" if statistic.passed else "rejected"


def _reason(statistic: Statistic) -> str:
    """Name the threshold that was reached."""
    reasons = []
    if statistic.threshold is not None and not statistic.value < statistic.threshold:
        reasons.append(f"{statistic.name} = {number(statistic.value, digits=4)}, allowed below {statistic.threshold:g}")
    p_value, limit = statistic.p_value, statistic.p_threshold
    if limit is not None and (p_value is None or not p_value > limit):
        reasons.append(f"{statistic.name}: p = {number(p_value, digits=3)}, allowed above {limit:g}")
    return "; ".join(reasons) or f"{statistic.name} failed"


def _kept(statistic: Statistic) -> str:
    """Name the thresholds that were kept."""
    kept = []
    if statistic.threshold is not None:
        kept.append(f"{statistic.name} = {number(statistic.value, digits=4)}, allowed below {statistic.threshold:g}")
    if statistic.p_threshold is not None:
        kept.append(
            f"{statistic.name}: p = {number(statistic.p_value, digits=3)}, allowed above {statistic.p_threshold:g}"
        )
    return "; ".join(kept)


def _details(statistic: Statistic) -> str:
    head = tuple(dict.fromkeys(key for entry in statistic.details for key in entry))
    rows = [[entry.get(key) for key in head] for entry in statistic.details]
    titles = [{"n_effective": "n effective", "p_value": "p", "p_bonferroni": "p × tests"}.get(key, key) for key in head]
    summary = f"{statistic.name}: every group of levels and time ({len(rows)})"
    return fold(summary, table(titles, rows))


def _box(kind: str, head: str, text: str) -> str:
    return f'<div class="verdict {kind}"><strong>{escape(head)}</strong><br>{escape(text)}</div>'
