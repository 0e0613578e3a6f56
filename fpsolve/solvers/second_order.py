"""Stationary law of a trained RBM to second order in α/B, with no parameter fitted."""

from __future__ import annotations

from time import perf_counter

from fpsolve.exact.rbm_second_order import rbm_second_order_law
from fpsolve.models.level_gas import LevelGas
from fpsolve.results import Stationary
from fpsolve.solvers.derived_noise import trained_rbm
from fpsolve.solvers.gaussian_matrix import from_tables, sampled_tables
from fpsolve.solvers.matrix_tables import cells_of

__all__ = ["stationary_second_order"]

_SAMPLES = 2**18


def stationary_second_order(
    model: LevelGas, *, cells: int | None = None, domain: tuple[float, float] | None = None, samples: int = _SAMPLES
) -> Stationary:
    """Marginals, pooled density and laws of adjacent pairs of a matrix with skewed elements.

    As `fpsolve.solvers.gaussian_matrix`, one order further (`fpsolve.exact.rbm_second_order`): the widths of single levels
    and pairs that neighbours change, and the skewness of levels. Always drawn, with a fixed seed; `error_estimate` is the
    largest standard error of a distribution function, and of means and standard deviations in units of the latter.

    Parameters
    ----------
    model : LevelGas
        An rbm with derived noise, β = 1, two to 20 levels.
    cells, domain, samples
        As for `fpsolve.solvers.gaussian_matrix`.

    Raises
    ------
    MethodError, ModelError
        Another model, or an α/B too large for an expansion.
    GridError
        Fewer than 4 cells, or a domain that holds nothing.
    """
    start = perf_counter()
    law = rbm_second_order_law(trained_rbm(model))
    tables = sampled_tables(law, cells_of(cells, domain), domain, samples)
    return from_tables("second_order", tables, domain, perf_counter() - start)
