"""What [sgd] means together with the model."""

from __future__ import annotations

from collections.abc import Iterator

from fpsolve.cases.case import Case
from fpsolve.cases.check_model import kappa_faults, list_faults, order_faults
from fpsolve.cases.faults import Fault, shown
from fpsolve.cases.resolve import as_list, kappas, level_count
from fpsolve.cases.schema_model import Laguerre, Model, Rbm, TeacherStudent
from fpsolve.cases.schema_sgd import FileSgd, LinearNetworkSgd, MatrixLangevinSgd, RbmSgd, TeacherStudentSgd

__all__ = ["check_training"]


def check_training(case: Case) -> Iterator[Fault]:
    """Everything that is wrong with the training of a case whose types are right."""
    if isinstance(case.sgd, FileSgd):
        yield from _file(case, case.sgd)
    elif case.sgd is not None:
        if isinstance(case.sgd, RbmSgd):
            yield from _rbm(case.sgd, case.model)
        elif isinstance(case.sgd, MatrixLangevinSgd):
            yield from _langevin(case.sgd, case.model)
        else:
            yield from _student(case.sgd, case.model)
        yield from _records_and_start(case.sgd)


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
    if sgd.teacher is None:
        return
    own = model if isinstance(model, TeacherStudent) else None
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
    elif sgd.samples is not None and sgd.batch_size is not None and sgd.samples % sgd.batch_size != 0:
        yield Fault(("sgd", "samples"), f"must be a multiple of batch_size = {sgd.batch_size}, not {sgd.samples}")
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
