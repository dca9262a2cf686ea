"""How much is drawn: parts first, then what repeats; a picture's size is limited."""

import re
from html import escape

import numpy as np
import pytest
from support.graphs import with_events
from support.loops import leaf, recurrent, simple, taken

from dzviz.errors import LayoutError, UsageError
from dzviz.formats import FORMATS
from dzviz.graph import states as film
from dzviz.graph.states import steps
from dzviz.options import Layout, Look, View
from dzviz.pipeline.view import chosen, remarks
from dzviz.styles import STYLES
from dzviz.text.narration import rows, step_texts


def of(graph, *, placed=True, style="boxes", **options):
    drawn, room = chosen(graph, graph, View(**options), placed=placed, style=style)
    assert room is drawn
    return drawn


@pytest.fixture(scope="module")
def large():
    return taken(simple(300))


@pytest.fixture(scope="module")
def unlike():
    """Large, and nothing repeats: a balanced tree of other ops at each depth."""
    values = [leaf(0.1 * i) for i in range(256)]
    ops = [np.add, np.multiply, np.subtract, np.maximum]
    depth = 0
    while len(values) > 1:
        op = ops[depth % 4]
        values = [op(a, b) for a, b in zip(values[::2], values[1::2], strict=True)]
        depth += 1
    return taken(values[0])


def test_auto_folds_only_what_is_too_large_for_a_picture(large):
    assert len(of(large).nodes) < 10
    assert of(large, placed=False) is large
    assert of(large, max_nodes=len(large.nodes)) is large
    assert of(large, max_nodes=len(large.nodes) - 1).folded is not None
    small = taken(simple(30))
    assert of(small) is small


def test_it_is_said_before_that_many_nodes_take_long():
    extent = View(fold="none", max_nodes=10_000)
    many = taken(simple(500))
    assert remarks(taken(simple(200)), extent, "boxes", wide=True) == ()
    (said,) = remarks(many, extent, "boxes", wide=True)
    assert re.fullmatch(r"placing [0-9 ]+ nodes can take a minute and more", said)
    assert remarks(many, extent, "boxes", wide=False) == ()


def test_a_film_does_not_fold(large):
    for options in ({}, {"fold": "always"}):
        with pytest.raises(UsageError, match="a film shows every step") as caught:
            chosen(large, large, View(**options), placed=True, film=True, style="boxes")
        assert "--focus NAME" in caught.value.hint
    short = with_events("sin(sin(x))", x=1.0)
    extent = View(fold="always")
    assert chosen(short, short, extent, placed=True, film=True, style="boxes")[0] is short


@pytest.mark.parametrize("name", ["focus", "from_", "to"])
def test_a_place_is_told_by_its_name(name):
    with pytest.raises(UsageError, match="is the name or the id of a node, not 3"):
        View(**{name: 3})


def test_always_and_none(large):
    small = taken(simple(30))
    assert len(of(small, fold="always").nodes) < 10
    assert len(of(small, fold="always", placed=False).nodes) < 10
    assert of(large, fold="none", placed=False) is large


def test_too_large_names_the_ways_out(large, unlike):
    with pytest.raises(LayoutError, match="it has 1501 nodes, but --max-nodes is 1000") as caught:
        of(large, fold="none")
    for way in ("--fold auto", "--focus NAME", "--from", "--to", "--max-nodes N", "-T dot"):
        assert way in caught.value.hint
    with pytest.raises(LayoutError, match="it has 766 nodes, but --max-nodes is 100") as caught:
        of(unlike, max_nodes=100)
    assert "--focus NAME" in caught.value.hint
    assert "--fold" not in caught.value.hint
    with pytest.raises(LayoutError, match="folded, it still has 6 nodes"):
        of(large, max_nodes=5)
    assert len(of(unlike, max_nodes=100, focus="f7").nodes) < 20


def test_parts_are_cut_out_before_they_are_folded(large):
    drawn = of(large, from_="v200", fold="always")
    assert drawn.part.nodes == len(large.nodes)
    assert drawn.folded.repeats[0].times < 300
    assert of(large, to="v300", max_nodes=100).folded is not None
    assert len(of(large, focus="x").nodes) == 3


def test_the_radius_of_a_focus(large):
    assert len(of(large, focus="x:0").nodes) == 1
    assert len(of(large, focus="x:1").nodes) == 2
    assert of(large, focus="x:999999999", fold="none", max_nodes=10_000) is large
    x = leaf(1.0, "a:1")
    assert of(taken(np.sin(np.sin(x))), focus="a:1").nodes[0].name == "a:1"
    assert len(of(taken(np.sin(np.sin(x))), focus="a:1:0").nodes) == 1


@pytest.mark.parametrize("radius", ["", "-1", "1.5", "two", "1e3", "٣", "9" * 10, "0x1", "nan"])
def test_a_wrong_radius_is_told(large, radius):
    with pytest.raises(UsageError, match=r"^--focus: the radius is a number of edges") as caught:
        of(large, focus=f"x:{radius}")
    assert caught.value.hint == "as in --focus x:2"


def test_a_focus_on_nan():
    y = leaf(-1.0, "x")
    with np.errstate(all="ignore"):
        for _ in range(20):
            y = np.sqrt(y) * 2
        graph = taken(y)
    drawn = of(graph, focus="nan")
    assert drawn.trouble.function in {node.id for node in drawn.nodes}
    assert len(of(graph, focus="nan:0").nodes) == 1
    named = taken(np.sin(leaf(1.0, "nan")))
    assert of(named, focus="nan:0").nodes[0].name == "nan"
    with pytest.raises(UsageError, match="no NaN"):
        of(taken(simple(3)), focus="nan")


@pytest.mark.parametrize("style", STYLES)
def test_styles_of_single_objects_fold_nothing(large, style):
    if STYLES[style].folds:
        assert of(large, style=style).folded is not None
        return
    with pytest.raises(UsageError, match=f"the style {style} shows every object"):
        of(large, style=style, fold="always")
    with pytest.raises(LayoutError) as caught:
        of(large, style=style)
    assert "--style boxes folds repeated parts" in caught.value.hint
    assert of(large, style=style, placed=False) is large


def test_the_room_is_cut_and_folded_alike():
    y = recurrent(300)
    plain = taken(y, backward=False)
    full = taken(y)
    options = View(fold="always", to="v900")
    drawn, room = chosen(plain, full, options, placed=True, style="boxes")
    assert [n.id for n in drawn.nodes] == [n.id for n in room.nodes]
    assert [e[:4] for e in drawn.edges] == [e[:4] for e in room.edges]
    assert drawn.nodes[0].grad is None
    assert room.nodes[0].grad is not None


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"fold": "maybe"}, "fold is one of auto, always, none, not 'maybe'"),
        ({"fold": None}, "fold is one of"),
        ({"max_nodes": 0}, "max-nodes is at least 1, not 0"),
        ({"max_nodes": -5}, "max-nodes is at least 1"),
        ({"max_nodes": True}, "max-nodes is a whole number"),
        ({"max_nodes": 1.5}, "max-nodes is a whole number"),
        ({"focus": "x", "from_": "x"}, "--focus does not go with --from and --to"),
        ({"focus": "x", "to": "x"}, "--focus does not go with --from and --to"),
    ],
)
def test_wrong_options_are_told(options, message):
    with pytest.raises(UsageError, match=message):
        View(**options)


@pytest.mark.parametrize(
    ("expression", "order", "values"),
    [
        ("x*y + x*y", 0, {"x": 2, "y": 3}),
        ("x*x*x + x", 0, {"x": 2}),
        ("a = x**2; a*sin(a)", 0, {"x": 3}),
        ("tanh(x)", 2, {"x": 1}),
        ("sum(tanh(x@W + b))", 0, {"x": [[1, 2]], "W": [[1, 2], [3, 4]], "b": [0, 1]}),
    ],
)
def test_what_happened_in_any_part_can_be_told_and_drawn(expression, order, values):
    graph = with_events(expression, order=order, **values)
    ids = [node.id for node in graph.nodes]
    parts = [{"focus": f"{id}:{radius}"} for id in ids for radius in (0, 1, 2)]
    parts += [{end: id} for id in ids for end in ("from_", "to")]
    for part in parts:
        drawn = of(graph, **part)
        known = {node.id for node in drawn.nodes}
        assert {event.variable for event in drawn.events} <= {None, *known}
        assert len(list(steps(drawn))) == film.length(drawn)
        assert len(list(rows(drawn, Look()))) == len(drawn.events)


@pytest.mark.parametrize("style", STYLES)
def test_a_part_has_a_page(style):
    graph = with_events("x*y + x*y", x=2, y=3)
    drawn = of(graph, focus="y:1")
    page = "".join(FORMATS["html"].write(drawn, Look(style=style), Layout()))
    told_ = step_texts(drawn, Look(style=style, contributions="all"))
    assert f'"steps":{len(told_)}' in page
    assert escape(told_[-1]) in page
    assert 3 < len(told_) < film.length(graph)
