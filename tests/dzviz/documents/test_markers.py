"""Markers: what is found, what is refused, and that all other text stays."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dzviz.documents.markers import MARKUPS, find_markers, markup_of, splice
from dzviz.errors import DocumentError

COMMAND = 'dzviz "sin(x)" --x 1.0'
BLOCKS = {
    "markdown": ("<!-- {} -->\n", "<!-- /dzviz -->\n"),
    "rst": (".. {}\n", ".. /dzviz\n"),
    "asciidoc": ("// {}\n", "// /dzviz\n"),
}
SHOWN = {
    "markdown": ["```html\n{}```\n", "~~~~\n```\n{}~~~~\n"],
    "rst": ["::\n\n   {}"],
    "asciidoc": ["----\n{}----\n", "....\n{}....\n"],
}


def markers_of(text, markup):
    return find_markers(text, markup).markers


def document(name, command=COMMAND, body="old\n"):
    begin, end = BLOCKS[name]
    return begin.format(command) + body + end


def indented(text):
    return text.replace("\n", "\n   ").rstrip(" ")


def test_every_markup_is_tried():
    assert MARKUPS.keys() == BLOCKS.keys() == SHOWN.keys()


@pytest.mark.parametrize("name", MARKUPS)
def test_a_marker_is_found_and_its_body_replaced(name):
    text = f"before\n\n{document(name)}\nafter\n"
    (marker,) = markers_of(text, MARKUPS[name])
    assert (marker.line, marker.command) == (3, COMMAND.removeprefix("dzviz "))
    assert text[marker.start : marker.stop] == "old\n"
    assert splice(text, [marker], [["new", "", "lines"]]) == text.replace("old", "new\n\nlines")
    assert splice(text, [marker], [["old"]]) == text


def test_in_rst_indented_lines_go_on_with_the_marker():
    text = '.. dzviz "sin(x)"\n   --x 1.0\n\t-o a.svg\n\n   old\n\n.. /dzviz\n'
    (marker,) = markers_of(text, MARKUPS["rst"])
    assert marker.command.split() == ['"sin(x)"', "--x", "1.0", "-o", "a.svg"]
    assert marker.line == 1
    assert text[marker.start : marker.stop] == "\n   old\n\n"
    (marker,) = markers_of(text.replace("\n", "\r\n"), MARKUPS["rst"])
    assert marker.command.split() == ['"sin(x)"', "--x", "1.0", "-o", "a.svg"]


@pytest.mark.parametrize("name", MARKUPS)
def test_several_markers_an_empty_body_and_no_last_newline(name):
    text = (document(name, body="") + "x\n" + document(name)).rstrip("\n")
    markers = markers_of(text, MARKUPS[name])
    assert [marker.line for marker in markers] == [1, 4]
    assert (
        splice(text, markers, [["a"], ["b"]]).replace("a\n", "", 1).replace("b\n", "old\n") == text
    )


@pytest.mark.parametrize("name", MARKUPS)
def test_lines_keep_their_ends(name):
    text = f"one\n{document(name)}".replace("\n", "\r\n") + "two\nthree\r"
    (marker,) = markers_of(text, MARKUPS[name])
    new = splice(text, [marker], [["new", "lines"]])
    assert new == text.replace("old\r\n", "new\r\nlines\r\n")


@pytest.mark.parametrize("name", MARKUPS)
def test_what_is_only_shown_is_no_marker(name):
    for shown in SHOWN[name]:
        block = document(name)
        text = shown.format(indented(block) if name == "rst" else block)
        assert markers_of(text, MARKUPS[name]) == []
        assert len(markers_of(text + "\n" + block, MARKUPS[name])) == 1


def test_markdown_markers_may_be_indented_and_take_several_lines():
    text = '  <!-- dzviz "sin(x)"\n       --x 1.0\n  -->\n  old\n  <!-- /dzviz -->\n'
    (marker,) = markers_of(text, MARKUPS["markdown"])
    assert marker.command.split() == ['"sin(x)"', "--x", "1.0"]
    assert splice(text, [marker], [["new", ""]]).splitlines()[3:5] == ["  new", ""]
    assert markers_of("    <!-- dzviz x -->\n", MARKUPS["markdown"]) == []


@pytest.mark.parametrize("name", MARKUPS)
@pytest.mark.parametrize(
    ("make", "line", "words"),
    [
        (lambda begin, end: begin + "x\n", 1, "has no end"),
        (lambda begin, end: "x\n" + end, 2, "none has begun"),
        (lambda begin, end: begin + "x\n" + begin + end + end, 3, "inside the marker of line 1"),
        (lambda begin, end: begin + end + end, 3, "none has begun"),
    ],
)
def test_what_is_not_closed_is_refused_with_its_line(name, make, line, words):
    begin, end = BLOCKS[name]
    with pytest.raises(DocumentError, match=words) as error:
        markers_of(make(begin.format(COMMAND), end), MARKUPS[name])
    assert error.value.line == line


def test_a_comment_that_is_not_closed_is_refused():
    for text, words in [
        ("<!-- dzviz x\n\nmore\n", "has no -->"),
        ("<!-- dzviz x --> y\n<!-- /dzviz -->\n", "text after -->"),
    ]:
        with pytest.raises(DocumentError, match=words):
            markers_of(text, MARKUPS["markdown"])


def test_other_comments_and_directives_are_left_alone():
    assert markers_of("<!-- dzvizard -->\n<!-- x -->\n", MARKUPS["markdown"]) == []
    assert markers_of(".. dzviz:: sin(x)\n   :x: 1\n", MARKUPS["rst"]) == []
    assert markers_of("//dzvizard\n", MARKUPS["asciidoc"]) == []


@pytest.mark.parametrize(
    "shown",
    [
        "1. ```sh\n   {}   ```\n",
        "-   ~~~\n    {}    ~~~\n",
        "> ```sh\n> {}> ```\n",
        "> - ```sh\n>   {}text\n",
        "```inline``` code\n",
        "```inline``` code\r\n",
        "```sh\r\n{}````\r\n",
    ],
)
def test_a_fence_ends_where_it_does(shown):
    block = document("markdown")
    text = shown.format("<!-- dzviz x -->\n")
    (marker,) = markers_of(text + "\n" + block, MARKUPS["markdown"])
    assert marker.line == text.count("\n") + 2


@pytest.mark.parametrize("name", MARKUPS)
def test_what_is_said_of_dzviz_is_no_marker(name):
    begin, _ = BLOCKS[name]
    for words in ("dzviz is drawn below", "dzviz-foo", "dzviz: see", "dzviz.py"):
        assert markers_of(begin.format(words), MARKUPS[name]) == []
    for command in ("x", "draw x --x 1", "'x y'", "-T dot x", "x*y --x 1", ""):
        text = document(name, f"dzviz {command}")
        assert [marker.command for marker in markers_of(text, MARKUPS[name])] == [command]


@given(st.text("ab`~<!- >\n\r/.dzvi=", max_size=60), st.sampled_from(sorted(MARKUPS)))
def test_any_text_is_read_or_refused_and_nothing_is_lost(text, name):
    try:
        markers = markers_of(text, MARKUPS[name])
    except DocumentError:
        return
    bodies = [text[m.start : m.stop] for m in markers]
    assert all(0 < m.start <= m.stop <= len(text) for m in markers)
    outside = splice(text, markers, [[] for _ in markers])
    assert len(outside) == len(text) - sum(map(len, bodies))


def test_a_language_is_known_by_its_suffix():
    assert markup_of("docs/Guide.MD").name == "markdown"
    assert markup_of("a.rst").name == "rst"
    with pytest.raises(DocumentError) as error:
        markup_of("a.tex")
    assert ".md" in error.value.hint


def test_a_long_comment_is_read_once():
    lines = 200_000  # read anew for each line it would take hours
    text = f"<!-- dzviz x\n{'--x 1' * 3}\n" + "y\n" * lines
    with pytest.raises(DocumentError, match="has no -->"):
        markers_of(text, MARKUPS["markdown"])
    (marker,) = markers_of(f"{text}-->\n<!-- /dzviz -->\n", MARKUPS["markdown"])
    assert len(marker.command) > lines
