"""JSON: full precision, a schema, networkx."""

import json
import math
from importlib.resources import files

import jsonschema
import networkx
import numpy as np
import pytest
from support.graphs import CORPUS, graph_of

from dzviz.formats.json import write
from dzviz.options import Look

SCHEMA = json.loads(files("dzviz.formats").joinpath("graph.schema.json").read_text())


def loaded(graph, look=Look()):
    def refuse(constant):
        raise AssertionError(f"{constant} is no JSON")

    data = json.loads("".join(write(graph, look)), parse_constant=refuse)
    jsonschema.Draft202012Validator(SCHEMA).validate(data)
    return data


def test_the_schema_is_one_and_refuses_something():
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    data = loaded(graph_of("sin(x)", x=1.0))
    data["nodes"][0]["grad_state"] = "forgotten"
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.Draft202012Validator(SCHEMA).validate(data)


def test_full_precision():
    data = loaded(graph_of("sin(x)", x=1.0))
    x, _, y = data["nodes"]
    assert x["grad"] == math.cos(1.0)
    assert (y["data"], y["grad"], y["grad_was"], y["seed"]) == (math.sin(1.0), None, 1.0, 1.0)
    assert data["edges"][0]["contribution"] == math.cos(1.0)
    assert data["graph"] == {"expression": "sin(x)", "order": 0, "outputs": ["v1"]}


@pytest.mark.parametrize("make", CORPUS.values(), ids=CORPUS)
def test_networkx_reads_it(make):
    graph = make()
    read = networkx.node_link_graph(loaded(graph), edges="edges")
    assert read.is_directed()
    assert read.is_multigraph()
    assert list(read.nodes) == [node.id for node in graph.nodes]
    assert sorted(read.edges(keys=True)) == sorted(edge[:3] for edge in graph.edges)
    assert networkx.is_directed_acyclic_graph(read)


def test_not_finite_numbers_are_strings():
    data = loaded(graph_of("x + 0", x=[np.nan, np.inf, -np.inf, 1.0]))
    x = next(node for node in data["nodes"] if node.get("name") == "x")
    assert x["data"] == ["NaN", "Infinity", "-Infinity", 1.0]


def test_large_arrays_are_summarised():
    data = loaded(graph_of("x + 0", x=[1.0, 2.0, np.nan, 3.0]), Look(max_elements=3))
    x = next(node for node in data["nodes"] if node.get("name") == "x")
    assert x["data"] == {"shape": [4], "min": 1.0, "max": 3.0, "mean": 2.0}
    data = loaded(graph_of("x + 0", x=[np.nan] * 4), Look(max_elements=3))
    x = next(node for node in data["nodes"] if node.get("name") == "x")
    assert x["data"] == {"shape": [4], "min": None, "max": None, "mean": None}
    data = loaded(graph_of("x + 0", x=[[1.0, 2.0], [3.0, 4.0]]))
    x = next(node for node in data["nodes"] if node.get("name") == "x")
    assert x["data"] == [[1.0, 2.0], [3.0, 4.0]]
