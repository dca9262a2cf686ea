"""Every way to ask a document for all that it may have: within its memory and its time."""

import re

import pytest
from support.measured import measured

from dzviz.documents.bounds import MOST, PICTURE
from dzviz.formats import FORMATS
from dzviz.styles import STYLES

pytestmark = pytest.mark.thorough

LARGE = f"--max-nodes {MOST['max_nodes']} --fold none"
OPS = 980
"""Nearly as many as an expression may have."""

ASKED = {
    "a long graph": f'"x{"*x" * OPS}" --x 1.01 {LARGE} --contributions all --retain-grad',
    "a wide graph": f'"a = x*2; b = x*3; {"+".join(["a*b"] * (OPS // 3))}" --x 1.01 {LARGE}',
    "large arrays": f'"{"*".join(["x"] * 30)}" --x "rand({MOST["max_elements"]})" --precision 17 '
    f"--max-elements {MOST['max_elements']} --show shape,dtype,generation",
    "a derivative": f'"sqrt(x)" --x 2 --order 8 --max-nodes {MOST["max_nodes"]}',
    "a film": f'"{"+".join(f"x**{k}*x" for k in range(60))}" --x 1.01 {LARGE}',
}
"""Commands that ask for as much as a document may, each of another thing."""

WAYS = {
    **{name: f"-T {name}" for name, format in FORMATS.items() if format.block},
    **{name: f"-T {name} -o a{f.image}" for name, f in FORMATS.items() if f.image},
}
"""How a document has a picture in each of its formats."""


TRIED = [(way, "boxes") for way in WAYS] + [("svg", s) for s in STYLES if s != "boxes"]
"""Every format in one style, and every style in one format: what is slow is slow in all."""

PLACED = ("a long graph", "a film")
"""What is tried in all of them; what else is large takes half a minute each time it is placed."""


@pytest.mark.parametrize(
    ("what", "way", "style"),
    [
        (what, way, style)
        for what in ASKED
        for way, style in TRIED
        if what in PLACED or (way, style) == ("svg", "boxes") or not FORMATS[way].image
    ],
)
def test_it_ends_within_its_limits(tmp_path, what, way, style):
    command = f"{ASKED[what]} {WAYS[way]} --style {style}"
    (tmp_path / "a.md").write_text(f"<!-- dzviz {command} -->\n<!-- /dzviz -->\n")
    code, peak, said, seconds = measured(tmp_path, "embed", "a.md")
    assert code in (0, 2, 4, 5), said
    assert peak < PICTURE.memory >> 20
    assert seconds < PICTURE.seconds
    if code:
        assert re.fullmatch(r"dzviz: error: a\.md:1: .*(\nhint: .*)?", said.strip()), said
        assert sorted(path.name for path in tmp_path.iterdir()) == ["a.md"]
