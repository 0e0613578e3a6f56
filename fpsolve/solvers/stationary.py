"""The stationary law of one level; several levels are handed to the exact gas."""

from __future__ import annotations

from time import perf_counter

import numpy as np

from fpsolve.errors import MethodError, ModelError
from fpsolve.exact.quadrature import NotNormalisableError, PanelQuadrature, panel_quadrature
from fpsolve.models.level_gas import LevelGas
from fpsolve.models.tail import tail_exponent
from fpsolve.operators.default_axis import default_axis
from fpsolve.operators.scharfetter_gummel import scharfetter_gummel
from fpsolve.operators.wall_law import wall_law
from fpsolve.results import Stationary
from fpsolve.solvers.stationary_methods import stationary_objection

__all__ = ["stationary"]

_METHODS = ("exact", "operator", "gaussian_matrix", "second_order", "one_step")


def stationary(
    model: LevelGas,
    *,
    method: str = "exact",
    cells: int | None = None,
    domain: tuple[float, float] | None = None,
) -> Stationary:
    """Law P_s ∝ ∏|x_i − x_j|^β ∏ e^{−Φ_i(x_i)} that the levels settle into, in their order.

    Parameters
    ----------
    model : LevelGas
        Constant noise, no absorbing wall.
    method : {"exact", "operator", "gaussian_matrix", "second_order", "one_step"}
        "exact" integrates e^{−Φ} by adaptive Gauss panels: cell masses, Z, mean and standard deviation to rounding, the
        last three over the whole range of x. Several levels: the subset recursion for β = 1 and up to 16 levels,
        orthogonal polynomials for β = 2 and one potential; see `fpsolve.solvers.stationary_gas`. "operator" is the null
        vector of the finite-volume generator, the law that the evolution of one level ends in; its errors are of second
        order in the cell width and it does not know Z (nan). The last three are laws of the training itself instead of
        the gas, at the finite learning rate: "gaussian_matrix" of an rbm with derived noise near the fixed point or of a
        teacher_student, for any number of levels (`fpsolve.solvers.gaussian_matrix`), "second_order" of such an rbm with two to
        20 levels, to the next order in α/B (`fpsolve.solvers.second_order`), "one_step" of an rbm of one level
        (`fpsolve.solvers.one_step`).
    cells : int, optional
        Cells of the table; by default what resolves the law.
    domain : pair of float, optional
        Ends of the table, inside the walls. The tabulated density is normalised on it.

    Raises
    ------
    ModelError
        No stationary law: e^{−Φ} cannot be normalised, a wall absorbs, or the noise changes with time.
    MethodError
        An unknown method, or several levels of a kind that no method takes.
    ConvergenceError
        The panels of a gas, or the transition operator of one step, did not settle.
    GridError
        A domain or number of cells that does not fit.
    """
    start = perf_counter()
    if model.n > 1 and method == "exact":
        from fpsolve.solvers.stationary_gas import stationary_gas

        return stationary_gas(model, cells=cells, domain=domain)
    _check(model, method)
    if method == "gaussian_matrix":
        from fpsolve.solvers.gaussian_matrix import stationary_gaussian_matrix

        return stationary_gaussian_matrix(model, cells=cells, domain=domain)
    if method == "second_order":
        from fpsolve.solvers.second_order import stationary_second_order

        return stationary_second_order(model, cells=cells, domain=domain)
    if method == "one_step":
        from fpsolve.solvers.one_step import one_step

        return one_step(model, states=1, cells=cells, domain=domain).stationary
    axis = default_axis(model, None, cells=cells, domain=domain)
    if method == "exact":
        law = _integrated(model)
        masses = law.cell_masses(axis.edges)
        mean, std, log_total = law.mean, law.std, law.log_total
    else:
        masses = scharfetter_gummel(model.levels[0], axis, boundary=model.boundary).stationary_mass
        mean = float(masses @ axis.centers)
        std = float(np.sqrt(masses @ (axis.centers - mean) ** 2))
        log_total = np.nan
    return Stationary(
        method=method,
        edges=axis.edges[None, :],
        density=(masses / masses.sum() / axis.widths)[None, :],
        mean=np.array([mean]),
        std=np.array([std]),
        log_partition_function=log_total,
        seconds=perf_counter() - start,
        tail=tail_exponent(model),
    )


def _check(model: LevelGas, method: str) -> None:
    """Refuse what has no stationary law, or what the method does not take."""
    if method not in _METHODS:
        msg = f"unknown method {method!r} for the stationary law; the methods are {', '.join(_METHODS)}"
        raise MethodError(msg)
    objection = stationary_objection(model, method)
    if objection is not None:
        raise MethodError(objection)
    if model.schedule is not None:
        msg = "there is no stationary law while the noise changes with time; take model.at(time)"
        raise ModelError(msg)
    if "absorbing" in model.boundary:
        msg = "there is no stationary law with an absorbing wall: all probability leaves through it"
        raise ModelError(msg)
    for side in (0, 1):
        wall = model.levels[0].walls[side]
        if wall_law(model.levels[0], model.levels[0].walls, side).exponent <= -0.5:
            msg = f"there is no stationary law: its density cannot be normalised at x = {wall:g}"
            raise ModelError(msg)


def _integrated(model: LevelGas) -> PanelQuadrature:
    """Panels and moments of e^{−Φ} between the walls."""
    body = model.levels[0]
    exponents = [wall_law(body, body.walls, side).exponent for side in (0, 1)]
    low, high = (2.0 * nu if np.isfinite(nu) else 0.0 for nu in exponents)
    if model.boundary[0] == "periodic":
        low = high = 0.0
    try:
        return panel_quadrature(body.confinement, body.walls, anchors=body.anchors, powers=(low, high))
    except NotNormalisableError as error:
        msg = f"there is no stationary law: its density cannot be normalised towards x = {error.end:g}"
        raise ModelError(msg) from error
