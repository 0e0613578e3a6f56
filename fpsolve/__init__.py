"""fpsolve: Fokker–Planck solvers for the eigenvalue dynamics of stochastic gradient descent.

Public names are loaded on first use, so that ``import fpsolve`` costs nothing.

>>> import fpsolve as fp
>>> model = fp.models.rbm(kappa=[1.0], mu2=2.0, g2=0.01)
>>> spectrum = fp.bound_states(model, states=3)
>>> print(spectrum.energies[1:].round(6))
[0.210993 0.383279]
"""

from __future__ import annotations

import importlib
import logging
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from fpsolve import exact, models, plots, sgd, validate
    from fpsolve.cases.load import load_case
    from fpsolve.models import initial
    from fpsolve.results import Evolution, Report, Result, Sample, Spectrum, Stationary, Sweep, SweepPoint
    from fpsolve.run import run_case
    from fpsolve.solvers.bound_states import bound_states
    from fpsolve.solvers.evolve import evolve
    from fpsolve.solvers.stationary import stationary
    from fpsolve.store.sweep_index import open_file as open
    from fpsolve.sweeps import sweep

__version__ = "0.1.0"

__all__ = [
    "Evolution",
    "Report",
    "Result",
    "Sample",
    "Spectrum",
    "Stationary",
    "Sweep",
    "SweepPoint",
    "__version__",
    "bound_states",
    "evolve",
    "exact",
    "initial",
    "load_case",
    "models",
    "open",
    "plots",
    "run_case",
    "sgd",
    "stationary",
    "sweep",
    "validate",
]

_HOMES = {
    "Evolution": "fpsolve.results",
    "Report": "fpsolve.results",
    "Result": "fpsolve.results",
    "Sample": "fpsolve.results",
    "Spectrum": "fpsolve.results",
    "Stationary": "fpsolve.results",
    "Sweep": "fpsolve.results",
    "SweepPoint": "fpsolve.results",
    "bound_states": "fpsolve.solvers.bound_states",
    "evolve": "fpsolve.solvers.evolve",
    "load_case": "fpsolve.cases.load",
    "run_case": "fpsolve.run",
    "stationary": "fpsolve.solvers.stationary",
    "sweep": "fpsolve.sweeps.api",
}
_MODULES = {
    "exact": "fpsolve.exact",
    "initial": "fpsolve.models.initial",
    "models": "fpsolve.models",
    "plots": "fpsolve.plots",
    "sgd": "fpsolve.sgd",
    "validate": "fpsolve.validate",
}

logging.getLogger("fpsolve").addHandler(logging.NullHandler())


def __getattr__(name: str) -> object:
    if name in _MODULES:
        return importlib.import_module(_MODULES[name])
    if name in _HOMES:
        return getattr(importlib.import_module(_HOMES[name]), name)
    if name == "open":
        return importlib.import_module("fpsolve.store.sweep_index").open_file
    msg = f"module 'fpsolve' has no attribute {name!r}"
    raise AttributeError(msg)


def __dir__() -> list[str]:
    return sorted(__all__)
