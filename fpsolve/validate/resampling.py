"""Standard errors from the replicas themselves: jackknife and bootstrap, blocked for correlated records."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import ArrayLike, NDArray

from fpsolve.errors import SampleError
from fpsolve.validate.effective import autocorrelation_time

__all__ = ["Bootstrap", "Estimate", "block_length_of", "bootstrap", "deviation", "jackknife", "memory_of", "two_sided"]

Array = NDArray[np.float64]

_FEWEST_BLOCKS = 8  # the error of an error from fewer blocks is 30 % and more
_MOST_BLOCKS = 100  # its error is then 7 %; more fits of the statistic would buy little
_MEMORIES = 10.0  # length of a block in integrated autocorrelation times: errors are 3 % too small for a Markov chain


@dataclass(frozen=True)
class Estimate:
    """A statistic of a sample, a number or several, with errors.

    Attributes
    ----------
    value : ndarray, shape (statistic,)
        Of the whole sample; not corrected for the bias.
    error : ndarray, shape (statistic,)
        Standard errors.
    bias : ndarray, shape (statistic,)
        Estimate of ⟨value⟩ − truth, to first order in 1/replicas.
    covariance : ndarray, shape (statistic, statistic)
        Of the values; its diagonal is error².
    blocks : int
        Independent parts of the sample behind the errors.
    """

    value: Array
    error: Array
    bias: Array
    covariance: Array
    blocks: int


@dataclass(frozen=True)
class Bootstrap(Estimate):
    """An estimate with the statistic of every resampled data set.

    Attributes
    ----------
    draws : ndarray, shape (resample, statistic)
    """

    draws: Array

    def interval(self, probability: float = 0.6827) -> Array:
        """Percentile interval that holds the given share of the draws, shape (2, statistic)."""
        tail = 0.5 * (1.0 - probability)
        return np.asarray(np.quantile(self.draws, [tail, 1.0 - tail], axis=0))


def memory_of(*averaged: Array) -> float:
    """Integrated autocorrelation time, in records, of the slowest of some averaged quantities of a chain.

    Parameters
    ----------
    *averaged : ndarray, shape (record,)
        Each in the order of the chain.
    """
    return max(autocorrelation_time(series) for series in averaged)


def block_length_of(memory: float) -> int:
    """Length of a block: ten integrated autocorrelation times of a chain, 1 for independent replicas (memory 1)."""
    return 1 if memory == 1.0 else int(np.ceil(_MEMORIES * memory))


def deviation(difference: float, error: float) -> float:
    """Difference in units of its error; infinite if there is a difference and no error."""
    if error > 0.0:
        return difference / error
    return 0.0 if difference == 0.0 else float(np.copysign(np.inf, difference))


def two_sided(z: float) -> float:
    """Probability of a normal deviate at least as far from 0 as z, erfc(|z|/√2)."""
    from scipy.special import erfc

    return float(erfc(abs(z) / np.sqrt(2.0)))


def jackknife(
    values: ArrayLike, statistic: Callable[[Array], ArrayLike], *, block_length: int = 1, blocks: int = _MOST_BLOCKS
) -> Estimate:
    """Leave out one block of replicas after the other.

    With θ of all n replicas, θ_(j) without the m_j replicas of block j, h_j = n/m_j, G blocks:
    bias θ_J = Gθ − Σ_j (1 − 1/h_j)θ_(j), pseudo-values θ̃_j = h_jθ − (h_j − 1)θ_(j) and
    error² = (1/G) Σ_j (θ̃_j − θ_J)²/(h_j − 1) (F. M. T. A. Busing, E. Meijer, R. van der Leeden, Stat. Comput. 9 (1999) 3,
    which is the usual jackknife for equal blocks and right for unequal ones). Consistent for smooth statistics (moments,
    fits, ratios), not for distances like that of Kolmogorov and Smirnov.

    Parameters
    ----------
    values : array_like, shape (replica, …)
        The first axis is resampled: independent replicas, or the records of a chain in their order.
    statistic : callable
        From such an array to a number or an array of numbers.
    block_length : int
        Fewest replicas in a block: 1 if they are independent, `block_length_of` for a chain.
    blocks : int
        At most so many blocks, each of consecutive replicas.

    Raises
    ------
    SampleError
        If fewer than 8 blocks of that length fit.
    """
    array = np.asarray(values, dtype=np.float64)
    bounds = _bounds(array.shape[0], block_length, blocks)
    whole = _flat(statistic(array))
    left_out = np.array(
        [_flat(statistic(np.concatenate([array[:first], array[last:]]))) for first, last in pairwise(bounds)]
    )
    h = (array.shape[0] / np.diff(bounds))[:, None]
    count = h.shape[0]
    corrected = count * whole - np.sum((1.0 - 1.0 / h) * left_out, axis=0)
    scaled = (h * whole - (h - 1.0) * left_out - corrected) / np.sqrt(h - 1.0)
    covariance = scaled.T @ scaled / count
    return Estimate(whole, np.sqrt(np.diag(covariance)), whole - corrected, covariance, count)


def bootstrap(
    values: ArrayLike,
    statistic: Callable[[Array], ArrayLike],
    *,
    rng: int | np.random.SeedSequence | np.random.Generator,
    resamples: int = 400,
    block_length: int = 1,
) -> Bootstrap:
    """Draw data sets of the same size from the replicas, with replacement (B. Efron, Ann. Statist. 7 (1979) 1).

    Works for statistics that are not smooth as well, where the jackknife fails, and gives intervals. A chain is drawn in
    blocks of consecutive records that may start anywhere and wrap around its end (D. N. Politis, J. P. Romano, in
    Exploring the Limits of Bootstrap (1992) 263).

    Parameters
    ----------
    values, statistic, block_length
        As for `jackknife`.
    rng : int, SeedSequence or Generator
    resamples : int
        Data sets drawn; the error of a standard error is 1/√(2·resamples).

    Raises
    ------
    SampleError
        If fewer than 8 blocks of that length fit.
    """
    array = np.asarray(values, dtype=np.float64)
    size = array.shape[0]
    blocks = _bounds(size, block_length, size).size - 1
    generator = np.random.default_rng(rng)
    offsets = np.arange(block_length)
    starts = -(-size // block_length)
    draws = []
    for _ in range(resamples):
        chosen = generator.integers(size, size=starts)[:, None] + offsets
        draws.append(_flat(statistic(array[chosen.ravel()[:size] % size])))
    table = np.array(draws)
    whole = _flat(statistic(array))
    covariance = np.atleast_2d(np.cov(table, rowvar=False))
    return Bootstrap(whole, np.sqrt(np.diag(covariance)), np.mean(table, axis=0) - whole, covariance, blocks, table)


def _flat(value: ArrayLike) -> Array:
    return np.asarray(value, dtype=np.float64).ravel()


def _bounds(size: int, block_length: int, blocks: int) -> NDArray[np.int64]:
    """Edges of blocks of nearly equal lengths, none shorter than `block_length`."""
    count = min(size // max(block_length, 1), blocks)
    if count < _FEWEST_BLOCKS:
        length = f" of {block_length} records" if block_length > 1 else ""
        msg = f"{size} replicas make {count} independent blocks{length}; at least {_FEWEST_BLOCKS} are needed for an error"
        raise SampleError(msg)
    return np.linspace(0, size, count + 1).astype(np.int64)
