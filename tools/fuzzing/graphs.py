"""Documents of graphs, changed at random: each is drawn, or refused with its place."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from functools import cache
from typing import Any

from dzviz.errors import DzvizError
from dzviz.formats import FORMATS
from dzviz.formats.trace import TRACE_FORMATS
from dzviz.graph.states import steps
from dzviz.options import Layout, Look, View
from dzviz.pipeline import Computation, Given, prepare
from dzviz.sources import json as source
from dzviz.sources.expression import read
from dzviz.styles import STYLES, scene_of
from fuzzing import tripwire

COMPUTATIONS: tuple[tuple[str, dict[str, str], int], ...] = (
    ("a = x**2; a*sin(a)", {"x": "3"}, 0),
    ("sum(tanh(x@W + b))", {"x": "[[1,2]]", "W": "randn(2,3)", "b": "zeros(3)"}, 0),
    ("softmax_cross_entropy(x@W, [0, 2])", {"x": "randn(2,4)", "W": "randn(4,3)"}, 0),
    ("log(x)*x", {"x": "-1"}, 0),
    ("x*x", {"x": "zeros(0,3)"}, 0),
    ("sqrt(x)", {"x": "0"}, 1),
    ("x, x*2", {"x": "2"}, 0),
)
"""What the documents are of before they are changed: text, values and order."""

FRAMES = [
    {"id": "outer", "name": "outer", "kind": "module", "nodes": ["f1"]},
    {"id": "inner", "name": "inner", "kind": "module", "nodes": ["f0"], "parent": "outer"},
]

ODD = json.dumps(
    [
        *(None, True, False, 0, -1, 1, 2**70, 1e308, -0.0, 10**6),
        *("", "x", "NaN", "Infinity", "v0", "f0", "outer", "\ud800", "a\nb", "\x1b[31m"),
        *([], {}, [[]], [[[]]], [1, [2]], {"values": [1, 2], "bound": [1]}),
        {"shape": [2, 3], "min": 0, "max": 1, "mean": None},
    ]
)
"""What stands in strange places."""

MEMBERS = (
    *("grad", "data", "op", "id", "passes", "frames", "trouble", "events", "seed", "grad_was"),
    *("grad_state", "role", "generation", "arg", "outputs", "schema", "parent"),
)

WAYS = ("dot", "text", "alt", "mermaid", "json", "trace", "film")


def graphs_case(dice: random.Random) -> dict[str, Any]:
    """Change one of the documents in one to three places."""
    document = json.loads(dice.choice(documents()))
    for _ in range(dice.choice((1, 1, 1, 2, 3))):
        _change(document, dice)
    return {
        "document": document,
        "way": dice.choice(WAYS),
        "style": dice.choice(list(STYLES)),
        "fold": dice.choice(("auto", "always")),
        "depth": dice.choice((None, 0, 1)),
        "backward": dice.random() < 0.8,
    }


def try_graphs(case: dict[str, Any]) -> str:
    """Draw a document, or refuse it with a place."""
    text = json.dumps(case["document"]).encode()
    with tripwire.armed():
        try:
            graph = source.graph(source.parse(text))
        except DzvizError as error:
            if not str(error).startswith("$"):
                raise
            return "refused"
    look = Look(style=case["style"])
    try:
        if case["way"] == "trace":
            for format in TRACE_FORMATS.values() if graph.events else ():
                list(format.write(graph, look))
        elif case["way"] == "film":
            for step in steps(graph):
                scene_of(step.graph, look)
        else:
            view = View(fold=case["fold"], depth=case["depth"])
            taken = Given(graph, case["backward"])
            list(prepare(taken, FORMATS[case["way"]], look, view, Layout()).chunks())
    except DzvizError:
        return "read, and refused later"
    return "drawn"


@cache
def documents() -> tuple[str, ...]:
    """Return the documents, as text."""
    made = []
    for text, values, order in COMPUTATIONS:
        computation = Computation(read(text), values, order=order)
        drawing = prepare(computation, FORMATS["json"], Look(full=True), View(), Layout())
        document = json.loads("".join(map(str, drawing.chunks())))
        made.append(json.dumps(document))
        if len(document["nodes"]) > 5:
            document["graph"]["frames"] = FRAMES
            made.append(json.dumps(document))
    return tuple(made)


def _change(document: Any, dice: random.Random) -> None:
    """Change one place: put, take away, copy, repeat, add or shuffle something."""
    places = list(_places(document, ()))
    path = dice.choice(places[1:] or [()])
    if not path:
        return
    at = _at(document, path[:-1])
    odd = dice.choice(json.loads(ODD))
    way = dice.random()
    if way < 0.35:
        at[path[-1]] = odd
    elif way < 0.55:
        del at[path[-1]]
    elif way < 0.75:
        at[path[-1]] = json.loads(json.dumps(_at(document, dice.choice(places))))
    elif isinstance(at, dict):
        at[dice.choice(MEMBERS)] = odd
    elif way < 0.9:
        at.insert(path[-1], json.loads(json.dumps(dice.choice(at))))
    else:
        dice.shuffle(at)


def _places(value: Any, path: tuple[Any, ...]) -> Iterator[tuple[Any, ...]]:
    yield path
    if isinstance(value, dict):
        for key in value:
            yield from _places(value[key], (*path, key))
    elif isinstance(value, list):
        for i, item in enumerate(value):
            yield from _places(item, (*path, i))


def _at(document: Any, path: tuple[Any, ...]) -> Any:
    for key in path:
        document = document[key]
    return document
