"""Hostile text changes no structure, in any format, as independent readers see it.

The corpus stands in `support.hostile`. A graph in which every text is a name, a label, a class, a
file, and part of the title is compared with the same graph of harmless texts.
"""

from __future__ import annotations

import io
import json
import re
import subprocess
import xml.etree.ElementTree as ET
from collections import Counter
from html.parser import HTMLParser
from itertools import accumulate
from urllib.parse import quote

import jsonschema
import networkx
import PIL.Image
import pydot
import pypdf
import pytest
from referencing import Registry, Resource
from support.graphs import crowd
from support.hostile import TEXTS, alike, blame
from support.mermaid import assert_drawn
from support.pages import shown
from support.schemas import schema
from support.tools import find_tool

from dzviz.formats import FORMATS
from dzviz.formats.trace import TRACE_FORMATS
from dzviz.options import LANGUAGES, Layout, Look
from dzviz.styles import STYLES
from dzviz.svg.fonts import lacking
from dzviz.text.phrases import clean
from dzviz.text.tex import COMMANDS

pytestmark = pytest.mark.thorough

NAMESPACE = "{http://www.w3.org/2000/svg}"
SETTABLE = [text for text in TEXTS if not lacking(clean(text))]
"""Those that Open Sans can set: whether another font can is the machine's affair."""

BINARY = SETTABLE[SETTABLE.index(")") : SETTABLE.index("GIF89a!\xfe") + 1]

CORPUS = {"pdf": SETTABLE, "png": BINARY, "gif": BINARY[-3:], "tikz": TEXTS[:40]}
"""Where not all texts are tried: in pixels, what stands outside of the picture is of interest.

In TeX no length is as long as a picture of them all; `test_nor_in_any_style` has the others.
"""

TERSE = {"style": "merged", "hide": ("data", "grad", "generation")}
LOOKS = {"pdf": TERSE}
"""With few words but the texts, for readers that take their time."""

MOST_IN_A_CHART = 20
"""So many texts are within Mermaid's limits."""


def write(name, texts, **look):
    """Write the graph of these texts in a format."""
    title = " ".join(texts)[:5000]
    look = {**LOOKS.get(name, {}), **look}
    graph, look = crowd(texts, expression=title), Look(title=title, **look)
    if name.startswith("trace "):
        return "".join(TRACE_FORMATS[name.removeprefix("trace ")].write(graph, look))
    chunks = list(FORMATS[name].write(graph, look, Layout()))
    return b"".join(chunks) if FORMATS[name].binary else "".join(chunks)


# What each reader sees of a picture, without its words.


def dot(text):
    if find_tool("dot") is None:
        return None
    # Without a layout, which the length of the texts would change.
    run = subprocess.run(
        ["dot", "-Kpatchwork", "-Tdot_json"], input=text.encode(), capture_output=True, check=False
    )
    assert (run.returncode, run.stderr) == (0, b"")
    read = json.loads(run.stdout)
    # Only labels of wide characters have a width.
    nodes = [(node["name"], sorted(set(node) - {"width"})) for node in read["objects"]]
    return nodes, [(edge["tail"], edge["head"], sorted(edge)) for edge in read["edges"]]


def svg(text):
    root = ET.fromstring(text.encode())
    elements = {(element.tag, *sorted(element.attrib)) for element in root.iter()}
    groups = {
        (group.get("data-id") or group.get("data-label"), *(child.tag for child in group[:2]))
        for group in root.iter(f"{NAMESPACE}g")
    }
    styles = [element.text for element in root.iter(f"{NAMESPACE}style")]
    return elements, groups, styles


class Elements(HTMLParser):
    """Collects the elements of a page by their attributes, and what its scripts hold."""

    def __init__(self, page):
        super().__init__()
        self.found, self.scripts, self.inside = Counter(), [], None
        self.feed(page)
        self.close()

    def handle_starttag(self, tag, attributes):
        names = dict(attributes)
        assert names.get("href", "#").startswith("#")
        # In how many rows and lines something is told depends on the words.
        self.found[tag, *sorted(names), names.get("id") if tag != "tr" else None] += 1
        self.inside = tag

    def handle_data(self, data):
        if self.inside in ("script", "style"):
            self.scripts.append(data)

    def handle_endtag(self, tag):
        self.inside = None

    def handle_comment(self, data):
        raise AssertionError(f"a comment: {data}")

    handle_pi = unknown_decl = handle_comment


def html(text):
    page = Elements(text)
    style, *data, words, script = page.scripts
    held = [json.loads(each) for each in data]
    assert len(held) in (1, len(LANGUAGES))
    lines = [{key: len(each[key]) for key in ("shapes", "arrows")} for each in held]
    layers = [(sorted(each["layers"]), each["steps"]) for each in held]
    return set(page.found), style, words, script, lines, layers


def png(data):
    names = []
    at = 8
    while at < len(data):
        names.append(data[at + 4 : at + 8])
        at += 12 + int.from_bytes(data[at : at + 4], "big")
    picture = PIL.Image.open(io.BytesIO(data))
    picture.load()
    return list(dict.fromkeys(names)), picture.text, sorted(picture.info), picture.mode


def gif(data):
    picture = PIL.Image.open(io.BytesIO(data))
    assert "comment" not in picture.info
    return picture.n_frames, sorted(picture.info)


def pdf(data):
    reader = pypdf.PdfReader(io.BytesIO(data), strict=True)
    waiting, names, kinds = [reader.trailer], set(), Counter()
    done = set()
    while waiting:
        thing = waiting.pop()
        if isinstance(thing, pypdf.generic.IndirectObject):
            if thing.idnum in done:
                continue
            done.add(thing.idnum)
            thing = thing.get_object()
        if isinstance(thing, dict):
            names.update(key for key in thing if not re.match(r"/(F\d|FormXob|gRL)", key))
            kinds[thing.get("/Type")] += 1
            waiting += [thing.raw_get(key) for key in thing]
        elif isinstance(thing, list):
            waiting += list(thing)
    assert not names & {"/Annots", "/OpenAction", "/AA", "/JS", "/URI", "/Names", "/EmbeddedFiles"}
    return len(reader.pages), sorted(names - {"/Differences"}), kinds["/Page"], kinds["/Catalog"]


def shape(value):
    """What is left of JSON without its words and numbers."""
    if isinstance(value, dict):
        return {key: shape(held) for key, held in value.items()}
    if isinstance(value, list):
        return [shape(held) for held in value]
    return type(value)


def of_schema(name):
    graphs = Resource.from_contents(schema("graph"))
    registry = Registry().with_resource("graph.schema.json", graphs)
    validator = jsonschema.Draft202012Validator(schema(name), registry=registry)

    def read(text):
        data = json.loads(text)
        validator.validate(data)
        ids = [node["id"] for node in data["nodes"]]
        return ids, [(edge["source"], edge["target"]) for edge in data["edges"]], shape(data)

    return read


def network(read):
    def seen(text):
        graph = read(io.BytesIO(text.encode()))
        nodes = [(node, sorted(facts)) for node, facts in graph.nodes(data=True)]
        return nodes, [(*ends, sorted(facts)) for *ends, facts in graph.edges(data=True)]

    return seen


def lines(text):
    """How many lines there are of a text that a terminal shows as it is."""
    for line in text.split("\n"):
        assert line.isprintable(), ascii(line)
    return text.count("\n")


def tikz(text):
    """The commands of a picture; in braces there are only those that set characters."""
    rest = text.partition("\\path[use")[2].partition("\\end{tikzpicture}")[0]
    paths = 0
    for command in rest.splitlines()[1:]:
        node = re.fullmatch(r"\\node\[([^\]{}]*)\] at \(\S+\) \{(.*)\};", command)
        if node is None:
            assert re.fullmatch(r"\\path\[[^\]{}]*\] [^{}\\$%&#^~]*;", command), ascii(command)
        else:
            bare = re.sub(r"\\[{}$&#%_]", "", node[2])
            assert not re.search(r"[&#%~]", bare), ascii(command)
            assert set(re.findall(r"\\([A-Za-z]+)", bare)) <= SETS, ascii(command)
            depth = list(accumulate({"{": 1, "}": -1}.get(c, 0) for c in bare))
            assert not depth or (min(depth) >= 0 and depth[-1] == 0), ascii(command)
            assert bare.count("$") % 2 == 0, ascii(command)
        paths += node is None
    return paths


SETS = {
    *("textbackslash", "textasciicircum", "textasciitilde", "textless", "textgreater", "textbar"),
    *(
        "char",
        "textasciigrave",
        "times",
        "cdot",
        "ast",
        "sim",
        "dots",
        "mathit",
        "mathrm",
        "bfseries",
    ),
    *("boldmath", "phantom", *COMMANDS.values()),
}
"""The commands that set characters."""

READERS = {
    "dot": dot,
    "svg": svg,
    "tikz": tikz,
    "png": png,
    "pdf": pdf,
    "html": html,
    "gif": gif,
    "animation": svg,
    "json": of_schema("graph"),
    "graphml": network(networkx.read_graphml),
    "gexf": network(networkx.read_gexf),
    "text": lines,
    "alt": lines,
    "trace text": lines,
    "trace json": of_schema("trace"),
}
"""What an independent reader sees of each format; a reader raises where it is not well-formed."""


def test_every_format_has_a_reader():
    assert len(TEXTS) >= 200
    traces = {f"trace {name}" for name in TRACE_FORMATS}
    assert {*READERS, "mermaid"} == {*FORMATS, *traces}


def same(name, read, **look):
    """Return the check that a reader sees of texts what it sees of harmless ones."""

    def check(texts):
        plain = [alike(text) for text in texts]
        assert read(write(name, texts, **look)) == read(write(name, plain, **look))

    return check


@pytest.mark.parametrize("name", READERS)
def test_hostile_text_changes_no_structure(name):
    blame(same(name, READERS[name]), CORPUS.get(name, TEXTS))


@pytest.mark.parametrize("style", sorted(set(STYLES) - {"boxes"}))
def test_nor_in_any_style(style):
    for start in range(0, len(TEXTS), 40):
        for name in ("svg", "dot"):
            blame(same(name, READERS[name], style=style), TEXTS[start : start + 40])
    for start in range(0, len(TEXTS) if style == "merged" else 40, 10):
        blame(same("tikz", tikz, style=style), TEXTS[start : start + 10])


def test_pydot_and_networkx_read_the_graph():
    def check(texts):
        graph, look = crowd(texts), Look(**{**TERSE, "style": "boxes"})
        (read,) = pydot.graph_from_dot_data("".join(FORMATS["dot"].write(graph, look, Layout())))
        assert not read.get_subgraphs()
        ids, ends = [node.id for node in graph.nodes], [edge[:2] for edge in graph.edges]
        settings = ["graph", "node", "edge"]
        assert [node.get_name() for node in read.get_nodes()] == settings + ids
        assert [(edge.get_source(), edge.get_destination()) for edge in read.get_edges()] == ends
        known = networkx.nx_pydot.from_pydot(read)
        assert sorted(known.nodes) == sorted(ids)
        assert sorted((a, b) for a, b, _ in known.edges) == sorted(ends)

    blame(check, TEXTS)


@pytest.mark.needs("chromium", "mermaid")
def test_mermaid_draws_what_is_meant():
    def check(texts):
        parts = [texts[at : at + MOST_IN_A_CHART] for at in range(0, len(texts), MOST_IN_A_CHART)]
        titled = ((crowd(part), Look(title=" ".join(part)[:2000])) for part in parts)
        assert_drawn({str(number): picture for number, picture in enumerate(titled)})

    blame(check, TEXTS)


def test_json_keeps_the_texts():
    data = json.loads(write("json", TEXTS))
    names = [node["name"] for node in data["nodes"] if node.get("role") == "input"]
    assert sorted(names) == sorted(t.encode("utf-8", "replace").decode() for t in TEXTS)
    assert write("json", TEXTS).isascii()


def test_pdf_keeps_its_title():
    reader = pypdf.PdfReader(io.BytesIO(write("pdf", SETTABLE[:40])))
    assert reader.metadata.title == clean(" ".join(SETTABLE[:40]))


BROWSED = {"html": ".html", "svg": ".svg", "animation": ".svg"}
"""The formats that a browser shows by itself."""

IN_THE_DOCUMENT = """() => {
  const elements = [...document.querySelectorAll("*")];
  const tags = {};
  for (const { tagName } of elements) tags[tagName] = (tags[tagName] ?? 0) + 1;
  return {
    tags,
    attributes: [...new Set(elements.flatMap((element) => element.getAttributeNames()))].sort(),
    addresses: elements.flatMap((element) => ["href", "src", "srcset", "action", "xlink:href"]
      .map((name) => element.getAttribute(name)).filter((value) => value && value[0] !== "#")),
  };
}"""
IN_THE_PANELS = """() => {
  const found = new Set();
  for (const element of nodes) {
    pin(element.dataset.shape);
    for (const part of document.querySelectorAll("#panel *, #expression *"))
      found.add(`${part.tagName} ${part.getAttributeNames().sort()}`);
  }
  return [...found].sort();
}"""


@pytest.mark.needs("chromium")
@pytest.mark.parametrize("name", BROWSED)
def test_a_browser_makes_the_same_of_it(name, browser, tmp_path):
    """No element, attribute or address more; `shown` sees that nothing runs or goes out."""
    file = tmp_path / f"picture{BROWSED[name]}"

    def seen(texts):
        file.write_text(write(name, texts), encoding="utf-8")
        found = []
        with shown(browser, file) as page:
            found.append(page.evaluate(IN_THE_DOCUMENT))
            if name == "html":
                last = int(page.locator("#slider").get_attribute("max"))
                for step in (0, last // 2):
                    page.evaluate("step => showStep(step)", step)
                    found.append(page.evaluate(IN_THE_DOCUMENT))
                found.append(page.evaluate(IN_THE_PANELS))
                page.locator("#search").fill(texts[-1])
        return found

    def check(texts):
        plain, (first, *others) = seen([alike(text) for text in texts]), seen(texts)
        for found, expected in zip([first, *others], plain, strict=True):
            if isinstance(found, dict):
                assert found["addresses"] == []
                # How many lines, characters to mark, and parts of a formula depends on the words.
                for tag in ("text", "BR", "MARK", "mi", "mrow", "msub", "mtext"):
                    found["tags"].pop(tag, None)
                    expected["tags"].pop(tag, None)
            assert found == expected

    blame(check, [text for text in TEXTS if set("<>&\"'") & set(text)])


@pytest.mark.needs("chromium")
def test_the_address_of_a_page_is_text(browser, tmp_path):
    file = tmp_path / "page.html"
    file.write_text(write("html", ["x"]), encoding="utf-8")
    with shown(browser, file) as page:
        for text in TEXTS:
            if text.isascii() and len(text) < 99:
                page.evaluate("hash => { location.hash = hash; }", f"#node={quote(text)}")
                page.evaluate("hash => { location.hash = hash; }", f"#step={quote(text)}")
        assert page.locator("#panel img, #panel script, #panel a").count() == 0
