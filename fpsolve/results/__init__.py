"""What fpsolve computes, as frozen records: evolutions, spectra, stationary laws, samples, reports.

Conventions shared by all of them. Levels ascend in x. Densities are cell averages, cell mass divided by cell width in
x, one marginal per level; each integrates to the surviving mass (1 where nothing is absorbed). Times are
Fokker–Planck time.
"""

from fpsolve.results.evolution import Evolution
from fpsolve.results.pairs import AdjacentPairs
from fpsolve.results.report import Report, Statistic
from fpsolve.results.result import Provenance, Result
from fpsolve.results.sample import Sample
from fpsolve.results.spectrum import Spectrum
from fpsolve.results.stationary import Stationary
from fpsolve.results.sweep import Sweep, SweepPoint

__all__ = [
    "AdjacentPairs",
    "Evolution",
    "Provenance",
    "Report",
    "Result",
    "Sample",
    "Spectrum",
    "Stationary",
    "Statistic",
    "Sweep",
    "SweepPoint",
]
