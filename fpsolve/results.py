"""What fpsolve computes, as frozen records: evolutions, spectra, stationary laws, samples, reports.

Conventions shared by all of them. Levels ascend in x. Densities are cell averages, cell mass divided by cell width in
x, one marginal per level; each integrates to the surviving mass (1 where nothing is absorbed). Times are
Fokker–Planck time.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from fpsolve.exact.tabulated import TabulatedLaw

__all__ = [
    "AdjacentPairs",
    "Evolution",
    "Provenance",
    "Report",
    "Result",
    "Sample",
    "Spectrum",
    "Stationary",
    "Statistic",
]

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Evolution:
    """P(x, t) at the times asked for.

    Attributes
    ----------
    method : str
        The evolution method, e.g. "scharfetter_gummel".
    times : ndarray, shape (time,)
        Exactly the times asked for.
    edges : ndarray, shape (level, cell + 1)
        Cell edges in x of every level's marginal.
    density : ndarray, shape (time, level, cell)
        Cell averages of every level's marginal.
    mass : ndarray, shape (time,)
        Total probability; 1 to rounding unless a wall absorbs, then the survival probability.
    minimum : ndarray, shape (time,)
        Smallest density of any cell.
    mean, std : ndarray, shape (time, level)
        Mean and standard deviation of each level (of the survivors where a wall absorbs).
    unknowns : int
        Size of the linear problem that was advanced.
    steps : int
        Time steps taken.
    seconds : float
        Wall time of the solve, compilation left out.
    error_estimate : float
        Largest local time-integration error accepted (L1 norm), summed over the steps.
    first_passage : ndarray, shape (time, 2), or None
        Probability per time that flows out through the lower and the upper wall; None unless a wall absorbs.
    absorbed : ndarray, shape (time, 2), or None
        Probability that has left through the lower and the upper wall so far; with `mass` it adds up to 1.
    initial_density : ndarray or None
        The starting law on the same cells, shape (level, cell), for figures.
    beyond : float
        Mass of the starting law that lay outside the domain (it is put back by normalising, and reported).
    grid_error : ndarray, shape (time,), or None
        Estimated L1 error of the density by the width of the cells; None where the method has no cells.
    density_error, mean_error, std_error : ndarray or None
        Statistical standard errors in the shapes of `density`, `mean` and `std`; None unless trajectories were sampled.
    correlation : ndarray, shape (time, level - 1), or None
        Correlation coefficient of the levels i and i + 1; None where there is one level or the method does not know it.
    exchanges : int or None
        How often trajectories had crossed after a step and were put back in order; None unless there are any.
    pair_density : ndarray, shape (time, level − 1, cell, cell), or None
        Joint density of the levels i and i + 1, averaged over the part of each cell in which they are in order: entry
        [t, i, a, b] for level i in cell a of `edges[i]` and level i + 1 in cell b of `edges[i + 1]`, 0 for a > b; the
        mass is that times both widths, and half of it for a = b. None where the method does not know it.
    """

    method: str
    times: Array
    edges: Array
    density: Array
    mass: Array
    minimum: Array
    mean: Array
    std: Array
    unknowns: int
    steps: int
    seconds: float
    error_estimate: float
    first_passage: Array | None = None
    absorbed: Array | None = None
    initial_density: Array | None = None
    beyond: float = 0.0
    grid_error: Array | None = None
    density_error: Array | None = None
    mean_error: Array | None = None
    std_error: Array | None = None
    correlation: Array | None = None
    exchanges: int | None = None
    pair_density: Array | None = None

    @property
    def x(self) -> Array:
        """Cell midpoints in x, shape (level, cell)."""
        return 0.5 * (self.edges[:, 1:] + self.edges[:, :-1])

    def at(self, indices: NDArray[np.int64]) -> Evolution:
        """The same evolution at some of its output times."""

        def part(values: Array | None) -> Array | None:
            return None if values is None else values[indices]

        return replace(
            self,
            times=self.times[indices],
            density=self.density[indices],
            mass=self.mass[indices],
            minimum=self.minimum[indices],
            mean=self.mean[indices],
            std=self.std[indices],
            first_passage=part(self.first_passage),
            absorbed=part(self.absorbed),
            density_error=part(self.density_error),
            mean_error=part(self.mean_error),
            std_error=part(self.std_error),
            grid_error=part(self.grid_error),
            correlation=part(self.correlation),
            pair_density=part(self.pair_density),
        )

    def law(self, time_index: int, level: int = 0) -> TabulatedLaw:
        """Marginal law of one level at one output time (normalised to 1)."""
        return TabulatedLaw.from_density(self.edges[level], self.density[time_index, level])


@dataclass(frozen=True)
class Spectrum:
    """Lowest bound states of the Fokker–Planck Hamiltonian H = ½ L†L; relaxation rates are 2 E_n.

    Attributes
    ----------
    method : str
        "legendre", "bidiagonal", "findiff" or "chamber".
    energies : ndarray, shape (state,)
        E_n ascending, E_0 ≈ 0 included.
    residuals : ndarray, shape (state,)
        ‖Hψ_n − E_n ψ_n‖ divided by max(E_n, the distance to the next level that can be told apart). The energy error
        is of second order in it (Kato–Temple). Next to a wall where D diverges it is dominated by rounding.
    x : ndarray, shape (point,)
        Where the wavefunctions are tabulated; empty where none were asked for.
    psi : ndarray, shape (state, point)
        Wavefunctions, ∫ψ² dx = 1, sign such that ψ_n is positive next to the upper wall.
    potential : ndarray, shape (point,)
        U(x) = D Φ'²/8 − (D Φ')'/4 at `x`; for constant g² this is V'²/(8g²) − V''/4.
    ground_state_error : float
        L2 distance of ψ_0 and √P_s; nan where a wall absorbs and no stationary law exists.
    unknowns : int
        Modes or points used.
    seconds : float
        Wall time, compilation left out.
    kramers : ndarray, shape (estimate,), or None
        Kramers escape energies (rate/2) of the wells of a `potential` model, ascending; None where it does not apply.
    """

    method: str
    energies: Array
    residuals: Array
    x: Array
    psi: Array
    potential: Array
    ground_state_error: float
    unknowns: int
    seconds: float
    kramers: Array | None = None

    @property
    def rates(self) -> Array:
        """Relaxation rates 2 E_n [1/time]."""
        return 2.0 * self.energies

    def wavefunctions(self, x: Array) -> Array:
        """ψ_n(x) by monotone-free cubic interpolation of the table, shape (state,) + x.shape."""
        from scipy.interpolate import CubicSpline

        return np.asarray(CubicSpline(self.x, self.psi, axis=1, extrapolate=False)(x))


@dataclass(frozen=True)
class AdjacentPairs:
    """Joint laws of the levels i and i + 1, i = 0 … N − 2.

    Attributes
    ----------
    edges : ndarray, shape (pair, 2, cell + 1)
        Cell edges in x of the lower and of the upper level.
    density : ndarray, shape (pair, cell, cell)
        Cell averages of P(x_i, x_{i+1}), axes lower and upper level; 0 where the upper level would lie below.
    spacing_edges : ndarray, shape (pair, cell + 1)
        Cell edges of the spacing x_{i+1} − x_i, from 0.
    spacing_density : ndarray, shape (pair, cell)
        Cell averages of the density of the spacing.
    correlation : ndarray, shape (pair,)
        Correlation coefficient; nan where a standard deviation is infinite.
    """

    edges: Array
    density: Array
    spacing_edges: Array
    spacing_density: Array
    correlation: Array

    def spacing(self, pair: int = 0) -> TabulatedLaw:
        """Law of one spacing."""
        return TabulatedLaw.from_density(self.spacing_edges[pair], self.spacing_density[pair])


@dataclass(frozen=True)
class Stationary:
    """The stationary law, one marginal per level.

    Attributes
    ----------
    method : str
        "exact", "operator", …
    edges : ndarray, shape (level, cell + 1)
        Cell edges in x.
    density : ndarray, shape (level, cell)
        Cell averages, each level's integral is 1.
    mean, std : ndarray, shape (level,)
        Mean and standard deviation of every level.
    log_partition_function : float
        ln ∫ ∏|x_i − x_j|^β ∏ e^{−Φ_i} over the ordered levels, with the model's own Φ (no constant dropped);
        nan where the method does not give it.
    seconds : float
        Wall time, compilation left out.
    error_estimate : float
        Change of ln Z (relative, where it is larger than 1), of means and stds in units of std, and of distribution
        functions under the last refinement; nan where the method does not give it.
    total_edges, total_density : ndarray, shapes (cell + 1,) and (cell,), or None
        Density of all levels pooled, (1/N) Σ_i p_i, its integral is 1; None for one level.
    pairs : AdjacentPairs or None
        Joint laws of adjacent levels; None where the method does not give them.
    """

    method: str
    edges: Array
    density: Array
    mean: Array
    std: Array
    log_partition_function: float
    seconds: float = 0.0
    error_estimate: float = float("nan")
    total_edges: Array | None = None
    total_density: Array | None = None
    pairs: AdjacentPairs | None = None

    @property
    def x(self) -> Array:
        """Cell midpoints in x, shape (level, cell)."""
        return 0.5 * (self.edges[:, 1:] + self.edges[:, :-1])

    def law(self, level: int = 0) -> TabulatedLaw:
        """Marginal law of one level."""
        return TabulatedLaw.from_density(self.edges[level], self.density[level])


@dataclass(frozen=True)
class Sample:
    """Levels of an ensemble of trained models (or brought by the user).

    Attributes
    ----------
    levels : ndarray, shape (replica, step, level)
        Squared singular values of W, ascending along the last axis.
    steps : ndarray of int64, shape (step,)
        Number of updates after which each record was taken.
    times : ndarray, shape (step,)
        Fokker–Planck time of each record; nan where unknown (levels brought by the user without a clock).
    label : str
        Where the levels come from, e.g. "rbm" or a file name.
    seconds : float
        Wall time of the training, compilation left out.
    seed : int or None
        Entropy of the seed sequence; None for levels brought by the user.
    spawn_key : ndarray of int64
        Spawn key of the ensemble; replica r uses spawn_key + (r,).
    correlated : bool
        True if replicas are not independent runs (then no p-value is claimed).
    """

    levels: Array
    steps: NDArray[np.int64]
    times: Array
    label: str
    seconds: float = 0.0
    seed: int | None = None
    spawn_key: NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, dtype=np.int64))
    correlated: bool = False

    @classmethod
    def from_array(
        cls,
        levels: Array,
        steps: Array | list[int] | None = None,
        *,
        times: Array | list[float] | None = None,
        label: str = "array",
        correlated: bool = False,
    ) -> Sample:
        """Wrap levels(replica, step, level), levels(replica, level) or levels(replica) of your own training.

        Parameters
        ----------
        levels : array_like
            1 axis: one level, one record; 2 axes: (replica, level), one record; 3 axes: (replica, step, level).
        steps : sequence of int, optional
            Updates after which the records were taken; 0, 1, … if not given.
        times : sequence of float, optional
            Fokker–Planck times of the records; nan if not given.
        label : str
            Name shown in reports.
        correlated : bool
            True for one long run, whose entries are not independent: then no p-value is claimed.

        Raises
        ------
        SampleError
            Wrong number of axes, non-finite numbers, `steps` or `times` of another length.
        """
        from fpsolve.errors import SampleError

        array = np.asarray(levels, dtype=np.float64)
        if array.ndim == 1:
            array = array[:, None, None]
        elif array.ndim == 2:
            array = array[:, None, :]
        if array.ndim != 3 or array.size == 0:
            msg = f"levels must have axes (replica, step, level), got shape {np.shape(levels)}"
            raise SampleError(msg)
        if not np.all(np.isfinite(array)):
            bad = np.argwhere(~np.isfinite(array))[0].tolist()
            msg = f"levels must be finite; the first bad entry is at (replica, step, level) = {tuple(bad)}"
            raise SampleError(msg)
        records = array.shape[1]
        step_array = np.arange(records) if steps is None else np.asarray(steps)
        time_array = np.full(records, np.nan) if times is None else np.asarray(times, dtype=np.float64)
        for name, given in (("steps", step_array), ("times", time_array)):
            if given.shape != (records,):
                msg = f"{name} has shape {given.shape}, but the levels hold {records} records"
                raise SampleError(msg)
        return cls(
            levels=np.sort(array, axis=2),
            steps=step_array.astype(np.int64),
            times=time_array,
            label=label,
            correlated=correlated,
        )


@dataclass(frozen=True)
class Statistic:
    """One number that compares a sample with a prediction.

    Attributes
    ----------
    name : str
        E.g. "wasserstein".
    value : float
        The worst over groups of levels and times. Dimensionless.
    threshold : float or None
        From `fail_if`: rejected where value ≥ threshold; None if the value is only reported.
    p_value : float or None
        Where the statistic has one: the smallest over groups and times.
    n_effective : float
        Independent samples behind the worst value.
    details : tuple of dict
        One entry per group and time: against, time, levels, value, p_value, n_effective, and what else belongs to it.
    passed : bool
        False if a threshold is reached.
    p_threshold : float or None
        From `fail_if`: rejected where p_value ≤ p_threshold; None if the p-value is only reported.
    """

    name: str
    value: float
    threshold: float | None
    p_value: float | None
    n_effective: float
    details: tuple[dict[str, object], ...]
    passed: bool = True
    p_threshold: float | None = None


@dataclass(frozen=True)
class Report:
    """Verdict of a comparison: every statistic, and whether all thresholds were kept."""

    statistics: tuple[Statistic, ...]
    histograms: tuple[dict[str, object], ...] = ()

    @property
    def passed(self) -> bool:
        """True if no threshold was reached."""
        return all(statistic.passed for statistic in self.statistics)

    def summary(self) -> str:
        """The verdict as text: one line per statistic, each at its worst group and time."""
        rows = [("statistic", "value", "rejected from", "p-value", "rejected to", "n effective", "worst at", "verdict")]
        for statistic in self.statistics:
            worst = max(statistic.details, key=lambda detail: float(str(detail["value"])))
            time = worst.get("time")
            place = f"{worst['against']}" + (f" t={time:.6g}" if isinstance(time, float) else "")
            limits = (statistic.threshold, statistic.p_threshold)
            judged = ("passed" if statistic.passed else "REJECTED") if limits != (None, None) else "reported"
            rows.append(
                (
                    statistic.name,
                    f"{statistic.value:.4g}",
                    "-" if limits[0] is None else f"{limits[0]:g}",
                    "-" if statistic.p_value is None else f"{statistic.p_value:.3g}",
                    "-" if limits[1] is None else f"{limits[1]:g}",
                    f"{statistic.n_effective:.0f}",
                    f"{place} levels {worst['levels']}",
                    judged,
                )
            )
        widths = [max(len(row[k]) for row in rows) for k in range(len(rows[0]))]
        lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
        return "\n".join([f"prediction {'accepted' if self.passed else 'REJECTED'}", *lines])


@dataclass(frozen=True)
class Provenance:
    """Who made a result, with what: enough to make it again.

    Attributes
    ----------
    created_at : str
        ISO 8601 with offset.
    command : str
        The command line, or "python".
    versions : dict
        fpsolve, python, numpy, scipy, numba, h5py.
    platform : str
        Operating system and machine type.
    git : str
        Commit of the working folder, "" outside a repository.
    seed : int or None
    """

    created_at: str
    command: str
    versions: dict[str, str]
    platform: str
    git: str
    seed: int | None


@dataclass(frozen=True)
class Result:
    """Everything one case produced; sections that were not asked for are None.

    Attributes
    ----------
    title : str
    kind : str
        The model's kind.
    case_text : str
        The case file as it was read.
    resolved : str
        The case with every default filled in (JSON).
    overrides : tuple of str
        The ``--set`` options as typed.
    expectations : tuple of dict
        One entry per key of ``[expect]``: key, value, found, tolerance, source, passed.
    """

    title: str
    kind: str
    provenance: Provenance
    case_text: str = ""
    resolved: str = "{}"
    overrides: tuple[str, ...] = ()
    evolution: Evolution | None = None
    spectrum: Spectrum | None = None
    stationary: Stationary | None = None
    sample: Sample | None = None
    report: Report | None = None
    expectations: tuple[dict[str, object], ...] = ()

    @property
    def passed(self) -> bool:
        """True if neither `fail_if` nor ``[expect]`` rejects."""
        return (self.report is None or self.report.passed) and all(bool(entry["passed"]) for entry in self.expectations)
