"""What [sgd], [validate], [sweep] and [expect] mean together with the rest of the case."""

from __future__ import annotations

import math
from collections.abc import Iterator
from itertools import pairwise

from fpsolve.cases.case import TASKS, Case
from fpsolve.cases.check_model import kappa_faults, list_faults, order_faults
from fpsolve.cases.faults import Fault, choices, shown, suggestion
from fpsolve.cases.fields import homes_of, known_path
from fpsolve.cases.lines import KeyPath
from fpsolve.cases.resolve import as_list, kappas, level_count
from fpsolve.cases.schema import Sweep
from fpsolve.cases.schema_model import Dyson, Geometric, Laguerre, Model, Potential, Rbm, TeacherStudent
from fpsolve.cases.schema_sgd import FileSgd, LinearNetworkSgd, MatrixLangevinSgd, RbmSgd, TeacherStudentSgd, Validate

__all__ = ["check_training", "has_pair"]

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


def check_training(case: Case, *, present: frozenset[str]) -> Iterator[Fault]:
    """Everything that is wrong with training and comparison, in those sections of a case whose types are right.

    `present` names the sections that the file has; one that is present but None in `case` has faults of its own.
    """
    if isinstance(case.sgd, RbmSgd):
        yield from _rbm(case.sgd, case.model)
        yield from _records_and_start(case.sgd)
    elif isinstance(case.sgd, MatrixLangevinSgd):
        yield from _langevin(case.sgd, case.model)
        yield from _records_and_start(case.sgd)
    elif isinstance(case.sgd, TeacherStudentSgd | LinearNetworkSgd):
        yield from _student(case.sgd, case.model)
        yield from _records_and_start(case.sgd)
    elif isinstance(case.sgd, FileSgd):
        yield from _file(case, case.sgd)
    if case.validate is not None:
        yield from _validate(case, case.validate, present)
    if case.sweep is not None:
        yield from _sweep(case, case.sweep)
    yield from _expect(case, present)


def has_pair(model: Model) -> bool:
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


def _rbm(sgd: RbmSgd, model: Model | None) -> Iterator[Fault]:
    # What the training took from the model is judged there.
    theirs = (kappas(model), model.mu2) if isinstance(model, Rbm) else None
    if sgd.kappa is not None and sgd.mu2 is not None and (as_list(sgd.kappa), sgd.mu2) != theirs:
        yield from kappa_faults(("sgd", "kappa"), as_list(sgd.kappa), sgd.mu2)


def _langevin(sgd: MatrixLangevinSgd, model: Model | None) -> Iterator[Fault]:
    if model is None:
        return
    if not isinstance(model, Laguerre):
        yield Fault(("sgd",), f'"matrix_langevin" is the matrix of a laguerre model, the model is {shown(model.kind)}')
        return
    # What the training took from the model is judged there.
    if sgd.rows is not None and sgd.rows != model.rows and sgd.rows < model.levels:
        yield Fault(("sgd", "rows"), f"must be ≥ levels = {model.levels} of the model, not {sgd.rows}")
    if sgd.target is not None:
        yield from list_faults(("sgd", "target"), sgd.target, model.levels)
        yield from order_faults(("sgd", "target"), sgd.target)
    if model.schedule is not None:
        yield Fault(("model", "schedule"), 'does not go with sgd.kind = "matrix_langevin", whose noise is constant')


def _student(sgd: TeacherStudentSgd | LinearNetworkSgd, model: Model | None) -> Iterator[Fault]:
    own = model if isinstance(model, TeacherStudent) else None
    if sgd.teacher is None:
        return
    levels = len(as_list(sgd.teacher))
    # What the training took from the model is judged there.
    if own is None or sgd.teacher != own.teacher:
        yield from order_faults(("sgd", "teacher"), sgd.teacher)
        if model is not None and levels != level_count(model):
            yield Fault(
                ("sgd", "teacher"), f"has {levels} levels, but the model has {level_count(model)}: nothing to compare"
            )
    if sgd.second_layer is not None and (own is None or sgd.second_layer != own.second_layer):
        yield from list_faults(("sgd", "second_layer"), sgd.second_layer, levels)
    if sgd.samples is not None and sgd.data != "fixed":
        yield Fault(("sgd", "samples"), 'belongs to data = "fixed"')
    if sgd.data == "fixed" and model is not None and model.schedule is not None and model.schedule.batch_size:
        yield Fault(
            ("sgd", "data"), '"fixed" cuts the data set into equal batches, but the schedule changes their size'
        )
    recorded = sgd.observable if isinstance(sgd, TeacherStudentSgd) else "squared"
    if own is not None and (recorded == "squared") != (own.observable == "squared"):
        path = ("sgd", "observable") if isinstance(sgd, TeacherStudentSgd) else ("model", "observable")
        yield Fault(
            path,
            f"the training records {shown(recorded)} levels, the model's are {shown(own.observable)}: give the same",
        )


def _records_and_start(sgd: RbmSgd | MatrixLangevinSgd | TeacherStudentSgd | LinearNetworkSgd) -> Iterator[Fault]:
    records = sgd.record_at or ()
    yield from order_faults(("sgd", "record_at"), records, strictly=True)
    for index, step in enumerate(records):
        if step > sgd.steps:
            yield Fault(("sgd", "record_at", index), f"must be ≤ steps = {sgd.steps}, not {step}")
    if sgd.variance is not None and sgd.init != "gaussian":
        yield Fault(("sgd", "variance"), 'belongs to init = "gaussian"; the aligned start has none')


def _file(case: Case, sgd: FileSgd) -> Iterator[Fault]:
    path = case.input_path(sgd.path)
    if not path.is_file():
        yield Fault(("sgd", "path"), f"no such file: {shown(str(path), 200)}")
    elif path.suffix.lower() not in (".npy", ".csv", ".h5"):
        yield Fault(("sgd", "path"), f"must end in .npy, .csv or .h5, not {shown(path.suffix)}")
    yield from order_faults(("sgd", "steps"), sgd.steps or (), strictly=True)


def _validate(case: Case, validate: Validate, present: frozenset[str]) -> Iterator[Fault]:
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
        if statistic in PAIR_STATISTICS and not has_pair(case.model):
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


def _sweep(case: Case, sweep: Sweep) -> Iterator[Fault]:
    if sweep.base is not None and not case.input_path(sweep.base).is_file():
        yield Fault(("sweep", "base"), f"no such file: {shown(str(case.input_path(sweep.base)), 200)}")
    if sweep.mode == "list" and not sweep.points:
        yield Fault(("sweep", "points"), 'is required for mode = "list": a list of tables')
    if sweep.mode == "list" and sweep.axes:
        yield Fault(("sweep", "axes"), 'does not go with mode = "list"; use points, or mode = "grid" or "zip"')
    if sweep.mode != "list" and not sweep.axes:
        yield Fault(("sweep", "axes"), 'is required, e.g. axes = { "sgd.batch_size" = [8, 32] }')
    if sweep.mode != "list" and sweep.points:
        yield Fault(("sweep", "points"), f'goes with mode = "list", not {shown(sweep.mode)}')
    lengths = {len(values) for values in sweep.axes.values()}
    if sweep.mode == "zip" and len(lengths) > 1:
        yield Fault(("sweep", "axes"), f'must have equal lengths for mode = "zip", not {sorted(lengths)}')
    for key in sweep.axes:
        yield from _axis(("sweep", "axes", key), key)
    for index, point in enumerate(sweep.points):
        for key in point:
            yield from _axis(("sweep", "points", index, key), key)


def _axis(path: KeyPath, key: str) -> Iterator[Fault]:
    """Check that an axis names a key of a case, and one that may differ from point to point."""
    parts = tuple(key.split("."))
    if parts[0] in ("schema", "title", "sweep", "output", "expect"):
        yield Fault(path, "belongs to the sweep as a whole and cannot be an axis")
    elif not known_path(parts):
        homes = [f"{home}.{parts[-1]}" for home in homes_of(parts[-1])]
        hint = f"; did you mean {choices(homes)}?" if homes else ""
        yield Fault(path, f"is no key of a case{hint}")


def _expect(case: Case, present: frozenset[str]) -> Iterator[Fault]:
    for key in case.expect:
        task = key.split(".")[0]
        if task not in TASKS:
            near = suggestion(task, TASKS)
            hint = f"; did you mean {shown(near)}?" if near else ""
            yield Fault(("expect", key), f"must begin with {choices(TASKS)}{hint}")
        elif task not in present:
            yield Fault(("expect", key), f"the case has no [{task}] section")
