"""Which training a level gas with derived noise stands for."""

from __future__ import annotations

import math
from typing import Any

from fpsolve.errors import MethodError, ModelError
from fpsolve.exact.rbm_gaussian import GaussianRbm
from fpsolve.models.level_gas import LevelGas
from fpsolve.models.rbm_pcd import PcdLevel

__all__ = ["derived_noise_objection", "trained_rbm"]


def derived_noise_objection(model: LevelGas) -> str | None:
    """Why the model is not the level gas of an RBM with derived noise and β = 1, or None."""
    if not all(isinstance(level, PcdLevel) for level in model.levels):
        return 'it takes an rbm with derived noise (noise = "pcd"): only that says which training is meant'
    if model.n > 1 and model.beta != 1.0:
        return f"it takes beta = 1, as real weights have, the model has {model.beta:g}"
    return None


def trained_rbm(model: LevelGas) -> GaussianRbm:
    """Settings of the training behind an `rbm` model with derived noise: α and B separately, k, and the data term.

    The level gas itself knows α/B only; α is what its labels say.

    Raises
    ------
    MethodError
        Another model.
    ModelError
        The noise changes with time, or it was changed since the labels were written.
    """
    objection = derived_noise_objection(model)
    if objection is not None:
        raise MethodError(objection)
    if model.schedule is not None:
        msg = "the noise changes with time; make the model with the learning rate and batch size that are meant"
        raise ModelError(msg)
    labels: dict[str, Any] = model.labels
    theory = GaussianRbm(
        kappa=tuple(float(value) for value in labels["kappa"]),
        mu2=float(labels["mu2"]),
        learning_rate=float(labels["learning_rate"]),
        batch_size=float(labels["batch_size"]),
        sweeps=int(labels["sweeps"]),
        data=str(labels["data"]),
    )
    ratio = theory.learning_rate / theory.batch_size
    for level in model.levels:
        if not (isinstance(level, PcdLevel) and math.isclose(level.ratio, ratio, rel_tol=1e-12)):
            msg = "the noise was scaled after the model was made; make it with the learning rate and batch size that are meant"
            raise ModelError(msg)
    return theory
