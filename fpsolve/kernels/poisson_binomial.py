"""Numbers of successes in independent trials, all but one of them: the ranks of a determinantal process."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from fpsolve.kernels._jit import kernel

__all__ = ["rank_weights"]

Array = NDArray[np.float64]


@kernel
def rank_weights(probability: Array, share: Array, out: Array) -> None:
    """Σ_k share_k P(i successes among all trials but k), for every number i.

    The law of all trials is a product of factors (1 − λ_k) + λ_k z; the factor of trial k is divided out from the side
    where that is stable. Nothing is subtracted from what is much larger: the terms are positive.

    Parameters
    ----------
    probability, share : ndarray, shape (point, trial)
        λ_k in [0, 1] and non-negative shares.
    out : ndarray, shape (point, trial)
        Overwritten; column i.
    """
    trials = probability.shape[1]
    law = np.empty(trials + 1)
    rest = np.empty(trials)
    for m in range(probability.shape[0]):
        law[:] = 0.0
        law[0] = 1.0
        for k in range(trials):
            chance = probability[m, k]
            for i in range(k + 1, 0, -1):
                law[i] = (1.0 - chance) * law[i] + chance * law[i - 1]
            law[0] *= 1.0 - chance
        out[m] = 0.0
        for k in range(trials):
            chance = probability[m, k]
            if chance <= 0.5:
                before = 0.0
                for i in range(trials):
                    before = (law[i] - chance * before) / (1.0 - chance)
                    rest[i] = before
            else:
                before = 0.0
                for i in range(trials - 1, -1, -1):
                    before = (law[i + 1] - (1.0 - chance) * before) / chance
                    rest[i] = before
            for i in range(trials):
                out[m, i] += share[m, k] * max(rest[i], 0.0)
