"""What a picture says of what repeats."""

import pytest
from support.graphs import graph_of

from dzviz.graph.folding import fold
from dzviz.options import Look
from dzviz.styles import scene_of


def test_what_is_used_each_time_says_its_shares():
    graph = graph_of("; ".join([*["x = x + r*sin(x)"] * 30, "x"]), x=1.0, r=0.1)
    (r,) = [node for node in graph.nodes if getattr(node, "name", None) == "r"]
    shares = [edge.contribution for edge in graph.edges if edge.source == r.id]
    assert sum(shares) == pytest.approx(r.grad)
    arrows = scene_of(fold(graph), Look()).arrows
    (arrow,) = [arrow for arrow in arrows if arrow.source == r.id]
    assert arrow.label == f"each time, share {min(shares):.4} .. {max(shares):.4}"
    assert arrow.share
    assert not [arrow for arrow in arrows if arrow.label == "first"]
