"""Noise, schedule and target of a model, as they stand in a case file."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from fpsolve.cases.schema_base import Count, Data, NonNegative, NumbersPositive, Positive, Section

__all__ = ["ConstantNoise", "ConstantPcdNoise", "LatticeTarget", "Noise", "PcdNoise", "Schedule", "StudentNoise"]


class ConstantNoise(Section):
    """The same diffusion at every x."""

    kind: Literal["constant"] = Field(description='"constant": D(x) = g2.')
    g2: NumbersPositive = Field(
        description="Diffusion D = g² [x²/time], one number or one per level. For an RBM the time is t = Σ 2α over the "
        "updates, so that g² = (2α/B)(x_s/κ)²(E + χ_d)."
    )


class _Contrastive(Section):
    """Settings of persistent contrastive divergence, from which its noise follows."""

    learning_rate: Positive | None = Field(
        None,
        description="Learning rate α. Default: that of [sgd], or the first value of the schedule.",
    )
    batch_size: Count | None = Field(
        None,
        description="Mini-batch size B, also the number of persistent chains. Default: that of [sgd], or the first "
        "value of the schedule.",
    )
    sweeps: Count | None = Field(
        None, description="Gibbs sweeps k of every chain between two updates. Default: that of [sgd], then 1."
    )
    data: Data | None = Field(
        None,
        description='"batch": the data term comes from B fresh samples (χ_d = 1); "exact": from the target covariance '
        'itself (χ_d = 0). Default: that of [sgd], then "batch".',
    )


class PcdNoise(_Contrastive):
    """The diffusion that persistent contrastive divergence itself makes; nothing is fitted."""

    kind: Literal["pcd"] = Field(
        description='"pcd": D(x) = (2αx²/B)[c²E + χ_d/κ²] of persistent contrastive divergence, with its Itô drift.'
    )
    mixing: bool = Field(
        False,
        description="Several levels: also the mean push through rotating eigenvectors that a gas leaves out. Every "
        "potential is tilted so that the means at rest are those of the trained matrix.",
    )


class ConstantPcdNoise(_Contrastive):
    """That diffusion, held at its value at the fixed point of every level; nothing is fitted."""

    kind: Literal["pcd_constant"] = Field(
        description='"pcd_constant": for every level the number g² = (2α/B)(x_s/κ)²[E + χ_d] that "pcd" has at the '
        "fixed point x_s = μ² − κ, and no Itô drift: the constant noise of the published equation."
    )


Noise = Annotated[ConstantNoise | PcdNoise | ConstantPcdNoise, Field(discriminator="kind")]


class StudentNoise(Section):
    """Settings of the training of a student, from which its noise follows; nothing is fitted."""

    learning_rate: Positive | None = Field(
        None, description="Learning rate α. Default: that of [sgd], or the first value of the schedule."
    )
    batch_size: Count | None = Field(
        None, description="Mini-batch size B. Default: that of [sgd], or the first value of the schedule."
    )
    gradient_noise: NonNegative | None = Field(
        None,
        description="ε: every sample adds a symmetric Gaussian matrix to the gradient, standard deviation ε beside the "
        "diagonal and √2 ε on it. Default: that of [sgd], then 0.",
    )
    label_noise: NonNegative | None = Field(
        None, description="σ_e, standard deviation of the noise on every label. Default: that of [sgd], then 0."
    )
    data: Data | None = Field(
        None,
        description='"batch": B fresh inputs N(0, 1) at every update; "exact": ⟨xxᵀ⟩ = 1 itself. Default: that of [sgd], '
        'then "batch".',
    )


class LatticeTarget(Section):
    """Free scalar field on a ring; κ_q = m² + 2 − 2 cos(2πq/sites) is doubly degenerate except lowest and highest."""

    kind: Literal["lattice_scalar_1d"] = Field(description='"lattice_scalar_1d": a free scalar field on a ring.')
    sites: int = Field(description="Number of lattice sites, which is the number of levels.", ge=1, le=4096)
    mass2: Positive = Field(description="Mass squared m² of the field; the smallest κ.")


class Schedule(Section):
    """Learning rate and batch size as functions of Fokker–Planck time; the noise follows α(t)/B(t)."""

    kind: Literal["piecewise", "linear", "cosine", "exponential"] = Field(
        "piecewise",
        description="How the value moves between two knots: it stays, on a line, on half a cosine, or geometrically.",
    )
    learning_rate: tuple[tuple[float, Positive], ...] = Field(
        (), description="Knots [[time, α], …]; times start at 0 and increase strictly. Empty: constant."
    )
    batch_size: tuple[tuple[float, Positive], ...] = Field(
        (), description="Knots [[time, B], …]; times start at 0 and increase strictly. Empty: constant."
    )
