"""How large V'' will be, counted before it is formed: a short text can have a very long second derivative."""

from __future__ import annotations

from fpsolve.cases.expression_program import ExpressionError, Sympy

__all__ = ["MOST", "check_cost", "derivative_sizes"]

MOST = 30_000
"""Largest number of parts of V''; forming it takes about a second."""


def derivative_sizes(node: Sympy) -> tuple[int, int, int]:
    """Parts of the trees of an expression, of its first and of its second derivative, before anything cancels.

    For a product of n factors of sizes s_i with derivatives s_i', s_i'': s' = Σ s_i' + (n−1) Σ s_i and
    s'' = Σ s_i'' + 2(n−1) Σ s_i' + (n−1)(n−2) Σ s_i, up to the connecting operations; for f(u) the chain rule.
    """
    if not node.args:
        return 1, 1, 1
    parts = [derivative_sizes(part) for part in node.args]
    s, s1, s2 = (sum(sizes) for sizes in zip(*parts, strict=True))
    n = len(parts)
    if node.is_Add:
        return s + 1, s1 + 1, s2 + 1
    if node.is_Mul:
        return s + 1, s1 + (n - 1) * s + n, s2 + 2 * (n - 1) * s1 + (n - 1) * (n - 2) * s + n * n
    return s + 1, s + s1 + 3, 2 * (s + s1) + s2 + 6


def check_cost(expression: Sympy) -> None:
    """Raise if V'' would be too long.

    Raises
    ------
    ExpressionError
        More than `MOST` parts.
    """
    size = derivative_sizes(expression)[2]
    if size > MOST:
        msg = f"is too complicated: its second derivative has about {size} parts, at most {MOST} are allowed"
        raise ExpressionError(msg)
