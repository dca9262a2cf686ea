"""Command lines in documents, which others may have written: held to a list, then drawn.

A document may say what is drawn and how it looks. It may read and write files in its own folder
tree, links included, and nothing else; it may run no code, unless the caller trusts it to.
"""

from __future__ import annotations

import os
import shlex
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import fields
from typing import Any, NamedTuple

import click
from click.core import ParameterSource

from dzviz.arguments.draw import draw_options
from dzviz.arguments.errors import in_our_words
from dzviz.arguments.expression import ExpressionCommand, VariableOption, split, taken
from dzviz.arguments.options import read_look, read_view
from dzviz.errors import DzvizError, EvaluationError, UsageError, out_of_memory
from dzviz.files import FilePath, below, check_apart, is_in, named, real
from dzviz.formats import FORMATS, Format, format_named, format_of_file
from dzviz.options import Layout, Look, View
from dzviz.pipeline import Drawing, animated, prepare
from dzviz.text.phrases import grouped

ALLOWED = frozenset(
    {
        "graph",
        "assignments",
        "random_seed",
        "retain_grad",
        "backward",
        "order",
        "wrt",
        "format_name",
        "output",
        "animate",
        "quiet",
        *(option.name for option in fields(Look)),
        *(option.name for option in fields(View)),
    }
)
"""The options that a document may use; further its variables, and ``--py-function`` if trusted."""


LONGEST = 100_000
"""So many characters a command line may have; an expression has at most a tenth of them."""

command = ExpressionCommand("draw", params=draw_options())
"""What reads a command line in a document."""


class Trust(NamedTuple):
    """How far a document is trusted: its files lie below ``root``, code runs only if ``python``.

    ``way`` is how whoever builds the documents allows for that.
    """

    root: str
    python: bool = False
    way: str = "--allow-python"


@contextmanager
def guarded() -> Iterator[None]:
    """Turn an error that nobody foresaw, as of a user's own class, into one of the document.

    Whoever builds a hundred pages wants to know which line of which page it is.
    """
    try:
        yield
    except DzvizError:
        raise
    except MemoryError:
        raise out_of_memory() from None
    except Exception as error:
        from dzviz.sources.function import said

        raise EvaluationError(f"drawing it raised {said(error)}") from error


class Target(NamedTuple):
    """A file for one theme: as the document names it, and where it is."""

    theme: str
    name: str
    file: FilePath


class Request(NamedTuple):
    """What a document asks for: a picture in a format, for a file or for the document itself.

    There is one picture a theme. ``output`` is the file as the document names it, if it does;
    ``files`` are those it reads.
    """

    context: click.Context
    format: Format
    output: str | None
    themes: tuple[str, ...]
    files: tuple[FilePath, ...]

    def drawings(self) -> Iterator[Drawing]:
        """Compute what is asked for, once a theme.

        Raises:
            DzvizError: Whatever is wrong with it.
        """
        given = dict(self.context.params)
        computation = taken(
            given["subject"],
            given["values"],
            given["random_seed"],
            given["retain_grad"],
            given["backward"],
            given["order"],
            given["wrt"],
        )
        view = read_view(dict(given))
        options = {option.name: given[option.name] for option in fields(Look)}
        with self.context.scope(cleanup=False):
            for theme in self.themes:
                look = read_look({**options, "theme": theme})
                said = frozenset(name for name in options if self.says(name))
                layout = Layout(font=given["font"], fixed=said)
                yield prepare(computation, self.format, look, view, layout)

    def says(self, name: str) -> bool:
        """Whether the document, or its settings, say anything of an option."""
        source = self.context.get_parameter_source(name)
        return source in (ParameterSource.COMMANDLINE, ParameterSource.DEFAULT_MAP)


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
    source: FilePath | None = None
    if args[:1] == ["draw"]:
        args = args[1:]
    found = split(args, command.params)
    if {"-h", "--help"}.intersection(found.rest):
        raise UsageError("--help is not for documents")
    if found.file is not None:
        raise UsageError("--file is not for documents", hint="write the expression itself")
    if found.function is not None:
        if not trust.python:
            raise UsageError(
                "--py-function runs code, and this document is not trusted with that",
                hint=f"whoever builds it may allow it: {trust.way}",
            )
        source = _file_of(found.function, folder, trust)
    if found.graph is not None:
        source = inside(named(found.graph), folder, trust, "--graph")
    context = _context(args, config or {}, source)
    for name in context.params:
        said = context.get_parameter_source(name) is ParameterSource.COMMANDLINE
        allowed = ALLOWED | {"py_function"} if trust.python else ALLOWED
        if said and name not in allowed and not name.startswith(VariableOption.PREFIX):
            option = next(o for p in context.command.params if p.name == name for o in p.opts[-1:])
            raise UsageError(
                f"{option} is not for documents", hint=f"there are {', '.join(_options())}"
            )
    with context.scope(cleanup=False):
        command.settle(context)
    files = [source] if source else []
    values = context.params["values"]
    for name, value in values.items():
        if not isinstance(value, str):
            values[name] = inside(value, folder, trust, f"the value of {name}")
            files.append(values[name])
    output, name = context.params["output"], context.params["format_name"]
    if output == "-":
        raise UsageError("-o - is not for documents", hint="without -o it stands in the document")
    if output is not None:
        check_apart(files, inside(named(output), folder, trust, "-o"))
    if name is not None:
        format = format_named(name)
    else:
        format = format_of_file(output) if output is not None else FORMATS[default]
    if context.params["animate"]:
        format = animated(format)
    themes = tuple(theme.strip() for theme in context.params["theme"].split(",") if theme.strip())
    return Request(context, format, output, themes or ("light",), tuple(files))


def targets(
    output: str, themes: Sequence[str], folder: str, trust: Trust, what: str = "-o"
) -> tuple[Target, ...]:
    """Name a file for each theme: ``sin.svg`` for the first, ``sin-dark.svg`` for another.

    Raises:
        UsageError: A theme comes twice, or a file is not within the tree.
    """
    if len(set(themes)) < len(themes):
        raise UsageError(f"a theme comes twice in {', '.join(themes)}")
    stem, suffix = os.path.splitext(output)
    names = [f"{stem}-{theme}{suffix}" if i else output for i, theme in enumerate(themes)]
    return tuple(
        Target(theme, name, inside(named(name), folder, trust, what))
        for theme, name in zip(themes, names, strict=True)
    )


def trust_options(who: str, may: str, file: str) -> list[click.Parameter]:
    """Return the options of a `Trust`, in words for those ``who`` have it."""
    return [
        click.Option(
            ["--root"],
            type=click.Path(),
            metavar="DIR",
            help=f"The folder that holds all files that {who} may {may}: by default the current "
            f"one, or that of {file} if it is outside of it.",
        ),
        click.Option(
            ["--allow-python"],
            is_flag=True,
            help=f"Let {who} use --py-function, which runs code.",
        ),
    ]


def root_of(path: str, root: str | None) -> str:
    """Return the folder that a document and its files lie in.

    That is ``root``, or else the current folder if the document is in it, or else its own.

    Raises:
        UsageError: The document lies outside of it; as by a link that leads out.
    """
    here = real(os.curdir)
    folder = real(os.path.dirname(path) or os.curdir)
    if root is None:
        root = here if is_in(here, folder) else folder
    elif not os.path.isdir(real(root)):
        raise UsageError(f"--root: there is no folder '{root}'")
    if not is_in(real(root), real(path)):
        raise UsageError(
            f"it leads out of the documents' folder '{root}'", hint="name the folder by --root"
        )
    return root


def inside(file: FilePath, folder: str, trust: Trust, what: str) -> FilePath:
    """Return where a file of a document is, links followed, if that is in its tree.

    Raises:
        UsageError: It is not.
    """
    found = below(file, folder, trust.root)
    if found is None:
        raise UsageError(
            f"{what}: '{file.name}' leads out of the documents' folder",
            hint="documents read and write below the folder that holds them all",
        )
    return found


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


def _context(args: list[str], config: Mapping[str, Any], source: FilePath | None) -> click.Context:
    """Let click read the arguments; what it says of errors becomes ours."""
    try:
        return command.make_context(
            "dzviz", args, default_map=dict(config), help_option_names=[], obj=source
        )
    except click.ClickException as error:
        raise in_our_words(error) from None
    except click.exceptions.Exit as error:  # pragma: no cover -- no option left that ends so
        raise DzvizError("this option is not for documents") from error


def _file_of(function: str, folder: str, trust: Trust) -> FilePath | None:
    """Find a function's file from the document's folder; None where a module is named."""
    path = function.rpartition(":")[0]
    if not path.endswith(".py"):
        return None
    return inside(named(path), folder, trust, "--py-function")


def _options() -> list[str]:
    """The options that documents may use, as they are written."""
    return [param.opts[-1] for param in command.params if param.name in ALLOWED]
