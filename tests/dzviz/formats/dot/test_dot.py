"""DOT, as independent readers see it."""

import subprocess
import tracemalloc

import networkx
import numpy as np
import pydot
import pytest
from support.graphs import CORPUS, graph_of, named

from dezero import Variable
from dezero.functions import sin
from dzviz.formats.dot import write
from dzviz.graph.model import FunctionNode
from dzviz.options import Look
from dzviz.placing.dot import lines, quote
from dzviz.sources.snapshot import snapshot
from dzviz.styles import boxes, scene_of


def dot_of(graph, look=Look()):
    return "".join(write(graph, look))


def structure(graph):
    nodes = sorted(node.id for node in graph.nodes)
    return nodes, sorted((edge.source, edge.target) for edge in graph.edges)


def read_by_pydot(text):
    (graph,) = pydot.graph_from_dot_data(text)
    nodes = sorted(node.get_name() for node in graph.get_nodes() if node.get_name()[1:].isdigit())
    edges = sorted((e.get_source(), e.get_destination()) for e in graph.get_edges())
    assert not graph.get_subgraphs()
    return nodes, edges


def read_by_networkx(text):
    (graph,) = pydot.graph_from_dot_data(text)
    graph = networkx.nx_pydot.from_pydot(graph)
    return sorted(graph.nodes), sorted((a, b) for a, b, _ in graph.edges)


def read_by_graphviz(text):
    run = subprocess.run(
        ["dot", "-Tplain"], input=text.encode(), capture_output=True, check=False, timeout=60
    )
    assert run.returncode == 0
    assert run.stderr == b""
    words = [line.split() for line in run.stdout.decode().splitlines()]
    nodes = sorted(w[1] for w in words if w and w[0] == "node")
    return nodes, sorted((w[1], w[2]) for w in words if w and w[0] == "edge")


def test_the_example_of_the_manual():
    assert dot_of(graph_of("sin(x)", x=1.0, retain_grad=True)).splitlines() == [
        "digraph dzviz {",
        "  graph [rankdir=LR, ranksep=0.45, nodesep=0.3, "
        'label="y = sin(x)\\ngrad = dy/d(node)\\nseed: backward starts here; '
        'float64: unless noted", '
        'labelloc=b, bgcolor="#ffffff", '
        'fontname="Helvetica", fontsize=12, fontcolor="#475569"];',
        '  node [fontname="Helvetica", fontsize=11, fontcolor="#111827", penwidth=1.2, '
        'margin="0.12,0.08", height=0.3, width=0.6];',
        '  edge [fontname="Helvetica", fontsize=9, color="#4b5563", fontcolor="#0f766e", '
        "arrowsize=0.7];",
        '  v0 [label="x\\ndata 1\\ngrad 0.5403", shape=box, style="rounded,filled", '
        'fillcolor="#ffe8c7", color="#b45309"];',
        '  f0 [label="sin\\ngen 0", shape=circle, margin=0.02, style=filled, '
        'fillcolor="#e4effe", color="#1d4ed8"];',
        '  v1 [label="y\\ndata 0.8415\\ngrad 1 (seed)", shape=box, '
        'style="rounded,filled,bold", fillcolor="#ffe8c7", color="#b45309"];',
        "  v0 -> f0;",
        "  f0 -> v1;",
        "}",
    ]


@pytest.mark.parametrize("make", CORPUS.values(), ids=CORPUS)
@pytest.mark.parametrize("read", [read_by_pydot, read_by_networkx])
def test_readers_see_the_structure(make, read):
    graph = make()
    assert read(dot_of(graph)) == structure(graph)


@pytest.mark.needs("dot")
def test_graphviz_reads_everything():
    for make in CORPUS.values():
        graph = make()
        assert read_by_graphviz(dot_of(graph)) == structure(graph)


@pytest.mark.needs("dot")
@pytest.mark.parametrize(
    "name", ['say "x"', "back\\slash", "\\N", "<b>bold</b>", "a & b", "&amp;", "{x|y}", "名前"]
)
def test_graphviz_shows_the_name_itself(name):
    svg = subprocess.run(
        ["dot", "-Tsvg"], input=dot_of(named(name)).encode(), capture_output=True, check=True
    ).stdout.decode()
    import xml.etree.ElementTree as ET

    texts = [
        "".join(text.itertext()) for text in ET.fromstring(svg).iter() if text.tag.endswith("text")
    ]
    assert texts.count(name) >= 2


def test_labels_are_plain_and_ids_are_ascii():
    for make in CORPUS.values():
        text = dot_of(make())
        assert "label=<" not in text
        assert "\r" not in text
        for node in make().nodes:
            assert f"  {node.id} [" in text


def test_ascii_in_ascii_out():
    for name, make in CORPUS.items():
        assert dot_of(make()).isascii() == (name != "names")


def test_edge_labels_stand_where_a_variable_is_used_twice():
    text = dot_of(graph_of("a = x**2; a*sin(a)", x=3.0))
    assert text.count('label="share ') == 2
    assert '  v1 -> f1 [label="share -8.200"];' in text
    assert dot_of(graph_of("sin(x)", x=1.0)).count('label="share ') == 0


def test_edges_can_be_numbered():
    graph = graph_of("x*x", x=3.0)
    text = "".join(lines(scene_of(graph, Look()), Look(), for_layout=True))
    assert [f'id="e{i}"' in text for i in range(4)] == [True, True, True, False]


def test_the_direction():
    assert "rankdir=TB" in dot_of(graph_of("sin(x)", x=1.0), Look(rank_dir="TB"))


def test_constants_and_functions_have_shapes_of_their_own():
    graph = graph_of("2*x", x=1.0)
    text = dot_of(graph)
    for node in graph.nodes:
        line = next(line for line in text.splitlines() if line.startswith(f"  {node.id} ["))
        assert ("circle" in line) == isinstance(node, FunctionNode)
        assert ("rounded" in line) == (node.id in ("v1", "v2"))
        assert ("dashed" in line) == (node.id == "v2")


def test_quoting():
    assert quote(['a"b', "c\\d", "e&f"]) == '"a\\"b\\nc\\\\d\\ne&amp;f"'


@pytest.mark.parametrize("look", [Look(), Look(hide=("generation",))], ids=str)
def test_a_large_graph_streams(look):
    y = Variable(np.array(1.0))
    for _ in range(60_000):
        y = sin(y)
    y.backward()
    graph = snapshot(y)
    dot_of(graph)  # what is loaded or kept the first time
    tracemalloc.start()
    try:
        length = sum(map(len, write(graph, look)))
        held = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert length > 11_000_000
    assert held < length / 4  # some thousand rows, however many there are


def looks_of(text):
    """Every node's attributes, with those that the file gives to all."""
    (parsed,) = pydot.graph_from_dot_data(text)
    (usual,) = parsed.get_node_defaults()
    nodes = {node.get_name(): node.get_attributes() for node in parsed.get_nodes()}
    return {name: {**usual, **own} for name, own in nodes.items() if name[1:].isdigit()}


@pytest.mark.parametrize("retain_grad", [True, False])
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_nodes_of_a_large_graph_look_as_in_a_small_one(theme, retain_grad, monkeypatch):
    y = Variable(np.array(0.5))
    for i in range(6):
        y = sin(y) * y + 1.0 if i % 2 else -y
    y.backward(retain_grad=retain_grad)
    graph, look = snapshot(y), Look(theme=theme)
    small = "".join(write(graph, look))
    monkeypatch.setattr(boxes, "LARGE", 0)
    large = "".join(write(graph, look))
    assert large.count("shape=box") < small.count("shape=box") / 2
    assert looks_of(large) == looks_of(small)
    assert len(looks_of(large)) == len(graph.nodes)
