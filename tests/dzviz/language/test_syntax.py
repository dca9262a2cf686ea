# ruff: noqa: PT017  Signs that look like others are tested; so is what errors hold.
import ast
import subprocess
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dzviz.errors import ExpressionError
from dzviz.language.parse import parse
from dzviz.language.syntax import CONSTANTS, OPERATORS, left_operand, read
from dzviz.language.tokens import (
    MAX_CHARACTERS,
    MAX_NESTING,
    MAX_NODES,
    REFUSED_SIGNS,
    REFUSED_WORDS,
    TextError,
    lexemes,
)

# One expression each: the tree must be the one that Python itself reads.
EXPRESSIONS = [
    "x",
    "1",
    "0",
    "00",
    "1_000",
    "1.5e-3",
    ".5",
    "5.",
    "0x1F + 0b11 + 0o17",
    "1e999",
    "x + y - z * w / v @ u ** t",
    "-x**2",
    "+-+x",
    "x ** -y ** -z",
    "2**-1",
    "x-1",
    "a < b",
    "(a <= b) * (b != c)",
    "where(x > 0, x, -x)",
    "where(True, x, y)",
    "sum(x, axis=0, keepdims=True)",
    "sum(x, (0, 1))",
    "zeros(())",
    "sum(x, axis=None)",
    "f()",
    "f(x,)",
    "sin (x)",
    "var(var)",
    "[]",
    "[1, [2, x],]",
    "[True, False]",
    "[1, 2, 3][0]",
    "x[0]",
    "x [0]",
    "x[1:3, ::2]",
    "x[:, None, ..., -1:]",
    "x[...]",
    "x[[0, 2]]",
    "x[(0, 1)]",
    "x[x > 0]",
    "x[True]",
    "x.T",
    "x . T.T[0].T",
    "(x + 1).T @ f(x).T",
    "((x))",
    "日本 + 本日 * β",
    "(日本).T[本:日]",
    "Übung(ñ, é=ø)",
    "match + case + type + _",
    "__import__ + __debug__",
]

# text, free names (constants are among them), assigned names, outputs
PROGRAMS = [
    ("sin(x)", "x", "", ["sin(x)"]),
    ("a = x**2; a*sin(a)", "x", "a", ["a*sin(a)"]),
    ("a = x**2\nb = sin(a)", "x", "a b", ["sin(a)"]),
    ("x, y*2", "x y", "", ["x", "y*2"]),
    ("(x, y)", "x y", "", ["x", "y"]),
    ("x,", "x", "", ["x"]),
    ("b + a*b + a", "b a", "", ["b + a*b + a"]),
    ("f(c, k=b)[a] + d", "c b a d", "", ["f(c, k=b)[a] + d"]),
    ("2*pi*r + e", "pi r e", "", ["2*pi*r + e"]),
    ("pi = 3; pi*r", "r", "pi", ["pi*r"]),
    ("x = x + 1; x**2", "x", "x", ["x**2"]),
    ("a = 1; a = a + 1; a", "", "a a", ["a"]),
    ("b = a; a = 2; a*b", "a", "b a", ["a*b"]),
    ("sin = x; sin(sin)", "x", "sin", ["sin(sin)"]),
    ("a = 1;", "", "a", ["1"]),
    (";;x;\n;", "x", "", ["x"]),
    ("  a = x\n    b = a\n\n  a*b  ", "x", "a b", ["a*b"]),
    ("a = sin(\n  x\n) + \\\n  1\na # the end", "x", "a", ["a"]),
    ("# a comment ^ 'only'\r\nx # and $ more\r\n", "x", "", ["x"]),
    ("a = 1\ra", "", "a", ["a"]),
    ("\ufeffx\n", "x", "", ["x"]),
    ("\tx\f+\ty", "x y", "", ["x\f+\ty"]),
    ("ｓｉｎ(ｘ) + 𝐲", "x y", "", ["ｓｉｎ(ｘ) + 𝐲"]),
    ("ｘ = 2; x", "", "x", ["x"]),
]

# text, kind of fault, the stretch at fault, words of the message
REFUSED = [
    ("", "empty", "", "empty"),
    (" \n # x\n;", "empty", "", "empty"),
    ("()", "empty", "()", "no output"),
    ("x^2", "sign", "^", "power sign"),
    ("x % 2", "sign", "%", "remainder"),
    ("x'", "sign", "'", "quotation mark"),
    ("a := 3", "sign", ":=", "naming inside"),
    ("lambda x: x", "word", "lambda", "function definition"),
    ("x if y else z", "word", "if", "condition"),
    ("[c for c in ()]", "word", "for", "loop"),
    ("𝐢𝐟", "word", "𝐢𝐟", "condition"),
    ("2j", "complex", "2j", "complex number '2j'"),
    ("1 + 1_0.5e3J", "complex", "1_0.5e3J", "complex"),
    ("x²", "strange", "²", "superscript two"),
    ("xⁿ", "strange", "ⁿ", "superscript latin small letter n"),
    ("a·b", "strange", "·", "middle dot"),
    ("x\u00a0+ 1", "strange", "\u00a0", "space of another kind (no-break space, U+00A0)"),
    ("x\u200b", "strange", "\u200b", "invisible character (zero width space, U+200B)"),
    ("x\x00", "strange", "\x00", "invisible character (U+0000)"),
    ("x\x0b", "strange", "\x0b", "invisible character (U+000B)"),
    ("x\ufeff", "strange", "\ufeff", "invisible character"),
    ("x\udcff", "strange", "\udcff", "not UTF-8"),
    ("\ud800", "strange", "\ud800", "not UTF-8"),
    ("Ｔｒｕｅ", "strange", "Ｔｒｕｅ", "in other letters"),
    ("١", "strange", "١", "arabic-indic digit one"),
    ("2x", "missing", "x", "an operator is missing before 'x'"),
    ("sin x", "missing", "x", "an operator or a bracket is missing before 'x'"),
    ("(x+1)(x-1)", "missing", "(", "an operator"),
    ("f(x)(y)", "missing", "(", "an operator"),
    ("x.T(1)", "missing", "(", "an operator"),
    ("2[0]", "missing", "[", "an operator"),
    ("1 2", "missing", "2", "an operator"),
    ("True(x)", "missing", "(", "an operator"),
    ("(a\nb)", "missing", "b", "bracket"),
    ("[[1, 2]\n [3, 4]]", "comma", "[", "a comma is missing before '['"),
    ("1.2.3", "number", "1.2.3", "'1.2.3' is not a number"),
    ("1__0", "number", "1__0", "not a number"),
    ("007", "zeros", "007", "begins with 0"),
    ("0_7", "zeros", "0_7", "begins with 0"),
    ("x.sum()", "attribute", ".sum", "attribute '.sum'"),
    ("x.__class__", "attribute", ".__class__", "attribute '.__class__'"),
    ("x.", "dangling", ".", "there is nothing after '.'"),
    ("x.(y)", "dot", ".", "a name is missing after '.'"),
    (".T", "lonely", ".", "there is nothing before '.'"),
    ("x + .T", "pair", "+ .", "'.' cannot follow '+'"),
    ("* x", "unpack", "*", "unpacking"),
    ("f(*x)", "unpack", "*", "unpacking"),
    ("f(**x)", "unpack", "**", "unpacking"),
    ("[*x]", "unpack", "*", "unpacking"),
    ("/ x", "lonely", "/", "there is nothing before '/'"),
    ("(< x)", "lonely", "<", "there is nothing before '<'"),
    ("x + * y", "pair", "+ *", "'*' cannot follow '+'"),
    ("x < > y", "pair", "< >", "'>' cannot follow '<'"),
    ("x +", "dangling", "+", "there is nothing after '+'"),
    ("f(x -)", "dangling", "-", "there is nothing after '-'"),
    ("x ==\ny", "dangling", "==", "there is nothing after '=='"),
    ("x =", "dangling", "=", "there is nothing after '='"),
    ("f(k=)", "dangling", "=", "there is nothing after '='"),
    ("x[1+:2]", "dangling", "+", "there is nothing after '+'"),
    ("f(x,,y)", "lonely", ",", "there is nothing before ','"),
    ("f(,)", "lonely", ",", "there is nothing before ','"),
    (",x", "lonely", ",", "there is nothing before ','"),
    ("a < b < c", "chain", "<", "chained comparison"),
    ("f(a == b == c)", "chain", "==", "chained comparison"),
    ("(x", "unclosed", "(", "'(' is never closed"),
    ("f(x, [1, 2)", "mismatch", "[1, 2)", "')' cannot close '['"),
    ("a = sin(x\nb = a", "unclosed", "(", "'(' is never closed"),
    ("[1, 2; 3", "unclosed", "[", "'[' is never closed"),
    ("x)", "extra", ")", "')' closes nothing"),
    ("(x; y)", "semicolon", ";", "';' is not allowed inside brackets"),
    ("x[]", "index", "[]", "the index is empty"),
    ("x: float = 3", "colon", ":", "':' is only for slices"),
    ("f(a:b)", "colon", ":", "':' is only for slices"),
    ("[1:2]", "colon", ":", "':' is only for slices"),
    ("x[1:2:3:4]", "colon", ":", "at most two ':'"),
    ("= 3", "equals", "=", "there is no name before '='"),
    ("x = = 3", "pair", "= =", "'=' cannot follow '='"),
    ("a = b = 3", "equals", "=", "a second '='"),
    ("a, b = 1, 2", "equals", "a, b", "only a single name"),
    ("x[0] = 3", "assignment", "x[0]", "cannot be assigned to"),
    ("f(x) = 3", "equals", "f(x)", "only a single name"),
    ("2 = x", "equals", "2", "only a single name"),
    ("True = x", "equals", "True", "only a single name"),
    ("(x = 3)", "equals", "=", "'==' compares"),
    ("f(x+a=3)", "equals", "=", "'==' compares"),
    ("f(x+1=3)", "equals", "=", "'==' compares"),
    ("f(a=b=c)", "equals", "=", "'==' compares"),
    ("f(a=1, 2)", "argument", "2", "without a name"),
    ("f(a=1, a=2)", "argument", "a=2", "'a' is given twice"),
    ("x + 1; y", "unused", "x + 1", "never used"),
    ("a = 1, 2", "place", "1, 2", "a tuple can only be"),
    ("(1, 2) + x", "place", "(1, 2)", "a tuple can only be"),
    ("[(1, 2)]", "place", "(1, 2)", "a tuple can only be"),
    ("x[(1, (2, 3))]", "place", "(2, 3)", "a tuple can only be"),
    ("f(((1, 2), 3))", "place", "(1, 2)", "a tuple can only be"),
    ("True", "place", "True", "True and False can only be"),
    ("x + True", "place", "True", "True and False can only be"),
    ("None", "place", "None", "None can only be"),
    ("[None]", "place", "None", "None can only be"),
    ("x[None:]", "place", "None", "None can only be"),
    ("...", "place", "...", "'...' can only be an index"),
    ("f(...)", "place", "...", "'...' can only be an index"),
    ("日本 + 本2.日", "attribute", ".日", "attribute '.日'"),
]

HOSTILE = [
    "__import__('os').system('true')",
    "().__class__.__bases__[0].__subclasses__()",
    "x.__class__",
    "x.T.__class__",
    "(lambda: 0)()",
    "(lambda *a, **k: a)",
    "[c for c in ()]",
    "{c: c for c in ()}",
    "(c for c in ())",
    'f"{x}"',
    'f"{__import__("os")}"',
    "b'x'",
    "open('/etc/passwd')",
    "exec(x); eval(y)",
    "x if 1 else y",
    "(yield)",
    "await x",
    "async def f(): pass",
    "import os",
    "from os import *",
    "global x",
    "del x",
    "exec('1')",
    "@x\nclass A: pass",
    "class A: pass",
    "x: int",
    "x += 1",
    "x[0] = 1",
    "x.y = 1",
    "a = b = 1",
    "*a, b = c",
    "(a := 1)",
    "print(*x)",
    "f(**k)",
    "x and y",
    "not x",
    "x in y",
    "x is y",
    "~x",
    "x << 1",
    "x // y",
    "{1}",
    "{}",
    "{**x}",
    "1j",
    "...",
    "None",
    "'text'",
    '"""text"""',
    "match x:\n case 1: pass",
    "type X = int",
    "with x: pass",
    "raise x",
    "assert x",
    "\\",
    "x\\y",
    "!ls",
    "%timeit x",
    "?",
    "$x",
    "`x`",
]

ALLOWED_NODES = (
    ast.Name,
    ast.Constant,
    ast.BinOp,
    ast.UnaryOp,
    ast.Compare,
    ast.Call,
    ast.keyword,
    ast.List,
    ast.Tuple,
    ast.Subscript,
    ast.Slice,
    ast.Attribute,
    ast.Load,
    *OPERATORS,
)


def short(value):
    return ascii(value)[:20]


def refusal(text):
    with pytest.raises(TextError) as caught:
        read(text)
    return caught.value


@pytest.mark.parametrize("text", EXPRESSIONS)
def test_reads_the_tree_that_python_reads(text):
    (output,) = parse(text).outputs
    assert ast.dump(output) == ast.dump(ast.parse(text, mode="eval").body)


@pytest.mark.parametrize(("text", "free", "assigned", "outputs"), PROGRAMS)
def test_finds_names_and_outputs(text, free, assigned, outputs):
    program = parse(text)
    assert [mention.name for mention in program.free] == free.split()
    assert list(program.names) == [name for name in free.split() if name not in CONSTANTS]
    assert list(program.constants) == [name for name in free.split() if name in CONSTANTS]
    assert [s.target for s in program.statements if s.target] == assigned.split()
    assert [program.source(output) for output in program.outputs] == outputs


@pytest.mark.parametrize(("text", "kind", "stretch", "words"), REFUSED)
def test_refuses_by_name_at_the_place(text, kind, stretch, words):
    error = refusal(text)
    assert error.kind == kind
    assert text[error.place.start : error.place.end] == stretch
    assert words in str(error)


@pytest.mark.parametrize("text", HOSTILE)
def test_refuses_what_could_run_code(text):
    with pytest.raises(ExpressionError):
        parse(text)


@pytest.mark.parametrize("sign", REFUSED_SIGNS)
def test_refuses_every_sign_by_its_name(sign):
    error = refusal(f"x {sign} y")
    assert (error.place.start, error.place.end) == (2, 2 + len(sign))
    assert str(error) == f"{REFUSED_SIGNS[sign]} ('{sign}') is not part of the language"


@pytest.mark.parametrize("word", REFUSED_WORDS)
def test_refuses_every_word_by_its_name(word):
    error = refusal(f"x + {word} y")
    assert (error.place.start, error.place.end) == (4, 4 + len(word))
    assert str(error) == f"{REFUSED_WORDS[word]} ('{word}') is not part of the language"


def test_knows_all_words_of_python():
    from keyword import kwlist

    assert {*REFUSED_WORDS, "True", "False", "None"} == set(kwlist) | {"elif"}


def test_names_are_mentioned_where_they_are_first_read():
    program = parse("y = x + pi; z + y + x + z + pi")
    assert [tuple(mention) for mention in program.free] == [
        ("x", (4, 5)),
        ("pi", (8, 10)),
        ("z", (12, 13)),
    ]


def test_lists_calls_apart_from_names():
    program = parse("var = sin(x) + var(var); f(g(x), k=h())*var")
    names = [call.name for call in program.calls]
    assert names == ["sin", "var", "f", "g", "h"]
    assert all(program.text[slice(*call.span)] == call.name for call in program.calls)
    assert program.names == ("x", "var")


@pytest.mark.parametrize(
    ("text", "unused"),
    [
        ("a = 1; b = 2; a", ["b"]),
        ("a = 1; a = 2; a", ["a"]),
        ("a = 1; a = a + 1", []),
        ("a = 1; b = a", []),
        ("a = 1; b = a; a = 2; b", ["a"]),
        ("a = 1; x", ["a"]),
        ("a = x; a = 1; a = 2; y", ["a", "a", "a"]),
        ("ａ = 1; x", ["a"]),
    ],
)
def test_finds_assigned_names_that_nothing_uses(text, unused):
    program = parse(text)
    assert [mention.name for mention in program.unused] == unused
    starts = [mention.span[0] for mention in program.unused]
    assert starts == sorted(starts)


def test_spans_count_characters_of_the_whole_text():
    program = parse("日 = 1 # 日本\n\n f(日, é=(日本) * 2)[日:]")
    call = program.outputs[0].value
    assert program.source(call) == "f(日, é=(日本) * 2)"
    assert program.source(call.keywords[0]) == "é=(日本) * 2"
    assert program.source(call.keywords[0].value) == "(日本) * 2"
    assert program.place(call.args[0]) == (program.text, 15, 16)
    assert program.statements[0].target_span == (0, 1)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("9" * 400, float("inf")),
        ("9" * 9900, float("inf")),
        ("1" + "_0" * 4000, float("inf")),
        ("0" * 5000, 0),
        ("9" * 300, int("9" * 300)),
        ("1" + "0" * 308, 10**308),
        ("0x" + "f" * 400, float("inf")),
        ("0." + "0" * 400 + "1", 0.0),
        ("1." + "7" * 5000, float("1." + "7" * 50)),
        ("1e999", float("inf")),
    ],
    ids=short,
)
def test_reads_numbers_of_any_length(text, value):
    program = parse(f"{text} + x")
    number = program.outputs[0].left
    assert number.value == value
    assert program.source(number) == text


def test_hints_alone_need_the_names_of_functions():
    def functions():
        raise AssertionError

    assert parse("sinn(x)", functions=functions).names == ("x",)


LIMITS = [
    ("x" + " " * (MAX_CHARACTERS - 1), " ", "at most 10000"),
    ("x" + "+x" * (MAX_NODES // 2 - 1), "+x", "more than 2000 syntax nodes"),
    ("x" + ".T" * (MAX_NODES - 1), ".T", "more than 2000 syntax nodes"),
    ("x" + "[:]" * (MAX_NODES // 2 - 1), "[:]", "more than 2000 syntax nodes"),
    ("f([" + "1," * (MAX_NODES - 3) + "])", "+1", "more than 2000 syntax nodes"),
    ("a=1;" * (MAX_NODES - 1) + "1", "+1", "more than 2000 syntax nodes"),
]


@pytest.mark.parametrize(("text", "more", "words"), LIMITS, ids=short)
def test_limits_size(text, more, words):
    parse(text)
    for count in (1, 900):
        with pytest.raises(ExpressionError, match=words):
            parse(text + more * count)


@pytest.mark.parametrize(
    ("opening", "closing"),
    [
        ("(", ")"),
        ("[", "]"),
        ("sin(", ")"),
        ("x[", "]"),
        ("-", ""),
        ("+", ""),
        ("x**", ""),
        ("1+(", ")"),
        ("(1+", ")"),
        ("f(k=", ")"),
        ("f(1, ", ")"),
    ],
)
def test_limits_nesting(opening, closing):
    parse(opening * MAX_NESTING + "x" + closing * MAX_NESTING)
    for deeper in (MAX_NESTING + 1, 1000):
        with pytest.raises(ExpressionError, match="nested more than 100 deep"):
            parse(opening * deeper + "x" + closing * deeper)


@pytest.mark.parametrize("text", ["1+1*(", "0<1+1*(", "x[0, 0<1+1*", "-x**f(", "(-x+"])
def test_limits_the_depth_of_the_tree_whatever_makes_it(text):
    def depth(node):
        chained = left_operand(node)
        return max((depth(n) + (n is not chained) for n in ast.iter_child_nodes(node)), default=0)

    deepest = 0
    for count in range(1, 101, 2):
        closing = text.count("(") * ")" or "]"
        try:
            program = parse(text * count + "x" + closing * count)
        except ExpressionError as error:
            assert "nested more than 100 deep" in str(error)
        else:
            # The operators themselves and the parts of a call are nodes of ast's too.
            deepest = max(deepest, depth(program.outputs[0]))
    assert MAX_NESTING - 10 < deepest <= 2 * MAX_NESTING


TOKENS = [
    *"+-*/@<>=()[],.:;#\\^%&|~!?${}'\"` \n\t\r\fxT19π²√日",
    *["**", "==", "<=", "x", "x.T", "2", "1.5", "True", "...", "sin", "(x)", "x[0]", "# c\n"],
    *["f(", "a=", "a = 1; ", "lambda", "not ", "if ", " else ", "for", "é", "\u200b", "\ud800"],
    *["\\\n", "-x", "x**", "f(x, ", "f(k=", "x[1:", ")", "])"],
]


@pytest.mark.parametrize("token", TOKENS)
def test_survives_ten_thousand_characters_of_anything(token):
    for text in (token * (MAX_CHARACTERS // len(token)), f"x{token * 2000}"[:MAX_CHARACTERS]):
        try:
            parse(text)
        except ExpressionError as error:
            assert error.place is not None


def test_reads_a_chain_deep_down_in_the_stack():
    def at_depth(depth):
        return at_depth(depth - 1) if depth else parse("x" + "+x" * 999)

    at_depth(500)


def test_loads_no_numpy_and_no_difflib():
    code = (
        "import sys; import dzviz.language.parse as s; s.parse('a = sin(x)**2; a'); "
        "print(*{'numpy', 'click', 'dzviz._dezero', 'difflib', 'wcwidth'} & {*sys.modules})"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == []


@pytest.mark.parametrize("text", [*EXPRESSIONS, *(p[0] for p in PROGRAMS), *HOSTILE, *TOKENS])
def test_lexemes_cover_any_text(text):
    parts = list(lexemes(text))
    assert [token.start for token in parts] == [0, *(token.end for token in parts)][: len(parts)]
    assert parts[-1].end == len(text)


def check_program(program):
    """Whatever is let through holds listed nodes only, each at its place."""
    for statement in program.statements:
        for node in ast.walk(statement.value):
            assert isinstance(node, ALLOWED_NODES)
            if isinstance(node, ast.Attribute):
                assert node.attr == "T"
            if isinstance(node, ast.Call):
                assert isinstance(node.func, ast.Name)
            if isinstance(node, ast.Constant):
                assert type(node.value) in {int, float, bool, type(None), type(...)}
            if isinstance(node, ast.expr):
                check_span(program, node)


def check_span(program, node):
    start, end = program.span(node)
    source = program.source(node)
    assert 0 <= start < end <= len(program.text)
    assert source == source.strip()
    if isinstance(node, ast.Name):
        assert ast.parse(source, mode="eval").body.id == node.id
    if isinstance(node, (ast.List, ast.Call, ast.Subscript)):
        assert source[-1] in ")]"


def parse_anything(text):
    try:
        program = parse(text, functions=lambda: ["sin", "where", "sum"])
    except ExpressionError as error:
        place = error.place
        assert place.text == text
        assert 0 <= place.start <= place.end <= len(text)
        assert "\n" not in str(error)
    else:
        check_program(program)


@settings(max_examples=300, derandomize=True, deadline=None)
@given(st.text(max_size=60))
def test_any_text_is_read_or_refused(text):
    parse_anything(text)


PIECES = [token for token in TOKENS if len(token) < 9] + list(REFUSED_SIGNS) + list(REFUSED_WORDS)


@settings(max_examples=400, derandomize=True, deadline=None)
@given(st.lists(st.sampled_from(PIECES), max_size=25).map("".join))
def test_any_pieces_are_read_or_refused(text):
    parse_anything(text)


@settings(max_examples=300, derandomize=True, deadline=None)
@given(st.data())
def test_any_change_of_a_good_text_is_read_or_refused(data):
    text = data.draw(st.sampled_from([*EXPRESSIONS, *(program[0] for program in PROGRAMS)]))
    for _ in range(data.draw(st.integers(1, 4))):
        start = data.draw(st.integers(0, len(text)))
        end = data.draw(st.integers(start, min(start + 3, len(text))))
        text = text[:start] + data.draw(st.sampled_from(["", *PIECES])) + text[end:]
    parse_anything(text)


NAMES = st.sampled_from(["x", "y2", "日本", "é", "pi", "sin"])
LEAVES = NAMES | st.sampled_from(["1", "2.5", "1e3", ".5", "0x1f"])


def grown(inner):
    """Larger expressions made of smaller ones."""
    return st.one_of(
        st.builds(
            "{} {} {}".format, inner, st.sampled_from(["+", "-", "*", "/", "**", "@"]), inner
        ),
        st.builds("({}{}{})".format, inner, st.sampled_from(["<", "=="]), inner),
        st.builds("({})".format, inner),
        st.builds("-{}".format, inner),
        st.builds("f({}, k={})".format, inner, inner),
        st.builds("[{},{}]".format, inner, inner),
        st.builds("({})[{}:, 0]".format, inner, inner),
        st.builds("({}).T".format, inner),
    )


@settings(max_examples=200, derandomize=True, deadline=None)
@given(st.recursive(LEAVES, grown, max_leaves=12))
def test_every_expression_of_the_grammar_is_read_as_python_reads_it(text):
    program = parse(text)
    (output,) = program.outputs
    tree = ast.parse(text, mode="eval").body
    assert ast.dump(output) == ast.dump(tree)
    for ours, theirs in zip(ast.walk(output), ast.walk(tree), strict=True):
        if isinstance(ours, ast.expr):
            assert program.source(ours) == ast.get_source_segment(text, theirs)
