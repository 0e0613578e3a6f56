"""What [validate] means together with model and training."""

from __future__ import annotations

import math
from collections.abc import Iterator
from itertools import pairwise

from fpsolve.cases.case import Case
from fpsolve.cases.faults import Fault, shown
from fpsolve.cases.resolve import as_list, kappas, level_count
from fpsolve.cases.schema_model import Dyson, Geometric, Laguerre, Model, Potential, Rbm, TeacherStudent
from fpsolve.cases.schema_sgd import FileSgd, LinearNetworkSgd, RbmSgd, TeacherStudentSgd, Validate

__all__ = ["check_validate"]

PAIR_STATISTICS = (
    "surmise",
    "semicircle",
    "binder",
    "spacing",
    "surmise_predicted",
    "mean_spacing",
    "width",
    "alternatives",
)
THEORY_STATISTICS = ("ratio", "surmise_predicted")
STUDENT_STATISTICS = ("exponential", "alternatives")
FEWEST_RECORDS = 4


def check_validate(case: Case, validate: Validate, *, present: frozenset[str]) -> Iterator[Fault]:
    """Everything that is wrong with the comparison of a case whose types are right.

    `present` names the sections that the file has; one that is present but None in `case` has faults of its own.
    """
    if "sgd" not in present:
        yield Fault(("validate",), "needs an [sgd] section: the levels that the prediction is held against")
    if "evolve" in validate.against:
        if "evolve" not in present:
            yield Fault(("validate", "against"), '"evolve" needs an [evolve] section')
        if isinstance(case.sgd, FileSgd) and case.sgd.learning_rate is None:
            yield Fault(("validate", "against"), '"evolve" needs sgd.learning_rate to turn updates into time')
    for name, threshold in validate.fail_if.items():
        if name.endswith("_p") and threshold >= 1.0:
            yield Fault(("validate", "fail_if", name), f"is a p-value and must be < 1, not {threshold:g}")
        if name.removesuffix("_p") not in validate.statistics:
            yield Fault(
                ("validate", "fail_if", name),
                f"{shown(name.removesuffix('_p'))} is not among statistics = {shown(validate.statistics)}; add it there",
            )
    if case.model is None:
        return
    for index, statistic in enumerate(validate.statistics):
        if statistic in PAIR_STATISTICS and not _has_pair(case.model):
            yield Fault(
                ("validate", "statistics", index),
                f"{shown(statistic)} is about a degenerate pair of levels, and the model has none",
            )
        known = isinstance(case.model, Rbm | Dyson) and case.model.schedule is None
        if statistic in THEORY_STATISTICS and not known:
            yield Fault(
                ("validate", "statistics", index),
                f"{shown(statistic)} needs the target and the width of a lone level, which are known in closed form for an "
                "rbm and for dyson, without a schedule",
            )
        if statistic in STUDENT_STATISTICS and not isinstance(case.model, TeacherStudent):
            yield Fault(
                ("validate", "statistics", index),
                f"{shown(statistic)} is about a teacher_student model, not about {shown(case.model.kind)}",
            )
    if "exponential" in validate.statistics:
        yield from _exponential(case, validate)
    elif validate.fit_from is not None:
        yield Fault(("validate", "fit_from"), 'belongs to "exponential", which is not among statistics')
    if "tail" in validate.statistics:
        yield from _tail(validate, case.model)
    if isinstance(case.sgd, RbmSgd) and case.sgd.kappa is not None and case.sgd.hidden is not None:
        moving, levels = min(len(as_list(case.sgd.kappa)), case.sgd.hidden), level_count(case.model)
        if levels and moving != levels:
            yield Fault(("sgd",), f"trains {moving} levels, but the model has {levels}: nothing to compare")


def _exponential(case: Case, validate: Validate) -> Iterator[Fault]:
    sgd = case.sgd
    if not isinstance(sgd, TeacherStudentSgd | LinearNetworkSgd) or sgd.learning_rate is None or case.model is None:
        return
    path = ("validate", "statistics", validate.statistics.index("exponential"))
    if case.model.schedule is not None:
        yield Fault(path, '"exponential" needs one rate: it does not go with a schedule')
    start = validate.fit_from or 0.0
    used = sum(step > 0 and step * sgd.learning_rate >= start for step in sgd.record_at or ())
    if used < FEWEST_RECORDS:
        yield Fault(
            path,
            f"needs {FEWEST_RECORDS} records from t = {start:g} on, but sgd.record_at gives {used}: record more often",
        )


def _tail(validate: Validate, model: Model) -> Iterator[Fault]:
    path = ("validate", "statistics", validate.statistics.index("tail"))
    heavy = (isinstance(model, Laguerre) and model.multiplicative > 0.0) or (
        isinstance(model, Geometric) and model.saturation == 0.0
    )
    if not heavy:
        yield Fault(
            path,
            '"tail" is about a power-law tail: of a laguerre model with multiplicative noise or a geometric one without '
            "saturation",
        )
    elif "stationary" not in validate.against:
        yield Fault(path, '"tail" is that of the stationary law; add "stationary" to against')


def _has_pair(model: Model) -> bool:
    """Return True if exactly two neighbouring levels are degenerate: equal κ, teacher, or potential and noise."""
    if isinstance(model, Rbm):
        # The κ of a lattice are computed and carry rounding.
        own = kappas(model)
        alike = [math.isclose(left, right, rel_tol=1e-9) for left, right in pairwise(own)]
    elif isinstance(model, TeacherStudent):
        # Whatever the second layer: either of two levels with one teacher may be the lower one.
        alike = [left == right for left, right in pairwise(as_list(model.teacher))]
    elif isinstance(model, Dyson | Potential):
        shared = (model.centre, model.stiffness) if isinstance(model, Dyson) else (model.V,)
        lists = [values for values in (*shared, model.noise.g2) if isinstance(values, tuple)]
        alike = [all(values[i] == values[i + 1] for values in lists) for i in range(model.levels - 1)]
    else:
        return False
    # A pair is one equality between two inequalities.
    return any(alike[max(i - 1, 0) : i + 2].count(True) == 1 for i, same in enumerate(alike) if same)
