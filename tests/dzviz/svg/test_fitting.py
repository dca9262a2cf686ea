"""--fit: what is written fits into the frame, and its text is the largest of all that was tried."""

import re
import sys
from collections import Counter
from dataclasses import replace
from itertools import product
from xml.etree import ElementTree

import pytest
from support.graphs import graph_of, with_events

from dzviz.cli import main as cli
from dzviz.errors import UsageError
from dzviz.options import FRAMES, Layout, Look
from dzviz.python.api import render
from dzviz.svg import canvas
from dzviz.svg.fitting import fitted, frame_of
from dzviz.svg.timeline import frames, timeline

SOFTMAX = "e = exp(z - max(z)); p = e/sum(e); -log(p[0])"
NET = "sum(tanh(X@W + b)@V)"


def softmax():
    return graph_of(SOFTMAX, z=[1, 2, 3])


def net():
    return with_events(NET, X="randn(5,3)", W="randn(3,4)", b="zeros(4)", V="randn(4,2)")._replace(
        events=()
    )


def measured(svg):
    """The width and height in points, and the usual size of text in nodes, as read back."""
    root = ElementTree.fromstring(svg)
    width, height = (float(root.get(side).removesuffix("pt")) for side in ("width", "height"))
    scale = width / float(root.get("viewBox").split()[2])
    sizes = Counter()
    for node in root.iterfind(".//*[@data-id]"):
        for text in node.iter("{http://www.w3.org/2000/svg}text"):
            sizes[float(text.get("font-size"))] += len(text.text)
    return width, height, scale * sizes.most_common(1)[0][0]


def svg_of(graph, look, layout=None):
    return "".join(canvas.write(graph, look, layout or Layout()))


@pytest.mark.parametrize("frame", [*FRAMES, "800x200", "90x160mm"])
@pytest.mark.parametrize("make", [softmax, net])
def test_it_fits_and_is_no_smaller_than_it_could_be(make, frame):
    graph = make()
    found = fitted(graph, Look(fit=frame), Layout())
    width, height, size = measured(svg_of(graph, found.look, found.layout))
    wide, high, _ = frame_of(frame)
    assert width <= wide * 1.001
    assert height <= high * 1.001
    assert width > wide * 0.995 or height > high * 0.995
    said = float(re.match(r"text is ([\d.]+) pt on ", found.note)[1])
    assert said == pytest.approx(size, abs=0.06)
    for style, direction in product(("boxes", "merged"), ("LR", "TB")):
        look = Look(style=style, rank_dir=direction)
        plain_width, plain_height, plain = measured(svg_of(graph, look))
        assert size > min(28, 0.97 * plain * min(wide / plain_width, high / plain_height))


def test_ribbons_and_staircases_become_readable():
    for make, least in ((softmax, 2.0), (net, 1.3)):
        graph = make()
        width, height, size = measured(svg_of(graph, Look()))
        before = size * min(960 / width, 540 / height)
        found = fitted(graph, Look(fit="slide"), Layout(fixed=frozenset({"style", "rank_dir"})))
        after = measured(svg_of(graph, found.look, found.layout))[2]
        assert found.look.style == "boxes"
        assert found.look.rank_dir == "LR"
        assert found.layout.rows > 1
        assert after > least * before
        assert after > 12


def test_what_was_given_stays():
    graph = softmax()
    for style, direction in product(("boxes", "merged"), ("LR", "TB")):
        look = Look(style=style, rank_dir=direction, fit="page")
        found = fitted(graph, look, Layout(fixed=frozenset({"style", "rank_dir"})))
        assert (found.look.style, found.look.rank_dir) == (style, direction)
    for style in ("refs", "book"):
        assert fitted(graph, Look(style=style, fit="page"), Layout()).look.style == style


def test_the_size_of_text_is_what_is_asked_for():
    graph = softmax()
    width, height, size = measured(svg_of(graph, Look()))
    assert size == pytest.approx(11)
    assert measured(svg_of(graph, Look(font_size=22)))[2] == pytest.approx(22)
    twice = measured(svg_of(graph, Look(scale=2)))
    assert twice == pytest.approx((2 * width, 2 * height, 2 * size), abs=0.02)
    dot = render(graph, "dot", font_size=22).decode()
    assert re.search(r"node \[[^]]*fontsize=22,", dot)


def test_a_film_has_one_size_in_the_frame():
    graph = with_events("a = x**2; a*sin(a)", x=3)
    found = fitted(graph, Look(fit="slide"), Layout(), moves=True)
    sizes = {measured(svg)[:2] for svg in frames(timeline(graph, found.look, found.layout))}
    assert len(sizes) == 1
    width, height = sizes.pop()
    assert width <= 960.5
    assert height <= 540.5
    assert width > 955 or height > 535


def test_python_fits_too():
    width, height, _ = measured(render(softmax(), "svg", fit="column").decode())
    assert width <= 241.2
    assert height <= 640.6


@pytest.mark.parametrize("fit", ["slid", "0x3", "3x", "axb", "10x20furlongs", "99999999x1"])
def test_a_frame_that_is_none_is_told(fit):
    frames = "slide, page, article, column, readme"
    with pytest.raises(UsageError, match=f"fit is one of {frames}, or WxH"):
        Look(fit=fit)


def test_two_sizes_are_one_too_many():
    with pytest.raises(UsageError, match="--fit finds the size itself"):
        Look(fit="slide", scale=2)


def run(capsys, monkeypatch, *args):
    monkeypatch.setattr(sys, "argv", ["dzviz", *args])
    code = cli.run(list(args))
    captured = capsys.readouterr()
    return code, captured.out, captured.err


def test_the_command_says_how_large_the_text_is(capsys, monkeypatch):
    args = ("sin(x)", "--x", "1", "--fit", "slide", "-T")
    code, out, err = run(capsys, monkeypatch, *args, "svg")
    assert code == 0
    assert re.fullmatch(
        r"dzviz: text is [\d.]+ pt on a 16:9 slide, the smallest [\d.]+ pt \(--style \w+ "
        r"--rank-dir \w+\)\n",
        err,
    )
    assert measured(out)[0] <= 960.5
    assert "dot has no size" in run(capsys, monkeypatch, *args, "dot")[2]
    assert "adapts to its window" in run(capsys, monkeypatch, *args, "html")[2]
    assert run(capsys, monkeypatch, *args, "svg", "-q")[2] == ""
    said = ("--style", "boxes", "--rank-dir", "TB")
    assert "(--style boxes --rank-dir TB" in run(capsys, monkeypatch, *args, "svg", *said)[2]


def test_a_page_is_as_large_as_its_window():
    graph = with_events("sin(x)", x=1)
    plain = render(graph, "html")
    assert render(graph, "html", scale=3.0, font_size=20.0) == plain
    assert replace(Look(), scale=3.0) != Look()
