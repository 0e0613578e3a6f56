"""Training of one block of RBM replicas: the state, its initial law, the loop over records."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fpsolve.errors import ModelError
from fpsolve.kernels.normals import fill_normals
from fpsolve.kernels.rbm_pcd import advance_rbm
from fpsolve.parallel import Workers, replica_keys
from fpsolve.sgd.ensemble import Trained, lanes_per_block
from fpsolve.sgd.rbm_alignment import levels_and_alignment, target_spaces
from fpsolve.sgd.rbm_settings import Training
from fpsolve.sgd.updates import run_updates

__all__ = ["Block", "block_size", "compile_kernels", "train_block"]

Array = NDArray[np.float64]

# Slots of the stream for the initial state; training counts up from 0 and never gets there.
WEIGHTS_SLOT = 1 << 62
CHAINS_SLOT = WEIGHTS_SLOT + 1
# A kernel call takes about this long [s], so that Ctrl-C is answered soon.
CALL_SECONDS = 0.1
# Working set of a block that stays in the second-level cache, and the most replicas that still gain speed. Fewer than
# 16 replicas cost up to twice as much each, a set that spills into the third level a few per cent.
BLOCK_BYTES, BLOCK_LANES = 1 << 20, 128


@dataclass(frozen=True)
class Block:
    """Replicas first … first + count − 1 of an ensemble; `initial` is (count, level), ignored for a Gaussian start."""

    training: Training
    first: int
    count: int
    initial: Array


def train_block(block: Block) -> Trained:
    """Train the replicas of a block and return their levels and alignment.

    Raises
    ------
    ModelError
        A replica starts with a level at or above μ².
    TrainingError
        An entry of W became non-finite.
    """
    training = block.training
    keys = replica_keys(training.seed, block.first, block.count)
    weights = _initial_weights(block, keys)
    chains = _stationary_chains(block, keys, weights)
    spaces = target_spaces(training.kappa, training.levels)
    levels = np.empty((block.count, training.record_at.size, training.levels))
    alignment = np.empty_like(levels)
    done = 0
    for index, target in enumerate(training.record_at.tolist()):
        _advance(training, keys, done, target, weights, chains)
        done = target
        squares, alignment[:, index] = levels_and_alignment(weights, spaces)
        levels[:, index] = training.mu2 * squares
    return Trained(levels, alignment)


def block_size(training: Training, replicas: int, workers: Workers) -> int:
    """Replicas per block; the levels do not depend on it."""
    visible, hidden = training.kappa.size, training.hidden
    numbers = 2 * visible * hidden + visible**2 + training.chains * (2 * visible + hidden)
    return lanes_per_block(numbers, replicas, workers, cached=BLOCK_BYTES, most=BLOCK_LANES)


def compile_kernels(training: Training) -> None:
    """Compile what training needs by a run of no updates, so that workers find the kernels in the cache."""
    keys = np.zeros((2, 1), dtype=np.uint64)
    weights, chains = np.zeros((1, 1, 1)), np.zeros((1, 1, 1))
    none, unit = np.zeros(0), np.ones(1)
    advance_rbm(keys, 0, none, none.astype(np.int64), training.sweeps, training.fresh, unit, weights, chains)
    fill_normals(keys, CHAINS_SLOT, chains[0])


def _advance(
    training: Training, keys: NDArray[np.uint64], start: int, stop: int, weights: Array, chains: Array
) -> None:
    """Do the updates start … stop − 1 in kernel calls that are short enough to be interrupted."""
    covariance = training.mu2 / training.kappa

    def kernel(begin: int, rates: Array, batches: NDArray[np.int64]) -> int:
        """Do the updates from `begin` on; return their number."""
        return advance_rbm(
            keys,
            begin,
            rates / training.mu2,
            batches,
            training.sweeps,
            training.fresh,
            covariance,
            weights,
            chains,
        )

    run_updates(
        kernel,
        np.broadcast_to(training.learning_rate, training.steps),
        np.broadcast_to(training.batch_size, training.steps),
        updates=range(start, stop, _updates_per_call(training, keys.shape[1])),
        weights=weights,
    )


def _updates_per_call(training: Training, lanes: int) -> int:
    """Count the updates that take about CALL_SECONDS, from rough costs of a normal and of a multiplication [s]."""
    visible, hidden = training.kappa.size, training.hidden
    draws = training.chains * (training.sweeps * (visible + hidden) + visible)
    products = visible * hidden * (2 * training.chains * training.sweeps + visible) + training.chains * visible**2
    return max(1, int(CALL_SECONDS / (lanes * (4e-9 * draws + 3e-10 * products))))


def _initial_weights(block: Block, keys: NDArray[np.uint64]) -> Array:
    """W/μ of every replica, shape (visible, hidden, lane)."""
    training = block.training
    weights = np.zeros((training.kappa.size, training.hidden, block.count))
    if training.variance is not None:
        fill_normals(keys, WEIGHTS_SLOT, weights.reshape(-1, block.count))
        weights *= np.sqrt(training.variance / training.mu2)
        return weights
    # κ descends, so the last visible modes are those that learn the largest levels: with few hidden units they win.
    lowest = training.kappa.size - training.levels
    for level in range(training.levels):
        weights[lowest + level, level] = np.sqrt(block.initial[:, level] / training.mu2)
    return weights


def _stationary_chains(block: Block, keys: NDArray[np.uint64], weights: Array) -> Array:
    """Chains μφ from their stationary law N(0, (1 − WWᵀ)^{-1}), shape (chain, visible, lane)."""
    training = block.training
    visible = training.kappa.size
    normals = np.empty((training.chains, visible, block.count))
    fill_normals(keys, CHAINS_SLOT, normals.reshape(-1, block.count))
    if training.variance is None:
        squares = (weights**2).sum(axis=1)
        _check_below_mass(block, squares.max(axis=0))
        return np.asarray(normals / np.sqrt(1.0 - squares))
    stacked = np.moveaxis(weights, -1, 0)
    squares, vectors = np.linalg.eigh(stacked @ stacked.transpose(0, 2, 1))
    _check_below_mass(block, squares[:, -1])
    # The symmetric root does not depend on how LAPACK chooses the eigenvectors of equal levels.
    roots = (vectors / np.sqrt(1.0 - squares)[:, None, :]) @ vectors.transpose(0, 2, 1)
    return np.ascontiguousarray(np.einsum("bir,rij->bjr", normals, roots))


def _check_below_mass(block: Block, largest: Array) -> None:
    """ModelError if a replica starts with x ≥ μ²; `largest` is max x/μ² of every replica."""
    lane = int(np.argmax(largest))
    if largest[lane] < 1.0:
        return
    training = block.training
    remedy = "lower `variance`" if training.variance is not None else "lower the initial levels"
    msg = (
        f"replica {block.first + lane} starts with a level x = {training.mu2 * largest[lane]:g}, at or above "
        f"mu2 = {training.mu2:g}, where the chains have no stationary law; {remedy} or raise mu2"
    )
    raise ModelError(msg)
