"""Training of Gaussian RBMs by persistent contrastive divergence: the ensemble behind the level statistics."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from fpsolve.errors import ModelError
from fpsolve.models.checks import choice, count, positive
from fpsolve.parallel import Progress, Workers
from fpsolve.parallel.seeds import Seed, seed_sequence
from fpsolve.results import Sample
from fpsolve.sgd.ensemble import train_ensemble
from fpsolve.sgd.rbm_block import Block, block_size, compile_kernels, train_block
from fpsolve.sgd.rbm_settings import (
    DataTerm,
    Init,
    Training,
    batch_sizes,
    initial_levels,
    per_update,
    record_steps,
    target_spectrum,
)

__all__ = ["train_rbm"]

Array = NDArray[np.float64]
DEFAULT_VARIANCE = 0.01


def train_rbm(
    kappa: float | Sequence[float] | Array,
    mu2: float,
    *,
    learning_rate: float | Sequence[float] | Array,
    batch_size: int | Sequence[int] | NDArray[np.int64],
    steps: int,
    sweeps: int = 1,
    data: DataTerm = "batch",
    replicas: int = 256,
    record_at: Sequence[int] | NDArray[np.int64] | None = None,
    init: Init = "aligned",
    variance: float | None = None,
    initial: ArrayLike | None = None,
    hidden: int | None = None,
    rng: Seed = None,
    workers: Workers = 1,
    progress: Progress | None = None,
) -> Sample:
    """Train an ensemble of scalar-field RBMs and record the levels, the squared singular values of W.

    The machine p(φ, h) ∝ exp(−½μ²φᵀφ − ½hᵀh + φᵀWh) learns the field N(0, K⁻¹), whose kernel K has the eigenvalues κ.
    Every update moves B persistent chains by k sweeps, h|φ ~ N(Wᵀφ, 1), φ|h ~ N(Wh/μ², 1/μ²), and then

        W ← W + α (C_data − C_chain) W,      C_chain = mean over the chains of φφᵀ.

    W is kept in the eigenbasis of K; the algorithm is rotation covariant, so nothing is lost.

    Parameters
    ----------
    kappa : float or sequence of float
        Eigenvalues κ of the target's kernel, one per visible unit, in any order.
    mu2 : float
        μ² of the machine.
    learning_rate : float or sequence of float
        α, one number or one per update (a schedule); 0 leaves W as it is.
    batch_size : int or sequence of int
        B, one number or one per update. The largest is the number of persistent chains; an update uses the first B.
    steps : int
        Number of updates.
    sweeps : int
        k, Gibbs sweeps per update.
    data : {"batch", "exact"}
        C_data from B fresh samples of the target at every update, or K⁻¹ itself.
    replicas : int
        Independent trainings.
    record_at : sequence of int, optional
        Updates after which the levels are recorded, strictly increasing, 0 (the start) to `steps`; default the last.
    init : {"aligned", "gaussian"}
        First W: diag(√x) in the eigenbasis of K, or independent normals. The chains start from their stationary law.
    variance : float, optional
        Variance of the entries of a gaussian W (a variance, not a standard deviation); default 0.01.
    initial : array_like, optional
        Levels x of an aligned start, in ascending order of the modes' μ² − κ, shape (level,) or (replica, level);
        default x = μ² − κ.
    hidden : int, optional
        Hidden units N_h; default as many as visible units. With fewer, the N_h modes with the smallest κ start.
    rng : int, SeedSequence, Generator or None
        Seed. Replica r has a stream of its own, so its levels depend on the seed and r only: not on `workers`, not on
        `record_at`, not on how many replicas there are.
    workers : int or Hands
        Processes, or an engine that runs.
    progress : callable, optional
        Called as ``progress(done, total)`` after every block of replicas.

    Returns
    -------
    Sample
        `levels` (replica, record, level) in the units of μ², `alignment` of their eigenvectors with the target,
        `steps`, and `times` t = Σ 2α. Alignment starts at 1 (aligned) or on average at dim/N_v (gaussian) and ends below 1
        by Σ_j V_ij/(x_i − x_j)² over the levels of other groups, V_ij the variance of an element of W Wᵀ.

    Raises
    ------
    ModelError
        A parameter out of range; a replica that starts at x ≥ μ².
    TrainingError
        W became non-finite: the learning rate is too large.

    References
    ----------
    Aarts, Lucini, Park (2024), arXiv:2407.16427; arXiv:2309.15002 for the machine. Published: κ of a ring of 10 sites with
    m² = 4, μ² = 9, sweeps = 3, data = "exact", init = "gaussian", variance = 0.01, α from 0.01 to 0.1, B from 4 to 64,
    100000 updates; there the chains start at 1 and not from their stationary law.

    Examples
    --------
    >>> from fpsolve.sgd import train_rbm
    >>> sample = train_rbm([1.0], 2.0, learning_rate=0.01, batch_size=16, steps=100, replicas=8, rng=1)
    >>> sample.levels.shape
    (8, 1, 1)
    """
    replicas = count("replicas", replicas)
    steps = count("steps", steps)
    spectrum = target_spectrum(kappa)
    training = Training(
        kappa=spectrum,
        mu2=positive("mu2", mu2),
        hidden=spectrum.size if hidden is None else count("hidden", hidden),
        learning_rate=per_update("learning_rate", learning_rate, steps),
        batch_size=batch_sizes(batch_size, steps),
        sweeps=count("sweeps", sweeps),
        fresh=choice("data", data, DataTerm) == "batch",
        steps=steps,
        record_at=record_steps(record_at, steps),
        variance=_start_variance(init, variance, initial),
        seed=seed_sequence(rng),
    )
    starts = initial_levels(training, initial, replicas)
    compile_kernels(training)
    return train_ensemble(
        training,
        train_block,
        lambda first, count: Block(training, first, count, starts[first : first + count]),
        label="rbm",
        size=block_size(training, replicas, workers),
        replicas=replicas,
        workers=workers,
        progress=progress,
    )


def _start_variance(init: str, variance: float | None, initial: ArrayLike | None) -> float | None:
    """Variance of a gaussian start, None for an aligned one; ModelError if the other one's argument was given."""
    if choice("init", init, Init) == "aligned":
        if variance is not None:
            msg = 'variance belongs to init="gaussian"; an aligned start takes `initial` levels'
            raise ModelError(msg)
        return None
    if initial is not None:
        msg = '`initial` levels belong to init="aligned"; a gaussian start takes `variance`'
        raise ModelError(msg)
    return positive("variance", DEFAULT_VARIANCE if variance is None else variance)
