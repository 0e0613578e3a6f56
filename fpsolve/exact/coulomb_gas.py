"""Exact stationary law of N ordered levels with the repulsion ∏|x_i − x_j|^β, β = 1, every level in its own potential."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from math import comb

import numpy as np
from numpy.typing import NDArray

from fpsolve.errors import ConvergenceError, MethodError
from fpsolve.exact.coulomb_gas_sampling import sample_gas
from fpsolve.exact.coulomb_pairs import PairLaw, adjacent_pair
from fpsolve.exact.gas_level import GasLevel
from fpsolve.exact.gas_mesh import gas_mesh
from fpsolve.exact.gas_panels import POINTS
from fpsolve.exact.gas_scan import scan_gas
from fpsolve.exact.gas_setup import GasSetup, gas_setup
from fpsolve.exact.level_law import LevelLaw
from fpsolve.exact.memory import usable_memory
from fpsolve.exact.subset_gas import SubsetGas, subset_gas
from fpsolve.kernels.subset_tables import MAX_LEVELS

__all__ = ["CoulombGas", "ordered_gas"]

Array = NDArray[np.float64]

_REFINEMENTS = 4


@dataclass(frozen=True)
class CoulombGas:
    """P_s ∝ ∏_{i<j} (x_j − x_i) ∏ e^{−Φ_i(x_i)} on x_1 < … < x_N, solved by `ordered_gas`.

    Attributes
    ----------
    solution : SubsetGas
        All minors of the Vandermonde determinant on Gauss panels.
    laws : tuple of LevelLaw
        Marginal of every level, with pdf, cdf, quantile, mean and std.
    error_estimate : float
        Change under the last halving of all panels: the largest of |Δ ln Z|/max(1, |ln Z|), |Δ mean|/std, |Δ std|/std
        and |Δ cdf| over all levels (no moments of levels with a tail like a power).
    """

    solution: SubsetGas
    laws: tuple[LevelLaw, ...]
    error_estimate: float

    @property
    def n(self) -> int:
        """Number of levels."""
        return len(self.laws)

    @property
    def log_partition_function(self) -> float:
        """Logarithm of ∫ ∏_{i<j}(x_j − x_i) ∏ e^{−Φ_i(x_i)} dx over the ordered levels."""
        return self.solution.log_total

    @property
    def mean(self) -> Array:
        """Mean of every level."""
        return np.array([law.mean for law in self.laws])

    @property
    def std(self) -> Array:
        """Standard deviation of every level."""
        return np.array([law.std for law in self.laws])

    @cached_property
    def correlations(self) -> Array:
        """Correlation coefficients of adjacent levels, shape (N − 1,)."""
        return np.array([self.pair(level).correlation for level in range(self.n - 1)])

    def total_pdf(self, x: Array | float) -> Array:
        """Density of all levels pooled, (1/N) Σ_i p_i(x)."""
        return np.asarray(np.mean([law.pdf(x) for law in self.laws], axis=0))

    def total_cdf(self, x: Array | float) -> Array:
        """Distribution function of all levels pooled."""
        return np.asarray(np.mean([law.cdf(x) for law in self.laws], axis=0))

    def pair(self, level: int) -> PairLaw:
        """Joint law of `level` (0 … N − 2) and the next higher one."""
        return adjacent_pair(self.solution, level, (self.laws[level], self.laws[level + 1]))

    def sample(self, count: int, *, rng: int | np.random.SeedSequence | np.random.Generator) -> Array:
        """Draw independent configurations, shape (count, N), ascending in each row."""
        return sample_gas(self.solution, count, rng=np.random.default_rng(rng))


def ordered_gas(levels: Sequence[GasLevel], *, tolerance: float = 1e-10) -> CoulombGas:
    """Solve the ordered gas with β = 1 exactly, up to quadrature errors that are estimated.

    The Vandermonde determinant in Lagrange polynomials at the medians of the levels is expanded by columns; the ordered
    integrals of all 2^N minors are built level by level from the left and from the right (de Bruijn, J. Indian Math.
    Soc. 19 (1955) 133, expands the whole integral in the same minors). Work grows like N 2^N, memory like 2^N. All
    panels are halved until nothing changes.

    Parameters
    ----------
    levels : sequence of GasLevel
        Ascending in x, at most 16.
    tolerance : float
        For `error_estimate`.

    Raises
    ------
    MethodError
        More than 16 levels, or more memory needed than the machine has.
    ModelError
        No room for ordered levels.
    ConvergenceError
        The tolerance was not reached.
    """
    n = len(levels)
    if n > MAX_LEVELS:
        msg = (
            f"the exact gas with beta = 1 takes up to {MAX_LEVELS} levels (work and memory double with each), not {n}; "
            "what remains: particles run to stationarity"
        )
        raise MethodError(msg)
    scan = scan_gas(levels)
    panels, centres, before, error = gas_mesh(levels, scan), scan.centres, None, np.inf
    for _ in range(_REFINEMENTS):
        setup = gas_setup(levels, panels, scan.windows, centres)
        _check_memory(setup)
        solution = subset_gas(setup)
        picture = _Picture(solution.log_total, _laws(levels, solution))
        error = picture.distance(before) if before is not None else np.inf
        if error <= tolerance:
            return CoulombGas(solution, picture.laws, error)
        centres = np.array([law.median for law in picture.laws])
        panels, before = panels.halved(), picture
        # The minors of the coarse panels must not be kept beside those of the fine ones.
        del solution
    msg = "the exact gas did not settle under refinement of its panels"
    raise ConvergenceError(msg, iterations=_REFINEMENTS, residual=error, tolerance=tolerance)


@dataclass(frozen=True)
class _Picture:
    """What is compared between two refinements."""

    log_total: float
    laws: tuple[LevelLaw, ...]

    def distance(self, other: _Picture) -> float:
        """Largest relative change."""
        changes = [abs(self.log_total - other.log_total) / max(1.0, abs(self.log_total))]
        for law, old in zip(self.laws, other.laws, strict=True):
            changes.append(float(np.max(np.abs(law.cdf(old.panels.upper) - old.cdf(old.panels.upper)))))
            if not (law.power_law or old.power_law):
                changes += [abs(law.mean - old.mean) / law.std, abs(law.std - old.std) / law.std]
        return max(changes)


def _laws(levels: Sequence[GasLevel], solution: SubsetGas) -> tuple[LevelLaw, ...]:
    """Marginal of every level."""
    laws = []
    for i, level in enumerate(levels):
        low, high = level.walls
        laws.append(LevelLaw(solution.setup.window(i), solution.density[i], (low == -np.inf, high == np.inf)))
    return tuple(laws)


def _check_memory(setup: GasSetup) -> None:
    """MethodError if the minors of both directions do not fit into the machine."""
    panels = setup.windows[:, 1] - setup.windows[:, 0]
    both = [comb(setup.n, i + 1) + comb(setup.n, setup.n - i) for i in range(setup.n)]
    need = 8 * POINTS * int(np.dot(panels, both))
    memory = usable_memory()
    if need > memory:
        msg = (
            f"the exact gas of {setup.n} levels needs {need / 2**30:.1f} GiB for its minors, but {memory / 2**30:.1f} GiB are "
            "available (80 % of the memory); what remains: fewer levels, or particles run to stationarity"
        )
        raise MethodError(msg)
