"""Markers in documents: comments that hold a command line, and what stands between them.

It knows Markdown, reStructuredText and AsciiDoc as lines of text, and nothing of pictures or files.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from dzviz.errors import DocumentError

_OPENING = r"dzviz(?=\s|-->|$)(?!\s+(?!draw\s)[A-Za-z]+\s+[A-Za-z])"
"""The name that opens a marker; before two plain words it only begins a sentence about dzviz."""


class Markup(NamedTuple):
    """How one markup language writes markers.

    ``begin`` matches the beginning of a marker's line and ``close`` the end of the marker, which is
    the end of the line where it is None; ``more`` matches lines that go on with it all the same.
    ``end`` matches the line of the closing marker. ``fence`` matches a line that begins what is
    shown as it is; the same text ends it.
    """

    name: str
    suffixes: tuple[str, ...]
    begin: str
    close: str | None
    end: str
    fence: str
    example: str
    more: str = r"(?!)"


MARKUPS: Mapping[str, Markup] = {
    markup.name: markup
    for markup in (
        Markup(
            "markdown",
            (".md", ".markdown", ".mdown", ".qmd"),
            rf" {{0,3}}<!-- *{_OPENING}",
            "-->",
            r" {0,3}<!-- */dzviz *-->",
            # Behind quote and list marks, too; backticks that more follow are a code span.
            r" {0,3}(?:>[ \t]*|(?:[-*+]|\d{1,9}[.)])[ \t]+)*(`{3,}(?=[^`]*$)|~{3,})",
            '<!-- dzviz "sin(x)" --x 1.0 -T mermaid --> ... <!-- /dzviz -->',
        ),
        Markup(
            "rst",
            (".rst", ".rest"),
            rf"\.\. {_OPENING}",
            None,
            r"\.\. /dzviz",
            r"(?!)",
            '.. dzviz "sin(x)" --x 1.0 -o sin.svg ... .. /dzviz',
            more=r"[ \t]+\S",
        ),
        Markup(
            "asciidoc",
            (".adoc", ".asciidoc", ".asc"),
            rf"// *{_OPENING}",
            None,
            r"// */dzviz",
            r"(-{4,}|\.{4,}|`{3,}|/{4,})",
            '// dzviz "sin(x)" --x 1.0 -o sin.svg ... // /dzviz',
        ),
    )
}
"""Every markup language by its name."""


class Marker(NamedTuple):
    """A marker: its line, counted from 1, its command line, and the text between it and its end.

    That is what stands from ``start`` to ``stop``, whole lines. ``indent`` stands before each of
    the marker's lines, ``newline`` behind.
    """

    line: int
    command: str
    start: int
    stop: int
    indent: str
    newline: str


def markup_of(path: str) -> Markup:
    """Return the markup language of a file by its suffix.

    Raises:
        DocumentError: No language has this suffix.
    """
    for markup in MARKUPS.values():
        if path.lower().endswith(markup.suffixes):
            return markup
    known = " ".join(suffix for markup in MARKUPS.values() for suffix in markup.suffixes)
    raise DocumentError("this is not a kind of document with markers", hint=f"known are {known}")


def find_markers(text: str, markup: Markup) -> list[Marker]:
    """Find the markers of a text; those within a fence, where they are only shown, do not count.

    Raises:
        DocumentError: A marker is not closed, has no end, or stands within another; or all lines
            end in CR alone.
    """
    if "\r" in text and "\n" not in text:
        raise DocumentError(
            "its lines end in CR alone", line=1, hint="save it with line ends LF or CRLF"
        )
    lines = _lines(text)
    markers: list[Marker] = []
    fence = ""
    quoted = False
    opened: Marker | None = None
    number = 0
    while number < len(lines):
        start, line = lines[number]
        number += 1
        if quoted and not line.lstrip().startswith(">"):  # A fence ends with the quote it is in.
            fence, quoted = "", False
        if opened is None and fence:
            inner = line.lstrip(" \t>") if quoted else line
            if inner.strip() == fence or re.match(rf" {{0,3}}{re.escape(fence)}[`~]*\s*$", inner):
                fence, quoted = "", False
            continue
        if re.match(markup.end + r"\s*$", line):
            if opened is None:
                raise DocumentError("a marker ends that did not begin", line=number)
            markers.append(opened._replace(stop=start))
            opened = None
        elif begin := re.match(markup.begin, line):
            if opened is not None:
                raise DocumentError(f"a marker within that of line {opened.line}", line=number)
            first = number
            command, number = _command(lines, number, line[begin.end() :], markup)
            indent = line[: len(line) - len(line.lstrip(" "))]
            newline = "\r\n" if line.endswith("\r\n") else "\n"
            behind = lines[number][0] if number < len(lines) else len(text)
            opened = Marker(first, command, behind, behind, indent, newline)
        elif opened is None and (found := re.match(markup.fence, line)):
            fence, quoted = found[1], ">" in found[0]
    if opened is not None:
        raise DocumentError(
            "this marker has no end", line=opened.line, hint=f"as in {markup.example}"
        )
    return markers


def splice(text: str, markers: Sequence[Marker], bodies: Sequence[Sequence[str]]) -> str:
    """Put lines between markers and their ends; every other character stays."""
    parts = []
    done = 0
    for marker, body in zip(markers, bodies, strict=True):
        lines = (f"{marker.indent if line else ''}{line}{marker.newline}" for line in body)
        parts += [text[done : marker.start], *lines]
        done = marker.stop
    return "".join([*parts, text[done:]])


def _command(
    lines: Sequence[tuple[int, str]], number: int, first: str, markup: Markup
) -> tuple[str, int]:
    """Read on to the end of a marker; returns its command and the number of lines read."""
    begun = number
    parts = [first]
    while number < len(lines) and re.match(markup.more, lines[number][1]):
        parts.append(lines[number][1])
        number += 1
    if markup.close is not None:
        while markup.close not in parts[-1]:
            if number == len(lines):
                raise DocumentError(f"this marker has no {markup.close}", line=begun)
            parts.append(lines[number][1])
            number += 1
        parts[-1], _, rest = parts[-1].partition(markup.close)
        if rest.strip():
            raise DocumentError(f"text behind {markup.close} of a marker", line=number)
    return " ".join("".join(parts).split("\n")).strip(), number


def _lines(text: str) -> list[tuple[int, str]]:
    """Return each line with its end, and where it begins."""
    lines = []
    start = 0
    for line in re.findall(r"[^\n]*\n|[^\n]+", text):
        lines.append((start, line))
        start += len(line)
    return lines
