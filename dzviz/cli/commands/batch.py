"""``dzviz batch``: many expressions, one a line, each drawn into a file of its own."""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Sequence
from typing import Any, NamedTuple

import click

from dzviz.arguments.options import QUIET
from dzviz.budget import timed
from dzviz.cli.failure import Failure
from dzviz.cli.output import refused, shown, write_file
from dzviz.cli.status import Status
from dzviz.config import find_config
from dzviz.documents.bounds import guarded
from dzviz.documents.existing import MAX_BYTES, check_existing, text_of
from dzviz.documents.requests import Request, read_request
from dzviz.documents.trust import Target, Trust, root_of, targets, trust_options
from dzviz.errors import DocumentError, DzvizError, UsageError
from dzviz.files import identity, named, read, real
from dzviz.formats import format_of_file
from dzviz.streams import part_from_users_code
from dzviz.text.phrases import plural

EXAMPLE = 'sin: "sin(x)" --x 1.0'


MAX_TASKS = 10_000
"""So many pictures one file may ask for; each is kept as a command that was read, of 20 KB."""


class Task(NamedTuple):
    """A line of the file: its number, what it asks for, and the files to write."""

    line: int
    request: Request
    files: Sequence[Target]


def batch(
    file: str, output_dir: str | None, root: str | None, allow_python: bool, quiet: bool
) -> int:
    """Draw many expressions, each into a file of its own.

    Each line of FILE is NAME: EXPR [--NAME VALUE]... [OPTIONS], with EXPR in quotes if it has
    spaces; empty lines and those that begin with # are left out. The picture is NAME.svg, or what
    NAME's suffix or -T says. - is standard input.

    A line with a mistake is told and left out; the exit code is that of the first one. Lines may
    read files in the folder --root and run no code. Display options for all of them are read from
    its dzviz.toml, or [tool.dzviz] in its pyproject.toml.
    """
    here = file == "-"
    name = "standard input" if here else file
    folder = os.curdir if here else os.path.dirname(file) or os.curdir
    status = Status(quiet)
    click.get_current_context().call_on_close(status.end)
    failures: list[tuple[int, int]] = []  # of each its line and exit code: an error keeps much

    def fail(error: DzvizError, line: int | None) -> None:
        failures.append((line or 0, error.exit_code))
        status.say(Failure(error, name, line).told())

    if allow_python:
        part_from_users_code()
    try:
        lines = _lines(_read(file))
        trust = Trust(real(root or os.curdir) if here else root_of(file, root))
        reader = _Reader(file, folder, output_dir or folder, trust._replace(python=allow_python))
        _make_folder(output_dir or folder)
    except DzvizError as error:
        fail(error, getattr(error, "line", None))
        return error.exit_code
    tasks = []
    for line, words in lines:
        try:
            tasks.append(reader.task(line, words))
        except DzvizError as error:
            fail(error, line)
    written = 0
    for task in status.watch(tasks):
        try:
            with guarded():
                drawings = list(task.request.drawings())  # all of them, before one is written
                for target, drawing in zip(task.files, drawings, strict=True):
                    write_file(target.file, timed(drawing.chunks()))
                    written += 1
        except DzvizError as error:
            fail(error, task.line)
    if not quiet:
        failed = f", {plural(len(failures), 'mistake')}" if failures else ""
        sys.stderr.write(
            f"dzviz: {plural(written, 'file')} written to {shown(output_dir or folder)}{failed}\n"
        )
    return min(failures)[1] if failures else 0


class _Reader:
    """Reads lines; it knows which files those before write and read."""

    def __init__(self, file: str, folder: str, output_dir: str, trust: Trust) -> None:
        self._folder = folder
        self._output_dir = output_dir
        self._trust = trust
        self._config: dict[str, Any] = find_config(trust.root)
        self._taken = {identity(real(file)): 0}
        self._read: dict[str, int] = {}

    def task(self, line: int, text: str) -> Task:
        """Read one line.

        Raises:
            DzvizError: It is not of the form, asks for what is not allowed, or repeats a name.
        """
        name, colon, words = text.partition(":")
        name = name.strip()
        if not colon or not words.strip():
            raise DocumentError("a line is NAME: EXPR [OPTIONS]", hint=f"as in {EXAMPLE}")
        if not name or name.startswith(".") or not name.isprintable() or set(name) & set("/\\"):
            raise DocumentError(
                f"{shown(name)} is no name for a file here", hint="a name without folders"
            )
        format = _format_of(name)
        request = read_request(
            words,
            folder=self._folder,
            trust=self._trust,
            config=self._config,
            default=format or "svg",
        )
        if request.output is not None:
            raise UsageError("-o is not for these lines: the name before the colon is the file's")
        made = request.format
        suffixes = made.suffixes or (".svg" if made.film else ".txt",)
        if format and not name.lower().endswith(suffixes):
            raise UsageError(
                f"'{name}' is not the name of a file of {made.name}",
                hint=f"as in NAME{suffixes[0]}",
            )
        files = targets(
            name if format else f"{name}{suffixes[0]}",
            request.themes,
            self._output_dir,
            Trust(self._output_dir),
            "the name of a file",
        )
        for file in files:
            key = identity(file.file.path)
            if key in self._taken:
                before = self._taken[key]
                what = f"line {before} writes it" if before else "it is the file of these lines"
                raise DocumentError(f"'{file.name}' is taken: {what}")
            if key in self._read or key in (identity(used.path) for used in request.files):
                reader = self._read.get(key, line)
                raise DocumentError(f"'{file.name}' is taken: line {reader} reads it")
            check_existing(file.file, suffixes[0], f"'{file.name}'")
        for used in request.files:
            if writer := self._taken.get(identity(used.path)):
                name = os.path.basename(used.path)
                raise DocumentError(f"'{name}' is read here, but line {writer} writes it")
        self._taken |= {identity(file.file.path): line for file in files}
        self._read = {identity(used.path): line for used in request.files} | self._read
        return Task(line, request, files)


def _lines(text: str) -> list[tuple[int, str]]:
    """Return the lines that are to be drawn, and their numbers.

    Raises:
        DocumentError: There are too many.
    """
    lines = [(number, line.strip()) for number, line in enumerate(text.split("\n"), 1)]
    lines = [(number, line) for number, line in lines if line and not line.startswith("#")]
    if len(lines) > MAX_TASKS:
        raise DocumentError(
            f"there are {len(lines)} lines, more than the {MAX_TASKS} allowed",
            line=lines[MAX_TASKS][0],
            hint="divide the file",
        )
    return lines


def _make_folder(path: str) -> None:
    """Make a folder where it is not there.

    Raises:
        OutputError: It cannot be made, or not be written to.
    """
    with refused(shown(path)):
        os.makedirs(path, exist_ok=True)
        if not os.access(path, os.W_OK | os.X_OK):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))


def _format_of(name: str) -> str | None:
    """Return the format that a name's suffix says; what is behind another dot is no suffix."""
    try:
        return format_of_file(name).name
    except UsageError:
        return None


def _read(path: str) -> str:
    """Read the lines, from standard input for ``-``.

    Raises:
        DocumentError: They cannot be read, are too many, or are not UTF-8.
    """
    try:
        if path == "-":
            data = sys.stdin.buffer.read(MAX_BYTES + 1)
        elif os.path.isdir(path):
            raise DocumentError("this is a folder")
        else:  # which may also be a pipe, as of a shell's <(...)
            data = read(named(path), MAX_BYTES, regular=False)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise DocumentError(f"it cannot be read: {reason}") from None
    return text_of(data)


command = click.Command(
    "batch",
    callback=batch,
    help=batch.__doc__,
    epilog=f"\b\n# a file of three pictures\n{EXAMPLE}\n"
    'slope.png: "tanh(x)" --x 1 --order 1\nloss: "sum((x@W - y)**2)" --x @x.npy --W @w.npy --y 1',
    options_metavar="[OPTIONS]",
    context_settings={"help_option_names": ["-h", "--help"]},
    params=[
        click.Argument(["file"], type=click.Path(allow_dash=True), metavar="FILE"),
        click.Option(
            ["--output-dir"],
            type=click.Path(),
            metavar="DIR",
            help="Where the pictures go: by default beside FILE. It is made if it is not there.",
        ),
        *trust_options("lines", "read", "FILE"),
        QUIET,
    ],
)
