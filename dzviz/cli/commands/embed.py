"""``dzviz embed``: what the markers of documents ask for, written between them or compared."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import click

from dzviz.arguments.options import QUIET
from dzviz.arguments.shell import quoted
from dzviz.cli.failure import Failure
from dzviz.cli.output import quoted_path, refused, write_file, write_stdout
from dzviz.cli.status import Status
from dzviz.documents.embedding import Embedder, Revision
from dzviz.documents.trust import trust_options
from dzviz.errors import DzvizError
from dzviz.files import make_folder, real
from dzviz.language.carets import visible
from dzviz.streams import part_from_users_code, stdout

STALE = 1
"""The exit code where ``--check`` finds something that is not what it would be.

So it is, too, where a marker cannot be filled.
"""

MARKER = '<!-- dzviz "sin(x)" --x 1.0 -o sin.svg -->\n<!-- /dzviz -->'
"""What a document holds."""

MOST_MISSED = 20
"""At most this many markers that are not filled are listed one by one."""


def embed(
    files: Sequence[str],
    check: bool,
    diff: bool,
    root: str | None,
    allow_python: bool,
    quiet: bool,
) -> int:
    """Draw the pictures that documents ask for, and write them into the documents or into files.

    FILES are Markdown, reStructuredText or AsciiDoc, not folders. A marker is a comment that
    contains a command line; a second comment marks its end. Between them, dzviz embed writes a
    reference to a picture in a file (-o sin.svg) with a description for readers who cannot see it,
    or a block of text (-T mermaid, json, text or dot). Without -o and -T, the block is DOT.
    --theme light,dark makes two files; the reader's screen chooses one.

    A marker and its end need lines of their own; they can be in lists, quotes and admonitions. If a
    marker is inside other text, such as a table cell, its line is reported, and the exit code is 1.

    A picture that shows the same is not written again: a number may differ by one in its last
    digit, because another processor rounds it, and elements may have moved because of that. PNG and
    GIF must be identical, byte for byte.

    No other text is changed. If a document has a mistake, neither it nor its pictures are changed.
    Documents can read and write files in the folder --root, and they run no code. The display
    options for all of them come from dzviz.toml in that folder, or from [tool.dzviz] in its
    pyproject.toml.
    """
    if allow_python:
        part_from_users_code()
    options = [*(["--root", root] if root else []), *["--allow-python"] * allow_python]
    report = _Report(Status(quiet), quiet, options)
    click.get_current_context().call_on_close(report.status.end)
    embedder = Embedder(root, allow_python)
    writes = not (check or diff)
    for path in _distinct(files):
        report.status.begin(f"drawing {path}")
        with _without_bytecode(writes):
            revision, problems = embedder.revise(path)
        failures = [Failure(problem.error, path, problem.line) for problem in problems]
        if revision is not None and writes:
            try:
                _write(revision)
            except DzvizError as error:
                failures = [Failure(error, path)]
        report.status.end()
        report.tell(path, revision, failures)
        if revision is not None and revision.stale and not failures:
            if diff:
                _show(revision)
            report.tell_stale(path, revision, written=writes)
    return report.exit_code(check=check)


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
            help="Write nothing. Exit with code 1 if something is out of date, and say what. A "
            "last digit that is off by one is still up to date.",
        ),
        click.Option(
            ["--diff"], is_flag=True, help="Write nothing. Show what would change in the documents."
        ),
        *trust_options("documents", "read and write", "a document"),
        QUIET,
    ],
)


class _Report:
    """What is said of documents on stderr, and the exit code that comes of it."""

    def __init__(self, status: Status, quiet: bool, options: Sequence[str]) -> None:
        self.status = status
        self._quiet = quiet
        self._options = options
        self._failures: list[Failure] = []
        self._markers = self._missed = self._stale = 0

    def tell(self, path: str, revision: Revision | None, failures: Sequence[Failure]) -> None:
        """Say what is wrong with a document, and which of its markers were not filled."""
        sys.stderr.writelines(failure.message() for failure in failures)
        self._failures += failures
        if revision is not None:
            self._markers += revision.markers
            self._missed += len(revision.missed)
            sys.stderr.writelines(_missed(path, revision))

    def tell_stale(self, path: str, revision: Revision, *, written: bool) -> None:
        """Say what was written, or what is stale and by which command it would be written."""
        self._stale += 1
        if self._quiet:
            return
        stale = revision.stale
        lines = ", ".join(map(str, stale[:8])) + (", ..." if len(stale) > 8 else "")
        where = f"{visible(path)} is {'written' if written else 'not up to date'}"
        words = ["dzviz", "embed", *self._options, *["--"] * path.startswith("-"), path]
        run = "" if written else f"; run: {' '.join(map(quoted, words))}"
        sys.stderr.write(f"dzviz: {where} (line{'s' * (len(stale) > 1)} {lines}){run}\n")

    def exit_code(self, *, check: bool) -> int:
        """Say so where nothing was found, and return the exit code."""
        if not (self._markers or self._missed or self._failures or self._quiet):
            sys.stderr.write(f"dzviz: no document has a marker, as in:\n{MARKER}\n")
        if self._failures:
            return self._failures[0].error.exit_code
        return STALE if self._missed or (self._stale and check) else 0


def _distinct(files: Sequence[str]) -> list[str]:
    """Leave out files that were named before.

    Raises:
        UsageError: There is no current folder that they could be in.
    """
    named: dict[str, str] = {}
    for path in files:
        named.setdefault(real(path), path)
    return list(named.values())


def _write(revision: Revision) -> None:
    """Put the files in place, then the document that shows them."""
    for image in revision.images:
        with refused(quoted_path(os.path.dirname(image.file.name))):
            make_folder(image.file)
        write_file(image.file, [image.new])
    if revision.old != revision.new:
        write_file(revision.file, [revision.new])


def _missed(path: str, revision: Revision) -> Iterator[str]:
    """Say which markers were not filled."""
    for error in revision.missed[:MOST_MISSED]:
        yield Failure(error, path, error.line).message()
    more = len(revision.missed) - MOST_MISSED
    if more > 0:
        yield f"dzviz: {visible(path)}: {more} more markers were not filled\n"


def _show(revision: Revision) -> None:
    """Write to stdout what would change."""
    lines = revision.differences()
    plain = (f"{visible(line[:-1])}\n" for line in lines)  # A terminal would obey a stranger.
    write_stdout(plain if stdout().isatty() else lines, binary=False)


@contextmanager
def _without_bytecode(writes: bool) -> Iterator[None]:
    """Leave no trace of the Python files that documents use where nothing is to be written."""
    before = sys.dont_write_bytecode
    sys.dont_write_bytecode = before or not writes
    try:
        yield
    finally:
        sys.dont_write_bytecode = before
