"""Which lines of a document are text, and within what: list items, quotes, code that is shown.

It knows Markdown, reStructuredText and AsciiDoc as far as this takes, line by line, in time that is
proportional to the text. It does not know markers.
"""

from __future__ import annotations

import re
from typing import Protocol

from dzviz.records import NamedTuple

TAB = 4
"""A tab leads to the next column that is a multiple of this; code is indented by as much."""

DEEPEST = 100
"""Deeper lists and quotes are taken for text, so that no line costs more than its length."""


class Line(NamedTuple):
    """A line as its markup reads it: ``lead`` is what belongs to lists and quotes around ``rest``.

    ``code`` says that it is shown as it is, or not at all; ``inline`` that it goes on with a
    paragraph, so that no block can begin in it.
    """

    lead: str
    rest: str
    code: bool = False
    inline: bool = False


class Reader(Protocol):
    """What reads the lines of a document, each once, from the first to the last."""

    def read(self, line: str) -> Line:
        """Read the next line, which comes without its end."""

    def leave_comment(self) -> None:
        """Take the comment that the last line began for ended."""


class Markdown:
    """CommonMark's blocks, and those of Python-Markdown whose text is indented by four.

    A container is the column at which its text begins, counted from where it begins itself, or 0
    for a quote. Source: https://spec.commonmark.org/0.31.2/#phase-1-block-structure
    """

    def __init__(self) -> None:
        self.containers: list[int] = []
        self.fence = ""
        self.depth = 0
        self.comment = False
        self.paragraph = False

    def read(self, line: str) -> Line:
        """Read a line, within which containers it is and what begins in it."""
        at, kept = self.enter(line)
        if self.fence and kept < self.depth:
            self.fence = ""  # it ends with the quote or the item that it is in
        if self.fence or self.comment:
            if self.fence and _closes(line[at:], self.fence):
                self.fence = ""
            self.comment = self.comment and "-->" not in line
            return Line(line[:at], line[at:], code=True)
        if not line[at:].strip():
            del self.containers[kept:]
            self.paragraph = False
            return Line(line[:at], line[at:])
        before = at
        while (found := self.container(line, at, kept)) is not None:
            at, width = found
            self.containers[kept:] = [width]
            kept += 1
            self.paragraph = False
        lead, rest = line[:at], line[at:]
        deep = _skip(line, at, TAB)[1] >= TAB
        if self.paragraph and at == before and (deep or not _INTERRUPTION.match(rest)):
            return Line(lead, rest, inline=True)
        del self.containers[kept:]
        self.paragraph = False
        if deep:
            return Line(lead, rest, code=True)
        if fence := _FENCE.match(rest):
            self.fence, self.depth = fence[1], len(self.containers)
            return Line(lead, rest, code=True)
        self.comment = rest.lstrip().startswith("<!--") and "-->" not in rest
        self.paragraph = bool(rest) and not _NO_PARAGRAPH.match(rest)
        return Line(lead, rest)

    def leave_comment(self) -> None:
        """Take the comment that the last line began for ended."""
        self.comment = False

    def enter(self, line: str) -> tuple[int, int]:
        """Return where the text begins within the containers that go on, and how many these are."""
        at = 0
        for number, width in enumerate(self.containers):
            if width:
                place, columns = _skip(line, at, width)
                if columns < width and place < len(line):  # an empty line ends no item
                    return at, number
                at = place
            elif quote := _QUOTE.match(line, at):
                at = quote.end()
            else:
                return at, number
        return at, len(self.containers)

    def container(self, line: str, at: int, kept: int) -> tuple[int, int] | None:
        """Return where the text of a container begins that begins here, and its width."""
        indent = _skip(line, at, TAB)[1]
        if indent >= TAB or kept >= DEEPEST:
            return None
        if quote := _QUOTE.match(line, at):
            return quote.end(), 0
        if wide := _INDENTED.match(line, at):
            return wide.end(), indent + TAB
        item = _ITEM.match(line, at)
        if item is None or _RULE.match(line, at):
            return None
        if self.paragraph and kept == len(self.containers) and item[1] not in _FIRST:
            return None  # "1986. What a year" in a paragraph
        place, gap = _skip(line, item.end(), TAB + 1)
        if not 1 <= gap <= TAB or place == len(line):
            place, gap = min(item.end() + 1, len(line)), 1
        return place, indent + len(item[1]) + gap


_QUOTE = re.compile(r" {0,3}>[ \t]?")
_ITEM = re.compile(r" {0,3}([-*+]|\d{1,9}[.)])(?=[ \t]|$)")
_FIRST = ("-", "*", "+", "1.", "1)")
_RULE = re.compile(r" {0,3}([-*_])[ \t]*(?:\1[ \t]*){2,}$")
_INDENTED = re.compile(
    r" {0,3}(?:(?:!!!|\?\?\?\+?)[ \t]+[\w\"].*"  # admonitions of Python-Markdown
    r"|===[!+]?[ \t]+\".*"  # tabs
    r"|\[\^[^\]\s]+\]:[ \t]*"  # footnotes
    r"|:[ \t]{1,3}(?=\S))"  # definitions
)
_FENCE = re.compile(r" {0,3}(`{3,}(?=[^`]*$)|~{3,})")
_INTERRUPTION = re.compile(rf" {{0,3}}(?:#{{1,6}}(?:\s|$)|<!--)|{_RULE.pattern}|{_FENCE.pattern}")
_NO_PARAGRAPH = re.compile(rf" {{0,3}}(?:#{{1,6}}(?:\s|$)|<!--|\|)|{_RULE.pattern}")


def _closes(rest: str, fence: str) -> bool:
    end = rest.strip()
    return len(end) >= len(fence) and not end.strip(fence[0]) and _skip(rest, 0, TAB)[1] < TAB


def _skip(line: str, at: int, width: int) -> tuple[int, int]:
    """Return the place behind at most this many columns of blanks, and how many these are.

    A tab is never divided.
    """
    column = 0
    while column < width and at < len(line) and line[at] in " \t":
        column += TAB - column % TAB if line[at] == "\t" else 1
        at += 1
    return at, column


class Rst:
    """The blocks of reStructuredText: what is literal is all that is indented below a line.

    Source: https://docutils.sourceforge.io/docs/ref/rst/restructuredtext.html
    """

    def __init__(self) -> None:
        self.literal: int | None = None

    def read(self, line: str) -> Line:
        """Read a line, and whether what is indented below it is literal or a comment."""
        at = len(line) - len(line.lstrip(" \t"))
        if at == len(line):
            return Line("", "")
        if self.literal is not None and at > self.literal:
            return Line(line[:at], line[at:], code=True)
        if item := _RST_ITEMS.match(line, at):
            at = item.end()
        rest = line[at:]
        directive = _DIRECTIVE.match(rest)
        shown = directive[1] in SHOWN if directive else rest.rstrip().endswith("::")
        self.literal = at if shown or _COMMENT.match(rest) else None
        return Line(line[:at], rest)

    def leave_comment(self) -> None:
        """Take the comment that the last line began for ended."""
        self.literal = None


_SHOWN = """
    code code-block code-cell csv-table digraph doctest dzviz graph graphviz highlight ipython
    jupyter-execute literalinclude math mermaid parsed-literal plot prompt raw sourcecode
    testcleanup testcode testoutput testsetup uml
"""
SHOWN = frozenset(_SHOWN.split())
"""Directives of docutils and of Sphinx whose content is no reStructuredText."""

_RST_ITEMS = re.compile(r"(?:(?:[-*+\u2022\u2023\u2043]|\(?(?:\d+|[A-Za-z#])[.)])[ \t]+){1,9}")
_DIRECTIVE = re.compile(r"\.\. (?:\|[^|]+\| )?([\w.:+-]+?) ?::(?:\s|$)")
_COMMENT = re.compile(r"\.\.(?:$| (?![_\[|])(?![\w.:+-]+ ?::(?:\s|$)))")


class AsciiDoc:
    """The blocks of AsciiDoc: what is between two equal lines, and what is indented.

    Source: https://docs.asciidoctor.org/asciidoc/latest/blocks/delimited/
    """

    def __init__(self) -> None:
        self.fence = ""
        self.paragraph = False

    def read(self, line: str) -> Line:
        """Read a line, and whether it begins or ends a block that is shown as it is."""
        if self.fence:
            if line.strip() == self.fence:
                self.fence = ""
            return Line("", line, code=True)
        if fence := _DELIMITER.match(line):
            self.fence = fence[1] or fence[2]
            self.paragraph = False
            return Line("", line, code=True)
        begun, self.paragraph = self.paragraph, line.strip() not in ("", "+")
        indented = line[:1] in (" ", "\t")
        return Line("", line, code=indented and not begun, inline=indented and begun)

    def leave_comment(self) -> None:
        """Take the comment that the last line began for ended: it always has."""


_DELIMITER = re.compile(r"(-{4,}|\.{4,}|/{4,}|\+{4,})\s*$|(`{3,})")
