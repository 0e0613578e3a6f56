"""What theory says of every level by itself: its target and the width of its law."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fpsolve.errors import MethodError
from fpsolve.exact.rbm_gaussian import GaussianRbm

__all__ = ["LevelTheory"]

Array = NDArray[np.float64]

_SAME = 1e-6  # relative difference of degenerate levels; κ of a lattice are equal to rounding


@dataclass(frozen=True)
class LevelTheory:
    """Targets and one-level widths, in closed form: what a scan over α/B is drawn against.

    Attributes
    ----------
    target : ndarray, shape (level,)
        x* of a lone level without noise, ascending, e.g. μ² − κ.
    sigma : ndarray, shape (level,)
        σ_i of the weight e^{−(x − x*)²/(2σ_i²)}: the standard deviation of a lone level, and σ of a degenerate pair,
        ⟨S⟩ = √π σ. It knows nothing of neighbours with other targets.
    alpha_over_batch : float or None
        α/B behind it, where it is that of a training.

    Raises
    ------
    MethodError
        Targets and widths of different lengths, or widths that are not positive.
    """

    target: Array
    sigma: Array
    alpha_over_batch: float | None = None

    def __post_init__(self) -> None:
        if self.target.ndim != 1 or self.target.shape != self.sigma.shape or not np.all(self.sigma > 0.0):
            msg = "a theory of levels needs one target and one positive width per level"
            raise MethodError(msg)

    @classmethod
    def of_rbm(cls, theory: GaussianRbm) -> LevelTheory:
        """σ_i² = (2α/B)(μ² − κ_i)(E_ii + χ_d) with the correction for the finite learning rate."""
        return cls(theory.levels, np.sqrt(theory.finite_step_variance), theory.learning_rate / theory.batch_size)

    def of(self, levels: Sequence[int]) -> LevelTheory:
        """Take the part of some levels."""
        chosen = list(levels)
        return LevelTheory(self.target[chosen], self.sigma[chosen], self.alpha_over_batch)

    @property
    def common_target(self) -> float:
        """Target of all these levels.

        Raises
        ------
        MethodError
            If they have different ones, so that they are no degenerate group.
        """
        return _common(self.target, "targets")

    @property
    def common_sigma(self) -> float:
        """Width of all these levels; raises as `common_target`."""
        return _common(self.sigma, "widths")

    @property
    def unit(self) -> float | None:
        """√((α/B) x*), the unit of ⟨S⟩ and of σ in which both are pure numbers at small α/B; None without α/B."""
        centre = self.common_target
        if self.alpha_over_batch is None or centre <= 0.0:
            return None
        return float(np.sqrt(self.alpha_over_batch * centre))

    def about(self, one_level: float) -> dict[str, object]:
        """Details of a statistic of one group: target, α/B, unit, and the number that a lone group would have."""
        found: dict[str, object] = {"target": self.common_target, "one_level": one_level}
        if self.alpha_over_batch is not None:
            found["alpha_over_batch"] = self.alpha_over_batch
        if self.unit is not None:
            found["unit"] = self.unit
        return found


def _common(values: Array, what: str) -> float:
    if float(np.ptp(values)) > _SAME * float(np.max(np.abs(values))):
        msg = f"levels with different {what}, {', '.join(f'{value:.6g}' for value in values)}, are no degenerate group"
        raise MethodError(msg)
    return float(np.mean(values))
