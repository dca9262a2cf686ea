"""Command lines in documents, which others may have written: held to a list, then drawn.

A document may say what is drawn and how it looks. It may run no code, unless the caller trusts it
to; which files it may read and write, `dzviz.documents.trust` says.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

from dzviz.arguments.draw import draw_options
from dzviz.arguments.errors import in_our_words
from dzviz.arguments.expression import ExpressionCommand, taken
from dzviz.arguments.options import QUIET, Option, read_options
from dzviz.arguments.split import Found, split
from dzviz.arguments.two import FUNCTION, SIDES, TwoCommand, beside_options, taken_operands
from dzviz.arguments.values import VariableOption, shortened
from dzviz.documents.blocks import SITES
from dzviz.documents.bounds import check_sizes
from dzviz.documents.trust import Trust, check_python, files_of_values, inside
from dzviz.errors import DzvizError, UsageError
from dzviz.files import FilePath, check_apart, named
from dzviz.formats import FORMATS, Format, format_named, format_of_file
from dzviz.options import Layout, Look, View
from dzviz.pipeline import Drawing, Given, animated, prepare
from dzviz.pipeline.beside import BesideDrawing, beside, check_beside
from dzviz.records import NamedTuple
from dzviz.results import RESULTS, Kind, Result, kind_of
from dzviz.sources import is_graph_file
from dzviz.text.phrases import grouped
from dzviz.themes import themes_in

if TYPE_CHECKING:
    from dzviz.sweeps.drawing import SweptDrawing

LONGEST = 100_000
"""The largest number of characters in a command line; an expression has at most a tenth of it."""

SHOWN: list[click.Parameter] = [
    Option(
        ["--alt"],
        metavar="TEXT",
        documents=True,
        help="A description for readers who cannot see the picture; replaces the one that dzviz "
        "writes.",
    ),
    Option(
        ["--caption"],
        metavar="TEXT",
        documents=True,
        help="A caption below the picture in the document.",
    ),
    Option(
        ["--site"],
        type=click.Choice([name for name in SITES if name]),
        documents=True,
        help="The site whose switch chooses between --theme light,dark; the default is the "
        "reader's screen.",
    ),
]
"""The options of a picture that a document shows."""

command = ExpressionCommand("draw", params=[*draw_options(), *SHOWN])
"""What reads a command line for a picture in a document."""


def allowed(command: click.Command) -> frozenset[str | None]:
    """Return the options of a command that a document may use, besides variables."""
    return frozenset(p.name for p in command.params if getattr(p, "documents", False))


BESIDE = TwoCommand("beside", params=[*beside_options(), *SHOWN])
"""What reads a command line for two graphs in one picture."""


class Request(NamedTuple):
    """What a document asks for: a picture in a format, for a file or for the document itself.

    There is one picture per theme. ``output`` is the file as the document names it, if it does;
    ``files`` are those it reads.
    """

    context: click.Context
    format: Format
    output: str | None
    themes: tuple[str, ...]
    files: tuple[FilePath, ...]

    def drawings(self) -> Iterator[Drawing | SweptDrawing | BesideDrawing]:
        """Compute what is asked for, once a theme."""
        given = dict(self.context.params)
        computation = taken(given["subject"], given["values"], given)
        view = read_options(View, given)
        with self.context.scope(cleanup=False):
            for theme in self.themes:
                look = read_options(Look, {**given, "theme": theme})
                explicit = frozenset(name for name in given if self.says(name))
                layout = Layout(font=given["font"], fixed=explicit)
                if not given["sweep"]:
                    yield prepare(computation, self.format, look, view, layout)
                    continue
                from dzviz.sweeps.axes import read_axes
                from dzviz.sweeps.drawing import prepare as swept

                assert not isinstance(computation, Given)  # COMPUTING refuses it
                axes = read_axes(given["sweep"], computation.subject, computation.values)
                yield swept(computation, axes, self.format, look, view, layout)

    def says(self, name: str) -> bool:
        """Whether the document, or its settings, say anything of an option."""
        source = self.context.get_parameter_source(name)
        return source in (ParameterSource.COMMANDLINE, ParameterSource.DEFAULT_MAP)


class BesideRequest(Request):
    """What a document asks for that shows two graphs."""

    __slots__ = ()

    def drawings(self) -> Iterator[BesideDrawing]:
        """Compute both, and draw them once a theme.

        Raises:
            DzvizError: Whatever is wrong with it.
        """
        given = dict(self.context.params)
        passes = {name: given[name] for name in ("random_seed", "backward")}
        with self.context.scope(cleanup=False):
            operands = [given[side] for side in SIDES]
            graphs = [one.graph for one in taken_operands(*operands, **passes)]
            for theme in self.themes:
                look = read_options(Look, {**given, "theme": theme})
                names, layout = [each.name for each in operands], Layout(font=given["font"])
                yield beside(graphs, names, self.format, look, layout)


class TextRequest(NamedTuple):
    """What a document asks for that is text: a result of this ``kind``, such as a trace."""

    context: click.Context
    kind: Kind
    files: tuple[FilePath, ...]

    @property
    def format(self) -> str:
        """The name of the form in which it is written."""
        return str(self.context.params["format_name"] or "text")

    def result(self) -> Result:
        """Compute it."""
        given = dict(self.context.params)
        subject, values = given.pop("subject"), given.pop("values")
        with self.context.scope(cleanup=False):
            found = self.kind.result(subject, values, **given)
            if found.failed is not None:
                raise found.failed
            return found


def read_request(
    words: str | Sequence[str],
    *,
    folder: str,
    trust: Trust,
    config: Mapping[str, Any] | None = None,
    default: str = "svg",
) -> Request:
    """Read the arguments of a command line, or the words in it, that stands in a document.

    Paths are relative to ``folder``, that of the document. ``config`` has display options for all
    documents; ``default`` is the format where none is said.

    Raises:
        DzvizError: It cannot be read, or asks for what is not allowed.
    """
    args = _words(words) if isinstance(words, str) else list(words)
    two = args[:1] == [BESIDE.name] and len(args) > 2 and not args[1].startswith("-")
    if args[:1] == ["draw"] or two:
        args = args[1:]
    if two:
        context, files = _read_two(args, folder, trust, config or {})
    else:
        context, files = _read(command, args, folder, trust, config or {})
    output = context.params["output"]
    if output == "-":
        raise UsageError(
            "-o - does not work in documents", hint="without -o, the result is part of the document"
        )
    if output is not None:
        check_apart(files, inside(named(output), folder, trust, "-o"))
    format = _format(context.params, "svg" if two else default)
    themes = themes_in(context.params["theme"])
    if two:
        check_beside(format)
    kind = BesideRequest if two else Request
    return kind(context, format, output, themes, tuple(files))


def read_any(
    words: str,
    *,
    folder: str,
    trust: Trust,
    config: Mapping[str, Any] | None = None,
    default: str = "svg",
) -> Request | TextRequest:
    """Read a command line as `read_request` does, which may also begin with a kind of `RESULTS`.

    Raises:
        DzvizError: It cannot be read, or asks for what is not allowed.
    """
    args = _words(words)
    if len(args) < 2 or args[0] not in RESULTS:
        return read_request(args, folder=folder, trust=trust, config=config, default=default)
    kind = kind_of(args[0])
    if {"-o", "--output"}.intersection(args):
        raise UsageError(f"-o is for pictures: {kind.name} inserts text here")
    reader = ExpressionCommand(kind.name, params=[*kind.options, QUIET])
    known = {name: value for name, value in (config or {}).items() if name != "format_name"}
    context, files = _read(reader, args[1:], folder, trust, known)
    return TextRequest(context, kind, tuple(files))


def _read(
    command: ExpressionCommand,
    args: list[str],
    folder: str,
    trust: Trust,
    config: Mapping[str, Any],
) -> tuple[click.Context, list[FilePath]]:
    """Let a command read its arguments; return what it has read, and the files that they name.

    Raises:
        DzvizError: They cannot be read, or ask for what is not allowed.
    """
    source = _source(split(args, command.params), folder, trust)
    context = _context(command, args, config, source)
    _check_allowed(context, trust)
    sides = [text.partition("=")[2] for text in context.params.get("sweep") or ()]
    if any(side.strip().startswith("@") for side in sides):
        raise UsageError("--sweep cannot read a file in a document", hint="as in --sweep x=-3:3:61")
    check_sizes(context.params)
    with context.scope(cleanup=False):
        command.settle(context)
    files = [source] if source else []
    return context, [*files, *files_of_values(context.params["values"], folder, trust)]


def _read_two(
    args: list[str], folder: str, trust: Trust, config: Mapping[str, Any]
) -> tuple[click.Context, list[FilePath]]:
    """Let the command of two graphs read its arguments, as `_read` does.

    Raises:
        DzvizError: They cannot be read, or ask for what is not allowed.
    """
    found = split(args, BESIDE.params, most=2)
    sources = {}
    for text in found.texts:
        if is_graph_file(text):
            sources[text] = inside(named(text), folder, trust, "an operand")
        elif FUNCTION.fullmatch(text):
            check_python(f"{shortened(text)} runs code", trust)
            sources[text] = inside(named(text.rpartition(":")[0]), folder, trust, "an operand")
    context = _context(BESIDE, args, config, sources)
    _check_allowed(context, trust)
    check_sizes(context.params)
    with context.scope(cleanup=False):
        BESIDE.settle(context)
    files = list(sources.values())
    for side in SIDES:
        files += files_of_values(context.params[side].values, folder, trust)
    return context, files


def _source(found: Found, folder: str, trust: Trust) -> FilePath | None:
    """Return the file of a function or of a graph, where one is named that the document may read.

    Raises:
        UsageError: It may not; or what is asked for is not for documents.
    """
    if {"-h", "--help"}.intersection(found.rest):
        raise UsageError("--help does not work in documents")
    if found.file is not None:
        raise UsageError("--file does not work in documents", hint="write the expression itself")
    if found.function is not None:
        check_python("--py-function runs code", trust)
    if found.graph is not None:
        return inside(named(found.graph), folder, trust, "--graph")
    if found.function is None:
        return None
    path = found.function.rpartition(":")[0]
    if not path.endswith(".py"):  # a module
        return None
    return inside(named(path), folder, trust, "--py-function")


def _check_allowed(context: click.Context, trust: Trust) -> None:
    """See that a document uses no other option than it may.

    Raises:
        UsageError: It does.
    """
    known = allowed(context.command)
    if trust.python:
        sides = ("", *(f"_{side}" for side in SIDES))
        known |= {"py_function", *(f"{name}{s}" for name in ("backend", "dtype") for s in sides)}
    for name in context.params:
        explicit = context.get_parameter_source(name) is ParameterSource.COMMANDLINE
        if explicit and name not in known and not name.startswith(VariableOption.PREFIX):
            option = next(o for p in context.command.params if p.name == name for o in p.opts[-1:])
            raise UsageError(
                f"{option} does not work in documents",
                hint=f"there are {', '.join(_options(context.command))}",
            )


def _format(given: Mapping[str, Any], default: str) -> Format:
    """Return the format that is asked for by its name, by a file's suffix, or by nothing."""
    if given["format_name"] is not None:
        format = format_named(given["format_name"])
    elif given["output"] is not None:
        format = format_of_file(given["output"])
    else:
        format = FORMATS[default]
    return animated(format) if given.get("animate") else format


def _words(line: str) -> list[str]:
    """Split a line as a shell would, without doing anything else a shell does."""
    if len(line) > LONGEST:  # which would take time in proportion to its square
        raise UsageError(
            f"the command has {grouped(len(line))} characters; at most {grouped(LONGEST)} are "
            "allowed",
            hint="put long values into a file: --x @x.csv",
        )
    try:
        return shlex.split(line)
    except ValueError as error:
        raise UsageError(f"the command cannot be read: {str(error).lower()}") from None


def _context(
    command: click.Command,
    args: list[str],
    config: Mapping[str, Any],
    source: FilePath | Mapping[str, FilePath] | None,
) -> click.Context:
    """Let click read the arguments; what it says about errors becomes ours."""
    try:
        return command.make_context(
            "dzviz", args, default_map=dict(config), help_option_names=[], obj=source
        )
    except click.ClickException as error:
        raise in_our_words(error) from None
    except click.exceptions.Exit as error:  # pragma: no cover -- no option left that ends so
        raise DzvizError("this option does not work in documents") from error


def _options(command: click.Command) -> list[str]:
    """The options that documents may use, as they are written."""
    known = allowed(command)
    return [param.opts[-1] for param in command.params if param.name in known]
