"""Mermaid, as it is written; what Mermaid makes of it is tested with a browser."""

import re

import pytest
from support.graphs import CORPUS, graph_of, named
from support.hostile import TEXTS

from dzviz.errors import LayoutError
from dzviz.formats import mermaid
from dzviz.formats.mermaid import MAX_EDGES, MAX_TEXT, encode, quote, write
from dzviz.options import Look
from dzviz.styles import STYLES, scene_of
from dzviz.styles.scene import Arrow
from dzviz.text.descriptions import MAX_ALT
from dzviz.text.phrases import clean
from dzviz.themes import THEMES


def mermaid_of(graph, look=Look()):
    return "".join(write(graph, look))


def decoded(text):
    return re.sub(r"#(\d+);", lambda match: chr(int(match[1])), text)


def test_the_example_of_the_manual():
    text = mermaid_of(graph_of("sin(x)", x=1.0, retain_grad=True))
    assert text.startswith("---\nconfig:\n")
    assert text.partition("---\nflowchart ")[2].splitlines() == [
        "LR",
        "  accTitle: y #61; sin#40;x#41;",
        "  accDescr: Computational graph of y #61; sin#40;x#41;#58; 2 variables#44; 1 function#46;"
        " The gradients are dy#47;d#40;node#41;#46; x#44; input#58; data 1#44; grad 0.5403#46;"
        " y#44; sin of x#58; data 0.8415#44; grad 1 #40;seed#41;#46;",
        '  subgraph picture ["<div>y #61; sin#40;x#41;<br/>grad #61; dy#47;d#40;node#41;<br/>'
        'seed#58; backward starts here#59; float64#58; unless noted</div>"]',
        "    direction LR",
        '    v0("x<br/>data 1<br/>grad 0.5403"):::look0',
        '    f0(("sin<br/>gen 0")):::look1',
        '    v1("y<br/>data 0.8415<br/>grad 1 #40;seed#41;"):::look2',
        "    v0 --> f0",
        "    f0 --> v1",
        "  end",
        "  style picture fill:#ffffff,stroke:none,color:#475569",
        "  linkStyle default stroke:#4b5563,color:#0f766e",
        "  classDef look0 fill:#ffe8c7,stroke:#b45309,color:#111827,stroke-width:1px",
        "  classDef look1 fill:#e4effe,stroke:#1d4ed8,color:#111827,stroke-width:1px",
        "  classDef look2 fill:#ffe8c7,stroke:#b45309,color:#111827,stroke-width:3px",
    ]


@pytest.mark.thorough
@pytest.mark.parametrize("text", [*TEXTS, "1.5", "a. b", "a  b", " a ", "www.x.org", "1. x", "- x"])
def test_nothing_but_letters_digits_and_codes_is_left_of_a_text(text):
    text = clean(text)
    assert re.fullmatch(r"(?:[A-Za-z0-9]|(?<=\d)\.(?=\d)|(?<!^) (?!$| )|#\d+;)*", encode(text))
    assert decoded(encode(text)) == text


@pytest.mark.parametrize("word", ["direction LR", "Direction TB", "redirection  RL"])
def test_no_text_says_a_direction(word):
    assert "direction " not in encode(word).lower()
    assert decoded(encode(word)) == word


def test_labels_that_markdown_could_read_stand_in_a_block_of_html():
    assert quote(["x", "grad -0.5"]) == '"x<br/>grad #45;0.5"'
    assert quote(["*", "gen 0"]) == '"<div>#42;<br/>gen 0</div>"'
    for sign in (
        "a*b",
        "_a_",
        "`a`",
        "[a](b)",
        "# a",
        "- a",
        "+ a",
        "1. a",
        "2) a",
        "a@b",
        "www.a",
    ):
        assert quote([sign]).startswith('"<div>')
    for plain in ("a - b", "x + y", "grad -1", "f' of sin", "1.5", "dy/d(node)"):
        assert "div" not in quote([plain])


def test_what_mermaid_would_read_after_decoding_is_taken_apart():
    assert quote(["\\nabla"]) == '"<div>#92;<wbr/>nabla</div>"'
    assert quote(["fa:fa-car"]) == '"<div>fa#58;<wbr/>fa#45;car</div>"'
    assert quote(["$$$"]) == '"#36;<wbr/>#36;<wbr/>#36;"'


def test_an_empty_label_is_a_label():
    assert quote([]) == quote([""]) == '"#32;"'


@pytest.mark.thorough
@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("theme", THEMES)
def test_it_is_ascii_in_every_style_and_theme(style, theme):
    look = Look(style=style, theme=theme)
    for make in CORPUS.values():
        assert mermaid_of(make(), look).isascii()
    for text in TEXTS[:-1]:
        assert mermaid_of(named(text), look).isascii()


@pytest.mark.parametrize("style", STYLES)
def test_hostile_names_add_no_line(style):
    def skeleton(name):
        lines = mermaid_of(named(name), Look(style=style, title="t")).splitlines()
        return [re.sub('".*"|(?<=acc).*|margin: .*', "", line) for line in lines]

    expected = skeleton("a long name")  # an ellipse, as most
    assert len(expected) > 15
    for text in TEXTS:
        assert len(skeleton(text)) == len(expected), ascii(text[:20])


def test_shapes_arrows_and_contributions():
    text = mermaid_of(graph_of("a = 2*x; a*sin(a)", x=1.0))
    assert '    v0["constant 2"]:::look' in text
    assert '    v1("x<br/>' in text
    assert '    f0(("<div>#42;<br/>gen 0</div>")):::look' in text
    assert len(re.findall(r' -->\|"share #?[\w.;]+"\| ', text)) == 2
    assert "stroke-dasharray" in text
    assert "-->|" not in mermaid_of(graph_of("sin(x)", x=1.0))
    assert text.count("-->") == len(graph_of("a = 2*x; a*sin(a)", x=1.0).edges)
    assert "flowchart TB" in mermaid_of(graph_of("x", x=1.0), Look(rank_dir="TB"))


def test_the_background_is_behind_labels_too():
    graph = graph_of("x*x", x=3.0)
    ivory = mermaid_of(graph, Look(background="#fffff0"))
    assert 'edgeLabelBackground: "#fffff0"' in ivory
    assert "style picture fill:#fffff0," in ivory
    clear = mermaid_of(graph, Look(background="transparent"))
    assert 'edgeLabelBackground: "#ffffff"' in clear
    assert "style picture fill:transparent," in clear


def test_weak_arrows_are_dotted(monkeypatch):
    def weak(graph, look):
        arrows = [Arrow(0, "v0", "f0", "outputs", "", weak=True), Arrow(1, "f0", "v1", None, "")]
        return scene_of(graph, look)._replace(arrows=tuple(arrows))

    monkeypatch.setattr(mermaid, "scene_of", weak)
    text = mermaid_of(graph_of("sin(x)", x=1.0))
    assert '    v0 -.->|"outputs"| f0\n    f0 --> v1\n' in text


def test_a_graph_with_more_edges_than_mermaid_draws_is_refused_at_once():
    assert mermaid_of(chain(MAX_EDGES // 2)).count("-->") == MAX_EDGES
    with pytest.raises(
        LayoutError, match=f"at most 500 edges, and .* has {MAX_EDGES + 2}"
    ) as caught:
        write(chain(MAX_EDGES // 2 + 1), Look())
    assert caught.value.hint == (
        "draw less with --fold always or --focus NAME or --style merged, or use another format, "
        "like --format svg"
    )
    assert mermaid_of(chain(MAX_EDGES), Look(style="merged")).count("-->") == MAX_EDGES
    with pytest.raises(LayoutError) as caught:
        write(chain(MAX_EDGES + 1), Look(style="merged"))
    assert "merged" not in caught.value.hint


def test_a_text_longer_than_mermaid_reads_is_refused_at_once():
    names = "; ".join(f"{'名' * 60}{i} = x" for i in range(3))
    graph = graph_of(f"{names}; x", x=1.0)
    assert len(mermaid_of(graph)) < MAX_TEXT
    with pytest.raises(LayoutError, match=r"at most 50000 characters, and .* has \d{5}"):
        write(named("\u540d" * 20_000), Look())


def chain(length):
    """A graph of ``length`` Functions in a row, each with one edge in and one out."""
    import numpy as np

    from dezero import Variable
    from dezero.functions import sin
    from dzviz.sources.snapshot import snapshot

    y = Variable(np.array(1.0))
    for _ in range(length):
        y = sin(y)
    return snapshot(y)


def test_what_it_says_to_who_cannot_see_it_is_short():
    text = "".join(write(graph_of("sum(tanh(x@W + b)**2)*exp(c)", x=[[1, 2]], W=[[1, 2], [3, 4]],
                                  b=[0, 0], c=0.5), Look()))  # fmt: skip
    (told,) = re.findall("accDescr: (.*)", text)
    plain = re.sub(r"#(\d+);", lambda code: chr(int(code[1])), told)
    assert plain.startswith("Computational graph of y = sum")
    assert len(plain) <= MAX_ALT
