"""Why a result is not what was predicted or expected."""

from __future__ import annotations

from fpsolve.results import Result

__all__ = ["rejections"]


def rejections(result: Result) -> list[str]:
    """Return a line for every statistic beyond its limit and every expected value that was missed."""
    reasons = []
    for statistic in result.report.statistics if result.report is not None else ():
        if statistic.threshold is not None and not statistic.value < statistic.threshold:
            reasons.append(f"{statistic.name} = {statistic.value:.4g}, limit {statistic.threshold:g}")
        p_value = statistic.p_value
        if statistic.p_threshold is not None and (p_value is None or not p_value > statistic.p_threshold):
            reasons.append(f"p of {statistic.name} = {p_value:.3g}, limit {statistic.p_threshold:g}")
    reasons += [
        f"{entry['key']}: found {entry['found']}, expected {entry['value']} ({entry['tolerance']})"
        for entry in result.expectations
        if not entry["passed"]
    ]
    return reasons
