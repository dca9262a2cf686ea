"""Documents with what their markers ask for: each is read, drawn, and compared with what is there.

It writes nothing and knows no terminal.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from typing import Any

from dzviz.arguments.config import find_config
from dzviz.arguments.shell import quoted
from dzviz.budget import check_time
from dzviz.documents.blocks import FORMS, Picture, Shown, block, formulas, pictures
from dzviz.documents.bounds import guarded
from dzviz.documents.differences import Change, unified
from dzviz.documents.equivalence import (
    Precision,
    is_equivalent,
    is_equivalent_text,
    precision_of,
)
from dzviz.documents.existing import MAX_BYTES, check_existing, content, decoded
from dzviz.documents.markers import Marker, Markup, find_markers, is_marker, markup_of, splice
from dzviz.documents.requests import Request, TextRequest, read_any
from dzviz.documents.sites import check_html
from dzviz.documents.trust import Target, Trust, inside, root_of, targets
from dzviz.errors import DocumentError, DzvizError, UsageError
from dzviz.files import FilePath, check_apart, identity, named, real
from dzviz.formats import FORMATS
from dzviz.language.carets import visible
from dzviz.records import NamedTuple
from dzviz.text.phrases import clean
from dzviz.text.sizes import check_characters

EXACT = 17
"""The number of digits in results, unless an option says otherwise."""

MAX_MARKERS = 1000
"""More than any document has: what is refused before work is spent on it."""


class Image(NamedTuple):
    """A file that a document shows, its bytes to be, and whether what is there shows the same."""

    file: FilePath
    new: bytes
    is_missing: bool
    is_stale: bool


class Fragment(NamedTuple):
    """The lines that belong between a marker and its end, and the files that they show."""

    lines: Sequence[str]
    images: Sequence[Image]
    precision: Precision


class Problem(NamedTuple):
    """What is wrong with a document, and the line that is to blame, counted from 1."""

    error: DzvizError
    line: int | None = None


class Revision(NamedTuple):
    """A document as it is and is to be, its files, and the lines of the markers that differ.

    ``missed`` describes markers that were not filled, ``changes`` of lines that become others.
    """

    file: FilePath
    old: bytes
    new: bytes
    images: Sequence[Image]
    stale: Sequence[int]
    markers: int
    missed: Sequence[DocumentError]
    changes: Sequence[Change]

    def differences(self) -> Iterator[str]:
        """Yield what changes, as diff has it; of pictures only which."""
        texts = [data.decode().split("\n") for data in (self.old, self.new)]
        old, new = (
            [f"{line}\n" for line in text[:-1]] + [t for t in text[-1:] if t] for text in texts
        )
        path = visible(self.file.name)
        for line in unified(old, new, self.changes, path):
            yield line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n"
        for image in self.images:
            name = visible(os.path.relpath(image.file.path, real(os.curdir)))
            yield f"Picture {name} {'is missing' if image.is_missing else 'differs'}\n"


class Embedder:
    """Makes revisions of documents; it knows which files those before have claimed."""

    def __init__(self, root: str | None, python: bool) -> None:
        self._root = root
        self._python = python
        self._claims: dict[str, str] = {}

    def revise(self, path: str) -> tuple[Revision | None, list[Problem]]:
        """Make all that a document asks for, or say what is wrong with which of its markers."""
        try:
            document = _Document.read(path, Trust(root_of(path, self._root), self._python))
        except DzvizError as error:
            return None, [Problem(error, getattr(error, "line", None))]
        fragments, problems, size = [], [], 0
        for marker in document.markers:
            try:
                with guarded():
                    fragment = self._fragment(document, marker)
                    size += sum(map(len, fragment.lines))
                    if size > MAX_BYTES:  # the next time it would be refused
                        raise _too_large()
                fragments.append(fragment)
            except DzvizError as error:
                problems.append(Problem(error, marker.line))
        if problems:
            return None, problems
        return document.revised(fragments), []

    def _fragment(self, document: _Document, marker: Marker) -> Fragment:
        """Make what one marker asks for."""
        request = read_any(
            marker.command,
            folder=os.path.dirname(document.path),
            trust=document.trust,
            config=document.config,
            default="dot",
        )
        digits = request.context.params.get("precision", EXACT)
        name = request.format if isinstance(request, TextRequest) else request.format.name
        precision = precision_of(name, digits, marker.command)
        if isinstance(request, TextRequest):
            fragment = Fragment(_text(request, document.markup), [], precision)
        elif request.output is None:
            fragment = Fragment(_block(request, document.markup), [], precision)
        else:
            files = self._files(document, request, f"{document.path}:{marker.line}")
            several = len(files) > 1 and not request.context.params["site"]
            if several and document.markup.name == "markdown":
                check_html(real(document.path), real(document.trust.root))
            fragment = _pictures(request, files, precision, document.markup)
        for line in fragment.lines:
            if is_marker(line, document.markup):
                raise DocumentError("its output would itself be read as a marker")
        return fragment

    def _files(self, document: _Document, request: Request, where: str) -> Sequence[Target]:
        """Return the files that a request writes, which no other writes and nobody else made."""
        output, format = str(request.output), request.format
        suffix = format.image
        if suffix is None:
            *some, last = dict.fromkeys(filter(None, (each.image for each in FORMATS.values())))
            raise UsageError(
                f"a document cannot show {format.name}",
                hint=f"use -o FILE{', '.join(some)} or {last}; "
                "-T mermaid writes into the document itself",
            )
        if os.path.isabs(output):
            raise UsageError(f"-o: '{output}' must be relative to the document's folder")
        folder = os.path.dirname(document.path)
        files = targets(output, request.themes, folder, document.trust)
        for file in files:
            if os.path.splitext(file.file.path)[1].lower() != suffix:
                raise UsageError(
                    f"-o: '{file.name}' would be a picture in a file that is not {suffix}"
                )
            check_existing(file.file, suffix, f"-o: '{file.name}'")
            check_apart(request.files, file.file)
            before = self._claims.setdefault(identity(file.file.path), where)
            if before != where:
                raise UsageError(f"-o: '{file.name}' is already written by {before}")
        return files


class _Document(NamedTuple):
    """A document that was read, and what is to be filled in it."""

    path: str
    trust: Trust
    file: FilePath
    data: bytes
    bom: bytes
    text: str
    markup: Markup
    markers: Sequence[Marker]
    missed: Sequence[DocumentError]
    config: dict[str, Any]

    @classmethod
    def read(cls, path: str, trust: Trust) -> _Document:
        """Read a document and find its markers.

        Raises:
            DzvizError: It cannot be read, or has too many.
        """
        file = inside(named(path), os.curdir, trust, "the document")
        data = _read(file)
        bom, text = decoded(data)
        markup = markup_of(path)
        markers, missed = find_markers(text, markup)
        config = find_config(trust.root)
        if len(markers) > MAX_MARKERS:
            raise DocumentError(
                f"there are {len(markers)} markers; at most {MAX_MARKERS} are allowed",
                line=markers[MAX_MARKERS].line,
                hint="split the document",
            )
        return cls(path, trust, file, data, bom, text, markup, markers, missed, config)

    def revised(self, fragments: Sequence[Fragment]) -> Revision:
        """Return the document with a fragment for each marker; what shows the same stays."""
        text = self.text
        pairs = list(zip(self.markers, fragments, strict=True))
        changed = [(marker, part.lines) for marker, part in pairs if _differs(text, marker, part)]
        new = splice(text, [marker for marker, _ in changed], [lines for _, lines in changed])
        lines = {marker.line for marker, _ in changed}
        lines |= {m.line for m, part in pairs if any(image.is_stale for image in part.images)}
        return Revision(
            self.file,
            self.data,
            self.bom + new.encode(),
            [image for part in fragments for image in part.images if image.is_stale],
            sorted(lines),
            len(self.markers),
            self.missed,
            _changes(text, changed),
        )


def _read(file: FilePath) -> bytes:
    """Read a document.

    Raises:
        DocumentError: It is no file.
    """
    if os.path.isdir(file.path):
        raise DocumentError(
            "this is a folder",
            hint=f"name the documents: dzviz embed {quoted(file.name.rstrip('/'))}/*.md",
        )
    data = content(file)
    if data is None:
        raise DocumentError("there is no such file")
    return data


def _differs(text: str, marker: Marker, part: Fragment) -> bool:
    """Whether what stands in a document at a marker shows anything else than its part."""
    old, new = text[marker.start : marker.stop], splice("", [_alone(marker)], [part.lines])
    return not is_equivalent_text(old, new, part.precision)


def _changes(text: str, changed: Sequence[tuple[Marker, Sequence[str]]]) -> list[Change]:
    """Return which lines take the place of which."""
    changes = []
    at = line = grown = 0
    for marker, body in changed:
        line += text.count("\n", at, marker.start)
        at = marker.start
        old = text.count("\n", marker.start, marker.stop)
        new = splice("", [_alone(marker)], [body]).count("\n")
        changes.append(Change(line, line + old, line + grown, line + grown + new))
        grown += new - old
    return changes


def _alone(marker: Marker) -> Marker:
    return marker._replace(start=0, stop=0)


def _block(request: Request, markup: Markup) -> list[str]:
    language = request.format.block
    if language is None:
        able = ", ".join(name for name, format in FORMATS.items() if format.block)
        raise UsageError(
            f"{request.format.name} cannot be part of a document",
            hint=f"-o FILE makes a picture; -T is one of {able}",
        )
    if len(request.themes) > 1:
        raise UsageError("only a picture can have several themes", hint="as in -o sin.svg")
    (drawing,) = request.drawings()
    check_characters(drawing.graph, drawing.look, MAX_BYTES)
    return block(markup.name, language, _joined(drawing.chunks()).decode())


def _text(request: TextRequest, markup: Markup) -> list[str]:
    """Write the block of a result that is text."""
    text = _joined(iter(request.result().lines)).decode()
    if request.format in FORMS:
        return formulas(markup.name, request.format, text)
    format = FORMATS.get(request.format, FORMATS["text"])
    return block(markup.name, str(format.block), text)


def _pictures(
    request: Request, files: Sequence[Target], precision: Precision, markup: Markup
) -> Fragment:
    """Draw what goes into files, and write how the document shows them."""
    drawings = list(request.drawings())
    images = []
    for file, drawing in zip(files, drawings, strict=True):
        old, new = content(file.file), _joined(drawing.chunks())
        stale = old is None or not is_equivalent(request.format.name, old, new, precision)
        images.append(Image(file.file, new, old is None, stale))
    given = request.context.params
    alt = given["alt"]
    if alt is None:
        alt = drawings[0].alt()
    names = [Picture(file.name.replace(os.sep, "/"), file.theme) for file in files]
    shown = Shown(_line(alt), _line(given["caption"]), given["site"] or "")
    return Fragment(pictures(markup.name, names, shown), images, precision)


def _line(text: str | None) -> str:
    return clean(text, len(text or ""))


def _joined(chunks: Iterator[str] | Iterator[bytes]) -> bytes:
    """Put chunks together, as long as they are no more than a document may have.

    Raises:
        DocumentError: They are.
    """
    parts: list[bytes] = []
    size = 0
    for chunk in chunks:
        check_time()
        parts.append(chunk.encode() if isinstance(chunk, str) else chunk)
        size += len(parts[-1])
        if size > MAX_BYTES:
            raise _too_large()
    return b"".join(parts)


def _too_large() -> DocumentError:
    return DocumentError(
        f"the document would then be larger than {MAX_BYTES >> 20} MiB",
        hint="draw less, or lower --max-elements",
    )
