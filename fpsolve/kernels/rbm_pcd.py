"""Persistent contrastive divergence of the Gaussian RBM, many replicas side by side.

Units: the visible mass is scaled away. With the machine's μ², kernel V and learning rate α,

    weights = V/μ,   chains = μφ,   covariance = μ²C,   rates = α/μ²,

so that h|φ ~ N(Wᵀφ, 1), φ|h ~ N(Wh, 1), levels are μ² times the squared singular values of `weights`, and the chains'
stationary law is N(0, (1 − WWᵀ)^{-1}). W is written in the eigenbasis of the target, where the target covariance is
diagonal; the algorithm is rotation covariant, so its law is that in any other basis.

The replica is the last axis of every array. All small matrix products then run over contiguous replicas and are
vectorised; no sum over replicas is ever formed, hence a replica's numbers do not depend on its neighbours. Sums take
two terms a pass, which saves half of the loads and stores of the accumulator.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from fpsolve.kernels._jit import kernel
from fpsolve.kernels.normals import fill_normals

__all__ = ["advance_rbm", "slots_per_update"]

Array = NDArray[np.float64]


@kernel
def slots_per_update(sweeps: int) -> int:
    """Count the fills of normals per update: hidden and visible layer of every sweep, then the fresh samples.

    Update n uses the slots n s … n s + s − 1 with s = 2 sweeps + 1, in this order, whatever the data term.
    """
    return 2 * sweeps + 1


@kernel
def _add_hidden_mean(weights: Array, chains: Array, hidden: Array) -> None:
    """hidden_bj ← hidden_bj + Σ_i W_ij φ_bi."""
    visible_units, hidden_units, lanes = weights.shape
    even = visible_units - visible_units % 2
    for b in range(hidden.shape[0]):
        for i in range(0, even, 2):
            for j in range(hidden_units):
                for r in range(lanes):
                    hidden[b, j, r] += weights[i, j, r] * chains[b, i, r] + weights[i + 1, j, r] * chains[b, i + 1, r]
        for i in range(even, visible_units):
            for j in range(hidden_units):
                for r in range(lanes):
                    hidden[b, j, r] += weights[i, j, r] * chains[b, i, r]


@kernel
def _add_visible_mean(weights: Array, hidden: Array, chains: Array) -> None:
    """φ_bi ← φ_bi + Σ_j W_ij h_bj."""
    visible_units, hidden_units, lanes = weights.shape
    even = hidden_units - hidden_units % 2
    for b in range(chains.shape[0]):
        for i in range(visible_units):
            for j in range(0, even, 2):
                for r in range(lanes):
                    chains[b, i, r] += weights[i, j, r] * hidden[b, j, r] + weights[i, j + 1, r] * hidden[b, j + 1, r]
            for j in range(even, hidden_units):
                for r in range(lanes):
                    chains[b, i, r] += weights[i, j, r] * hidden[b, j, r]


@kernel
def _add_moment(sign: float, vectors: Array, count: int, moment: Array) -> None:
    """moment_il ← moment_il ± Σ_{b < count} v_bi v_bl for l ≤ i (lower triangle)."""
    even = count - count % 2
    for i in range(moment.shape[0]):
        for l in range(i + 1):
            for b in range(0, even, 2):
                for r in range(moment.shape[2]):
                    pair = vectors[b, i, r] * vectors[b, l, r] + vectors[b + 1, i, r] * vectors[b + 1, l, r]
                    moment[i, l, r] += sign * pair
            for b in range(even, count):
                for r in range(moment.shape[2]):
                    moment[i, l, r] += sign * (vectors[b, i, r] * vectors[b, l, r])


@kernel
def _add_moment_times_weights(moment: Array, weights: Array, change: Array) -> None:
    """change_ij ← change_ij + Σ_l moment_il W_lj, the symmetric `moment` given by its lower triangle."""
    visible_units, hidden_units, lanes = weights.shape
    for i in range(visible_units):
        for l in range(i):
            for r in range(lanes):
                moment[l, i, r] = moment[i, l, r]
    even = visible_units - visible_units % 2
    for i in range(visible_units):
        for l in range(0, even, 2):
            for j in range(hidden_units):
                for r in range(lanes):
                    pair = moment[i, l, r] * weights[l, j, r] + moment[i, l + 1, r] * weights[l + 1, j, r]
                    change[i, j, r] += pair
        for l in range(even, visible_units):
            for j in range(hidden_units):
                for r in range(lanes):
                    change[i, j, r] += moment[i, l, r] * weights[l, j, r]


@kernel
def _add_projections(sign: float, vectors: Array, count: int, weights: Array, projection: Array, change: Array) -> None:
    """change_ij ← change_ij ± Σ_{b < count} v_bi (Wᵀv_b)_j, without forming Σ v vᵀ; `projection` is scratch."""
    projection[:count] = 0.0
    _add_hidden_mean(weights, vectors, projection[:count])
    visible_units, hidden_units, lanes = weights.shape
    for b in range(count):
        for i in range(visible_units):
            for j in range(hidden_units):
                for r in range(lanes):
                    change[i, j, r] += sign * (vectors[b, i, r] * projection[b, j, r])


@kernel
def _step(rate: float, count: int, exact: Array, change: Array, weights: Array) -> bool:
    """W_ij ← W_ij + rate (exact_i W_ij + change_ij/count); False if an entry of W is no longer finite."""
    visible_units, hidden_units, lanes = weights.shape
    witness = np.zeros(lanes)
    scale = rate / count
    for i in range(visible_units):
        growth = rate * exact[i]
        for j in range(hidden_units):
            for r in range(lanes):
                weights[i, j, r] += growth * weights[i, j, r] + scale * change[i, j, r]
                # Adding up 0·W is a test for inf and nan that needs no branch inside the vector loop.
                witness[r] += 0.0 * weights[i, j, r]
    finite = True
    for r in range(lanes):
        finite = finite and witness[r] == 0.0
    return finite


@kernel
def _sample_data(keys: NDArray[np.uint64], slot: int, covariance: Array, samples: Array) -> None:
    """Fresh samples of the target N(0, diag(covariance))."""
    count, visible_units, lanes = samples.shape
    fill_normals(keys, slot, samples.reshape(count * visible_units, lanes))
    for b in range(count):
        for i in range(visible_units):
            spread = np.sqrt(covariance[i])
            for r in range(lanes):
                samples[b, i, r] *= spread


@kernel
def _sweep(keys: NDArray[np.uint64], slot: int, weights: Array, hidden: Array, chains: Array) -> None:
    """One Gibbs sweep of all chains: h ~ N(Wᵀφ, 1), then φ ~ N(Wh, 1)."""
    count, visible_units, lanes = chains.shape
    hidden_units = hidden.shape[1]
    fill_normals(keys, slot, hidden.reshape(count * hidden_units, lanes))
    _add_hidden_mean(weights, chains, hidden)
    fill_normals(keys, slot + 1, chains.reshape(count * visible_units, lanes))
    _add_visible_mean(weights, hidden, chains)


@kernel
def advance_rbm(
    keys: NDArray[np.uint64],
    first: int,
    rates: Array,
    batches: NDArray[np.int64],
    sweeps: int,
    fresh: bool,
    covariance: Array,
    weights: Array,
    chains: Array,
) -> int:
    """Advance a block of replicas by ``rates.size`` updates W ← W + α (C_data − C_chain) W.

    Every update moves all persistent chains by `sweeps` Gibbs sweeps at the present W, then moves W.

    Parameters
    ----------
    keys : ndarray of uint64, shape (2, lane)
        Key of each replica's random stream.
    first : int
        Number of updates already done; it selects the part of the stream.
    rates : ndarray, shape (update,)
        α/μ² of every update.
    batches : ndarray of int64, shape (update,)
        B of every update, 1 <= B <= chains.shape[0]: the first B chains (and B fresh samples) enter the gradient.
    sweeps : int
        k, Gibbs sweeps per update.
    fresh : bool
        True: C_data is the mean over B fresh samples of the target; False: C_data is `covariance` itself.
    covariance : ndarray, shape (visible,)
        Eigenvalues μ²/κ_i of the target covariance, in the basis of `weights`.
    weights : ndarray, shape (visible, hidden, lane)
        V/μ, modified in place.
    chains : ndarray, shape (chain, visible, lane)
        μφ of the persistent chains, modified in place.

    Returns
    -------
    int
        Updates done. Less than ``rates.size`` if W became non-finite in a replica; the last update counted is the
        one at which it happened.
    """
    visible_units, hidden_units, lanes = weights.shape
    hidden = np.empty((chains.shape[0], hidden_units, lanes))
    samples = np.empty((chains.shape[0] if fresh else 0, visible_units, lanes))
    moment = np.empty((visible_units, visible_units, lanes))
    change = np.empty((visible_units, hidden_units, lanes))
    exact = np.zeros(visible_units) if fresh else covariance
    slots = slots_per_update(sweeps)
    for n in range(rates.size):
        slot = (first + n) * slots
        for s in range(sweeps):
            _sweep(keys, slot + 2 * s, weights, hidden, chains)
        count = batches[n]
        drawn = count if fresh else 0
        if fresh:
            _sample_data(keys, slot + 2 * sweeps, covariance, samples[:count])
        change[:] = 0.0
        # Per replica: multiplications with the moment matrix formed first, and without it.
        triangle = (count + drawn) * visible_units * (visible_units + 1) // 2
        if triangle + visible_units * visible_units * hidden_units < 2 * (count + drawn) * visible_units * hidden_units:
            moment[:] = 0.0
            _add_moment(1.0, samples, drawn, moment)
            _add_moment(-1.0, chains, count, moment)
            _add_moment_times_weights(moment, weights, change)
        else:
            _add_projections(1.0, samples, drawn, weights, hidden, change)
            _add_projections(-1.0, chains, count, weights, hidden, change)
        if not _step(rates[n], count, exact, change, weights):
            return n + 1
    return rates.size
