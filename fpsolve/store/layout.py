"""The layout of a result file: every group and variable, with type, unit and meaning.

This one table drives writing, reading and the page of the manual that describes the file. Units are products of two
symbols: `x`, the unit of the levels, and `t`, the unit of Fokker–Planck time; "1" is a pure number, "s" a second of
wall time.
"""

from __future__ import annotations

from fpsolve.results import Evolution, Sample, Spectrum, Stationary
from fpsolve.store.layout_types import Attribute, Group, Variable

__all__ = [
    "HISTOGRAM",
    "PAIRS",
    "RECORDS",
    "ROOT_ATTRIBUTES",
    "SCHEMA",
    "SWEEP_KIND",
    "TABLES",
    "Record",
]

SCHEMA = 1
"""Version of the layout; a file with a larger number was written by a newer fpsolve."""

Record = type[Evolution] | type[Spectrum] | type[Stationary] | type[Sample]


def _index(name: str, long_name: str) -> Variable:
    return Variable(name, (name,), "int64", "1", long_name)


_LEVEL = _index("level", "index of the level, ascending in x, from 0")
_CELL = _index("cell", "index of the cell, ascending in x, from 0")
_EDGE = _index("edge", "index of the cell edge, ascending in x, from 0")
_PAIR = _index("pair", "index i of the pair of adjacent levels i and i + 1, from 0")
_X = Variable("x", ("level", "cell"), "float64", "x", "cell midpoint", "x")
_EDGES = Variable("edges", ("level", "edge"), "float64", "x", "cell edge", "edges")
_SECONDS = Variable("seconds", (), "float64", "s", "wall time of the computation, compilation left out", "seconds")
_DENSITY = "density of x, cell average of the level's marginal"

_EVOLUTION = Group(
    "evolution",
    "P(x, t) at the times asked for, one marginal per level.",
    (
        Variable("t", ("t",), "float64", "t", "Fokker-Planck time", "times"),
        _LEVEL,
        _CELL,
        _EDGE,
        _X,
        _EDGES,
        Variable(
            "density", ("t", "level", "cell"), "float64", "1/x", f"{_DENSITY}; integral over x = mass(t)", "density"
        ),
        Variable("mass", ("t",), "float64", "1", "total probability (survival probability at absorbing walls)", "mass"),
        Variable("minimum", ("t",), "float64", "1/x", "smallest density of any cell", "minimum"),
        Variable("mean", ("t", "level"), "float64", "x", "mean of the level, of the survivors", "mean"),
        Variable("std", ("t", "level"), "float64", "x", "standard deviation of the level, of the survivors", "std"),
        _index("wall", "the wall: 0 lower, 1 upper"),
        Variable(
            "first_passage",
            ("t", "wall"),
            "float64",
            "1/t",
            "first-passage density: probability per time that leaves through the wall",
            "first_passage",
            optional=True,
        ),
        Variable(
            "absorbed",
            ("t", "wall"),
            "float64",
            "1",
            "probability that has left through the wall so far; with mass it adds up to 1",
            "absorbed",
            optional=True,
        ),
        Variable(
            "initial_density",
            ("level", "cell"),
            "float64",
            "1/x",
            f"{_DENSITY} at t = 0; integral over x = 1",
            "initial_density",
            optional=True,
        ),
        Variable(
            "grid_error",
            ("t",),
            "float64",
            "1",
            "estimated L1 error of the density by the width of the cells",
            "grid_error",
            optional=True,
        ),
        Variable("beyond", (), "float64", "1", "mass of the starting law outside the domain, put back", "beyond"),
        Variable(
            "density_error",
            ("t", "level", "cell"),
            "float64",
            "1/x",
            "statistical standard error of density",
            "density_error",
            optional=True,
        ),
        Variable("mean_error", ("t", "level"), "float64", "x", "standard error of mean", "mean_error", optional=True),
        Variable("std_error", ("t", "level"), "float64", "x", "standard error of std", "std_error", optional=True),
        _PAIR,
        Variable(
            "correlation",
            ("t", "pair"),
            "float64",
            "1",
            "correlation coefficient of the levels i and i + 1",
            "correlation",
            optional=True,
        ),
        Variable(
            "correlation_error",
            ("t", "pair"),
            "float64",
            "1",
            "standard error of correlation",
            "correlation_error",
            optional=True,
        ),
        _index("lower_cell", "index of the cell of level i, from 0"),
        _index("upper_cell", "index of the cell of level i + 1, from 0"),
        Variable(
            "pair_density",
            ("t", "pair", "lower_cell", "upper_cell"),
            "float64",
            "1/x^2",
            "joint density of the levels i and i + 1 over the ordered part of the cell; integral = mass",
            "pair_density",
            optional=True,
        ),
        Variable(
            "exchanges", (), "int64", "1", "trajectories put back in order after a step", "exchanges", optional=True
        ),
        Variable("unknowns", (), "int64", "1", "size of the linear problem that was advanced", "unknowns"),
        Variable("steps", (), "int64", "1", "time steps taken", "steps"),
        Variable(
            "error_estimate",
            (),
            "float64",
            "1",
            "accepted local time-integration errors, L1 norm, summed over the steps",
            "error_estimate",
        ),
        _SECONDS,
    ),
    (Attribute("method", "evolution method"),),
)

_SPECTRUM = Group(
    "spectrum",
    "Bound states of the Fokker-Planck Hamiltonian H = L†L/2; relaxation rates are 2 E_n.",
    (
        _index("state", "quantum number n, from 0"),
        _index("point", "index of the point where wavefunctions are tabulated, from 0"),
        Variable("energy", ("state",), "float64", "1/t", "energy E_n of the bound state, rate 2 E_n", "energies"),
        Variable(
            "residual", ("state",), "float64", "1", "norm of H psi - E psi over max(E, next spacing)", "residuals"
        ),
        Variable("x", ("point",), "float64", "x", "where psi and potential are tabulated", "x"),
        Variable("psi", ("state", "point"), "float64", "x^(-1/2)", "wavefunction, integral of psi^2 over x = 1", "psi"),
        Variable("potential", ("point",), "float64", "1/t", "potential U(x) of the Hamiltonian", "potential"),
        Variable("ground_state_error", (), "float64", "1", "L2 distance of psi_0 and sqrt(P_s)", "ground_state_error"),
        Variable("unknowns", (), "int64", "1", "modes or points used", "unknowns"),
        _SECONDS,
        _index("well", "index of the Kramers estimate, from 0"),
        Variable(
            "kramers",
            ("well",),
            "float64",
            "1/t",
            "Kramers escape energy (half the escape rate), ascending",
            "kramers",
            optional=True,
        ),
    ),
    (Attribute("method", "bound-state method"),),
)

_STATIONARY = Group(
    "stationary",
    "The stationary law, one marginal per level.",
    (
        _LEVEL,
        _CELL,
        _EDGE,
        _X,
        _EDGES,
        Variable("density", ("level", "cell"), "float64", "1/x", f"{_DENSITY}; integral over x = 1", "density"),
        Variable("mean", ("level",), "float64", "x", "mean of the level", "mean"),
        Variable("std", ("level",), "float64", "x", "standard deviation of the level", "std"),
        Variable(
            "log_partition_function",
            (),
            "float64",
            "1",
            "logarithm of the partition function over ordered levels; nan if not computed",
            "log_partition_function",
        ),
        Variable(
            "error_estimate",
            (),
            "float64",
            "1",
            "change of ln Z, means, stds and distribution functions under the last refinement; nan if not known",
            "error_estimate",
        ),
        _index("total_edge", "index of the cell edge of the pooled density, from 0"),
        _index("total_cell", "index of the cell of the pooled density, from 0"),
        Variable(
            "total_edges",
            ("total_edge",),
            "float64",
            "x",
            "cell edge of the pooled density",
            "total_edges",
            optional=True,
        ),
        Variable(
            "total_density",
            ("total_cell",),
            "float64",
            "1/x",
            "density of all levels pooled, cell average; integral over x = 1",
            "total_density",
            optional=True,
        ),
        Variable(
            "tail",
            (),
            "float64",
            "1",
            "exponent b of the highest level's power-law tail, P(X > x) ~ x^(-b)",
            "tail",
            optional=True,
        ),
        _SECONDS,
    ),
    (Attribute("method", "stationary method"),),
)


def _pairs(name: str, meaning: str, *, times: tuple[str, ...]) -> Group:
    """Joint laws of adjacent levels; `times` is ("t",) or empty."""
    scales = (Variable("t", ("t",), "float64", "t", "Fokker-Planck time", "times"),) if times else ()
    variables = (
        _PAIR,
        _index("side", "0: the lower level, 1: the upper level"),
        _EDGE,
        _index("lower_cell", "index of the cell of level i, from 0"),
        _index("upper_cell", "index of the cell of level i + 1, from 0"),
        _index("spacing_edge", "index of the cell edge of the spacing, from 0"),
        _index("spacing_cell", "index of the cell of the spacing, from 0"),
        Variable("edges", ("pair", "side", "edge"), "float64", "x", "cell edge of the two levels", "edges"),
        Variable(
            "density",
            (*times, "pair", "lower_cell", "upper_cell"),
            "float64",
            "1/x^2",
            "joint density of the levels i and i + 1, cell average; integral = 1",
            "density",
        ),
        Variable(
            "spacing_edges", ("pair", "spacing_edge"), "float64", "x", "cell edge of x_(i+1) - x_i", "spacing_edges"
        ),
        Variable(
            "spacing_density",
            (*times, "pair", "spacing_cell"),
            "float64",
            "1/x",
            "density of x_(i+1) - x_i, cell average; integral = 1",
            "spacing_density",
        ),
        Variable("correlation", (*times, "pair"), "float64", "1", "correlation coefficient", "correlation"),
    )
    return Group(name, meaning, (*scales, *variables), ())


PAIRS: dict[str, Group] = {
    "evolution": _pairs("pairs/evolution", "Joint laws of adjacent levels at the times asked for.", times=("t",)),
    "stationary": _pairs("pairs/stationary", "Joint stationary laws of adjacent levels.", times=()),
}
"""Joint laws of adjacent levels, by the field of the result that they belong to."""

_SGD = Group(
    "sgd",
    "Levels of an ensemble of trained models.",
    (
        _index("replica", "index of the independent run, from 0"),
        Variable("step", ("step",), "int64", "1", "number of updates after which the record was taken", "steps"),
        _LEVEL,
        Variable(
            "levels",
            ("replica", "step", "level"),
            "float64",
            "x",
            "squared singular values of W, ascending along level",
            "levels",
        ),
        Variable("time", ("step",), "float64", "t", "Fokker-Planck time of the record; nan if unknown", "times"),
        _index("key", "index into the spawn key, from 0"),
        Variable(
            "spawn_key",
            ("key",),
            "int64",
            "1",
            "spawn key of the ensemble's seed sequence; replica r uses spawn_key + (r,)",
            "spawn_key",
        ),
        Variable("correlated", (), "int8", "1", "1 if the replicas are not independent runs", "correlated"),
        Variable(
            "alignment",
            ("replica", "step", "level"),
            "float64",
            "1",
            "squared projection of the level's eigenvector on the eigenspace of its kappa in the target; 1 = aligned",
            "alignment",
            optional=True,
        ),
        _SECONDS,
    ),
    (
        Attribute("label", "where the levels come from"),
        Attribute("seed", "entropy of the seed sequence in decimal digits; empty if unknown"),
    ),
)

RECORDS: tuple[tuple[str, Record, Group], ...] = (
    ("evolution", Evolution, _EVOLUTION),
    ("spectrum", Spectrum, _SPECTRUM),
    ("stationary", Stationary, _STATIONARY),
    ("sample", Sample, _SGD),
)
"""Field of the result, its record, its group."""

_CASE = Group(
    "case",
    "The case that was run.",
    (
        Variable("text", (), "text", "1", "the case file as it was read", "case_text"),
        Variable("resolved", (), "text", "1", "the case with every default filled in, JSON", "resolved"),
        _index("override", "index of the override, in the order given, from 0"),
        Variable("overrides", ("override",), "text", "1", "overrides of the command line as typed", "overrides"),
        _index("task", "index of the section asked for, from 0"),
        Variable("tasks", ("task",), "text", "1", "sections asked for; all if there is none", "tasks", optional=True),
        Variable("file", (), "text", "1", "absolute path of the case file, or empty", "case_file", optional=True),
    ),
)

_PROVENANCE = Group(
    "provenance",
    "Who made the file, with what.",
    (
        Variable("package", ("package",), "text", "1", "name of the package", "packages"),
        Variable("version", ("package",), "text", "1", "version of the package", "package_versions"),
        Variable("command", (), "text", "1", "the command line, or python", "command"),
        Variable("platform", (), "text", "1", "operating system and machine type", "platform"),
        Variable("git", (), "text", "1", "commit of the working folder, empty outside a repository", "git"),
    ),
)

_VALIDATION = Group(
    "validation",
    "The sample against the prediction; thresholds, p-values, and the expectations of the case.",
    (
        Variable("statistic", ("statistic",), "text", "1", "name of the statistic", "name", optional=True),
        Variable(
            "value",
            ("statistic",),
            "float64",
            "1",
            "worst value over groups of levels and times, dimensionless",
            "value",
            optional=True,
        ),
        Variable(
            "threshold",
            ("statistic",),
            "float64",
            "1",
            "value that rejects the prediction; nan if only reported",
            "threshold",
            optional=True,
        ),
        Variable(
            "p_value",
            ("statistic",),
            "float64",
            "1",
            "smallest p-value over groups and times; nan if there is none",
            "p_value",
            optional=True,
        ),
        Variable(
            "p_threshold",
            ("statistic",),
            "float64",
            "1",
            "p-value that rejects the prediction; nan if only reported",
            "p_threshold",
            optional=True,
        ),
        Variable(
            "n_effective",
            ("statistic",),
            "float64",
            "1",
            "independent samples behind the worst value",
            "n_effective",
            optional=True,
        ),
        Variable(
            "passed", ("statistic",), "int8", "1", "0 if the threshold was reached, else 1", "passed", optional=True
        ),
        Variable(
            "details",
            ("statistic",),
            "text",
            "1",
            "one entry per group of levels and time, JSON",
            "details",
            optional=True,
        ),
        Variable("expectations", (), "text", "1", "entries of [expect] with what was found, JSON", "expectations"),
    ),
)

SWEEP_KIND = "sweep"
"""Attribute `kind` of the index of a sweep; every other word is a kind of model."""

_POINTS = Group(
    "sweep",
    "In the index of a sweep (its attribute kind is sweep): one entry per point. The file of a point is a result file.",
    (
        _index("point", "index of the point, in the order of the case, from 0"),
        Variable("status", ("point",), "text", "1", "pending, complete, rejected or failed", "status"),
        Variable("seconds", ("point",), "float64", "s", "wall time of the point; nan while pending", "seconds"),
        Variable("attempts", ("point",), "int64", "1", "how often the point was begun", "attempts"),
        Variable("seed", ("point",), "int64", "1", "seed of the point", "seed"),
        Variable("file", ("point",), "text", "1", "result file, relative to the index; empty if there is none", "file"),
        Variable("message", ("point",), "text", "1", "why the point failed or was rejected, or empty", "message"),
        Variable("axis", ("axis",), "text", "1", "dotted key of the case that varies", "axis"),
        Variable(
            "axis_value",
            ("point", "axis"),
            "float64",
            "1",
            "value of the key at the point, in its own units; nan if it is not a number, or not given there",
            "axis_value",
        ),
        Variable(
            "axis_text", ("point", "axis"), "text", "1", "value of the key, JSON; empty if not given", "axis_text"
        ),
        Variable("scalar", ("scalar",), "text", "1", "dotted path of a number in the object of --json", "scalar"),
        Variable("value", ("point", "scalar"), "float64", "1", "the number at the point; nan if it has none", "value"),
        Variable("axes", (), "text", "1", "keys that vary and their values in the order of the case, JSON", "axes"),
        Variable("case_file", (), "text", "1", "absolute path of the case file", "case_file"),
        Variable("mode", (), "text", "1", "grid, zip or list", "mode"),
    ),
)

TABLES: dict[str, Group] = {group.name: group for group in (_CASE, _PROVENANCE, _VALIDATION, _POINTS)}
"""Groups that hold parts of the result other than the four records."""

HISTOGRAM = Group(
    "validation/histogram_NN",
    "One histogram of levels against its prediction, numbered from 00.",
    (
        _index("bin", "index of the bin, ascending in x, from 0"),
        _index("edge", "index of the bin edge, ascending in x, from 0"),
        _index("member", "index into the pooled levels, from 0"),
        Variable("edges", ("edge",), "float64", "x", "bin edge", "edges"),
        Variable("counts", ("bin",), "int64", "1", "levels found in the bin", "counts"),
        Variable("expected", ("bin",), "float64", "1", "n times the bin's integral of the prediction", "expected"),
        Variable("levels", ("member",), "int64", "1", "levels pooled in the histogram, from 0", "levels"),
        Variable("time", (), "float64", "t", "Fokker-Planck time of the record", "time", optional=True),
        Variable("step", (), "int64", "1", "updates before the record", "step", optional=True),
        Variable(
            "n_effective", (), "float64", "1", "independent values behind the histogram", "n_effective", optional=True
        ),
        Variable("other", (), "text", "1", "further entries, JSON", "other", optional=True),
    ),
    (
        Attribute("against", "stationary or evolve"),
        Attribute("label", "title of the histogram"),
    ),
)

ROOT_ATTRIBUTES: tuple[Attribute, ...] = (
    Attribute("fpsolve_schema", "version of this layout, integer"),
    Attribute("version", "version of fpsolve that wrote the file"),
    Attribute("created_at", "when the result was made, ISO 8601 with offset"),
    Attribute("status", "running, complete or failed"),
    Attribute("kind", "kind of the model; sweep for the index of a sweep"),
    Attribute("title", "title of the case"),
    Attribute("seed", "seed of the case in decimal digits (it may exceed 64 bits); empty if there is none"),
    Attribute("creation_library", "fpsolve"),
    Attribute("creation_library_version", "the same as version"),
)
