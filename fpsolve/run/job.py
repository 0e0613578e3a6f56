"""The order of computation of one case."""

from __future__ import annotations

import json
import logging
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from time import perf_counter
from typing import Protocol, TypeVar

import numpy as np

from fpsolve.cases.build import build_initial, build_model, start_of_case
from fpsolve.cases.case import Case
from fpsolve.cases.costs import evolution_times
from fpsolve.cases.schema_tasks import SamplesStart
from fpsolve.errors import CaseError, Problem
from fpsolve.models.initial_law import InitialLaw
from fpsolve.models.initial_truncated import TruncatedLaw
from fpsolve.models.level_gas import LevelGas
from fpsolve.parallel import Engine, Hands, Ledger, choose_engine
from fpsolve.results import Evolution, Report, Result, Sample, Spectrum, Stationary
from fpsolve.run.as_json import result_json
from fpsolve.run.beyond import beyond_walls
from fpsolve.run.estimate import preflight
from fpsolve.run.expectations import judge
from fpsolve.run.provenance import provenance
from fpsolve.run.step_tail import tail_of_steps
from fpsolve.run.student_verdicts import STUDENT_STATISTICS, student_statistic
from fpsolve.run.theory import level_theory
from fpsolve.run.training import level_groups, read_file, record_times, train
from fpsolve.solvers.methods import choose_method

__all__ = ["Sink", "needed_tasks", "run_case"]

logger = logging.getLogger(__name__)
Section = TypeVar("Section")
BEYOND_WARNING = 1e-3
TRAJECTORY_STREAM = 2**32 - 2
RECORDS = {"stationary": "stationary", "evolve": "evolution", "spectrum": "spectrum", "sgd": "sample"}
ORDER = ("stationary", "evolve", "spectrum", "sgd", "validate")


class Sink(Protocol):
    """Where progress is told."""

    def start(self, task: str, note: str) -> None:
        """A task begins."""

    def advance(self, done: int, total: int) -> None:
        """`done` of `total` parts of the running task are finished."""

    def finish(self, task: str, seconds: float) -> None:
        """The task ended."""


class _Silence:
    def start(self, task: str, note: str) -> None:
        pass

    def advance(self, done: int, total: int) -> None:
        pass

    def finish(self, task: str, seconds: float) -> None:
        pass


def needed_tasks(case: Case, tasks: Sequence[str] = ()) -> tuple[str, ...]:
    """The tasks of a run in the order of computation: those asked for and, for "validate", those it rests on.

    Parameters
    ----------
    tasks : sequence of str
        "stationary", "evolve", "spectrum", "sgd", "validate"; empty means every section of the case.

    Raises
    ------
    CaseError
        A section that a task needs is missing.
    """
    file = str(case.path or "")
    if case.sweep is not None:
        raise CaseError([Problem("sweep", f"the case is a sweep over many; run it with: fpsolve sweep {file}", file)])
    wanted = set(tasks or case.tasks)
    if not wanted:
        sections = "[evolve], [spectrum], [stationary], [sgd] or [validate]"
        raise CaseError([Problem("", f"there is nothing to compute; add {sections}", file=file)])
    if "validate" in wanted and case.validate is not None:
        wanted |= {"sgd", *case.validate.against}
    problems = []
    for task in ORDER:
        # The stationary law needs no settings, so that a comparison may use it without a section of its own.
        if task in wanted and getattr(case, task) is None and (task != "stationary" or task in tasks):
            reason = "is missing" if task in tasks else "is missing, but [validate] needs it"
            problems.append(Problem(task, f"this section {reason}", file=file))
    if "evolve" in wanted and case.initial is None:
        problems.append(Problem("initial", "this section is missing, but [evolve] needs it", file=file))
    if problems:
        raise CaseError(problems)
    return tuple(task for task in ORDER if task in wanted)


def run_case(
    case: Case,
    sink: Sink | None = None,
    *,
    tasks: Sequence[str] = (),
    workers: int = 1,
    engine: str = "local",
    scheduler: str | None = None,
    ledger: Callable[[str], Ledger] | None = None,
    begun: Result | None = None,
    save: Callable[[Result], None] | None = None,
    command: str = "python",
) -> Result:
    """Compute the sections of a case.

    Parameters
    ----------
    case : Case
        From `fpsolve.load_case`.
    sink : Sink, optional
        Told of progress; silent if not given.
    tasks : sequence of str, optional
        Which sections; all by default. "validate" brings those that it needs.
    workers : int
        Processes for trainings and trajectories; the answer does not depend on it. More than one needs the usual
        ``if __name__ == "__main__"`` guard in a script.
    engine : {"local", "dask"}
        Processes of this machine, or a Dask cluster.
    scheduler : str, optional
        Of "dask": address or file of the scheduler; without it DASK_SCHEDULER_ADDRESS, or a cluster on this machine.
    ledger : callable, optional
        ``ledger("sgd")`` and ``ledger("evolve")`` keep finished replicas and trajectories.
    begun : Result, optional
        What an earlier run of this case has saved; its tasks are not computed again.
    save : callable, optional
        Called with the result so far before every task, so that nothing finished is lost. Its evolution may have more
        times than were asked for: those of the records that [validate] compares.
    command : str
        Kept in the provenance.

    Returns
    -------
    Result
        `passed` is False if `fail_if` or [expect] rejects.

    Raises
    ------
    CaseError
        A section that is needed is missing.
    FpsolveError
        What the solvers and the training raise.
    EngineError
        The cluster cannot be used.
    """
    order = needed_tasks(case, tasks)
    seed = case.seed if case.seed is not None else secrets.randbits(63)
    for warning in case.warnings:
        logger.warning("%s", warning)
    model = build_model(case)
    initial = build_initial(case, model, read_levels=read_file)
    if isinstance(case.initial, SamplesStart):
        # All else was held against the methods when the case was loaded.
        preflight(case, model, initial, order)
    result = Result(
        title=case.title,
        kind=model.kind,
        provenance=begun.provenance if begun is not None else provenance(seed=seed, command=command),
        case_text=case.text,
        resolved=json.dumps(replace(case, seed=seed).resolved()),
        overrides=case.overrides,
        tasks=tuple(tasks),
        case_file=str(case.path.resolve()) if case.path is not None else "",
    )
    with choose_engine(engine, workers=workers, scheduler=scheduler) as hands:
        run = _Run(case, model, initial, seed, hands, ledger, sink or _Silence())
        for task in order:
            kept = getattr(begun, RECORDS[task]) if begun is not None and task in RECORDS else None
            if kept is not None:
                result = replace(result, **{RECORDS[task]: kept})
                continue
            if save is not None:
                save(result)
            started = perf_counter()
            run.sink.start(task, run.note(task))
            result = run.add(task, result)
            run.sink.finish(task, perf_counter() - started)
    if result.evolution is not None:
        result = replace(result, evolution=run.asked(result.evolution))
    return replace(result, expectations=judge(case, result_json(result, None)))


def _present(section: Section | None, name: str) -> Section:
    if section is None:
        raise CaseError([Problem(name, "this section is missing")])
    return section


@dataclass
class _Run:
    """What the tasks of one run have in common."""

    case: Case
    model: LevelGas
    initial: InitialLaw | None
    seed: int
    engine: Engine
    ledger: Callable[[str], Ledger] | None
    sink: Sink

    def hands(self, task: str) -> Hands:
        """The engine, with the ledger of a task."""
        return Hands(self.engine, self.ledger(task) if self.ledger is not None else None)

    def note(self, task: str) -> str:
        """What a task is about to do, in a few words."""
        section = getattr(self.case, task)
        method = getattr(section, "method", None)
        notes = {
            "stationary": f"stationary law by {method or 'exact'}",
            "evolve": f"density in time by {method}",
            "spectrum": f"bound states by {choose_method('spectrum', self.model, method) if task == 'spectrum' else ''}",
            "sgd": "training of " + str(getattr(section, "replicas", "imported")) + " replicas",
            "validate": "prediction against training",
        }
        return notes[task]

    def add(self, task: str, result: Result) -> Result:
        """Compute one task and put it into the result."""
        if task == "stationary":
            return replace(result, stationary=self.stationary())
        if task == "evolve":
            return replace(result, evolution=self.evolve())
        if task == "spectrum":
            return replace(result, spectrum=self.spectrum())
        if task == "sgd":
            return replace(result, sample=self.sgd())
        return replace(result, report=self.validate(result))

    def stationary(self) -> Stationary:
        """[stationary], or its default where only [validate] asks for it."""
        from fpsolve.solvers.stationary import stationary

        method = self.case.stationary.method if self.case.stationary is not None else "exact"
        grid = self.case.grid
        return stationary(
            self.model, method=method, cells=grid.cells if grid else None, domain=grid.domain if grid else None
        )

    def evolve(self) -> Evolution:
        """[evolve]; the times of the records that [validate] compares are solved for in the same run."""
        from fpsolve.solvers.evolve import evolve

        section, grid = _present(self.case.evolve, "evolve"), self.case.grid
        asked = evolution_times(section)
        records = np.zeros(0)
        if self.case.validate is not None and "evolve" in self.case.validate.against:
            records = record_times(self.case, self.model.schedule)
        # A record that falls on an asked time up to rounding is that time.
        further = [time for time in records if time > 0.0 and np.min(np.abs(asked - time)) > 1e-12 * time]
        times = np.sort(np.concatenate([asked, further]))
        whole = evolve(
            self.model,
            # The discrete equation has a stationary law of its own; a start in it must stay put to rounding.
            _present(start_of_case(self.case, self.initial), "initial"),
            times=times,
            method=section.method,
            cells=grid.cells if grid else None,
            domain=grid.domain if grid else None,
            grading=grid.grading if grid else None,
            rtol=section.rtol,
            modes=section.modes,
            richardson=section.richardson,
            trajectories=section.trajectories,
            step=section.step,
            # Trajectories must not share their random numbers with the replicas that they are compared with.
            rng=np.random.SeedSequence(self.seed, spawn_key=(TRAJECTORY_STREAM,)),
            workers=self.hands("evolve"),
            progress=self.sink.advance,
        )
        if isinstance(self.initial, TruncatedLaw):
            whole = replace(whole, beyond=beyond_walls(self.initial, whole.beyond))
        if whole.beyond > BEYOND_WARNING:
            logger.warning(
                "%.3g of the initial law lies outside the domain and was put back by normalising", whole.beyond
            )
        return whole

    def asked(self, whole: Evolution) -> Evolution:
        """The times of [evolve] only."""
        return whole.at(np.searchsorted(whole.times, evolution_times(_present(self.case.evolve, "evolve"))))

    def spectrum(self) -> Spectrum:
        """[spectrum]."""
        from fpsolve.solvers.bound_states import bound_states

        section, grid = _present(self.case.spectrum, "spectrum"), self.case.grid
        return bound_states(
            self.model,
            states=section.states,
            method=section.method,
            modes=section.modes,
            points=section.points,
            order=section.order,
            cells=grid.cells if grid else None,
            domain=grid.domain if grid else None,
            vectors=section.vectors,
        )

    def sgd(self) -> Sample:
        """[sgd]."""
        return train(
            self.case, self.model, self.initial, seed=self.seed, workers=self.hands("sgd"), progress=self.sink.advance
        )

    def validate(self, result: Result) -> Report:
        """[validate]."""
        from fpsolve.validate import compare

        section, sample = _present(self.case.validate, "validate"), _present(result.sample, "sgd")
        # The start is what both sides were given, so a record of it is no test of the prediction.
        later = sample.steps > 0
        predictions = {"stationary": result.stationary, "evolve": result.evolution}
        multiplets = level_groups(self.case, self.model)
        limits = {str(name): limit for name, limit in section.fail_if.items()}
        report = compare(
            sample.at(later),
            [prediction for name in section.against if (prediction := predictions[name]) is not None],
            statistics=[name for name in section.statistics if name not in STUDENT_STATISTICS],
            fail_if={name: limit for name, limit in limits.items() if name not in STUDENT_STATISTICS},
            groups=multiplets if section.groups == "multiplets" else None,
            pairs=multiplets,
            theory=level_theory(self.case),
            tail_of_steps=tail_of_steps(self.case) if "tail" in section.statistics else None,
        )
        own = [
            student_statistic(
                name,
                self.model,
                sample.at(later),
                start=section.fit_from or 0.0,
                groups=multiplets,
                evolution=result.evolution,
                limit=limits.get(name),
            )
            for name in STUDENT_STATISTICS
            if name in section.statistics
        ]
        return replace(report, statistics=(*report.statistics, *own))
