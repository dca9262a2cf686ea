"""``dzviz batch``: many expressions, one per line, each drawn into its own file."""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Iterator, Sequence
from typing import Any

import click
from click.core import ParameterSource

from dzviz.arguments.config import find_config
from dzviz.arguments.options import QUIET, Option
from dzviz.cli.failure import Failure
from dzviz.cli.output import quoted_path, refused, write_file, write_stdout
from dzviz.cli.requests import Line, Outcome, outcomes
from dzviz.cli.status import Status
from dzviz.documents.existing import MAX_BYTES, check_existing, text_of
from dzviz.documents.requests import Request, TextRequest, read_any
from dzviz.documents.trust import Target, Trust, root_of, targets, trust_options
from dzviz.errors import DocumentError, DzvizError, UsageError
from dzviz.files import identity, named, read_input, real
from dzviz.formats import format_of_file
from dzviz.records import NamedTuple
from dzviz.results import FAILS
from dzviz.streams import part_from_users_code
from dzviz.text.phrases import listed, plural

EXAMPLE = 'sin: "sin(x)" --x 1.0'


MAX_TASKS = 10_000
"""The largest number of pictures in a file; each is kept as a parsed command of 20 KB."""


TEXTS = {"text": ".txt", "tsv": ".tsv", "csv": ".csv", "json": ".json"}
"""The forms of results that are text, and the suffixes of their files."""


class Task(NamedTuple):
    """A line of the file: what it is called and asks for, and the files to write.

    A result that is text without a file goes to standard output.
    """

    name: str
    line: Line
    request: Request | TextRequest
    files: Sequence[Target]


def batch(
    file: str,
    output_dir: str | None,
    root: str | None,
    allow_python: bool,
    jobs: int,
    quiet: bool,
) -> int:
    """Draw many expressions, each into its own file, or check them.

    Each line of FILE is NAME: EXPR [--NAME VALUE]... [OPTIONS]. Put EXPR in quotes if it has
    spaces. Empty lines and lines that begin with # are ignored. The picture is NAME.svg, unless
    NAME has a suffix or -T gives another format. FILE can be -, standard input.

    grad, value, gradcheck, why, flow, explain or trace can precede EXPR. Then NAME is a file if it
    has a suffix (.txt, .tsv, .csv, .json). Otherwise the result goes to standard output, with NAME
    and a tab before each of its lines, in the order of the lines. beside can precede two of them.

    A line with a mistake is reported and skipped. The exit code is that of the first such line; if
    there is none, it is 1 if an answer is no (a gradient differs, or is lost). Lines can read files
    in the folder --root, and they run no code. The display options for all of them come from
    dzviz.toml in that folder, or from [tool.dzviz] in its pyproject.toml.
    """
    here = file == "-"
    name = "standard input" if here else file
    folder = os.curdir if here else os.path.dirname(file) or os.curdir
    report = _Report(Status(quiet), output_dir or folder, quiet)
    click.get_current_context().call_on_close(report.status.end)
    if allow_python:
        part_from_users_code()
    try:
        lines = _lines(_read(file))
        trust = Trust(real(root or os.curdir) if here else root_of(file, root))
        reader = _Reader(
            file, name, folder, output_dir or folder, trust._replace(python=allow_python)
        )
        if output_dir is not None:
            _make_folder(output_dir)
    except DzvizError as error:
        at = getattr(error, "line", None)
        report.fail(at, Failure(error, name, at), error.exit_code)
        return error.exit_code
    tasks: list[Task] = []
    requests = reader.requests(lines, report, tasks)
    work = report.status.through(outcomes(requests, min(jobs, len(lines))), len(lines))
    report.status.begin("drawing")
    writable = output_dir is not None
    for outcome, task in zip(work, tasks, strict=True):  # all are read when the first one is drawn
        if not writable and any(each.files for each in tasks):
            try:
                _make_folder(folder)
            except DzvizError as error:
                report.fail(None, Failure(error, name, None), error.exit_code)
                return error.exit_code
        writable = True
        report.take(task, outcome)
    return report.exit_code()


class _Report:
    """Writes what comes of lines, counts it, and knows the exit code."""

    def __init__(self, status: Status, folder: str, quiet: bool) -> None:
        self.status = status
        self._folder = folder
        self._quiet = quiet
        self._failures: list[tuple[int, int]] = []  # of each its line and exit code
        self._written = self._answers = 0
        self._noes: list[str] = []

    def fail(self, line: int | None, failure: Failure | str, code: int) -> None:
        """Say what is wrong with a line."""
        self._failures.append((line or 0, code))
        self.status.say(failure if isinstance(failure, str) else failure.message())

    def take(self, task: Task, outcome: Outcome) -> None:
        """Write what came of a line."""
        number = task.line.number
        if outcome.error:
            self.fail(number, outcome.error, outcome.code)
            return
        try:
            for target, content in zip(task.files, outcome.contents, strict=bool(task.files)):
                write_file(target.file, [content])
                self._written += 1
        except DzvizError as error:
            self.fail(number, Failure(error, task.line.file, number), error.exit_code)
            return
        if isinstance(task.request, TextRequest):
            self._answers += 1
            self._noes += [f"{task.name} (line {number})"] * outcome.no
            if not task.files:
                self.status.end()
                text = outcome.contents[0].decode().splitlines(keepends=True)
                write_stdout([f"{task.name}\t{line}" for line in text], binary=False)

    def exit_code(self) -> int:
        """Say what was done, and return the exit code."""
        if not self._quiet:
            parts = []
            if self._written or not self._answers:
                parts.append(
                    f"{plural(self._written, 'file')} written to {quoted_path(self._folder)}"
                )
            if self._answers:
                noes = f", {len(self._noes)} of them no: " if self._noes else ""
                parts.append(f"{plural(self._answers, 'answer')}{noes}{listed(self._noes, ', ')}")
            if self._failures:
                parts.append(plural(len(self._failures), "mistake"))
            sys.stderr.write(f"dzviz: {', '.join(parts)}\n")
        if self._failures:
            return min(self._failures)[1]
        return FAILS if self._noes else 0


class _Reader:
    """Reads lines; it knows which files those before write and read."""

    def __init__(self, file: str, name: str, folder: str, output_dir: str, trust: Trust) -> None:
        self._file = name
        self._folder = folder
        self._output_dir = output_dir
        self._trust = trust
        self._config: dict[str, Any] = find_config(trust.root)
        self._taken = {identity(real(file)): 0}
        self._read: dict[str, int] = {}

    def requests(
        self, lines: Sequence[tuple[int, str]], report: _Report, tasks: list[Task]
    ) -> Iterator[tuple[Line, Request | TextRequest]]:
        """Read lines one by one: ``tasks`` gets those that can be read, the rest is reported."""
        for line, text in lines:
            try:
                tasks.append(self.task(line, text))
            except DzvizError as error:
                report.fail(line, Failure(error, self._file, line), error.exit_code)
            else:
                yield tasks[-1].line, tasks[-1].request

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
                f"{quoted_path(name)} cannot be the name of a file here",
                hint="use a name without folders",
            )
        format = _format_of(name)
        default = format or "svg"
        request = read_any(
            words, folder=self._folder, trust=self._trust, config=self._config, default=default
        )
        form = None
        if isinstance(request, TextRequest):
            files, suffix, form = self._text_files(name, request)
        else:
            files, suffix = self._picture_files(name, format, request)
        self._claim(line, request, files, suffix)
        words = words.strip()
        work = Line(self._file, line, words, self._folder, self._trust, self._config, default, form)
        return Task(name, work, request, files)

    def _picture_files(
        self, name: str, format: str | None, request: Request
    ) -> tuple[Sequence[Target], str]:
        """Return the files of a picture, and their suffix."""
        if request.output is not None:
            raise UsageError(
                "do not use -o here: the name before the colon is the name of the file"
            )
        for option in ("alt", "caption", "site"):
            if request.context.params[option]:
                raise UsageError(f"--{option} has no effect here: no document shows these pictures")
        made = request.format
        suffixes = made.suffixes or (".svg" if made.film else ".txt",)
        if format and not name.lower().endswith(suffixes):
            raise UsageError(
                f"'{name}' is not the name of a file of {made.name}",
                hint=f"as in NAME{suffixes[0]}",
            )
        path = name if format else f"{name}{suffixes[0]}"
        return self._targets(path, request.themes), suffixes[0]

    def _text_files(
        self, name: str, request: TextRequest
    ) -> tuple[Sequence[Target], str, str | None]:
        """Return the file of a result that is text, if its name is that of one, and its form."""
        suffix = os.path.splitext(name)[1].lower()
        if suffix not in TEXTS.values() and suffix[1:].isalpha():
            able = ", ".join(TEXTS[form] for form in request.kind.formats if form in TEXTS)
            raise UsageError(
                f"'{name}' is not the name of a file of {request.kind.name}",
                hint=f"a name without a suffix, or with one of {able}",
            )
        if suffix not in TEXTS.values():
            if request.format == "json":
                raise UsageError("JSON needs a file of its own", hint=f"as in {name}.json: ...")
            return (), "", None
        given_form = request.context.params["format_name"]
        given = request.context.get_parameter_source("format_name")
        asked_form = next(form for form, each in TEXTS.items() if each == suffix)
        if given is ParameterSource.COMMANDLINE and given_form != asked_form:
            raise UsageError(
                f"'{name}' is not the name of a file of {given_form}",
                hint=f"as in NAME{TEXTS[given_form]}",
            )
        if asked_form not in request.kind.formats:
            raise UsageError(f"{request.kind.name} writes {' and '.join(request.kind.formats)}")
        return self._targets(name, ("light",)), suffix, asked_form

    def _targets(self, path: str, themes: Sequence[str]) -> Sequence[Target]:
        return targets(
            path, themes, self._output_dir, Trust(self._output_dir), "the name of a file"
        )

    def _claim(
        self, line: int, request: Request | TextRequest, files: Sequence[Target], suffix: str
    ) -> None:
        """See that no other line writes or reads the files of this one."""
        for file in files:
            key = identity(file.file.path)
            if key in self._taken:
                before = self._taken[key]
                what = (
                    f"line {before} writes it"
                    if before
                    else "it is the file that contains these lines"
                )
                raise DocumentError(f"'{file.name}' is taken: {what}")
            if key in self._read or key in (identity(used.path) for used in request.files):
                reader = self._read.get(key, line)
                raise DocumentError(f"'{file.name}' cannot be written: line {reader} reads it")
            check_existing(file.file, suffix, f"'{file.name}'")
        for used in request.files:
            if writer := self._taken.get(identity(used.path)):
                name = os.path.basename(used.path)
                raise DocumentError(f"'{name}' cannot be read here: line {writer} writes it")
        self._taken |= {identity(file.file.path): line for file in files}
        self._read = {identity(used.path): line for used in request.files} | self._read


def _lines(text: str) -> list[tuple[int, str]]:
    """Return the lines that are to be drawn, and their numbers.

    Raises:
        DocumentError: There are too many.
    """
    lines = [(number, line.strip()) for number, line in enumerate(text.split("\n"), 1)]
    lines = [(number, line) for number, line in lines if line and not line.startswith("#")]
    if len(lines) > MAX_TASKS:
        raise DocumentError(
            f"there are {len(lines)} lines; at most {MAX_TASKS} are allowed",
            line=lines[MAX_TASKS][0],
            hint="split the file",
        )
    return lines


def _make_folder(path: str) -> None:
    """Make a folder where it is not there.

    Raises:
        OutputError: It cannot be made, or not be written to.
    """
    with refused(quoted_path(path)):
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
        if path != "-" and os.path.isdir(path):
            raise DocumentError("this is a folder")
        data = read_input(named(path), MAX_BYTES)  # also of a pipe, as of a shell's <(...)
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
        Option(
            ["--output-dir"],
            type=click.Path(),
            metavar="DIR",
            help="The folder for the files; by default that of FILE. It is created if necessary.",
        ),
        Option(
            ["-j", "--jobs"],
            type=click.IntRange(min=1),
            default=1,
            show_default=True,
            metavar="N",
            help="Process this many lines at once, each in its own process. Results stay in order.",
        ),
        *trust_options("lines", "read", "FILE"),
        QUIET,
    ],
)
