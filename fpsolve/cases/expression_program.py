"""A sympy expression as a list of numpy operations; a small interpreter in place of generated code."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

__all__ = ["ExpressionError", "Program", "Sympy", "compile_program"]

Array = NDArray[np.float64]
Sympy: TypeAlias = Any
Step = tuple[str, tuple[int, ...], float]

UNARY: dict[str, Callable[[Array], Array]] = {
    "sin": np.sin,
    "cos": np.cos,
    "tan": np.tan,
    "exp": np.exp,
    "log": np.log,
    "sinh": np.sinh,
    "cosh": np.cosh,
    "tanh": np.tanh,
    "atan": np.arctan,
}


class ExpressionError(ValueError):
    """A potential that cannot be read; the message names the column, counted from 1."""

    def __init__(self, message: str, offset: int | None = None) -> None:
        self.column = None if offset is None else offset + 1
        super().__init__(message if offset is None else f"{message} (column {offset + 1} of the expression)")


@dataclass(frozen=True)
class Program:
    """Operations in the order of evaluation; equal subexpressions occur once.

    Attributes
    ----------
    steps : tuple of (name, operands, number)
        `operands` are positions of earlier steps; `number` is the value of a "constant" and the exponent of a "power".
    """

    steps: tuple[Step, ...]

    def __call__(self, x: Array) -> Array:
        """Evaluate at `x`; the result has the shape of `x`. Where the expression is not finite, so is the result."""
        points = np.asarray(x, dtype=np.float64)
        results: list[Array] = []
        with np.errstate(all="ignore"):
            for name, operands, number in self.steps:
                results.append(_step(name, [results[k] for k in operands], number, points))
        return np.array(np.broadcast_to(results[-1], points.shape))


def _step(name: str, operands: list[Array], number: float, x: Array) -> Array:
    if name == "variable":
        return x
    if name == "constant":
        return np.asarray(number)
    if name == "add":
        return np.asarray(sum(operands[1:], start=operands[0]))
    if name == "multiply":
        product = operands[0]
        for factor in operands[1:]:
            product = product * factor
        return np.asarray(product)
    if name == "power":
        return _power(operands[0], number)
    return np.asarray(UNARY[name](operands[0]))


def _power(base: Array, exponent: float) -> Array:
    if exponent == 2.0:
        return np.asarray(base * base)
    if exponent == -1.0:
        return np.asarray(1.0 / base)
    if abs(exponent) == 0.5:
        root = np.sqrt(base)
        return np.asarray(root if exponent > 0.0 else 1.0 / root)
    return np.asarray(np.power(base, exponent))


def compile_program(expression: Sympy, variable: Sympy) -> Program:
    """Flatten a sympy expression of `variable`.

    Raises
    ------
    ExpressionError
        A part that is not a smooth real function (|x| after simplification, √−1).
    """
    compiler = _Compiler(variable)
    compiler.place(expression)
    return Program(tuple(compiler.steps))


class _Compiler:
    """Places every distinct subexpression once, operands before the operation."""

    def __init__(self, variable: Sympy) -> None:
        self.variable = variable
        self.steps: list[Step] = []
        self.places: dict[Any, int] = {}

    def place(self, node: Sympy) -> int:
        """Position of a subexpression in the program."""
        known = self.places.get(node)
        if known is None:
            step = self._step(node)
            self.steps.append(step)
            known = self.places[node] = len(self.steps) - 1
        return known

    def _step(self, node: Sympy) -> Step:
        if node == self.variable:
            return "variable", (), 0.0
        if node.is_number:
            return "constant", (), _as_float(node)
        if node.is_Add or node.is_Mul:
            return "add" if node.is_Add else "multiply", tuple(self.place(part) for part in node.args), 0.0
        if node.is_Pow and node.args[1].is_number:
            return "power", (self.place(node.args[0]),), _as_float(node.args[1])
        name = type(node).__name__
        if name in UNARY:
            return name, (self.place(node.args[0]),), 0.0
        msg = f"contains {name}(…), which is not smooth or not real" + (
            "; a smooth |x| is sqrt(x**2 + 0.01)" if name in ("Abs", "sign") else ""
        )
        raise ExpressionError(msg)


def _as_float(number: Sympy) -> float:
    try:
        return float(number)
    except (TypeError, OverflowError, ValueError):
        msg = "contains a constant that is not a real number of moderate size"
        raise ExpressionError(msg) from None
