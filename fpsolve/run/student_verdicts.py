"""What only a student's verdict has: rates of its approach, and the laws that its levels might be thought to have."""

from __future__ import annotations

from typing import cast

import numpy as np
from numpy.typing import NDArray

from fpsolve.errors import CaseError, Problem
from fpsolve.exact.tabulated import TabulatedLaw
from fpsolve.models.level_gas import LevelGas
from fpsolve.results import Evolution, Sample, Statistic
from fpsolve.validate import Alternative, judge_alternatives, judge_exponential

__all__ = ["STUDENT_STATISTICS", "approach_rates", "student_statistic"]

Array = NDArray[np.float64]

STUDENT_STATISTICS = ("exponential", "alternatives")
_CELLS = 800


def student_statistic(
    name: str,
    model: LevelGas,
    sample: Sample,
    *,
    start: float,
    groups: tuple[tuple[int, ...], ...],
    evolution: Evolution | None,
    limit: float | None,
) -> Statistic:
    """One of `STUDENT_STATISTICS` for a teacher_student model.

    `evolution` is the prediction at the times of the records, where it was solved for.

    Raises
    ------
    CaseError
        Another model.
    """
    if model.kind != "teacher_student":
        raise CaseError([Problem("validate.statistics", f"{name} is about a teacher_student model")])
    if name == "exponential":
        rates = approach_rates(model, sample, start)
        return judge_exponential(sample, rates, start=start, curves=_means_at(sample, evolution), limit=limit)
    pairs = {(group[0], group[1]): _laws(model, group) for group in groups if len(group) == 2}
    return judge_alternatives(sample, pairs, limit=limit)


def approach_rates(model: LevelGas, sample: Sample, start: float) -> list[float]:
    """Rate −ln(1 − αz)/α at which the mean of every level approaches its teacher [1/time], lowest level first.

    Levels with one teacher are in order, and the slowest is the farthest: below the teacher the lowest has the smallest
    z, above it the highest.
    """
    labels = cast("dict[str, list[float]]", model.labels)
    teacher, z = np.array(labels["teacher"]), np.array(labels["second_layer"])
    alpha = float(cast("float", model.labels["learning_rate"]))
    targets = teacher**2 if model.labels["observable"] == "squared" else teacher
    first = int(np.argmax(sample.times >= start))
    below = sample.levels[:, first].mean(axis=0) < targets
    ordered = z.copy()
    for place in np.unique(teacher):
        group = np.flatnonzero(teacher == place)
        ordered[group] = np.sort(z[group]) if below[group].mean() >= 0.5 else np.sort(z[group])[::-1]
    return [float(rate) for rate in -np.log1p(-alpha * ordered) / alpha]


def _means_at(sample: Sample, evolution: Evolution | None) -> Array | None:
    """Predicted means at the records, shape (record, level); None if there are none at all of them."""
    if evolution is None:
        return None
    index = np.array([int(np.argmin(np.abs(evolution.times - time))) for time in sample.times])
    there = np.allclose(evolution.times[index], sample.times, rtol=1e-9, atol=0.0)
    return evolution.mean[index] if there else None


def _laws(model: LevelGas, group: tuple[int, ...]) -> list[Alternative]:
    """Gases of the two species with the widths that the theory gives at the finite learning rate, nothing fitted."""
    from fpsolve.exact import TwoSpeciesGas
    from fpsolve.models.dyson import dyson
    from fpsolve.solvers.matrix_models import trained_student
    from fpsolve.solvers.stationary import stationary

    theory = trained_student(model)
    chosen = list(group)
    centre = theory.centre[chosen]
    width = np.sqrt(np.diag(theory.law.covariance)[chosen])
    pair = TwoSpeciesGas((float(centre[0]), float(centre[1])), (float(width[0]), float(width[1])))
    ordered = stationary(dyson(g2=(width**2).tolist(), levels=2, centre=centre.tolist(), stiffness=1.0))
    edges, density = ordered.total_edges, ordered.total_density
    if edges is None or density is None:
        raise CaseError([Problem("validate.statistics", "the ordered gas has no pooled density")])
    squared = model.labels["observable"] == "squared"
    numbers = {"centre": centre.tolist(), "width": width.tolist()}
    return [
        Alternative("two-species gas", _seen(pair.law, squared=squared), numbers),
        Alternative("ordered gas", _seen(TabulatedLaw.from_density(edges, density), squared=squared), numbers),
    ]


def _seen(law: TabulatedLaw, *, squared: bool) -> TabulatedLaw:
    """Law of ξ, or of x = ξ²."""
    if not squared:
        return law
    inside = law.edges >= 0.0
    edges, cumulative = law.edges[inside] ** 2, law.cumulative[inside]
    first = cumulative[0]
    return TabulatedLaw(edges, (cumulative - first) / (1.0 - first))
