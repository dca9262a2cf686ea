"""Signs as a typesetter sets them, and nothing else: words, options and powers stay."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dzviz.text.typeset import plain, typeset


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("-7.788", "−7.788"),
        ("grad None (was -7.788)", "grad None (was −7.788)"),
        ("data [-1.5, 2, -3e-5]", "data [−1.5, 2, −3e−5]"),
        ("-1.6 .. -0.2, mean -inf", "−1.6 .. −0.2, mean −inf"),
        ("x - y", "x − y"),
        ("x-y", "x−y"),
        ("x-1", "x−1"),
        ("(a+b)-(c)", "(a+b)−(c)"),
        ("-", "−"),
        ("y = -", "y = −"),
        ("y = -x", "y = −x"),
        ("-log(p[0])", "−log(p[0])"),
        ("*", "×"),
        ("a = *", "a = ×"),
        ("a = x*x; y = a*sin(a)+2*x", "a = x·x; y = a·sin(a)+2·x"),
        ("1 - y * y", "1 − y · y"),
        ("9 * -0.9111 = -8.200", "9 × −0.9111 = −8.200"),
        ("-7.788 (upstream) * 3 (local: x) = -23.36", "−7.788 (upstream) × 3 (local: x) = −23.36"),
        ("0 (upstream) * inf (local: 1 / x) = NaN", "0 (upstream) × inf (local: 1 / x) = NaN"),
        ("-inf * 0 = NaN", "−inf × 0 = NaN"),
        ("grad 0 * slope inf = NaN", "grad 0 × slope inf = NaN"),
        ("2 * info", "2 · info"),
        ("NaN * NaN", "NaN × NaN"),
        ("- sends back to x: 1", "− sends back to x: 1"),
        ("Taken from the queue: -, generation 7.", "Taken from the queue: −, generation 7."),
        ("Taken from the queue: *, generation 7.", "Taken from the queue: ×, generation 7."),
        ("Waiting: * (1), * (0).", "Waiting: × (1), × (0)."),
        ("* sends back to a: 1", "× sends back to a: 1"),
        ("[-1, 2] (upstream) * [1, 0]", "[−1, 2] (upstream) × [1, 0]"),
        ("y'' of tanh", "y′′ of tanh"),
        ("d(y')/d(node)", "d(y′)/d(node)"),
        ("f: the function, f': its first derivative", "f: the function, f′: its first derivative"),
    ],
)
def test_signs(line, expected):
    assert typeset(line) == expected
    assert plain(typeset(line)) == line


@pytest.mark.parametrize(
    "line",
    [
        "** 2",
        "x**2",
        "x ** 2",
        "f(*xs)",
        "x-ray",
        "first-order",
        "cross-entropy-loss",
        "--fit slide",
        "a -- b",
        "Newton's method",
        "say 'x' and 'y'",
        "->",
        "x -> y",
        "[0]",
        "...",
        "~0",
        "+1 more",
        "*.svg",
        "2 **",
        "",
    ],
)
def test_what_is_no_sign_stays(line):
    assert typeset(line) == line


@given(st.text(alphabet="-*' xy1.()[]e=,", max_size=30))
def test_each_character_keeps_its_place_and_can_be_taken_back(line):
    assert len(typeset(line)) == len(line)
    assert plain(typeset(line)) == line
