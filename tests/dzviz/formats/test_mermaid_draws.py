"""Mermaid itself, in a browser, draws what was meant."""

import pytest
from support.graphs import CORPUS
from support.mermaid import assert_drawn, seen

from dzviz.formats.mermaid import MAX_EDGES, MAX_TEXT
from dzviz.options import Look
from dzviz.styles import STYLES

pytestmark = pytest.mark.needs("chromium", "mermaid")


def test_every_graph_in_every_style():
    assert_drawn(
        {
            f"{style} {name}": (make(), Look(style=style, contributions="all", legend="on"))
            for style in STYLES
            for name, make in CORPUS.items()
        }
    )


def test_a_page_that_wants_labels_of_another_kind_gets_what_was_meant():
    pictures = {name: (CORPUS[name](), Look()) for name in ("released", "arrays", "names")}
    html = {"htmlLabels": False, "flowchart": {"htmlLabels": False}}
    assert_drawn(pictures, initialize={**html, "theme": "dark"})


def test_mermaid_has_the_limits_that_are_kept():
    edges = "flowchart LR\n" + "v0 --> v1\n" * MAX_EDGES
    results = seen({"most": edges, "more": f"{edges}v0 --> v1\n"}, parseOnly=True)
    assert results["most"] == {"limits": [MAX_EDGES, MAX_TEXT]}
    assert "Edge limit exceeded" in results["more"]["error"]


def test_what_is_foreign_is_seen():
    chart = 'flowchart LR\n  v0["<img src=nothing />"] --> v1["a"]\n'
    result = seen({"image": chart})["image"]
    assert (len(result["nodes"]), result["edges"], result["foreign"]) == (2, 1, 1)
