"""The sections [initial], [grid], [evolve], [spectrum] and [stationary]."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, Tag

from fpsolve.cases.schema_base import Count, Numbers, NumbersPositive, Positive, Section, Text, by_shape

__all__ = ["Evolve", "Grid", "Initial", "Spectrum", "Stationary", "TimeSeries"]


class GaussianStart(Section):
    """Independent Gaussian levels (ordered, and cut at the walls)."""

    kind: Literal["gaussian"] = Field(description='"gaussian": a normal density.')
    mean: Numbers = Field(description="Mean [x], one number or one per level, ascending.")
    std: NumbersPositive = Field(description="Standard deviation [x], one number or one per level.")


class PointStart(Section):
    """Every level starts at one place."""

    kind: Literal["point"] = Field(description='"point": a sharp start.')
    at: Numbers = Field(description="Starting place [x], one number or one per level, ascending.")


class MarchenkoPasturStart(Section):
    """Eigenvalues of WᵀW for a random rows×N matrix: the exact Laguerre law behind Marchenko–Pastur."""

    kind: Literal["marchenko_pastur"] = Field(description='"marchenko_pastur": a matrix W of independent normals.')
    rows: Count = Field(description="Rows M of W, M ≥ levels.")
    variance: Positive = Field(description="Variance of every entry of W.")


class PairStart(Section):
    """Two degenerate levels with the surmise law |x_1 − x_2| exp(−Σ(x_i − mean)²/(2 std²))."""

    kind: Literal["pair"] = Field(description='"pair": two levels that repel.')
    mean: float = Field(description="Common centre [x].")
    std: Positive = Field(description="The parameter σ [x] of the law.")


class StationaryStart(Section):
    """Start from the model's own stationary law."""

    kind: Literal["stationary"] = Field(description='"stationary": the stationary law of the model.')


class SamplesStart(Section):
    """Start from the histogram of levels in a file."""

    kind: Literal["samples"] = Field(description='"samples": levels from a file.')
    path: Text = Field(description="A .npy, .csv or .h5 file of levels, relative to the case file.")


Initial = Annotated[
    GaussianStart | PointStart | MarchenkoPasturStart | PairStart | StationaryStart | SamplesStart,
    Field(discriminator="kind"),
]


class Grid(Section):
    """Cells in x. Everything has a default that follows from the model; `fpsolve check` prints it."""

    cells: Annotated[int, Field(ge=4, le=10_000_000)] | None = Field(
        None, description="Number of cells. Default: enough for the narrowest of the initial and the final law."
    )
    domain: tuple[float, float] | None = Field(
        None,
        description="Range [lower, upper] in x inside the walls; mass beyond it is reported. Default: the range that "
        "holds the initial and the final law.",
    )
    grading: Literal["uniform", "sqrt"] | None = Field(
        None,
        description='"uniform" in x, or in "sqrt" of the distance to the lower wall, for laws like a power of x there. '
        "Default: what the model needs.",
    )


class TimeSeries(Section):
    """Times spaced by a rule."""

    kind: Literal["geometric", "linear"] = Field(description="Equal ratios or equal differences.")
    first: Positive = Field(description="First time.")
    last: Positive = Field(description="Last time, after the first.")
    n: int = Field(description="Number of times.", ge=2, le=100_000)


class Evolve(Section):
    """P(x, t): solve the Fokker–Planck equation."""

    method: (
        Literal[
            "scharfetter_gummel", "legendre", "chamber", "log_gas", "markov_log_gas", "particles", "gaussian_matrix"
        ]
        | None
    ) = Field(None, description="Method. Default: the first in the table of methods that takes the model.")
    times: Annotated[
        Annotated[TimeSeries, Tag("rule")] | Annotated[tuple[Positive, ...], Field(min_length=1), Tag("list")],
        by_shape("rule", "list"),
    ] = Field(description="Output times, strictly increasing and > 0, as a list or as a rule {kind, first, last, n}.")
    rtol: Annotated[float, Field(ge=1e-12, le=0.1)] | None = Field(
        None,
        description="Time-integration error allowed (L1 norm of the density, which integrates to 1). "
        'Default: 1e-8, for method "log_gas" 0.02.',
    )
    modes: Count | None = Field(None, description='Legendre modes (method "legendre"). Default: chosen by the method.')
    trajectories: Count | None = Field(None, description='Number of trajectories (method "particles"). Default: 20000.')
    step: Positive | None = Field(
        None, description='Largest time step (methods "log_gas", "markov_log_gas", "particles"). Default: from rtol.'
    )
    richardson: bool = Field(
        False,
        description='Solve on a second grid too and extrapolate: order 2 becomes 4 (methods "scharfetter_gummel", "chamber", '
        '"log_gas").',
    )


class Spectrum(Section):
    """Bound states of the Fokker–Planck Hamiltonian; relaxation rates are 2 E_n."""

    method: Literal["legendre", "bidiagonal", "findiff", "chamber", "one_step"] | None = Field(
        None,
        description="Method. Default: the first in the table of methods that takes the model. "
        '"one_step": half the relaxation rates of the chain of single updates at finite α, for one level of an rbm with '
        "derived noise.",
    )
    states: int = Field(6, description="Number of states, E_0 included.", ge=1, le=10_000)
    vectors: bool = Field(True, description="Also compute the wavefunctions.")
    modes: Count | None = Field(None, description='Legendre modes (method "legendre"). Default: chosen by the method.')
    points: Count | None = Field(
        None, description='Grid points (methods "bidiagonal", "findiff", "one_step"). Default: [grid].'
    )
    order: Literal[2, 4, 6, 8] | None = Field(
        None, description='Order of the stencil (method "findiff"). Default: chosen by the method.'
    )


class Stationary(Section):
    """The law the levels settle into."""

    method: Literal["exact", "operator", "gaussian_matrix", "second_order", "one_step"] = Field(
        "exact",
        description='"exact": e^{−Φ} integrated; "operator": null vector of the discrete generator (one level). Laws of the '
        'training itself at finite α: "gaussian_matrix", of an rbm with derived noise (near its fixed point) or a '
        'teacher_student, any number of levels; "second_order", of such an rbm one order further in α/B, 2 to 20 levels; "one_step", the chain of single updates of an rbm with derived noise '
        "(one level).",
    )
