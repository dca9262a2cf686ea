"""What is written into documents, read back by parsers of others."""

import html
import re

import pytest
from docutils import nodes
from hypothesis import given, settings
from hypothesis import strategies as st
from support.graphs import named
from support.hostile import TEXTS, alike, blame

from dzviz.documents.blocks import MEDIA, WRITERS, Picture, Shown, block, pictures
from dzviz.documents.equivalence import PLACES
from dzviz.documents.markers import MARKUPS
from dzviz.errors import DocumentError
from dzviz.formats import FORMATS
from dzviz.options import Layout, Look
from dzviz.text.descriptions import alt_text
from dzviz.themes import THEMES

LINES = st.lists(
    st.text(st.characters(exclude_categories=["C", "Zl", "Zp"]), max_size=30), min_size=1
)
ALTS = st.text("ab *_[]()<>&\"'`~$|!#:\\{}x日", min_size=1, max_size=40).map(str.strip).filter(bool)
NAMES = st.text("ab ()[]<>*_%#?&日.", min_size=1, max_size=12).map(lambda stem: f"p/{stem}.svg")
TWO = [Picture("p/a.svg", "light"), Picture("p/a-dark.svg", "dark")]


def markdown(lines):
    from markdown_it import MarkdownIt

    parser = MarkdownIt("commonmark")
    return parser.parse("\n".join(["before", "<!-- m -->", *lines, "<!-- /m -->", "after"]))


def rst(lines):
    from docutils import core

    text = "\n".join(["before", "", ".. m", *lines, ".. /m", "", "after"])
    settings = {"report_level": 2, "halt_level": 2, "file_insertion_enabled": False}
    return core.publish_doctree(text, settings_overrides=settings)


def test_the_tables_agree():
    assert WRITERS.keys() == MARKUPS.keys()
    assert MEDIA.keys() <= THEMES.keys()
    assert {format.places for format in FORMATS.values()} - {None} == PLACES.keys()
    for format in FORMATS.values():
        assert not (format.block and format.image)
        assert not (format.block and format.binary)
        assert format.image in (None, *(format.suffixes or (".svg",)))


# Markdown


@pytest.mark.needs("markdown_it")
@settings(deadline=None)
@given(LINES)
def test_a_block_in_markdown_is_one_fence_with_the_text(lines):
    text = "\n".join(lines)
    tokens = markdown(block("markdown", "text", text))
    kinds = [token.type for token in tokens if token.level == 0 and token.nesting >= 0]
    assert kinds == ["paragraph_open", "html_block", "fence", "html_block", "paragraph_open"]
    (fence,) = [token for token in tokens if token.type == "fence"]
    assert fence.info == "text"
    assert fence.content.rstrip("\n") == text.rstrip("\n")


@pytest.mark.needs("markdown_it")
@settings(deadline=None)
@given(ALTS, NAMES)
def test_a_picture_in_markdown_is_one_image_with_its_alt_text(alt, name):
    from urllib.parse import unquote

    tokens = markdown(pictures("markdown", [Picture(name, "light")], Shown(alt)))
    inline = [token for token in tokens if token.type == "inline"][1]
    (image,) = inline.children
    assert image.type == "image"
    assert unquote(image.attrs["src"]) == name
    said = "".join(
        child.content if child.type in ("text", "text_special") else f"<{child.type}>"
        for child in image.children
    )
    assert said == alt


@pytest.mark.needs("markdown_it")
def test_two_themes_in_markdown_are_one_block_of_html():
    alt = 'a "b" <c> & d'
    tokens = markdown(pictures("markdown", TWO, Shown(alt)))
    (found,) = [t.content for t in tokens if t.type == "html_block" and "picture" in t.content]
    assert found.startswith("<picture>\n")
    assert found.endswith("</picture>\n")
    assert html.unescape(re.search('alt="(.*?)"', found)[1]) == alt
    assert 'src="p/a.svg"' in found
    assert 'media="(prefers-color-scheme: dark)" srcset="p/a-dark.svg"' in found
    assert tokens[-2].content == "after"


def test_for_sphinx_pictures_are_directives_whose_class_its_themes_know(tmp_path):
    docutils = pytest.importorskip("myst_parser.docutils_")
    from docutils.core import publish_doctree

    alt = r'a: "b" #c \d {e} | y\'\''
    for caption in ("", "A *b*: c"):
        lines = pictures("markdown", TWO, Shown(alt, caption, "sphinx"))
        tree = publish_doctree("\n".join(lines), parser=docutils.Parser())
        light, dark = tree.findall(nodes.image)
        assert [image["alt"] for image in (light, dark)] == [alt, alt]
        assert dark["uri"] == "p/a-dark.svg"
        assert "dark-light" in dark["classes"]
        shown = [image.parent if caption else image for image in (light, dark)]
        for mode, element in zip(("light", "dark"), shown, strict=True):
            assert f"only-{mode}" in element["classes"], (caption, element)
        told = [node.astext() for node in tree.findall(nodes.caption)]
        assert told == ([caption] * 2 if caption else [])


# reStructuredText


@pytest.mark.needs("docutils")
@settings(deadline=None)
@given(st.lists(st.text("ab *_`|\\:.<>", max_size=20), min_size=1))
def test_a_block_in_rst_is_one_literal_block(lines):
    text = "x" + "\n".join(line.rstrip() for line in lines)
    tree = rst(block("rst", "text", text))
    (found,) = [node for node in tree if node.tagname == "literal_block"]
    assert found.astext() == text.rstrip()
    assert [n.tagname for n in tree] == [
        "paragraph",
        "comment",
        "literal_block",
        "comment",
        "paragraph",
    ]


@pytest.mark.needs("docutils")
@settings(deadline=None)
@given(ALTS)
def test_pictures_in_rst_are_images_with_their_alt_text(alt):
    tree = rst(pictures("rst", [Picture("p/a-b.svg", "light")], Shown(alt)))
    (image,) = [node for node in tree if node.tagname == "image"]
    assert image["uri"] == "p/a-b.svg"
    assert image["alt"].split() == alt.split()
    light, dark = [
        node for node in rst(pictures("rst", TWO, Shown(alt))) if node.tagname == "image"
    ]
    assert (light["classes"], dark["classes"]) == (["only-light"], ["only-dark", "dark-light"])
    assert dark["uri"] == "p/a-dark.svg"


def test_mermaid_in_rst_is_for_the_extension_that_draws_it():
    assert block("rst", "mermaid", "flowchart\n") == ["", ".. mermaid::", "", "   flowchart", ""]


# AsciiDoc


def test_blocks_in_asciidoc():
    assert block("asciidoc", "dot", "a\n") == ["", "[source,dot]", "----", "a", "----", ""]
    assert block("asciidoc", "text", "-----\n") == [
        "",
        "[source,text]",
        "------",
        "-----",
        "------",
        "",
    ]
    assert block("asciidoc", "mermaid", "a\n") == ["", "[mermaid]", "....", "a", "....", ""]
    assert "\\include::x[]" in block("asciidoc", "text", "include::x[]\n")


def test_pictures_in_asciidoc():
    one = pictures("asciidoc", TWO[:1], Shown('say "{x}" \\'))
    assert one == ["", 'image::p/a.svg["say &#34;&#123;x}&#34; &#92;"]', ""]
    two = pictures("asciidoc", TWO, Shown("x"))
    assert two[1:4] == ["ifdef::basebackend-html[]", "++++", "<picture>"]
    assert two[-4:] == ["ifndef::basebackend-html[]", 'image::p/a.svg["x"]', "endif::[]", ""]


# What is refused


@pytest.mark.parametrize("markup", WRITERS)
def test_a_theme_that_cannot_be_chosen_is_refused(markup):
    with pytest.raises(DocumentError, match="auto cannot be combined with others"):
        pictures(markup, [Picture("a.svg", "light"), Picture("b.svg", "auto")], Shown("x"))
    assert pictures(markup, [Picture("a.svg", "auto")], Shown("x"))


@pytest.mark.parametrize("markup", ["rst", "asciidoc"])
@pytest.mark.parametrize("name", ["a b.svg", "a[0].svg", "a\n.svg", "x:a.svg", "a_`.svg"])
def test_a_name_that_cannot_be_quoted_is_refused(markup, name):
    with pytest.raises(DocumentError, match="cannot refer to"):
        pictures(markup, [Picture(name, "light")], Shown("x"))


def tokens(tokens):
    return [token.type for outer in tokens for token in [outer, *(outer.children or [])]]


def by_markdown_it(text):
    from markdown_it import MarkdownIt

    return tokens(MarkdownIt("commonmark").enable("table").parse(text))


def by_python_markdown(text):
    from markdown import Markdown

    extensions = ["attr_list", "fenced_code", "md_in_html", "tables", "toc"]
    page = Markdown(extensions=extensions).convert(text)
    assert "javascript" not in "".join(re.findall("<a[^>]*>", page))
    found = re.findall(r"<(/?\w+)((?: \w+=)?)", page)
    return found, len(re.findall(r"\son\w+=(?=[^<]*>)", re.sub(r'"[^"]*"', '""', page)))


def by_docutils(text):
    from docutils import core

    settings = {"report_level": 2, "halt_level": 2, "file_insertion_enabled": False}
    tree = core.publish_doctree(text, settings_overrides={**settings, "raw_enabled": False})
    return [type(node).__name__ for node in tree.findall() if type(node).__name__ != "Text"]


def by_lines(text):
    """What AsciiDoc takes for more than text within a line, a line each."""
    text = re.sub(r"(?ms)^(-{4,})\n.*?^\1$", "----", text)  # what is shown as it is
    signs = r"(include|ifn?def|ifeval|endif)::|image::|\[|-{4,}|\.{4,}|\+{4,}|<picture|</|  <"
    return [found[0] for line in text.split("\n") if (found := re.match(signs, line))]


READERS = {
    "markdown": (by_markdown_it, by_python_markdown),
    "rst": (by_docutils,),
    "asciidoc": (by_lines,),
}


@pytest.mark.parametrize("markup", WRITERS)
def test_hostile_text_changes_no_document(markup):
    def document(texts):
        lines = []
        for text in texts:
            look = Look(title=text)
            graph = named(text)
            alt = alt_text(graph, look)
            table = "".join(FORMATS["text"].write(graph, look, Layout()))
            lines += ["", "a paragraph", *pictures(markup, [Picture("a.svg", "light")], Shown(alt))]
            lines += ["a paragraph", *block(markup, "text", table)]
            if markup != "rst":
                lines += ["a paragraph", *pictures(markup, TWO, Shown(alt))]
        return "\n".join(lines)

    def check(texts):
        for read in READERS[markup]:
            assert read(document(texts)) == read(document([alike(text) for text in texts]))

    assert READERS.keys() == WRITERS.keys()
    blame(check, TEXTS)


def test_no_template_or_shorthand_is_left_in_an_alt_text():
    alt = "{{ 7 * 7 }} {% x %} :tada: @me www.example.org http://example.org x^2^ a: b @ c"
    (line,) = filter(None, pictures("markdown", [Picture("a.svg", "light")], Shown(alt)))
    assert not re.search(r"\{|:\w|://|@\w|www\.|\^", line.replace("a.svg", ""))
    assert "a: b @ c" in line
    assert "{" not in "".join(pictures("markdown", TWO, Shown(alt)))
