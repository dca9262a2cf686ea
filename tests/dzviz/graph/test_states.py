"""States of a graph on its way."""

from itertools import pairwise

import numpy as np
import pytest
from support.graphs import with_events

from dzviz.graph import states as film
from dzviz.graph.duplicates import spread
from dzviz.graph.events import KINDS
from dzviz.graph.model import MARKS, FunctionNode, VariableNode
from dzviz.graph.states import groups, steps
from dzviz.options import Layout, Look
from dzviz.styles import STYLES
from dzviz.svg.canvas import canvas
from dzviz.svg.timeline import frames, timeline, with_longest
from dzviz.text.numbers import value_lines

FILMS = {
    "sin": lambda **o: with_events("sin(x)", x=1, **o),
    "paths": lambda **o: with_events("a = x**2; a*sin(a)", x=3, **o),
    "arrays": lambda **o: with_events(
        "sum(tanh(x@W + b))", x=[[1, 2]], W=[[1, 2], [3, 4]], b=[0, 1], **o
    ),
    "views": lambda **o: with_events(
        "a = x.T; b = reshape(a, (4,)); sum(a + x) * sum(b)", x=[[1, 2], [3, 4]], **o
    ),
    "leaf": lambda **o: with_events("x", x=2, **o),
    "outputs": lambda **o: with_events("a = x*x; a, sin(a)", x=2, **o),
    "constant": lambda **o: with_events("sin(2)*1", **o),
    "third": lambda **o: with_events("tanh(x)", x=1, order=3, **o),
    "second": lambda **o: with_events("x**3*exp(x)", x=1, order=2, **o),
    "large": lambda **o: with_events("+".join(f"sin({i}*x)" for i in range(16)), x=1, **o),
}
PASSES = [{}, {"retain_grad": True}, {"backward": False}]


def plain(item):
    """A node or an edge, that can be compared."""
    return repr(item._replace(mark=""))


@pytest.mark.parametrize("options", PASSES, ids=["released", "retained", "forward"])
@pytest.mark.parametrize("key", FILMS)
def test_the_last_state_is_the_graph(key, options):
    graph = FILMS[key](**options)
    *before, last = steps(graph)
    assert last.graph == graph
    if graph.order and options == {"backward": False}:
        return  # then the last that was to be seen are gradients that became the derivative
    state = before[-1].graph
    assert [plain(node) for node in state.nodes] == [plain(node) for node in graph.nodes]
    assert [plain(edge) for edge in state.edges] == [plain(edge) for edge in graph.edges]


@pytest.mark.parametrize("key", FILMS)
def test_the_first_state_knows_the_inputs_alone(key):
    first = next(steps(FILMS[key]())).graph
    for node in first.nodes:
        if isinstance(node, VariableNode):
            assert node.grad is None
            assert node.seed is None
            known = node.role == "input" or (node.role == "constant" and not node.order)
            assert known == (node.mark == "") or key in ("leaf", "constant")
        else:
            assert node.mark == "ahead"
    assert all(edge.contribution is None for edge in first.edges)


def test_a_graph_is_not_touched():
    graph = FILMS["paths"]()
    before = repr(graph)
    list(steps(graph))
    assert repr(graph) == before


def test_marks_say_where_it_happens():
    graph = FILMS["paths"]()
    for step in steps(graph):
        assert {n.mark for n in (*step.graph.nodes, *step.graph.edges)} <= set(MARKS)
        lit = {n.id for n in step.graph.nodes if n.mark == "active"}
        for i in step.events:
            event = graph.events[i]
            if KINDS[event.kind].step:
                assert {event.function, event.variable} - {None} <= lit
    pops = [s for s in steps(graph) if any(graph.events[i].kind == "pop" for i in s.events)]
    waiting = [{n.id for n in s.graph.nodes if n.mark == "waiting"} for s in pops]
    assert waiting == [set(graph.events[s.events[0]].queue) for s in pops]
    assert waiting[1]


@pytest.mark.parametrize("key", FILMS)
def test_every_event_is_in_one_step(key):
    events = FILMS[key]().events
    assert [i for group in groups(events) for i in group] == list(range(len(events)))


def test_films_of_many_events_take_larger_steps(monkeypatch):
    graph = FILMS["large"]()
    fine = list(steps(graph))
    monkeypatch.setattr(film, "FINE", 50)
    coarse = list(steps(graph))
    assert len(coarse) < 0.7 * len(fine)
    functions = sum(isinstance(node, FunctionNode) for node in graph.nodes)
    assert len(coarse) == 2 * functions + 3
    assert coarse[-1].graph == fine[-1].graph


@pytest.mark.thorough
@pytest.mark.parametrize("style", [style.name for style in STYLES.values() if style.local])
@pytest.mark.parametrize("key", FILMS)
def test_what_is_new_is_all_that_is_drawn_otherwise(key, style):
    look = Look(style=style, contributions="all")
    graph = spread(FILMS[key]())._replace(film=True)
    sheet = canvas(graph, look, Layout(room=with_longest(graph, look)))
    assert sheet.local
    drawn = {}
    for number, step in enumerate(steps(graph, common=STYLES[style].common)):
        drawn.update(sheet.parts(step.news))
        if number < 20 or number % 10 == 0:
            assert drawn == dict(sheet.parts(step.graph))


@pytest.mark.parametrize("key", FILMS)
def test_there_is_room_for_the_longest_gradient_that_comes_by(key):
    look = Look()
    graph = FILMS[key]()
    room = {node.id: node for node in with_longest(graph, look).nodes}
    for step in steps(graph):
        for node in step.graph.nodes:
            if isinstance(node, VariableNode) and node.grad is not None:
                longest = max(map(len, value_lines(room[node.id].grad, look)))
                assert max(map(len, value_lines(node.grad, look))) <= longest


@pytest.mark.parametrize("style", STYLES)
def test_frames_are_the_states_and_their_sentences(style):
    graph = FILMS["paths"]()
    made = timeline(graph, Look(style=style), Layout())
    drawn = list(frames(made))
    assert len(drawn) == len(made.steps) == 17
    sheet = made.canvas
    for frame, step, text in zip(drawn, made.steps, made.texts, strict=True):
        for _, part in sheet.parts(step.graph):
            assert part in frame
        assert text.split(":")[0].split(" (")[0][:20] in frame
    assert len(made.tracks) == len({layer.key for layer in made.tracks})
    for layer in made.tracks:
        numbers = [number for number, _ in layer.states]
        assert numbers == sorted(set(numbers))
        texts = [text for _, text in layer.states]
        assert all(a != b for a, b in pairwise(texts))


def test_gradients_of_large_arrays_count_by_what_is_shown():
    graph = with_events("sum(x*x)", x=np.arange(100))
    assert with_longest(graph, Look()).nodes[0].grad.size == 100
