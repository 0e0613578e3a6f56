"""Typed potentials: the right numbers for what is allowed, a refusal with a column for what is not, and bounded cost."""

from __future__ import annotations

import ast
import time
from pathlib import Path

import mpmath
import numpy as np
import pytest

from fpsolve.cases import expression as expression_module
from fpsolve.cases.expression import ExpressionError, parse_expression

mp = mpmath.mp
PLACES = [0.1, 0.3, 0.7, 1.3, 1.9]

GOOD = [
    ("x**4/4 - x**2/2", lambda x: x**4 / 4 - x**2 / 2),
    ("-x**2/(2*1) - x - 2*log(2-x)", lambda x: -(x**2) / 2 - x - 2 * mp.log(2 - x)),
    ("0.3*cos(3*x) + sin(x)**2", lambda x: mp.mpf(0.3) * mp.cos(3 * x) + mp.sin(x) ** 2),
    ("exp(-x**2)*tanh(5*x)", lambda x: mp.exp(-(x**2)) * mp.tanh(5 * x)),
    ("sqrt(x**2 + 0.01)", lambda x: mp.sqrt(x**2 + mp.mpf(0.01))),
    ("x**0.5 + x**-1.5 + x**(1/3)", lambda x: mp.sqrt(x) + x ** mp.mpf(-1.5) + x ** (mp.mpf(1) / 3)),
    ("1/(1 + exp(-3*(x - 1)))", lambda x: 1 / (1 + mp.exp(-3 * (x - 1)))),
    ("sinh(x)/cosh(x) + tan(x/2) + atan(x)", lambda x: mp.tanh(x) + mp.tan(x / 2) + mp.atan(x)),
    ("log(x)**2/x", lambda x: mp.log(x) ** 2 / x),
    ("e**2*x + pi", lambda x: mp.mpf(np.e) ** 2 * x + mp.pi),
    ("(x - 1)**6 - 1e-3*x", lambda x: (x - 1) ** 6 - mp.mpf(1e-3) * x),
    ("+x - -x*2", lambda x: 3 * x),
    ("7", lambda x: 0 * x + 7),
    ("x - x", lambda x: 0 * x),
    ("\n  x**2\n  + 1", lambda x: x**2 + 1),
    (" + ".join(f"x**{k}/{k}" for k in range(1, 45)), lambda x: sum(x**k / k for k in range(1, 45))),
]


@pytest.mark.parametrize(("text", "truth"), GOOD, ids=[text[:24].strip() for text, _ in GOOD])
def test_value_and_derivatives_agree_with_mpmath(text, truth):
    found = parse_expression(text)
    with mpmath.workdps(40):
        for order, part in enumerate((found.value, found.slope, found.curvature)):
            expected = [float(mp.diff(truth, mp.mpf(x), order)) if order else float(truth(mp.mpf(x))) for x in PLACES]
            given = part(np.array(PLACES))
            scale = 1.0 + np.max(np.abs(expected))
            assert np.max(np.abs(given - expected)) < 1e-13 * scale, (text, order, given, expected)


@pytest.mark.parametrize("shape", [(), (3,), (2, 3)])
@pytest.mark.parametrize("text", ["x**2", "3", "x"])
def test_the_result_has_the_shape_of_x(text, shape):
    result = parse_expression(text).value(np.ones(shape))
    assert result.shape == shape
    assert result.dtype == np.float64


def test_the_input_is_not_handed_back():
    x = np.array([1.0, 2.0])
    parse_expression("x").value(x)[0] = 7.0
    assert x[0] == 1.0


def test_exact_fractions_cancel():
    assert np.array_equal(parse_expression("(1/3 - 2/6)*exp(x)").value(np.array([3.0])), [0.0])


# fmt: off
HOSTILE = [
    # (text, column from 1 or None, part of the message)
    ("__import__('os').system('true')", 12, "the character \"'\""),
    ("__import__(x)", 1, "unknown function"),
    ("x.__class__", 1, "an attribute"),
    ("x.real", 1, "an attribute"),
    ("(1).__class__", 1, "an attribute"),
    ("x[0]", 2, "round brackets"),
    ("x(2)", 1, "write x*(…)"),
    ("2(x)", 1, "write products with *"),
    ("sin(x)(x)", 1, "only the listed functions"),
    ("sin(cos)", 5, "is a function"),
    ("sin(x, x)", 6, "one argument"),
    ("sin(*x)", 5, "* before an argument"),
    ("sin()", 1, "takes one argument"),
    ("lambda: x", 7, 'the character ":"'),
    ("x if x else 1", 1, "if … else"),
    ("x and 1", 1, "and/or"),
    ("not x", 1, "this sign"),
    ("x is x", 1, "a comparison"),
    ("x < 1", 3, 'the character "<"'),
    ("x := 1", 3, 'the character ":"'),
    ("await x", 1, "await"),
    ("()", 1, "brackets"),
    ("x; x", 2, 'the character ";"'),
    ("x = 1", 3, "right-hand side"),
    ("'x'", 1, "the character"),
    ("f\"{x}\"", 2, "the character"),
    ("True*x", 1, "True is not a real number"),
    ("None", 1, "None is not"),
    ("...", 1, "Ellipsis"),
    ("1j*x", 1, "not a real number"),
    ("eval(x)", 1, "unknown function"),
    ("exec(x)", 1, "unknown function"),
    ("open(x)", 1, "unknown function"),
    ("Sin(x)", 1, 'did you mean "sin"?'),
    ("y + 1", 1, 'unknown name "y"'),
    ("X", 1, 'did you mean "x"?'),
    ("2x", 1, "write products with *"),
    ("x x", 3, "write products with *"),
    ("x^2", 2, "write ** for a power"),
    ("x % 2", 3, "remainder"),
    ("x // 2", 1, "the operator //"),
    ("x**2 +", 7, "syntax"),
    ("sin(x", 4, "never closed"),
    ("x)", 2, "unmatched"),
    ("", None, "is empty"),
    ("   ", None, "is empty"),
    # Numbers out of bounds
    ("1e999*x", 1, "a constant is not between"),
    ("9" * 400, 1, "a constant is not between"),
    ("1e-200*x", 1, "a constant is not between"),
    ("exp(1000)", 1, "not a finite real number"),
    ("log(-1)", 1, "not a finite real number"),
    ("sqrt(-1)", 1, "not a finite real number"),
    ("(-1)**0.5", 2, "not real"),
    ("x/0", 3, "division by zero"),
    ("x/(1 - 1)", 4, "division by zero"),
    ("0**-1", 1, "division by zero"),
    # Powers
    ("9**9**9**9", 7, "exponents must stay"),
    ("9**9**9**9**9**9", 13, "exponents must stay"),
    ("x**65", 4, "exponents must stay"),
    ("x**-65", 4, "exponents must stay"),
    ("(x**9)**8", 5, "exponents must stay"),
    ("((2*x)**8)**9", 9, "exponents must stay"),
    ("x**x", 4, "an exponent must be a number"),
    ("2**x", 4, "an exponent must be a number"),
    # Not smooth, not real
    ("abs(x)", 1, "not smooth"),
    ("sqrt(x**2)", None, "not smooth"),
    ("sqrt((x - 1)**2)", None, "not smooth"),
    ("max(x)", 1, "not smooth"),
    ("floor(x)", 1, "not smooth"),
    # Too large
    ("(" * 41 + "x" + ")" * 41, 41, "nested brackets"),
    ("-" * 60 + "x", 42, "levels deep"),
    ("(" * 1000 + "x" + ")" * 1000, None, "at most 500"),
    ("x+" * 250 + "x", None, "at most 500"),
    # Look-alikes and invisible characters
    ("х**2", 1, "U+0445"),
    ("x−1", 2, "hyphen"),
    ("\uff58**2", 1, "U+FF58"),
    ("π*x", 1, "write pi"),
    ("x\u200b", 2, "U+200B"),
    ("x\x00", 2, "U+0000"),
    ("x²", 2, "U+00B2"),
    ("ⅇ", 1, "U+2147"),
]
# fmt: on


@pytest.mark.parametrize(("text", "column", "fragment"), HOSTILE, ids=[text[:20] for text, _, _ in HOSTILE])
def test_what_is_not_allowed_is_refused_with_its_column(text, column, fragment):
    with pytest.raises(ExpressionError) as caught:
        parse_expression(text)
    assert fragment in str(caught.value)
    assert caught.value.column == column
    assert (f"column {column}" in str(caught.value)) is (column is not None)
    assert len(str(caught.value)) < 250


COSTLY = [
    "*".join(f"sin({k}*x)" for k in range(1, 48)),
    "*".join(f"(x+{k})**6" for k in range(1, 50)),
    "*".join(f"(x**2+{k}*x+sin({k}*x))" for k in range(1, 22)),
    "sin(" * 39 + "x" + ")" * 39,
    "tan(" * 39 + "x" + ")" * 39,
    "exp(x*" * 39 + "x" + ")" * 39,
    "sqrt(1+x*" * 39 + "x" + ")" * 39,
    "1/(x+" * 38 + "x" + ")" * 38,
    "(x+" * 39 + "1" + "**2)" * 39,
    "((x+1)**8)**8*" * 30 + "x",
    "(12345678912345/98765432198765*x)**64",
    "(1+1/1000003)**64*" * 20 + "x",
    "+".join(["exp(x)**2"] * 45),
]


@pytest.mark.parametrize("text", COSTLY, ids=range(len(COSTLY)))
def test_the_cost_is_bounded(text):
    parse_expression("x")  # sympy is loaded outside the clock
    assert len(text) <= 500
    started = time.process_time()
    try:
        found = parse_expression(text)
        found.curvature(np.linspace(0.1, 0.9, 1000))
    except ExpressionError:
        pass
    assert time.process_time() - started < 5.0


def test_nothing_on_the_way_can_execute_text():
    """No call that runs code from text stands in these files, nor do they import what would."""
    folder = Path(expression_module.__file__).parent
    for path in sorted(folder.glob("expression*.py")):
        names = {node.id for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Name)}
        attributes = {node.attr for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Attribute)}
        dangerous = {"eval", "exec", "compile", "sympify", "parse_expr", "lambdify", "__import__", "open"}
        assert not (names | attributes) & dangerous, path.name


def test_not_finite_inside_the_domain():
    with pytest.raises(ExpressionError, match=r"V is not a finite number at x = -0\.9995, inside the domain \[-1, 1\]"):
        parse_expression("log(x)").check_finite(-1.0, 1.0)
    parse_expression("log(x)").check_finite(0.0, 1.0)


def test_slope_that_is_not_finite_is_found_too():
    # atan(1/0) is π/2, but the slope there is ∞/∞; 0 is a midpoint of an odd number of cells.
    with pytest.raises(ExpressionError, match="V' is not a finite number at x = 0,"):
        parse_expression("atan(1/x)").check_finite(-1.0, 1.0, points=2001)


def test_periodic():
    parse_expression("cos(x)").check_periodic(0.0, 2.0 * np.pi)
    with pytest.raises(ExpressionError, match="V must take the same value at both ends"):
        parse_expression("cos(x/2)").check_periodic(0.0, 2.0 * np.pi)
    with pytest.raises(ExpressionError, match="V' must take the same value at both ends"):
        parse_expression("x*(1 - x)").check_periodic(0.0, 1.0)
