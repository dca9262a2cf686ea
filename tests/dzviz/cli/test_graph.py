"""Graphs from files, on the command line and in documents."""

import io
import json

import pytest

from dzviz.cli.main import run
from dzviz.python.api import load, render

GRAPH = {
    "schema": "dzviz/graph/2",
    "graph": {
        "passes": [None],
        "frames": [{"id": "f", "name": "square", "kind": "function", "nodes": ["times", "h"]}],
    },
    "nodes": [
        {"id": "x", "name": "x", "data": 3.0, "grad": 6.0},
        {"id": "times", "op": "Mul", "label": "*"},
        {"id": "h", "data": 9.0},
        {"id": "neg", "op": "Neg", "label": "-"},
        {"id": "y", "name": "y", "data": -9.0},
    ],
    "edges": [
        {"source": "x", "target": "times", "contribution": -3.0},
        {"source": "x", "target": "times", "contribution": -3.0},
        {"source": "times", "target": "h"},
        {"source": "h", "target": "neg", "contribution": -1.0},
        {"source": "neg", "target": "y"},
    ],
}


@pytest.fixture
def dzviz(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "graph.json").write_text(json.dumps(GRAPH))

    def command(*args):
        code = run(list(args))
        told = capsys.readouterr()
        return code, told.out, told.err

    return command


def test_a_graph_is_drawn_in_every_way(dzviz, tmp_path):
    code, out, err = dzviz("--graph", "graph.json", "-T", "text")
    assert (code, err) == (0, "")
    assert out.splitlines()[1:] == [
        "x     input  3     6",
        "v1    x * x  9     None",
        "y     -v1    -9    None",
        "",
        "grad = dy/d(node)",
    ]
    for name in ("a.svg", "a.png", "a.html", "a.mmd"):
        assert dzviz("draw", "--graph", "graph.json", "-o", name)[0] == 0
        assert (tmp_path / name).stat().st_size


def test_frames_are_drawn_or_become_nodes(dzviz):
    dot = dzviz("--graph", "graph.json")[1]
    assert 'label="square (1 function)"' in dot
    assert "subgraph cluster_m0" in dot
    mermaid = dzviz("--graph", "graph.json", "-T", "mermaid")[1]
    assert "subgraph m0" in mermaid
    text = dzviz("--graph", "graph.json", "-T", "text", "--depth", "0")[1]
    assert "v1    square (1 function) of x" in text
    found = json.loads(dzviz("--graph", "graph.json", "-T", "json", "--depth", "0")[1])
    (share,) = (e["contribution"] for e in found["edges"] if e["source"] == "v0")
    assert share == -6.0


def test_standard_input(dzviz, monkeypatch):
    stream = io.TextIOWrapper(io.BytesIO(json.dumps(GRAPH).encode()))
    monkeypatch.setattr("sys.stdin", stream)
    assert "x * x" in dzviz("--graph", "-", "-T", "text")[1]


def test_gradients_alone(dzviz):
    assert dzviz("grad", "--graph", "graph.json") == (0, "x\t6.0\n", "")


def test_python_reads_the_same(dzviz, tmp_path):
    graph = load("graph.json")
    assert graph == load(tmp_path / "graph.json") == load(GRAPH)
    assert render(graph, "dot").decode() == dzviz("--graph", "graph.json")[1]


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (
            ["gradcheck", "--graph", "graph.json"],
            "gradcheck computes again with other values, but a graph from a file has",
        ),
        (["--graph", "graph.json", "--x", "3"], "--x is for what is computed"),
        (["--graph", "graph.json", "--order", "2"], "--order is for what is computed"),
        (["--graph", "graph.json", "--retain-grad"], "--retain-grad is for what is computed"),
        (["x", "--graph", "graph.json"], "given twice: as an argument and by --graph"),
        (["--graph", "none.json"], "cannot read the graph from 'none.json'"),
        (["--graph", "."], "cannot read the graph from '.'"),
        (["trace", "--graph", "graph.json"], "the graph has no events"),
        (["--graph", "bad.json"], "the graph in 'bad.json': $.nodes[0]: it has no 'id'"),
        (["--graph", "graph.json", "-o", "graph.json"], "the same command reads and writes"),
    ],
)
def test_one_clear_error(dzviz, tmp_path, args, words):
    (tmp_path / "bad.json").write_text('{"nodes": [{}]}')
    before = (tmp_path / "graph.json").read_bytes()
    code, out, err = dzviz(*args)
    assert (code, out) == (2, "")
    assert words in err
    assert err.count("dzviz: error: ") == 1
    assert (tmp_path / "graph.json").read_bytes() == before


def test_a_document_draws_one(dzviz, tmp_path):
    page = tmp_path / "page.md"
    page.write_text("<!-- dzviz --graph graph.json -T text -->\n<!-- /dzviz -->\n")
    assert dzviz("embed", "page.md")[0] == 0
    assert "x * x" in page.read_text()
    assert dzviz("embed", "--check", "page.md")[0] == 0
