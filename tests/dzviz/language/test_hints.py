import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dezero import OPS
from dzviz.errors import DzvizError, ExpressionError, UsageError
from dzviz.language.evaluate import evaluate
from dzviz.language.hints import VALUES, corrected, hint_for_comma
from dzviz.language.parse import missing_value, parse, unknown_function
from dzviz.language.repairs import REPAIRS
from dzviz.language.repairs.known import ABSENT, FORMULAS, MODULES, NAMES, similar
from dzviz.language.repairs.signs import SPELLINGS
from dzviz.language.syntax import read
from dzviz.language.tokens import ADVICE, REFUSED_SIGNS, REFUSED_WORDS, TextError

FUNCTIONS = [
    *["abs", "arccos", "arcsin", "arctan", "cos", "exp", "log", "maximum", "mean", "reshape"],
    *["sin", "sqrt", "sum", "tan", "tanh", "where"],
]

# What is written, and the whole expression that is offered for it.
REPAIRED = [
    ("x^2", "x**2"),
    ("ｘ^2", "ｘ**2"),
    ("x^2 + y^2", "x**2 + y**2"),
    ("e^-x", "e**-x"),
    ("2x", "2*x"),
    ("2 x", "2*x"),
    ("1e5x", "1e5*x"),
    ("x y", "x*y"),
    ("3(x+1)", "3*(x+1)"),
    ("(x+1)(x-1)", "(x+1)*(x-1)"),
    ("(x+1) y", "(x+1)*y"),
    ("x[0](1)", "x[0]*(1)"),
    ("sin x", "sin(x)"),
    ("sin x + 1", "sin(x) + 1"),
    ("sin 2x + 1", "sin(2*x) + 1"),
    ("sin x**2", "sin(x**2)"),
    ("log sin x", "log(sin(x))"),
    ("log (x) y", "log (x)*y"),
    ("sqrt 2", "sqrt(2)"),
    ("Sin x", "sin(x)"),
    ("sinn x", "sin(x)"),
    ("SIN x + 2x", "sin(x) + 2*x"),
    ("sin**2 x", "sin(x)**2"),
    ("sin^2(x) + cos^2(x)", "sin(x)**2 + cos(x)**2"),
    ("sin²(x) + cos² x", "sin(x)**2 + cos(x)**2"),
    ("|x|", "abs(x)"),
    ("|x| + 2|y - 1|", "abs(x) + 2*abs(y - 1)"),
    ("x²", "x**2"),
    ("x¹⁰y³", "x**10*y**3"),
    ("x⁻¹", "x**-1"),
    ("xⁿ", "x**n"),
    ("x₁ + x₂", "x1 + x2"),
    ("2×3", "2*3"),
    ("x÷y", "x/y"),
    ("a·b", "a*b"),
    ("x−1", "x-1"),
    ("x ≤ 3", "x <= 3"),
    ("√x", "sqrt(x)"),
    ("√(x + 1)", "sqrt(x + 1)"),
    ("2√x y", "2*sqrt(x)*y"),
    ("2πr", "2*pi*r"),
    ("2π", "2*pi"),
    ("½x", "0.5*x"),
    ("∞ * x", "inf * x"),
    ("（x＋１）＊２，y", "(x+1)*2,y"),
    ("x　+　1", "x + 1"),
    ("x\u00a0+\u20091", "x + 1"),
    ("x\u200b + 1", "x + 1"),
    ("x + \ufeff1", "x + 1"),
    ("١ + ٢", "1 + 2"),
    ("Ｔｒｕｅ + sinn(x)^2", None),
    ("where(Ｔｒｕｅ, x, 1)", "where(True, x, 1)"),
    ("“sin(x)”", "sin(x)"),
    ("'sin(x)'", "sin(x)"),
    ('"sin(x)"', "sin(x)"),
    ("`x`", "x"),
    ("$x^2$", "x**2"),
    ("\\sin(x)", "sin(x)"),
    ("x^{2}", "x**(2)"),
    ("x^{2y}", "x**(2*y)"),
    ("np.sin(x)", "sin(x)"),
    ("math.sin(x) * math.pi", "sin(x) * pi"),
    ("np.linalg.norm(x)", None),
    ("np.linalg.sqrt(x)", "sqrt(x)"),
    ("x.sum()", "sum(x)"),
    ("x.sum(axis=0)", "sum(x, axis=0)"),
    ("(x + 1).mean(0)", "mean((x + 1), 0)"),
    ("f(x).T.sum()", None),
    ("sin(x)[0].T.sum()", "sum(sin(x)[0].T)"),
    ("x.t", "x.T"),
    ("x.shape", None),
    ("a < b < c", "(a < b) * (b < c)"),
    ("a == b == c", "(a == b) * (b == c)"),
    ("where(0 < x <= 1, x[0:1], 2)", "where((0 < x) * (x <= 1), x[0:1], 2)"),
    ("a < f(b) < c + 1 < d", None),
    (
        "a < maximum(b, 1) < c + 1 < d",
        "(a < maximum(b, 1)) * (maximum(b, 1) < c + 1) * (c + 1 < d)",
    ),
    ("5%", "0.05"),
    ("12.5% * x", "0.125 * x"),
    ("x % 2", None),
    ("x // 2", None),
    ("x!", None),
    ("x = = 3", "x == 3"),
    ("x * * 2", "x ** 2"),
    ("x < = 2", "x <= 2"),
    ("x === 3", "x == 3"),
    ("x <> 3", "x != 3"),
    ("x => 3", "x >= 3"),
    ("x =< 3", "x <= 3"),
    ("x is 3", "x == 3"),
    ("a := 3", "a = 3"),
    ("(a := 3)", None),
    ("a += 1", "a = a + 1"),
    ("a *= 2 + x; a", "a = a * (2 + x); a"),
    ("(x + 1", "(x + 1)"),
    ("sin(x", "sin(x)"),
    ("sum([1, 2", "sum([1, 2])"),
    ("a = sin(x\nb = a", "a = sin(x)\nb = a"),
    ("x + 1)", "x + 1"),
    ("(x]", "(x)"),
    ("sum([1, 2))", "sum([1, 2])"),
    ("[1, 2)", "[1, 2]"),
    ("x +", "x"),
    ("x *", "x"),
    ("a = x +\n  1\na", "a = x + 1\na"),
    ("/ x", "x"),
    ("x.", "x"),
    ("x..T", "x.T"),
    (".T", None),
    ("sin(,x)", "sin(x)"),
    ("maximum(x,,y)", "maximum(x,y)"),
    ("= 3", "3"),
    ("=sin(x)", "sin(x)"),
    ("f(x) = x**2", "x**2"),
    ("sin(x) = 1", None),
    ("2*x = y", None),
    ("a*2 = b; b", None),
    ("a, b = x; a", None),
    ("x == 3 = y", None),
    ("x = 2, y = 3; x*y", "x = 2; y = 3; x*y"),
    ("a = 2 b = 3; a*b", "a = 2; b = 3; a*b"),
    ("let a = 2; a*x", None),
    ("a*2; b = a*3; b", "b = a*3; a*2, b"),
    ("x + 1; a = 2; x - 1; a", "a = 2; x - 1, x + 1, a"),
    ("x+1; a = x", None),
    ("x+1; x = 2; x", None),
    ("a <- 2; a*x", None),
    ("exp^x", "exp(x)"),
    ("exp^-x", "exp(-x)"),
    ("exp^{2x}", "exp(2*x)"),
    ("exp^(x + 1)*y", "exp(x + 1)*y"),
    ("2*exp^2x + 1", "2*exp(2*x) + 1"),
    ("exp^", None),
    ("sin^2", None),
    ("sin^-1(x)", None),
    ("ln|x|", "log(abs(x))"),
    ("cot x", None),
    ("sum_{i=1}^n x", None),
    ("(0,5)*x", "0.5*x"),
    ("a = 0,5; a*x", "a = 0.5; a*x"),
    ("dezero.functions.sin(x)", "sin(x)"),
    ("np.random.randn(3)", None),
    ("where(x = 1, 2, 3)", None),
    ("where((x = 1), 2, 3)", "where((x == 1), 2, 3)"),
    ("a = b = 3", "b = 3; a = b"),
    ("a, b = 1, x", "a = 1; b = x"),
    ("x: float = 3", "x = 3"),
    ("a = 1, 2", "a = [1, 2]"),
    ("(1, 2) * x", "[1, 2] * x"),
    ("x + 1; y", "x + 1, y"),
    ("x\ny\nz", "x, y, z"),
    ("lambda x: x**2", "x**2"),
    ("x -> x**2", "x**2"),
    ("def f(x): return x**2", "x**2"),
    ("lambda * x", "lam * x"),
    ("2*lambda + lambda", "2*lam + lam"),
    ("x > 0 and x < 1", "(x > 0) * (x < 1)"),
    ("(x > 0) & (x < 1)", "(x > 0) * (x < 1)"),
    ("(x < 0) | (x > 1)", "where((x < 0), 1, (x > 1))"),
    ("a | b | c", "where(a, 1, where(b, 1, c))"),
    ("x < 0 or x > 1", "where(x < 0, 1, x > 1)"),
    ("not x > 0", "where(x > 0, 0, 1)"),
    ("x if x > 0 else -x", "where(x > 0, x, -x)"),
    ("1 + (x if x > 0 else 0)", "1 + (where(x > 0, x, 0))"),
    ("import numpy as np; np.sin(x)", "sin(x)"),
    ("[i for i in x]", None),
    ('f"{x}"', None),
    ("2j", "2*j"),
    ("007 + 0_8", "7 + 8"),
    ("1.2.3", None),
    ("1 2 3", "[1, 2, 3]"),
    ("[1 2 3]", "[1, 2, 3]"),
    ("[[1. 2.]\n [3. 4.]]", "[[1., 2.], [3., 4.]]"),
    ("[[1, 2]\n [3, 4]]", "[[1, 2], [3, 4]]"),
    ("[1, 2; 3, 4]", "[[1, 2], [3, 4]]"),
    ("[1 2; 3 4]", "[[1, 2], [3, 4]]"),
    ("x[]", "x"),
    ("sum(*x)", "sum(x)"),
    ("2x^2 + 3(x-1)(x+1) + sin x", "2*x**2 + 3*(x-1)*(x+1) + sin(x)"),
    ("2x + sinn(x)", "2*x + sin(x)"),
    ("2x + x(y + 1)", "2*x + x*(y + 1)"),
    ("2x + unheard(x)", None),
    ("日本² + 2日", "日本**2 + 2*日"),
]


def fault(text):
    with pytest.raises(TextError) as caught:
        read(text)
    return caught.value


def hint(text):
    with pytest.raises(ExpressionError) as caught:
        parse(text, functions=lambda: FUNCTIONS)
    return caught.value.hint


@pytest.mark.parametrize(("text", "better"), REPAIRED)
def test_offers_the_whole_corrected_expression(text, better):
    assert corrected(fault(text), FUNCTIONS) == better
    if better is not None:
        read(better)


def computes(text):
    """Whether an expression has a value for some values of its variables."""
    program = read(text)
    for value in (2.0, [0.0, 1.0], [[1.0, 2.0], [3.0, 4.0]]):
        values = {name: np.array(value) for name in program.names}
        values |= {name: np.array(1) for name in ("n", "i") if name in values}
        try:
            with np.errstate(all="ignore"):
                evaluate(program, values)
        except DzvizError:
            continue
        return True
    return False


@pytest.mark.parametrize(("text", "better"), [pair for pair in REPAIRED if pair[1]])
def test_what_is_offered_computes_and_assigns_as_before(text, better):
    assert computes(better)
    named = set(re.findall(r"(?:^|;|\n|,)\s*(\w+) = (?!=)", text))
    assert named <= {statement.target for statement in read(better).statements}


NUMPY = {
    "arccosh": (np.arccosh, 3.0),
    "cosec": (lambda x: 1 / np.sin(x), 0.7),
    "cot": (lambda x: np.cos(x) / np.sin(x), 0.7),
    "coth": (lambda x: np.cosh(x) / np.sinh(x), 0.7),
    "csc": (lambda x: 1 / np.sin(x), 0.7),
    "logit": (lambda x: np.log(x) - np.log1p(-x), 0.7),
    "logsigmoid": (lambda x: -np.log1p(np.exp(-x)), 0.7),
    "mae": (lambda x, y: np.mean(np.abs(x - y)), 0.7),
    "rsqrt": (lambda x: x**-0.5, 0.7),
    "sec": (lambda x: 1 / np.cos(x), 0.7),
    "sech": (lambda x: 1 / np.cosh(x), 0.7),
}
"""Where NumPy has no function of the name, or it wants another number."""


@pytest.mark.parametrize("name", FORMULAS)
def test_a_function_that_is_none_of_ours_is_written_as_said(name):
    function, x = NUMPY[name] if name in NUMPY else (getattr(np, name), 0.7)
    program = read(FORMULAS[name])
    values = {"x": np.array(x), "y": np.array(1.5)}
    given = [values[variable] for variable in sorted(program.names)]
    (output,) = evaluate(program, values).outputs
    np.testing.assert_allclose(output.data, function(*given), rtol=1e-12)
    assert name not in OPS


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("x * 0,5", "0.5"),
        ("x*1,25*y", "1.25"),
        ("x, 0,5", "0.5"),
        ("x * 0, 5", None),
        ("x, y", None),
        ("sum(x, 0,1)", None),
        ("[0,5]", None),
        ("x[0,5]", None),
        ("1.5,2", None),
        ("x1,2*y", None),
    ],
)
def test_a_decimal_comma_is_asked_about(text, meant):
    asked = hint_for_comma(text)
    assert (asked or "did you mean None? ").split()[3].rstrip("?") == str(meant)


def test_every_repair_is_tried_and_every_kind_tested():
    assert {fault(text).kind for text, better in REPAIRED if better} >= set(REPAIRS)
    assert all(REPAIRS.values())


@pytest.mark.parametrize("sign", SPELLINGS)
def test_every_other_spelling_is_a_fault(sign):
    assert sign in {*REFUSED_SIGNS, *REFUSED_WORDS} or fault(f"x{sign}y").kind == "strange"


@pytest.mark.parametrize("name", [*VALUES, *NAMES, *sorted(MODULES)])
def test_every_other_name_can_be_written(name):
    assert name in {"true", "false", "none", "null"} or read(name).names == (name,)


def test_advice_is_about_what_is_refused():
    assert ADVICE.keys() <= REFUSED_SIGNS.keys() | REFUSED_WORDS.keys()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("x^2", "write x**2"),
        ("  x^2 \n", "write x**2"),
        ("a = 1\n  b = 2x\na*b", "write line 2 as b = 2*x"),
        ("sin(\n  x^2\n)", "write line 2 as x**2"),
        ("[[1 2]\n [3 4]]", "write [[1, 2], [3, 4]]"),
        ("x^0,5", "write x**0.5"),
        ("x; a = x", "leave it out, or add it to the last one, separated by a comma"),
        ("x[0] = 3; x", "to get a new array, write x = concatenate([[value], x[1:]])"),
        ("x[2] = 3; x", "to get a new array, write x = concatenate([x[:2], [value], x[3:]])"),
        ("x[-1] = 3; x", "to get a new array, write x = concatenate([x[:-1], [value]])"),
        (
            "x[1:] = 3; x",
            "to get a new array, write x = where(mask, value, x), mask 1 at the value",
        ),
        ("2*x = y", "'y = sin(x)' names a value; '==' compares"),
        ("np.cbrt(x)", "write cbrt(x) as sign(x)*abs(x)**(1/3)"),
        ("np.linalg.lstsq(x)", "dzviz ops lists all functions"),
        ("np.random.randn(3)", "dzviz ops lists all functions"),
        ("x // 2", "floor division has no useful gradient; '/' divides"),
        ("x.shape", "the only attribute is '.T': x.T transposes"),
        ("sum(i for i in x)", "operations work on whole arrays: sum(x**2)"),
        ("1.2.3", None),
        ("", None),
        ("x^2 +" * 200 + "x", None),
    ],
    ids=lambda value: ascii(value)[:30],
)
def test_hint_in_words(text, words):
    assert hint(text) == words


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("sinn", "sin"),
        ("Sin", "sin"),
        ("SIN", "sin"),
        ("ln", "log"),
        ("Ln", "log"),
        ("cso", "cos"),
        ("asin", "arcsin"),
        ("tg", "tan"),
        ("fabs", "abs"),
        ("squrt", "sqrt"),
        ("unheard", None),
        ("x", None),
        ("softmax", None),
        *(
            (name, None)
            for name in (*FORMULAS, *sorted(ABSENT), "round", "argmax", "atan2", "asinh")
        ),
    ],
)
def test_finds_the_function_meant(name, meant):
    assert similar(name, FUNCTIONS) == meant


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("1 + sinn(x)", "did you mean sin?"),
        ("pow(x, 2)", "powers are written x**2"),
        ("x(y + 1)", "if x is a factor, write x*(...)"),
        ("rate * rate(y + 1)", "if rate is a factor, write rate*(...)"),
        ("unheard(x)", "dzviz ops lists all functions"),
        ("cbrt(x)", "write cbrt(x) as sign(x)*abs(x)**(1/3)"),
        ("asinh(x)", "write asinh(x) as log(x + sqrt(x**2 + 1))"),
        ("power(x, 2)", "powers are written x**2"),
        ("round(x)", "dzviz ops lists all functions"),
    ],
)
def test_unknown_function(text, words):
    program = parse(text)
    error = unknown_function(program, program.calls[0], FUNCTIONS)
    assert isinstance(error, ExpressionError)
    assert str(error) == f"unknown function '{program.calls[0].name}'"
    assert text[error.place.start : error.place.end] == program.calls[0].name
    assert error.hint == words


@pytest.mark.parametrize(
    ("text", "missing", "message", "words"),
    [
        ("x + y", "y", "no value for 'y'", "add --y VALUE"),
        ("x + y", "x y", "no value for 'x' and 'y'", "add --x VALUE --y VALUE"),
        ("x+y+z", "x y z", "no value for 'x', 'y' and 'z'", "add --x VALUE --y VALUE --z VALUE"),
        ("日 + 1", "日", "no value for '日'", "add --日 VALUE"),
        (
            "sin + 1",
            "sin",
            "no value for 'sin'",
            "sin is a function, as in sin(x); for a variable with that name, add --sin VALUE",
        ),
        ("2*π", "π", "no value for 'π'", "did you mean pi? If not, add --π VALUE"),
        ("2*πr", "πr", "no value for 'πr'", "did you mean pi*r? If not, add --πr VALUE"),
        ("true", "true", "no value for 'true'", "did you mean True? If not, add --true VALUE"),
        (
            "b = a; a = 1; b",
            "a",
            "no value for 'a'",
            "a is used before it is assigned; move the assignment up, or add --a VALUE",
        ),
    ],
)
def test_missing_value(text, missing, message, words):
    program = parse(text)
    error = missing_value(program, missing.split(), functions=FUNCTIONS)
    assert isinstance(error, UsageError)
    assert (str(error), error.hint) == (message, words)
    assert text[error.place.start : error.place.end] == missing.split()[0]


def test_lists_only_some_of_many_missing_values():
    names = [f"x{number}" for number in range(500)]
    error = missing_value(parse("+".join(names)), names)
    assert str(error).endswith("'x6', 'x7' and 492 more")


def test_missing_value_with_other_options():
    error = missing_value(parse("order"), ["order"], option="--set {}=VALUE".format)
    assert error.hint == "add --set order=VALUE"


@settings(max_examples=150, derandomize=True, deadline=None)
@given(st.data())
def test_what_is_offered_parses(data):
    pieces = [text for text, _ in REPAIRED] + ["(", ")", "[", "]", " ", "+", ",", "\n", ";"]
    text = "".join(data.draw(st.lists(st.sampled_from(pieces), max_size=5)))
    cut = data.draw(st.integers(0, len(text)))
    for wrong in (text, text[:cut], text[cut:]):
        try:
            read(wrong)
        except TextError as error:
            better = corrected(error, FUNCTIONS)
            if better is not None:
                read(better)
