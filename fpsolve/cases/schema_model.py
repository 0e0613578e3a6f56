"""The [model] section: seven kinds of level gas."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, Tag

from fpsolve.cases.schema_base import (
    Boundary,
    Count,
    NonNegative,
    Numbers,
    NumbersPositive,
    Positive,
    Section,
    Text,
    by_shape,
)
from fpsolve.cases.schema_noise import ConstantNoise, LatticeTarget, Noise, Schedule, StudentNoise

__all__ = ["Dyson", "Geometric", "Jacobi", "Laguerre", "Model", "Potential", "Rbm", "TeacherStudent"]

Levels = Annotated[int, Field(ge=1, le=1000)]


class _Gas(Section):
    """Keys that every model takes."""

    beta: NonNegative = Field(
        1.0, description="Dyson index β of the repulsion ∏|x_i − x_j|^β; 1 for real weight matrices."
    )
    schedule: Schedule | None = Field(
        None, description="Learning rate and batch size as functions of time. Default: constant."
    )


class Rbm(_Gas):
    """Squared singular values of the weights of a Gaussian restricted Boltzmann machine under SGD.

    Drift K(x) = (1/κ − 1/(μ² − x)) x on [0, μ²), fixed point x_s = μ² − κ, time t = Σ 2α over the updates.
    """

    kind: Literal["rbm"] = Field(description='"rbm": Gaussian restricted Boltzmann machine.')
    mu2: Positive = Field(description="μ², the coupling of the visible units; levels live on [0, μ²).")
    kappa: NumbersPositive | None = Field(
        None,
        description="Eigenvalues κ < μ² of the inverse target covariance, descending (the levels x = μ² − κ ascend; "
        "ties allowed). Either this or `target`.",
    )
    target: LatticeTarget | None = Field(None, description="A target that gives κ. Either this or `kappa`.")
    noise: Noise = Field(description="The noise of the updates.")


class Dyson(_Gas):
    """Dyson Brownian motion with restoring force −stiffness (x − centre): Ornstein–Uhlenbeck levels."""

    kind: Literal["dyson"] = Field(description='"dyson": levels with a linear restoring force.')
    levels: Levels = Field(1, description="Number of levels N.")
    stiffness: NumbersPositive = Field(description="Restoring rate Ω [1/time], one number or one per level.")
    centre: Numbers = Field(0.0, description="Centre of the force [x], one number or one per level, ascending.")
    noise: ConstantNoise = Field(description='The noise; kind "constant".')


class Laguerre(_Gas):
    """Eigenvalues of WᵀW for an M×N matrix W with dW = −λ W dt + √(2(T + D_1‖W‖²)) dB on every entry.

    D_1 = 0: the Laguerre gas. D_1 > 0: one level, with the power-law tail P(X > x) ~ x^{−b}, b = 1 + λ/(2D_1) − βM/2.
    """

    kind: Literal["laguerre"] = Field(description='"laguerre": weight decay and noise on a rectangular W.')
    rows: Count = Field(description="Rows M of W, M ≥ levels.")
    levels: Levels = Field(1, description="Columns of W, which is the number of levels N.")
    weight_decay: Positive = Field(description="Weight decay λ [1/time].")
    temperature: Positive = Field(description="Temperature T [x/time]: for SGD T = α v/(2B), v the gradient variance.")
    multiplicative: NonNegative = Field(
        0.0,
        description="Strength D_1 [1/time] of the noise that grows with the weights, D = T + D_1‖W‖² for every entry; one "
        "level only, D_1 < λ/(βM − 2).",
    )


class Geometric(_Gas):
    """Multiplicative noise: dx = (k_0 + a x − k_2 x²) dt + √(2c) x dB, with a power-law tail where k_2 = 0."""

    kind: Literal["geometric"] = Field(description='"geometric": diffusion D = c x² on x > 0.')
    levels: Levels = Field(1, description="Number of levels N.")
    source: Positive = Field(description="Source k_0 [x/time]; without it there is no stationary law.")
    growth: float = Field(0.0, description="Growth rate a [1/time]; a < c is needed where saturation = 0.")
    saturation: NonNegative = Field(0.0, description="Saturation k_2 [1/(x time)].")
    strength: Positive = Field(description="Strength c of the noise, D = c x² [1/time].")


class Jacobi(_Gas):
    """Levels on [0, 1] with D = c x(1 − x) and stationary weight x^p (1 − x)^q."""

    kind: Literal["jacobi"] = Field(description='"jacobi": levels between two walls at 0 and 1.')
    levels: Levels = Field(1, description="Number of levels N.")
    p: float = Field(description="Exponent of the weight at 0.", gt=-1)
    q: float = Field(description="Exponent of the weight at 1.", gt=-1)
    strength: Positive = Field(description="Strength c of the noise, D = c x(1 − x) [1/time].")


class Potential(_Gas):
    """Any smooth confining potential: dx = −V'(x) dt + √(2 g²) dB."""

    kind: Literal["potential"] = Field(description='"potential": a potential V(x) that you write down.')
    levels: Levels = Field(1, description="Number of levels N.")
    V: Annotated[
        Annotated[Text, Tag("text")] | Annotated[tuple[Text, ...], Field(min_length=1), Tag("list")],
        by_shape("text", "list"),
    ] = Field(
        description="V(x) as text, one or one per level: x, numbers, pi, e, + − * / **, and the functions sin, cos, "
        "tan, exp, log, sqrt, sinh, cosh, tanh, atan. V' and V'' are found symbolically; nothing is executed."
    )
    domain: tuple[float, float] = Field(description="The walls [lower, upper] in x.")
    boundary: Annotated[
        Annotated[Literal["reflecting", "absorbing", "periodic"], Tag("word")]
        | Annotated[tuple[Boundary, Boundary], Tag("list")],
        by_shape("word", "list"),
    ] = Field(
        "reflecting",
        description='What happens at the walls: "reflecting" or "absorbing" for both or as [lower, upper], '
        'or "periodic".',
    )
    noise: ConstantNoise = Field(description='The noise; kind "constant".')


class TeacherStudent(Section):
    """Levels of a linear student W that learns a teacher W_t through a fixed second layer Z, loss ½⟨|Z(W − W_t)x|²⟩.

    Drift −z(ξ − ξ_t) and diffusion αε²/B + zασ_e²/(2B) of a level ξ of W, time t = Σ α; β = 1.
    """

    kind: Literal["teacher_student"] = Field(
        description='"teacher_student": a linear student, or the hidden layer of a linear network.'
    )
    teacher: NumbersPositive = Field(
        description="Levels ξ_t of the teacher W_t = diag(ξ_t), one per level, ascending; equal ones are degenerate."
    )
    second_layer: NumbersPositive = Field(
        1.0, description="Eigenvalues z_i of ZᵀZ, one number or one per level, in the basis of the teacher."
    )
    observable: Literal["singular", "symmetric", "squared"] = Field(
        "singular",
        description='What a level is: "singular", a singular value of W; "symmetric", an eigenvalue of (W + Wᵀ)/2; "squared", '
        "a squared singular value. [initial] is in the same levels.",
    )
    noise: StudentNoise = Field(
        default_factory=StudentNoise, description="The noise of the updates. Default: everything from [sgd]."
    )
    schedule: Schedule | None = Field(
        None, description="Learning rate and batch size as functions of time. Default: constant."
    )

    @property
    def beta(self) -> float:
        """Dyson index of real weights."""
        return 1.0


Model = Annotated[Rbm | Dyson | Laguerre | Geometric | Jacobi | Potential | TeacherStudent, Field(discriminator="kind")]
