"""Potentials typed by a user: text -> syntax tree -> sympy -> V, V', V'' as numpy programs. Nothing is executed.

The text is read by Python's parser into a syntax tree, of which only an allow-list is understood: x, pi, e, numbers,
+ − * / **, and named functions. The tree is rebuilt from sympy objects, differentiated exactly, and evaluated by
`Program`. Neither ``eval`` nor anything that calls it is on the way.

Bounds: 500 characters, 40 levels of nesting, exponents |n| ≤ 64 also as a product of nested powers, constants between
1e-100 and 1e100, 30000 parts of V'' before equal ones are merged.
"""

from __future__ import annotations

import ast
import warnings
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from fpsolve.cases.expression_cost import check_cost
from fpsolve.cases.expression_program import Program, compile_program
from fpsolve.cases.expression_tree import ExpressionError, TreeReader

__all__ = ["Expression", "ExpressionError", "parse_expression"]

Array = NDArray[np.float64]

LONGEST = 500
DEEPEST = 40
ALLOWED = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.+-*/() \t\n")
HINTS = {
    "^": "write ** for a power",
    ",": "functions take one argument; write decimals with a point",
    "=": "write only the right-hand side, V(x)",
    "%": "the remainder is not smooth",
    "[": "only round brackets are understood",
    "{": "only round brackets are understood",
    "−": "write the hyphen - for minus",
    "·": "write * for a product",
    "×": "write * for a product",
    "π": "write pi",
}


@dataclass(frozen=True)
class Expression:
    """V(x) with its first two derivatives.

    Attributes
    ----------
    text : str
        As it was typed.
    """

    text: str
    _value: Program
    _slope: Program
    _curvature: Program

    def value(self, x: Array) -> Array:
        """V(x), in the shape of `x`."""
        return self._value(x)

    def slope(self, x: Array) -> Array:
        """V'(x), in the shape of `x`."""
        return self._slope(x)

    def curvature(self, x: Array) -> Array:
        """V''(x), in the shape of `x`."""
        return self._curvature(x)

    def check_finite(self, lower: float, upper: float, points: int = 2000) -> None:
        """Raise unless V, V' and V'' are finite at the midpoints of `points` cells between two walls.

        Raises
        ------
        ExpressionError
            The message names the first x that fails. At the walls themselves V may be infinite.
        """
        x = lower + (upper - lower) * (np.arange(points) + 0.5) / points
        for name, program in (("V", self._value), ("V'", self._slope), ("V''", self._curvature)):
            bad = ~np.isfinite(program(x))
            if bad.any():
                place = x[int(np.argmax(bad))]
                msg = f"{name} is not a finite number at x = {place:.6g}, inside the domain [{lower:g}, {upper:g}]"
                raise ExpressionError(msg)

    def check_periodic(self, lower: float, upper: float) -> None:
        """Raise unless V and V' take the same values at both ends of a ring.

        Raises
        ------
        ExpressionError
            The message gives the two values.
        """
        inside = np.linspace(lower, upper, 101)
        for name, program in (("V", self._value), ("V'", self._slope)):
            left, right = program(np.array([lower, upper]))
            if not abs(right - left) <= 1e-9 * (1.0 + np.abs(program(inside)).max()):
                msg = (
                    f"{name} must take the same value at both ends of a periodic domain, not {left:.6g} and {right:.6g}"
                )
                raise ExpressionError(msg)


@lru_cache(maxsize=64)
def parse_expression(text: str) -> Expression:
    """Read a potential.

    Parameters
    ----------
    text : str
        For example ``"x**4/4 - x**2/2"``.

    Raises
    ------
    ExpressionError
        With the column (counted from 1) and what is allowed there.

    Examples
    --------
    >>> import numpy as np
    >>> parse_expression("x**4/4 - x**2/2").slope(np.array([2.0]))
    array([6.])
    """
    _check_characters(text)
    tree = _syntax_tree(text)
    reader = TreeReader()
    expression = reader.read(tree)
    variable = reader.variable
    check_cost(expression)
    slope = expression.diff(variable)
    curvature = slope.diff(variable)
    programs = [compile_program(part, variable) for part in (expression, slope, curvature)]
    return Expression(text, *programs)


def _check_characters(text: str) -> None:
    if not text.strip():
        msg = "is empty"
        raise ExpressionError(msg)
    if len(text) > LONGEST:
        msg = f"is {len(text)} characters long; at most {LONGEST} are allowed"
        raise ExpressionError(msg)
    depth = 0
    for column, character in enumerate(text):
        if character not in ALLOWED:
            name = f'"{character}"' if character.isprintable() else f"U+{ord(character):04X}"
            unicode = f" (U+{ord(character):04X})" if ord(character) > 126 else ""
            hint = f": {HINTS[character]}" if character in HINTS else ""
            raise ExpressionError(f"the character {name}{unicode} is not allowed{hint}", column)
        depth += (character == "(") - (character == ")")
        if depth > DEEPEST:
            raise ExpressionError(f"more than {DEEPEST} nested brackets", column)


def _syntax_tree(text: str) -> ast.expr:
    # Line ends are white space here; leading white space would be an indent.
    flat = text.replace("\n", " ").replace("\t", " ")
    margin = len(flat) - len(flat.lstrip())
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(flat.lstrip(), mode="eval").body
    except SyntaxError as error:
        # The parser points at nothing where the text ends too early.
        column = margin + (error.offset - 1 if error.offset else len(flat.strip()))
        reason = (error.msg or "cannot be read").removesuffix(". Perhaps you forgot a comma?")
        raise ExpressionError(f"{reason}; write products with *, powers with **", column) from None
    except (ValueError, MemoryError, RecursionError):
        msg = "is too complicated to read"
        raise ExpressionError(msg) from None
    for node in ast.walk(tree):
        if hasattr(node, "col_offset"):
            node.col_offset += margin
    return tree
