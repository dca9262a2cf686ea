"""Reading json0: by hand-made documents whose places are known."""

from __future__ import annotations

import json
from typing import Any

import pytest

from dzviz.layout.placement import Box, Curve, Placement, read


def document(**changes: Any) -> str:
    graph: dict[str, Any] = {
        "name": "g",
        "bb": "10,20,210,120",
        "lp": "110,30",
        "objects": [
            {"name": "cluster_a", "bb": "20,40,100,110", "nodes": [2]},
            {"name": "plain", "nodes": [2]},
            {"_gvid": 2, "name": "v0", "pos": "50,70", "width": "0.5", "height": "0.25"},
        ],
        "edges": [
            {"tail": 2, "head": 2, "id": "e0", "lp": "60,90", "pos": "s,11,21 e,15,25 12,22 13,23"},
            {"tail": 2, "head": 2, "pos": "0,0 0,0 0,0 0,0"},
        ],
    }
    graph["edges"][0]["pos"] = "s,11,21 e,15,25 12,22 13,23 14,24 15,24"
    return json.dumps(graph | changes)


def test_the_origin_is_at_the_top_left_and_y_grows_down() -> None:
    assert read(document()) == Placement(
        width=200,
        height=100,
        nodes={"v0": Box(40, 50, 36, 18)},
        edges={
            "e0": Curve(
                points=((2, 98), (3, 97), (4, 96), (5, 96)),
                tip=(5, 95),
                tail=(1, 99),
                label=(50, 30),
            )
        },
        clusters={"cluster_a": Box(50, 45, 80, 70)},
        caption=(100, 90),
    )


def test_what_a_graph_does_not_have_is_none_or_empty() -> None:
    assert read('{"bb": "0,0,0,0"}') == Placement(0, 0, {}, {}, {}, None)
    edge = {"id": "e0", "pos": "0,0 1e+02,0 2.5,-1 3,0"}
    curve = read(document(edges=[edge])).edges["e0"]
    assert (curve.tip, curve.tail, curve.label) == (None, None, None)
    assert len(curve.points) == 4
    assert curve.points[1] == (90, 120)


def test_a_control_character_in_a_label_is_read() -> None:
    assert read(document(label="@").replace("@", "\x01\n")).width == 200


@pytest.mark.parametrize(
    "text",
    [
        "",
        "hello",
        "[]",
        "null",
        "1",
        "{}",
        '{"bb": 1}',
        '{"bb": "0,0,1"}',
        '{"bb": "0,0,nan,1"}',
        '{"bb": "0,0,inf,1"}',
        '{"bb": "0,0,1,1", "objects": 1}',
        '{"bb": "0,0,1,1", "objects": [1]}',
        '{"bb": "0,0,1,1"',
        "[" * 100_000,
        document(objects=[{"name": "v0", "pos": "1,2", "width": "1"}]),
        document(objects=[{"name": "v0", "pos": "1,nan", "width": "1", "height": "1"}]),
        document(objects=[{"pos": "1,2", "width": "1", "height": "1"}]),
        document(edges=[{"id": "e0"}]),  # Graphviz lost it.
        document(edges=[{"id": "e0", "pos": ""}]),
        document(edges=[{"id": "e0", "pos": "1,1 2,2 3,3"}]),
        document(edges=[{"id": "e0", "pos": "1,1 2,2 3,3 4,4;5,5 6,6 7,7 8,8"}]),
    ],
)
def test_what_is_not_a_whole_layout_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is not a layout"):
        read(text)


def test_the_complaint_is_short_and_has_no_control_characters() -> None:
    with pytest.raises(ValueError, match="is not a layout") as caught:
        read("\x1b[31m rubbish \n\n" * 1000)
    assert len(str(caught.value)) < 300
    assert str(caught.value).isprintable()


def test_the_data_are_frozen() -> None:
    placement = read(document())
    for data, field in [
        (placement, "width"),
        (placement.nodes["v0"], "x"),
        (placement.edges["e0"], "tip"),
    ]:
        with pytest.raises(AttributeError):
            setattr(data, field, 0)
