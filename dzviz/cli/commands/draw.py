"""``dzviz draw``, which is also what ``dzviz EXPR`` means: a graph in any format."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

from dzviz.arguments.draw import draw_options
from dzviz.arguments.expression import ExpressionCommand, check_written, taken
from dzviz.arguments.options import read_look, read_view
from dzviz.arguments.shell import quoted
from dzviz.cli.output import refused, shown, write_file, write_stdout
from dzviz.cli.process import remove_temporary, temporaries
from dzviz.cli.status import Status
from dzviz.cli.warnings import warn
from dzviz.errors import UsageError
from dzviz.files import absolute, named
from dzviz.formats import FORMATS, Format, format_named, format_of_file
from dzviz.options import Layout
from dzviz.pipeline import Given, Values, animated, prepare
from dzviz.streams import stdout

if TYPE_CHECKING:
    from dzviz.graph.model import Graph
    from dzviz.sources import Subject


def draw(
    subject: Subject | Given,
    values: Values,
    random_seed: int,
    output: str | None,
    format_name: str | None,
    frames: str | None,
    animate: bool,
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
    config: str | None,
    **look: Any,
) -> None:
    """Draw the computational graph of an expression.

    EXPR is written as in Python: x**2 + sin(x), with names for parts: a = x**2; a*sin(a). Each of
    its variables is an option. Without -o the result goes to standard output, as DOT.
    """
    if frames is not None:
        if output is not None or animate:
            other = "--animate" if animate else "-o"
            raise UsageError(f"--frames and {other} are two ways to write; give one of them")
        from dzviz.cli.frames import format_of_frames

        format = format_of_frames(frames, format_name)
    elif format_name is not None:
        format = format_named(format_name)
        if not quiet and output not in (None, "-"):
            _warn_of_suffix(str(output), format)
    elif output not in (None, "-"):
        format = format_of_file(str(output))
    else:
        format = FORMATS["svg" if animate or (open_file and output is None) else "dot"]
    if animate:
        format = animated(format)
    said = look.keys() - unsaid(look).keys()
    if config is not None:
        from dzviz.config import read_config

        configured = read_config(config)
        look |= unsaid(configured)
        said |= configured.keys()
    click.get_current_context().meta["reads"] += [named(p) for p in (config, font) if p]
    check_written(output, frames)
    status = Status(quiet)
    click.get_current_context().call_on_close(status.end)
    computation = taken(subject, values, random_seed, retain_grad, backward, order, wrt)
    view = read_view(look)
    placing = Layout(engine, layout_timeout, font, watch=status.watch, fixed=frozenset(said))
    drawing = prepare(
        computation,
        format,
        read_look(look),
        view,
        placing,
        film=frames is not None,
        strict=strict,
        begin=status.begin,
    )
    warn(drawing.warnings, drawing.notes, quiet=quiet)
    if frames is not None:
        from dzviz.cli.frames import write_frames

        write_frames(frames, format, drawing.graph, drawing.look, drawing.layout)
        status.end()
        if open_file:
            _show(frames, quiet)
        return
    chunks = drawing.chunks()
    status.end()

    path = output
    to_stdout = path == "-" or (path is None and not open_file)
    on_terminal = to_stdout and stdout().isatty()
    if not on_terminal and not format.binary:
        status.begin("writing")
        total = len(drawing.graph.nodes) + len(drawing.graph.edges)
        chunks = status.through(chunks, total, lines=format.name == "dot")  # many lines at once
    if to_stdout:
        write_stdout(chunks, binary=format.binary, force=path == "-")
    elif path is None:
        path = _write_for_viewer(format.suffixes[0] if format.suffixes else ".txt", chunks)
    else:
        write_file(path, chunks)
    if open_file and path not in (None, "-"):
        _show(str(path), quiet)
    elif not quiet and path is None and stdout().isatty() and sys.stderr.isatty():
        sys.stderr.write(f"dzviz: {_counts(drawing.graph)}. See it: {_command()}\n")


command = ExpressionCommand("draw", callback=draw, help=draw.__doc__, params=draw_options())


def unsaid(options: Mapping[str, Any]) -> dict[str, Any]:
    """Return those options that the command line says nothing of."""
    source = click.get_current_context().get_parameter_source
    said = {name for name in options if source(name) is ParameterSource.COMMANDLINE}
    return {name: value for name, value in options.items() if name not in said}


def _warn_of_suffix(path: str, format: Format) -> None:
    """Say where a file's suffix promises another format than the one that was asked for."""
    try:
        promised = format_of_file(path)
    except UsageError:
        return
    plain = promised.name == "text" and not format.binary
    film = promised.name == "svg" and format.name == "animation"
    if promised != format and not plain and not film:
        sys.stderr.write(
            f"dzviz: warning: {shown(path)} has the suffix of {promised.name}, and -T makes it "
            f"{format.name}\n"
        )


def _write_for_viewer(suffix: str, chunks: Iterator[str] | Iterator[bytes]) -> str:
    """Write a file into a new folder of its own, which stays for the viewer; return its path."""
    import tempfile

    with refused("a file for the viewer"):
        folder = os.path.join(tempfile.gettempdir(), f"dzviz-{os.urandom(8).hex()}")
    temporaries.add(folder)
    try:
        with refused(shown(folder)):
            os.mkdir(folder, 0o700)
        path = os.path.join(folder, f"graph{suffix}")
        write_file(path, chunks)
    except BaseException:
        remove_temporary(folder)
        raise
    temporaries.discard(folder)
    return path


def _show(path: str, quiet: bool) -> None:
    from dzviz.language.carets import visible

    told = visible(path).encode() if stdout().isatty() else os.fsencode(path)
    write_stdout([told + b"\n"], binary=False)
    if not _launched(os.path.abspath(absolute(path))) and not quiet:
        sys.stderr.write("dzviz: warning: no program here opens it; the file is written\n")


def _launched(path: str) -> bool:
    """Open a file in the viewer; what xdg-open says where there is none is not for the user."""
    if not sys.platform.startswith("linux"):
        return click.launch(path) == 0
    import subprocess

    from dzviz.layout.process import find

    program = find("xdg-open")
    if program is None:
        return False
    try:
        quiet = subprocess.DEVNULL
        viewer = subprocess.Popen([program, path], stdin=quiet, stdout=quiet, stderr=quiet)
        return viewer.wait(timeout=5) == 0
    except OSError:
        return False
    except subprocess.TimeoutExpired:  # a viewer that stays in the foreground
        return True


def _counts(graph: Graph) -> str:
    from dzviz.text.phrases import plural

    return f"{plural(len(graph.nodes), 'node')}, {plural(len(graph.edges), 'edge')}"


def _command() -> str:
    """The user's own command with ``--open``; in double quotes, which every shell reads."""
    args = list(sys.argv[1:])
    args.insert(args.index("--") if "--" in args else len(args), "--open")
    return " ".join(["dzviz", *map(quoted, args)])
