import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dzviz.errors import DzvizError, ExpressionError, Place, UsageError
from dzviz.language.carets import LENGTH, WIDTH, explain, position, underlined, visible
from dzviz.text.table import width


def at(text, stretch, **details):
    start = text.index(stretch)
    return ExpressionError("wrong", place=Place(text, start, start + len(stretch)), **details)


EXPLAINED = [
    (
        at("日本 + sinn(x)", "sinn", hint="did you mean sin?"),
        [
            "dzviz: error: wrong (column 6)",
            "  日本 + sinn(x)",
            "         ^^^^",
            "hint: did you mean sin?",
        ],
    ),
    (
        at("x^2", "^"),
        ["dzviz: error: wrong (column 2)", "  x^2", "   ^"],
    ),
    (
        at("a = 1\n\tb = 日 $ 2 # é\na*b", "$"),
        ["dzviz: error: wrong (line 2, column 8)", "   b = 日 $ 2 # é", "          ^"],
    ),
    (
        at("a\r\nb\rc^2\n", "^"),
        ["dzviz: error: wrong (line 3, column 2)", "  c^2", "   ^"],
    ),
    (
        at("x^2\n", "^"),
        ["dzviz: error: wrong (column 2)", "  x^2", "   ^"],
    ),
    (
        at("f(x,\n  y", "(x,\n  y"),
        ["dzviz: error: wrong (line 1, column 2)", "  f(x,", "   ^^^"],
    ),
    (
        at("日本 日本", "本 日"),
        ["dzviz: error: wrong (column 2)", "  日本 日本", "    ^^^^^"],
    ),
    (
        at("e\u0301 + 2x", "x"),
        ["dzviz: error: wrong (column 7)", "  e\u0301 + 2x", "       ^"],
    ),
    (
        ExpressionError("wrong", place=Place("x + ", 4, 4)),
        ["dzviz: error: wrong (column 5)", "  x +", "      ^"],
    ),
    (
        at("\x1b[31mx\u202e\t\udc80^", "^"),
        [
            "dzviz: error: wrong (column 10)",
            "  \\x1b[31mx\\u202e \\udc80^",
            "                        ^",
        ],
    ),
    (
        at("x\u3000+\u00a01", "\u3000"),
        ["dzviz: error: wrong (column 2)", "  x\\u3000+\\xa01", "   ^^^^^^"],
    ),
    (ExpressionError("the expression is empty", place=Place(" \n", 2, 2)), None),
    (
        DzvizError("cannot write 'a\nb\x1b[0m'", hint="dzviz x\x07 -o y"),
        ["dzviz: error: cannot write 'a\\nb\\x1b[0m'", "hint: dzviz x\\x07 -o y"],
    ),
]


@pytest.mark.parametrize(("error", "lines"), EXPLAINED)
def test_explains(error, lines):
    assert explain(error).split("\n") == (lines or ["dzviz: error: the expression is empty"])


def test_cuts_a_long_line_around_the_place():
    shown, marks = underlined(Place("a" * 500 + "日^2" + "b" * 500, 501, 502))
    assert shown.startswith("...aaa")
    assert shown.endswith("bbb...")
    assert len(marks) == width(shown[: shown.index("^") + 1])
    assert marks.strip() == "^"
    assert width(shown) <= WIDTH


@pytest.mark.parametrize(
    ("start", "head", "tail"), [(0, "^", "bbb..."), (1000, "...bbb", "b"), (999, "...bbb", "b")]
)
def test_cuts_only_where_the_line_goes_on(start, head, tail):
    text = "b" * 1000
    shown, marks = underlined(Place(text[:start] + "^" + text[start:], start, start + 1))
    assert shown.startswith(head)
    assert shown.endswith((tail, "^"))
    assert shown.index("^") == marks.index("^")


def test_cuts_a_long_place():
    shown, marks = underlined(Place("日" * 1000, 10, 990))
    assert width(shown) <= WIDTH
    assert len(marks) <= width(shown)


@settings(max_examples=300, derandomize=True, deadline=None)
@given(st.text(max_size=200), st.integers(0, 200), st.integers(0, 200))
def test_shows_any_place_in_any_text(text, start, length):
    start = min(start, len(text))
    end = min(start + length, len(text))
    place = Place(text, start, end)
    shown, marks = underlined(place)
    assert shown.isprintable()
    assert width(shown) <= WIDTH
    assert set(marks.strip()) == {"^"}
    assert len(marks) <= WIDTH + 1
    assert visible(explain(ExpressionError(text, place=place)).replace("\n", "")).isprintable()
    assert position(place).removeprefix("line 1, ").startswith(("column ", "line "))


def test_what_is_endless_is_cut():
    error = UsageError("no such option --" + "n" * 30_000 + "!", hint="h" * 30_000)
    told, hint = explain(error).split("\n")
    assert told.startswith("dzviz: error: no such option --nnn")
    assert told.endswith("nnn!")
    assert max(len(told), len(hint)) < LENGTH + 50
    whole = "a hint of a command " + "x" * (LENGTH - 20)
    assert explain(UsageError("", hint=whole)).endswith(f"hint: {whole}")
