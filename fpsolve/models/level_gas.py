"""The level gas: N ordered levels with confinement Φ_i(x), diffusion D_i(x) > 0 and repulsion ∏|x_i − x_j|^β."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from fpsolve.errors import ModelError
from fpsolve.grids.axis import Grading
from fpsolve.models.schedule import Schedule

__all__ = ["Boundary", "LevelGas", "OneBody"]

Array = NDArray[np.float64]
Boundary = Literal["reflecting", "absorbing", "periodic"]


class OneBody(Protocol):
    """What one level feels apart from the repulsion of the others. Every method is vectorised over x.

    The stationary weight of a lone level is e^{−Φ(x)}. With the Itô drift b and the diffusion D of the stochastic
    equation dx = b dt + √(2D) dB these are tied by Φ' = (D' − b)/D, so for constant D = g² the confinement is V/g².
    The methods may be called anywhere strictly inside `walls`; at a wall they may be infinite.
    """

    @property
    def walls(self) -> tuple[float, float]:
        """Ends of the range of x; ±inf where there is no wall."""
        ...

    @property
    def anchors(self) -> tuple[tuple[float, float], ...]:
        """Where stationary mass sits: pairs (centre, standard deviation), the deepest well first.

        Used only to choose a default domain and resolution; estimates are enough.
        """
        ...

    @property
    def grading(self) -> Grading:
        """The coordinate in which the law is regular at the lower wall."""
        ...

    def diffusion(self, x: Array) -> Array:
        """D(x) > 0 [x²/time]."""
        ...

    def diffusion_slope(self, x: Array) -> Array:
        """D'(x)."""
        ...

    def confinement(self, x: Array) -> Array:
        """Φ(x) up to a constant; e^{−Φ} is the stationary density of a lone level, not normalised."""
        ...

    def confinement_slope(self, x: Array) -> Array:
        """Φ'(x) = (D' − b)/D."""
        ...

    def confinement_curvature(self, x: Array) -> Array:
        """Φ''(x), used in the potential U of the Fokker–Planck Hamiltonian."""
        ...

    def drift(self, x: Array) -> Array:
        """One-body Itô drift b(x) = D' − D Φ'."""
        ...

    def with_noise(self, factor: float) -> OneBody:
        """Return the same level with learning rate / batch size (hence D) multiplied by `factor`; the loss is unchanged."""
        ...


@dataclass(frozen=True)
class LevelGas:
    """N ordered levels x_1 < … < x_N with P_s ∝ ∏|x_i − x_j|^β ∏ e^{−Φ_i(x_i)}.

    Attributes
    ----------
    kind : str
        The case-file name of the model ("rbm", "dyson", …).
    levels : tuple of OneBody
        Ascending in x: `levels[0]` belongs to the lowest level.
    beta : float
        Dyson index β ≥ 0 (1 for real weight matrices).
    boundary : tuple of {"reflecting", "absorbing", "periodic"}
        At the lower and the upper wall; "periodic" stands at both or at neither.
    schedule : Schedule or None
        Learning rate and batch size as functions of time; None means constant.
    labels : dict
        What the model was made from, for titles and provenance (numbers, strings and lists of them).

    Raises
    ------
    ModelError
        If there is no level, β < 0, or only one side is periodic.
    """

    kind: str
    levels: tuple[OneBody, ...]
    beta: float = 1.0
    boundary: tuple[Boundary, Boundary] = ("reflecting", "reflecting")
    schedule: Schedule | None = None
    labels: dict[str, object] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not self.levels:
            msg = "a level gas needs at least one level"
            raise ModelError(msg)
        if not (np.isfinite(self.beta) and self.beta >= 0.0):
            msg = f"the Dyson index beta must be finite and not negative, not {self.beta:g}"
            raise ModelError(msg)
        if (self.boundary[0] == "periodic") != (self.boundary[1] == "periodic"):
            msg = f"a periodic boundary stands on both sides or on neither, not {list(self.boundary)}"
            raise ModelError(msg)

    @property
    def n(self) -> int:
        """Number of levels N."""
        return len(self.levels)

    @property
    def walls(self) -> tuple[float, float]:
        """The tightest walls of all levels."""
        return max(body.walls[0] for body in self.levels), min(body.walls[1] for body in self.levels)

    @property
    def fastest_rate(self) -> float:
        """Largest relaxation rate D/std² of a lone level in its deepest well, the noise as it stands in `levels`."""
        rates = []
        for body in self.levels:
            centre, width = body.anchors[0]
            rates.append(float(body.diffusion(np.array([centre]))[0]) / width**2)
        return max(rates)

    @property
    def noises(self) -> list[LevelGas]:
        """The gas with every noise that the schedule passes at its breakpoints, held constant; without one the gas itself."""
        return [self] if self.schedule is None else [self.at(time) for time in self.schedule.breakpoints]

    def stops(self, end: float) -> list[float]:
        """Breakpoints of the schedule between time 0 and `end`, where a march in time has to stop."""
        return [] if self.schedule is None else [time for time in self.schedule.breakpoints if 0.0 < time < end]

    def at(self, time: float) -> LevelGas:
        """Return the gas with the noise that the schedule gives at `time`, held constant."""
        if self.schedule is None:
            return self
        factor = self.schedule.noise_factor(time)
        return replace(self, levels=tuple(body.with_noise(factor) for body in self.levels), schedule=None)
