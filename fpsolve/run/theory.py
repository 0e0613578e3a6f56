"""Targets and widths of the levels of a case in closed form."""

from __future__ import annotations

import numpy as np

from fpsolve.cases.case import Case
from fpsolve.cases.resolve import kappas
from fpsolve.cases.schema_model import Dyson, Rbm
from fpsolve.cases.schema_noise import ConstantNoise
from fpsolve.validate import LevelTheory

__all__ = ["level_theory"]


def level_theory(case: Case) -> LevelTheory | None:
    """Theory of every level by itself: of an rbm and of dyson; None of other models and of noise that changes in time.

    For an rbm with derived noise σ_i is that of the training that the noise stands for; for constant noise
    σ_i² = g_i²/Ω_i, with Ω_i = (μ² − κ_i)/κ_i² for an rbm.
    """
    model = case.model
    if not isinstance(model, Rbm | Dyson) or model.schedule is not None:
        return None
    if isinstance(model, Dyson):
        target, stiffness = (np.broadcast_to(value, model.levels) for value in (model.centre, model.stiffness))
        return LevelTheory(np.array(target, dtype=np.float64), np.sqrt(np.asarray(model.noise.g2) / stiffness))
    kappa = np.array(kappas(model), dtype=np.float64)
    target = model.mu2 - kappa
    if isinstance(model.noise, ConstantNoise):
        return LevelTheory(target, np.sqrt(np.asarray(model.noise.g2) * kappa**2 / target))
    from fpsolve.exact.rbm_gaussian import GaussianRbm

    noise = model.noise
    if noise.learning_rate is None or noise.batch_size is None:
        return None
    training = GaussianRbm(
        kappa=tuple(kappa.tolist()),
        mu2=model.mu2,
        learning_rate=noise.learning_rate,
        batch_size=noise.batch_size,
        sweeps=noise.sweeps or 1,
        data=noise.data or "batch",
    )
    return LevelTheory.of_rbm(training)
