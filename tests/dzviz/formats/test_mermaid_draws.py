"""Mermaid itself, in a browser, draws what was meant."""

import pytest
from support.graphs import CORPUS, named
from support.hostile import TEXTS
from support.mermaid import seen

from dzviz.formats.mermaid import MAX_EDGES, MAX_TEXT, write
from dzviz.look import Look
from dzviz.styles import STYLES, scene
from dzviz.words import clean, description

pytestmark = pytest.mark.needs("chromium", "mermaid")

TRICKY = (
    "1. first",
    "- item",
    "+ 1",
    "a*b*c",
    "__init__",
    "a  b",
    "www.example.org",
    "x@example.org",
    "[a](b)",
    "    code",
    "$$x^2$$",
    "fa:fa-car",
    "#35;",
    "\ufb02\u00b0\u00b035\u00b6\u00df",  # how Mermaid itself writes #35; in between
    "%% comment",
    "%%{init: {'theme': 'dark'}}%%",
    "---",
    "accTitle: x",
    "style v0 fill:#f00;",
    "classDef look0 fill:#f00;",
    "linkStyle 0 stroke:#f00;",
    "direction TB",
    "@{ shape: circle }",
    ":::look1",
    "`**x**`",
    "a<br/>b",
    "\\nabla",
)


def meant(graph, look):
    """What is to be seen of a graph, with spaces as a browser shows them."""
    picture = scene(graph, look)
    shapes = [" ".join([*shape.lines, *shape.notes]) for shape in picture.shapes]
    arrows = list(picture.arrows)
    return {
        "nodes": sorted(map(plain, shapes)),
        "edges": len(arrows),
        "edgeLabels": sorted(plain(arrow.label) for arrow in arrows if arrow.label),
        "caption": plain(" ".join(picture.caption)),
        "title": plain(clean(graph.title)) or "computational graph",
        "description": plain(description(graph, look)),
        "foreign": 0,
        "ran": 0,
    }


def told(result):
    """What was seen, in the same form."""
    if "error" in result:
        return result
    return {
        **result,
        "nodes": sorted(map(plain, result["nodes"])),
        "edgeLabels": sorted(map(plain, result["edgeLabels"])),
        "caption": plain(" ".join(result["caption"])),
        "title": plain(result["title"]) or "computational graph",
        "description": plain(result["description"]),
    }


def plain(text):
    return " ".join(text.split())


def assert_drawn(pictures, **settings):
    charts = {key: "".join(write(*picture)) for key, picture in pictures.items()}
    results = seen(charts, **settings)
    assert list(results) == list(pictures)
    for key, picture in pictures.items():
        assert told(results[key]) == meant(*picture), key


def test_every_graph_in_every_style():
    assert_drawn(
        {
            f"{style} {name}": (make(), Look(style=style, contributions="all", legend="on"))
            for style in STYLES
            for name, make in CORPUS.items()
        }
    )


@pytest.mark.parametrize("texts", [TEXTS, TRICKY], ids=["hostile", "tricky"])
def test_every_text_as_a_name_a_label_and_a_title(texts):
    assert_drawn(
        {
            f"{number} {text[:20]!a}": (named(text), Look(title=text[:1000]))
            for number, text in enumerate(texts)
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
