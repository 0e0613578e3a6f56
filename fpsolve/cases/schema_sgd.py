"""The sections [sgd] and [validate]: training, and holding predictions against it."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from fpsolve.cases.schema_base import Count, Data, NumbersPositive, Positive, Section, Text

__all__ = ["AVAILABLE_SGD", "FileSgd", "MatrixLangevinSgd", "RbmSgd", "Sgd", "Validate"]

AVAILABLE_SGD = ("rbm", "matrix_langevin", "file")

Step = Annotated[int, Field(ge=0, le=10**15)]
StatisticName = Literal[
    "ks", "cramervonmises", "wasserstein", "total_variation", "moments", "surmise", "semicircle", "binder", "spacing"
]
ThresholdName = Literal[
    "ks",
    "ks_p",
    "cramervonmises",
    "cramervonmises_p",
    "wasserstein",
    "total_variation",
    "moments",
    "surmise",
    "surmise_p",
    "semicircle",
    "semicircle_p",
    "binder",
    "binder_p",
    "spacing",
    "spacing_p",
]


class RbmSgd(Section):
    """Train an ensemble of Gaussian RBMs by persistent contrastive divergence, W ← W + α (C_data − C_chain) W."""

    kind: Literal["rbm"] = Field(description='"rbm": persistent contrastive divergence.')
    learning_rate: Positive | None = Field(
        None, description="Learning rate α. Default: that of model.noise, or the first value of the schedule."
    )
    batch_size: Count | None = Field(
        None, description="Mini-batch size B, also the number of persistent chains. Default: that of model.noise."
    )
    sweeps: Count | None = Field(
        None, description="Gibbs sweeps k of every chain between two updates. Default: that of model.noise, then 1."
    )
    data: Data | None = Field(
        None,
        description='"batch": fresh samples of the target at every update; "exact": the target covariance itself. '
        'Default: that of model.noise, then "batch".',
    )
    steps: Count = Field(description="Number of updates.")
    replicas: Count = Field(256, description="Number of independent trainings.")
    record_at: Annotated[tuple[Step, ...], Field(min_length=1)] | None = Field(
        None, description="Updates after which the levels are recorded, strictly increasing. Default: the last one."
    )
    init: Literal["aligned", "gaussian"] = Field(
        "aligned",
        description='"aligned": W = V_target diag(√x) with x drawn from [initial], or x_s without one; '
        '"gaussian": independent normals of variance `variance`. Chains start stationary at the first W.',
    )
    variance: Positive | None = Field(
        None, description='Variance of the entries of the first W (init = "gaussian"). Default: 0.01.'
    )
    hidden: Count | None = Field(None, description="Hidden units N_h. Default: as many as visible units.")
    kappa: NumbersPositive | None = Field(
        None, description="κ of the target that is trained on, one per visible unit, descending. Default: the model's."
    )
    mu2: Positive | None = Field(None, description="μ² of the machine that is trained. Default: the model's.")


class MatrixLangevinSgd(Section):
    """Follow an ensemble of matrices behind a laguerre model, dW = −λ W dt + √(2T) dB on every entry, t = Σ α.

    The continuous form of SGD with weight decay and additive noise; every update is exact in law, however long.
    """

    kind: Literal["matrix_langevin"] = Field(
        description='"matrix_langevin": weight decay and additive noise on the M×N matrix of a laguerre model.'
    )
    learning_rate: Positive = Field(description="Time α of an update.")
    steps: Count = Field(description="Number of updates.")
    replicas: Count = Field(256, description="Number of independent matrices.")
    record_at: Annotated[tuple[Step, ...], Field(min_length=1)] | None = Field(
        None, description="Updates after which the levels are recorded, strictly increasing. Default: the last one."
    )
    init: Literal["aligned", "gaussian"] = Field(
        "aligned",
        description='"aligned": W = diag(√x) with x drawn from [initial], or W = 0 without one; "gaussian": independent '
        "normals of variance `variance`.",
    )
    variance: Positive | None = Field(
        None, description='Variance of the entries of the first W (init = "gaussian"). Default: 0.01.'
    )
    rows: Count | None = Field(None, description="Rows M of W, M ≥ the model's levels. Default: the model's.")
    weight_decay: Positive | None = Field(None, description="Weight decay λ [1/time]. Default: the model's.")
    temperature: Positive | None = Field(None, description="Temperature T [x/time]. Default: the model's.")


class FileSgd(Section):
    """Levels of your own training: levels(replica, step, level) in a file."""

    kind: Literal["file"] = Field(description='"file": levels that you bring.')
    path: Text = Field(description="A .npy, .csv or .h5 file of levels, relative to the case file.")
    steps: Annotated[tuple[Step, ...], Field(min_length=1)] | None = Field(
        None, description="Updates after which the records were taken, strictly increasing. Default: 0, 1, 2, …"
    )
    learning_rate: Positive | None = Field(
        None,
        description="Learning rate α of your training; it turns updates into time. Default: that of model.noise.",
    )
    batch_size: Count | None = Field(None, description="Mini-batch size B of your training; fills model.noise.")
    sweeps: Count | None = Field(None, description="Gibbs sweeps k of your training; fills model.noise.")
    data: Data | None = Field(None, description="Data term of your training; fills model.noise.")


Sgd = Annotated[RbmSgd | MatrixLangevinSgd | FileSgd, Field(discriminator="kind")]


class Validate(Section):
    """Compare predictions with the levels of [sgd] and judge.

    Statistics are dimensionless. The value of each is the worst over groups of levels and times.
    """

    against: Annotated[tuple[Literal["stationary", "evolve"], ...], Field(min_length=1)] = Field(
        ("stationary",),
        description='"stationary": the last record against the stationary law; "evolve": every record against P(x, t) '
        "at its own time.",
    )
    statistics: Annotated[tuple[StatisticName, ...], Field(min_length=1)] = Field(
        ("ks", "wasserstein"),
        description='What is computed: "ks", "cramervonmises", "wasserstein" (divided by the prediction\'s standard '
        'deviation), "total_variation", "moments", and for degenerate pairs "surmise", "semicircle", "binder" (universal laws) and '
        '"spacing" (the law of x_{i+1} − x_i that is predicted, nothing scaled).',
    )
    fail_if: dict[ThresholdName, Positive] = Field(
        default_factory=dict,
        description="Thresholds: the prediction is rejected (exit code 3) where a value is ≥ its threshold, or a "
        "p-value (ks_p, cramervonmises_p, surmise_p, semicircle_p, binder_p, spacing_p) is ≤ it.",
    )
