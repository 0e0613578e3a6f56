"""Which stationary method takes which gas."""

from __future__ import annotations

from fpsolve.exact.gas_level import distinct
from fpsolve.exact.rbm_second_order import MOST_LEVELS
from fpsolve.kernels.subset_tables import MAX_LEVELS
from fpsolve.models.level_gas import LevelGas
from fpsolve.solvers.derived_noise import derived_noise_objection

__all__ = ["MAX_UNITARY_LEVELS", "stationary_objection"]

MAX_UNITARY_LEVELS = 100
"""Largest N for β = 2: beyond, the laws of single levels take minutes."""


def stationary_objection(model: LevelGas, method: str) -> str | None:
    """Why `method` ("exact", "operator", "gaussian_matrix", "second_order" or "one_step") does not give this stationary law, or None.

    The message names what remains. Schedules and absorbing walls, for which there is no stationary law at all, are not
    looked at.
    """
    n = model.n
    student = model.kind == "teacher_student"
    if method in {"one_step", "second_order"} or (method == "gaussian_matrix" and not student):
        objection = derived_noise_objection(model)
        if objection is not None:
            remains = "exact or gaussian_matrix" if student else "exact"
            return f'the stationary method "{method}" does not fit: {objection}; what remains: {remains}'
    if method == "second_order" and not 2 <= n <= MOST_LEVELS:
        return (
            f'the stationary method "{method}" takes 2 to {MOST_LEVELS} levels, not {n}; what remains: gaussian_matrix'
        )
    if method in {"gaussian_matrix", "second_order"} or n == 1:
        return None
    if method != "exact":
        return f'the stationary method "{method}" takes one level, not {n}; what remains: exact'
    if "periodic" in model.boundary:
        return "the exact gas takes reflecting walls: on a ring several levels have no order"
    alike = len(distinct(model.levels)[0]) == 1
    if (model.beta == 1.0 and n <= MAX_LEVELS) or (model.beta == 2.0 and alike and n <= MAX_UNITARY_LEVELS):
        return None
    potentials = "one potential for all" if alike else "different potentials"
    return (
        f"no exact stationary law is known here for {n} levels with beta = {model.beta:g} and {potentials}: exact takes "
        f"beta = 1 with up to {MAX_LEVELS} levels (work and memory double with each), or beta = 2 with one potential for "
        f"up to {MAX_UNITARY_LEVELS}; what remains: evolve to long times (chamber for few levels, particles for any)"
    )
