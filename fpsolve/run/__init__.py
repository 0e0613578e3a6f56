"""Run a case: the only layer that joins cases, solvers, training and validation. It writes no file."""

from fpsolve.run.job import Sink, needed_tasks, run_case

__all__ = ["Sink", "needed_tasks", "run_case"]
