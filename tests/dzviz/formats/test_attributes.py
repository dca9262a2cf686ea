"""GraphML and GEXF: networkx reads both, and finds the numbers of JSON under flat attributes."""

import io
import json
import math
import xml.etree.ElementTree as ElementTree

import networkx
import numpy as np
import pytest
from support.graphs import CORPUS, graph_of, named
from support.hostile import TEXTS
from support.loops import simple

import dzviz
from dzviz.formats import FORMATS
from dzviz.formats.attributes import EDGE, NODE
from dzviz.formats.json import plain
from dzviz.graph.model import VariableNode
from dzviz.options import Layout, Look

READERS = {"graphml": networkx.read_graphml, "gexf": networkx.read_gexf}


def written(name, graph, look=Look()):
    return "".join(FORMATS[name].write(graph, look, Layout()))


def read(name, graph, look=Look()):
    return READERS[name](io.BytesIO(written(name, graph, look).encode()))


def number(value):
    return float(value) if isinstance(value, str) else value


@pytest.mark.parametrize("name", READERS)
def test_networkx_finds_what_json_says(name):
    for key, make in CORPUS.items():
        graph = make()
        found = read(name, graph)
        assert found.is_directed()
        assert sorted(found.nodes) == sorted(node.id for node in graph.nodes), key
        assert sorted(found.edges()) == sorted((e.source, e.target) for e in graph.edges), key
        for node in graph.nodes:
            facts = found.nodes[node.id]
            assert facts["generation"] == node.generation
            if not isinstance(node, VariableNode):
                assert (facts["kind"], facts["op"]) == ("function", node.op)
                continue
            assert facts["kind"] == "variable"
            assert facts["role"] == node.role
            assert facts.get("name") == node.name
            assert facts["shape"] == "x".join(map(str, node.shape))
            for what, value in (("data", node.data), ("grad", node.grad), ("seed", node.seed)):
                said = plain(value, Look(max_elements=0))
                if isinstance(said, dict):
                    for part in ("min", "max", "mean"):
                        assert facts.get(f"{what}_{part}") == said[part], key
                elif not isinstance(said, list) and said is not None:
                    np.testing.assert_equal(facts[what], number(said))
                else:
                    assert what not in facts
        assert set().union(*(facts for _, facts in found.nodes(data=True))) <= {*NODE, "label"}
        assert set().union(*(facts for *_, facts in found.edges(data=True))) <= {*EDGE, "id"}


@pytest.mark.parametrize("name", READERS)
def test_an_array_has_its_numbers_as_a_text(name):
    graph = graph_of("sum(x*y)", x=[[1, 2], [3, 4]], y=2.0)
    found = read(name, graph)
    assert json.loads(found.nodes["v0"]["data_text"]) == [[1, 2], [3, 4]]
    shares = {facts["share_text"] for *_, facts in found.edges(data=True) if "share_text" in facts}
    assert "[[2.0, 2.0], [2.0, 2.0]]" in shares
    assert "data_text" not in read(name, graph, Look(max_elements=3)).nodes["v0"]


@pytest.mark.parametrize("name", READERS)
def test_what_is_not_finite(name):
    found = read(name, graph_of("1/x", x=0.0))
    assert math.isinf(found.nodes["v2"]["data"])
    assert found.nodes["v1"]["grad"] == -math.inf or any(
        facts.get("grad") == -math.inf for _, facts in found.nodes(data=True)
    )


@pytest.mark.parametrize("name", READERS)
def test_hostile_names_come_back(name):
    for text in TEXTS:
        graph = named(text)
        root = ElementTree.fromstring(written(name, graph))  # it is XML, whatever a name says
        assert len([e for e in root.iter() if e.tag.endswith("}node")]) == 3
        found = read(name, graph).nodes["v0"].get("name")
        expected = "".join(
            c if c in "\t\n\r" or (c >= " " and not "\ud800" <= c <= "\udfff" and c not in (
                "\ufffe", "\uffff"
            )) else "\ufffd" for c in text
        )  # fmt: skip
        assert (found or "") == expected or found == expected.strip(), ascii(text)


@pytest.mark.parametrize("name", READERS)
def test_parallel_edges_and_folded_graphs(name):
    found = read(name, graph_of("x*x", x=3.0))
    assert isinstance(found, networkx.MultiDiGraph)
    assert sorted(facts["arg"] for *_, facts in found.edges(data=True) if "arg" in facts) == [0, 1]
    text = dzviz.render(simple(400), name, fold="always")
    found = READERS[name](io.BytesIO(text))
    assert 400 in {facts.get("times") for _, facts in found.nodes(data=True)}


def test_gexf_is_of_the_version_that_it_says():
    root = ElementTree.fromstring(written("gexf", graph_of("sin(x)", x=1.0)))
    assert root.tag == "{http://gexf.net/1.3}gexf"
    assert root.get("version") == "1.3"
    kinds = {e.get("type") for e in root.iter("{http://gexf.net/1.3}attribute")}
    assert kinds == {"string", "integer", "double"}
