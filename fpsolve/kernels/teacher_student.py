"""Minibatch gradient descent of a linear student, many replicas side by side.

The student W learns W_t from y = Z W_t x through a fixed second layer Z; everything is written in the eigenbasis of
ZᵀZ = diag(z). With δ = W − W_t and the factor T of the batch's second moment, (1/B) Σ x xᵀ = T Tᵀ, one update is

    δ_ij ← δ_ij − α Σ_l (z_i (δT)_il − σ_e √(z_i/B) e_il) T_jl − α a_ij/√B,

e independent normals (label noise, pushed back through Zᵀ), a the noise of the gradient itself.

A batch of fresh inputs N(0, 1) enters through T only, and T is drawn as what it is: the Cholesky factor of a Wishart
matrix, with chi numbers of B, B − 1, … degrees of freedom on the diagonal and normals below it (M. S. Bartlett, Proc. R.
Soc. Edinburgh 53 (1933) 260). This is exact in law for every B, also B below the number of inputs, and needs N(N+1)/2
numbers in the place of N B. As in the RBM kernel the replica is the last axis and no sum over replicas is formed.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from fpsolve.kernels._jit import kernel
from fpsolve.kernels.chi_square import chi_square
from fpsolve.kernels.normals import fill_normals, minus_two_log, threefry

__all__ = ["advance_teacher_student", "fill_batch_factor"]

Array = NDArray[np.float64]
Words = NDArray[np.uint64]

# Slots of the stream per update: gradient noise, label noise, normals and uniforms of the batch.
SLOTS, LABELS, NORMALS, UNIFORMS = 4, 1, 2, 3
SPARE_BITS, ONE = np.uint64(11), np.uint64(1)
ULP = 2.0**-53
ROOT_TWO = math.sqrt(2.0)
# Calls of the cipher between two logarithms: a product of 16 uniforms stays above 2^-848.
CALLS_PER_LOGARITHM = 8
# Beyond this many degrees of freedom χ² by rejection, whose cost does not grow, is faster than a product of uniforms;
# every draw has a stretch of its stream to itself, far longer than rejections ever get.
MOST_PRODUCT, STRETCH = 64, 64


@kernel
def _add_minus_two_log_uniforms(keys: Words, slot: int, counter: int, number: int, scratch: Array, out: Array) -> int:
    """Add −2 Σ ln u over `number` uniforms, χ² of 2·number degrees of freedom, to `out`; returns the next counter."""
    lanes = out.size
    calls = (number + 1) // 2
    scratch[:] = 1.0
    for call in range(calls):
        both = 2 * call + 1 < number
        word = np.uint64(counter + call)
        for r in range(lanes):
            first, second = threefry(keys[0, r], keys[1, r], word, np.uint64(slot))
            u = np.float64((first >> SPARE_BITS) + ONE) * ULP
            v = np.float64((second >> SPARE_BITS) + ONE) * ULP
            scratch[r] *= u * (v if both else 1.0)
        if (call + 1) % CALLS_PER_LOGARITHM == 0 or call + 1 == calls:
            for r in range(lanes):
                out[r] += minus_two_log(scratch[r])
                scratch[r] = 1.0
    return counter + calls


@kernel
def fill_batch_factor(keys: Words, slot: int, batch: int, scratch: Array, factor: Array) -> None:
    """Lower-trapezoidal T with (1/B) Σ_b x_b x_bᵀ = T Tᵀ in law, for x_b independent N(0, 1).

    Parameters
    ----------
    keys : ndarray of uint64, shape (2, lane)
        Key of each replica's random stream.
    slot : int
        Its part of the stream: `slot` + 2 for normals, `slot` + 3 for uniforms.
    batch : int
        B ≥ 1.
    scratch : ndarray, shape (N(N + 1)/2 + 1, lane)
        Overwritten.
    factor : ndarray, shape (N, min(N, B), lane)
        Overwritten with T.
    """
    inputs, width, lanes = factor.shape
    fill_normals(keys, slot + NORMALS, scratch[1:])
    shrink = 1.0 / math.sqrt(batch)
    number, counter = 1, 0
    for j in range(width):
        freedom = batch - j
        if freedom > MOST_PRODUCT:
            begin = (slot * inputs + j) * STRETCH
            for r in range(lanes):
                factor[j, j, r] = chi_square(float(freedom), keys[0, r], keys[1, r], begin)[0]
        else:
            odd = freedom % 2 == 1
            for r in range(lanes):
                factor[j, j, r] = scratch[number, r] * scratch[number, r] if odd else 0.0
            counter = _add_minus_two_log_uniforms(
                keys, slot + UNIFORMS, counter, freedom // 2, scratch[0], factor[j, j]
            )
        for r in range(lanes):
            factor[j, j, r] = shrink * math.sqrt(factor[j, j, r])
        number += 1
        for i in range(j):
            factor[i, j] = 0.0
        for i in range(j + 1, inputs):
            for r in range(lanes):
                factor[i, j, r] = shrink * scratch[number, r]
            number += 1


@kernel
def _fill_gradient_noise(keys: Words, slot: int, scale: float, symmetric: bool, scratch: Array, change: Array) -> None:
    """change_ij ← scale a_ij: all independent N(0, 1), or symmetric with variance 2 on the diagonal and 1 beside it."""
    rows, columns, lanes = change.shape
    if scale == 0.0:
        change[:] = 0.0
        return
    if not symmetric:
        fill_normals(keys, slot, change.reshape(rows * columns, lanes))
        change *= scale
        return
    fill_normals(keys, slot, scratch)
    number = 0
    for i in range(rows):
        for r in range(lanes):
            change[i, i, r] = ROOT_TWO * scale * scratch[number, r]
        number += 1
        for j in range(i):
            for r in range(lanes):
                change[i, j, r] = scale * scratch[number, r]
                change[j, i, r] = change[i, j, r]
            number += 1


@kernel
def _fill_residual(stiffness: Array, deviation: Array, factor: Array, label_scale: float, residual: Array) -> None:
    """residual_il ← z_i (δT)_il − label_scale √z_i residual_il; T is zero above its diagonal."""
    rows, columns, lanes = deviation.shape
    for i in range(rows):
        z, noise = stiffness[i], label_scale * math.sqrt(stiffness[i])
        for l in range(factor.shape[1]):
            for r in range(lanes):
                residual[i, l, r] *= -noise
            for j in range(l, columns):
                for r in range(lanes):
                    residual[i, l, r] += z * deviation[i, j, r] * factor[j, l, r]


@kernel
def _step(rate: float, factor: Array, residual: Array, change: Array, deviation: Array) -> bool:
    """δ_ij ← δ_ij − rate (change_ij + Σ_l residual_il T_jl); False if an entry is no longer finite."""
    rows, columns, lanes = deviation.shape
    witness = np.zeros(lanes)
    for i in range(rows):
        for j in range(columns):
            for l in range(min(j + 1, factor.shape[1])):
                for r in range(lanes):
                    change[i, j, r] += residual[i, l, r] * factor[j, l, r]
            for r in range(lanes):
                deviation[i, j, r] -= rate * change[i, j, r]
                # Adding up 0·δ is a test for inf and nan that needs no branch inside the vector loop.
                witness[r] += 0.0 * deviation[i, j, r]
    finite = True
    for r in range(lanes):
        finite = finite and witness[r] == 0.0
    return finite


@kernel
def advance_teacher_student(
    keys: Words,
    first: int,
    rates: Array,
    batches: NDArray[np.int64],
    stiffness: Array,
    factors: Array,
    gradient_noise: float,
    symmetric: bool,
    label_noise: float,
    deviation: Array,
) -> int:
    """Advance a block of replicas by ``rates.size`` updates of δ = W − W_t.

    Parameters
    ----------
    keys : ndarray of uint64, shape (2, lane)
        Key of each replica's random stream.
    first : int
        Number of updates already done; it selects the part of the stream and of the data set.
    rates, batches : ndarray, shape (update,)
        α and B of every update.
    stiffness : ndarray, shape (row,)
        Eigenvalues z_i ≥ 0 of ZᵀZ.
    factors : ndarray, shape (batch, column, column)
        Lower-triangular factors T of the batches of a fixed data set, used in turn; none: fresh inputs N(0, 1).
    gradient_noise, label_noise : float
        Standard deviations per sample, ε and σ_e.
    symmetric : bool
        Gradient noise symmetric (row = column), with 2ε² on the diagonal; else all entries independent.
    deviation : ndarray, shape (row, column, lane)
        δ, modified in place.

    Returns
    -------
    int
        Updates done. Less than ``rates.size`` if an entry became non-finite; the last update counted is the one at
        which it happened.
    """
    rows, columns, lanes = deviation.shape
    scratch = np.empty((columns * (columns + 1) // 2 + 1, lanes))
    factor = np.empty((columns, columns, lanes))
    residual = np.zeros((rows, columns, lanes))
    change = np.empty((rows, columns, lanes))
    for n in range(rates.size):
        slot, count = (first + n) * SLOTS, batches[n]
        width = columns
        if factors.shape[0] == 0:
            width = min(columns, count)
            fill_batch_factor(keys, slot, count, scratch, factor[:, :width])
        else:
            table = factors[(first + n) % factors.shape[0]]
            for i in range(columns):
                for j in range(columns):
                    factor[i, j] = table[i, j]
        _fill_gradient_noise(keys, slot, gradient_noise / math.sqrt(count), symmetric, scratch[1:], change)
        if label_noise > 0.0:
            fill_normals(keys, slot + LABELS, residual.reshape(rows * columns, lanes))
        _fill_residual(stiffness, deviation, factor[:, :width], label_noise / math.sqrt(count), residual)
        if not _step(rates[n], factor[:, :width], residual, change, deviation):
            return n + 1
    return rates.size
