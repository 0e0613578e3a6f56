"""Relaxation of the discrete chain of training, in the form of a spectrum."""

from __future__ import annotations

import numpy as np

from fpsolve.models.level_gas import LevelGas
from fpsolve.results import Spectrum
from fpsolve.solvers.one_step import one_step

__all__ = ["one_step_bound_states"]


def one_step_bound_states(model: LevelGas, *, states: int = 6, points: int | None = None) -> Spectrum:
    """Rates −ln|λ_n|/(2α) of the transition operator of one update, as energies E_n of half a rate.

    They take the place of the relaxation rates 2E_n of the Fokker–Planck equation, in the same clock t = Σ 2α, and tend
    to them as α → 0. The operator acts on the level together with its chains and is not symmetric: there is no potential U
    and no wavefunction beside these energies.

    Parameters
    ----------
    model : LevelGas
        One level of an rbm with derived noise; its learning rate, batch size, sweeps and data term are the training.
    states : int
        How many, E_0 = 0 included. There are fewer in the result where fewer could be told from spurious ones: where
        single updates are large, fast modes cannot be resolved, and the chain forgets them within a few updates.
    points : int, optional
        Nodes of x; 48 unless given.

    Returns
    -------
    Spectrum
        `residuals` are the largest relative differences of the rates of three operators; `x`, `psi` and `potential` are
        empty and `ground_state_error` is nan.

    Raises
    ------
    MethodError, ModelError, GridError, ConvergenceError
        See `one_step`.
    """
    found = one_step(model, states=states) if points is None else one_step(model, states=states, points=points)
    # λ = 1 comes out as 1 up to rounding.
    rates = np.concatenate([[0.0], found.rates[1:]])
    scale = np.where(rates > 0.0, rates, 1.0)
    return Spectrum(
        method="one_step",
        energies=0.5 * rates,
        residuals=found.rates_error / scale,
        x=np.zeros(0),
        psi=np.zeros((rates.size, 0)),
        potential=np.zeros(0),
        ground_state_error=float("nan"),
        unknowns=found.unknowns,
        seconds=found.seconds,
    )
