"""Two equal levels by cosines in the coordinate of constant noise: spectral accuracy for symmetric, smooth laws."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from fpsolve.models.level_gas import LevelGas
from fpsolve.operators.unit_noise import UnitNoise

__all__ = ["CosinePair"]

Array = NDArray[np.float64]

_POWER_STEPS = 40
_MARGIN = 1.15


@dataclass(frozen=True)
class CosinePair:
    """P(x_1, x_2, t) = |x_1 − x_2|^β w(u_1) w(u_2) Q(u_1, u_2, t) in u, with u = ∫dx/√D and Q symmetric.

    For equal potentials P_s/|x_1 − x_2|^β and all that evolves from it are smooth symmetric functions on the whole square, so
    nothing happens to Q on the diagonal. With w the power that the law of a lone level has at a wall, Q and the weight
    Ψ = Φ_u + ln w are even there, and J_i = ∂_i Q + Ψ' Q is odd: cosines and sines in u converge exponentially
    (at a wall with D ~ distance they are Chebyshev polynomials in x). With them

        ∂_t Q = Σ_i [∂_i + (ln w)'(u_i)] J_i + β (x_1' J_1 − x_2' J_2)/(x_1 − x_2),

    and on the diagonal the quotient is (∂_1 − ∂_2)(x_1' J_1)/x_1'. An end of the interval away from any wall, or at a wall
    where the law is neither 0 nor a power, has zero flux too, but there the convergence is exponential only if the law
    has died out.

    Attributes
    ----------
    model : LevelGas
        Two levels of which only the first is looked at.
    interval : tuple of float
        Ends in x.
    points : int
        Points per level, midpoints of equal cells in u; as many cosines.
    """

    model: LevelGas
    interval: tuple[float, float]
    points: int

    @cached_property
    def noise(self) -> UnitNoise:
        """The coordinate u."""
        return UnitNoise(self.model.levels[0], self.interval)

    @cached_property
    def length(self) -> float:
        """Length of the interval in u."""
        low, high = self.noise.ends
        return high - low

    @cached_property
    def u(self) -> Array:
        """Distance of the points from the lower end in u, shape (point,)."""
        return np.asarray((np.arange(self.points) + 0.5) * (self.length / self.points), dtype=np.float64)

    @cached_property
    def x(self) -> Array:
        """The points in x."""
        return self.noise.to_x(self.noise.ends[0] + self.u)

    @cached_property
    def slope(self) -> Array:
        """Return dx/du = √D at the points."""
        return np.asarray(np.sqrt(self.model.levels[0].diffusion(self.x)), dtype=np.float64)

    @cached_property
    def _even(self) -> Array:
        """Derivative of functions that are even at both ends, shape (point, point)."""
        angle = np.outer(np.arange(self.points) + 0.5, np.arange(self.points)) * (np.pi / self.points)
        wave = np.arange(self.points) * (np.pi / self.length)
        return np.asarray(-(np.sin(angle) * wave) @ self._modes)

    @cached_property
    def _odd(self) -> Array:
        """Derivative of functions that are odd at both ends, shape (point, point)."""
        angle = np.outer(np.arange(self.points) + 0.5, np.arange(1, self.points + 1)) * (np.pi / self.points)
        wave = np.arange(1, self.points + 1) * (np.pi / self.length)
        modes = np.sin(angle).T * (2.0 / self.points)
        modes[-1] *= 0.5
        return np.asarray((np.cos(angle) * wave) @ modes)

    @cached_property
    def _modes(self) -> Array:
        """Cosine coefficients from values, shape (mode, point)."""
        angle = np.outer(np.arange(self.points), np.arange(self.points) + 0.5) * (np.pi / self.points)
        modes = np.cos(angle) * (2.0 / self.points)
        modes[0] *= 0.5
        return np.asarray(modes)

    @cached_property
    def _wall_pull(self) -> Array:
        """Slope of ln w at the points."""
        low, high = self.noise.poles
        half = 0.5 * np.pi / self.length
        return np.asarray(half * (low / np.tan(half * self.u) - high * np.tan(half * self.u)))

    @cached_property
    def _pull(self) -> Array:
        """Slope Ψ' = Φ_u' + (ln w)' at the points."""
        return np.asarray(-self.noise.force(self.x) + self._wall_pull)

    def log_wall_weight(self, u: Array) -> Array:
        """Logarithm of w, A ln sin(πu/2ℓ) + B ln cos(πu/2ℓ) at distances u from the lower end, ℓ the length.

        A and B are the powers that the law of a lone level has at the walls; each factor is even at the other end.
        """
        low, high = self.noise.poles
        half = 0.5 * np.pi / self.length
        total = np.zeros_like(u)
        if low:
            total = total + low * np.log(np.sin(half * u))
        if high:
            total = total + high * np.log(np.sin(half * (self.length - u)))
        return np.asarray(total)

    @cached_property
    def _repulsion(self) -> Array:
        """Quotients β/(x_1 − x_2) off the diagonal, 0 on it, shape (point, point)."""
        gap = self.x[:, None] - self.x[None, :]
        np.fill_diagonal(gap, np.inf)
        return np.asarray(self.model.beta / gap)

    def apply(self, q: Array) -> Array:
        """Time derivative of Q from Q at the points, shape (point, point)."""
        flux = self._even @ q + self._pull[:, None] * q
        inward = self._odd @ flux
        out = inward + self._wall_pull[:, None] * flux if any(self.noise.poles) else inward
        out = out + out.T
        if self.model.beta > 0.0:
            pushed = self.slope[:, None] * flux
            out += self._repulsion * (pushed - pushed.T)
            # (∂_1 − ∂_2)(x_1' J_1)/x_1' = (∂_1 − ∂_2) J_1 + (x''/x') J_1, primes for d/du
            bend = self._bend * np.diagonal(flux)
            across = np.einsum("ij,ij->i", flux, self._even)
            diagonal = np.diagonal(inward) + bend - across
            out[np.diag_indices(self.points)] += self.model.beta * diagonal
        return out

    @cached_property
    def _bend(self) -> Array:
        """(d²x/du²)/(dx/du) = D'/(2√D) at the points."""
        return np.asarray(0.5 * self.model.levels[0].diffusion_slope(self.x) / self.slope)

    @cached_property
    def radius(self) -> float:
        """Largest modulus of an eigenvalue, by the power method, with a margin of 15 %."""
        vector = np.random.default_rng(0).standard_normal((self.points, self.points))
        vector += vector.T
        size = 0.0
        for _ in range(_POWER_STEPS):
            vector = self.apply(vector / np.linalg.norm(vector))
            size = float(np.linalg.norm(vector))
        return _MARGIN * size

    @cached_property
    def measure(self) -> Array:
        """What Q is summed with to give the mass, shape (point, point); on the diagonal that of a neighbour."""
        gap = np.abs(self.x[:, None] - self.x[None, :])
        step = self.length / self.points
        np.fill_diagonal(gap, 0.5 * self.slope * step)
        wall = np.exp(self.log_wall_weight(self.u))
        return np.asarray(0.5 * step**2 * gap**self.model.beta * np.outer(wall, wall))

    def term(self, scale: float, shift: float, weight: float, now: Array, total: Array, before: Array) -> None:
        """One term of a three-term recursion: before ← scale·A·now + shift·now − before; total += weight·before."""
        before[:] = scale * self.apply(now) + shift * now - before
        total += weight * before

    def norm(self, q: Array) -> float:
        """L1 norm of the law, by the midpoint rule."""
        return float((self.measure * np.abs(q)).sum())

    def interpolation(self, u: Array) -> Array:
        """Matrix from values at the points to values at distances u from the lower end, shape (len(u), point)."""
        angle = np.outer(u, np.arange(self.points)) * (np.pi / self.length)
        return np.asarray(np.cos(angle) @ self._modes)

    def stationary(self) -> Array:
        """Q = e^{−Ψ} of the stationary law, up to a factor that does not depend on the points."""
        body = self.model.levels[0]
        lowest = body.confinement(np.array([body.anchors[0][0]]))
        log = lowest - body.confinement(self.x) + np.log(self.slope) - self.log_wall_weight(self.u)
        return np.exp(log[:, None] + log[None, :])
