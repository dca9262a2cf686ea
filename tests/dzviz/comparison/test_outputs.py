"""Outputs that match none of the other graph, and of which outputs the gradients of each are."""

import pytest
from support.comparisons import graph_of

import dzviz

CASES = {
    "one more in A": (
        "sin(x), x*2",
        "sin(x)",
        ["output of A that matches no output of B: y1"],
        "y0, y1 (A) and y (B)",
    ),
    "two more in B": (
        "sin(x)",
        "sin(x), x*2, exp(x)",
        ["outputs of B that match no output of A: y1, y2"],
        "y (A) and y0, y1, y2 (B)",
    ),
    "none matches": (
        "sin(x), cos(x)",
        "exp(x)+1",
        [
            "outputs of A that match no output of B: y0, y1",
            "output of B that matches no output of A: y",
        ],
        "y0, y1 (A) and y (B)",
    ),
    "sin(x) within B": (
        "sin(x), x*2",
        "exp(sin(x))",
        [
            "outputs of A that match no output of B: y0, y1",
            "output of B that matches no output of A: y",
        ],
        "y0, y1 (A) and y (B)",
    ),
    "other names": ("z = sin(x)", "w = exp(x)", [], "z (A) and w (B)"),
    "the same": ("sin(x)", "exp(x)", [], None),
    "as many": ("sin(x), x*2", "exp(x), x*3", [], None),
}


@pytest.mark.parametrize("case", CASES)
def test_an_output_without_a_match_is_named(case):
    a, b, lone, of = CASES[case]
    found = dzviz.diff(graph_of(a, x="1.5"), graph_of(b, x="1.5"))
    told = [line for line in repr(found).splitlines() if line.startswith("output")]
    assert told == lone
    caption = dzviz.render(found.picture.graph, "dot").decode().replace("\\n", " ")
    assert all(line in caption for line in lone)
    assert bool(lone) == (" no output of " in caption)
    if of is None:
        assert "/d(node)" in caption
    else:
        assert f"grad from backward of {of}" in caption
        assert "/d(node)" not in caption


def test_a_picture_says_what_could_not_be_compared():
    one, other = graph_of("z = sin(x)", x="1.5"), graph_of("w = exp(x)", x="1.5")
    alone = other._replace(
        nodes=tuple(
            node.before_backward() if node.id.startswith("v") else node for node in other.nodes
        )
    )
    found = dzviz.diff(one, alone)
    assert "B has no gradients" in repr(found)
    caption = dzviz.render(found.picture.graph, "dot").decode().replace("\\n", " ")
    assert "B has no gradients" in caption
    assert "grad from backward of z (A)" in caption
    assert "(B)" not in caption.partition("grad from")[2]
