"""The tail that the discrete steps of a training lead to."""

from __future__ import annotations

from fpsolve.cases.case import Case
from fpsolve.cases.resolve import as_list
from fpsolve.cases.schema_sgd import LinearNetworkSgd, TeacherStudentSgd

__all__ = ["tail_of_steps"]


def tail_of_steps(case: Case) -> float | None:
    """Exponent b of P(X > x) ~ x^{−b} for the levels of a 1×1 student on fresh batches; None where it is not known.

    w' = (1 − αzC)w + noise with C = χ²_B/B is a Kesten process; its exponent μ is that of |w|, half of it that of x = w².

    Raises
    ------
    ModelError
        The learning rate is so large that there is no stationary law.
    """
    section = case.sgd
    if not isinstance(section, TeacherStudentSgd | LinearNetworkSgd) or section.data != "batch":
        return None
    constant = case.model is None or case.model.schedule is None
    if (
        len(as_list(section.teacher)) != 1
        or not constant
        or section.learning_rate is None
        or section.batch_size is None
    ):
        return None
    from fpsolve.exact.kesten import kesten_exponent

    curvature = float(as_list(section.second_layer)[0]) if section.second_layer is not None else 1.0
    exponent = kesten_exponent(section.learning_rate, section.batch_size, curvature=curvature)
    squared = isinstance(section, LinearNetworkSgd) or section.observable == "squared"
    return 0.5 * exponent if squared else exponent
