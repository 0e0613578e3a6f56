"""Samples against predictions: histograms, distances, universal laws of a degenerate pair, verdicts."""

from fpsolve.validate.alternatives import Alternative, judge_alternatives
from fpsolve.validate.collapse import Collapse, PairSet, collapse
from fpsolve.validate.compare import PAIR_STATISTICS, STATISTICS, compare
from fpsolve.validate.exponential import ExponentialFit, fit_exponential, judge_exponential
from fpsolve.validate.groups import groups_of
from fpsolve.validate.hill import HillEstimate, hill, hill_at_best_distance, hill_curve
from fpsolve.validate.linear_scaling import LinearScaling, StraightLine, linear_scaling, pair_scaling
from fpsolve.validate.pair_fit import PairFit, fit_pair, fit_pairs
from fpsolve.validate.powerlaw_fit import PowerlawFit, powerlaw_fit
from fpsolve.validate.ratio import SpacingRatio, spacing_ratio
from fpsolve.validate.resampling import Bootstrap, Estimate, block_length_of, bootstrap, jackknife, memory_of
from fpsolve.validate.spacings import SpacingReport, judge_spacings
from fpsolve.validate.theory import LevelTheory
from fpsolve.validate.unfolding import bulk_spacings, unfold_by_average, unfold_by_law

__all__ = [
    "PAIR_STATISTICS",
    "STATISTICS",
    "Alternative",
    "Bootstrap",
    "Collapse",
    "Estimate",
    "ExponentialFit",
    "HillEstimate",
    "LevelTheory",
    "LinearScaling",
    "PairFit",
    "PairSet",
    "PowerlawFit",
    "SpacingRatio",
    "SpacingReport",
    "StraightLine",
    "block_length_of",
    "bootstrap",
    "bulk_spacings",
    "collapse",
    "compare",
    "fit_exponential",
    "fit_pair",
    "fit_pairs",
    "groups_of",
    "hill",
    "hill_at_best_distance",
    "hill_curve",
    "jackknife",
    "judge_alternatives",
    "judge_exponential",
    "judge_spacings",
    "linear_scaling",
    "memory_of",
    "pair_scaling",
    "powerlaw_fit",
    "spacing_ratio",
    "unfold_by_average",
    "unfold_by_law",
]
