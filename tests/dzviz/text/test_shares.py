"""Shares that add up to the gradient, as far as one digit more can make them."""

from dataclasses import replace
from decimal import Decimal

import numpy as np
import pytest
from support.graphs import graph_of

import dzviz
from dzviz.graph.model import VariableNode
from dzviz.options import Look
from dzviz.styles import scene_of
from dzviz.text.shares import finer

PATHS = "a = x*x; y = a*sin(a) + x*W[0]"
GIVEN = {"x": 3.0, "W": [2.0, 5.0]}


def written(graph, look=Look()):
    """Return of each Variable the total and the shares that its picture says, as texts."""
    scene = scene_of(graph, look)
    totals = {}
    for shape in scene.shapes:
        for line in shape.lines:
            if line.startswith("grad ") and line[-1].isdigit():
                totals[shape.id] = line.removeprefix("grad ")
            elif line.startswith("(was ") or "(was " in line:
                totals[shape.id] = line.partition("(was ")[2].rstrip(")").partition(",")[0]
    shares = {}
    for arrow in scene.arrows:
        if arrow.share:
            shares.setdefault(arrow.source, []).append(arrow.label.removeprefix("share "))
    return {id: (totals[id], parts) for id, parts in shares.items()}


def off(total, parts):
    """Return by how much they miss, in units of the last digit that is written of all of them."""
    numbers = [Decimal(text) for text in (total, *parts)]
    unit = max(Decimal(1).scaleb(number.as_tuple().exponent) for number in numbers)
    return abs(sum(numbers[1:]) - numbers[0]) / unit


def test_one_digit_more_is_shown_where_it_mends_the_sum():
    graph = graph_of(PATHS, **GIVEN)
    assert finer(graph, Look()).keys() == {"v0"}
    told = written(graph)
    assert told["v0"] == ("-44.728", ["-23.364", "-23.364", "2"])
    assert told["v1"] == ("-7.788", ["-8.200", "0.4121"])
    assert written(graph, Look(precision=5))["v0"] == told["v0"]


def test_nothing_changes_where_it_mends_nothing():
    graph = graph_of("x/3 + x/3 + x/3", x=1.0)
    assert finer(graph, Look()) == {}
    told = written(graph)["v0"]
    assert told == ("1", ["0.3333", "0.3333", "0.3333"])


@pytest.mark.parametrize("seed", range(12))
def test_what_is_written_adds_up_or_one_digit_more_would_not_help(seed):
    random = np.random.default_rng(seed)
    a, b, c, x = random.uniform(-9, 9, 4)
    graph = graph_of(f"sin({a}*x) + exp(x/{b * 9}) + {c}*x*x", x=float(x))
    seen = 0
    for id, (total, parts) in written(graph).items():
        gradient = next(n.grad for n in graph.nodes if n.id == id and isinstance(n, VariableNode))
        exact = [edge.contribution for edge in graph.edges if edge.source == id]
        assert sum(exact) == pytest.approx(gradient)
        if off(total, parts) > Decimal("0.5"):
            more = [f"{v:#.5g}" for v in (gradient, *exact)]
            assert off(more[0], more[1:]) > Decimal("0.5")
        seen += 1
    assert seen


def test_arrays_are_looked_at_element_by_element():
    graph = graph_of("x*sin(x) + 2*x", x=[3.0, 1.0])
    look = Look(max_elements=6)
    scene = scene_of(graph, look)
    labels = [arrow.label for arrow in scene.arrows if arrow.share]
    assert len(labels) == 3
    total = next(line for line in scene.shapes[0].lines if line.startswith("grad "))
    numbers = [
        [Decimal(n) for n in text.strip("[]").split(", ")]
        for text in (total.removeprefix("grad "), *(x.removeprefix("share ") for x in labels))
    ]
    for written_total, *parts in zip(*numbers, strict=True):
        assert off(str(written_total), list(map(str, parts))) <= Decimal("0.5")


def test_films_and_hidden_gradients_and_large_graphs_have_no_digits_more():
    graph = graph_of(PATHS, **GIVEN)
    assert finer(graph._replace(film=True), Look()) == {}
    for look in (Look(hide=("grad",)), Look(contributions="none"), Look(precision=17)):
        assert finer(graph, look) == {}


def test_dot_and_merged_say_the_same():
    graph = graph_of(PATHS, **GIVEN)
    for style in ("boxes", "merged"):
        text = dzviz.render(graph, "dot", style=style).decode()
        assert text.count("share -23.364") == 2
        assert "grad -44.728" in text
    assert "-44.73" in dzviz.render(graph, "text").decode()
    assert replace(Look(), precision=4) == Look()
