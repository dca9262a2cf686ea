"""Where markers are seen in lists, quotes and other blocks, read back by other programs."""

import re

import pytest
from docutils import nodes
from docutils.core import publish_doctree
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown import markdown
from markdown_it import MarkdownIt

from dzviz.documents.markers import MARKUPS, find_markers, splice
from dzviz.errors import DocumentError

BEGIN, END = '<!-- dzviz "sin(x)" --x 1 -o a.svg -->', "<!-- /dzviz -->"
IMAGE = ["", "![alt](a.svg)", ""]


def filled(text, name="markdown", body=IMAGE):
    """The text with its markers filled, and how many there are and the lines of those missed."""
    found = find_markers(text, MARKUPS[name])
    new = splice(text, found.markers, [body] * len(found.markers))
    again = find_markers(new, MARKUPS[name])
    assert [m.command for m in again.markers] == [m.command for m in found.markers]
    assert splice(new, again.markers, [body] * len(again.markers)) == new
    return new, len(found.markers), [error.line for error in found.missed]


def marked(lead, first=None):
    """A marker whose lines all begin alike, but for the first."""
    return f"{lead if first is None else first}{BEGIN}\n{lead}{END}\n"


def around_image(text):
    """The elements around the image that a Markdown reader sees."""
    html = MarkdownIt("commonmark").render(text)
    open_tags: list[str] = []
    for close, tag in re.findall(r"<(/?)(img|li|blockquote|p|pre|ul|ol)\b", html):
        if tag == "img":
            return [name for name in open_tags if name != "p"]
        if close:
            open_tags.pop()
        else:
            open_tags.append(tag)
    return None


WITHIN = {
    "an item": (f"1. step\n\n{marked('    ')}", ["ol", "li"]),
    "an item, close": (f"1. step\n{marked('   ')}", ["ol", "li"]),
    "an item's first line": (marked("  ", "- "), ["ul", "li"]),
    "an ordered item's first line": (marked("    ", "10. "), ["ol", "li"]),
    "a nested item": (f"- a\n  - b\n\n{marked('    ')}", ["ul", "li", "ul", "li"]),
    "nested by four": (f"- a\n    - b\n\n{marked('        ')}", ["ul", "li", "ul", "li"]),
    "nested numbers": (f"1. a\n   1. b\n\n{marked('      ')}", ["ol", "li", "ol", "li"]),
    "an outer item again": (f"- a\n  - b\n\n{marked('  ')}", ["ul", "li"]),
    "behind a list": (f"- a\n  - b\n\n{marked('')}", []),
    "close behind a list": (f"- a\n{marked('')}", []),
    "tabs": (f"1. step\n\n{marked(chr(9))}", ["ol", "li"]),
    "a quote": (f"> quote\n>\n{marked('> ')}", ["blockquote"]),
    "a quote, close": (f"> quote\n{marked('>')}", ["blockquote"]),
    "a quote's first line": (marked("> "), ["blockquote"]),
    "two quotes": (f"> a\n>> b\n>>\n{marked('>> ')}", ["blockquote", "blockquote"]),
    "an alert": (f"> [!NOTE]\n> text\n>\n{marked('> ')}", ["blockquote"]),
    "an item in a quote": (f"> - a\n>\n{marked('>   ')}", ["blockquote", "ul", "li"]),
    "a quote in an item": (f"- a\n\n{marked('  > ')}", ["ul", "li", "blockquote"]),
    "behind a lazy line": (f"> - a\nlazy\n\n{marked('')}", []),
    "behind a fence in an item": (f"- a\n  ```\n  x\n  ```\n{marked('  ')}", ["ul", "li"]),
    "behind an open fence in an item": (f"- ```\n  x\n\n{marked('')}", []),
    "a number in a paragraph": (f"in\n1986. What\n{marked('')}", []),
    "a command on two lines": (
        f'> a\n>\n> <!-- dzviz "sin(x)"\n>   --x 1\n> -->\n> {END}\n',
        ["blockquote"],
    ),
}


@pytest.mark.parametrize("case", WITHIN)
@pytest.mark.parametrize("ends", ["\n", "\r\n"])
def test_the_picture_is_within_what_the_marker_is_in(case, ends):
    text, elements = WITHIN[case]
    new, count, missed = filled(text.replace("\n", ends))
    assert (count, missed) == (1, [])
    assert around_image(new) == elements
    assert new.count("\n") == new.count(ends)
    assert not re.search(r"[ \t]\r?\n", new.replace(text.splitlines()[0], ""))


@pytest.mark.parametrize("case", WITHIN)
def test_so_is_a_block_of_text(case):
    text, _ = WITHIN[case]
    new, _, _ = filled(text, body=["", "```text", "x", "", "  y", "```", ""])
    assert '<code class="language-text">x\n\n  y\n</code>' in MarkdownIt().render(new)


INDENTED = {
    "an admonition": f"!!! note\n\n{marked('    ')}",
    "an admonition with a title": f'!!! note "Title"\n    text\n\n{marked("    ")}',
    "a folded admonition": f"??? note\n\n{marked('    ')}",
    "an admonition in an item": f"- a\n\n    !!! note\n\n{marked('        ')}",
    "a tab": f'=== "A"\n\n{marked("    ")}',
    "a footnote": f"x[^1]\n\n[^1]: text\n\n{marked('    ')}",
    "a definition": f"term\n:   text\n\n{marked('    ')}",
}


@pytest.mark.parametrize("case", INDENTED)
def test_blocks_of_python_markdown_are_indented_by_four(case):
    new, count, missed = filled(INDENTED[case])
    assert (count, missed) == (1, [])
    assert re.search(r"^ {4,}!\[alt\]\(a\.svg\)$", new, re.M)
    html = markdown(new, extensions=["admonition", "footnotes", "def_list", "fenced_code"])
    shown = "folded" in case or "tab" in case  # by extensions of pymdown
    assert ("<img" in html and "<pre>" not in html) or shown


MISSED = {
    "a table's cell": (f"| a |\n|---|\n| {BEGIN} {END} |\n", [3]),
    "a paragraph": (f"text {BEGIN} {END} more\n", [1]),
    "two in a line": (f"a {BEGIN}{END} b {BEGIN}{END}\n", [1, 1]),
    "an item's text": (f"- text {BEGIN}\n  {END}\n", [1]),
    "its end on a line of its own": (f"| a {BEGIN} |\n\n{END}\n", [1]),
    "a heading": (f"# text {BEGIN}{END}\n", [1]),
    "deep in a paragraph": (f"- text\n        {BEGIN}\n", [2]),
    "in a lazy line": (f"> text\nmore {BEGIN}\n", [2]),
    "behind code": (f"`code` {BEGIN} `code`\n", [1]),
}


@pytest.mark.parametrize("case", MISSED)
def test_a_marker_within_text_is_told(case):
    text, lines = MISSED[case]
    assert filled(text) == (text, 0, lines)


SHOWN = {
    "a fence": f"```\n{marked('')}```\n",
    "a fence in an item": f"- a\n\n  ```\n{marked('  ')}  ```\n",
    "a fence in a quote": f"> ```\n{marked('> ')}> ```\n",
    "a fence in an admonition": f"!!! note\n\n    ```\n{marked('    ')}    ```\n",
    "an inner fence": f"````\n```\n{marked('')}```\n````\n",
    "indented code": f"text\n\n{marked('    ')}",
    "indented code in an item": f"- a\n\n{marked('      ')}",
    "indented code behind a heading": f"# a\n{marked('    ')}",
    "a code span": f"text `{BEGIN}` and ``{END} ` {BEGIN}`` x\n",
    "a code span of two lines": f"text `a\n{BEGIN.replace('<', ' <')}` x\n".replace(
        "\n <", "\nx <"
    ),
    "a sentence": "text <!-- dzviz is drawn below --> x\n",
    "a comment": f"<!--\n{BEGIN[:-4]}\n-->\n",
}


@pytest.mark.parametrize("case", SHOWN)
def test_what_is_shown_as_code_stays(case):
    assert filled(SHOWN[case]) == (SHOWN[case], 0, [])


@pytest.mark.parametrize(
    ("text", "words", "line"),
    [
        (f"> {BEGIN}\n{END}\n", "outside its quote", 2),
        (f"> {BEGIN}\n> {BEGIN}\n", "inside the marker of line 1", 2),
        (f"- {END}\n", "none has begun", 1),
        (f"> {BEGIN}\n", "has no end", 1),
        (f"- {BEGIN} {END}\n", "text after", 1),
    ],
)
def test_what_is_wrong_in_a_block_is_told_with_its_line(text, words, line):
    with pytest.raises(DocumentError, match=words) as error:
        find_markers(text, MARKUPS["markdown"])
    assert error.value.line == line


pieces = st.sampled_from(
    ["> ", "- ", "1. ", "    ", "  ", "\t", "text", "```", "~~~", "# a", "`", "\n", "\n\n", "!!! a"]
)


@settings(max_examples=300, derandomize=True, deadline=None)
@given(st.lists(pieces, max_size=8).map("".join))
def test_a_marker_is_found_only_where_markdown_sees_a_comment(text):
    text += f"\n{BEGIN}\n{END}\n"
    html = MarkdownIt("commonmark").render(text.replace("!!!", "..."))
    _, count, missed = filled(text)
    assert count == html.count(BEGIN)
    assert not missed


# reStructuredText and AsciiDoc

RST = {
    "an item": ("1. step\n\n   {}\n   {}\n", "list_item"),
    "an item's first line": ("- {}\n  {}\n", "list_item"),
    "a nested item": ("- a\n\n  - b\n\n    {}\n    {}\n", "list_item"),
    "a quote": ("text\n\n   {}\n   {}\n", "block_quote"),
    "an admonition": (".. note::\n\n   {}\n   {}\n", "note"),
    "an admonition with text": (".. tip:: text\n\n   more\n\n   {}\n   {}\n", "tip"),
    "a note in an item": ("- a\n\n  .. note::\n\n     {}\n     {}\n", "note"),
    "a definition": ("term\n   text\n\n   {}\n   {}\n", "definition"),
    "behind code": ("a::\n\n   code\n\n{}\n{}\n", "document"),
    "behind a comment": (".. a\n   b\n\n{}\n{}\n", "document"),
}
RST_MARKER = '.. dzviz "sin(x)" --x 1 -o a.svg', ".. /dzviz"


@pytest.mark.parametrize("case", RST)
def test_rst(case):
    text, parent = RST[case]
    new, count, missed = filled(
        text.format(*RST_MARKER), "rst", ["", ".. image:: a.svg", "   :alt: alt", ""]
    )
    assert (count, missed) == (1, [])
    tree = publish_doctree(new, settings_overrides={"report_level": 5})
    (image,) = tree.findall(nodes.image)
    assert image.parent.tagname == parent
    assert not list(tree.findall(nodes.system_message))


RST_SHOWN = {
    "literal": "text::\n\n   {}\n   {}\n",
    "literal in an item": "- text::\n\n     {}\n     {}\n",
    "a directive's code": ".. code-block:: rst\n   :caption: x\n\n   {}\n   {}\n",
    "code in a note": ".. note::\n\n   .. code::\n\n      {}\n      {}\n",
    "a comment": "..\n   {}\n   {}\n",
    "inline code": "text ``{}`` and ``{}``\n",
}


@pytest.mark.parametrize("case", RST_SHOWN)
def test_rst_that_is_shown_stays(case):
    text = RST_SHOWN[case].format(*RST_MARKER)
    assert filled(text, "rst") == (text, 0, [])


ASCIIDOC_MARKER = '// dzviz "sin(x)" --x 1 -o a.svg', "// /dzviz"


@pytest.mark.parametrize(
    ("text", "new"),
    [
        (". step\n+\n{}\n{}\n", ". step\n+\n{}\n+\nimage::a.svg[]\n{}\n"),
        ("[NOTE]\n====\n{}\n{}\n====\n", "[NOTE]\n====\n{}\n\nimage::a.svg[]\n\n{}\n====\n"),
        ("____\n{}\n{}\n____\n", "____\n{}\n\nimage::a.svg[]\n\n{}\n____\n"),
    ],
)
def test_asciidoc(text, new):
    text, new = (part.format(*ASCIIDOC_MARKER) for part in (text, new))
    assert filled(text, "asciidoc", ["", "image::a.svg[]", ""]) == (new, 1, [])


@pytest.mark.parametrize(
    "text",
    ["----\n{}\n{}\n----\n", "....\n{}\n{}\n....\n", "++++\n{}\n{}\n++++\n", "text\n\n {}\n {}\n"],
)
def test_asciidoc_that_is_shown_stays(text):
    text = text.format(*ASCIIDOC_MARKER)
    assert filled(text, "asciidoc") == (text, 0, [])


@pytest.mark.parametrize(
    ("name", "text", "lines"),
    [
        ("rst", "+---+\n| {} |\n+---+\n", [2]),
        ("rst", "text {} more\n", [1]),
        ("asciidoc", "|===\n| {}\n|===\n", [2]),
        ("asciidoc", "text {} more\n", [1]),
        ("asciidoc", "https://dzviz and `{}`\n", []),
    ],
)
def test_a_marker_within_other_text_is_told(name, text, lines):
    text = text.format((RST_MARKER if name == "rst" else ASCIIDOC_MARKER)[0])
    assert filled(text, name) == (text, 0, lines)


@pytest.mark.thorough
@pytest.mark.parametrize(
    "line",
    [
        "> " * 50_000,
        "- " * 50_000,
        "```" + "a `` " * 30_000,
        ">" * 100_000,
        "\t" * 100_000,
        f"| {BEGIN} |\n" * 3000,
        "- - " * 20_000 + "x",
        "- a\n" * 40_000,
        "`a\n" * 40_000,
    ],
    ids=lambda line: ascii(line)[:20],
)
def test_long_lines_and_documents_take_no_longer(line):
    """Each took minutes if its time grew with the square of its length."""
    for name in MARKUPS:
        find_markers(f"{line}\n{line}\n\n{line}", MARKUPS[name])
