"""`fail_if`: when a statistic rejects a prediction."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from difflib import get_close_matches

import numpy as np

from fpsolve.errors import MethodError

__all__ = ["Limits", "check_names", "parse_limits"]


@dataclass(frozen=True)
class Limits:
    """Rejected where the value reaches `value`, or the p-value falls to `p_value` (None: not judged)."""

    value: float | None = None
    p_value: float | None = None


def check_names(names: Collection[str], known: Collection[str]) -> None:
    """Refuse unknown names of statistics.

    Raises
    ------
    MethodError
        Names the allowed ones and the one that was probably meant.
    """
    for name in names:
        if name not in known:
            close = get_close_matches(name, list(known), n=1)
            hint = f"; did you mean {close[0]}?" if close else ""
            msg = f"unknown statistic {name!r}{hint} Known: {', '.join(known)}"
            raise MethodError(msg)


def parse_limits(
    fail_if: Mapping[str, float], *, known: Collection[str], with_p_value: Collection[str], independent: bool
) -> dict[str, Limits]:
    """Limits per statistic from ``{wasserstein = 0.05, ks_p = 0.001}``.

    Parameters
    ----------
    fail_if : mapping
        A statistic's name with the value from which on the prediction is rejected, or the name with ``_p`` and the
        p-value down to which it is accepted.
    known, with_p_value : collection of str
        All statistics, and those that have a p-value.
    independent : bool
        False if the sample is correlated: then no p-value exists that could be judged.

    Raises
    ------
    MethodError
        Unknown name, a p-value where there is none, a threshold that is not positive and finite or, for p, not below 1.
    """
    check_names([key.removesuffix("_p") for key in fail_if], known)
    limits: dict[str, Limits] = {}
    for key, number in fail_if.items():
        name = key.removesuffix("_p")
        before = limits.get(name, Limits())
        if not np.isfinite(number) or number <= 0.0 or (key != name and number >= 1.0):
            msg = f"fail_if: {key} = {number!r} must be {'positive' if key == name else 'between 0 and 1'}"
            raise MethodError(msg)
        if key == name:
            limits[name] = Limits(float(number), before.p_value)
            continue
        if name not in with_p_value:
            msg = f"fail_if: {name} has no p-value; those that have one: {', '.join(with_p_value)}"
            raise MethodError(msg)
        if not independent:
            msg = f"fail_if: {key} needs independent replicas, and the sample is marked correlated; use {name} itself"
            raise MethodError(msg)
        limits[name] = Limits(before.value, float(number))
    return limits
