"""Exact samples of an ordered Coulomb gas with β = 1."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from fpsolve.exact.gas_mesh import cardinal_basis
from fpsolve.exact.gas_panels import BARYCENTRIC, NODES
from fpsolve.exact.subset_gas import SubsetGas
from fpsolve.kernels.subset_sampling import draw_next, extend_minors

__all__ = ["sample_gas"]

Array = NDArray[np.float64]

_BLOCK_BYTES = 2**25


def sample_gas(gas: SubsetGas, count: int, *, rng: np.random.Generator) -> Array:
    """Draw independent configurations x_1 < … < x_N, shape (count, N).

    Level by level from the lowest: each is the inverse of its conditional distribution function at a uniform number,
    so the only errors are those of the recursion and of rounding.
    """
    largest = max(members.shape[0] for members in gas.tables.members)
    block = max(1, _BLOCK_BYTES // (8 * largest))
    uniforms = rng.random((count, gas.n))
    return np.concatenate([_block(gas, uniforms[k : k + block]) for k in range(0, count, block)])


def _block(gas: SubsetGas, uniforms: Array) -> Array:
    """Samples for rows of uniform numbers."""
    tables, count = gas.tables, uniforms.shape[0]
    x = np.empty((count, gas.n))
    minors = np.ones((count, 1))
    for level in range(gas.n):
        window, layer = gas.setup.window(level), gas.right[level]
        panel, u = np.zeros(count, dtype=np.int64), np.full(count, -1.0)
        if level > 0:
            panel, u = window.locate(x[:, level - 1])
        complement, sign = tables.complement[level], tables.sign[level]
        uniform = np.ascontiguousarray(uniforms[:, level])
        draw_next(complement, sign, minors, layer.edges, layer.values, NODES, BARYCENTRIC, uniform, panel, u)
        x[:, level] = window.x_at(panel, u)
        if level + 1 < gas.n:
            basis = np.ascontiguousarray(cardinal_basis(gas.setup.centres, x[:, level])[0].T)
            members, children = tables.members[level + 1], tables.children[level + 1]
            longer = np.empty((count, members.shape[0]))
            extend_minors(members, children, basis, minors, longer)
            minors = longer
    return x
