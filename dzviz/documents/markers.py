"""Markers in documents: comments that hold a command line, and what stands between them.

Where a document's markup sees them they are found, and where they only look like one they are
missed. It knows nothing of pictures or files.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence

from dzviz.documents.nesting import AsciiDoc, Line, Markdown, Reader, Rst
from dzviz.errors import DocumentError
from dzviz.records import NamedTuple
from dzviz.results import RESULTS

_COMMAND = rf"draw\s|(?:{'|'.join((*RESULTS, 'beside'))})\s.*\s--\w"
_OPENING = rf"dzviz(?=\s|-->|$)(?!\s+(?!{_COMMAND})[A-Za-z]+\s+[A-Za-z])"
"""The name that opens a marker; before two plain words it only begins a sentence about dzviz.

That is not so where the first is a command's name, and an option follows.
"""


class Markup(NamedTuple):
    """How one markup language writes markers.

    ``begin`` matches the beginning of a marker and ``close`` its end, which is the end of the line
    where it is None; indented lines go on with it all the same where there is ``more``. ``end``
    matches the closing marker. Both stand alone on their lines, except for lists and quotes around
    them and ``slack`` blanks. A line that is ``joint`` attaches what follows to a list's item.
    """

    name: str
    suffixes: tuple[str, ...]
    reader: Callable[[], Reader]
    begin: str
    close: str | None
    end: str
    example: str
    slack: int = 0
    more: bool = False
    joint: str | None = None


MARKUPS: Mapping[str, Markup] = {
    markup.name: markup
    for markup in (
        Markup(
            "markdown",
            (".md", ".markdown", ".mdown", ".qmd"),
            Markdown,
            rf"<!-- *{_OPENING}",
            "-->",
            r"<!-- */dzviz *-->",
            '<!-- dzviz "sin(x)" --x 1.0 -T mermaid --> ... <!-- /dzviz -->',
            slack=3,
        ),
        Markup(
            "rst",
            (".rst", ".rest"),
            Rst,
            rf"\.\. {_OPENING}",
            None,
            r"\.\. /dzviz",
            '.. dzviz "sin(x)" --x 1.0 -o sin.svg ... .. /dzviz',
            more=True,
        ),
        Markup(
            "asciidoc",
            (".adoc", ".asciidoc", ".asc"),
            AsciiDoc,
            rf"// *{_OPENING}",
            None,
            r"// */dzviz",
            '// dzviz "sin(x)" --x 1.0 -o sin.svg ... // /dzviz',
            joint="+",
        ),
    )
}
"""Every markup language by its name."""


MAX_LINES = 1_000_000
"""More than any document has; each takes 200 bytes while markers are looked for."""


class Marker(NamedTuple):
    """A marker: its line, counted from 1, its command line, and the text between it and its end.

    That is what stands from ``start`` to ``stop``, whole lines. ``indent`` stands before each of
    the marker's lines, ``newline`` behind; ``joint`` before them all.
    """

    line: int
    command: str
    start: int
    stop: int
    indent: str
    newline: str
    joint: str | None = None


class Found(NamedTuple):
    """The markers of a document, and what is wrong with others that cannot be filled."""

    markers: list[Marker]
    missed: list[DocumentError]


def markup_of(path: str) -> Markup:
    """Return the markup language of a file by its suffix.

    Raises:
        DocumentError: No language has this suffix.
    """
    for markup in MARKUPS.values():
        if path.lower().endswith(markup.suffixes):
            return markup
    known = " ".join(suffix for markup in MARKUPS.values() for suffix in markup.suffixes)
    raise DocumentError(
        "documents of this kind cannot have markers", hint=f"the kinds with markers are {known}"
    )


def find_markers(text: str, markup: Markup) -> Found:
    """Find the markers of a text; where they are shown as code they do not count.

    Raises:
        DocumentError: A marker is not closed, has no end, or stands within another; all lines end
            in CR alone; or there are too many.
    """
    if "\r" in text and "\n" not in text:
        raise DocumentError(
            "its lines end in a single CR", line=1, hint="save it with line endings LF or CRLF"
        )
    if "dzviz" not in text:
        return Found([], [])
    if text.count("\n") > MAX_LINES:
        raise DocumentError(f"it has more than {MAX_LINES} lines", hint="split the document")
    return _Finder(text, markup).find()


def is_marker(line: str, markup: Markup) -> bool:
    """Whether a line between markers would be taken for one."""
    return (
        re.match(f"{markup.begin}|{markup.end}\\s*$", _unindented(line, markup.slack)) is not None
    )


def splice(text: str, markers: Sequence[Marker], bodies: Sequence[Sequence[str]]) -> str:
    """Put lines between markers and their ends; every other character stays."""
    parts = []
    done = 0
    for marker, body in zip(markers, bodies, strict=True):
        if marker.joint is not None:  # an empty line would end the item
            body = [marker.joint, *"\n".join(body).strip("\n").split("\n")] if any(body) else []
        blank = marker.indent.rstrip()
        lines = (f"{marker.indent + line if line else blank}{marker.newline}" for line in body)
        parts += [text[done : marker.start], *lines]
        done = marker.stop
    return "".join([*parts, text[done:]])


class _Finder:
    """Goes through the lines of a text; ``number`` counts those read."""

    def __init__(self, text: str, markup: Markup) -> None:
        self.text = text
        self.markup = markup
        self.reader = markup.reader()
        self.lines = _lines(text)
        self.number = 0
        self.block = 0  # the place where the lines that stand together begin
        self.spans: tuple[int, list[int]] = -1, []
        self.found = Found([], [])
        self.loose = False  # whether the last one that was missed still has an end to come

    def find(self) -> Found:
        """Find all markers."""
        opened: Marker | None = None
        before = ""
        while self.number < len(self.lines):
            start, line = self.next()
            if opened is not None:
                if self.ends(opened, line):
                    self.found.markers.append(opened._replace(stop=start))
                    opened = None
                continue
            seen = self.reader.read(line)
            if not line.strip():
                self.block = start + 1
            elif not seen.code:
                opened = self.look(seen, start, before)
            before = line
        if opened is not None:
            hint = f"as in {self.markup.example}"
            raise DocumentError("this marker has no end", line=opened.line, hint=hint)
        return self.found

    def next(self) -> tuple[int, str]:
        """Return where the next line begins, and the line without its end."""
        start, line = self.lines[self.number]
        self.number += 1
        return start, line.rstrip("\r\n")

    def look(self, seen: Line, start: int, before: str) -> Marker | None:
        """Return the marker that a line begins, and note those that stand within its text."""
        markup, first = self.markup, self.number
        text = _unindented(seen.rest, markup.slack)
        if not seen.inline and re.match(markup.end + r"\s*$", text):
            if not self.loose:
                raise DocumentError("this ends a marker, but none has begun", line=first)
            self.loose = False
            return None
        begin = None if seen.inline else re.match(markup.begin, text)
        if begin is None:
            self.miss(seen, start)
            return None
        indent = re.sub(r"[^\s>]", " ", seen.lead) + seen.rest[: len(seen.rest) - len(text)]
        indent += " " * indent.endswith(">")  # else the quote would eat a line's own blank
        newline = "\r\n" if self.lines[first - 1][1].endswith("\r\n") else "\n"
        command = self.command(text[begin.end() :], indent)
        self.reader.leave_comment()
        at = self.lines[self.number][0] if self.number < len(self.lines) else len(self.text)
        joint = markup.joint if before.strip() == markup.joint else None
        return Marker(first, command, at, at, indent, newline, joint)

    def miss(self, seen: Line, start: int) -> None:
        """Note markers in a line's text that are not shown as code there."""
        for match in re.finditer(rf"(?<![\w:]){self.markup.begin}", seen.rest):
            if not self.shown(start + len(seen.lead) + match.start()):
                self.loose = not re.search(self.markup.end, seen.rest[match.end() :])
                self.found.missed.append(
                    DocumentError(
                        "a marker inside other text is not filled",
                        line=self.number,
                        hint="the marker and its end need lines of their own; in code it is only "
                        "shown",
                    )
                )

    def shown(self, place: int) -> bool:
        """Whether a place is within code between backquotes."""
        if self.spans[0] != self.block:
            blank = re.compile(r"\n[ \t]*\r?(?:\n|$)").search(self.text, place)
            stop = blank.start() if blank else len(self.text)
            self.spans = self.block, _code_spans(self.text, self.block, stop)
        return bisect_right(self.spans[1], place) % 2 == 1

    def ends(self, opened: Marker, line: str) -> bool:
        """Whether a line ends the marker that was opened."""
        markup = self.markup
        marks = opened.indent.count(">")
        quote = re.match(rf"(?:[ \t]*>){{{marks}}}", line)
        tail = len(opened.indent) - opened.indent.rfind(">") - 1
        rest = line[quote.end() :] if quote else line
        text = _unindented(rest, tail + markup.slack)
        if re.match(markup.begin, text):
            hint = f"each marker has an end of its own, as in {self.markup.example}"
            what = f"a marker inside the marker of line {opened.line}, which has no end before it"
            raise DocumentError(what, line=self.number, hint=hint)
        if not re.match(markup.end + r"\s*$", text):
            return False
        if quote is None:
            what = f"this ends the marker of line {opened.line}, but outside its quote"
            raise DocumentError(what, line=self.number)
        return True

    def command(self, first: str, indent: str) -> str:
        """Read on to the end of a marker that began in the last line; returns its command."""
        begun, close = self.number, self.markup.close
        marks = re.compile(rf"(?:[ \t]*>){{{indent.count('>')}}}")
        parts = [first]
        while self.markup.more and self.number < len(self.lines):
            line = self.lines[self.number][1]
            if not line.strip() or len(line) - len(line.lstrip()) <= len(indent):
                break
            parts.append(self.next()[1])
        while close is not None and close not in parts[-1]:
            if self.number == len(self.lines):
                raise DocumentError(f"this marker has no {close}", line=begun)
            parts.append(marks.sub("", self.next()[1], count=1))
        if close is not None:
            parts[-1], _, rest = parts[-1].partition(close)
            if rest.strip():
                raise DocumentError(f"text after {close} of a marker", line=self.number)
        return " ".join(parts).strip()


def _unindented(line: str, most: int) -> str:
    """Take away at most this many blanks."""
    text = line.lstrip(" \t")
    return text if len(line) - len(text) <= most else line


def _code_spans(text: str, start: int, stop: int) -> list[int]:
    """Return where code between equal runs of backquotes begins and ends, in turns."""
    runs = [match.span() for match in re.compile("`+").finditer(text, start, stop)]
    following: list[int | None] = [None] * len(runs)
    last: dict[int, int] = {}
    for i in range(len(runs) - 1, -1, -1):
        length = runs[i][1] - runs[i][0]
        following[i] = last.get(length)
        last[length] = i
    ends: list[int] = []
    i = 0
    while i < len(runs):
        partner = following[i]
        if partner is not None:
            ends += [runs[i][0], runs[partner][1]]
        i = i + 1 if partner is None else partner + 1
    return ends


def _lines(text: str) -> list[tuple[int, str]]:
    """Return each line with its end, and where it begins."""
    lines = []
    start = 0
    for line in re.findall(r"[^\n]*\n|[^\n]+", text):
        lines.append((start, line))
        start += len(line)
    return lines
