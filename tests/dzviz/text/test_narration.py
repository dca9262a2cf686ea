"""Events in words."""

import pytest
from support.graphs import with_events
from support.hostile import TEXTS

from dzviz.graph.events import KINDS, Event
from dzviz.options import Look
from dzviz.python.recording import record
from dzviz.text.narration import beginning, end, rows, sentences, step_texts, turn_name

STORY = """\
The inputs: x = 3.
Forward: a = x ** 2 is 9.
Forward: sin(a) is 0.4121.
Forward: y = a * sin(a) is 3.709.
Backward starts: y gets seed 1.
Taken from the queue: *, generation 2. Nothing else is waiting.
* sends back to a: 1 (upstream) * 0.4121 (local: sin(a)) = 0.4121.
* sends back to sin(a): 1 (upstream) * 9 (local: a) = 9.
y releases its gradient: grad None (was 1).
Taken from the queue: sin, generation 1. Waiting: ** 2 (0).
sin sends back to a: 9 (upstream) * -0.9111 (local: cos(a)) = -8.200.
a adds up its shares: 0.4121 + -8.200 = -7.788.
sin(a) releases its gradient: grad None (was 9).
Taken from the queue: ** 2, generation 0. Nothing else is waiting.
** 2 sends back to x: -7.788 (upstream) * 6 (local: 2 * x) = -46.73.
a releases its gradient: grad None (was -7.788).
Done. The leaves keep their gradients: x -46.73.
"""


def test_the_whole_story():
    graph = with_events("a = x**2; a*sin(a)", x=3)
    assert "".join(f"{text}\n" for text in step_texts(graph, Look())) == STORY


def test_one_sentence_and_one_row_an_event():
    graph = with_events("a = x*w; sum(a@a) + max(a)", x=[1, 2], w=[3, 1], retain_grad=True)
    told_ = list(sentences(graph, Look()))
    assert len(told_) == len(graph.events) == len(list(rows(graph, Look())))
    assert all(text.endswith(".") and text.isascii() for text in told_)
    assert {event.kind for event in graph.events} == KINDS.keys() - {"release", "set"}
    assert any("keeps its gradient" in text for text in told_)


def test_passes_of_derivatives_are_told_apart():
    graph = with_events("tanh(x)", x=1, order=2)
    assert [turn_name(turn, graph) for turn in range(4)] == [
        "forward",
        "backward for y'",
        "backward for y''",
        "backward",
    ]
    texts = list(sentences(graph, Look()))
    assert "Backward for y' starts: y gets seed 1." in texts
    assert "Backward for y': y' = 1 - y * y is 0.4200." in texts


def test_what_there_is_not_is_not_told():
    graph = with_events("sin(x)", x=1, backward=False)
    assert end(graph, Look()) == "Done."
    assert beginning(with_events("sin(2)*1"), Look()) == "There are no inputs."


def test_a_long_queue_is_counted():
    xs = [1.0] * 12
    graph = record(lambda *xs: sum(x * x for x in xs[1:]) + xs[0], *xs)
    queues = [row.waiting for row in rows(graph, Look()) if row.event == "pop"]
    assert all(queues)
    wide = with_events("stack([" + ", ".join(f"sin({i} * x)" for i in range(12)) + "])", x=1)
    queues = [row.waiting for row in rows(wide, Look()) if row.event == "pop"]
    assert queues[1].endswith(", 5 more")


@pytest.mark.thorough
@pytest.mark.parametrize("text", TEXTS)
def test_hostile_names_stay_on_one_line(text):
    graph = record(lambda x: x * x, 2.0)
    nodes = tuple(n._replace(name=text) if n.id == "v0" else n for n in graph.nodes)
    for sentence in sentences(graph._replace(nodes=nodes), Look()):
        assert sentence.isprintable()


def test_every_kind_says_what_it_needs_and_that_an_event_has():
    assert all(set(kind.needs) <= set(Event._fields) for kind in KINDS.values())
