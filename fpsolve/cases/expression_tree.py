"""The allow-list: which syntax trees are potentials, and the sympy expression that each stands for."""

from __future__ import annotations

import ast
import difflib
import math
from collections.abc import Callable
from fractions import Fraction
from typing import TypeAlias

from fpsolve.cases.expression_program import ExpressionError, Sympy

__all__ = ["CONSTANTS", "FUNCTIONS", "ExpressionError", "TreeReader"]

CONSTANTS = {"pi": math.pi, "e": math.e}
FUNCTIONS: dict[str, Callable[[float], float]] = {
    name: getattr(math, name) for name in ("sin", "cos", "tan", "exp", "log", "sqrt", "sinh", "cosh", "tanh", "atan")
}
NOT_SMOOTH = ("abs", "sign", "sgn", "floor", "ceil", "round", "min", "max", "heaviside")
DEEPEST = 40
LARGEST_EXPONENT = 64
LARGEST, SMALLEST = 1e100, 1e-100
EXACT = 10**15

Part: TypeAlias = Fraction | float | Sympy
"""A `Fraction` or float where x does not occur, else a sympy expression."""


class TreeReader:
    """Turns a syntax tree into a sympy expression of one real variable.

    Parts without x are folded here, with bounds, so that sympy never meets a tower of powers; fractions of moderate
    integers stay exact.

    Attributes
    ----------
    variable : sympy.Symbol
        x.
    """

    def __init__(self) -> None:
        import sympy

        self._sympy = sympy
        self.variable = sympy.Symbol("x", real=True)

    def read(self, tree: ast.expr) -> Sympy:
        """Return the sympy expression of a tree.

        Raises
        ------
        ExpressionError
            Anything that is not on the allow-list, or beyond the bounds; with the column.
        """
        return self._symbolic(self._node(tree, depth=0, power=1))

    def _node(self, node: ast.expr, *, depth: int, power: int) -> Part:
        """Read one node; `power` is the product of the exponents outside."""
        if depth > DEEPEST:
            raise ExpressionError(f"is nested more than {DEEPEST} levels deep", node.col_offset)
        if isinstance(node, ast.Constant):
            return self._number(node)
        if isinstance(node, ast.Name):
            return self._name(node)
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.UAdd | ast.USub):
            inner = self._node(node.operand, depth=depth + 1, power=power)
            return inner if isinstance(node.op, ast.UAdd) else -inner
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Pow):
            return self._power(node, depth=depth, power=power)
        if isinstance(node, ast.BinOp):
            return self._binary(node, depth=depth, power=power)
        if isinstance(node, ast.Call):
            return self._call(node, depth=depth, power=power)
        raise ExpressionError(f"{_what(node)} not allowed; use x, numbers, + - * / ** and functions", node.col_offset)

    def _number(self, node: ast.Constant) -> Fraction | float:
        value = node.value
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise ExpressionError(f"{value!r} is not a real number", node.col_offset)
        return self._bounded(Fraction(value) if isinstance(value, int) or value.is_integer() else value, node)

    def _name(self, node: ast.Name) -> Part:
        if node.id == "x":
            return self.variable
        if node.id in CONSTANTS:
            return CONSTANTS[node.id]
        if node.id in FUNCTIONS:
            raise ExpressionError(f"{node.id} is a function; write {node.id}(…)", node.col_offset)
        raise ExpressionError(f'unknown name "{_short(node.id)}"{_near(node.id)}', node.col_offset)

    def _binary(self, node: ast.BinOp, *, depth: int, power: int) -> Part:
        """Read a chain a + b − c … or a * b / c … in a loop, since long sums are not deep."""
        chain: list[ast.BinOp] = []
        first: ast.expr = node
        while isinstance(first, ast.BinOp) and not isinstance(first.op, ast.Pow):
            chain.append(first)
            first = first.left
        result = self._node(first, depth=depth + 1, power=power)
        for link in reversed(chain):
            right = self._node(link.right, depth=depth + 1, power=power)
            result = self._combine(result, right, link)
        return result

    def _combine(self, left: Part, right: Part, node: ast.BinOp) -> Part:
        constant = not self._has_x(left) and not self._has_x(right)
        if not constant:
            left, right = self._symbolic(left), self._symbolic(right)
        if isinstance(node.op, ast.Div):
            if right == 0:
                raise ExpressionError("division by zero", node.right.col_offset)
            result = left / right
        elif isinstance(node.op, ast.Mult):
            result = left * right
        elif isinstance(node.op, ast.Add | ast.Sub):
            result = left + right if isinstance(node.op, ast.Add) else left - right
        else:
            raise ExpressionError(f"the operator {_operator(node.op)} is not allowed", node.col_offset)
        return self._bounded(result, node) if constant else result

    def _power(self, node: ast.BinOp, *, depth: int, power: int) -> Part:
        exponent = self._node(node.right, depth=depth + 1, power=power)
        if self._has_x(exponent):
            raise ExpressionError("an exponent must be a number; write a power of x as exp(…)", node.right.col_offset)
        reach = power * max(math.ceil(abs(exponent)), 1)
        if reach > LARGEST_EXPONENT:
            raise ExpressionError(
                f"exponents must stay within ±{LARGEST_EXPONENT}, nested powers multiplied", node.right.col_offset
            )
        base = self._node(node.left, depth=depth + 1, power=reach)
        if self._has_x(base):
            return base ** self._symbolic(exponent)
        if base == 0 and exponent < 0:
            raise ExpressionError("division by zero", node.left.col_offset)
        if base < 0 and exponent != int(exponent):
            raise ExpressionError("a negative number to a broken power is not real", node.left.col_offset)
        try:
            # An exact base must not grow beyond exact size on the way, so large powers are taken in floats.
            small = isinstance(base, Fraction) and max(abs(base.numerator), base.denominator) <= 1000
            return self._bounded(
                base ** int(exponent) if small and exponent == int(exponent) else float(base) ** float(exponent), node
            )
        except OverflowError:
            raise ExpressionError(f"a constant is larger than {LARGEST:g}", node.col_offset) from None

    def _call(self, node: ast.Call, *, depth: int, power: int) -> Part:
        if not isinstance(node.func, ast.Name):
            raise ExpressionError("only the listed functions can be called; write products with *", node.col_offset)
        name = node.func.id
        if name.lower() in NOT_SMOOTH:
            raise ExpressionError(
                f"{_short(name)} is not smooth, and V'' is needed; a smooth |x| is sqrt(x**2 + 0.01)", node.col_offset
            )
        if name == "x" or name in CONSTANTS:
            raise ExpressionError(f"{name} is not a function; write {name}*(…)", node.col_offset)
        if name not in FUNCTIONS:
            raise ExpressionError(f'unknown function "{_short(name)}"{_near(name)}', node.col_offset)
        if len(node.args) != 1 or node.keywords:
            raise ExpressionError(f"{name} takes one argument", node.col_offset)
        argument = self._node(node.args[0], depth=depth + 1, power=power)
        if self._has_x(argument):
            return getattr(self._sympy, name)(argument)
        try:
            return self._bounded(FUNCTIONS[name](float(argument)), node)
        except (ValueError, OverflowError):
            raise ExpressionError(f"{name}({float(argument):g}) is not a finite real number", node.col_offset) from None

    def _bounded(self, value: Part, node: ast.expr) -> Fraction | float:
        """Keep a constant exact while its terms are small, else make it a float."""
        size = abs(value)
        if size > LARGEST or (size != 0 and size < SMALLEST):
            raise ExpressionError(f"a constant is not between {SMALLEST:g} and {LARGEST:g}", node.col_offset)
        if isinstance(value, Fraction) and max(abs(value.numerator), value.denominator) > EXACT:
            return float(value)
        return value if isinstance(value, Fraction) else float(value)

    def _has_x(self, value: Part) -> bool:
        return not isinstance(value, Fraction | float)

    def _symbolic(self, value: Part) -> Sympy:
        if isinstance(value, Fraction):
            return self._sympy.Rational(value.numerator, value.denominator)
        return self._sympy.Float(value) if isinstance(value, float) else value


def _short(name: str) -> str:
    return name if len(name) <= 30 else name[:29] + "…"


def _near(name: str) -> str:
    known = ("x", *CONSTANTS, *FUNCTIONS)
    near = difflib.get_close_matches(name.lower(), known, n=1)
    return f'; did you mean "{near[0]}"?' if near else f"; known: {', '.join(known)}"


def _operator(operator: ast.operator) -> str:
    signs = {"FloorDiv": "//", "Mod": "%", "LShift": "<<", "RShift": ">>", "BitOr": "|", "BitXor": "^", "BitAnd": "&"}
    return signs.get(type(operator).__name__, type(operator).__name__)


def _what(node: ast.expr) -> str:
    names = {
        "Attribute": "an attribute is",
        "Subscript": "an index is",
        "Lambda": "lambda is",
        "IfExp": "if … else is",
        "BoolOp": "and/or is",
        "Compare": "a comparison is",
        "NamedExpr": ":= is",
        "Starred": "* before an argument is",
        "UnaryOp": "this sign is",
        "Tuple": "an empty pair of brackets is",
        "Await": "await is",
        "Yield": "yield is",
    }
    return names.get(type(node).__name__, f"{type(node).__name__} is")
