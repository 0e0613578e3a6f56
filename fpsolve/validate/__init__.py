"""Samples against predictions: histograms, distances, universal laws of a degenerate pair, verdicts."""

from fpsolve.validate.compare import PAIR_STATISTICS, STATISTICS, compare
from fpsolve.validate.groups import groups_of

__all__ = ["PAIR_STATISTICS", "STATISTICS", "compare", "groups_of"]
