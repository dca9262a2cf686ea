"""What another processor makes of a picture is equivalent to it; what a user changes is not."""

import re

import pytest

from dzviz.documents.equivalence import ATTRIBUTES, is_equivalent, is_equivalent_text, precision_of
from dzviz.documents.requests import read_request
from dzviz.documents.trust import Trust
from dzviz.formats import FORMATS

KINDS = [format.name for format in FORMATS.values() if not format.binary and format.name != "html"]
SHOWN = [name for name in KINDS if name != "json"]
DRAWN = ["svg", "animation"]


def draw(command, format):
    request = read_request(command, folder=".", trust=Trust("."))._replace(format=FORMATS[format])
    (drawing,) = request.drawings()
    return "".join(map(str, drawing.chunks())).encode()


def precision(command, format):
    digits = re.search("--precision ([0-9]+)", command)
    return precision_of(format, int(digits[1]) if digits else 4, command)


def compared(format, old, new):
    """Whether what the one command drew is equivalent to what the other draws."""
    return is_equivalent(format, draw(old, format), draw(new, format), precision(new, format))


# A factor NOISE stands for what a processor rounds; each of these is shown otherwise by it.
NOISE = {
    "a last digit": "x*noise --x 0.12345",
    "a power of ten": "x*noise --x 0.99995",
    "an exponent": "x*noise --x 1.2345e-9",
    "a whole number": "x*noise --x 3",
    "a number of few digits": "x*x*noise --x 0.5",
    "a whole number of many digits": "x*noise --x 12345",
    "an array": "w*noise --w [0.12345,2,3e-7]",
    "rows": "w*noise --w [[0.12345],[2]]",
    "what an array spans": "w*noise --w linspace(0.12345,9,20)",
    "a gradient on an edge": "x*noise*x --x 0.12345",
    "more digits": "x*noise --x 0.1234565 --precision 6",
    "fewer digits": "x*noise --x 0.45 --precision 1",
    "all digits": "x*noise --x 0.1 --precision 17",
}


@pytest.mark.thorough
@pytest.mark.parametrize("name", NOISE)
@pytest.mark.parametrize("format", KINDS)
def test_what_another_processor_rounds_otherwise_is_equivalent(name, format):
    command = NOISE[name]
    given = precision(command, format)
    sides = [draw(f"{command} --noise {1 + e}", format) for e in (-1e-9, 0, 1e-9)]
    # The first and the last shown, or else one of them and what is exact.
    assert len(set(sides)) > 1
    for old in sides:
        for new in sides:
            assert is_equivalent(format, old, new, given)


CHANGES = {
    "a third digit": ("sin(x) --x 1.23", "sin(x) --x 1.24"),
    "a whole number": ("x+1 --x 1234", "x+1 --x 1235"),
    "one digit": ("x*x --x 2", "x*x --x 3"),
    "a short number": ("x --x 0.5", "x --x 0.6"),
    "a digit that is given": ("x*a --x 0.1234 --a 1", "x*a --x 0.1235 --a 1"),
    "a digit of the expression": ("x*0.1234 --x 1", "x*0.1235 --x 1"),
    "a sign": ("x*x --x 1.234567", "x*x --x -1.234567"),
    "the sign of what is small": ("x*a --x 4.626e-18 --a 1.01", "x*a --x -4.626e-18 --a 1.01"),
    "an exponent": ("x*a --x 1.234e-9 --a 1.01", "x*a --x 1.234e-8 --a 1.01"),
    "a name": ("sin(x) --x 1", "sin(z) --z 1"),
    "an op": ("sin(x) --x 1.2", "tan(x) --x 1.2"),
    "the order of operands": ("x-z --x 1 --z 1", "z-x --x 1 --z 1"),
    "the order of nodes": ("x*z --x 1 --z 1", "z*x --x 1 --z 1"),
    "one more node": ("x*z --x 1 --z 1", "x*z*z --x 1 --z 1"),
    "a gradient that is kept": ("sin(x)*x --x 1", "sin(x)*x --x 1 --retain-grad"),
    "no gradients": ("sin(x) --x 1", "sin(x) --x 1 --no-backward"),
}

LOOKS = {
    "a theme": ("sin(x) --x 1", "sin(x) --x 1 --theme dark"),
    "a colour": ("x --x 1 --background #fff1e0", "x --x 1 --background #fff1e1"),
    "a colour like a number": ("x --x 1 --background #1234e1", "x --x 1 --background #1235e1"),
    "a title": ("x --x 1", "x --x 1 --title one"),
    "more digits": ("sin(x) --x 1", "sin(x) --x 1 --precision 5"),
}


@pytest.mark.thorough
@pytest.mark.parametrize("name", CHANGES)
@pytest.mark.parametrize("format", KINDS)
def test_a_real_change_is_none(name, format):
    old, new = CHANGES[name]
    assert not compared(format, old, new)
    assert not compared(format, new, old)
    assert compared(format, new, new)


@pytest.mark.parametrize("name", LOOKS)
@pytest.mark.parametrize("format", [*DRAWN, "dot"])
def test_another_look_is_none(name, format):
    old, new = LOOKS[name]
    assert not compared(format, old, new)
    assert not compared(format, new, old)


@pytest.mark.parametrize("style", ["boxes", "book", "refs"])
def test_where_things_stand_does_not_count_and_all_else_does(style):
    svg = draw(f"x*x*sin(x) --x 1.2 --style {style} --contributions all --theme auto", "svg")
    shown = svg.decode()
    known = precision("", "svg")
    moved = re.sub(r' (x|y|cx|cy|width|height|d|points|viewBox)="[^"]*"', r' \1="M 7,8.5"', shown)
    assert moved != shown
    assert is_equivalent("svg", svg, moved.encode(), known)
    attributes = {
        (tag, name)
        for tag, rest in re.findall(r"<(\w+) ([^>]*)>", shown)
        for name in re.findall(r'([\w-]+)="', rest)
    }
    assert len(attributes) > 25
    for tag, name in attributes:
        once = re.compile(rf'(<{tag} [^>]*\b(?<!-){name}=")([^"]*)"')
        other = once.sub(r'\1\g<2>1"', shown, count=1)
        assert other != shown
        is_place = name in ATTRIBUTES.get(tag, "").split("|")
        assert is_equivalent("svg", svg, other.encode(), known) == is_place, (tag, name)
        gone = once.sub(lambda m: m[1].rpartition(" ")[0], shown, count=1)
        assert not is_equivalent("svg", svg, gone.encode(), known), (tag, name)


def test_every_line_of_a_picture_counts_and_so_does_their_order():
    lines = draw("x*x*sin(x) --x 1.2 --contributions all", "svg").decode().splitlines(True)
    known = precision("", "svg")
    for i, line in enumerate(lines):
        without = "".join(lines[:i] + lines[i + 1 :]).encode()
        assert not is_equivalent("svg", "".join(lines).encode(), without, known), line
        if i and lines[i - 1] != line:
            turned = "".join([*lines[: i - 1], line, lines[i - 1], *lines[i + 1 :]]).encode()
            assert not is_equivalent("svg", "".join(lines).encode(), turned, known), line


def test_a_label_that_goes_to_another_edge_is_a_change():
    shown = draw("x*x*sin(x) --x 1.2 --contributions all", "svg").decode()
    assert 'data-label="e0"' in shown
    other = shown.replace('data-label="e0"', 'data-label="e1"', 1)
    assert not is_equivalent("svg", shown.encode(), other.encode(), precision("", "svg"))


@pytest.mark.parametrize(
    ("old", "new", "digits", "same"),
    [
        ("0.5403", "0.5404", 4, True),
        ("0.5403", "0.5405", 4, False),
        ("-0.5403", "0.5403", 4, False),
        ("0.9999", "1.000", 4, True),
        ("0.9998", "1.000", 4, False),
        ("1", "1.000", 4, True),
        ("1", "1.001", 4, False),
        ("1", "0.9999", 4, False),
        ("0.5", "0.5000", 4, True),
        ("0.5", "0.6", 4, False),
        ("0.5", "0.6", 1, True),
        ("9.999e-5", "0.0001000", 4, True),
        ("9.999e5", "1.000e6", 4, True),
        ("1.234e-18", "1.235e-18", 4, True),
        ("1.234e-18", "1.234e-17", 4, False),
        ("4.626e-18", "-4.626e-18", 4, False),
        ("999.9", "1000", 4, True),
        ("1234", "1235", 4, False),
        ("0.54030230586813977", "0.54030230586813965", 4, True),
        ("0.84147096", "0.84147102", 4, True),  # float32
        ("0.84147", "0.84148", 4, False),
        ("0.84147", "0.84148", 5, True),
        ("v1 0.5403", "v2 0.5403", 4, False),
        ("x.5403", "x.5404", 4, False),
        ("#123456", "#123457", 6, False),
        (r"\n0.5403", r"\n0.5404", 4, True),
        ("1.234e#45;9", "1.235e#45;9", 4, True),
        ("1.234e#45;9", "1.235e#45;8", 4, False),
        ("#45;0.5403#46;", "#45;0.5404#46;", 4, True),
        ("0", "0.0000", 4, True),
        ("0", "1e-18", 4, False),
        ("NaN", "inf", 4, False),
        ("a  1      b", "a  1.000  b", 4, True),
        ("a 1", "a  1", 4, False),
        ("    a", "  a", 4, False),
        ("1 2", "1", 4, False),
    ],
)
def test_numbers(old, new, digits, same):
    for one, other in ((old, new), (new, old)):
        assert is_equivalent_text(one, other, precision_of("text", digits, "")) is same


def test_pixels_and_what_is_no_text_are_compared_byte_by_byte():
    for name in ("png", "gif", "pdf"):
        assert is_equivalent(name, b"1", b"1", precision("", name))
        assert not is_equivalent(name, b"1.000", b"1", precision("", name))
    assert not is_equivalent("svg", b"\xff", b"<svg/>", precision("", "svg"))
