"""Defaults that one section takes from another: noise from training, training from the model."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from fpsolve.cases.faults import Fault, shown
from fpsolve.cases.lines import Toml
from fpsolve.cases.schema_base import Section
from fpsolve.cases.schema_model import Laguerre, Model, Rbm, TeacherStudent
from fpsolve.cases.schema_noise import ConstantNoise, LatticeTarget, Schedule
from fpsolve.cases.schema_sgd import FileSgd, LinearNetworkSgd, MatrixLangevinSgd, RbmSgd, Sgd, TeacherStudentSgd

__all__ = ["SharedSettings", "as_list", "kappas", "level_count", "share_settings"]

SHARED = ("learning_rate", "batch_size", "sweeps", "gradient_noise", "label_noise", "data")
LAST_RESORT: dict[str, Toml] = {"sweeps": 1, "gradient_noise": 0.0, "label_noise": 0.0, "data": "batch"}


def as_list(value: Toml) -> tuple[Toml, ...]:
    """Return a scalar or a list of the case as a tuple."""
    return value if isinstance(value, tuple) else (value,)


def kappas(model: Rbm) -> tuple[float, ...]:
    """κ of an RBM, descending, from `kappa` or from the lattice target; () where neither is given."""
    if model.kappa is not None:
        return as_list(model.kappa)
    if isinstance(model.target, LatticeTarget):
        from fpsolve.models.lattice import lattice_scalar_1d

        return lattice_scalar_1d(model.target.sites, mass2=model.target.mass2).kappa
    return ()


def level_count(model: Model) -> int:
    """Count the levels N."""
    if isinstance(model, TeacherStudent):
        return len(as_list(model.teacher))
    return len(kappas(model)) if isinstance(model, Rbm) else model.levels


@dataclass(frozen=True)
class SharedSettings:
    """Model and training after each has taken from the other what it left out."""

    model: Model
    sgd: Sgd | None
    faults: tuple[Fault, ...] = ()
    warnings: tuple[str, ...] = ()


def share_settings(model: Model, sgd: Sgd | None) -> SharedSettings:
    """Fill learning rate, batch size, sweeps, noises and data term of model.noise and [sgd] from each other.

    A key given on both sides with different values stays different on purpose (a wrong model can be held against the
    right training) and makes one warning. A schedule gives the first values of its knots, and none may contradict them.
    """
    noise = (
        model.noise if isinstance(model, Rbm | TeacherStudent) and not isinstance(model.noise, ConstantNoise) else None
    )
    faults, warnings = [], []
    for_noise: dict[str, Toml] = {}
    for_sgd: dict[str, Toml] = {}
    for key in SHARED:
        start, complaint = _schedule_start(model.schedule, key)
        faults += complaint
        ours, theirs = getattr(noise, key, None), getattr(sgd, key, None)
        if _has(sgd, key):
            for_sgd[key] = _first(theirs, start, ours, LAST_RESORT.get(key))
        # The batches of a fixed data set are as random as fresh ones to the theory of a single student.
        theirs = "batch" if theirs == "fixed" else theirs
        if _has(noise, key):
            for_noise[key] = _first(ours, start, theirs, LAST_RESORT.get(key))
        if noise is not None and ours is not None and theirs is not None and ours != theirs:
            warnings.append(
                f"{key} is {shown(ours)} in [model] noise but {shown(theirs)} in [sgd]: the prediction is for another "
                "training than the one that runs"
            )
        faults += _against_schedule(key, start, ours, theirs)
    if noise is not None:
        faults += _absent(("model", "noise"), for_noise, "here, in [sgd] or in the schedule")
        model = model.model_copy(update={"noise": noise.model_copy(update=for_noise)})
    if isinstance(model, TeacherStudent) and not (model.noise.gradient_noise or model.noise.label_noise):
        faults.append(
            Fault(
                ("model", "noise"),
                "has neither gradient_noise nor label_noise > 0, here or in [sgd]: a student without noise learns the "
                "teacher exactly and has no law",
            )
        )
    if isinstance(sgd, TeacherStudentSgd | LinearNetworkSgd):
        if noise is None:
            faults += _absent(("sgd",), for_sgd, "here or in the schedule")
        sgd = _student(sgd.model_copy(update=for_sgd), model)
        if sgd.teacher is None:
            faults += _absent(("sgd",), {"teacher": None}, "here: the model has none")
        warnings += _other_observable(sgd, model)
    elif isinstance(sgd, RbmSgd):
        if noise is None:
            faults += _absent(("sgd",), for_sgd, "here or in the schedule")
        sgd = _training(sgd.model_copy(update=for_sgd), model)
        if not isinstance(model, Rbm):
            faults += _absent(("sgd",), {"kappa": sgd.kappa, "mu2": sgd.mu2}, "here: the model has none")
    elif isinstance(sgd, MatrixLangevinSgd):
        sgd = _langevin(sgd, model)
    elif isinstance(sgd, FileSgd):
        known = {key: value for key, value in for_sgd.items() if key not in LAST_RESORT or noise is not None}
        sgd = sgd.model_copy(update=known)
    return SharedSettings(model, sgd, tuple(faults), tuple(warnings))


def _has(section: Section | None, key: str) -> bool:
    """Return True if the section is there and has such a key."""
    return section is not None and key in type(section).model_fields


def _first(*values: Toml) -> Toml:
    return next((value for value in values if value is not None), None)


def _absent(section: tuple[str, ...], values: dict[str, Toml], where: str) -> list[Fault]:
    return [
        Fault((*section, key), f"is required and missing; give it {where}")
        for key, value in values.items()
        if value is None
    ]


def _schedule_start(schedule: Schedule | None, key: str) -> tuple[Toml, list[Fault]]:
    """First value of the schedule for a key; a batch size must be a whole number."""
    knots: Sequence[tuple[float, float]] = getattr(schedule, key, ()) or ()
    if not knots:
        return None, []
    value = knots[0][1]
    if key == "learning_rate":
        return value, []
    wrong = [index for index, (_, size) in enumerate(knots) if not size.is_integer()]
    path = ("model", "schedule", key)
    faults = [Fault((*path, index), f"batch size {shown(knots[index][1])} is not a whole number") for index in wrong]
    return (None if wrong else int(value)), faults


def _against_schedule(key: str, start: Toml, ours: Toml, theirs: Toml) -> list[Fault]:
    """Check that a value given beside a schedule is the one the schedule starts with."""
    places = ((("model", "noise", key), ours), (("sgd", key), theirs))
    return [
        Fault(path, f"is {shown(value)}, but the schedule starts with {shown(start)}; leave it out or give the same")
        for path, value in places
        if start is not None and value is not None and value != start
    ]


def _training(sgd: RbmSgd, model: Model) -> RbmSgd:
    """Return the training with target, sizes and records filled in."""
    theirs, mu2 = (kappas(model) or None, model.mu2) if isinstance(model, Rbm) else (None, None)
    kappa = sgd.kappa if sgd.kappa is not None else theirs
    update: dict[str, Toml] = {
        "kappa": as_list(kappa) if kappa is not None else None,
        "mu2": sgd.mu2 if sgd.mu2 is not None else mu2,
        "record_at": sgd.record_at if sgd.record_at is not None else (sgd.steps,),
    }
    if kappa is not None:
        update["hidden"] = sgd.hidden if sgd.hidden is not None else len(as_list(kappa))
    if sgd.init == "gaussian":
        update["variance"] = sgd.variance if sgd.variance is not None else 0.01
    return sgd.model_copy(update=update)


def _student(sgd: TeacherStudentSgd | LinearNetworkSgd, model: Model) -> TeacherStudentSgd | LinearNetworkSgd:
    """Return the training with teacher, second layer, observable and records filled in."""
    own = model if isinstance(model, TeacherStudent) else None
    update: dict[str, Toml] = {
        "teacher": _first(sgd.teacher, own.teacher if own is not None else None),
        "second_layer": _first(sgd.second_layer, own.second_layer if own is not None else None, 1.0),
        "record_at": sgd.record_at if sgd.record_at is not None else (sgd.steps,),
    }
    if isinstance(sgd, TeacherStudentSgd):
        update["observable"] = _first(sgd.observable, own.observable if own is not None else None, "singular")
    if sgd.init == "gaussian":
        update["variance"] = sgd.variance if sgd.variance is not None else 0.01
    return sgd.model_copy(update=update)


def _other_observable(sgd: TeacherStudentSgd | LinearNetworkSgd, model: Model) -> list[str]:
    """Warn where the levels that are recorded are others than those that are predicted."""
    recorded = sgd.observable if isinstance(sgd, TeacherStudentSgd) else "squared"
    if isinstance(model, TeacherStudent):
        predicted = model.observable
    elif isinstance(model, Rbm | Laguerre):
        predicted = "squared"
    else:
        return []
    if recorded == predicted:
        return []
    told = f"observable is {shown(recorded)} in [sgd], but the levels of the model are {shown(predicted)}"
    return [f"{told}: the prediction is for other levels than those that are recorded"]


def _langevin(sgd: MatrixLangevinSgd, model: Model) -> MatrixLangevinSgd:
    """Return the training with matrix, records and start filled in; of another model than laguerre it takes nothing."""
    update: dict[str, Toml] = {"record_at": sgd.record_at if sgd.record_at is not None else (sgd.steps,)}
    if isinstance(model, Laguerre):
        update |= {
            key: _first(getattr(sgd, key), getattr(model, key))
            for key in ("rows", "weight_decay", "temperature", "multiplicative")
        }
    if sgd.init == "gaussian":
        update["variance"] = sgd.variance if sgd.variance is not None else 0.01
    return sgd.model_copy(update=update)
