"""Captions with the embedded engine, which crashes on a quite empty first line."""

from support.graphs import graph_of

from dzviz.formats import FORMATS
from dzviz.options import Layout, Look


def test_a_long_caption_below_a_line_of_space():
    graph = graph_of("x + 1, x * y", x=1.0, y=[1.0, 2.0])
    for title in ("y" * 30, "y" * 60, "y" * 99, "y " * 200):
        chunks = FORMATS["svg"].write(graph, Look(title=title), Layout(engine="wasm"))
        assert title[:30] in "".join(chunks)
