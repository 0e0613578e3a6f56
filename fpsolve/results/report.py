"""Verdict of a comparison."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Report", "Statistic"]


@dataclass(frozen=True)
class Statistic:
    """One number that compares a sample with a prediction.

    Attributes
    ----------
    name : str
        E.g. "wasserstein".
    value : float
        The worst over groups of levels and times. Dimensionless.
    threshold : float or None
        From `fail_if`: rejected where value ≥ threshold; None if the value is only reported.
    p_value : float or None
        Where the statistic has one: the smallest over groups and times.
    n_effective : float
        Independent samples behind the worst value.
    details : tuple of dict
        One entry per group and time: against, time, levels, value, p_value, n_effective, and what else belongs to it.
    passed : bool
        False if a threshold is reached.
    p_threshold : float or None
        From `fail_if`: rejected where p_value ≤ p_threshold; None if the p-value is only reported.
    """

    name: str
    value: float
    threshold: float | None
    p_value: float | None
    n_effective: float
    details: tuple[dict[str, object], ...]
    passed: bool = True
    p_threshold: float | None = None


@dataclass(frozen=True)
class Report:
    """Verdict of a comparison: every statistic, and whether all thresholds were kept."""

    statistics: tuple[Statistic, ...]
    histograms: tuple[dict[str, object], ...] = ()

    @property
    def passed(self) -> bool:
        """True if no threshold was reached."""
        return all(statistic.passed for statistic in self.statistics)

    def summary(self) -> str:
        """The verdict as text: one line per statistic, each at its worst group and time."""
        rows = [("statistic", "value", "rejected from", "p-value", "rejected to", "n effective", "worst at", "verdict")]
        for statistic in self.statistics:
            worst = max(statistic.details, key=lambda detail: float(str(detail["value"])))
            time = worst.get("time")
            place = f"{worst['against']}" + (f" t={time:.6g}" if isinstance(time, float) else "")
            limits = (statistic.threshold, statistic.p_threshold)
            judged = ("passed" if statistic.passed else "REJECTED") if limits != (None, None) else "reported"
            rows.append(
                (
                    statistic.name,
                    f"{statistic.value:.4g}",
                    "-" if limits[0] is None else f"{limits[0]:g}",
                    "-" if statistic.p_value is None else f"{statistic.p_value:.3g}",
                    "-" if limits[1] is None else f"{limits[1]:g}",
                    f"{statistic.n_effective:.0f}",
                    f"{place} levels {worst['levels']}",
                    judged,
                )
            )
        widths = [max(len(row[k]) for row in rows) for k in range(len(rows[0]))]
        lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
        return "\n".join([f"prediction {'accepted' if self.passed else 'REJECTED'}", *lines])
