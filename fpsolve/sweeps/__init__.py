"""The same case at many values of its keys: points, index, resume."""

from fpsolve.sweeps.api import sweep
from fpsolve.sweeps.plan import Point, SweepPlan, plan_sweep, point_words

__all__ = ["Point", "SweepPlan", "plan_sweep", "point_words", "sweep"]
