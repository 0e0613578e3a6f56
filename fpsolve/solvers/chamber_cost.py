"""What a chamber will take: cells, unknowns, memory and time, with nothing solved."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np

from fpsolve.grids.axis import Axis, Grading
from fpsolve.grids.chamber import chamber_bytes, chamber_unknowns
from fpsolve.models.initial_law import InitialLaw
from fpsolve.models.level_gas import LevelGas
from fpsolve.operators.chamber_axis import chamber_axis, refuse_too_large
from fpsolve.operators.chamber_start import refuse_touching_points
from fpsolve.operators.scharfetter_gummel import scharfetter_gummel
from fpsolve.solvers.chamber_march import march_vectors
from fpsolve.solvers.chamber_spectrum import spectrum_axis, spectrum_vectors
from fpsolve.solvers.chamber_tables import PAIR_CELLS
from fpsolve.solvers.methods import Task, remaining_methods
from fpsolve.solvers.pair_tables import FINE

__all__ = ["ChamberCost", "chamber_cost"]

# Measured on one core of a current processor, for orders of magnitude only.
SECONDS_PER_PRODUCT = 8e-10  # times N², per unknown
SECONDS_PER_UNKNOWN = 4e-7  # making a generator
SECONDS_AT_LEAST = 0.05
_RTOL = 1e-6
_LONGEST, _PRODUCTS = 2e4, 5.5  # radius · time of a step; products over the root of it
_FILTER_PRODUCTS, _APPLIED = 130, 1.8  # products of a filter; filters per vector of the Krylov space
_STEPS_OF_MOVING_NOISE, _STARTED_AGAIN = 40, 8
_TABLES = 5  # copies of the joint law of two neighbours, and of the fine bins of their spacing, at an output time
_DOUBLE = 8


@dataclass(frozen=True)
class ChamberCost:
    """What a solve on a chamber takes.

    Attributes
    ----------
    axis : Axis
        Cells that all levels share.
    unknowns : int
        C(cells + N − 1, N).
    memory_bytes : int
        At the peak, within about 20 %.
    seconds : float
        Wall time on one core, within a factor of about 3.
    """

    axis: Axis
    unknowns: int
    memory_bytes: int
    seconds: float

    @property
    def cells(self) -> int:
        """Number of cells."""
        return self.axis.cells

    @property
    def domain(self) -> tuple[float, float]:
        """Ends of the axis."""
        return self.axis.lower, self.axis.upper


def chamber_cost(
    model: LevelGas,
    initial: InitialLaw | Literal["stationary"] | None,
    *,
    task: Task,
    cells: int | None = None,
    domain: tuple[float, float] | None = None,
    grading: Grading | None = None,
    states: int = 6,
    outputs: int = 1,
    end: float = math.inf,
) -> ChamberCost:
    """Cost of `evolve` or `bound_states` by the method "chamber".

    An evolution takes about 5.5 √(rT) products of the generator with a vector for a time T, r the largest rate, until the law
    is stationary; and the same on half as many cells, from which its error is told. A spectrum takes about 130 products for
    each of its filters, on two grids.

    Parameters
    ----------
    model : LevelGas
    initial : InitialLaw, "stationary" or None
        Start of an evolution; a spectrum has none.
    task : {"evolve", "spectrum"}
    cells, domain, grading : optional
        As given to the solver; it has no grading for a spectrum.
    states : int
        Of a spectrum.
    outputs : int
        Number of output times of an evolution.
    end : float
        Last output time.

    Raises
    ------
    MethodError
        More unknowns than fit into memory, as the solver raises it.
    GridError, ModelError
        A domain or a start that does not fit, see `chamber_axis` and `refuse_touching_points`.
    """
    n = model.n
    if task == "evolve":
        law = None if initial == "stationary" else initial
        if law is not None:
            refuse_touching_points(law, model.beta)
        axis = chamber_axis(model, law, cells=cells, domain=domain, grading=grading)
        vectors = march_vectors(model)
    else:
        axis = spectrum_axis(model, cells=cells, domain=domain)
        vectors = spectrum_vectors(n, states)
    refuse_too_large(axis.cells, n, remaining=remaining_methods(task, model, "chamber"), vectors=vectors)
    unknowns = chamber_unknowns(axis.cells, n)
    memory = chamber_bytes(axis.cells, n, vectors=vectors)
    if task == "evolve":
        # The chamber is gone when tables are made of what was read.
        table = outputs * (n - 1) * min(axis.cells, PAIR_CELLS) ** 2 * _DOUBLE
        memory = max(memory + table, _TABLES * (table + outputs * (n - 1) * FINE * _DOUBLE))
        moves = model.schedule is not None and model.schedule.kind != "piecewise"
        products, generators = _evolution_products(model, axis, outputs, end), 1
        if moves:
            products, generators = _STARTED_AGAIN * products, 4 * _STEPS_OF_MOVING_NOISE
        whole = 1.0 + 0.5 ** (n + 1)
    else:
        products, generators = _FILTER_PRODUCTS * _APPLIED * (2 * states + 6), 1
        whole = 1.0 + 0.75**n
    each = products * n**2 * SECONDS_PER_PRODUCT + generators * SECONDS_PER_UNKNOWN
    return ChamberCost(axis, unknowns, memory, SECONDS_AT_LEAST + whole * unknowns * each)


def _evolution_products(model: LevelGas, axis: Axis, outputs: int, end: float) -> float:
    """Products of the generator with a vector."""
    gas = model.at(0.0)
    # Neighbours raise the rates of cells that levels share.
    radius = 1.0 + 0.15 * gas.beta * (gas.n - 1)
    rates, fastest = [], 0.0
    for body in gas.levels:
        alone = scharfetter_gummel(body, axis)
        fastest += 2.0 * float(np.max(alone.up + alone.down))
        centre, std = body.anchors[0]
        rates.append(float(body.diffusion(np.array([centre]))[0]) / std**2)
    reach = radius * fastest * min(end, math.log(1.0 / _RTOL) / min(rates))
    if reach / outputs <= _LONGEST:
        return _PRODUCTS * math.sqrt(outputs * reach)
    return _PRODUCTS * math.sqrt(_LONGEST) * reach / _LONGEST
