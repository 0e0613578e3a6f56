"""How far training has turned the eigenvectors, as a section of the report."""

from __future__ import annotations

from fpsolve.plots.alignment import group_alignment, random_alignment
from fpsolve.plots.levels import levels_of
from fpsolve.report.page import number, paragraph, section, table
from fpsolve.results import Result, Sample

__all__ = ["alignment_section"]


def alignment_section(result: Result, sample: Sample) -> str:
    """Tabulate the mean alignment of every group of levels in every record, beside that of random directions."""
    levels = levels_of(result)
    mean, _ = group_alignment(sample, levels)
    random = random_alignment(result, levels)
    names = (", ".join(str(level) for level in group) for group in levels.groups)
    head = ("updates", "t", *(f"level{'s' if ',' in name else ''} {name}" for name in names))
    rows = [
        (int(step), number(float(time), digits=4), *(float(value) for value in values))
        for step, time, values in zip(sample.steps, sample.times, mean, strict=True)
    ]
    return section(
        "Alignment of the eigenvectors",
        paragraph(
            "The part |P uᵢ|² of the eigenvector uᵢ of level i that lies in the eigenspace of the target which this level "
            "tends to, averaged over the replicas. The equation for the levels assumes 1: every level is driven by its "
            "own target. Where the number is small, the weights must turn before they can grow, and a level is driven "
            "by the mean of all targets that its vector still points to."
        ),
        table(head, [*rows, ("random", None, *(float(value) for value in random))], digits=3),
    )
