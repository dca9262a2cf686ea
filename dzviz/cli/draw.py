"""``dzviz draw``, which is also what ``dzviz EXPR`` means: a graph in any format."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import click

from dzviz.cli.expression import ExpressionCommand, Subject
from dzviz.cli.looks import look_options, read_look
from dzviz.cli.output import write_file, write_stdout
from dzviz.cli.running import (
    BACKWARD,
    ORDER,
    QUIET,
    RETAIN_GRAD,
    STRICT,
    WRT,
    Run,
    compute,
    wanted,
    warn,
)
from dzviz.errors import DzvizError
from dzviz.formats import FORMATS, Layout, format_named, format_of_file

if TYPE_CHECKING:
    from dzviz.graph import Graph

ENGINES = ("auto", "wasm", "dot", "pygraphviz")


def draw(
    subject: Subject,
    values: Mapping[str, str],
    random_seed: int,
    output: str | None,
    format_name: str | None,
    open_file: bool,
    retain_grad: bool,
    backward: bool,
    order: int,
    wrt: str | None,
    engine: str,
    layout_timeout: float,
    font: str | None,
    strict: bool,
    quiet: bool,
    **look: Any,
) -> None:
    """Draw the computational graph of an expression.

    EXPR is written as in Python: x**2 + sin(x), with names for parts: a = x**2; a*sin(a). Each of
    its variables is an option. Without -o the result goes to standard output, as DOT.
    """
    if format_name is not None:
        format = format_named(format_name)
    elif output not in (None, "-"):
        format = format_of_file(str(output))
    else:
        format = FORMATS["svg" if open_file and output is None else "dot"]
    shown = read_look(look)
    names = wanted(order, wrt)
    told = format.told
    run = compute(subject, values, random_seed, order=order, wrt=names, recorded=told)
    if backward:
        run.backward(retain_grad=retain_grad)
    graph = room = run.graph(story=told)
    if format.placed and not backward:
        room = roomy(run)
    warn(run, graph, strict=strict, quiet=quiet)
    chunks = format.write(graph, shown, Layout(engine, layout_timeout, font, room))

    path = output
    if open_file and output is None:
        path = _temporary_path(format.suffixes[0] if format.suffixes else ".txt")
    if path is None or path == "-":
        write_stdout(chunks, binary=format.binary, force=path == "-")
    else:
        write_file(path, chunks)
    if open_file and path not in (None, "-"):
        _show(str(path), quiet)
    elif not quiet and path is None and sys.stdout.isatty() and sys.stderr.isatty():
        sys.stderr.write(f"dzviz: {_counts(graph)}. See it: {_command()}\n")


command = ExpressionCommand(
    "draw",
    callback=draw,
    help=draw.__doc__,
    params=[
        click.Option(
            ["-o", "--output"],
            metavar="FILE",
            help="Write to a file; its suffix says the format. - is standard output.",
        ),
        click.Option(
            ["-T", "--format", "format_name"],
            metavar="FORMAT",
            help=f"The format: {', '.join(FORMATS)}.",
        ),
        click.Option(
            ["--open", "open_file"], is_flag=True, help="Show the picture and print its path."
        ),
        RETAIN_GRAD,
        BACKWARD,
        ORDER,
        WRT,
        *look_options(),
        click.Option(
            ["--engine"],
            type=click.Choice(ENGINES),
            default="auto",
            show_default=True,
            help="What places the nodes of a picture.",
        ),
        click.Option(
            ["--layout-timeout"],
            type=click.FloatRange(min=0, min_open=True),
            default=30.0,
            show_default=True,
            metavar="SECONDS",
            help="How long that may take.",
        ),
        click.Option(
            ["--font"],
            metavar="FILE",
            help="A font for characters that the usual one lacks.",
        ),
        STRICT,
        QUIET,
    ],
)


def roomy(run: Run) -> Graph:
    """Take the graph with the gradients that it would have, so that it can be placed alike."""
    shown = run.graph()
    try:
        run.backward()
    except DzvizError:  # there is no pass to leave room for
        return shown
    return run.graph()


def _temporary_path(suffix: str) -> str:
    import os
    import tempfile

    return os.path.join(tempfile.mkdtemp(prefix="dzviz-"), f"graph{suffix}")


def _show(path: str, quiet: bool) -> None:
    sys.stdout.write(f"{path}\n")
    if not _launched(path) and not quiet:
        sys.stderr.write("dzviz: warning: no program here opens it; the file is written\n")


def _launched(path: str) -> bool:
    """Open a file in the viewer; what xdg-open says where there is none is not for the user."""
    if not sys.platform.startswith("linux"):
        return click.launch(path) == 0
    import subprocess

    try:
        quiet = subprocess.DEVNULL
        viewer = subprocess.Popen(["xdg-open", path], stdin=quiet, stdout=quiet, stderr=quiet)
        return viewer.wait(timeout=5) == 0
    except OSError:
        return False
    except subprocess.TimeoutExpired:  # a viewer that stays in the foreground
        return True


def _counts(graph: Graph) -> str:
    from dzviz.words import plural

    return f"{plural(len(graph.nodes), 'node')}, {plural(len(graph.edges), 'edge')}"


def _command() -> str:
    """The user's own command with ``--open``; in double quotes, which every shell reads."""
    args = list(sys.argv[1:])
    args.insert(args.index("--") if "--" in args else len(args), "--open")
    return " ".join(["dzviz", *map(_quoted, args)])


def _quoted(arg: str) -> str:
    import shlex

    if shlex.quote(arg) == arg:
        return arg
    return f'"{arg}"' if not set('"$`\\!%').intersection(arg) else shlex.quote(arg)
