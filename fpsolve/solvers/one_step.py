"""Training of one RBM level as the Markov chain that it is: stationary law and relaxation at any learning rate."""

from __future__ import annotations

from dataclasses import dataclass
from time import perf_counter
from typing import get_args

import numpy as np
from numpy.typing import NDArray

from fpsolve.errors import ConvergenceError, GridError, MethodError
from fpsolve.exact.quadrature import panel_quadrature
from fpsolve.exact.rbm_gaussian import GaussianRbm
from fpsolve.models.level_gas import LevelGas, OneBody
from fpsolve.results import Stationary
from fpsolve.solvers.derived_noise import trained_rbm
from fpsolve.solvers.one_step_operator import Chains, OneStepOperator, one_step_operator

__all__ = ["OneStep", "one_step"]

Array = NDArray[np.float64]

_POINTS, _MODES = 48, 8
_CELLS = 400
# What the range of x leaves out of the Fokker–Planck law on either side. Where single updates are large, slow spurious
# modes live in the far tails: they depend on the number of nodes, true ones do not. So an eigenvalue is believed where
# three operators agree on it, and the ranges narrow until as many as wanted do.
_LEFT_OUT = (1e-11, 1e-9, 1e-7)
_RANGES = ((1e-11, 1e-10), (1e-9, 1e-8), (1e-7, 1e-6), (1e-6, 1e-5))
_FEWER = ((6, 1), (12, 2))
_TOLERANCE = 1e-3
_AGREEMENT = 4e-3
# Rates that are missing would make the next one found too large by more than this factor.
_STRIDE = 2.5
_QUANTILE_CELLS = 4000


@dataclass(frozen=True)
class OneStep:
    """What a discrete training of one level does, beside its Fokker–Planck limit.

    Attributes
    ----------
    stationary : Stationary
        Law of the level between updates; `error_estimate` is the change of mean and standard deviation (in units of the
        standard deviation) and of the distribution function when the operator is made smaller.
    skewness : float
        ⟨(x − ⟨x⟩)³⟩/σ³.
    eigenvalues : ndarray of complex, shape (state,)
        Of the transition operator, the largest modulus first, 1 included; only those that three operators agree on.
    rates_error : ndarray, shape (state,)
        largest |difference| of the three [1/time].
    learning_rate : float
        α.
    leak : float
        Stationary probability per update of leaving the range that was computed.
    unknowns : int
        Size of the matrix.
    seconds : float
        Wall time.
    """

    stationary: Stationary
    skewness: float
    eigenvalues: NDArray[np.complex128]
    rates_error: Array
    learning_rate: float
    leak: float
    unknowns: int
    seconds: float

    @property
    def rates(self) -> Array:
        """Relaxation rates −ln|λ|/(2α) in the clock t = Σ 2α; the Fokker–Planck equation has 2E_n instead."""
        return self.rates_per_update / (2.0 * self.learning_rate)

    @property
    def rates_per_update(self) -> Array:
        """Relaxation rates −ln|λ| [1/update], shape (state,)."""
        return np.asarray(-np.log(np.abs(self.eigenvalues)))


def one_step(
    model: LevelGas,
    *,
    states: int = 4,
    chains: Chains = "persistent",
    points: int = _POINTS,
    modes: int = _MODES,
    cells: int | None = None,
    domain: tuple[float, float] | None = None,
) -> OneStep:
    """Stationary law and spectrum of the transition operator of one update W ← W + α(C_data − C_chain)W, one level.

    Nothing is expanded in α or α/B: the level x and s = Σ_b v_b² of its B persistent chains are a Markov chain with an
    explicit kernel (`one_step_operator`). "fresh" chains instead forget everything between updates; that neglects the
    chains' memory, so σ² comes out too small by (E + χ_d)/(1 + χ_d), E = (1 + ρ²)/(1 − ρ²), ρ = (x/μ²)^k.

    Parameters
    ----------
    model : LevelGas
        One level of an rbm with derived noise; its learning rate, batch size, sweeps and data term are the training.
    states : int
        Eigenvalues wanted, 1 included. There are fewer in the result where fewer could be told from spurious ones; 1 leaves
        the spectrum out.
    chains : {"persistent", "fresh"}
        Which training.
    points, modes : int
        Nodes of x, and of s (not used for fresh chains).
    cells : int, optional
        Cells of the table of the stationary law, 400 by default.
    domain : pair of float, optional
        Ends of that table.

    Raises
    ------
    MethodError
        Several levels, another model, an unknown word for `chains`.
    ModelError
        Noise that changes with time.
    GridError
        Fewer than 24 points, 5 modes or 4 cells, no states, or descending ends.
    ConvergenceError
        The law changes by more than 1e-3 with the size of the operator: the learning rate is so large that single updates
        cross the law, or the level comes too near to 0 or μ².
    """
    start = perf_counter()
    if model.n != 1 or chains not in get_args(Chains):
        msg = f'one_step takes one level with chains "persistent" or "fresh", not {model.n} levels with {chains!r}'
        raise MethodError(msg)
    count = _CELLS if cells is None else cells
    if points < 24 or modes < 5 or count < 4 or states < 1 or (domain is not None and not domain[0] < domain[1]):
        msg = f"too small: points = {points} (at least 24), modes = {modes} (5), cells = {count} (4), states = {states} (1)"
        raise GridError(msg)
    theory = trained_rbm(model)
    quantiles = _Quantiles.of(model.levels[0])
    operator, error = _settled(theory, quantiles, points=points, modes=modes, chains=chains)
    law = _stationary(operator, error, count, domain, perf_counter() - start)
    mean, weights = law.mean[0], operator.level_weights
    eigenvalues, rates_error = np.ones(1, dtype=np.complex128), np.zeros(1)
    if states > 1:
        eigenvalues, rates_error = _spectrum(theory, quantiles, states, points=points, modes=modes, chains=chains)
    return OneStep(
        stationary=law,
        skewness=float(weights @ (operator.x - mean) ** 3 / law.std[0] ** 3),
        eigenvalues=eigenvalues,
        rates_error=rates_error,
        learning_rate=theory.learning_rate,
        leak=operator.leak,
        unknowns=operator.matrix.shape[0],
        seconds=perf_counter() - start,
    )


@dataclass(frozen=True)
class _Quantiles:
    """Distribution function of the Fokker–Planck law on a grid: from below, and from above."""

    edges: Array
    below: Array
    above: Array

    @classmethod
    def of(cls, body: OneBody) -> _Quantiles:
        """Tabulate the stationary law of a level between its walls, and within 12 standard deviations more densely."""
        exponent = float(getattr(body, "exponent", 0.0))
        law = panel_quadrature(body.confinement, body.walls, anchors=body.anchors, powers=(exponent, 2.0))
        bulk = np.linspace(law.mean - 12.0 * law.std, law.mean + 12.0 * law.std, _QUANTILE_CELLS)
        inside = bulk[(bulk > body.walls[0]) & (bulk < body.walls[1])]
        edges = np.union1d(np.linspace(*body.walls, _QUANTILE_CELLS), inside)
        masses = law.cell_masses(edges)
        below = np.concatenate([[0.0], np.cumsum(masses)])
        return cls(edges, below, np.concatenate([np.cumsum(masses[::-1])[::-1], [0.0]]))

    def ends(self, left_out: float) -> tuple[float, float]:
        """Range that leaves out so much on either side, and the walls."""
        first = max(int(np.searchsorted(self.below, left_out)), 1)
        last = min(int(np.flatnonzero(self.above >= left_out)[-1]), self.edges.size - 2)
        return float(self.edges[first]), float(self.edges[last])


def _moments(operator: OneStepOperator) -> tuple[float, float]:
    weights = operator.level_weights
    mean = float(weights @ operator.x)
    variance = float(weights @ (operator.x - mean) ** 2)
    return mean, float(np.sqrt(variance)) if variance > 0.0 else float("nan")


def _settled(
    theory: GaussianRbm, quantiles: _Quantiles, *, points: int, modes: int, chains: Chains
) -> tuple[OneStepOperator, float]:
    """Return the operator on the widest range where the law does not depend on its size, and what it still changes."""
    best: tuple[OneStepOperator, float] | None = None
    for left_out in _LEFT_OUT:
        ends = quantiles.ends(left_out)
        operator = one_step_operator(theory, ends, points=points, modes=modes, chains=chains)
        coarse = one_step_operator(theory, ends, points=3 * points // 4, modes=modes - 2, chains=chains)
        error = _distance(operator, coarse)
        if best is None or error < best[1]:
            best = operator, error
        if error <= 0.1 * _TOLERANCE:
            break
    if best is None or not best[1] <= _TOLERANCE:
        msg = "the transition operator is not resolved: the learning rate is too large for this level"
        residual = float("inf") if best is None else best[1]
        raise ConvergenceError(msg, iterations=len(_LEFT_OUT), residual=residual, tolerance=_TOLERANCE)
    return best


def _distance(operator: OneStepOperator, coarse: OneStepOperator) -> float:
    """Difference of mean, standard deviation and distribution function; inf where a law has no positive variance."""
    (mean, std), (other_mean, other_std) = _moments(operator), _moments(coarse)
    check = np.linspace(*operator.ends, 65)
    distance = float(np.max(np.abs(_distribution(operator, check) - _distribution(coarse, check))))
    error = max(abs(mean - other_mean) / std, abs(std - other_std) / std, distance)
    return error if np.isfinite(error) else float("inf")


def _stationary(
    operator: OneStepOperator, error: float, cells: int, domain: tuple[float, float] | None, seconds: float
) -> Stationary:
    """Table of the law."""
    mean, std = _moments(operator)
    edges = np.linspace(*(operator.ends if domain is None else domain), cells + 1)
    masses = np.maximum(np.diff(_distribution(operator, edges)), 0.0)
    if masses.sum() <= 0.0:
        msg = f"the domain {domain} holds nothing of the level"
        raise GridError(msg)
    return Stationary(
        method="one_step",
        edges=edges[None, :],
        density=(masses / masses.sum() / np.diff(edges))[None, :],
        mean=np.array([mean]),
        std=np.array([std]),
        log_partition_function=float("nan"),
        error_estimate=error,
        seconds=seconds,
    )


def _distribution(operator: OneStepOperator, x: Array) -> Array:
    """Distribution function from the Legendre series of the density, whose coefficients are the moments ⟨P_n⟩."""
    ends = operator.ends
    half = 0.5 * (ends[1] - ends[0])
    t = (operator.x - ends[0]) / half - 1.0
    moments = np.polynomial.legendre.legvander(t, operator.x.size - 1).T @ operator.level_weights
    series = moments * (np.arange(moments.size) + 0.5)
    integral = np.polynomial.legendre.legint(series, lbnd=-1)
    values = np.polynomial.legendre.legval(np.clip((x - ends[0]) / half - 1.0, -1.0, 1.0), integral)
    return np.clip(np.asarray(values), 0.0, 1.0)


def _spectrum(
    theory: GaussianRbm, quantiles: _Quantiles, states: int, *, points: int, modes: int, chains: Chains
) -> tuple[NDArray[np.complex128], Array]:
    """Return the leading eigenvalues that three operators agree on, and the differences of their rates."""
    best: tuple[NDArray[np.complex128], Array] = (np.ones(1, dtype=np.complex128), np.zeros(1))
    for wide, narrow in _RANGES:
        first = one_step_operator(theory, quantiles.ends(wide), points=points, modes=modes, chains=chains)
        others = [
            one_step_operator(
                theory, quantiles.ends(narrow), points=points - nodes, modes=modes - fewer, chains=chains
            ).eigenvalues
            for nodes, fewer in _FEWER
        ]
        values, errors, skipped = _agreed(first.eigenvalues, others, theory, states)
        if values.size > best[0].size:
            best = values, errors
        if values.size == states and not skipped:
            break
    return best


def _agreed(
    values: NDArray[np.complex128], others: list[NDArray[np.complex128]], theory: GaussianRbm, states: int
) -> tuple[NDArray[np.complex128], Array, bool]:
    """Eigenvalues that every other operator has too, their differences, and whether one on the way was left out."""
    kept, errors, skipped = [np.complex128(1.0)], [0.0], False
    clock = 2.0 * theory.learning_rate
    # The stiffness Ω = x/κ² at the fixed point is what the slowest rate is near to.
    last = float(theory.levels[0]) / theory.kappa[0] ** 2
    for value in values:
        rate = float(-np.log(np.abs(value)) / clock)
        if len(kept) == states or rate > _STRIDE * last:
            break
        if abs(value - 1.0) < 1e-9:
            continue
        nearest = [other[np.argmin(np.abs(other - value))] for other in others]
        error = max(float(abs(np.log(value / match)) / clock) for match in nearest)
        if error <= _AGREEMENT * rate:
            kept.append(value)
            errors.append(error)
            last = rate
        else:
            skipped = True
    return np.array(kept), np.array(errors), skipped
