"""Names of higher derivatives, in each format as it can write them."""

import json
import re

import pytest

import dzviz
from dezero import functions
from dzviz.cli.main import run
from dzviz.formats import FORMATS
from dzviz.options import Layout, Look, View
from dzviz.pipeline import Computation, compute, prepare
from dzviz.sources.expression import read
from dzviz.svg import fonts, raster
from dzviz.text.primes import derivative_name, parted_order, with_orders

FOURTH = "y\u207d\u2074\u207e"


def graph(order):
    made = compute(Computation(read("exp(x)*x"), {"x": "2"}, order=order))
    made.backward()
    return made.graph()


def test_names_and_back():
    names = [derivative_name("y", order) for order in range(12)]
    assert names[:4] == ["y", "y'", "y''", "y'''"]
    assert names[4] == FOURTH
    assert len(set(names)) == len(names)
    for order, name in enumerate(names):
        base, said = parted_order(name)
        assert base == "y"
        assert said == ("'" * order if order < 4 else f"({order})")
        assert with_orders(name) == (name if order < 4 else f"y({order})")


@pytest.mark.parametrize("order", [4, 5, 6])
@pytest.mark.parametrize("format", ["svg", "dot", "mermaid", "text", "alt", "html"])
def test_what_is_read_by_eye_has_the_order_in_raised_brackets(format, order):
    picture = prepare(
        Computation(read("exp(x)*x"), {"x": "2"}, order=order),
        FORMATS[format],
        Look(),
        View(),
        Layout(),
    )
    text = re.sub(r"#(\d+);", lambda code: chr(int(code[1])), "".join(picture.chunks()))
    assert derivative_name("y", order) in text
    assert f"y({order})" not in text


@pytest.mark.parametrize("order", [4, 5])
def test_what_a_program_reads_has_letters_of_a_keyboard(order):
    made = graph(order)
    for format in ("json", "graphml", "gexf"):
        text = dzviz.render(made, format).decode()
        assert f"y({order})" in text
    written = json.loads(dzviz.render(made, "json"))
    names = written["graph"]["derivatives"]["names"]
    assert names[4:6] == ["y(4)", "y(5)"]
    back = dzviz.render(written, "text").decode()
    assert derivative_name("y", order) in back
    assert f"y({order})" not in back


def test_equations_raise_it():
    made = dzviz.explain(lambda x: functions.exp(x) * x, 2.0, order=5)
    assert r"\frac{\partial y^{(4)}}{\partial x}" in made.tex
    assert re.search(r"<msup>.{,20}<mi>y</mi>.{,20}<mn>\(4\)</mn>", made.html)
    assert f"d{FOURTH}/dx" in made.text


def test_tikz_raises_it():
    tex = dzviz.render(graph(4), "tikz").decode()
    assert "$y^{(4)}$" in tex
    assert tex.isascii()


def test_pixels_have_it_whatever_fonts_there_are(monkeypatch):
    monkeypatch.setattr(fonts, "substitutes", lambda *_, **__: iter(()))
    made = graph(4)
    svg = dzviz.render(made, "svg").decode()
    raised = fonts.with_raised_orders(svg)
    assert raster.png(with_orders(svg)) != raster.png(svg) == raster.png(raised)
    assert raised.count(">(4)</tspan>") > 3
    assert "\u207d" not in "".join(re.findall("<text[^>]*>(.*?)</text>", raised))


@pytest.mark.parametrize(
    ("command", "format"),
    [("trace", "json"), *((c, f) for c in ("grad", "value") for f in ("json", "csv", "tsv"))],
)
def test_answers_for_programs_have_letters_of_a_keyboard(capsys, command, format):
    arguments = [command, "exp(x)*x", "--x", "2", "--order", "4", "-T", format]
    assert run(arguments) == 0
    text = capsys.readouterr().out
    assert "207d" not in text
    assert "\u207d" not in text
    assert "y(4)" in text or (command, format) in {("grad", "csv"), ("grad", "tsv")}
