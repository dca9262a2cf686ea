"""Traces as tables and as JSON."""

import json
from importlib.resources import files

import jsonschema
import numpy as np
import pytest
from referencing import Registry, Resource
from support.graphs import with_events

from dzviz.formats import FORMATS
from dzviz.formats.trace import TRACE_FORMATS
from dzviz.graph.events import KINDS
from dzviz.options import Layout, Look

GRAPHS = {
    "paths": lambda: with_events("a = x**2; a*sin(a)", x=3),
    "arrays": lambda: with_events("sum(W@x)", W=[[1, 2], [3, 4]], x=[1, 2], retain_grad=True),
    "large array": lambda: with_events("mean(x*x)", x=np.arange(50)),
    "second": lambda: with_events("tanh(x)", x=1, order=2),
    "nan": lambda: with_events("log(x)*0", x=-1),
    "none": lambda: with_events("x", x=1, backward=False),
}


def read(name):
    return json.loads(files("dzviz.formats").joinpath(name).read_text())


SCHEMA = read("trace.schema.json")
REGISTRY = Registry().with_resources(
    [("graph.schema.json", Resource.from_contents(read("graph.schema.json")))]
)
VALIDATOR = jsonschema.Draft202012Validator(SCHEMA, registry=REGISTRY)


def written(name, graph, **look):
    return "".join(TRACE_FORMATS[name].write(graph, Look(**look)))


@pytest.mark.parametrize("key", GRAPHS)
def test_json_keeps_to_its_schema_and_holds_the_graph(key):
    graph = GRAPHS[key]()
    data = json.loads(written("json", graph))
    VALIDATOR.validate(data)
    assert len(data["events"]) == len(graph.events)
    plain = json.loads("".join(FORMATS["json"].write(graph, Look(), Layout())))
    for part in ("graph", "nodes", "edges"):
        assert data[part] == plain[part]


def test_the_schema_knows_every_kind_and_refuses_something():
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    assert read("graph.schema.json")["$defs"]["eventKind"]["enum"] == list(KINDS)
    for schema in (SCHEMA, read("graph-2.schema.json")):
        event = schema["$defs"]["event"]["properties"]["event"]
        assert event == {"$ref": "graph.schema.json#/$defs/eventKind"}
    data = json.loads(written("json", GRAPHS["paths"]()))
    data["events"][0]["event"] = "explosion"
    with pytest.raises(jsonschema.ValidationError):
        VALIDATOR.validate(data)


def test_json_replayed_gives_the_gradients_of_the_nodes():
    data = json.loads(written("json", GRAPHS["paths"]()))
    flowing = {}
    for event in data["events"]:
        if event["event"] in ("seed", "rule"):
            flowing[event["variable"]] = flowing.get(event["variable"], 0) + event["value"]
        if event["event"] == "rule":
            assert event["upstream"] * event["local"] == event["value"]
    for node in data["nodes"]:
        if node["kind"] == "variable":
            gradient = node["grad"] if node["grad"] is not None else node["grad_was"]
            assert flowing[node["id"]] == gradient


@pytest.mark.parametrize("key", GRAPHS)
def test_a_table_has_a_line_an_event_in_columns(key):
    graph = GRAPHS[key]()
    heading, *lines = written("text", graph).splitlines()
    assert len(lines) == len(graph.events)
    assert heading.split() == ["step", "pass", "event", "about", "gen", "value", "waiting"]
    column = heading.index("event")
    assert [line[column:].split()[0] for line in lines] == [event.kind for event in graph.events]


def test_options_hold():
    graph = GRAPHS["paths"]()
    assert "0.412118" in written("text", graph, precision=6)
    big = GRAPHS["large array"]()
    assert json.loads(written("json", big))["events"][0]["value"]["shape"] == [50]
    assert len(json.loads(written("json", big, max_elements=50))["events"][0]["value"]) == 50
