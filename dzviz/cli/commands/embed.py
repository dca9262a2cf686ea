"""``dzviz embed``: what the markers of documents ask for, written between them or compared."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple

import click

from dzviz.arguments.options import QUIET
from dzviz.arguments.shell import quoted
from dzviz.cli.failure import Failure
from dzviz.cli.output import refused, shown, write_file, write_stdout
from dzviz.cli.status import Status
from dzviz.config import find_config
from dzviz.documents.blocks import BLOCKS, IMAGES, Picture, block, pictures
from dzviz.documents.differences import Change, unified
from dzviz.documents.equivalence import (
    Precision,
    is_equivalent,
    is_equivalent_text,
    precision_of,
)
from dzviz.documents.existing import MAX_BYTES, check_existing, content, decoded
from dzviz.documents.markers import Marker, Markup, find_markers, is_marker, markup_of, splice
from dzviz.documents.requests import (
    Request,
    Trust,
    guarded,
    inside,
    read_request,
    root_of,
    targets,
    trust_options,
)
from dzviz.errors import DocumentError, DzvizError, UsageError
from dzviz.files import FilePath, check_apart, identity, make_folder, named, real
from dzviz.language.carets import visible
from dzviz.streams import part_from_users_code, stdout
from dzviz.text.descriptions import alt_text
from dzviz.text.sizes import check_characters

STALE = 1
"""The exit code where ``--check`` finds something that is not what it would be.

So it is, too, where a marker cannot be filled.
"""

MARKER = '<!-- dzviz "sin(x)" --x 1.0 -o sin.svg -->\n<!-- /dzviz -->'
"""What a document holds."""

MOST_MISSED = 20
"""So many markers that are not filled are told one by one."""

MAX_MARKERS = 1000
"""More than any document has: what is refused before work is spent on it."""


class Image(NamedTuple):
    """A file that a document shows, its bytes to be, and whether what is there shows the same."""

    file: FilePath
    new: bytes
    is_missing: bool
    is_stale: bool


class Part(NamedTuple):
    """The lines that belong between a marker and its end, and the files that they show."""

    lines: Sequence[str]
    images: Sequence[Image]
    precision: Precision


class Edition(NamedTuple):
    """A document as it is and is to be, its files, and the lines of the markers that differ.

    ``missed`` tells of markers that were not filled, ``changes`` of lines that become others.
    """

    file: FilePath
    old: bytes
    new: bytes
    images: Sequence[Image]
    stale: Sequence[int]
    markers: int
    missed: Sequence[DocumentError]
    changes: Sequence[Change]


class Press:
    """Makes new editions of documents; it knows which files they have claimed so far."""

    def __init__(self, root: str | None, python: bool) -> None:
        self._root = root
        self._python = python
        self._claims: dict[str, str] = {}

    def renew(self, path: str) -> tuple[Edition | None, list[Failure]]:
        """Make all that a document asks for, or say what is wrong with which of its markers."""
        try:
            trust = Trust(root_of(path, self._root), self._python)
            document = inside(named(path), os.curdir, trust, "the document")
            data = _read(document)
            bom, text = decoded(data)
            markup = markup_of(path)
            markers, missed = find_markers(text, markup)
            config = find_config(trust.root)
            if len(markers) > MAX_MARKERS:
                raise DocumentError(
                    f"there are {len(markers)} markers, more than the {MAX_MARKERS} allowed",
                    line=markers[MAX_MARKERS].line,
                    hint="divide the document",
                )
        except DzvizError as error:
            return None, [Failure(error, path, getattr(error, "line", None))]
        parts, failures, size = [], [], 0
        for marker in markers:
            try:
                with guarded():
                    part = self._part(marker, markup, path, trust, config)
                    size += sum(map(len, part.lines))
                    if size > MAX_BYTES:  # the next time it would be refused
                        raise _too_large()
                parts.append(part)
            except DzvizError as error:
                failures.append(Failure(error, path, marker.line))
        if failures:
            return None, failures
        pairs = list(zip(markers, parts, strict=True))
        changed = [(marker, part.lines) for marker, part in pairs if _differs(text, marker, part)]
        new = splice(text, [marker for marker, _ in changed], [lines for _, lines in changed])
        lines = {marker.line for marker, _ in changed}
        lines |= {m.line for m, part in pairs if any(image.is_stale for image in part.images)}
        images = [image for part in parts for image in part.images if image.is_stale]
        edition = Edition(
            document,
            data,
            bom + new.encode(),
            images,
            sorted(lines),
            len(markers),
            missed,
            _changes(text, changed),
        )
        return edition, []

    def _part(
        self, marker: Marker, markup: Markup, path: str, trust: Trust, config: dict[str, Any]
    ) -> Part:
        """Make what one marker asks for."""
        folder = os.path.dirname(path)
        request = read_request(
            marker.command, folder=folder, trust=trust, config=config, default="dot"
        )
        digits = request.context.params["precision"]
        precision = precision_of(request.format.name, digits, marker.command)
        if request.output is None:
            part = Part(_block(request, markup), [], precision)
        else:
            part = self._pictures(request, precision, marker, markup, path, trust)
        for line in part.lines:
            if is_marker(line, markup):
                raise DocumentError("what it writes would itself be read as a marker")
        return part

    def _pictures(
        self,
        request: Request,
        precision: Precision,
        marker: Marker,
        markup: Markup,
        path: str,
        trust: Trust,
    ) -> Part:
        output, format = str(request.output), request.format
        where = f"{path}:{marker.line}"
        if format.name not in IMAGES:
            raise UsageError(
                f"{format.name} is not a picture that a document shows",
                hint="-o FILE.svg, .png or .gif is; -T mermaid writes into the document itself",
            )
        if os.path.isabs(output):
            raise UsageError(f"-o: '{output}' is not told from the document's own folder")
        files = targets(output, request.themes, os.path.dirname(path), trust)
        for file in files:
            suffix = IMAGES[format.name]
            if os.path.splitext(file.file.path)[1].lower() != suffix:
                raise UsageError(
                    f"-o: '{file.name}' would be a picture in a file that is not {suffix}"
                )
            check_existing(file.file, suffix, f"-o: '{file.name}'")
            check_apart(request.files, file.file)
            before = self._claims.setdefault(identity(file.file.path), where)
            if before != where:
                raise UsageError(f"-o: '{file.name}' is already written by {before}")
        drawings = list(request.drawings())
        images = []
        for file, drawing in zip(files, drawings, strict=True):
            old, new = content(file.file), _joined(drawing.chunks())
            stale = old is None or not is_equivalent(format.name, old, new, precision)
            images.append(Image(file.file, new, old is None, stale))
        alt = alt_text(drawings[0].graph, drawings[0].look)
        names = [Picture(file.name.replace(os.sep, "/"), file.theme) for file in files]
        return Part(pictures(markup.name, names, alt), images, precision)


def embed(
    files: Sequence[str],
    check: bool,
    diff: bool,
    root: str | None,
    allow_python: bool,
    quiet: bool,
) -> int:
    """Write what documents ask for into them: pictures of expressions, as text or as files.

    FILES are Markdown, reStructuredText or AsciiDoc, no folders. In a comment stands what would be
    written on a command line, and it ends with another comment; between them comes a block of text
    (-T mermaid, dot, json, text), or a picture in a file of its own (-o sin.svg) with a text for
    who cannot see it. --theme light,dark makes two files; the reader's screen chooses.

    A marker and its end stand on lines of their own, also in lists, quotes and admonitions; one
    within other text, such as a table's cell, is told, and the exit code is 1.

    What shows the same stays as it is: a number may be off by one in its last digit, as another
    processor rounds it, and things may stand elsewhere because of that. PNG and GIF have to be the
    same byte by byte.

    All other text stays as it is, too. A document with a mistake is left alone, and so are its
    pictures. Documents may read and write in the folder --root and run no code. Display options for
    all of them are read from its dzviz.toml, or [tool.dzviz] in its pyproject.toml.
    """
    if allow_python:
        part_from_users_code()
    press = Press(root, allow_python)
    status = Status(quiet)
    click.get_current_context().call_on_close(status.end)
    writes = not (check or diff)
    failures: list[Failure] = []
    stale, markers, missed = False, 0, 0
    for path in _distinct(files):
        status.begin(f"drawing {path}")
        with _without_bytecode(writes):
            edition, failed = press.renew(path)
        if edition is not None and writes:
            try:
                _write(edition)
            except DzvizError as error:
                failed = [Failure(error, path)]
        status.end()
        for failure in failed:
            sys.stderr.write(failure.told())
        failures += failed
        if edition is not None:
            markers += edition.markers
            missed += len(edition.missed)
            sys.stderr.writelines(_missed(edition))
        if edition is None or failed or not edition.stale:
            continue
        stale = True
        if diff:
            lines = _differences(edition)
            if stdout().isatty():  # A terminal would obey what a stranger wrote.
                lines = (f"{visible(line[:-1])}\n" for line in lines)
            write_stdout(lines, binary=False)
        if not quiet:
            options = [*(["--root", root] if root else []), *["--allow-python"] * allow_python]
            end = ["--"] * path.startswith("-")
            command = " ".join(map(quoted, ["dzviz", "embed", *options, *end, path]))
            sys.stderr.write(f"dzviz: {_told(edition, '' if writes else command)}\n")
    if not (markers or missed or failures or quiet):
        sys.stderr.write(f"dzviz: no document has a marker, as in:\n{MARKER}\n")
    if failures:
        return failures[0].error.exit_code
    return STALE if missed or (stale and check) else 0


command = click.Command(
    "embed",
    callback=embed,
    help=embed.__doc__,
    epilog=f"\b\n{MARKER}",
    options_metavar="[OPTIONS]",
    context_settings={"help_option_names": ["-h", "--help"]},
    params=[
        click.Argument(["files"], nargs=-1, required=True, type=click.Path(), metavar="FILES..."),
        click.Option(
            ["--check"],
            is_flag=True,
            help="Write nothing; exit with 1 where something is not up to date, and say what. "
            "A last digit that is off by one is up to date.",
        ),
        click.Option(
            ["--diff"], is_flag=True, help="Write nothing; show what would change in documents."
        ),
        *trust_options("documents", "read and write", "a document"),
        QUIET,
    ],
)


def _distinct(files: Sequence[str]) -> list[str]:
    """Leave out files that were named before.

    Raises:
        UsageError: There is no current folder that they could be in.
    """
    named: dict[str, str] = {}
    for path in files:
        named.setdefault(real(path), path)
    return list(named.values())


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


def _differs(text: str, marker: Marker, part: Part) -> bool:
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
    name = request.format.name
    if name not in BLOCKS:
        raise UsageError(
            f"{name} does not stand in a document itself",
            hint=f"-o FILE makes a picture; -T is one of {', '.join(BLOCKS)}",
        )
    if len(request.themes) > 1:
        raise UsageError("several themes are for pictures", hint="as in -o sin.svg")
    (drawing,) = request.drawings()
    check_characters(drawing.graph, drawing.look, MAX_BYTES)
    return block(markup.name, BLOCKS[name], _joined(drawing.chunks()).decode())


def _joined(chunks: Iterator[str] | Iterator[bytes]) -> bytes:
    """Put chunks together, as long as they are no more than a document may have.

    Raises:
        DocumentError: They are.
    """
    parts: list[bytes] = []
    size = 0
    for chunk in chunks:
        parts.append(chunk.encode() if isinstance(chunk, str) else chunk)
        size += len(parts[-1])
        if size > MAX_BYTES:
            raise _too_large()
    return b"".join(parts)


def _too_large() -> DocumentError:
    return DocumentError(
        f"with it the document would be larger than {MAX_BYTES >> 20} MiB",
        hint="draw less, or lower --max-elements",
    )


def _write(edition: Edition) -> None:
    """Put the files in place, then the document that shows them."""
    for image in edition.images:
        with refused(shown(os.path.dirname(image.file.name))):
            make_folder(image.file)
        write_file(image.file, [image.new])
    if edition.old != edition.new:
        write_file(edition.file, [edition.new])


def _told(edition: Edition, command: str) -> str:
    """Say what was written, or what is stale and by which command it would be written."""
    lines = ", ".join(map(str, edition.stale[:8])) + (", ..." if len(edition.stale) > 8 else "")
    where = f"line{'s' if len(edition.stale) > 1 else ''} {lines}"
    if not command:
        return f"{visible(edition.file.name)} is written ({where})"
    return f"{visible(edition.file.name)} is not up to date ({where}); run: {command}"


def _missed(edition: Edition) -> Iterator[str]:
    """Say which markers were not filled."""
    for error in edition.missed[:MOST_MISSED]:
        yield Failure(error, edition.file.name, error.line).told()
    more = len(edition.missed) - MOST_MISSED
    if more > 0:
        yield f"dzviz: {visible(edition.file.name)}: {more} more markers are not filled\n"


def _differences(edition: Edition) -> Iterator[str]:
    """Yield what changes, as diff has it; of pictures only which."""
    texts = [data.decode().split("\n") for data in (edition.old, edition.new)]
    old, new = ([f"{line}\n" for line in text[:-1]] + [t for t in text[-1:] if t] for text in texts)
    path = visible(edition.file.name)
    for line in unified(old, new, edition.changes, path):
        yield line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n"
    for image in edition.images:
        name = visible(os.path.relpath(image.file.path, real(os.curdir)))
        yield f"Picture {name} {'is missing' if image.is_missing else 'differs'}\n"


@contextmanager
def _without_bytecode(writes: bool) -> Iterator[None]:
    """Leave no trace of the Python files that documents use where nothing is to be written."""
    before = sys.dont_write_bytecode
    sys.dont_write_bytecode = before or not writes
    try:
        yield
    finally:
        sys.dont_write_bytecode = before
