"""The law that [initial] states, for the levels of a model."""

from __future__ import annotations

import numpy as np

from fpsolve.cases.schema_tasks import GaussianStart, Initial, MarchenkoPasturStart, PairStart, PointStart
from fpsolve.errors import ModelError
from fpsolve.models import initial
from fpsolve.models.initial_law import InitialLaw
from fpsolve.models.initial_weights import WeightsLaw
from fpsolve.models.level_gas import LevelGas

__all__ = ["start_law", "within_walls"]


def start_law(section: Initial, model: LevelGas) -> InitialLaw:
    """Return the law of a section that names no file, cut at the walls of the model.

    Raises
    ------
    ModelError
        A law that lies outside the walls, or a W that is not that of the model.
    """
    law = _stated_law(section, model.n)
    if isinstance(section, MarchenkoPasturStart) and model.labels.get("observable", "squared") != "squared":
        law = _weights(section, model)
    return _stationary_law(model) if law is None else within_walls(law, model)


def within_walls(law: InitialLaw, model: LevelGas) -> InitialLaw:
    """Return `law` cut at the walls, where it reaches beyond them."""
    lower, upper = model.walls
    try:
        supports = [law.support(level) for level in range(law.n)]
    except ModelError:
        # The levels of a random matrix have no marginals in closed form: they are positive, and have no upper end.
        supports = [(0.0, np.inf)]
    inside = all(lower <= low and high <= upper for low, high in supports)
    return law if inside else initial.truncated(law, lower, upper)


def _stated_law(section: Initial, levels: int) -> InitialLaw | None:
    """Return the law that the section states; None for the stationary one."""
    if isinstance(section, GaussianStart):
        return initial.gaussian(section.mean, section.std, levels=levels)
    if isinstance(section, PointStart):
        return initial.point(section.at, levels=levels)
    if isinstance(section, MarchenkoPasturStart):
        return initial.marchenko_pastur(section.rows, section.variance, levels=levels)
    if isinstance(section, PairStart):
        return initial.pair(section.mean, section.std)
    return None


def _weights(section: MarchenkoPasturStart, model: LevelGas) -> InitialLaw:
    """Levels of a random W that are not squares.

    Raises
    ------
    ModelError
        A W that is not square, as a student's is.
    """
    if section.rows != model.n:
        msg = f"rows must be the number of levels, {model.n}, as the W of a student is square, not {section.rows}"
        raise ModelError(msg)
    return WeightsLaw(
        model.n, section.variance, "symmetric" if model.labels["observable"] == "symmetric" else "singular"
    )


def _stationary_law(model: LevelGas) -> InitialLaw:
    if model.n > 1:
        from fpsolve.models.initial_gas import GasLaw

        return GasLaw(model)
    from fpsolve.solvers.stationary import stationary

    found = stationary(model)
    return initial.tabulated(found.edges[0], found.density[0] * np.diff(found.edges[0]))
