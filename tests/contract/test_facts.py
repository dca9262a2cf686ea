"""What every choice of facts to show and to hide leaves of the words."""

import re
from itertools import chain, combinations

import numpy as np
import pytest
from support.graphs import graph_of

from dzviz.errors import UsageError
from dzviz.formats import FORMATS
from dzviz.graph.model import VariableNode
from dzviz.options import FACTS, Layout, Look
from dzviz.styles import STYLES, check_objects, scene_of
from dzviz.text.captions import caption_lines
from dzviz.text.descriptions import alt_text

ASIDE = ("seed", "constant")
"""What no word of `GRAPH` tells; these have tests of their own."""

TOLD = [fact for fact in FACTS if fact not in ASIDE]
SUBSETS = list(chain.from_iterable(combinations(TOLD, n) for n in range(len(TOLD) + 1)))
GRAPH = graph_of("a = x@W; a*a", x=[[1.5, 2]], W=[[3.25], [4]])
WORDS = {"name": "W", "data": "3.25", "grad": "was", "dtype": "float64", "shape": "(2, 1)"}
"""What tells each fact in the words for `GRAPH`."""


def looks():
    for hide in SUBSETS:
        for show in ((), FACTS):
            yield Look(hide=hide, show=show, legend="on")


def said(look, *, prose=False):
    """The facts that a picture has to tell, all of which ``WORDS`` tells."""
    told = {fact for fact in WORDS if look.says(fact)}
    if not look.show:  # dtypes are told where they are unusual, shapes with the values
        told -= {"dtype"}
        told |= {"shape"} - {*look.hide} if {"data", "grad"} - {*look.hide} else set()
    return told | {"name"} if prose else told  # no sentence can do without


def check(text, told, look):
    for fact, word in WORDS.items():
        assert (word in text) == (fact in told), (fact, look, text)


def test_sentences_make_sense():
    assert len(SUBSETS) == 2 ** (len(FACTS) - len(ASIDE))
    for look in looks():
        text = alt_text(GRAPH, look)
        check(text, said(look, prose=True), look)
        assert ("The gradients are" in text) == look.says("grad")
        assert not re.search(r":\s*[.,]|,\s*[.,:]|\s\s|\(\)|\s$", text), (look, text)
        facts = [line for line in re.split(r"(?<=\.)\s", text) if re.match(r"\w+, ", line)]
        assert len(facts) == 4
        for line in facts:
            assert re.fullmatch(r"\w+, (input|x @ W|a \* a)(: \S.*[^,:\s])?\.", line), line


def test_tables_have_what_is_said_and_a_cell_everywhere():
    for look in looks():
        lines = "".join(FORMATS["text"].write(GRAPH, look, Layout())).split("\n\n")
        table, caption = lines[0].splitlines(), "\n".join(lines[1:])
        cells = [re.split(r"\s{2,}", line) for line in table]
        assert {len(line) for line in cells} == {len(cells[0])}
        told = said(look)
        text = "\n".join(line for row in cells[1:] for line in row)
        check(re.sub(r"x @ W", "", text), told, look)
        assert ("grad =" in caption) == (look.says("grad") and look.says("caption"))
        assert ("(was ...)" in caption) == look.says("grad")
        assert ("gen:" in caption) == look.says("generation")


@pytest.mark.parametrize("style", [style for style in STYLES if style != "book"])
def test_labels_have_what_is_said(style):
    for look in looks():
        chosen = Look(style=style, hide=look.hide, show=look.show)
        shapes = scene_of(GRAPH, chosen).shapes
        check("\n".join(line for shape in shapes for line in shape.lines), said(look), chosen)


def test_captions_of_what_repeats_have_no_range_that_nobody_says():
    from dzviz.graph.folding import fold

    graph = graph_of("; ".join(["y = x", *["y = sin(y)"] * 30, "y"]), x=1.0)
    folded = fold(graph)
    assert folded.folded is not None
    for hide in SUBSETS:
        look = Look(hide=hide)
        ranged = bool({"data", "grad"} - set(hide))
        caption = "\n".join(caption_lines(folded, look, signs=""))
        assert ("range" in caption) == (ranged and look.says("caption")), (hide, caption)
        assert ("range" in alt_text(folded, look)) == ranged, hide


def test_what_is_hidden_of_arrays_of_other_types_is_so_in_every_cell():
    graph = graph_of("x*2", x=1.0)
    nodes = tuple(
        node._replace(dtype="float32", data=np.float32(1))
        if isinstance(node, VariableNode)
        else node
        for node in graph.nodes
    )
    graph = graph._replace(nodes=nodes)
    text = "".join(FORMATS["text"].write(graph, Look(), Layout()))
    assert re.search(r"^x +input +1 float32 ", text, re.M)
    assert "float32" not in "".join(FORMATS["text"].write(graph, Look(hide=("dtype",)), Layout()))


def test_a_hidden_seed_is_nowhere():
    graph = graph_of("x*2 + 3", x=1.0)
    for style in STYLES:
        for format in ("svg", "dot", "mermaid", "text", "alt", "tikz"):
            texts = [
                "".join(FORMATS[format].write(graph, Look(style=style, hide=hide), Layout()))
                for hide in ((), ("seed",))
            ]
            # A tooltip has all there is, as for what else is hidden.
            first, second = (re.sub("<(title|desc)>.*?</", "", text) for text in texts)
            assert "seed" in first, (style, format)
            assert "seed" not in second, (style, format)
            kept = "was 1" in second.replace("$", "")
            assert kept or style == "refs", (style, format)


def test_a_hidden_constant_has_no_node_and_no_arrow_and_formulas_keep_it():
    graph = graph_of("x*2 + 3", x=1.0)
    hidden = {node.id for node in graph.nodes if getattr(node, "role", "") == "constant"}
    assert len(hidden) == 2
    for style in STYLES:
        look = Look(style=style, hide=("constant",))
        if STYLES[style].common:
            with pytest.raises(UsageError, match="shows every object"):
                check_objects(look)
            continue
        scene, whole = scene_of(graph, look), scene_of(graph, Look(style=style))
        assert {s.id for s in whole.shapes} - {s.id for s in scene.shapes} == hidden, style
        assert len(whole.arrows) - len(scene.arrows) == 2
        for format in ("svg", "dot", "animation", "html", "tikz"):
            text = "".join(FORMATS[format].write(graph, look, Layout()))
            assert not [id for id in hidden if f'data-id="{id}"' in text], (style, format)
    assert "5 variables" in alt_text(graph, Look())
    assert "3 variables" in alt_text(graph, Look(hide=("constant",)))
    table = "".join(FORMATS["text"].write(graph, Look(hide=("constant",)), Layout()))
    assert [line.split()[0] for line in table.splitlines()[1:4]] == ["x", "v2", "y"]
    assert "x * 2" in table
    assert "v2 + 3" in table
