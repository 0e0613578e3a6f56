"""Free scalar field on a ring: the spectrum that a scalar-field RBM learns."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from fpsolve.models.checks import count, positive

__all__ = ["LatticeScalar", "lattice_scalar_1d"]


@dataclass(frozen=True)
class LatticeScalar:
    """Target covariance kernel K = m² + lattice Laplacian on a ring of `sites` points (lattice units).

    Attributes
    ----------
    sites : int
        Number of lattice points N_v.
    mass2 : float
        Squared mass m² > 0.
    """

    sites: int
    mass2: float

    @property
    def kappa(self) -> tuple[float, ...]:
        """Eigenvalues κ_q = m² + 2 − 2 cos(2πq/N_v), descending, as the levels μ² − κ ascend.

        The momenta q and N_v − q give one number twice, equal to the last bit; q = 0 and, for even N_v, q = N_v/2
        stand alone.
        """
        momenta = [q for q in range(self.sites // 2, -1, -1) for _ in range(1 if q in (0, self.sites - q) else 2)]
        return tuple(float(self.mass2 + 2.0 - 2.0 * np.cos(2.0 * np.pi * q / self.sites)) for q in momenta)


def lattice_scalar_1d(sites: int, *, mass2: float) -> LatticeScalar:
    """Free scalar field on a periodic chain (arXiv:2309.15002, arXiv:2407.16427).

    Raises
    ------
    ModelError
        `sites` is not a whole number >= 1, or `mass2` is not positive.
    """
    return LatticeScalar(sites=count("sites", sites), mass2=positive("mass2", mass2))
