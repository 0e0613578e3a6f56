"""The sections [sgd] and [validate]: training, and holding predictions against it."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from fpsolve.cases.schema_base import (
    Count,
    Data,
    NonNegative,
    NumbersNonNegative,
    NumbersPositive,
    Positive,
    Section,
    Text,
)

__all__ = ["FileSgd", "LinearNetworkSgd", "MatrixLangevinSgd", "RbmSgd", "Sgd", "TeacherStudentSgd", "Validate"]

Step = Annotated[int, Field(ge=0, le=10**15)]
Variance = Annotated[
    Positive | None, Field(description='Variance of the entries of the first W (init = "gaussian"). Default: 0.01.')
]
Records = Annotated[
    Annotated[tuple[Step, ...], Field(min_length=1)] | None,
    Field(description="Updates after which the levels are recorded, strictly increasing. Default: the last one."),
]
StatisticName = Literal[
    "ks",
    "cramervonmises",
    "wasserstein",
    "total_variation",
    "moments",
    "variance",
    "ratio",
    "surmise",
    "semicircle",
    "binder",
    "spacing",
    "surmise_predicted",
    "mean_spacing",
    "width",
    "tail",
    "exponential",
    "alternatives",
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
    "variance",
    "variance_p",
    "ratio",
    "ratio_p",
    "surmise_predicted",
    "surmise_predicted_p",
    "mean_spacing",
    "mean_spacing_p",
    "width",
    "width_p",
    "tail",
    "tail_p",
    "exponential",
    "alternatives",
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
    record_at: Records = None
    init: Literal["aligned", "gaussian"] = Field(
        "aligned",
        description='"aligned": W = V_target diag(√x) with x drawn from [initial], or x_s without one; '
        '"gaussian": independent normals of variance `variance`. Chains start stationary at the first W.',
    )
    variance: Variance = None
    hidden: Count | None = Field(None, description="Hidden units N_h. Default: as many as visible units.")
    kappa: NumbersPositive | None = Field(
        None, description="κ of the target that is trained on, one per visible unit, descending. Default: the model's."
    )
    mu2: Positive | None = Field(None, description="μ² of the machine that is trained. Default: the model's.")


class MatrixLangevinSgd(Section):
    """Follow the matrices behind a laguerre model, dW = −λ(W − W_*) dt + √(2(T + D_1‖W‖²)) dB on every entry, t = Σ α.

    The continuous form of SGD with weight decay and noise. Without multiplicative noise every update is exact in law,
    however long; with it the error is of second order in α.
    """

    kind: Literal["matrix_langevin"] = Field(
        description='"matrix_langevin": weight decay and noise on the M×N matrix of a laguerre model.'
    )
    learning_rate: Positive = Field(description="Time α of an update.")
    steps: Count = Field(description="Number of updates.")
    replicas: Count = Field(256, description="Number of independent matrices.")
    record_at: Records = None
    init: Literal["aligned", "gaussian"] = Field(
        "aligned",
        description='"aligned": W = diag(√x) with x drawn from [initial], or W = 0 without one; "gaussian": independent '
        "normals of variance `variance`.",
    )
    variance: Variance = None
    rows: Count | None = Field(None, description="Rows M of W, M ≥ the model's levels. Default: the model's.")
    weight_decay: Positive | None = Field(None, description="Weight decay λ [1/time]. Default: the model's.")
    temperature: Positive | None = Field(None, description="Temperature T [x/time]. Default: the model's.")
    multiplicative: NonNegative | None = Field(
        None,
        description="Strength D_1 [1/time] of the multiplicative noise; any number of levels. Default: the model's.",
    )
    target: NumbersNonNegative | None = Field(
        None,
        description="Levels of W_* (squared singular values) [x], one number or one per level, ascending. The model has "
        "W_* = 0: its law is then not that of the training. Default: 0.",
    )


class _Student(Section):
    """What the trainings of linear students have in common."""

    learning_rate: Positive | None = Field(
        None, description="Learning rate α. Default: that of model.noise, or the first value of the schedule."
    )
    batch_size: Count | None = Field(None, description="Mini-batch size B. Default: that of model.noise.")
    gradient_noise: NonNegative | None = Field(
        None,
        description="ε, standard deviation of the symmetric noise that every sample adds to the gradient (√2 ε on the "
        "diagonal). Default: that of model.noise, then 0.",
    )
    label_noise: NonNegative | None = Field(
        None, description="σ_e, standard deviation of the noise on every label. Default: that of model.noise, then 0."
    )
    data: Literal["batch", "exact", "fixed"] | None = Field(
        None,
        description='Inputs N(0, 1): "batch", B fresh ones at every update; "exact", ⟨xxᵀ⟩ = 1 itself; "fixed", one data set '
        "for all replicas, whose batches are used in turn (the replicas are then not independent). Default: that of "
        'model.noise, then "batch".',
    )
    samples: Count | None = Field(
        None, description='Size of the fixed data set, a multiple of B (data = "fixed"). Default: 500 B.'
    )
    steps: Count = Field(description="Number of updates.")
    replicas: Count = Field(256, description="Number of independent trainings.")
    record_at: Records = None
    init: Literal["aligned", "gaussian"] = Field(
        "aligned",
        description='"aligned": W = diag(ξ) in the basis of the teacher, with the levels drawn from [initial], or the '
        'teacher itself without one; "gaussian": independent normals of variance `variance`.',
    )
    variance: Variance = None
    teacher: NumbersNonNegative | None = Field(
        None, description="Levels ξ_t of the teacher that is trained on, ascending. Default: the model's."
    )
    second_layer: NumbersPositive | None = Field(
        None, description="Eigenvalues z_i of ZᵀZ in the training, one or one per level. Default: the model's."
    )


class TeacherStudentSgd(_Student):
    """Train an ensemble of linear students, W ← W − (α/B) Σ_b [ZᵀZ(W − W_t)x xᵀ − σ_e Zᵀη xᵀ + a], t = Σ α."""

    kind: Literal["teacher_student"] = Field(description='"teacher_student": linear students of a linear teacher.')
    observable: Literal["singular", "symmetric", "squared"] | None = Field(
        None, description="What is recorded of W, as in [model]. Default: the model's."
    )


class LinearNetworkSgd(_Student):
    """Train the hidden layer W of an ensemble of networks y = ZWx with a fixed read-out Z; t = Σ α.

    The same training; what is recorded are the squared singular values of W.
    """

    kind: Literal["linear_network"] = Field(description='"linear_network": networks with one hidden layer.')


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


Sgd = Annotated[
    RbmSgd | MatrixLangevinSgd | TeacherStudentSgd | LinearNetworkSgd | FileSgd, Field(discriminator="kind")
]


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
        'deviation), "total_variation", "moments", "variance" (relative deviation), "ratio" (mean over target, against the same '
        'of the prediction), and for degenerate pairs "surmise", "semicircle", "binder" (universal laws), "spacing" (the law of '
        'x_{i+1} − x_i that is predicted, nothing scaled), "surmise_predicted" (the surmise with the σ of a pair without '
        'neighbours), "mean_spacing" and "width" (relative deviations of ⟨S⟩ and of σ of the semicircle fit); "tail" (exponent of a '
        'power-law tail by Hill\'s estimator, relative to the predicted one). Of a teacher_student model: "exponential" (rate '
        'fitted to the mean training curves, relative to the predicted one) and "alternatives" (total variation of other '
        "laws of a degenerate pair: two-species gas, ordered gas, fitted semicircle).",
    )
    fit_from: NonNegative | None = Field(
        None, description='First time of the fits of "exponential". Default: 0, all records.'
    )
    groups: Literal["multiplets", "levels"] = Field(
        "multiplets",
        description='What one histogram holds: "multiplets", levels with equal parameters together, which keeps sorting out of '
        'the comparison; "levels", every level by itself, in order. What is about pairs stays so.',
    )
    fail_if: dict[ThresholdName, Positive] = Field(
        default_factory=dict,
        description="Thresholds: the prediction is rejected (exit code 3) where a value is ≥ its threshold, or a "
        "p-value (ks_p, cramervonmises_p, variance_p, ratio_p, tail_p, and those of what is about pairs) is ≤ it.",
    )
