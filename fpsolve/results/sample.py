"""Levels of trained models."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

__all__ = ["Sample"]

Array = NDArray[np.float64]


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
    alignment : ndarray, shape (replica, step, level), or None
        a_i = |P_g(i) u_i|², how much of the eigenvector u_i of level i, W Wᵀ u_i = x_i u_i with |u_i| = 1 in the space of
        the visible units, lies in the target's eigenspace that this level tends to; P_g(i) projects on the whole
        eigenspace of κ_i, degenerate partners included, with the κ in descending order as the levels ascend. 1 is
        aligned, dim P_g(i)/N_v the mean of a random direction. Of levels that are equal to rounding the vectors, and so
        the single a_i, are arbitrary. None where unknown.
    """

    levels: Array
    steps: NDArray[np.int64]
    times: Array
    label: str
    seconds: float = 0.0
    seed: int | None = None
    spawn_key: NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, dtype=np.int64))
    correlated: bool = False
    alignment: Array | None = None

    def at(self, records: NDArray[np.int64] | NDArray[np.bool_]) -> Sample:
        """The same sample at some of its records, chosen by index or by a mask of shape (step,)."""
        return replace(
            self,
            levels=self.levels[:, records],
            steps=self.steps[records],
            times=self.times[records],
            alignment=None if self.alignment is None else self.alignment[:, records],
        )

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
