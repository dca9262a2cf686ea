"""What every format and every style make of folded graphs and of parts."""

import json
import re
import xml.etree.ElementTree as ET
from importlib.resources import files

import jsonschema
import pydot
import pytest
from support.loops import LOOPS, gated, losses, nested, newton, simple, taken

from dzviz.formats import FORMATS
from dzviz.graph.duplicates import LARGE, spread
from dzviz.options import Layout, Look, View
from dzviz.pipeline.view import chosen
from dzviz.styles import STYLES
from dzviz.text.typeset import plain

SCHEMA = json.loads(files("dzviz.formats").joinpath("graph.schema.json").read_text())
FOLDING = [style.name for style in STYLES.values() if style.folds]
GRAPHS = {
    "folded": lambda: drawn(simple(40), fold="always"),
    "part": lambda: drawn(newton(20), focus="v9:3"),
    "between": lambda: drawn(newton(20), from_="v9", to="v30"),
    "folded part": lambda: drawn(losses(30), to="v150", fold="always"),
    "nested": lambda: drawn(nested(5, 20), fold="always"),
}


def drawn(y, **options):
    graph = taken(y)
    return chosen(graph, graph, View(**options), placed=False, style="boxes")[0]


def written(graph, format, **look):
    chunks = list(FORMATS[format].write(graph, Look(**look), Layout()))
    return b"".join(chunks) if FORMATS[format].binary else "".join(chunks)


@pytest.mark.thorough
@pytest.mark.parametrize("key", GRAPHS)
@pytest.mark.parametrize("style", FOLDING)
@pytest.mark.parametrize("format", FORMATS)
def test_every_format_writes_them_twice_the_same(format, style, key):
    text = written(GRAPHS[key](), format, style=style)
    assert text
    assert text == written(GRAPHS[key](), format, style=style)
    if not FORMATS[format].binary:
        drawn = FORMATS[format].placed  # there signs are set as a typesetter does
        assert (plain(text) if drawn else text).isascii()


@pytest.mark.parametrize("key", ["part", "between"])
@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("format", ["dot", "svg", "text", "mermaid"])
def test_parts_are_drawn_in_every_style(format, style, key):
    graph = GRAPHS[key]()
    text = written(graph, format, style=style)
    counts = f"{len(graph.nodes)} of {graph.part.nodes} nodes"
    assert counts in text.replace("#59;", ";") or counts.replace(" ", "#32;") in text


@pytest.mark.thorough
@pytest.mark.parametrize("name", LOOPS)
@pytest.mark.parametrize("style", FOLDING)
def test_dot_has_a_cluster_around_each_repeat(name, style):
    graph = drawn(LOOPS[name][0](), fold="always")
    (parsed,) = pydot.graph_from_dot_data(written(graph, "dot", style=style))
    clusters, waiting = {}, parsed.get_subgraphs()
    while waiting:
        cluster = waiting.pop()
        waiting += cluster.get_subgraphs()
        label = cluster.get_node("graph")[0].get_label() if cluster.get_node("graph") else None
        clusters[cluster.get_name()] = label or cluster.get_label()
    for repeat in graph.folded.repeats:
        assert f"cluster_{repeat.id}" in clusters
        assert clusters[f"cluster_{repeat.id}"] in (None, f'"{repeat.times} times"')
    declared = {node.get_name() for node in parsed.get_nodes()}
    for edge in parsed.get_edges():
        assert {edge.get_source(), edge.get_destination()} <= declared


@pytest.mark.parametrize("name", LOOPS)
@pytest.mark.parametrize("style", FOLDING)
def test_svg_frames_each_repeat_and_what_is_in_it(name, style):
    graph = drawn(LOOPS[name][0](), fold="always")
    root = ET.fromstring(written(graph, "svg", style=style))
    space = "{http://www.w3.org/2000/svg}"
    groups = {g.get("data-id"): g for g in root.iter(f"{space}g") if g.get("data-id")}
    for repeat in graph.folded.repeats:
        frame = groups[repeat.id].find(f"{space}rect")
        left, top, width, height = (
            float(frame.get(side)) for side in ("x", "y", "width", "height")
        )
        assert groups[repeat.id].get("aria-label") == f"{repeat.times} times"
        for id in repeat.nodes:
            if id not in groups:
                continue
            box, round_ = groups[id].find(f"{space}rect"), groups[id].find(f"{space}ellipse")
            if box is not None:
                x = float(box.get("x")) + float(box.get("width")) / 2
                y = float(box.get("y")) + float(box.get("height")) / 2
            else:
                x, y = float(round_.get("cx")), float(round_.get("cy"))
            assert left < x < left + width
            assert top < y < top + height


@pytest.mark.parametrize("name", LOOPS)
def test_json_tells_what_stands_for_what(name):
    graph = drawn(LOOPS[name][0](), fold="always")
    data = json.loads(written(graph, "json"))
    jsonschema.Draft202012Validator(SCHEMA).validate(data)
    assert [r["times"] for r in data["graph"]["repeats"]] == [
        repeat.times for repeat in graph.folded.repeats
    ]
    whole = taken(LOOPS[name][0]())
    stands_for = [id for node in data["nodes"] for id in node.get("ids", [node["id"]])]
    assert sorted(stands_for) == sorted(node.id for node in whole.nodes)
    assert sum(edge.get("edges", 1) for edge in data["edges"]) == len(whole.edges)


def test_json_tells_of_a_part():
    graph = GRAPHS["part"]()
    data = json.loads(written(graph, "json"))
    jsonschema.Draft202012Validator(SCHEMA).validate(data)
    assert data["graph"]["part_of"] == graph.part.nodes
    cut = {node["id"]: node["cut"] for node in data["nodes"] if "cut" in node}
    assert cut == graph.part.cut


def test_what_is_not_folded_says_nothing_of_it():
    data = json.loads(written(taken(simple(5)), "json"))
    assert not {"part_of", "repeats"} & data["graph"].keys()
    assert not any({"ids", "cut", "edges", "lag"} & item.keys() for item in data["nodes"])


def test_the_table_of_a_folded_loop():
    table = written(GRAPHS["folded"](), "text").splitlines()
    assert table[1].startswith("x ")
    assert "sin of (x, then " in table[2]
    assert ", 40 times" in table[2]
    assert "last 1.497" in table[4]
    assert table[-1] == "a .. b: range over all times"


def test_the_description_tells_how_often():
    text = written(GRAPHS["folded"](), "alt")
    assert "What repeats is described once" in text
    assert "40 times: data" in text
    graph = GRAPHS["part"]()
    part = f"This is a part of it: {len(graph.nodes)} of {graph.part.nodes} nodes."
    assert part in written(graph, "alt")


def test_border_nodes_say_how_many_edges_lead_on():
    graph = GRAPHS["part"]()
    text = written(graph, "dot")
    notes = re.findall(r"^  (\w+) \[label=\".*\\n\+(\d+) more\"", text, re.MULTILINE)
    assert {id: int(count) for id, count in notes} == graph.part.cut


def test_copies_of_shared_leaves_are_in_the_frame_of_their_leaf():
    graph = drawn(gated(12), fold="always")
    many = graph._replace(nodes=graph.nodes * (LARGE // len(graph.nodes) + 1))
    wide = spread(many)
    assert len(graph.nodes) < len({node.id for node in wide.nodes})
    assert sum(len(b.edges) for b in wide.folded.bundles.values()) == sum(
        len(b.edges) for b in graph.folded.bundles.values()
    )
    keys = {edge[:3] for edge in wide.edges}
    assert wide.folded.bundles.keys() <= keys


@pytest.mark.parametrize("theme", ["dark", "print", "auto"])
def test_frames_have_the_colours_of_the_theme(theme):
    look = Look(theme=theme)
    text = written(GRAPHS["folded"](), "svg", theme=theme)
    assert f'stroke="{look.colours.frame}"' in text
    assert ">40 times</text>" in text
